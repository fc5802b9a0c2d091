#include "core/world/world.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/assert.h"
#include "core/base/planted_bug.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

Rotation to_local(WorldRotation r) {
  return {static_cast<float>(r.x), static_cast<float>(r.y), static_cast<float>(r.z),
          static_cast<float>(r.w)};
}

Pose pose_of(const ContainerTable& table, std::uint32_t i) {
  return {table.position[i], to_world(table.rotation[i])};
}

Place place_of(const ContainerTable& table, std::uint32_t i, const Pose& frame) {
  const bool oriented = table.bounds_kind[i] == BoundsKind::box;
  return {.center = to_outer(frame, WorldPosition{} + to_world(table.bounds_center[i])),
          .rotation = oriented ? to_local(frame.rotation) : Rotation{},
          .half_extent = table.bounds_half_extent[i],
          .kind = table.bounds_kind[i],
          .load_distance = table.load_distance[i]};
}

// Half the size of the axis-aligned box around the bounds.
WorldVector half_size_in_body(const Place& place) {
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
  const WorldVector half = half_size_in_body(place);
  // Covers what rounding takes off, here and in distance_to.
  const double rounding =
      8 * std::numeric_limits<double>::epsilon() *
      (largest_coordinate(place.center) + half.x + half.y + half.z + place.load_distance);
  const double margin = place.load_distance + rounding;
  const WorldVector reach = half + WorldVector{margin, margin, margin};
  return {place.center + reach * -1, place.center + reach};
}

bool is_usable(const Pose& pose) {
  const WorldRotation& r = pose.rotation;
  const double norm = r.x * r.x + r.y * r.y + r.z * r.z + r.w * r.w;
  // False for what is not a number.
  return largest_coordinate(pose.origin) <= kPositionMax && std::abs(norm - 1) < 0.01;
}

bool is_usable(WorldVector v) {
  return std::max({std::abs(v.x), std::abs(v.y), std::abs(v.z)}) <= kPositionMax;
}

// Local ids, ascending by the hash of their paths.
std::vector<std::uint32_t> order_by_path(const ContainerTable& table) {
  std::vector<std::uint32_t> order(table.count());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&table](std::uint32_t a, std::uint32_t b) {
    return table.path_hash[a] < table.path_hash[b];
  });
  return order;
}

}  // namespace

// A body that begins with a container of the archive that is being mounted.
struct World::NewBody {
  std::uint32_t local = 0;
  std::uint32_t enclosing = 0;  // number among the new bodies + 1; 0: the body that the root is in
  Pose anchor;                  // of its container's parent, in the enclosing one
  Pose pose;                    // in the enclosing one
  std::vector<IndexedPlace> places;
};

World::World() {
  NF_ASSERT(bodies_.reserve(1).has_value());
  bodies_.add({});
}

// What has no place begins none.
bool World::begins_body(const Mount& mount, std::uint32_t local, const Pose& pose) const {
  const ContainerTable& table = mount.tables->containers;
  if (local == 0) return mount.apart;
  if (has(table.flags[local], ContainerFlags::moves)) return true;
  const bool has_children = table.subtree_end[local] > local + 1;
  return has_children && table.refinement[local] == Refinement::none &&
         largest_coordinate(pose.origin) > kBodyRadiusMax;
}

IndexedPlace World::indexed(ContainerId id) const {
  const Place& place = places_[id.value];
  return {.id = id, .reach = reach_of(place), .load_distance = place.load_distance};
}

