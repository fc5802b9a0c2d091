#include "core/world/place_index.h"

#include <algorithm>

#include "core/base/assert.h"

namespace nf {
namespace {

// Places tested one after the other cost less than the nodes that would separate them.
constexpr std::uint32_t kLeafPlacesMax = 8;

void grow(WorldBox& box, const WorldBox& other) {
  box.low.x = std::min(box.low.x, other.low.x);
  box.low.y = std::min(box.low.y, other.low.y);
  box.low.z = std::min(box.low.z, other.low.z);
  box.high.x = std::max(box.high.x, other.high.x);
  box.high.y = std::max(box.high.y, other.high.y);
  box.high.z = std::max(box.high.z, other.high.z);
}

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
    grow(centers, {at, at});
  }
  const WorldVector size = centers.high - centers.low;
  if (size.x >= size.y && size.x >= size.z) return &WorldPosition::x;
  return size.y >= size.z ? &WorldPosition::y : &WorldPosition::z;
}

// Ids break ties, so that the same places give the same tree wherever it is built.
void split_at_median(std::span<IndexedPlace> places) {
  const Axis axis = widest_axis(places);
  const auto before = [axis](const IndexedPlace& a, const IndexedPlace& b) {
    const double at_a = middle(a.reach).*axis;
    const double at_b = middle(b.reach).*axis;
    return at_a != at_b ? at_a < at_b : a.id < b.id;
  };
  std::nth_element(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(places.size() / 2),
                   places.end(), before);
}

bool touches(const WorldBox& reach, const WorldBox& box, double margin) {
  return reach.low.x - margin <= box.high.x && box.low.x <= reach.high.x + margin &&
         reach.low.y - margin <= box.high.y && box.low.y <= reach.high.y + margin &&
         reach.low.z - margin <= box.high.z && box.low.z <= reach.high.z + margin;
}

}  // namespace

void PlaceIndex::build(std::span<const IndexedPlace> places) {
  NF_ASSERT(places.size() < ContainerId::none_value);
  places_.assign(places.begin(), places.end());
  nodes_.clear();
  if (places_.empty()) return;
  nodes_.reserve(places_.size() / (kLeafPlacesMax / 2) * 2 + 1);
  build_node(0, static_cast<std::uint32_t>(places_.size()));
}

// The median halves the count, so the recursion is as deep as the logarithm of it.
void PlaceIndex::build_node(std::uint32_t first, std::uint32_t count) {
  const std::size_t at = nodes_.size();
  const std::span<IndexedPlace> places{places_.data() + first, count};
  Node node{.box = places[0].reach, .first_place = first};
  for (const IndexedPlace& place : places) {
    grow(node.box, place.reach);
    node.load_distance_max = std::max(node.load_distance_max, place.load_distance);
  }
  if (count <= kLeafPlacesMax) node.leaf_count = count;
  nodes_.push_back(node);
  if (count > kLeafPlacesMax) {
    split_at_median(places);
    build_node(first, count / 2);
    build_node(first + count / 2, count - count / 2);
  }
  nodes_[at].skip = static_cast<std::uint32_t>(nodes_.size());
}

std::size_t PlaceIndex::find(const WorldBox& box, std::span<ContainerId> found) const {
  std::size_t cursor = 0;
  return find({.box = box}, found, cursor);
}

// The cursor counts places: it is resumed by skipping every subtree that ends before it.
std::size_t PlaceIndex::find(const IndexQuery& query, std::span<ContainerId> found,
                             std::size_t& cursor) const {
  const double widening = std::max(0.0, static_cast<double>(query.reach_scale) - 1);
  std::size_t count = 0;
  if (found.empty()) return 0;
  for (std::size_t at = 0; at < nodes_.size();) {
    const Node& node = nodes_[at];
    const std::size_t end =
        node.skip < nodes_.size() ? nodes_[node.skip].first_place : places_.size();
    if (end <= cursor ||
        !touches(node.box, query.box, widening * static_cast<double>(node.load_distance_max))) {
      at = node.skip;
      continue;
    }
    ++at;
    for (std::size_t i = std::max<std::size_t>(node.first_place, cursor);
         i < node.first_place + node.leaf_count; ++i) {
      const IndexedPlace& place = places_[i];
      if (!touches(place.reach, query.box, widening * static_cast<double>(place.load_distance))) {
        continue;
      }
      found[count++] = place.id;
      if (count == found.size()) {
        cursor = i + 1;
        return count;
      }
    }
  }
  cursor = places_.size();
  return count;
}

}  // namespace nf
