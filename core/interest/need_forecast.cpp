#include "core/interest/need_forecast.h"

#include <algorithm>
#include <cmath>

#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr std::uint32_t kTrialsPerUpdate = 2;
constexpr double kSameMover = 2;  // times the fast speed

NeedBox seen_from(const NeedPlace& place, WorldPosition origin) {
  const WorldVector low = place.low - origin, high = place.high - origin;
  return {
      .low = {static_cast<float>(low.x), static_cast<float>(low.y), static_cast<float>(low.z)},
      .high = {static_cast<float>(high.x), static_cast<float>(high.y), static_cast<float>(high.z)},
      .reach = static_cast<float>(place.reach)};
}

constexpr float kSpreadsAround = 3;
constexpr double kNearSeconds = 2;  // of fast travel; whoever is so near may always be reached

NeedBox around(const Futures& futures) {
  NeedBox box;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    for (std::uint32_t i = 0; i < futures.count; ++i) {
      const float wide =
          kSpreadsAround * futures.spread[static_cast<std::size_t>(futures.expert[i])][h];
      const std::array<float, 3> at{futures.x[h][i], futures.y[h][i], futures.z[h][i]};
      if (futures.expert[i] == Expert::standing) continue;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        box.low[axis] = std::min(box.low[axis], at[axis] - wide);
        box.high[axis] = std::max(box.high[axis], at[axis] + wide);
      }
    }
  }
  return box;
}

}  // namespace

NeedForecast::NeedForecast(const NeedForecastOptions& options, const BlendWeights& weights)
    : options_(options), recall_(options.recall), blend_(weights), prng_(options.seed) {
  track_.fast_speed = options.fast_speed;
  if (options.fast_speed > 0) track_.steps = kStepsKnown;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    futures_.seconds[h] = kHorizonSeconds[h] * static_cast<float>(options.time_scale);
  }
}

void NeedForecast::end_run() {
  forget_forecasts(errors_);
  recall_.end_run();
  for (Trial& trial : trials_) trial.due = kHorizons;
  const double fast = track_.fast_speed;
  const std::uint32_t steps = track_.steps;
  track_ = {};
  track_.fast_speed = fast;
  track_.steps = steps;
}

void NeedForecast::enter_map(double fast_speed) {
  end_run();
  const double before = track_.fast_speed;
  // Who is so much faster or slower here is another mover: its errors and states are in metres.
  if (fast_speed > kSameMover * before || before > kSameMover * fast_speed) {
    errors_ = {};
    recall_ = Recall(options_.recall);
  }
  recall_.forget_places();
  futures_.count = 0;
  paths_ = paths_of(futures_);
  reached_ = {};
  track_.fast_speed = fast_speed;
  track_.steps = fast_speed > 0 ? kStepsKnown : 0;
}

void NeedForecast::observe(double seconds, WorldPosition position) {
  const TrackStep step = add_sample(track_, seconds, position, options_.track);
  if (step == TrackStep::ignored) return;
  if (step == TrackStep::jumped) {
    forget_forecasts(errors_);
    recall_.end_run();
    for (Trial& trial : trials_) trial.due = kHorizons;
  }
  settle_trials(seconds, position);
  const Kinematics motion = kinematics_of(track_, options_.track);
  score_models(errors_, track_, motion, futures_.seconds, options_.track.spacing);
  futures_.origin = position;
  futures_.count = 0;
  add_models(futures_, motion_paths(motion, futures_.seconds), errors_, track_.fast_speed);
  recall_.add(track_);
  recall_.add_recalled(futures_, track_, options_.recalled_max, options_.learnt);
  recall_.add_revisited(futures_, track_, options_.revisited_max);
  paths_ = paths_of(futures_);
  reached_ = around(futures_);
  tried_ = 0;
  asked_before_ = asked_;
  asked_ = 0;
}

bool NeedForecast::may_reach(const NeedPlace& place) const {
  const NeedBox box = seen_from(place, futures_.origin);
  if (static_cast<double>(gap_of(box)) < kNearSeconds * track_.fast_speed) return true;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (box.low[axis] - box.reach > reached_.high[axis] ||
        box.high[axis] + box.reach < reached_.low[axis]) {
      return false;
    }
  }
  return true;
}

BlendInput NeedForecast::input(const NeedPlace& place) const {
  const NeedBox box = seen_from(place, futures_.origin);
  return blend_.input_of(need_odds(paths_, box), gap_of(box), futures_, track_.fast_speed);
}

std::array<float, kHorizons> NeedForecast::until(const NeedPlace& place) {
  const BlendInput input = this->input(place);
  maybe_try(place, input);
  return blend_.until(input);
}

void NeedForecast::maybe_try(const NeedPlace& place, const BlendInput& input) {
  ++asked_;
  if (tried_ == kTrialsPerUpdate) return;
  const double chance = static_cast<double>(kTrialsPerUpdate) / std::max(asked_before_, 1u);
  if (!prng_.chance(chance)) return;
  ++tried_;
  trials_[next_trial_] = {place, input, track_.latest_time, -1, 0};
  next_trial_ = (next_trial_ + 1) % kTrials;
}

void NeedForecast::settle_trials(double seconds, WorldPosition position) {
  for (Trial& trial : trials_) {
    if (trial.due == kHorizons) continue;
    if (trial.needed_at < 0 && gap_of(seen_from(trial.place, position)) <= 0) {
      trial.needed_at = seconds;
    }
    while (trial.due < kHorizons) {
      const double end = trial.seconds + static_cast<double>(futures_.seconds[trial.due]);
      const bool needed = trial.needed_at >= 0 && trial.needed_at <= end;
      if (!needed && seconds < end) break;
      blend_.learn(trial.input, trial.due, needed);
      ++trial.due;
    }
  }
}

}  // namespace nf
