#include "tools/predict/blend_fit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nf::predict {
namespace {

constexpr std::size_t kConstant = kBlendInputs - 1, kStanding = 0, kSteady = 1;

Workers workers_of(unsigned threads) {
  return {threads, [] { return true; }};
}

// In every group the first expert says nothing of use, the second the truth; `lies` turns both.
std::vector<Outcome> outcomes_of(std::uint32_t groups, std::uint32_t each, bool lies) {
  std::vector<Outcome> outcomes;
  Prng chance(5);
  for (std::uint32_t group = 0; group < groups; ++group) {
    for (std::uint32_t i = 0; i < each; ++i) {
      const bool needed = chance.chance(0.4);
      Outcome one{.input = {}, .came = {}, .group = group};
      for (std::size_t h = 0; h < kHorizons; ++h) {
        one.input.of[h][kConstant] = 1;
        one.input.of[h][kStanding] = static_cast<float>(chance.between(-2, 2));
        const bool said = chance.chance(0.9) ? needed : !needed;
        one.input.of[h][kSteady] = said == lies ? -2.0F : 2.0F;
        one.came[h] = needed ? Came::needed : Came::unneeded;
      }
      outcomes.push_back(one);
    }
  }
  return outcomes;
}

TEST(BlendFit, believes_who_tells_the_truth) {
  Workers workers = workers_of(1);
  const BlendFit fit = fit_blend(outcomes_of(4, 2000, false), 4, workers);
  for (std::size_t h = 0; h < kHorizons; ++h) {
    EXPECT_NEAR(fit.weights.of[h][kSteady], std::log(0.9 / 0.1) / 2, 0.15);
    EXPECT_NEAR(fit.weights.of[h][kStanding], 0, 0.1);
  }
  EXPECT_LT(fit.loss, fit.loss_untrained);
}

TEST(BlendFit, turns_who_always_lies) {
  Workers workers = workers_of(1);
  const BlendFit fit = fit_blend(outcomes_of(4, 2000, true), 4, workers);
  EXPECT_LT(fit.weights.of[0][kSteady], -0.5F);
}

TEST(BlendFit, stays_as_it_was_where_groups_contradict_each_other) {
  std::vector<Outcome> outcomes;
  for (std::uint32_t group = 0; group < 4; ++group) {
    for (Outcome one : outcomes_of(1, 1500, group % 2 == 1)) {
      one.group = group;
      // Who was believed before is of no more use either.
      outcomes.push_back(one);
    }
  }
  Workers workers = workers_of(1);
  const BlendFit fit = fit_blend(outcomes, 4, workers);
  EXPECT_LE(fit.loss, fit.loss_untrained);
}

TEST(BlendFit, learns_nothing_from_one_group_or_none) {
  Workers workers = workers_of(1);
  EXPECT_EQ(fit_blend(outcomes_of(1, 500, false), 1, workers).weights.of, untrained_weights().of);
  EXPECT_EQ(fit_blend({}, 0, workers).weights.of, untrained_weights().of);
}

TEST(BlendFit, leaves_out_what_nobody_knows) {
  std::vector<Outcome> outcomes = outcomes_of(4, 500, false);
  for (Outcome& one : outcomes) one.came.fill(Came::unknown);
  Workers workers = workers_of(1);
  EXPECT_EQ(fit_blend(outcomes, 4, workers).weights.of, untrained_weights().of);
}

TEST(BlendFit, is_the_same_for_any_number_of_threads) {
  const std::vector<Outcome> outcomes = outcomes_of(3, 400, false);
  Workers one = workers_of(1), four = workers_of(4);
  EXPECT_EQ(fit_blend(outcomes, 3, one).weights.of, fit_blend(outcomes, 3, four).weights.of);
}

TEST(BlendFit, says_that_it_was_stopped) {
  Workers workers(2, [] { return false; });
  EXPECT_TRUE(fit_blend(outcomes_of(2, 50, false), 2, workers).stopped);
}

}  // namespace
}  // namespace nf::predict
