#include "core/world/place_index.h"

#include <algorithm>

#include "core/base/assert.h"

namespace nf {
namespace {

// Places tested one after the other cost less than the nodes that would separate them.
constexpr std::uint32_t kLeafPlacesMax = 8;
// What a cursor multiplies nodes by, so that it can also say how far into a leaf it is.
constexpr std::size_t kLeafSlots = kLeafPlacesMax + 1;

// Halves, so that the sum of two coordinates near the top of double does not overflow.
WorldPosition middle(const WorldBox& box) {
  return {box.low.x / 2 + box.high.x / 2, box.low.y / 2 + box.high.y / 2,
          box.low.z / 2 + box.high.z / 2};
}

using Axis = double WorldPosition::*;

Axis widest_axis(std::span<const IndexedPlace> places) {
  const WorldPosition start = middle(places[0].reach);
  WorldBox centers{start, start};
  for (const IndexedPlace& place : places) {
    const WorldPosition at = middle(place.reach);
    centers = box_around(centers, {at, at});
  }
  const WorldVector size = centers.high - centers.low;
  if (size.x >= size.y && size.x >= size.z) return &WorldPosition::x;
  return size.y >= size.z ? &WorldPosition::y : &WorldPosition::z;
}

// Ids break ties, so that the same places give the same tree wherever it is built.
std::size_t split_at_median(std::span<IndexedPlace> places) {
  const Axis axis = widest_axis(places);
  const auto before = [axis](const IndexedPlace& a, const IndexedPlace& b) {
    const double at_a = middle(a.reach).*axis;
    const double at_b = middle(b.reach).*axis;
    return at_a != at_b ? at_a < at_b : a.id < b.id;
  };
  const std::size_t half = places.size() / 2;
  std::nth_element(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(half), places.end(),
                   before);
  return half;
}

// The few that are nearly as large as the node come first, apart: a planet among its rooms would
// make every node above its leaf as large as the planet. 0 if there are none, or not few.
std::size_t split_off_large(std::span<IndexedPlace> places, double node_side) {
  const auto small = std::partition(
      places.begin(), places.end(),
      [node_side](const IndexedPlace& place) { return widest_side(place.reach) > node_side / 4; });
  const auto large = static_cast<std::size_t>(small - places.begin());
  return large <= places.size() / 4 ? large : 0;
}

}  // namespace

void PlaceIndex::build(std::span<const IndexedPlace> places) {
  NF_ASSERT(places.size() < ContainerId::none_value);
  places_.assign(places.begin(), places.end());
  nodes_.clear();
  if (places_.empty()) return;
  nodes_.reserve(places_.size() / 2 + 1);
  build_node(0, static_cast<std::uint32_t>(places_.size()));
}

// The median halves the count, and taking off the large ones leaves places a quarter as large at
// most: the recursion is as deep as two logarithms.
void PlaceIndex::build_node(std::uint32_t first, std::uint32_t count) {
  const std::size_t at = nodes_.size();
  const std::span<IndexedPlace> places{places_.data() + first, count};
  Node node;
  node.box = places[0].reach;
  node.first_place = first;
  for (const IndexedPlace& place : places) {
    node.box = box_around(node.box, place.reach);
    node.load_distance_max = std::max(node.load_distance_max, place.load_distance);
  }
  if (count <= kLeafPlacesMax) node.leaf_count = count;
  nodes_.push_back(node);
  if (count > kLeafPlacesMax) {
    const std::size_t large = split_off_large(places, widest_side(node.box));
    const auto split = static_cast<std::uint32_t>(large > 0 ? large : split_at_median(places));
    build_node(first, split);
    build_node(first + split, count - split);
  }
  nodes_[at].skip = static_cast<std::uint32_t>(nodes_.size());
}

double PlaceIndex::radius() const {
  return nodes_.empty() ? 0 : farthest_corner(nodes_[0].box);
}

std::size_t PlaceIndex::find(const WorldBox& box, std::span<ContainerId> found) const {
  std::size_t cursor = 0;
  return find({.box = box}, found, cursor);
}

// The cursor is the node that was being read when `found` was full, and how far into its leaf.
std::size_t PlaceIndex::find(const IndexQuery& query, std::span<ContainerId> found,
                             std::size_t& cursor) const {
  if (found.empty()) return 0;
  const double widening = std::max(0.0, static_cast<double>(query.reach_scale) - 1);
  std::size_t count = 0;
  std::size_t at = cursor / kLeafSlots;
  std::size_t within = cursor % kLeafSlots;
  while (at < nodes_.size()) {
    const Node& node = nodes_[at];
    if (!boxes_touch(node.box, query.box, widening * static_cast<double>(node.load_distance_max))) {
      at = node.skip;
      continue;
    }
    for (; within < node.leaf_count; ++within) {
      const IndexedPlace& place = places_[node.first_place + within];
      if (!boxes_touch(place.reach, query.box,
                       widening * static_cast<double>(place.load_distance))) {
        continue;
      }
      found[count++] = place.id;
      if (count == found.size()) {
        cursor = at * kLeafSlots + within + 1;
        return count;
      }
    }
    within = 0;
    ++at;
  }
  cursor = nodes_.size() * kLeafSlots;
  return count;
}

}  // namespace nf
