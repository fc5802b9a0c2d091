// WorldBox: an axis-aligned box of places, and what is asked of such boxes.
// A plain value and functions without state; any thread.
#pragma once

#include <algorithm>

#include <nearfield/types.h>

#include "core/world/vector_math.h"

namespace nf {

struct WorldBox {
  WorldPosition low;
  WorldPosition high;
};

// Whether `reach`, made wider by `margin` on all sides, touches `box`.
constexpr bool boxes_touch(const WorldBox& reach, const WorldBox& box, double margin = 0) {
  return reach.low.x - margin <= box.high.x && box.low.x <= reach.high.x + margin &&
         reach.low.y - margin <= box.high.y && box.low.y <= reach.high.y + margin &&
         reach.low.z - margin <= box.high.z && box.low.z <= reach.high.z + margin;
}

constexpr bool encloses(const WorldBox& outer, const WorldBox& inner) {
  return outer.low.x <= inner.low.x && outer.low.y <= inner.low.y && outer.low.z <= inner.low.z &&
         inner.high.x <= outer.high.x && inner.high.y <= outer.high.y &&
         inner.high.z <= outer.high.z;
}

constexpr WorldBox box_around(WorldPosition center, double reach) {
  const WorldVector half{reach, reach, reach};
  return {center + half * -1, center + half};
}

constexpr WorldBox box_around(const WorldBox& a, const WorldBox& b) {
  return {
      {std::min(a.low.x, b.low.x), std::min(a.low.y, b.low.y), std::min(a.low.z, b.low.z)},
      {std::max(a.high.x, b.high.x), std::max(a.high.y, b.high.y), std::max(a.high.z, b.high.z)}};
}

constexpr double widest_side(const WorldBox& box) {
  const WorldVector size = box.high - box.low;
  return std::max({size.x, size.y, size.z});
}

// Of the corner that is farthest from the origin.
inline double farthest_corner(const WorldBox& box) {
  return length({std::max(std::abs(box.low.x), std::abs(box.high.x)),
                 std::max(std::abs(box.low.y), std::abs(box.high.y)),
                 std::max(std::abs(box.low.z), std::abs(box.high.z))});
}

}  // namespace nf
