// Array<T>: a fixed number of plain values, zeroed, in huge pages as far as it fills them.
//
// A million records touched for the first time cost 0.4-0.7 GB/s in ordinary pages and 3-5 GB/s in
// huge ones (bench/results), which decides how long an archive takes to open. One owner; the size
// is set once.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

#include "core/base/assert.h"
#include "core/base/pages.h"

namespace nf {

template <class T>
class Array {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Array() = default;
  Array(Array&& other) noexcept { swap(other); }
  Array& operator=(Array&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Array() {
    if (!paged_) std::free(data_);
  }

  // All bytes zero: value-initialise with `fill` where T's defaults are something else.
  static Result<Array> make(std::size_t count) {
    Array array;
    if (count == 0) return array;
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(count, sizeof(T), &bytes))
      return Error{.code = ErrorCode::out_of_memory};
    if (bytes >= kPagedFrom) {
      Result<PageBlock> block = PageBlock::map(Bytes{bytes}, PageKind::huge);
      if (!block) return block.error();
      // A world has dozens of arrays, and would waste half of a huge page in each.
      block->keep_first(Bytes{bytes});
      array.block_ = std::move(*block);
      array.data_ = reinterpret_cast<T*>(array.block_.bytes().data());
      array.paged_ = true;
    } else {
      array.data_ = static_cast<T*>(zeroed(count));
      if (array.data_ == nullptr) return Error{.code = ErrorCode::out_of_memory};
    }
    array.size_ = count;
    return array;
  }

  void fill(const T& value) {
    for (std::size_t i = 0; i < size_; ++i) data_[i] = value;
  }

  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  std::size_t size() const { return size_; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

 private:
  static constexpr std::size_t kPagedFrom = std::size_t{2} << 20;

  static void* zeroed(std::size_t count) {
    if constexpr (alignof(T) <= alignof(std::max_align_t)) return std::calloc(count, sizeof(T));
    void* const bytes = std::aligned_alloc(alignof(T), count * sizeof(T));
    if (bytes != nullptr) std::memset(bytes, 0, count * sizeof(T));
    return bytes;
  }

  void swap(Array& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(block_, other.block_);
    std::swap(paged_, other.paged_);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  PageBlock block_;
  bool paged_ = false;
};

}  // namespace nf
