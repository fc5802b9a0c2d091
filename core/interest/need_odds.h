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

struct NeedOdds {
  // By horizon, by expert: that it is needed until then.
  std::array<std::array<float, kExperts>, kHorizons> until{};
  std::array<bool, kExperts> has{};  // whether the expert has futures at all
};

NeedOdds need_odds(const Futures& futures, const NeedBox& box);

}  // namespace nf
