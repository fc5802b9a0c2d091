#include "core/predict/forecast.h"

#include <algorithm>
#include <cmath>

#include "core/base/seconds.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr double kCoordinateMax = 1e20;
// A step is a jump if it is longer than this allows: some slack for a correction by a server, what
// a hundred times gravity explains, and a few times the distance of the known speeds.
constexpr double kStepSlack = 1;           // metres
constexpr double kAccelerationMax = 1000;  // metres a second squared
constexpr double kSpeedRatioMax = 4;
constexpr double kSilenceMax = 1;           // seconds: nothing is scored across a longer one
constexpr double kStandingSpeed = 0.02;     // metres a second: below it is noise
constexpr std::uint32_t kErrorMemory = 16;  // trials
constexpr std::uint32_t kTrialsMin = 3;
constexpr double kClearlyBetter = 0.7;      // error of moving over error of standing
constexpr double kErrorNoise = 0.05;        // metres: smaller errors decide nothing
constexpr double kHorizonUntried = 1;       // seconds
constexpr double kStandingSpreadMin = 0.5;  // metres
constexpr double kStandingSpreadSeconds = 0.25;
constexpr double kSpreadRateUntried = 0.25;  // of the speed
constexpr double kSpreadRateMin = 0.02;      // of the speed
constexpr double kProbabilityUntried = 0.8;
constexpr double kProbabilityMax = 0.95;
constexpr double kSpeedNoise = 1.1;  // of a measured speed over the true one

bool spaced(const MotionSample& before, const MotionSample& after) {
  return seconds_between(before.at, after.at) >= MotionHistory::kSampleSpacing.seconds();
}

bool usable(WorldVector v) {
  return usable(WorldPosition{} + v);
}

const MotionSample& ring_sample(const MotionHistory& history, std::uint32_t number) {
  return history.samples[number % MotionHistory::kSamples];
}

// The oldest ring sample that is still there.
std::uint32_t ring_first(const MotionHistory& history) {
  constexpr auto kept = static_cast<std::uint32_t>(MotionHistory::kSamples);
  return history.sample_count > kept ? history.sample_count - kept : 0;
}

void add_error(float& mean, double error, std::uint32_t trials) {
  const double weight = 1.0 / std::min(trials, kErrorMemory);
  mean += static_cast<float>((error - static_cast<double>(mean)) * weight);
}

// The forecast made at `past` for `horizon` later falls due between `before` and `after`.
void score(MotionHistory& history, std::size_t i, const MotionSample& past,
           const MotionSample& before, const MotionSample& after) {
  const double horizon = MotionHistory::kHorizonSeconds[i];
  const double step = seconds_between(before.at, after.at);
  const double since = horizon - seconds_between(past.at, before.at);
  const double share = step > 0 ? std::clamp(since / step, 0.0, 1.0) : 1;
  const WorldVector moved =
      (before.position - past.position) + (after.position - before.position) * share;
  ++history.trials[i];
  add_error(history.error_standing[i], length(moved), history.trials[i]);
  add_error(history.error_moving[i], length(moved - past.velocity * horizon), history.trials[i]);
}

// Every ring sample whose horizon ends by now and has not been scored; those that fell out of the
// ring are lost.
void score_settled(MotionHistory& history, const MotionSample& sample) {
  const MotionSample& before = ring_sample(history, history.sample_count - 1);
  for (const std::uint32_t due : history.next_due) __builtin_prefetch(&ring_sample(history, due));
  for (std::size_t i = 0; i < MotionHistory::kHorizons; ++i) {
    std::uint32_t& due = history.next_due[i];
    due = std::max(due, ring_first(history));
    while (due < history.sample_count) {
      const MotionSample& past = ring_sample(history, due);
      if (seconds_between(past.at, sample.at) < MotionHistory::kHorizonSeconds[i]) break;
      score(history, i, past, before, sample);
      ++due;
    }
  }
}

void restart_ring(MotionHistory& history) {
  history.sample_count = 0;
  history.next_due = {};
}

// The numbers of samples start anew long before they would wrap.
void add_to_ring(MotionHistory& history, const MotionSample& sample) {
  if (history.sample_count == UINT32_MAX) restart_ring(history);
  history.samples[history.sample_count % MotionHistory::kSamples] = sample;
  ++history.sample_count;
}

bool is_jump(const MotionHistory& history, const MotionSample& sample, double seconds) {
  const double distance = length(sample.position - history.latest.position);
  const double speed =
      std::max({length(history.latest.velocity), length(sample.velocity), history.jump_speed});
  return distance >
         kStepSlack + kAccelerationMax * seconds * seconds / 2 + kSpeedRatioMax * speed * seconds;
}

// Over at least one spacing of the ring where it reaches back that far: a frame's own step is
// noisy.
WorldVector measured_velocity(const MotionHistory& history, const MotionSample& sample) {
  const MotionSample* past = &history.latest;
  for (std::uint32_t number = history.sample_count; number-- > ring_first(history);) {
    past = &ring_sample(history, number);
    if (spaced(*past, sample)) break;
  }
  const double seconds = seconds_between(past->at, sample.at);
  if (!(seconds > 0)) return history.latest.velocity;
  const WorldVector velocity = (sample.position - past->position) * (1 / seconds);
  return length(velocity) < kStandingSpeed ? WorldVector{} : velocity;
}

void forget(MotionHistory& history) {
  restart_ring(history);
  history.error_moving = {};
  history.error_standing = {};
  history.trials = {};
}

// Metres that both models stand for nothing at: an observer that has not moved proves neither.
bool undecided(const MotionHistory& history, std::size_t i) {
  return history.trials[i] < kTrialsMin ||
         (history.error_moving[i] < kErrorNoise && history.error_standing[i] < kErrorNoise);
}

