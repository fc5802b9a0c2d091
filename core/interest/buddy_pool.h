// BuddyPool: which granules of an array are taken, in pieces of powers of two that are split and
// joined again (the buddy system; Knowlton, "A Fast Storage Allocator", 1965). It knows numbers of
// granules and no memory: the arrays are its user's.
//
// Thread: the owner's. Allocates in `make` only.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include <nearfield/result.h>

#include "core/base/array.h"

namespace nf {

class BuddyPool {
 public:
  static constexpr std::uint32_t kNone = ~0u;
  static constexpr std::uint32_t kOrders = 17;

  // Room for `pieces` pieces of 2^order_max granules, or for more that are shorter.
  static Result<BuddyPool> make(std::uint32_t pieces, std::uint32_t order_max);
  // Of the shortest piece that has so many granules.
  static constexpr std::uint32_t order_of(std::uint32_t granules) {
    return static_cast<std::uint32_t>(std::bit_width(std::max(granules, 1u) - 1));
  }

  // The first granule of a piece of 2^order; kNone if there is none in one piece.
  std::uint32_t take(std::uint32_t order);
  void give_back(std::uint32_t granule, std::uint32_t order);

  std::uint32_t order_max() const { return order_max_; }
  // Of the longest piece that is free; kNone if none is.
  std::uint32_t order_longest_free() const;
  // Of the shortest one that `take` could make one of this order of; kNone likewise.
  std::uint32_t order_shortest_free(std::uint32_t order) const;
  // Of the free piece that there would be if this one, which is taken, were given back.
  std::uint32_t order_if_given_back(std::uint32_t granule, std::uint32_t order) const;

 private:
  // A free piece, written at its first granule.
  struct Link {
    std::uint32_t before = kNone;
    std::uint32_t after = kNone;
  };

  void put(std::uint32_t granule, std::uint32_t order);
  void unlink(std::uint32_t granule, std::uint32_t order);

  std::uint32_t order_max_ = 0;
  std::array<std::uint32_t, kOrders> free_{};  // first free piece of each order
  Array<Link> links_;                          // by granule
  Array<std::uint8_t> free_order_;             // by granule: order + 1 of the free piece it begins
};

}  // namespace nf
