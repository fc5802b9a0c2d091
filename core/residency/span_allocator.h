// SpanAllocator: divides one block of memory into spans and gives them back together, without
// touching the memory itself and without allocating after `create`.
//
// Thread: the owner's. Constant time: two-level segregated fit (Masmano, Ripoll, Crespo, Real,
// "TLSF", 2004) over offsets. A span never moves.
#pragma once

#include <array>
#include <cstdint>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"

namespace nf {

class SpanAllocator {
 public:
  struct Span {
    std::uint64_t at = 0;    // bytes from the start of the block, a multiple of the granule
    std::uint64_t size = 0;  // bytes, rounded up to the granule
    std::uint32_t block = kNone;

    bool valid() const { return block != kNone; }
  };

  // `granule` is a power of two; at most `spans_max` spans are out at one time.
  static Result<SpanAllocator> create(Bytes size, Bytes granule, std::uint32_t spans_max);

  // An invalid span if no free range is long enough or too many are out.
  Span allocate(std::uint64_t size);
  void free(const Span& span);

  Bytes used() const { return {std::uint64_t{used_granules_} << granule_shift_}; }
  Bytes capacity() const { return {std::uint64_t{granules_} << granule_shift_}; }
  // The longest span that can be had now. Looks at the free ranges of about this length.
  Bytes largest_free() const;

 private:
  static constexpr std::uint32_t kNone = ~0u;
  static constexpr std::uint32_t kFirstLevels = 32;
  static constexpr std::uint32_t kFirstFitMax = 64;  // blocks looked at in one bin
  static constexpr std::uint32_t kSecondBits = 4;
  static constexpr std::uint32_t kSecondLevels = 1u << kSecondBits;

  struct Block {
    std::uint32_t at, size;                  // granules
    std::uint32_t before, after;             // neighbours in the memory
    std::uint32_t previous_free, next_free;  // in its bin, or in the list of unused blocks
    bool is_free;
  };
  struct Bin {
    std::uint32_t first, second;
  };

  static Bin bin_of(std::uint32_t size);
  static Bin bin_that_fits(std::uint32_t size);
  std::uint32_t find_bin_head(Bin bin) const;
  std::uint32_t first_fit(std::uint32_t size) const;
  void put_free(std::uint32_t block);
  void take_free(std::uint32_t block);
  std::uint32_t new_block();
  void merge_after(std::uint32_t block);

  Array<Block> blocks_;
  std::uint32_t unused_ = kNone;
  std::uint32_t granules_ = 0;
  std::uint32_t granule_shift_ = 0;
  std::uint32_t used_granules_ = 0;
  std::uint32_t first_map_ = 0;
  std::array<std::uint32_t, kFirstLevels> second_map_{};
  std::array<std::array<std::uint32_t, kSecondLevels>, kFirstLevels> heads_{};
};

}  // namespace nf
