#include "core/world/world.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/assert.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

struct Frame {
  WorldPosition origin;
  WorldRotation rotation;
};

constexpr WorldPosition kRootOrigin{};

Frame frame_in_root(const Frame& parent, WorldPosition position, Rotation rotation) {
  return {parent.origin + rotate(parent.rotation, position - kRootOrigin),
          normalized(parent.rotation * to_world(rotation))};
}

Rotation to_local(WorldRotation r) {
  return {static_cast<float>(r.x), static_cast<float>(r.y), static_cast<float>(r.z),
          static_cast<float>(r.w)};
}

Place place_of(const ContainerTable& table, std::uint32_t i, const Frame& frame) {
  const bool oriented = table.bounds_kind[i] == BoundsKind::box;
  return {.center = frame.origin + rotate(frame.rotation, to_world(table.bounds_center[i])),
          .rotation = oriented ? to_local(frame.rotation) : Rotation{},
          .half_extent = table.bounds_half_extent[i],
          .kind = table.bounds_kind[i],
          .load_distance = table.load_distance[i]};
}

// Half the size of the axis-aligned box around the bounds.
WorldVector half_size_in_root(const Place& place) {
  const WorldVector half = to_world(place.half_extent);
  if (place.kind != BoundsKind::box) return {half.x, half.x, half.x};
  const WorldRotation rotation = to_world(place.rotation);
  const WorldVector x = rotate(rotation, {half.x, 0, 0});
  const WorldVector y = rotate(rotation, {0, half.y, 0});
  const WorldVector z = rotate(rotation, {0, 0, half.z});
  return {std::abs(x.x) + std::abs(y.x) + std::abs(z.x),
          std::abs(x.y) + std::abs(y.y) + std::abs(z.y),
          std::abs(x.z) + std::abs(y.z) + std::abs(z.z)};
}

WorldBox reach_of(const Place& place) {
  const WorldVector half = half_size_in_root(place);
  // Covers what rounding takes off, here and in distance_to.
  const double rounding =
      8 * std::numeric_limits<double>::epsilon() *
      (largest_coordinate(place.center) + half.x + half.y + half.z + place.load_distance);
  const double margin = place.load_distance + rounding;
  const WorldVector reach = half + WorldVector{margin, margin, margin};
  return {place.center + reach * -1, place.center + reach};
}

}  // namespace

Result<ContainerRange> World::mount(const WorldTables& tables, FileId file) {
  const ContainerTable& table = tables.containers;
  const std::uint32_t count = table.count();
  if (count == 0) return Error{.code = ErrorCode::invalid_argument};
  if (count > kContainersMax - container_count_) return Error{.code = ErrorCode::limit_exceeded};
  const std::uint32_t first = container_count_;

  // Parents come before their children, so one pass places all.
  std::vector<Frame> frames(count);
  places_.reserve(first + count);
  by_path_.reserve(first + count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t parent = table.parent[i];
    const Frame outer = parent < i ? frames[parent] : Frame{};
    frames[i] = frame_in_root(outer, table.position[i], table.rotation[i]);
    places_.push_back(place_of(table, i, frames[i]));
    by_path_.push_back({table.path_hash[i], ContainerId{first + i}});
  }
  std::sort(by_path_.begin(), by_path_.end());

  std::vector<IndexedPlace> indexed;
  indexed.reserve(places_.size());
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    if (places_[i].kind == BoundsKind::none) continue;
    indexed.push_back({.id = ContainerId{i},
                       .reach = reach_of(places_[i]),
                       .load_distance = places_[i].load_distance});
  }
  index_.build(indexed);

  const ContainerRange range{ContainerId{first}, ContainerId{first + count}};
  mounts_.push_back({.tables = &tables, .file = file, .range = range});
  container_count_ = first + count;
  return range;
}

const Mount& World::mount_of(ContainerId id) const {
  NF_ASSERT(id.value < container_count_);
  if (mounts_.size() == 1) return mounts_.front();
  const auto after =
      std::upper_bound(mounts_.begin(), mounts_.end(), id,
                       [](ContainerId wanted, const Mount& m) { return wanted < m.range.first; });
  return *std::prev(after);
}

std::span<const std::uint32_t> World::dependencies(ContainerId id) const {
  const Mount& mount = mount_of(id);
  const std::uint32_t local = id.value - mount.range.first.value;
  const Array<std::uint32_t>& first = mount.tables->containers.first_dependency;
  return mount.tables->dependencies.span().subspan(first[local], first[local + 1] - first[local]);
}

ContainerId World::find(PathHash path) const {
  const auto after =
      std::upper_bound(by_path_.begin(), by_path_.end(), path,
                       [](PathHash wanted, const auto& entry) { return wanted < entry.first; });
  if (after == by_path_.begin() || std::prev(after)->first != path) return ContainerId::none();
  return std::prev(after)->second;
}

double distance_to(const Place& place, WorldPosition point) {
  if (place.kind == BoundsKind::none) return std::numeric_limits<double>::infinity();
  const WorldVector apart = point - place.center;
  const double half_x = place.half_extent.x;
  if (place.kind == BoundsKind::sphere) return std::max(0.0, length(apart) - half_x);
  const WorldVector local = rotate(inverse(to_world(place.rotation)), apart);
  const WorldVector outside{std::max(0.0, std::abs(local.x) - half_x),
                            std::max(0.0, std::abs(local.y) - double{place.half_extent.y}),
                            std::max(0.0, std::abs(local.z) - double{place.half_extent.z})};
  return length(outside);
}

}  // namespace nf
