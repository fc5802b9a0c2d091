#include "tools/nearfield/nearest_set.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/base/assert.h"

namespace nf {
namespace {

constexpr std::uint32_t kLeafSize = 8;

double axis_of(WorldPosition p, int axis) {
  return axis == 0 ? p.x : axis == 1 ? p.y : p.z;
}

double squared_distance(WorldPosition a, WorldPosition b) {
  const WorldVector d = b - a;
  return d.x * d.x + d.y * d.y + d.z * d.z;
}

double squared_distance_to_box(WorldPosition p, WorldPosition low, WorldPosition high) {
  const WorldPosition inside = {std::clamp(p.x, low.x, high.x), std::clamp(p.y, low.y, high.y),
                                std::clamp(p.z, low.z, high.z)};
  return squared_distance(p, inside);
}

}  // namespace

NearestSet::NearestSet(std::span<const WorldPosition> points)
    : points_(points), order_(points.size()), slot_(points.size()), taken_(points.size(), false) {
  std::iota(order_.begin(), order_.end(), 0u);
  if (!points.empty()) build(0, static_cast<std::uint32_t>(points.size()));
  for (std::uint32_t i = 0; i < order_.size(); ++i) slot_[order_[i]] = i;
}

std::uint32_t NearestSet::build(std::uint32_t first, std::uint32_t last) {
  const std::uint32_t id = static_cast<std::uint32_t>(nodes_.size());
  Node node{
      .low = points_[order_[first]], .high = points_[order_[first]], .first = first, .last = last};
  node.left = last - first;
  for (std::uint32_t i = first; i < last; ++i) {
    const WorldPosition& p = points_[order_[i]];
    node.low = {std::min(node.low.x, p.x), std::min(node.low.y, p.y), std::min(node.low.z, p.z)};
    node.high = {std::max(node.high.x, p.x), std::max(node.high.y, p.y),
                 std::max(node.high.z, p.z)};
  }
  nodes_.push_back(node);
  if (last - first <= kLeafSize) return id;

  const WorldVector size = node.high - node.low;
  const int axis = size.x >= size.y && size.x >= size.z ? 0 : size.y >= size.z ? 1 : 2;
  const std::uint32_t middle = first + (last - first) / 2;
  std::nth_element(order_.begin() + first, order_.begin() + middle, order_.begin() + last,
                   [&](std::uint32_t a, std::uint32_t b) {
                     const double at = axis_of(points_[a], axis), other = axis_of(points_[b], axis);
                     return at < other || (at == other && a < b);
                   });
  const std::uint32_t near = build(first, middle);
  const std::uint32_t far = build(middle, last);
  nodes_[id].child[0] = near;
  nodes_[id].child[1] = far;
  return id;
}

void NearestSet::search(std::uint32_t at, WorldPosition from, Best& best) const {
  const Node& node = nodes_[at];
  if (node.left == 0 || squared_distance_to_box(from, node.low, node.high) > best.squared) return;
  if (node.child[0] == 0) {
    for (std::uint32_t i = node.first; i < node.last; ++i) {
      const std::uint32_t index = order_[i];
      if (taken_[index]) continue;
      const double squared = squared_distance(from, points_[index]);
      if (squared < best.squared || (squared == best.squared && index < best.index)) {
        best = {squared, index};
      }
    }
    return;
  }
  const Node& left = nodes_[node.child[0]];
  const Node& right = nodes_[node.child[1]];
  const bool right_first = squared_distance_to_box(from, right.low, right.high) <
                           squared_distance_to_box(from, left.low, left.high);
  search(node.child[right_first ? 1 : 0], from, best);
  search(node.child[right_first ? 0 : 1], from, best);
}

void NearestSet::remove(std::uint32_t at, std::uint32_t index) {
  while (true) {
    Node& node = nodes_[at];
    --node.left;
    if (node.child[0] == 0) return;
    const std::uint32_t slot = slot_[index];
    at = slot < nodes_[node.child[0]].last ? node.child[0] : node.child[1];
  }
}

std::uint32_t NearestSet::take_nearest(WorldPosition from) {
  NF_ASSERT(left() > 0);
  Best best{std::numeric_limits<double>::infinity(), UINT32_MAX};
  search(0, from, best);
  NF_ASSERT(best.index != UINT32_MAX);
  taken_[best.index] = true;
  remove(0, best.index);
  return best.index;
}

}  // namespace nf
