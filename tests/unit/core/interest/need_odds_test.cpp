#include "core/interest/need_odds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/prng.h"

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

// It passes by while its spread is narrow, and that counts once the spread is wide.
TEST(NeedOdds, remember_what_came_near_before_it_counted) {
  Futures futures;
  futures.seconds = kHorizonSeconds;
  futures.count = 1;
  futures.expert[0] = Expert::steady;
  futures.weight[0] = 1;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    const float t = kHorizonSeconds[h];
    futures.x[h][0] = 100 * t;
    futures.spread[kSteady][h] = t < 1 ? 0.5F : 4 * t * t;
  }
  const NeedBox beside{.low = {29, 5, -1}, .high = {31, 7, 1}, .reach = 0};
  EXPECT_GT(need_odds(paths_of(futures), beside).until[5][kSteady], 0.2F);  // two seconds
}

// One future after the other and one point of its way after the other.
float odds_one_by_one(const Futures& futures, const NeedBox& box, std::size_t h, Expert expert) {
  float sum = 0;
  for (std::uint32_t i = 0; i < futures.count; ++i) {
    if (futures.expert[i] != expert) continue;
    double nearest = 1e30;
    std::array<double, 3> from{};
    for (std::size_t step = 0; step <= h; ++step) {
      const std::array<double, 3> to{futures.x[step][i], futures.y[step][i], futures.z[step][i]};
      for (int part = 0; part <= 400; ++part) {
        double off = 0;
        for (std::size_t axis = 0; axis < 3; ++axis) {
          const double at = from[axis] + (to[axis] - from[axis]) * part / 400;
          const double low = box.low[axis], high = box.high[axis];
          off += std::pow(std::max({low - at, at - high, 0.0}), 2);
        }
        nearest = std::min(nearest, off);
      }
      from = to;
    }
    const double across = 0.5 * futures.spread[static_cast<std::size_t>(expert)][h];
    const double inward = (box.reach - std::sqrt(nearest)) / across;
    sum += futures.weight[i] * static_cast<float>(0.5 + 0.5 * inward / std::hypot(inward, M_SQRT2));
  }
  return sum;
}

TEST(NeedOdds, agree_with_one_future_after_the_other) {
  Prng prng(5);
  for (int round = 0; round < 60; ++round) {
    Futures futures;
    futures.seconds = kHorizonSeconds;
    futures.count = kFuturesMax;
    std::array<std::uint32_t, kExperts> of{};
    for (std::uint32_t i = 0; i < kFuturesMax; ++i) {
      futures.expert[i] = static_cast<Expert>(i * kExperts / kFuturesMax);
      ++of[static_cast<std::size_t>(futures.expert[i])];
    }
    for (std::uint32_t i = 0; i < kFuturesMax; ++i) {
      futures.weight[i] = 1 / static_cast<float>(of[static_cast<std::size_t>(futures.expert[i])]);
      const double vx = prng.between(-20, 20), vy = prng.between(-20, 20);
      for (std::size_t h = 0; h < kHorizons; ++h) {
        const double t = static_cast<double>(kHorizonSeconds[h]);
        futures.x[h][i] = static_cast<float>(vx * t + prng.between(-1, 1));
        futures.y[h][i] = static_cast<float>(vy * t + prng.between(-1, 1));
      }
    }
    for (auto& expert : futures.spread) {
      const double wide = prng.between(0.1, 4);
      for (std::size_t h = 0; h < kHorizons; ++h) {
        expert[h] = static_cast<float>(wide) * kHorizonSeconds[h];
      }
    }
    const auto x = static_cast<float>(prng.between(-80, 80));
    const auto y = static_cast<float>(prng.between(-80, 80));
    // One that is small, as ways are judged where they pass its middle.
    const NeedBox box{.low = {x, y, -1}, .high = {x + 0.1F, y + 0.1F, 1}, .reach = 10};
    const NeedOdds odds = need_odds(paths_of(futures), box);
    for (std::size_t h = 0; h < kHorizons; ++h) {
      for (std::size_t e = 0; e < kExperts; ++e) {
        const float plain = odds_one_by_one(futures, box, h, static_cast<Expert>(e));
        EXPECT_NEAR(odds.until[h][e], plain, kOddsLeast + 0.002F) << round << ' ' << h << ' ' << e;
      }
    }
  }
}

TEST(NeedOdds, of_an_expert_without_futures_are_nothing) {
  const NeedOdds odds = need_odds(straight(10, 1), ahead(23, 3));
  EXPECT_EQ(odds.until[7][static_cast<std::size_t>(Expert::recalled)], 0);
}

}  // namespace
}  // namespace nf
