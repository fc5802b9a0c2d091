#include "core/world/world.h"

#include <algorithm>
#include <array>
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

// Whose bounds it is needed at: those of what it refines, if it refines something.
std::uint32_t bounds_of(const ContainerTable& table, std::uint32_t i) {
  std::uint32_t at = i;
  if (table.refinement[i] != Refinement::none) at = table.parent[i];
  if constexpr (planted_bug == kLevelsPlacedWithCoarsest) {
    while (table.refinement[at] != Refinement::none) at = table.parent[at];
  }
  return at;
}

// `frame` is that of the container whose bounds these are.
Seat seat_of(const ContainerTable& table, std::uint32_t bounds, const Pose& frame) {
  const BoundsKind kind = table.bounds_kind[bounds];
  return {.center = to_outer(frame, WorldPosition{} + to_world(table.bounds_center[bounds])),
          .turned = Seat::pack(kind, kind == BoundsKind::box ? frame.rotation : WorldRotation{})};
}

Place place_of(const Seat& seat, const ContainerTable& table, std::uint32_t i) {
  return {.center = seat.center,
          .rotation = seat.rotation(),
          .half_extent = table.bounds_half_extent[bounds_of(table, i)],
          .kind = seat.kind(),
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

IndexedPlace indexed(ContainerId id, const Place& place) {
  return {.id = id, .reach = reach_of(place), .load_distance = place.load_distance};
}

bool has_children(const ContainerTable& table, std::uint32_t i) {
  return table.subtree_end[i] > i + 1;
}

// `origin` is that of its frame, in the body around it. Only what is far or has a flag begins one,
// apart from the root.
bool begins_body(const ContainerTable& table, std::uint32_t i, const WorldPosition& origin) {
  if (has(table.flags[i], ContainerFlags::moves)) return true;
  if (has(table.flags[i], ContainerFlags::template_root)) return true;
  return has_children(table, i) && table.refinement[i] == Refinement::none &&
         largest_coordinate(origin) > kBodyRadiusMax;
}

// A container whose children come next, in a walk through all of them.
struct OpenContainer {
  std::uint32_t local = 0;
  std::uint32_t body = 0;  // number among the new ones + 1; 0: the body that the root is in
  Pose frame;
};

// Those above the container that is looked at, the innermost last.
class OpenContainers {
 public:
  // The parent of `local`; none for the root.
  const OpenContainer* parent_of(const ContainerTable& table, std::uint32_t local) {
    if (local == 0) return nullptr;
    while (open_[count_ - 1].local != table.parent[local]) --count_;
    return &open_[count_ - 1];
  }
  void push(const OpenContainer& container) { open_[count_++] = container; }

 private:
  std::array<OpenContainer, kTreeDepthMax + 1> open_;
  std::size_t count_ = 0;
};

template <class T>
Array<T> make_array(std::size_t count) {
  Result<Array<T>> made = Array<T>::make(count);
  NF_ASSERT(made.has_value());
  return std::move(*made);
}

}  // namespace

// A body that begins with a container of the archive that is being mounted.
struct World::NewBody {
  std::uint32_t local = 0;
  std::uint32_t enclosing = 0;  // number among the new bodies + 1; 0: the body that the root is in
  bool of_template = false;     // and so has no place itself
  Pose anchor;                  // of its container's parent, in the enclosing one
  Pose pose;                    // in the enclosing one
};

// Parents come before their children, so one pass places all.
void World::place_all(Mount& mount) {
  const ContainerTable& table = mount.tables->containers;
  std::vector<NewBody> bodies;
  OpenContainers open;
  std::uint32_t template_end = 0;
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    const OpenContainer* const parent = open.parent_of(table, i);
    const bool is_space = parent == nullptr && mount.apart;
    const Pose anchor = parent != nullptr ? parent->frame : Pose{};
    Pose pose = is_space ? Pose{} : pose_of(table, i);
    if (parent != nullptr) pose = to_outer(anchor, pose);
    std::uint32_t body = parent != nullptr ? parent->body : 0;
    if (has(table.flags[i], ContainerFlags::template_root)) template_end = table.subtree_end[i];
    if (parent != nullptr ? begins_body(table, i, pose.origin) : is_space) {
      bodies.push_back({.local = i,
                        .enclosing = body,
                        .of_template = i < template_end,
                        .anchor = anchor,
                        .pose = pose});
      body = static_cast<std::uint32_t>(bodies.size());
      pose = {};
    }
    // A finer level is in the body of its parent, whose place is not its bounds if it refines, too.
    const std::uint32_t bounds = bounds_of(table, i);
    Seat seat = seat_of(table, bounds, bounds == i ? pose : anchor);
    if constexpr (planted_bug == kLevelsPlacedWithCoarsest) {
      if (bounds != i) seat = seats_[mount.range.first.value + table.parent[i]];
    }
    seats_[mount.range.first.value + i] = seat;
    if (has_children(table, i)) open.push({.local = i, .body = body, .frame = pose});
  }
  add_bodies(bodies, mount);
}

