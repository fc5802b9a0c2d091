// Turns of the generator's frames, as quaternions.
// Pure; any thread.
#pragma once

#include <cmath>

#include <nearfield/types.h>

namespace nf {

inline Rotation turn_about_up(double angle) {
  return {0, 0, static_cast<float>(std::sin(angle / 2)), static_cast<float>(std::cos(angle / 2))};
}

// Takes z to the direction (cos aside cos along, cos aside sin along, sin aside), which is up at
// that place of a sphere: first about y, then about z.
inline Rotation rotation_to_up(double along, double aside) {
  const double tilt = 1.57079632679489661923 - aside;
  const double cy = std::cos(tilt / 2), sy = std::sin(tilt / 2);
  const double cz = std::cos(along / 2), sz = std::sin(along / 2);
  return {static_cast<float>(-sz * sy), static_cast<float>(cz * sy), static_cast<float>(sz * cy),
          static_cast<float>(cz * cy)};
}

}  // namespace nf
