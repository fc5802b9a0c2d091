#include "tools/nearfield/world_shape.h"

#include <algorithm>

#include "tools/nearfield/vector_math.h"

namespace nf {
namespace {

constexpr std::size_t kShellLeavesMin = 8;
constexpr double kShellSpread = 0.05;  // of the middle distance
constexpr double kShellPart = 0.9;     // of the leaves that must lie within it

}  // namespace

bool is_placed(const World& world, ContainerId id) {
  return world.place_in_space(id).kind != BoundsKind::none && world.has_frame(id);
}

WorldShape::WorldShape(const World& world)
    : world_(world), table_(world.mounts()[0].tables->containers) {
  const std::uint32_t count = table_.count();
  std::vector<bool> holds_place(count, false);
  std::vector<Rotation> rotations(count);
  origins_.resize(count);
  known_.assign(count, Known::not_yet);
  shell_centers_.resize(count);
  // A parent's number is lower than its children's: down for poses, up for what holds what.
  for (std::uint32_t id = 0; id < count; ++id) {
    const std::uint32_t parent = table_.parent[id];
    const bool is_root = parent == ContainerId::none_value;
    const WorldVector offset = table_.position[id] - WorldPosition{};
    origins_[id] =
        is_root ? table_.position[id] : origins_[parent] + rotated(rotations[parent], offset);
    rotations[id] =
        is_root ? table_.rotation[id] : combined(rotations[parent], table_.rotation[id]);
  }
  for (std::uint32_t id = count; id-- > 0;) {
    const bool placed = is_placed(world, {id});
    if (placed && !holds_place[id]) {
      leaves_.push_back(ContainerId{id});
      centers_.push_back(world.place_in_space(ContainerId{id}).center);
    }
    const std::uint32_t parent = table_.parent[id];
    if (parent != ContainerId::none_value && (placed || holds_place[id]))
      holds_place[parent] = true;
  }
  std::reverse(leaves_.begin(), leaves_.end());
  std::reverse(centers_.begin(), centers_.end());
}

std::uint32_t WorldShape::crowded_leaf() const {
  std::vector<std::uint32_t> leaves_of(table_.count(), 0);
  std::uint32_t most = 0;
  for (const ContainerId leaf : leaves_) {
    const std::uint32_t parent = table_.parent[leaf.value];
    if (parent != ContainerId::none_value) most = std::max(most, ++leaves_of[parent]);
  }
  for (std::uint32_t i = 0; i < leaves_.size(); ++i) {
    const std::uint32_t parent = table_.parent[leaves_[i].value];
    if (parent != ContainerId::none_value && leaves_of[parent] == most) return i;
  }
  return 0;
}

bool WorldShape::surrounded(std::uint32_t container, WorldPosition center) const {
  const auto first = std::lower_bound(leaves_.begin(), leaves_.end(), ContainerId{container});
  const auto last =
      std::lower_bound(first, leaves_.end(), ContainerId{table_.subtree_end[container]});
  std::vector<double> distances;
  for (auto leaf = first; leaf != last; ++leaf) {
    distances.push_back(
        distance(center, centers_[static_cast<std::size_t>(leaf - leaves_.begin())]));
  }
  if (distances.size() < kShellLeavesMin) return false;
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  const double radius = *middle;
  const auto inside = std::count_if(distances.begin(), distances.end(), [&](double d) {
    return std::abs(d - radius) <= kShellSpread * radius;
  });
  return radius > 0 &&
         static_cast<double>(inside) >= kShellPart * static_cast<double>(distances.size());
}

bool WorldShape::is_shell(std::uint32_t container, WorldPosition& center) {
  if (known_[container] == Known::not_yet) {
    known_[container] = Known::flat;
    // Scenery that covers a part of a planet has bounds around that part: its frame's origin is the
    // planet's centre, then.
    const WorldPosition candidates[] = {origins_[container],
                                        world_.place_in_space(ContainerId{container}).center};
    const bool has_bounds = table_.bounds_kind[container] != BoundsKind::none;
    for (int i = 0; i < (has_bounds ? 2 : 1) && known_[container] == Known::flat; ++i) {
      if (!surrounded(container, candidates[i])) continue;
      known_[container] = Known::shell;
      shell_centers_[container] = candidates[i];
    }
  }
  center = shell_centers_[container];
  return known_[container] == Known::shell;
}

std::optional<WorldPosition> WorldShape::shell_center(std::uint32_t leaf_a, std::uint32_t leaf_b) {
  const ContainerId other = leaves_[leaf_b];
  std::uint32_t at = leaves_[leaf_a].value;
  for (; at != ContainerId::none_value; at = table_.parent[at]) {
    const bool holds_both = at <= other.value && other.value < table_.subtree_end[at];
    WorldPosition center;
    if (holds_both && is_shell(at, center)) return center;
  }
  return std::nullopt;
}

}  // namespace nf
