// What comes, goes and moves elsewhere while the world runs: spawned templates, frames that get
// another parent, poses.
#include <algorithm>
#include <cmath>

#include "core/base/assert.h"
#include "core/world/vector_math.h"
#include "core/world/world.h"

namespace nf {
namespace {

bool is_usable(const Pose& pose) {
  const WorldRotation& r = pose.rotation;
  const double norm = r.x * r.x + r.y * r.y + r.z * r.z + r.w * r.w;
  // False for what is not a number.
  return near_enough(pose.origin) && std::abs(norm - 1) < 0.01;
}

bool is_usable(const MovingPose& moving) {
  return is_usable(moving.pose) && near_enough(WorldPosition{} + moving.velocity) &&
         near_enough(WorldPosition{} + moving.spin);
}

MovingPose to_outer(const Pose& anchor, const MovingPose& moving) {
  return {.pose = to_outer(anchor, moving.pose),
          .velocity = to_outer(anchor, moving.velocity),
          .spin = to_outer(anchor, moving.spin)};
}

Error refused(ErrorCode code, ContainerId id) {
  return {.code = code, .subject_kind = Subject::container, .subject = id.value};
}

}  // namespace

bool World::exists(ContainerId id) const {
  if (id.value >= container_count_) return false;
  if (is_spawned(id)) {
    const std::uint32_t slot = spawned_of_[id.value];
    return slot != kNoSpawned && !spawned_[slot].leaving;
  }
  if (mounts_.empty()) return false;
  const auto after =
      std::upper_bound(mounts_.begin(), mounts_.end(), id,
                       [](ContainerId wanted, const Mount& m) { return wanted < m.range.first; });
  if (after == mounts_.begin()) return false;
  const Mount& mount = *std::prev(after);
  return mount.range.contains(id) && !mount.closing;
}

bool World::has_frame(ContainerId id) const {
  if (!id.valid()) return true;
  if (!exists(id)) return false;
  if (is_spawned(id)) return true;
  const auto [mount, local] = origin(id);
  return mount->templates.needs_of(local).empty();
}

Result<void> World::set_pose(ContainerId id, const MovingPose& pose, Time now) {
  const BodyId body = exists(id) ? bodies_.first_with(id) : BodyId::none();
  if (!body.valid() || !bodies_[body].may_move || !is_usable(pose)) {
    return refused(ErrorCode::invalid_argument, id);
  }
  bodies_.set_pose(body, to_outer(bodies_[body].anchor, pose), now);
  return {};
}

Result<void> World::attach(ContainerId id, ContainerId parent, const MovingPose& pose, Time now) {
  const BodyId body = exists(id) ? bodies_.first_with(id) : BodyId::none();
  if (!body.valid() || !bodies_[body].may_move || !has_frame(parent) || !is_usable(pose)) {
    return refused(ErrorCode::invalid_argument, id);
  }
  const FramePlace in = frame(parent);
  if (bodies_.is_below(in.body, body)) return refused(ErrorCode::invalid_argument, id);
  bodies_.attach(body, {.parent = in.body, .stated_in = parent, .anchor = in.pose},
                 to_outer(in.pose, pose), now);
  return {};
}

// The first numbers that are free in one piece.
ContainerId World::take_spawned_numbers(std::uint32_t count) {
  const auto at =
      std::find_if(free_spawned_ids_.begin(), free_spawned_ids_.end(),
                   [count](const ContainerRange& range) { return range.count() >= count; });
  if (at == free_spawned_ids_.end()) return ContainerId::none();
  const ContainerId first = at->first;
  at->first = ContainerId{first.value + count};
  if (at->count() == 0) free_spawned_ids_.erase(at);
  return first;
}

Result<ContainerId> World::spawn(ContainerId template_root, ContainerId parent,
                                 const MovingPose& pose, Time now) {
  const bool known =
      exists(template_root) && !is_spawned(template_root) && has_frame(parent) && is_usable(pose);
  if (!known) return refused(ErrorCode::invalid_argument, template_root);
  const auto [mount, local] = origin(template_root);
  const ContainerTable& table = mount->tables->containers;
  if (!has(table.flags[local], ContainerFlags::template_root)) {
    return refused(ErrorCode::invalid_argument, template_root);
  }
  const std::uint32_t count = table.subtree_end[local] - local;
  const ContainerId first = take_spawned_numbers(count);
  if (!first.valid()) return refused(ErrorCode::limit_exceeded, template_root);
  std::uint32_t slot = static_cast<std::uint32_t>(spawned_.size());
  if (free_spawned_.empty()) {
    spawned_.push_back({});
  } else {
    slot = free_spawned_.back();
    free_spawned_.pop_back();
  }
  const ContainerId last{first.value + count};
  spawned_[slot] = {.range = {first, last}, .of = template_root};
  std::fill_n(spawned_of_.begin() + first.value, count, slot);
  std::copy_n(seats_.begin() + template_root.value, count, seats_.begin() + first.value);
  const FramePlace in = frame(parent);
  add_spawned_bodies(spawned_[slot], mount->templates.bodies_of(local),
                     {.parent = in.body, .stated_in = parent, .anchor = in.pose}, pose, now);
  return first;
}

void World::add_spawned_bodies(const Spawned& spawned, std::span<const TemplateBody> bodies,
                               const Beside& beside, const MovingPose& pose, Time now) {
  const ContainerTable& table = mount_of(spawned.of).tables->containers;
  const std::uint32_t root = bodies.front().local;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const TemplateBody& from = bodies[i];
    const auto id = [&](std::uint32_t local) {
      return ContainerId{spawned.range.first.value + (local - root)};
    };
    const bool is_first = i == 0;
    // Those before it have their numbers already.
    const BodyId enclosing =
        is_first ? BodyId::none() : bodies_.first_with(id(bodies[from.enclosing].local));
    Body body{.range = {id(from.local), id(from.subtree_end)},
              .parent = is_first ? beside.parent : enclosing,
              .enclosing = enclosing,
              .stated_in = is_first ? beside.stated_in : id(table.parent[from.local]),
              .anchor = is_first ? beside.anchor : from.anchor,
              .moving = {.pose = from.pose, .velocity = {}, .spin = {}},
              .may_move = from.may_move,
              .index = from.index,
              .id_shift = spawned.range.first.value - spawned.of.value};
    if (is_first) {
      body.moving = to_outer(beside.anchor, pose);
      body.posed_at = now;
    }
    bodies_.add(std::move(body));
  }
}

