// NeedBlend: one probability out of those of all experts, corrected by what came of it.
//
// For each horizon a logistic regression over the experts' log odds and over the log odds that
// distance alone gives (Wolpert, "Stacked generalization", 1992), so that the plain margin is one
// of the experts. It learns while it is used: a few of what was foretold are kept until it is known
// whether they were needed. Owner: whoever owns the observer. Allocates nothing.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/prng.h"
#include "core/interest/need_odds.h"

namespace nf {

inline constexpr std::size_t kBlendInputs =
    kExperts + 3;  // the margin, the horizon's gap, a constant

struct BlendWeights {
  std::array<std::array<float, kBlendInputs>, kHorizons> of{};
};
BlendWeights untrained_weights();

// By distance alone: what share of those that were about so far away was needed. Learnt as it goes.
struct MarginTable {
  static constexpr std::size_t kBins = 12;  // of gap / what fast motion covers until the horizon
  std::array<std::array<float, kBins>, kHorizons> needed{}, seen{};
};

struct BlendInput {
  std::array<std::array<float, kBlendInputs>, kHorizons> of{};
  std::array<std::uint8_t, kHorizons> bin{};  // of the margin table
};

class NeedBlend {
 public:
  explicit NeedBlend(const BlendWeights& weights = untrained_weights());

  // `seconds` are Futures::seconds; `fast_speed` is the observer's.
  BlendInput input_of(const NeedOdds& odds, float gap, const Futures& futures,
                      double fast_speed) const;
  // That it is needed until each horizon; does not fall.
  std::array<float, kHorizons> until(const BlendInput& input) const;

  // Learns from one that was foretold: whether it was needed until `horizon`.
  void learn(const BlendInput& input, std::size_t horizon, bool needed);

  const BlendWeights& weights() const { return weights_; }
  void set_rate(float rate) { rate_ = rate; }

 private:
  BlendWeights weights_;
  BlendWeights steps_;  // sums of squares, for steps that suit each weight
  MarginTable margin_;
  float rate_ = 0.05F;
};

}  // namespace nf