// Parents come before their children, so one pass places all.
std::vector<World::NewBody> World::place_all(const Mount& mount) {
  const ContainerTable& table = mount.tables->containers;
  std::vector<NewBody> bodies;
  std::vector<Pose> frames(table.count());
  std::vector<std::uint32_t> body_of(table.count());  // number + 1; 0: the root's
  std::vector<bool> placed(table.count());
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    const bool is_root = i == 0;
    const std::uint32_t parent = table.parent[i];
    Pose pose = is_root && mount.apart ? Pose{} : pose_of(table, i);
    if (!is_root) pose = to_outer(frames[parent], pose);
    body_of[i] = is_root ? 0 : body_of[parent];
    placed[i] = (is_root || placed[parent]) && !has(table.flags[i], ContainerFlags::template_root);
    if (placed[i] && begins_body(mount, i, pose)) {
      bodies.push_back({.local = i,
                        .enclosing = body_of[i],
                        .anchor = is_root ? Pose{} : frames[parent],
                        .pose = pose,
                        .places = {}});
      body_of[i] = static_cast<std::uint32_t>(bodies.size());
      pose = {};
    }
    frames[i] = pose;
    // A finer level is in the body of its parent, whose place is not its bounds if it refines, too.
    const bool refines = table.refinement[i] != Refinement::none;
    Place place = refines ? place_of(table, parent, frames[parent]) : place_of(table, i, pose);
    if constexpr (planted_bug == kLevelsPlacedWithCoarsest) {
      if (refines) place = places_[mount.range.first.value + parent];
    }
    place.load_distance = table.load_distance[i];
    places_.push_back(place);
    if (body_of[i] == 0 || !placed[i] || place.kind == BoundsKind::none) continue;
    bodies[body_of[i] - 1].places.push_back(indexed(ContainerId{mount.range.first.value + i}));
  }
  return bodies;
}

void World::add_bodies(std::span<NewBody> bodies, const Mount& mount) {
  const ContainerTable& table = mount.tables->containers;
  const std::uint32_t first = mount.range.first.value;
  std::vector<BodyId> ids;
  for (NewBody& begun : bodies) {
    const bool is_space = begun.local == 0;
    const BodyId enclosing = begun.enclosing > 0 ? ids[begun.enclosing - 1]
                             : is_space          ? BodyId::none()
                                                 : kRootBody;
    Body body{.range = {ContainerId{first + begun.local},
                        ContainerId{first + table.subtree_end[begun.local]}},
              .parent = enclosing,
              .enclosing = enclosing,
              .anchor = begun.anchor,
              .moving = {.pose = begun.pose, .velocity = {}, .spin = {}},
              .may_move = has(table.flags[begun.local], ContainerFlags::moves),
              .index = {}};
    body.index.build(begun.places);
    ids.push_back(bodies_.add(std::move(body)));
  }
}

std::uint32_t World::bodies_most(const WorldTables& tables) {
  const ContainerTable& table = tables.containers;
  std::uint32_t most = 1;
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    const bool has_children = table.subtree_end[i] > i + 1;
    if (has_children || has(table.flags[i], ContainerFlags::moves)) ++most;
  }
  return most;
}

// Of all mounts' places that belong to no other body.
PlaceIndex World::index_of_root() const {
  std::vector<IndexedPlace> places;
  for (const Mount& mount : mounts_) {
    if (mount.apart) continue;
    for (ContainerId id = mount.range.first; id < mount.range.last;) {
      const BodyId begun = bodies_.first_with(id);
      if (begun.valid()) {
        id = bodies_[begun].range.last;
        continue;
      }
      const std::uint32_t local = id.value - mount.range.first.value;
      const ContainerTable& table = mount.tables->containers;
      if (has(table.flags[local], ContainerFlags::template_root)) {
        id = ContainerId{mount.range.first.value + table.subtree_end[local]};
        continue;
      }
      if (places_[id.value].kind != BoundsKind::none) places.push_back(indexed(id));
      id = ContainerId{id.value + 1};
    }
  }
  PlaceIndex index;
  index.build(places);
  return index;
}

Result<ContainerRange> World::mount(const WorldTables& tables, FileId file, bool apart) {
  const std::uint32_t count = tables.containers.count();
  if (count == 0) return Error{.code = ErrorCode::invalid_argument};
  if (count > kContainersMax - container_count_) return Error{.code = ErrorCode::limit_exceeded};
  if (auto room = bodies_.reserve(bodies_.count() + bodies_most(tables)); !room) {
    return room.error();
  }
  const std::uint32_t first = container_count_;
  const ContainerRange range{ContainerId{first}, ContainerId{first + count}};
  mounts_.push_back({.tables = &tables,
                     .file = file,
                     .range = range,
                     .apart = apart,
                     .by_path = order_by_path(tables.containers),
                     .levels = Levels::of(tables)});
  places_.reserve(first + count);
  std::vector<NewBody> begun = place_all(mounts_.back());
  add_bodies(begun, mounts_.back());
  if (!apart) bodies_.set_index(kRootBody, index_of_root());
  container_count_ = first + count;
  return range;
}