double error_ratio(const MotionHistory& history, std::size_t i) {
  return static_cast<double>(history.error_moving[i]) /
         std::max(static_cast<double>(history.error_standing[i]), 1e-9);
}

// Index of the last horizon that is trusted on evidence, or -1.
int last_proven(const MotionHistory& history) {
  int proven = -1;
  for (std::size_t i = 0; i < MotionHistory::kHorizons; ++i) {
    if (undecided(history, i) || error_ratio(history, i) >= kClearlyBetter) break;
    proven = static_cast<int>(i);
  }
  return proven;
}

struct MovingModel {
  double spread_rate = 0;
  float probability = 0;
};

MovingModel moving_model(const MotionHistory& history, double speed, double horizon) {
  const int proven = last_proven(history);
  if (proven < 0) {
    return {kSpreadRateUntried * speed, static_cast<float>(kProbabilityUntried)};
  }
  // Errors grow about with the square of time, so a cone through the furthest one covers the
  // nearer.
  double rate = kSpreadRateMin * speed;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(proven); ++i) {
    const double seconds = MotionHistory::kHorizonSeconds[i];
    rate = std::max(rate, static_cast<double>(history.error_moving[i]) / seconds);
  }
  const auto last = static_cast<std::size_t>(proven);
  rate *= std::max(1.0, horizon / MotionHistory::kHorizonSeconds[last]);
  const double ratio = error_ratio(history, last);
  return {rate, static_cast<float>(std::min(kProbabilityMax, 1 / (1 + ratio * ratio)))};
}

}  // namespace

bool usable(WorldPosition p) {
  // A comparison with a NaN is false, which is what is wanted here.
  return std::abs(p.x) <= kCoordinateMax && std::abs(p.y) <= kCoordinateMax &&
         std::abs(p.z) <= kCoordinateMax;
}

void observe(MotionHistory& history, const MotionSample& given) {
  if (!usable(given.position)) return;
  MotionSample sample = given;
  if (!usable(sample.velocity)) sample.velocity = {};
  if (!history.any) {
    history.any = true;
    history.latest = sample;
    add_to_ring(history, sample);
    return;
  }
  if (sample.at < history.latest.at) return;

  const double seconds = seconds_between(history.latest.at, sample.at);
  const bool stated = dot(sample.velocity, sample.velocity) > 0;
  if (is_jump(history, sample, seconds)) {
    history.jump_speed =
        seconds > 0 ? length(sample.position - history.latest.position) / seconds : 0;
    forget(history);
    history.latest = sample;
    add_to_ring(history, sample);
    return;
  }
  history.jump_speed = 0;
  if (!stated) sample.velocity = measured_velocity(history, sample);
  if (seconds > kSilenceMax) restart_ring(history);
  history.latest = sample;
  if (history.sample_count == 0) {
    add_to_ring(history, sample);
  } else if (spaced(ring_sample(history, history.sample_count - 1), sample)) {
    score_settled(history, sample);
    add_to_ring(history, sample);
  }
}

Duration confidence_horizon(const MotionHistory& history, Duration lookahead) {
  const int proven = last_proven(history);
  const std::size_t next = static_cast<std::size_t>(proven) + 1;  // 0 if none
  double seconds =
      proven < 0 ? 0 : MotionHistory::kHorizonSeconds[static_cast<std::size_t>(proven)];
  if (next == MotionHistory::kHorizons) {
    // The ratio grows about with time: as far as it would still be clearly better.
    const double ratio = std::max(error_ratio(history, next - 1), 1e-6);
    seconds *= kClearlyBetter / ratio;
  } else if (undecided(history, next)) {
    seconds = std::max(seconds, kHorizonUntried);
  }
  return seconds < lookahead.seconds() ? Duration::from_seconds(seconds) : lookahead;
}

bool is_at_rest(const MotionHistory& history) {
  return kStandingSpreadSeconds * length(history.latest.velocity) <= kStandingSpreadMin;
}

Forecast forecast_motion(const MotionHistory& history, Time now, Duration lookahead,
                         const MotionEnvelope& envelope) {
  Forecast forecast;
  if (!history.any) return forecast;
  const WorldVector velocity = history.latest.velocity;
  const double speed = length(velocity);
  if (envelope.stated()) {
    forecast.enveloped = speed <= envelope.speed_max * kSpeedNoise;
    forecast.wanted_within = envelope_wanted(lookahead);
    forecast.pieces[forecast.piece_count++] = {
        .from = now,
        .length = forecast.enveloped ? envelope_kept(lookahead) : forecast.wanted_within,
        .start = history.latest.position,
        .velocity = {},
        .spread_rate = envelope.speed_max,
        .probability = kEnvelopeProbability};
  }
  const double spread = std::max(kStandingSpreadMin, kStandingSpreadSeconds * speed);
  forecast.pieces[forecast.piece_count++] = {.from = now,
                                             .length = lookahead,
                                             .start = history.latest.position,
                                             .velocity = {},
                                             .spread = spread};
  const Duration horizon = confidence_horizon(history, lookahead);
  if (speed < kStandingSpeed || horizon.ns <= 0) return forecast;
  const MovingModel model = moving_model(history, speed, horizon.seconds());
  forecast.pieces[forecast.piece_count++] = {.from = now,
                                             .length = horizon,
                                             .start = history.latest.position,
                                             .velocity = velocity,
                                             .spread = kStandingSpreadMin,
                                             .spread_rate = model.spread_rate,
                                             .probability = model.probability};
  return forecast;
}

}  // namespace nf
