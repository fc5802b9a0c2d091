#include "core/predict/motion_models.h"

#include <algorithm>
#include <cmath>

#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr std::uint32_t kErrorMemory = 60;  // trials
constexpr std::uint32_t kTrialsMin = 4;
constexpr double kEaseSeconds = 1.5;     // after which a speed that eases is a third of what it was
constexpr double kSpeedUpSeconds = 1.5;  // no acceleration lasts longer
constexpr double kUntriedSpread = 0.4;   // of what fast motion covers in the time
constexpr double kSpreadMin = 0.02;      // likewise

WorldVector eased(WorldVector velocity, double seconds, double scale) {
  const double time = kEaseSeconds * scale;
  return velocity * (time * (1 - std::exp(-seconds / time)));
}

WorldVector turned(const Kinematics& now, double seconds) {
  const double rate = length(now.turn);
  const double angle = rate * seconds;
  if (!(angle > 1e-4)) return now.velocity * seconds;
  const WorldVector axis = now.turn * (1 / rate);
  const WorldVector along = axis * dot(axis, now.velocity);
  const WorldVector across = now.velocity - along;
  return along * seconds + across * (std::sin(angle) / rate) +
         cross(axis, across) * ((1 - std::cos(angle)) / rate);
}

WorldVector sped_up(const Kinematics& now, double seconds, double scale) {
  const double held = std::min(seconds, kSpeedUpSeconds * scale);
  const WorldVector gained = now.acceleration * (held * held / 2);
  return now.velocity * seconds + gained + now.acceleration * (held * (seconds - held));
}

WorldVector path_at(Expert model, const Kinematics& now, double seconds, double scale) {
  switch (model) {
    case Expert::steady: return now.velocity * seconds;
    case Expert::easing: return eased(now.velocity, seconds, scale);
    case Expert::turning: return turned(now, seconds);
    case Expert::speeding: return sped_up(now, seconds, scale);
    default: return {};
  }
}

double scale_of(const std::array<float, kHorizons>& seconds) {
  return static_cast<double>(seconds.back() / kHorizonSeconds.back());
}

void score(ModelErrors& errors, std::size_t horizon, const ModelErrors::Kept& kept,
           WorldPosition came, const std::array<float, kHorizons>& seconds) {
  const std::uint32_t trials = ++errors.trials[horizon];
  const double share = 1.0 / std::min(trials, kErrorMemory);
  const WorldVector moved = came - kept.origin;
  for (std::size_t model = 0; model < kMotionModels; ++model) {
    const WorldVector foretold = path_at(static_cast<Expert>(model), kept.motion,
                                         static_cast<double>(seconds[horizon]), scale_of(seconds));
    float& mean = errors.error[model][horizon];
    mean += static_cast<float>((length(moved - foretold) - static_cast<double>(mean)) * share);
  }
}

}  // namespace

MotionPaths motion_paths(const Kinematics& now, const std::array<float, kHorizons>& seconds) {
  MotionPaths paths;
  for (std::size_t model = 0; model < kMotionModels; ++model) {
    for (std::size_t i = 0; i < kHorizons; ++i) {
      paths[model].at[i] = path_at(static_cast<Expert>(model), now, static_cast<double>(seconds[i]),
                                   scale_of(seconds));
    }
  }
  return paths;
}

void forget_forecasts(ModelErrors& errors) {
  errors.count = 0;
  errors.due = {};
}

void score_models(ModelErrors& errors, const Track& track, const Kinematics& now,
                  const std::array<float, kHorizons>& seconds, double spacing) {
  const std::uint32_t first =
      errors.count - std::min<std::uint32_t>(errors.count, ModelErrors::kKept);
  for (std::size_t i = 0; i < kHorizons; ++i) {
    std::uint32_t& due = errors.due[i];
    due = std::max(due, first);
    while (due < errors.count) {
      const ModelErrors::Kept& kept = errors.kept[due % ModelErrors::kKept];
      const double late = track.latest_time - kept.seconds - static_cast<double>(seconds[i]);
      if (late < 0) break;
      score(errors, i, kept, position_ago(track, late), seconds);
      ++due;
    }
  }
  const bool early =
      errors.count > 0 &&
      track.latest_time - errors.kept[(errors.count - 1) % ModelErrors::kKept].seconds <
          0.9 * spacing;
  if (early) return;
  if (errors.count == UINT32_MAX) forget_forecasts(errors);
  errors.kept[errors.count % ModelErrors::kKept] = {track.latest_time, track.latest, now};
  ++errors.count;
}

void add_models(Futures& futures, const MotionPaths& paths, const ModelErrors& errors,
                double fast_speed) {
  for (std::size_t model = 0; model < kMotionModels; ++model) {
    const std::uint32_t future = futures.count++;
    futures.expert[future] = static_cast<Expert>(model);
    futures.weight[future] = 1;
    for (std::size_t i = 0; i < kHorizons; ++i) {
      const WorldVector at = paths[model].at[i];
      futures.x[i][future] = static_cast<float>(at.x);
      futures.y[i][future] = static_cast<float>(at.y);
      futures.z[i][future] = static_cast<float>(at.z);
      const auto covered = static_cast<float>(fast_speed) * futures.seconds[i];
      const float error = errors.trials[i] < kTrialsMin
                              ? static_cast<float>(kUntriedSpread) * covered
                              : errors.error[model][i];
      futures.spread[model][i] = std::max(error, static_cast<float>(kSpreadMin) * covered);
    }
  }
}

}  // namespace nf
