// What routes and maps need of arithmetic on places beyond core/world/vector_math.h.
// Pure; any thread.
#pragma once

#include <nearfield/types.h>

#include "core/world/vector_math.h"

namespace nf {

inline WorldVector scaled(WorldVector v, double by) {
  return {v.x * by, v.y * by, v.z * by};
}
inline WorldVector sum(WorldVector a, WorldVector b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
inline WorldVector unit(WorldVector v) {
  const double size = length(v);
  return size > 0 ? scaled(v, 1 / size) : WorldVector{1, 0, 0};
}
inline double distance(WorldPosition a, WorldPosition b) {
  return length(b - a);
}

// `v` turned by a unit quaternion.
inline WorldVector rotated(Rotation q, WorldVector v) {
  const WorldVector axis = {q.x, q.y, q.z};
  const WorldVector twice = scaled(cross(axis, v), 2);
  return sum(sum(v, scaled(twice, q.w)), cross(axis, twice));
}

// First `b`, then `a`.
inline Rotation combined(Rotation a, Rotation b) {
  return {
      a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y, a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
      a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w, a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z};
}

}  // namespace nf
