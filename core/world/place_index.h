// PlaceIndex: a static tree of boxes over the load spheres of all placed containers.
//
// A query costs the depth of the tree plus what it finds, for sizes that differ by nine orders of
// magnitude and for ten thousand children under one node. Built at mount, then immutable.
// Method: a binary bounding-volume hierarchy split at the median of the widest axis, nodes in depth
// first order with skip links so that a query needs no stack.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/types.h>

namespace nf {

struct WorldBox {
  WorldPosition low;
  WorldPosition high;
};

constexpr bool boxes_touch(const WorldBox& a, const WorldBox& b) {
  return a.low.x <= b.high.x && b.low.x <= a.high.x && a.low.y <= b.high.y && b.low.y <= a.high.y &&
         a.low.z <= b.high.z && b.low.z <= a.high.z;
}

struct IndexedPlace {
  ContainerId id;
  WorldBox reach;  // encloses every point from which the container is needed
};

class PlaceIndex {
 public:
  void build(std::span<const IndexedPlace> places);  // allocates

  // Writes the containers whose reach touches `box` to `found` and returns their number; stops when
  // `found` is full, which the caller sees as an equal size. Allocates nothing.
  std::size_t find(const WorldBox& box, std::span<ContainerId> found) const;

  std::size_t size() const { return place_count_; }

 private:
  struct Node {
    WorldBox box;
    std::uint32_t skip = 0;  // node after this subtree
    ContainerId id;          // valid in a leaf
  };

  std::vector<Node> nodes_;
  std::size_t place_count_ = 0;
};

}  // namespace nf
