// Memory straight from the kernel, in huge pages where they can be had; or an engine's, borrowed.
//
// Direct reads into huge pages run at about twice the rate of reads into 4 KiB pages on the disks
// measured (bench/results), because a request needs fewer segments. Where the kernel has none to
// give, the block is made of ordinary pages and nothing else changes.
// Any thread; one owner; what was mapped is freed by the destructor, what was borrowed is left
// alone.
#pragma once

#include <cstddef>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

enum class PageKind { ordinary, huge };

class PageBlock {
 public:
  // Zeroed. The size is rounded up to whole pages of the kind asked for; out_of_memory if the
  // kernel refuses.
  static Result<PageBlock> map(Bytes size, PageKind kind);
  // Somebody else's memory, which outlives the block. Of its pages nothing is known: `ordinary`.
  static PageBlock borrow(std::span<std::byte> bytes);

  PageBlock() = default;
  PageBlock(PageBlock&& other) noexcept;
  PageBlock& operator=(PageBlock&& other) noexcept;
  ~PageBlock();

  std::span<std::byte> bytes() const { return {data_, size_}; }
  // What the kernel agreed to at map time; it may still hand out ordinary pages under pressure.
  PageKind kind() const { return kind_; }
  // A process that is forked does not get it. Memory that is registered with a ring would be copied
  // at once in each fork, and be in ordinary pages from then on.
  void keep_from_forks();
  // Gives back all but the first `size` bytes, in whole pages. What is left of a huge page is then
  // made of ordinary ones. Only of what was mapped, and before anything is in it.
  void keep_first(Bytes size);
  // Makes every page a page of memory now, and not at its first use. Only before anything is in it.
  void touch();

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;         // usable
  std::byte* mapped_ = nullptr;  // none if it was borrowed
  std::size_t mapped_size_ = 0;
  PageKind kind_ = PageKind::ordinary;
};

}  // namespace nf
