// Arithmetic on world vectors and rotations, in double: metres and unit quaternions.
// Plain functions, any thread.
#pragma once

#include <algorithm>
#include <cmath>

#include <nearfield/types.h>

namespace nf {

constexpr WorldVector operator+(WorldVector a, WorldVector b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
constexpr WorldVector operator-(WorldVector a, WorldVector b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
constexpr WorldVector operator*(WorldVector v, double s) {
  return {v.x * s, v.y * s, v.z * s};
}
constexpr double dot(WorldVector a, WorldVector b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
constexpr WorldVector cross(WorldVector a, WorldVector b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double length(WorldVector v) {
  return std::sqrt(dot(v, v));
}
constexpr WorldVector to_world(LocalVector v) {
  return {v.x, v.y, v.z};
}

// The largest coordinate's magnitude: what the rounding of a computed distance is proportional to.
inline double largest_coordinate(WorldPosition p) {
  return std::max({std::abs(p.x), std::abs(p.y), std::abs(p.z)});
}

// A chain of sixty float rotations would move a room by kilometres at the distance of a planet.
constexpr WorldRotation to_world(Rotation r) {
  return {r.x, r.y, r.z, r.w};
}

constexpr WorldRotation operator*(WorldRotation a, WorldRotation b) {
  return {
      a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y, a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
      a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w, a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z};
}
constexpr WorldRotation inverse(WorldRotation r) {
  return {-r.x, -r.y, -r.z, r.w};
}

// Dividing by the squared norm keeps lengths exact for quaternions that are only nearly unit, as
// those rounded to float are.
constexpr WorldVector rotate(WorldRotation r, WorldVector v) {
  const WorldVector axis{r.x, r.y, r.z};
  const double norm = dot(axis, axis) + r.w * r.w;
  if (!(norm > 0)) return v;
  const WorldVector once = cross(axis, v);
  return v + (once * r.w + cross(axis, once)) * (2 / norm);
}

inline WorldRotation normalized(WorldRotation r) {
  const double norm = std::sqrt(r.x * r.x + r.y * r.y + r.z * r.z + r.w * r.w);
  if (!(norm > 0)) return {};
  return {r.x / norm, r.y / norm, r.z / norm, r.w / norm};
}

}  // namespace nf
