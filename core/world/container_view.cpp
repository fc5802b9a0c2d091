#include "core/world/container_view.h"

#include "core/world/vector_math.h"

namespace nf {
namespace {

FrameMotion motion_of(const MovingPose& moving) {
  return {.position = moving.pose.origin,
          .rotation = moving.pose.rotation,
          .velocity = moving.velocity,
          .spin = moving.spin};
}

MovingPose at_rest(const Pose& pose) {
  return {.pose = pose, .velocity = {}, .spin = {}};
}

// The body that begins with the container, if its place is not what the tables say.
const Body* body_of_its_own(const World& world, ContainerId id) {
  const BodyId body = world.bodies().first_with(id);
  if (!body.valid()) return nullptr;
  const Body& found = world.bodies()[body];
  const bool was_placed = world.is_spawned(id) && !world.parent(id).valid();
  const bool is_space = !found.parent.valid();
  return found.may_move || was_placed || is_space ? &found : nullptr;
}

// What its motion is stated in; where that went, what it is placed in.
ContainerId stated_in(const World& world, const Body& body) {
  if (body.stated_in.valid() || !body.parent.valid()) return body.stated_in;
  return world.bodies()[body.parent].range.first;
}

}  // namespace

ContainerView view_container(const World& world, ContainerId id) {
  if (!world.exists(id)) return {};
  const auto [mount, local] = world.origin(id);
  const ContainerTable& table = mount->tables->containers;
  const ContainerFlags flags = table.flags[local];
  ContainerView view{
      .id = id,
      .parent = world.parent(id),
      .frame = {.position = table.position[local], .rotation = to_world(table.rotation[local])},
      .subtree = {id, ContainerId{id.value + (table.subtree_end[local] - local)}},
      .bounds_kind = table.bounds_kind[local],
      .bounds_center = table.bounds_center[local],
      .bounds_half_extent = table.bounds_half_extent[local],
      .load_distance = table.load_distance[local],
      .refinement = table.refinement[local],
      .moves = has(flags, ContainerFlags::moves) && world.has_frame(id),
      .is_template = has(flags, ContainerFlags::template_root) && !world.is_spawned(id),
      .is_shared = has(flags, ContainerFlags::shared),
      .size = {table.raw_size[local]},
      .path = table.path_hash[local],
      .in_archive = {local},
      .archive_root = mount->range.first};
  if (const Body* const body = body_of_its_own(world, id); body != nullptr) {
    view.parent = stated_in(world, *body);
    view.frame = motion_of(to_outer(inverse(at_rest(body->anchor)), body->moving));
  }
  return view;
}

Result<FrameMotion> frame_in(const World& world, ContainerId id, ContainerId in) {
  if (!world.has_frame(id) || !world.has_frame(in)) return Error{.code = ErrorCode::not_found};
  const FramePlace from = world.frame(id);
  const FramePlace to = world.frame(in);
  MovingPose way;
  if (!world.bodies().relate(from.body, to.body, way)) return Error{.code = ErrorCode::not_found};
  const MovingPose inner = to_outer(way, at_rest(from.pose));
  return motion_of(to_outer(inverse(at_rest(to.pose)), inner));
}

}  // namespace nf
