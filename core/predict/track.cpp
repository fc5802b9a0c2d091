#include "core/predict/track.h"

#include <algorithm>
#include <cmath>

#include "core/predict/forecast.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr double kQuantile = 0.95;
constexpr double kQuantileRate = 0.02;  // of the fast speed, a step
constexpr double kJumpSpeeds = 6;       // times the fast speed; more than that is no motion
constexpr std::uint32_t kJumpStepsMin = 8;
constexpr double kSpeedMin = 1e-9;

std::uint32_t slot(std::uint32_t number) {
  return number % Track::kSamples;
}

std::uint32_t first_kept(const Track& track) {
  constexpr auto kept = static_cast<std::uint32_t>(Track::kSamples);
  return track.count > kept ? track.count - kept : 0;
}

void keep(Track& track, double seconds, WorldPosition position) {
  if (track.count == UINT32_MAX) track.count = 0;
  track.positions[slot(track.count)] = position;
  track.times[slot(track.count)] = seconds;
  ++track.count;
}

// Stochastic approximation of a quantile (Robbins, Monro, "A stochastic approximation method",
// 1951) with steps in proportion to its value, so that it has no unit.
void learn_speed(Track& track, double speed) {
  if (track.steps < kStepsKnown) {
    track.fast_speed = std::max(track.fast_speed, speed);
  } else {
    const double step = kQuantileRate * std::max(track.fast_speed, speed / 8);
    track.fast_speed += speed > track.fast_speed ? step * kQuantile : -step * (1 - kQuantile);
  }
  track.steps = std::min(track.steps + 1, kStepsKnown);
}

void start_at(Track& track, double seconds, WorldPosition position) {
  track.count = 0;
  keep(track, seconds, position);
  track.latest = position;
  track.latest_time = seconds;
  track.any = true;
}

WorldVector turn_between(WorldVector before, WorldVector after, double seconds) {
  const double sizes = length(before) * length(after);
  if (!(sizes > kSpeedMin) || !(seconds > 0)) return {};
  const WorldVector axis = cross(before, after);
  const double sine = length(axis);
  if (!(sine > 0)) return {};
  const double angle = std::atan2(sine, dot(before, after));
  return axis * (angle / (sine * seconds));
}

}  // namespace

TrackStep add_sample(Track& track, double seconds, WorldPosition position,
                     const TrackOptions& options) {
  if (!usable(position) || !std::isfinite(seconds)) return TrackStep::ignored;
  if (!track.any) {
    start_at(track, seconds, position);
    return TrackStep::moved;
  }
  const double passed = seconds - track.latest_time;
  if (!(passed > 0)) return TrackStep::ignored;
  const double speed = length(position - track.latest) / passed;
  const bool far = track.steps >= kJumpStepsMin && speed > kJumpSpeeds * track.fast_speed;
  if ((far && !track.jumped) || passed > options.silence_max) {
    start_at(track, seconds, position);
    track.jumped = true;
    return TrackStep::jumped;
  }
  if (far) track.fast_speed = speed / 2;
  track.jumped = false;
  learn_speed(track, speed);
  // A sample that comes a little early is the next one all the same.
  if (seconds - track.times[slot(track.count - 1)] >= 0.9 * options.spacing) {
    keep(track, seconds, position);
  }
  track.latest = position;
  track.latest_time = seconds;
  return TrackStep::moved;
}

double seconds_kept(const Track& track) {
  return track.any ? track.latest_time - track.times[slot(first_kept(track))] : 0;
}

WorldPosition position_ago(const Track& track, double ago) {
  const double wanted = track.latest_time - ago;
  WorldPosition later = track.latest;
  double later_time = track.latest_time;
  for (std::uint32_t number = track.count; number-- > first_kept(track);) {
    const WorldPosition& here = track.positions[slot(number)];
    const double time = track.times[slot(number)];
    if (time <= wanted) {
      const double span = later_time - time;
      const double share = span > 0 ? (wanted - time) / span : 0;
      return here + (later - here) * share;
    }
    later = here;
    later_time = time;
  }
  return later;
}

Kinematics kinematics_of(const Track& track, const TrackOptions& options) {
  const double kept = seconds_kept(track);
  if (!(kept > 0)) return {};
  const auto over = [&](double newer, double older) {
    const double from = std::min(newer, kept), to = std::min(older, kept);
    if (!(to - from > 0)) return WorldVector{};
    return (position_ago(track, from) - position_ago(track, to)) * (1 / (to - from));
  };
  const double step = options.spacing;
  Kinematics found;
  found.velocity = over(0, 2 * step);
  found.velocity_slow = over(0, 8 * step);
  const WorldVector after = over(0, 4 * step), before = over(4 * step, 8 * step);
  if (kept >= 6 * step) {
    const double between = (std::min(kept, 8 * step)) / 2;
    found.acceleration = (after - before) * (1 / between);
    found.turn = turn_between(before, after, between);
  }
  return found;
}

}  // namespace nf