// The same walk, but that only what has children needs a frame.
std::uint32_t World::bodies_most(const WorldTables& tables, bool apart) {
  const ContainerTable& table = tables.containers;
  OpenContainers open;
  std::uint32_t most = apart ? 1 : 0;
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    const bool is_parent = has_children(table, i);
    if (!is_parent && !begins_body(table, i, {})) continue;
    const OpenContainer* const parent = open.parent_of(table, i);
    const bool is_space = parent == nullptr && apart;
    Pose pose = is_space ? Pose{} : pose_of(table, i);
    if (parent != nullptr) pose = to_outer(parent->frame, pose);
    if (parent != nullptr && begins_body(table, i, pose.origin)) {
      ++most;
      pose = {};
    }
    if (is_parent) open.push({.local = i, .body = 0, .frame = pose});
  }
  return most;
}

// Of its own places: those of bodies within it are passed over.
PlaceIndex World::index_of_body(std::span<const NewBody> bodies, std::size_t body,
                                const Mount& mount, std::span<IndexedPlace> scratch) const {
  const ContainerTable& table = mount.tables->containers;
  const std::uint32_t end = table.subtree_end[bodies[body].local];
  std::size_t inner = body + 1;
  std::size_t count = 0;
  for (std::uint32_t i = bodies[body].local; i < end;) {
    while (inner < bodies.size() && bodies[inner].local < i) ++inner;
    if (inner < bodies.size() && bodies[inner].local == i) {
      i = table.subtree_end[i];
      continue;
    }
    const ContainerId id{mount.range.first.value + i};
    const Place place = place_of(seats_[id.value], table, i);
    if (place.kind != BoundsKind::none) scratch[count++] = indexed(id, place);
    ++i;
  }
  PlaceIndex index;
  index.build(scratch.first(count));
  return index;
}

// Those of templates are kept, to be spawned.
void World::add_bodies(std::span<NewBody> bodies, Mount& mount) {
  const ContainerTable& table = mount.tables->containers;
  const std::uint32_t first = mount.range.first.value;
  std::vector<BodyId> ids;
  std::vector<std::uint32_t> of_template;  // number among the templates' bodies
  std::uint32_t first_of_template = 0;     // of the template that is walked through
  Array<IndexedPlace> scratch = make_array<IndexedPlace>(bodies.empty() ? 0 : table.count());
  for (std::size_t number = 0; number < bodies.size(); ++number) {
    const NewBody& begun = bodies[number];
    auto shared_index =
        std::make_shared<const PlaceIndex>(index_of_body(bodies, number, mount, scratch.span()));
    const std::uint32_t end = table.subtree_end[begun.local];
    const bool may_move = has(table.flags[begun.local], ContainerFlags::moves);
    of_template.push_back(static_cast<std::uint32_t>(mount.templates.bodies.size()));
    if (begun.of_template) {
      const bool is_root = has(table.flags[begun.local], ContainerFlags::template_root);
      if (is_root) first_of_template = of_template.back();
      mount.templates.bodies.push_back(
          {.local = begun.local,
           .subtree_end = end,
           .enclosing =
               is_root ? TemplateBody::kNone : of_template[begun.enclosing - 1] - first_of_template,
           .anchor = begun.anchor,
           .pose = begun.pose,
           .may_move = may_move,
           .index = std::move(shared_index)});
      ids.push_back(BodyId::none());
      continue;
    }
    const bool is_space = begun.local == 0;
    const BodyId enclosing = begun.enclosing > 0 ? ids[begun.enclosing - 1]
                             : is_space          ? BodyId::none()
                                                 : kRootBody;
    Body body{.range = {ContainerId{first + begun.local}, ContainerId{first + end}},
              .parent = enclosing,
              .enclosing = enclosing,
              .stated_in =
                  is_space ? ContainerId::none() : ContainerId{first + table.parent[begun.local]},
              .anchor = begun.anchor,
              .moving = {.pose = begun.pose, .velocity = {}, .spin = {}},
              .may_move = may_move,
              .index = std::move(shared_index)};
    ids.push_back(bodies_.add(std::move(body)));
  }
}

// Of all mounts' places that belong to no other body.
PlaceIndex World::index_of_root() const {
  Array<IndexedPlace> places = make_array<IndexedPlace>(container_count_);
  std::size_t count = 0;
  for (const Mount& mount : mounts_) {
    if (mount.apart || mount.closing) continue;
    const ContainerTable& table = mount.tables->containers;
    ContainerId begin = bodies_.next_begin(mount.range.first);
    for (ContainerId id = mount.range.first; id < mount.range.last;) {
      const std::uint32_t local = id.value - mount.range.first.value;
      const bool begins = id == begin;
      if (begins || has(table.flags[local], ContainerFlags::template_root)) {
        id = begins ? bodies_[bodies_.first_with(id)].range.last
                    : ContainerId{mount.range.first.value + table.subtree_end[local]};
        begin = bodies_.next_begin(id);
        continue;
      }
      const Place place = place_of(seats_[id.value], table, local);
      if (place.kind != BoundsKind::none) places[count++] = indexed(id, place);
      id = ContainerId{id.value + 1};
    }
  }
  PlaceIndex index;
  index.build(places.span().first(count));
  return index;
}

