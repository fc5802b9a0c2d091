#include "core/interest/need_blend.h"

#include <gtest/gtest.h>

namespace nf {
namespace {

Futures clock_only() {
  Futures futures;
  futures.seconds = kHorizonSeconds;
  return futures;
}

// All experts say `p` at each horizon.
NeedOdds agreed(float p) {
  NeedOdds odds;
  odds.has.fill(true);
  for (auto& horizon : odds.until) horizon.fill(p);
  return odds;
}

constexpr std::size_t kLast = kHorizons - 1;

TEST(NeedBlend, follows_experts_that_agree) {
  const NeedBlend blend;
  const auto sure = blend.until(blend.input_of(agreed(0.99F), 5, clock_only(), 10));
  const auto not_at_all = blend.until(blend.input_of(agreed(0.001F), 60, clock_only(), 10));
  EXPECT_GT(sure[kLast], 0.9F);
  EXPECT_LT(not_at_all[kLast], 0.1F);
}

TEST(NeedBlend, never_falls_from_one_horizon_to_the_next) {
  NeedBlend blend;
  NeedOdds odds = agreed(0.9F);
  odds.until[kLast].fill(0.01F);  // an expert may say so
  const auto until = blend.until(blend.input_of(odds, 5, clock_only(), 10));
  for (std::size_t h = 1; h < kHorizons; ++h) EXPECT_GE(until[h], until[h - 1]);
}

TEST(NeedBlend, goes_by_distance_where_nobody_says_anything) {
  const NeedBlend blend;
  const auto near = blend.until(blend.input_of({}, 1, clock_only(), 10));
  const auto far = blend.until(blend.input_of({}, 70, clock_only(), 10));
  EXPECT_GT(near[kLast], far[kLast]);
}

TEST(NeedBlend, learns_that_experts_are_wrong_here) {
  NeedBlend blend;
  const BlendInput input = blend.input_of(agreed(0.95F), 20, clock_only(), 10);
  const float before = blend.until(input)[kLast];
  for (int i = 0; i < 300; ++i) {
    for (std::size_t h = 0; h < kHorizons; ++h) blend.learn(input, h, false);
  }
  EXPECT_GT(before, 0.8F);
  EXPECT_LT(blend.until(input)[kLast], 0.3F);
}

TEST(NeedBlend, survives_movers_that_do_not_move) {
  const NeedBlend blend;
  for (const float p : blend.until(blend.input_of(agreed(0.5F), 3, clock_only(), 0))) {
    EXPECT_GE(p, 0);
    EXPECT_LE(p, 1);
  }
}

}  // namespace
}  // namespace nf