std::uint32_t World::spawned_with(ContainerId root) const {
  if (!is_spawned(root)) return kNoSpawned;
  const std::uint32_t slot = spawned_of_[root.value];
  return slot != kNoSpawned && spawned_[slot].range.first == root ? slot : kNoSpawned;
}

ContainerRange World::spawned_range(ContainerId root) const {
  const std::uint32_t slot = spawned_with(root);
  return slot == kNoSpawned ? ContainerRange{} : spawned_[slot].range;
}

Result<void> World::despawn(ContainerId root, Time now) {
  const std::uint32_t slot = spawned_with(root);
  if (slot == kNoSpawned || spawned_[slot].leaving) return refused(ErrorCode::not_found, root);
  const ContainerRange range = spawned_[slot].range;
  for (ContainerId id = range.first; id < range.last; ++id.value) {
    const BodyId body = bodies_.first_with(id);
    if (body.valid() && !may_go(body, range)) return refused(ErrorCode::in_use, root);
  }
  for (ContainerId id = range.first; id < range.last; ++id.value) {
    const BodyId body = bodies_.first_with(id);
    if (body.valid()) set_adrift(body, range, now);
  }
  remove_bodies(range);
  spawned_[slot].leaving = true;
  return {};
}

// Each once nothing is in it.
void World::remove_bodies(ContainerRange spawned) {
  for (bool some_left = true; some_left;) {
    some_left = false;
    for (ContainerId id = spawned.first; id < spawned.last; ++id.value) {
      const BodyId body = bodies_.first_with(id);
      if (!body.valid()) continue;
      some_left = true;
      if (bodies_.placed_in(body).empty()) bodies_.remove(body);
    }
  }
}

void World::forget_spawned(ContainerId root) {
  const std::uint32_t slot = spawned_with(root);
  NF_ASSERT(slot != kNoSpawned && spawned_[slot].leaving);
  const ContainerRange range = spawned_[slot].range;
  std::fill_n(spawned_of_.begin() + range.first.value, range.count(), kNoSpawned);
  spawned_[slot] = {};
  free_spawned_.push_back(slot);
  give_back(free_spawned_ids_, range);
}

// What stays goes on beside the last of the bodies that leave with this one, and is stated in the
// frame that this was.
Beside World::around(BodyId body, ContainerRange leaving) const {
  BodyId last = body;
  while (body.valid() && leaving.contains(bodies_[body].range.first)) {
    last = body;
    body = bodies_[body].parent;
  }
  return {.parent = body, .stated_in = bodies_[last].stated_in, .anchor = bodies_[last].anchor};
}

// One that is placed in this body and does not leave with it; none if there is none.
BodyId World::first_adrift(BodyId body, ContainerRange leaving) {
  for (const BodyId child : bodies_.placed_in(body)) {
    if (!leaving.contains(bodies_[child].range.first)) return child;
  }
  return BodyId::none();
}

bool World::may_go(BodyId body, ContainerRange leaving) {
  return !first_adrift(body, leaving).valid() || around(body, leaving).parent.valid();
}

// What is placed in it and stays goes on in what is around it, as it moves there now.
void World::set_adrift(BodyId body, ContainerRange leaving, Time now) {
  const Beside beside = around(body, leaving);
  for (;;) {
    const BodyId child = first_adrift(body, leaving);
    if (!child.valid()) return;
    MovingPose way;
    const bool related = bodies_.relate(child, beside.parent, way);
    NF_ASSERT(related);
    bodies_.attach(child, beside, way, now);
  }
}

}  // namespace nf