FramePlace World::frame(ContainerId id) const {
  if (!id.valid()) return {.body = kRootBody, .pose = {}};
  const Origin from = origin(id);
  const ContainerTable& table = from.mount->tables->containers;
  const BodyId body = bodies_.of(id);
  const ContainerId begin = bodies_[body].range.first;
  const std::uint32_t above = begin.valid() ? id.value - begin.value : ~0u;
  Pose pose;
  for (std::uint32_t at = from.local; from.local - at != above; at = table.parent[at]) {
    pose = to_outer(pose_of(table, at), pose);
    if (at == 0) break;
  }
  return {.body = body, .pose = pose};
}

std::size_t World::find_near(BodyId body, const IndexQuery& query, std::span<ContainerId> found,
                             std::size_t& cursor) const {
  const Body& in = bodies_[body];
  const std::size_t count = in.index->find(query, found, cursor);
  if (in.id_shift == 0) return count;
  for (ContainerId& id : found.first(count)) id = ContainerId{id.value + in.id_shift};
  return count;
}

Place World::place(ContainerId id) const {
  const auto [mount, local] = origin(id);
  return place_of(seats_[id.value], mount->tables->containers, local);
}

void World::prefetch_place(ContainerId id) const {
  __builtin_prefetch(&seats_[id.value]);
  const auto [mount, local] = origin(id);
  __builtin_prefetch(&mount->tables->containers.bounds_half_extent[local]);
  __builtin_prefetch(&mount->tables->containers.load_distance[local]);
}

Place World::place_in_space(ContainerId id) const {
  const Pose pose = bodies_.pose_in_space(bodies_.of(id));
  Place place = this->place(id);
  place.center = to_outer(pose, place.center);
  if (place.kind == BoundsKind::box) {
    place.rotation = to_local(normalized(pose.rotation * to_world(place.rotation)));
  }
  return place;
}

Origin World::origin(ContainerId id) const {
  NF_ASSERT(id.value < container_count_);
  if (is_spawned(id)) {
    NF_ASSERT(spawned_of_[id.value] != kNoSpawned);
    const Spawned& spawned = spawned_[spawned_of_[id.value]];
    id = ContainerId{spawned.of.value + (id.value - spawned.range.first.value)};
  }
  if (mounts_.size() == 1) return {&mounts_.front(), id.value - mounts_.front().range.first.value};
  const auto after =
      std::upper_bound(mounts_.begin(), mounts_.end(), id,
                       [](ContainerId wanted, const Mount& m) { return wanted < m.range.first; });
  const Mount& mount = *std::prev(after);
  return {&mount, id.value - mount.range.first.value};
}

ContainerId World::content(ContainerId id) const {
  if (!is_spawned(id)) return id;
  const Origin from = origin(id);
  return {from.mount->range.first.value + from.local};
}

ContainerList World::dependencies(ContainerId id) const {
  const auto [mount, local] = origin(id);
  const std::uint32_t first = mount->range.first.value;
  if (is_spawned(id)) return {mount->templates.needs_of(local), first, id.value - local};
  const ContainerTable& table = mount->tables->containers;
  if (table.refinement[local] != Refinement::none) return {mount->levels.needs_of(local), first};
  const std::uint32_t from = table.first_dependency[local];
  const std::uint32_t count = table.first_dependency[local + 1] - from;
  return {mount->tables->dependencies.span().subspan(from, count), first};
}

Refinement World::refinement(ContainerId id) const {
  const auto [mount, local] = origin(id);
  return mount->tables->containers.refinement[local];
}

ContainerId World::parent(ContainerId id) const {
  const auto [mount, local] = origin(id);
  const ContainerTable& table = mount->tables->containers;
  const bool is_first =
      is_spawned(id) ? has(table.flags[local], ContainerFlags::template_root) : local == 0;
  return is_first ? ContainerId::none() : ContainerId{id.value - (local - table.parent[local])};
}

ContainerList World::finer_levels(ContainerId id) const {
  const auto [mount, local] = origin(id);
  return {mount->levels.finer_than(local), id.value - local};
}

ContainerId World::find(PathHash path) const {
  ContainerId found;
  std::uint64_t order = 0;
  for (const Mount& mount : mounts_) {
    if (mount.closing || mount.order < order) continue;
    const Array<PathHash>& hashes = mount.tables->containers.path_hash;
    const auto at = std::lower_bound(
        mount.by_path.begin(), mount.by_path.end(), path,
        [&hashes](std::uint32_t local, const PathHash& wanted) { return hashes[local] < wanted; });
    if (at == mount.by_path.end() || hashes[*at] != path) continue;
    found = ContainerId{mount.range.first.value + *at};
    order = mount.order;
  }
  return found;
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
