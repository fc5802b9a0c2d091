// PlaceIndex: a static tree of boxes over the load spheres of all placed containers.
//
// A query costs the depth of the tree plus what it finds, for sizes that differ by nine orders of
// magnitude and for ten thousand children under one node. Built at mount, then immutable.
// Method: a binary bounding-volume hierarchy split at the median of the widest axis, the few that
// are nearly as large as their node apart, nodes in depth first order with skip links so that a
// query needs no stack.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/types.h>

#include "core/world/world_box.h"

namespace nf {

struct IndexedPlace {
  ContainerId id;
  WorldBox reach;           // encloses every point from which the container is needed
  float load_distance = 0;  // how much of `reach` a query's scale multiplies
};

// The part of space a query asks about. `reach_scale` is the observer's bubble scale, with
// hysteresis: a place of load distance d is found as if its reach were d * (scale - 1) wider.
struct IndexQuery {
  WorldBox box;
  float reach_scale = 1;
};

class PlaceIndex {
 public:
  void build(std::span<const IndexedPlace> places);  // allocates

  // Writes the containers whose reach touches `box` to `found` and returns their number; stops when
  // `found` is full, which the caller sees as an equal size. Allocates nothing.
  std::size_t find(const WorldBox& box, std::span<ContainerId> found) const;

  // The same in portions: `cursor` starts at 0 and says where the next call with the same query
  // goes on. A return of less than `found` holds is the end.
  std::size_t find(const IndexQuery& query, std::span<ContainerId> found,
                   std::size_t& cursor) const;

  std::size_t size() const { return places_.size(); }
  // Whence any of them is needed, at scale 1: metres from the origin; 0 if there are none.
  double radius() const;
  // The largest among them.
  float load_distance_max() const { return nodes_.empty() ? 0 : nodes_[0].load_distance_max; }

 private:
  // One cache line. Nodes without leaf_count are inner ones.
  struct alignas(64) Node {
    WorldBox box;
    float load_distance_max = 0;
    std::uint32_t skip = 0;         // node after this subtree
    std::uint32_t first_place = 0;  // of a leaf, in places_
    std::uint32_t leaf_count = 0;
  };
  static_assert(sizeof(Node) == 64);

  void build_node(std::uint32_t first, std::uint32_t count);

  std::vector<Node> nodes_;
  std::vector<IndexedPlace> places_;  // in the order of the leaves
};

}  // namespace nf
