#include "core/interest/need_blend.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nf {
namespace {

constexpr float kMarginStrength = 8;  // samples that the untrained margin counts as
constexpr std::size_t kMargin = kExperts, kGap = kExperts + 1, kConstant = kExperts + 2;

constexpr float kLn2 = 0.69314718F;
// Of a float's bits.
constexpr std::uint32_t kThreeQuarters = 0x3f40'0000;
constexpr std::uint32_t kSignAndExponent = 0xff80'0000;

// Of all at once, as the compiler does several of them in the time of one. The logarithm is that of
// a power of two and of what is left between 0.75 and 1.5, by its series in (x - 1) / (x + 1): off
// by less than a millionth.
template <std::size_t kCount>
void to_log_odds(std::array<float, kCount>& odds) {
  for (float& p : odds) {
    const float raised = p > kOddsLeast ? p : kOddsLeast;
    const float held = raised < 1 - kOddsLeast ? raised : 1 - kOddsLeast;
    const auto bits = std::bit_cast<std::uint32_t>(held / (1 - held));
    const std::uint32_t power = (bits - kThreeQuarters) & kSignAndExponent;
    const float rest = std::bit_cast<float>(bits - power);
    const float t = (rest - 1) / (rest + 1), tt = t * t;
    const float series = 2 * t * (1 + tt * (1 / 3.0F + tt * (1 / 5.0F + tt * (1 / 7.0F))));
    p = static_cast<float>(static_cast<std::int32_t>(power) >> 23) * kLn2 + series;
  }
}

float blended(const std::array<float, kBlendInputs>& weights,
              const std::array<float, kBlendInputs>& input) {
  float sum = 0;
  for (std::size_t i = 0; i < kBlendInputs; ++i) sum += weights[i] * input[i];
  return 1 / (1 + std::exp(-sum));
}

float untrained_margin(std::size_t bin) {
  const float gap = (static_cast<float>(bin) + 0.5F) / static_cast<float>(MarginTable::kBins - 1);
  return std::max(0.6F * (1 - gap) * (1 - gap), 0.003F);
}

}  // namespace

// What a regression over a few minutes of movement of a dozen kinds gave, people, cars, karts,
// drones, aircraft and cameras alike: how much each expert is to be believed at each horizon.
BlendWeights untrained_weights() {
  BlendWeights weights;
  weights.of = {{{0.13F, 0.24F, 0.21F, 0.26F, 0.28F, 0.22F, 0.14F, 0.12F, -0.04F, -0.04F},
                 {0.09F, 0.28F, 0.17F, 0.28F, 0.31F, 0.24F, 0.04F, 0.13F, -0.05F, -0.05F},
                 {0.06F, 0.29F, 0.16F, 0.27F, 0.42F, 0.24F, 0.03F, 0.03F, -0.03F, -0.10F},
                 {0.04F, 0.33F, 0.12F, 0.26F, 0.43F, 0.25F, 0.07F, -0.02F, 0.00F, -0.14F},
                 {-0.02F, 0.30F, 0.06F, 0.22F, 0.41F, 0.37F, 0.11F, -0.00F, 0.02F, -0.20F},
                 {-0.02F, 0.34F, 0.03F, 0.21F, 0.38F, 0.35F, 0.14F, -0.01F, 0.02F, -0.26F},
                 {-0.03F, 0.33F, 0.06F, 0.18F, 0.34F, 0.43F, 0.14F, -0.03F, 0.02F, -0.31F},
                 {-0.06F, 0.28F, -0.02F, 0.25F, 0.32F, 0.46F, 0.15F, -0.03F, 0.05F, -0.35F},
                 {-0.13F, 0.21F, 0.01F, 0.28F, 0.27F, 0.46F, 0.17F, -0.01F, 0.04F, -0.39F},
                 {-0.04F, 0.19F, -0.06F, 0.35F, 0.20F, 0.45F, 0.19F, -0.06F, 0.02F, -0.34F}}};
  return weights;
}

NeedBlend::NeedBlend(const BlendWeights& weights) : weights_(weights) {
  for (std::size_t h = 0; h < kHorizons; ++h) {
    for (std::size_t bin = 0; bin < MarginTable::kBins; ++bin) {
      margin_.seen[h][bin] = kMarginStrength;
      margin_.needed[h][bin] = kMarginStrength * untrained_margin(bin);
    }
  }
}

BlendInput NeedBlend::input_of(const NeedOdds& odds, float gap, const Futures& futures,
                               double fast_speed) const {
  constexpr std::size_t kRow = kExperts + 1;  // and the margin
  std::array<float, kHorizons * kRow> all;
  BlendInput input;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    const float covered = static_cast<float>(fast_speed) * futures.seconds[h];
    const float share = covered > 0 ? (gap > 0 ? gap : 0) / covered : 1e9F;
    constexpr auto last = static_cast<float>(MarginTable::kBins - 1);
    const auto bin = static_cast<std::size_t>(std::min(share * last, last));
    input.bin[h] = static_cast<std::uint8_t>(bin);
    const float margin = margin_.needed[h][bin] / margin_.seen[h][bin];
    for (std::size_t e = 0; e < kExperts; ++e) {
      all[h * kRow + e] = odds.has[e] ? odds.until[h][e] : margin;
    }
    all[h * kRow + kMargin] = margin;
    input.of[h][kGap] = std::min(share, 3.0F);
    input.of[h][kConstant] = 1;
  }
  to_log_odds(all);
  for (std::size_t h = 0; h < kHorizons; ++h) {
    std::copy_n(all.begin() + h * kRow, kRow, input.of[h].begin());
  }
  return input;
}

std::array<float, kHorizons> NeedBlend::until(const BlendInput& input) const {
  std::array<float, kHorizons> found;
  float most = 0;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    most = std::max(most, blended(weights_.of[h], input.of[h]));
    found[h] = most;
  }
  return found;
}

// Steps that shrink with what each weight has seen (Duchi, Hazan, Singer, "Adaptive subgradient
// methods", 2011).
void NeedBlend::learn(const BlendInput& input, std::size_t horizon, bool needed) {
  const float error = (needed ? 1.0F : 0.0F) - blended(weights_.of[horizon], input.of[horizon]);
  for (std::size_t i = 0; i < kBlendInputs; ++i) {
    const float slope = error * input.of[horizon][i];
    float& squares = steps_.of[horizon][i];
    squares += slope * slope;
    weights_.of[horizon][i] += rate_ * slope / (1 + std::sqrt(squares));
  }
  const std::size_t bin = input.bin[horizon];
  margin_.seen[horizon][bin] += 1;
  margin_.needed[horizon][bin] += needed ? 1.0F : 0.0F;
}

}  // namespace nf
