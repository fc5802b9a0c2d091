// LearntWays: moments of recorded movement: the way that led to each, and what came after it.
//
// Recorded elsewhere, of others: nothing of it is a place. Lengths are in what the mover covers in
// a second at its fast speed, so that people and ships are one case; times are in seconds. Does not
// change once it is made: any number of threads may ask it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/predict/futures.h"
#include "core/predict/way.h"

namespace nf {

inline constexpr double kLearntSpacing = 0.2;  // seconds, of the ways

struct LearntMoment {
  Way way{};
  // Forward, left and up of the axes it had, after each of kHorizonSeconds.
  std::array<float, 3 * kHorizons> after{};

  friend bool operator==(const LearntMoment&, const LearntMoment&) = default;
};

class LearntWays {
 public:
  LearntWays() = default;
  explicit LearntWays(std::span<const LearntMoment> moments);

  std::uint32_t size() const { return static_cast<std::uint32_t>(after_.size()); }

  struct Near {
    std::uint32_t moment = 0;
    float distance = 0;  // squared, in the measure of kWayWeights
  };
  // Those whose ways are most alike, nearest first, as many as there is room for; how many it were.
  std::uint32_t find_nearest(const Way& way, std::span<Near> into) const;

  WorldVector came_after(std::uint32_t moment, double seconds) const;

 private:
  static constexpr std::uint32_t kLanes = 8;

  std::array<std::vector<float>, kWayFeatures> way_;  // by moment, filled up to whole lanes
  std::vector<std::array<float, 3 * kHorizons>> after_;
};

}  // namespace nf
