// The model of data/golden, and the smallest one: of numbers that are easy to know again.
//
// Pure functions.
#pragma once

#include "formats/model/model.h"

namespace nf::sample {

inline Model smallest_model() {
  Model model;
  model.weights = {};
  return model;
}

inline Model golden_model() {
  Model model;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    for (std::size_t i = 0; i < kBlendInputs; ++i) {
      model.weights.of[h][i] = static_cast<float>(h) - 0.5F * static_cast<float>(i);
    }
  }
  for (int n = 0; n < 3; ++n) {
    LearntMoment moment;
    for (std::size_t f = 0; f < kWayFeatures; ++f) {
      moment.way[f] = 0.25F * static_cast<float>(n) + static_cast<float>(f);
    }
    for (std::size_t f = 0; f < moment.after.size(); ++f) {
      moment.after[f] = static_cast<float>(n) - 0.125F * static_cast<float>(f);
    }
    model.moments.push_back(moment);
  }
  model.origin = {.seed = 7,
                  .groups = 2,
                  .segments = 5,
                  .candidates = 900,
                  .outcomes = 12'345,
                  .seconds = 1800.5};
  return model;
}

}  // namespace nf::sample
