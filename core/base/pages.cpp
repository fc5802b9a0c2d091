#include "core/base/pages.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "core/base/checked.h"

namespace nf {
namespace {

constexpr std::uint64_t kOrdinaryPage = 4096;
constexpr std::uint64_t kHugePage = std::uint64_t{2} << 20;

}  // namespace

Result<PageBlock> PageBlock::map(Bytes size, PageKind kind) {
  const std::uint64_t page = kind == PageKind::huge ? kHugePage : kOrdinaryPage;
  if (size.value == 0 || size.value > (std::uint64_t{1} << 46)) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  const std::uint64_t usable = align_up(size.value, page);
  // One page more than needed, so that the usable part can start on a page of the kind.
  const std::uint64_t mapped = kind == PageKind::huge ? usable + kHugePage : usable;
  void* at = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) {
    return Error{.code = ErrorCode::out_of_memory, .os_error = static_cast<std::uint8_t>(errno)};
  }
  PageBlock block;
  block.mapped_ = static_cast<std::byte*>(at);
  block.mapped_size_ = mapped;
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  block.data_ = block.mapped_ + (align_up(address, page) - address);
  block.size_ = usable;
  if (kind == PageKind::huge && ::madvise(block.data_, usable, MADV_HUGEPAGE) == 0) {
    block.kind_ = PageKind::huge;
  }
  return block;
}

PageBlock PageBlock::borrow(std::span<std::byte> bytes) {
  PageBlock block;
  block.data_ = bytes.data();
  block.size_ = bytes.size();
  return block;
}

void PageBlock::keep_from_forks() {
  // Refused only by kernels without it, where forks cost what they cost.
  if (mapped_ != nullptr) (void)::madvise(mapped_, mapped_size_, MADV_DONTFORK);
}

void PageBlock::keep_first(Bytes size) {
  const std::uint64_t kept = align_up(size.value, kOrdinaryPage);
  if (mapped_ == nullptr || kept == 0 || kept >= size_) return;
  const auto before = static_cast<std::size_t>(data_ - mapped_);
  // Refused, it stays reserved, and no harm is done.
  if (::munmap(data_ + kept, mapped_size_ - before - kept) != 0) return;
  mapped_size_ = before + kept;
  size_ = kept;
}

void PageBlock::touch() {
  constexpr std::size_t kPage = 4096;
  for (std::size_t at = 0; at < size_; at += kPage) {
    *static_cast<volatile std::byte*>(data_ + at) = std::byte{0};
  }
  // What was borrowed may begin within a page, and end within one more.
  if (size_ > 0) *static_cast<volatile std::byte*>(data_ + size_ - 1) = std::byte{0};
}

PageBlock::PageBlock(PageBlock&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, nullptr)),
      mapped_size_(std::exchange(other.mapped_size_, 0)),
      kind_(other.kind_) {}

PageBlock& PageBlock::operator=(PageBlock&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(mapped_, other.mapped_);
  std::swap(mapped_size_, other.mapped_size_);
  std::swap(kind_, other.kind_);
  return *this;
}

PageBlock::~PageBlock() {
  if (mapped_ != nullptr) ::munmap(mapped_, mapped_size_);
}

}  // namespace nf
