#include "tests/sim/world_model.h"

#include <algorithm>
#include <cmath>

namespace nf::sim {
namespace {

constexpr double kDoubtOfCoordinate = 2e-13;  // a chain of a few frames, in double
constexpr double kDoubtOfSize = 1e-6;         // axes of bounds and load distances are float

double largest(WorldPosition p) {
  return std::max({std::abs(p.x), std::abs(p.y), std::abs(p.z)});
}

double beyond(double coordinate, double half) {
  return std::max(0.0, std::abs(coordinate) - half);
}

}  // namespace

// The columns are where the rotation takes the axes.
WorldModel::Frame WorldModel::frame_of(WorldPosition position, WorldRotation r) {
  const double s = 2 / (r.x * r.x + r.y * r.y + r.z * r.z + r.w * r.w);
  Frame frame;
  frame.origin = position;
  frame.axes = {
      {{1 - s * (r.y * r.y + r.z * r.z), s * (r.x * r.y - r.z * r.w), s * (r.x * r.z + r.y * r.w)},
       {s * (r.x * r.y + r.z * r.w), 1 - s * (r.x * r.x + r.z * r.z), s * (r.y * r.z - r.x * r.w)},
       {s * (r.x * r.z - r.y * r.w), s * (r.y * r.z + r.x * r.w),
        1 - s * (r.x * r.x + r.y * r.y)}}};
  return frame;
}

WorldPosition WorldModel::Frame::outwards(WorldPosition p) const {
  return {origin.x + axes[0][0] * p.x + axes[0][1] * p.y + axes[0][2] * p.z,
          origin.y + axes[1][0] * p.x + axes[1][1] * p.y + axes[1][2] * p.z,
          origin.z + axes[2][0] * p.x + axes[2][1] * p.y + axes[2][2] * p.z};
}

WorldPosition WorldModel::Frame::inwards(WorldPosition p) const {
  const WorldVector away = p - origin;
  return {axes[0][0] * away.x + axes[1][0] * away.y + axes[2][0] * away.z,
          axes[0][1] * away.x + axes[1][1] * away.y + axes[2][1] * away.z,
          axes[0][2] * away.x + axes[1][2] * away.y + axes[2][2] * away.z};
}

void WorldModel::add(const SimWorld& world, bool apart, ContainerRange range) {
  const ContainerTable& table = world.tables.containers;
  const std::uint32_t first = range.first.value;
  nodes_.resize(std::max<std::size_t>(nodes_.size(), range.last.value));
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    Node node;
    const bool is_root = i == 0;
    if (!is_root) node.parent = {first + table.parent[i]};
    node.is_space = is_root && apart;
    node.exists = true;
    node.flags = table.flags[i];
    node.refinement = table.refinement[i];
    node.kind = table.bounds_kind[i];
    const bool above = !is_root && nodes_[node.parent.value].in_template;
    node.in_template = above || has(node.flags, ContainerFlags::template_root);
    node.placed = !node.in_template && node.kind != BoundsKind::none;
    const Rotation& r = table.rotation[i];
    node.frame = frame_of(table.position[i], {r.x, r.y, r.z, r.w});
    const LocalVector& center = table.bounds_center[i];
    const LocalVector& half = table.bounds_half_extent[i];
    node.center = {center.x, center.y, center.z};
    node.half = {half.x, half.y, half.z};
    node.load_distance = table.load_distance[i];
    nodes_[first + i] = node;
  }
  put_in_order();
}

void WorldModel::spawn(ContainerId template_root, std::uint32_t count, ContainerId first,
                       ContainerId parent) {
  for (std::uint32_t i = 0; i < count; ++i) {
    Node node = nodes_[template_root.value + i];
    const std::uint32_t up = template_root.value + i - node.parent.value;
    node.parent = i == 0 ? parent : ContainerId{first.value + i - up};
    node.in_template = false;
    node.placed = node.kind != BoundsKind::none;
    nodes_[first.value + i] = node;
  }
  put_in_order();
}

// A pose in the frame of what was removed, as what is around that sees it.
WorldModel::Frame WorldModel::outwards(const Frame& outer, const Frame& inner) {
  Frame frame;
  frame.origin = outer.outwards(inner.origin);
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      for (std::size_t i = 0; i < 3; ++i) {
        frame.axes[row][column] += outer.axes[row][i] * inner.axes[i][column];
      }
    }
  }
  return frame;
}

