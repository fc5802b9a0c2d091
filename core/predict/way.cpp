#include "core/predict/way.h"

#include <cmath>

#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr double kStandingShare = 0.05;  // of the fast speed

}  // namespace

Axes axes_of(const Track& track, double spacing, const Axes& before) {
  for (const double ago : {2 * spacing, 8 * spacing}) {
    const WorldVector moved = track.latest - position_ago(track, ago);
    const double size = std::hypot(moved.x, moved.y);
    if (size > kStandingShare * track.fast_speed * ago && size > 0) {
      return {moved.x / size, moved.y / size};
    }
  }
  return before;
}

Way way_of(const Track& track, const Axes& axes, double spacing) {
  Way way;
  for (std::size_t i = 0; i < kWayPoints; ++i) {
    const WorldVector moved =
        along(axes, track.latest - position_ago(track, kWaySpacings[i] * spacing));
    way[3 * i] = static_cast<float>(moved.x);
    way[3 * i + 1] = static_cast<float>(moved.y);
    way[3 * i + 2] = static_cast<float>(moved.z);
  }
  return way;
}

}  // namespace nf
