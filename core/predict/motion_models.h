// The experts that need nothing but one observer's own motion, and how far each was off lately.
//
// Owner: whoever observes. Pure but for their own arrays.
#pragma once

#include <array>
#include <cstdint>

#include "core/predict/futures.h"
#include "core/predict/track.h"

namespace nf {

inline constexpr std::size_t kMotionModels = 5;  // the first experts

// One expert's path, metres from where the observer is.
struct Path {
  std::array<WorldVector, kHorizons> at{};
};
using MotionPaths = std::array<Path, kMotionModels>;

MotionPaths motion_paths(const Kinematics& now, const std::array<float, kHorizons>& seconds);

// Errors of what was foretold: kept until each horizon has come. Metres, weighted to the last
// `kErrorMemory` trials.
struct ModelErrors {
  static constexpr std::size_t kKept = 96;  // forecasts, a ring; a power of two is not needed
  struct Kept {
    double seconds = 0;
    WorldPosition origin;
    Kinematics motion;
  };
  std::array<Kept, kKept> kept{};
  std::uint32_t count = 0;
  std::array<std::uint32_t, kHorizons> due{};  // number of the forecast to be scored next
  std::array<std::array<float, kHorizons>, kMotionModels> error{};
  std::array<std::uint32_t, kHorizons> trials{};
};

// Scores what falls due by the track's latest sample and keeps a forecast of now. After a jump call
// `forget_forecasts` first: what was foretold before is not held against anybody.
void score_models(ModelErrors& errors, const Track& track, const Kinematics& now,
                  const std::array<float, kHorizons>& seconds, double spacing);
void forget_forecasts(ModelErrors& errors);

// Adds a future of each model to `futures`, with its spread.
void add_models(Futures& futures, const MotionPaths& paths, const ModelErrors& errors,
                double fast_speed);

}  // namespace nf
