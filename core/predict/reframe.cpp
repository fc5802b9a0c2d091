// Motion in one frame as seen in another.
#include <algorithm>

#include "core/base/seconds.h"
#include "core/predict/forecast.h"

namespace nf {
namespace {

// Where the old frame's point was, or will be, `seconds` after `way` held.
WorldPosition seen_from(const MovingPose& way, WorldPosition old, double seconds) {
  const WorldPosition at = to_outer(way.pose, old);
  return at + way.velocity_at(at) * seconds;
}

WorldVector velocity_from(const MovingPose& way, WorldPosition old, WorldVector velocity) {
  return to_outer(way.pose, velocity) + way.velocity_at(to_outer(way.pose, old));
}

void reframe(MotionSample& sample, const MovingPose& way, Time now) {
  const WorldPosition old = sample.position;
  sample.position = seen_from(way, old, seconds_between(now, sample.at));
  sample.velocity = velocity_from(way, old, sample.velocity);
}

// A straight line in a frame that turns is bent in the other by this much a second, on average.
double bending(const MovingPose& way, const ForecastPiece& seen) {
  const double turning = length(way.spin);
  if (!(turning > 0)) return 0;
  const double arm = length(seen.start - way.pose.origin);
  const double speed = length(seen.velocity);
  const double acceleration = turning * (turning * arm + 2 * speed);
  // Half a turn away is as far as it gets.
  return std::min(acceleration * seen.length.seconds() / 2, 2 * (turning * arm + speed));
}

}  // namespace

void reframe(MotionHistory& history, const MovingPose& way, Time now) {
  for (MotionSample& sample : history.samples) reframe(sample, way, now);
  if (history.any) reframe(history.latest, way, now);
}

Forecast reframed(const Forecast& forecast, const MovingPose& way, Time now) {
  Forecast seen = forecast;
  for (std::uint32_t i = 0; i < seen.piece_count; ++i) {
    const ForecastPiece& old = forecast.pieces[i];
    ForecastPiece& piece = seen.pieces[i];
    piece.start = seen_from(way, old.start, seconds_between(now, old.from));
    piece.velocity = velocity_from(way, old.start, old.velocity);
    piece.spread_rate += bending(way, piece);
  }
  return seen;
}

}  // namespace nf
