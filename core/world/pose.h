// Pose: where one frame is in another, its outer one. Frames that move have a FrameMotion.
//
// Plain values and functions without state; any thread.
#pragma once

#include <nearfield/types.h>

#include "core/world/vector_math.h"

namespace nf {

struct Pose {
  WorldPosition origin;
  WorldRotation rotation;
};

constexpr WorldVector from_origin(WorldPosition p) {
  return {p.x, p.y, p.z};
}

constexpr WorldVector to_outer(const Pose& pose, WorldVector inner) {
  return rotate(pose.rotation, inner);
}
constexpr WorldVector to_inner(const Pose& pose, WorldVector outer) {
  return rotate(inverse(pose.rotation), outer);
}
constexpr WorldPosition to_outer(const Pose& pose, WorldPosition inner) {
  return pose.origin + rotate(pose.rotation, from_origin(inner));
}
constexpr WorldPosition to_inner(const Pose& pose, WorldPosition outer) {
  return WorldPosition{} + rotate(inverse(pose.rotation), outer - pose.origin);
}

// Where `inner`, a pose in the frame that `outer` is the pose of, is in the outer frame.
inline Pose to_outer(const Pose& outer, const Pose& inner) {
  return {to_outer(outer, inner.origin), normalized(outer.rotation * inner.rotation)};
}

// A frame on its way: its pose and how that changes, all in the outer frame.
struct MovingPose {
  Pose pose;
  WorldVector velocity;  // of the origin, metres a second
  WorldVector spin;      // radians a second, about this axis

  // Of the inner frame's point that is at `outer` now.
  constexpr WorldVector velocity_at(WorldPosition outer) const {
    return velocity + cross(spin, outer - pose.origin);
  }
};

// The outer frame as the inner one sees it.
constexpr MovingPose inverse(const MovingPose& inner) {
  const WorldRotation back = inverse(inner.pose.rotation);
  return {.pose = {to_inner(inner.pose, WorldPosition{}), back},
          .velocity = rotate(back, inner.velocity_at(WorldPosition{})) * -1,
          .spin = rotate(back, inner.spin) * -1};
}

// `inner` is on its way in a frame that `outer` says the way of: its way in the outer frame.
inline MovingPose to_outer(const MovingPose& outer, const MovingPose& inner) {
  const Pose pose = to_outer(outer.pose, inner.pose);
  return {.pose = pose,
          .velocity = to_outer(outer.pose, inner.velocity) + outer.velocity_at(pose.origin),
          .spin = to_outer(outer.pose, inner.spin) + outer.spin};
}

}  // namespace nf
