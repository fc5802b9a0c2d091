// BlendFit: weights of a NeedBlend from many forecasts whose outcome is known.
//
// Pure but for the threads it is given; the same weights for any number of them.
//
// For each horizon a logistic regression that is held near the untrained weights (ridge regression
// with a prior mean: Hoerl, Kennard, "Ridge regression", 1970), by Newton's method. How firmly it
// is held is what foretells best in groups that were left out (cross-validation), and the untrained
// weights are among the choices: what has nothing to teach changes nothing.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/interest/need_blend.h"
#include "tools/predict/workers.h"

namespace nf::predict {

enum class Came : std::uint8_t { unneeded, needed, unknown };

// What was foretold of one box, and what came.
struct Outcome {
  BlendInput input;
  std::array<Came, kHorizons> came{};
  std::uint32_t group = 0;
};

struct BlendFit {
  BlendWeights weights;
  // Of held out groups, summed over horizons: -log of the probability given to what came, a mean.
  double loss_untrained = 0, loss = 0;
  bool stopped = false;
};

// Groups are numbered from 0 to `groups`.
BlendFit fit_blend(std::span<const Outcome> outcomes, std::uint32_t groups, Workers& workers);

}  // namespace nf::predict
