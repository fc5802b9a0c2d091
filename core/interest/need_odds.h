// NeedOdds: the probability that a container is needed within each horizon, by each expert's
// futures and by how far away it is.
//
// Pure: arrays in, arrays out, any thread. A container is needed while the observer is within
// `reach` of its box. What a future says is softened by its expert's spread: the distribution of
// Student with two degrees of freedom, whose tails are as heavy as those of players.
#pragma once

#include <array>
#include <cstdint>

#include "core/predict/futures.h"

namespace nf {

// Metres from Futures::origin.
struct NeedBox {
  std::array<float, 3> low{}, high{};
  float reach = 0;
};

// How far the origin is from being within reach; 0 or less: it is.
float gap_of(const NeedBox& box);

// Less is told as nothing.
inline constexpr float kOddsLeast = 2e-3F;

struct NeedOdds {
  // By horizon, by expert: that it is needed until then.
  std::array<std::array<float, kExperts>, kHorizons> until{};
  std::array<bool, kExperts> has{};  // whether the expert has futures at all
};

// Futures made ready to be asked about many boxes.
struct NeedPaths {
  using Lanes = std::array<float, kFuturesMax>;
  struct Step {           // of all futures, from the horizon before to this one
    Lanes x{}, y{}, z{};  // where it begins
    Lanes to_x{}, to_y{}, to_z{};
    Lanes over_length{};  // 1 over its squared length
    Lanes over_spread{};  // 1 over how wide it is across
    NeedBox around;       // all of them until then
    float far = 0;        // from that: beyond it the odds are less than kOddsLeast
    float far_later = 0;  // likewise, at all later horizons, too
  };
  std::array<Step, kHorizons> steps{};
  Lanes weight{};
  std::array<std::uint32_t, kExperts + 1> first{};  // each expert's futures are together
};

NeedPaths paths_of(const Futures& futures);
NeedOdds need_odds(const NeedPaths& paths, const NeedBox& box);

}  // namespace nf
