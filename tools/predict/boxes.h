// Distances between a place and a box, and when somebody who goes straight comes near one.
//
// Pure; any thread. Metres and seconds.
#pragma once

#include <algorithm>
#include <cmath>

#include <nearfield/types.h>

#include "core/world/vector_math.h"
#include "core/world/world_box.h"

namespace nf::predict {

// From `place` to the nearest point of `box`; 0 inside.
inline double distance_to(const WorldBox& box, WorldPosition place) {
  const double x = std::max({box.low.x - place.x, place.x - box.high.x, 0.0});
  const double y = std::max({box.low.y - place.y, place.y - box.high.y, 0.0});
  const double z = std::max({box.low.z - place.z, place.z - box.high.z, 0.0});
  return std::sqrt(x * x + y * y + z * z);
}

inline WorldPosition along(WorldPosition from, WorldVector velocity, double seconds) {
  return from + velocity * seconds;
}

struct Straight {  // a way that is gone straight, from now on
  WorldPosition from;
  WorldVector velocity;
  double speed = 0;  // of `velocity`
};

// The first second within `horizon` at which the way is at most `reach` from the box; negative if
// there is none. Goes on by as much as is surely safe ("sphere tracing", J. C. Hart, 1996), to a
// thousandth of the reach.
inline double first_contact(const Straight& way, const WorldBox& box, double reach,
                            double horizon) {
  constexpr int kStepsMax = 24;
  double at = 0;
  for (int step = 0; step < kStepsMax; ++step) {
    const double left = distance_to(box, along(way.from, way.velocity, at)) - reach;
    if (left <= reach * 1e-3) return at;
    if (!(left < (horizon - at) * way.speed)) return -1;
    at += left / way.speed;
  }
  return -1;
}

}  // namespace nf::predict
