// PlaceIndex: a static tree of boxes over the load spheres of all placed containers.
//
// A query costs the depth of the tree plus what it finds, for sizes that differ by nine orders of
// magnitude and for ten thousand children under one node. Built at mount in time proportional to
// their number, then immutable; some 15 bytes for each place.
// Method: a binary bounding-volume hierarchy over the places in Morton order, each node split where
// the highest bit of their codes changes (Lauterbach and others, "Fast BVH Construction on GPUs",
// 2009); the few that are large for their cell stay apart. Leaves keep the boxes of their places in
// six bits a side (after Mahovsky and Wyvill, "Memory-Conserving Bounding Volume Hierarchies with
// Coherent Raytracing", 2006). Nodes lie in depth first order with skip links, so that a query
// needs no stack.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/world/world_box.h"

namespace nf {

struct IndexedPlace {
  ContainerId id;           // below PlaceIndex::kIdsMax
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
  static constexpr std::uint32_t kIdsMax = 1u << 28;

  // Allocates. The same places in the same order give the same tree.
  void build(std::span<const IndexedPlace> places);

  // Writes the containers whose reach touches `box` to `found` and returns their number; stops when
  // `found` is full, which the caller sees as an equal size. Some more may be among them, that are
  // past it by a few hundredths of the way to their neighbours. Allocates nothing.
  std::size_t find(const WorldBox& box, std::span<ContainerId> found) const;

  // The same in portions: `cursor` starts at 0 and says where the next call with the same query
  // goes on. A return of less than `found` holds is the end.
  std::size_t find(const IndexQuery& query, std::span<ContainerId> found,
                   std::size_t& cursor) const;

  std::size_t size() const { return leaves_.size(); }
  // Whence any of them is needed, at scale 1: metres from the origin; 0 if there are none.
  double radius() const;
  // The largest among them.
  float load_distance_max() const { return node_count_ == 0 ? 0 : nodes_[0].load_distance_max; }

 private:
  friend class PlaceIndexBuilder;

  // Places tested one after the other cost less than the nodes that would separate them.
  static constexpr std::uint32_t kLeafPlacesMax = 32;

  // One cache line. Nodes without leaf_count are inner ones.
  struct alignas(64) Node {
    WorldBox box;
    float load_distance_max = 0;
    std::uint32_t skip = 0;         // node after this subtree
    std::uint32_t first_place = 0;  // of a leaf, in leaves_
    std::uint32_t leaf_count = 0;
  };
  static_assert(sizeof(Node) == 64);

  Array<Node> nodes_;
  std::uint32_t node_count_ = 0;
  // For each place, in the order of the leaves: its id, and where in its leaf's box it is.
  Array<std::uint64_t> leaves_;
};

}  // namespace nf
