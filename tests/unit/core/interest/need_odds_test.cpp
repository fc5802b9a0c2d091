#include "core/interest/need_odds.h"

#include <gtest/gtest.h>

namespace nf {
namespace {

NeedPaths straight(float speed, float spread) {
  Futures futures;
  futures.seconds = kHorizonSeconds;
  futures.count = 1;
  futures.expert[0] = Expert::steady;
  futures.weight[0] = 1;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    futures.x[h][0] = speed * kHorizonSeconds[h];
    for (auto& expert : futures.spread) expert[h] = spread;
  }
  return paths_of(futures);
}

constexpr auto kSteady = static_cast<std::size_t>(Expert::steady);

NeedBox ahead(float near, float reach) {
  return {.low = {near, -1, -1}, .high = {near + 2, 1, 1}, .reach = reach};
}

TEST(NeedOdds, gap_is_the_distance_to_the_reach) {
  EXPECT_FLOAT_EQ(gap_of(ahead(10, 3)), 7);
  EXPECT_LE(gap_of(ahead(2, 3)), 0);
  EXPECT_LT(gap_of({.low = {-1, -1, -1}, .high = {1, 1, 1}, .reach = 0}), 1e-6F);
}

TEST(NeedOdds, rise_when_the_way_leads_there) {
  const NeedOdds odds = need_odds(straight(10, 0.5F), ahead(23, 3));  // reached after two seconds
  EXPECT_LT(odds.until[3][kSteady], 0.05F);                           // one second
  EXPECT_NEAR(odds.until[5][kSteady], 0.5F, 0.05F);
  EXPECT_GT(odds.until[7][kSteady], 0.95F);  // four
}

TEST(NeedOdds, do_not_fall_once_it_went_by) {
  const NeedOdds odds = need_odds(straight(10, 0.5F), ahead(10, 1));
  EXPECT_GT(odds.until[kHorizons - 1][kSteady], 0.95F);
}

TEST(NeedOdds, are_softer_where_the_spread_is_wide) {
  const NeedBox box = ahead(23, 3);
  EXPECT_GT(need_odds(straight(10, 20), box).until[3][kSteady],
            need_odds(straight(10, 0.5F), box).until[3][kSteady]);
  EXPECT_LT(need_odds(straight(10, 20), box).until[7][kSteady],
            need_odds(straight(10, 0.5F), box).until[7][kSteady]);
}

TEST(NeedOdds, of_an_expert_without_futures_are_nothing) {
  const NeedOdds odds = need_odds(straight(10, 1), ahead(23, 3));
  EXPECT_EQ(odds.until[7][static_cast<std::size_t>(Expert::recalled)], 0);
}

}  // namespace
}  // namespace nf