FramePlace World::frame(ContainerId id) const {
  if (!id.valid()) return {.body = kRootBody, .pose = {}};
  const Mount& mount = mount_of(id);
  const ContainerTable& table = mount.tables->containers;
  const BodyId body = bodies_.of(id);
  const ContainerId begin = bodies_[body].range.first;
  Pose pose;
  std::uint32_t at = id.value - mount.range.first.value;
  while (mount.range.first.value + at != begin.value) {
    pose = to_outer(pose_of(table, at), pose);
    if (at == 0) break;
    at = table.parent[at];
  }
  return {.body = body, .pose = pose};
}

Place World::place_in_space(ContainerId id) const {
  const Pose pose = bodies_.pose_in_space(bodies_.of(id));
  Place place = places_[id.value];
  place.center = to_outer(pose, place.center);
  if (place.kind == BoundsKind::box) {
    place.rotation = to_local(normalized(pose.rotation * to_world(place.rotation)));
  }
  return place;
}

Result<void> World::set_pose(ContainerId id, const MovingPose& pose, Time now) {
  const BodyId body = id.value < container_count_ ? bodies_.first_with(id) : BodyId::none();
  if (!body.valid() || !bodies_[body].may_move || !is_usable(pose.pose) ||
      !is_usable(pose.velocity) || !is_usable(pose.spin)) {
    return Error{.code = ErrorCode::invalid_argument,
                 .subject_kind = Subject::container,
                 .subject = id.value};
  }
  const Pose& anchor = bodies_[body].anchor;
  bodies_.set_pose(body,
                   {.pose = to_outer(anchor, pose.pose),
                    .velocity = to_outer(anchor, pose.velocity),
                    .spin = to_outer(anchor, pose.spin)},
                   now);
  return {};
}

const Mount& World::mount_of(ContainerId id) const {
  NF_ASSERT(id.value < container_count_);
  if (mounts_.size() == 1) return mounts_.front();
  const auto after =
      std::upper_bound(mounts_.begin(), mounts_.end(), id,
                       [](ContainerId wanted, const Mount& m) { return wanted < m.range.first; });
  return *std::prev(after);
}

ContainerList World::dependencies(ContainerId id) const {
  const Mount& mount = mount_of(id);
  const std::uint32_t local = id.value - mount.range.first.value;
  const ContainerTable& table = mount.tables->containers;
  if (table.refinement[local] != Refinement::none) {
    return {mount.levels.needs_of(local), mount.range.first};
  }
  const Array<std::uint32_t>& first = table.first_dependency;
  return {
      mount.tables->dependencies.span().subspan(first[local], first[local + 1] - first[local]),
      mount.range.first};
}

Refinement World::refinement(ContainerId id) const {
  const Mount& mount = mount_of(id);
  return mount.tables->containers.refinement[id.value - mount.range.first.value];
}

ContainerId World::parent(ContainerId id) const {
  const Mount& mount = mount_of(id);
  const std::uint32_t first = mount.range.first.value;
  const std::uint32_t parent = mount.tables->containers.parent[id.value - first];
  return parent == ContainerId::none_value ? ContainerId::none() : ContainerId{first + parent};
}

ContainerList World::finer_levels(ContainerId id) const {
  const Mount& mount = mount_of(id);
  return {mount.levels.finer_than(id.value - mount.range.first.value), mount.range.first};
}

ContainerId World::find(PathHash path) const {
  for (std::size_t i = mounts_.size(); i-- > 0;) {
    const Mount& mount = mounts_[i];
    const Array<PathHash>& hashes = mount.tables->containers.path_hash;
    const auto at = std::lower_bound(
        mount.by_path.begin(), mount.by_path.end(), path,
        [&hashes](std::uint32_t local, const PathHash& wanted) { return hashes[local] < wanted; });
    if (at != mount.by_path.end() && hashes[*at] == path) {
      return ContainerId{mount.range.first.value + *at};
    }
  }
  return ContainerId::none();
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
