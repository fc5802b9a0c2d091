// Learning: a model from recorded movement: moments of it to be looked up, and how much to believe
// each expert once they are.
//
// Any thread; starts workers of its own and joins them. The same segments give the same model, for
// any number of workers.
//
// Moments are taken from all groups alike, so that one long session does not fill the model. The
// weights are fitted to what the experts said in the evaluation's own worlds against what came,
// each group with the moments of the others alone: an expert that has seen the answer would be
// believed too much.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "formats/model/model.h"
#include "tools/predict/segments.h"

namespace nf::predict {

inline constexpr std::uint32_t kMomentsUsual = 4096;

struct LearningOptions {
  std::uint32_t moments_max = kMomentsUsual;
  std::uint64_t seed = 1;  // of the worlds, and of which boxes are asked for
  unsigned threads = 1;
  // Asked by the caller's thread and by workers; false: stop. Gets (done, all).
  std::function<bool(std::uint64_t, std::uint64_t)> progress = nullptr;
};

struct Learnt {
  Model model;
  double loss_untrained = 0, loss = 0;  // as BlendFit has them
  bool stopped = false;
};

// Those of a group (a kind and a group's name) follow one another.
Learnt learn(const std::vector<Segment>& segments, const LearningOptions& options);

}  // namespace nf::predict