void WorldModel::remove(ContainerRange range) {
  for (std::uint32_t id = 0; id < nodes_.size(); ++id) {
    Node& node = nodes_[id];
    if (range.contains({id}) || !node.exists) continue;
    while (node.parent.valid() && range.contains(node.parent)) {
      node.frame = outwards(nodes_[node.parent.value].frame, node.frame);
      node.parent = nodes_[node.parent.value].parent;
    }
  }
  for (ContainerId id = range.first; id < range.last; ++id.value) {
    nodes_[id.value].exists = nodes_[id.value].placed = false;
    nodes_[id.value].refinement = Refinement::none;
  }
  put_in_order();
}

void WorldModel::attach(ContainerId id, ContainerId parent) {
  nodes_[id.value].parent = parent;
  put_in_order();
}

// In a space that was removed it is nowhere, whatever gets the numbers that were free.
Spot WorldModel::left_behind(Spot spot, ContainerRange removed) const {
  while (spot.frame.valid() && removed.contains(spot.frame)) {
    const Node& node = nodes_[spot.frame.value];
    if (node.is_space) return {.frame = {}, .position = {}, .nowhere = true};
    spot = {.frame = node.parent, .position = node.frame.outwards(spot.position)};
  }
  return spot;
}

bool WorldModel::is_below(ContainerId id, ContainerId above) const {
  for (; id.valid(); id = nodes_[id.value].parent) {
    if (id == above) return true;
  }
  return false;
}

void WorldModel::put_in_order() {
  ++version_;
  order_.clear();
  std::vector<bool> done(nodes_.size(), false);
  for (std::uint32_t id = 0; id < nodes_.size(); ++id) put_in_order(id, done);
}

void WorldModel::put_in_order(std::uint32_t id, std::vector<bool>& done) {
  if (done[id] || !nodes_[id].exists) return;
  done[id] = true;
  if (nodes_[id].parent.valid()) put_in_order(nodes_[id].parent.value, done);
  order_.push_back(id);
}

void WorldModel::set_frame(ContainerId id, WorldPosition position, WorldRotation rotation) {
  nodes_[id.value].frame = frame_of(position, rotation);
}

WorldVector WorldModel::turned_into(ContainerId frame, WorldVector inner) const {
  const Frame& at = nodes_[frame.value].frame;
  return at.outwards(WorldPosition{} + inner) - at.origin;
}

// Outwards from its own frame; then, parents before children, inwards into all others. What both
// are in is not gone through, so that nothing is rounded at the distance of a star.
void WorldModel::look(const Spot& spot, View& view) const {
  view.in_root = {};
  view.in.assign(nodes_.size(), {});
  if (spot.nowhere) return;
  View::Seen seen{.at = spot.position, .magnitude = largest(spot.position), .same_space = true};
  ContainerId frame = spot.frame;
  while (frame.valid()) {
    const Node& node = nodes_[frame.value];
    view.in[frame.value] = seen;
    if (node.is_space) break;
    seen.at = node.frame.outwards(seen.at);
    seen.magnitude = std::max({seen.magnitude, largest(node.frame.origin), largest(seen.at)});
    frame = node.parent;
  }
  if (!frame.valid()) view.in_root = seen;
  for (const std::uint32_t id : order_) {
    const Node& node = nodes_[id];
    if (view.in[id].same_space || node.is_space) continue;
    const View::Seen& outer = node.parent.valid() ? view.in[node.parent.value] : view.in_root;
    if (!outer.same_space) continue;
    View::Seen& inner = view.in[id];
    inner.at = node.frame.inwards(outer.at);
    inner.magnitude = std::max({outer.magnitude, largest(node.frame.origin), largest(inner.at)});
    inner.same_space = true;
  }
}

Spot WorldModel::beside(ContainerId id, double distance) const {
  const std::uint32_t by = bounds_of(id);
  return {{by}, nodes_[by].center + WorldVector{nodes_[by].half[0] + distance, 0, 0}};
}

double WorldModel::distance(const View& view, ContainerId id) const {
  const std::uint32_t by = bounds_of(id);
  const Node& node = nodes_[by];
  const WorldVector away = view.in[by].at - node.center;
  if (node.kind == BoundsKind::sphere) {
    return std::max(0.0, std::hypot(away.x, away.y, away.z) - node.half[0]);
  }
  return std::hypot(beyond(away.x, node.half[0]), beyond(away.y, node.half[1]),
                    beyond(away.z, node.half[2]));
}

double WorldModel::doubt(const View& view, ContainerId id) const {
  const Node& node = nodes_[id.value];
  const double sizes = node.half[0] + node.load_distance;
  return kDoubtOfCoordinate * view.in[id.value].magnitude + kDoubtOfSize * sizes;
}

}  // namespace nf::sim
