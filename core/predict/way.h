// Way: how a mover came to where it is, along its own axes: what is alike wherever it happens.
//
// Plain values and pure functions, any thread. Metres and seconds.
#pragma once

#include <array>
#include <cstdint>

#include "core/predict/track.h"

namespace nf {

// Axes of a mover: forward in the plane of the ground if it moves in it, and what is left of it.
struct Axes {
  double forward_x = 1, forward_y = 0;
};

inline constexpr std::uint32_t kWayPoints = 4;
inline constexpr std::uint32_t kWayFeatures = 3 * kWayPoints;
// Ago, in spacings of whoever compares ways; the points of a way are in this order.
inline constexpr std::array<double, kWayPoints> kWaySpacings{1, 2, 4, 8};
// Near points weigh more where ways are compared: what happened last says most.
inline constexpr std::array<float, kWayPoints> kWayWeights{4, 2, 1, 0.4F};

// Forward, left and up, a point: from where it was then to where it is.
using Way = std::array<float, kWayFeatures>;

// Those of its motion over the last spacings; `before`, if it stands.
Axes axes_of(const Track& track, double spacing, const Axes& before);
Way way_of(const Track& track, const Axes& axes, double spacing);

inline WorldVector along(const Axes& axes, WorldVector v) {
  return {v.x * axes.forward_x + v.y * axes.forward_y, v.y * axes.forward_x - v.x * axes.forward_y,
          v.z};
}
inline WorldVector back(const Axes& axes, WorldVector v) {
  return {v.x * axes.forward_x - v.y * axes.forward_y, v.x * axes.forward_y + v.y * axes.forward_x,
          v.z};
}

}  // namespace nf
