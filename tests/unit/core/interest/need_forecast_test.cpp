#include "core/interest/need_forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nf {
namespace {

constexpr std::size_t kTwoSeconds = 5, kLast = kHorizons - 1;

NeedPlace around(WorldPosition middle, double reach) {
  return {.low = {middle.x - 1, middle.y - 1, middle.z - 1},
          .high = {middle.x + 1, middle.y + 1, middle.z + 1},
          .reach = reach};
}

struct Rider {
  NeedForecast forecast{NeedForecastOptions{}};
  double seconds = 0;

  template <class Way>
  void go(double for_seconds, const Way& way) {
    for (const double end = seconds + for_seconds; seconds < end; seconds += 0.1) {
      forecast.observe(seconds, way(seconds));
    }
  }
};

WorldPosition straight(double seconds) {
  return {10 * seconds, 0, 0};
}

TEST(NeedForecast, wants_what_lies_ahead_and_not_what_lies_behind) {
  Rider rider;
  rider.go(20, straight);
  const WorldPosition here = straight(rider.seconds - 0.1);
  const auto ahead = rider.forecast.until(around({here.x + 20, 0, 0}, 5));
  const auto behind = rider.forecast.until(around({here.x - 20, 0, 0}, 5));
  EXPECT_GT(ahead[kLast], 0.9F);
  EXPECT_LT(behind[kLast], 0.2F);
  EXPECT_LT(ahead[2], ahead[kTwoSeconds]);
}

TEST(NeedForecast, reaches_what_is_ahead_and_not_what_is_far_off) {
  Rider rider;
  rider.go(20, straight);
  const WorldPosition here = straight(rider.seconds - 0.1);
  EXPECT_TRUE(rider.forecast.may_reach(around({here.x + 60, 0, 0}, 5)));
  EXPECT_FALSE(rider.forecast.may_reach(around({here.x, 5000, 0}, 5)));
}

TEST(NeedForecast, is_the_same_for_the_same_moves) {
  Rider one, other;
  const auto way = [](double t) {
    return WorldPosition{20 * std::cos(t / 3), 20 * std::sin(t / 3), 0};
  };
  one.go(30, way);
  other.go(30, way);
  for (int i = 0; i < 50; ++i) {
    const NeedPlace place = around({-40.0 + 2 * i, 15, 0}, 4);
    EXPECT_EQ(one.forecast.until(place), other.forecast.until(place));
  }
}

TEST(NeedForecast, starts_to_walk_after_a_long_rest) {
  Rider rider;
  rider.go(5, [](double) { return WorldPosition{}; });
  const auto walk = [](double t) { return WorldPosition{3 * (t - 5), 0, 0}; };
  rider.go(5, walk);
  const WorldPosition here = walk(rider.seconds - 0.1);
  EXPECT_NEAR(rider.forecast.track().fast_speed, 3, 1.6);
  EXPECT_GT(rider.forecast.until(around({here.x + 8, 0, 0}, 3))[kLast], 0.5F);
}

// Round and round, then the same on another map: who was seen there knows how to turn here.
// It has nothing to say of that place, so that what distance says stands for it.
bool is_silent(const NeedForecast& forecast, Expert expert, WorldPosition place) {
  const BlendInput input = forecast.input(around(place, 3));
  return input.of[kLast][static_cast<std::size_t>(expert)] == input.of[kLast][kExperts];
}

WorldPosition circle(double seconds) {
  return {20 * std::cos(seconds / 4), 20 * std::sin(seconds / 4), 0};
}

TEST(NeedForecast, knows_on_another_map_how_it_moves_but_no_places) {
  Rider rider;
  rider.go(60, circle);
  const auto ahead = [&] { return circle(rider.seconds - 0.1 + 4); };
  ASSERT_FALSE(is_silent(rider.forecast, Expert::revisited, ahead()));
  const BlendWeights learnt = rider.forecast.blend().weights();
  rider.forecast.enter_map(5);
  EXPECT_EQ(rider.forecast.blend().weights().of, learnt.of);
  EXPECT_EQ(rider.forecast.track().fast_speed, 5);
  rider.go(2, circle);  // where it was on the other map
  EXPECT_TRUE(is_silent(rider.forecast, Expert::revisited, ahead()));
  EXPECT_FALSE(is_silent(rider.forecast, Expert::recalled, ahead()));
  EXPECT_GT(rider.forecast.until(around(ahead(), 3))[kLast], 0.5F);
}

TEST(NeedForecast, recalls_nothing_of_a_mover_that_was_much_slower) {
  Rider rider;
  rider.go(60, circle);
  rider.forecast.enter_map(5000);
  const auto fast = [](double t) { return WorldPosition{5000 * t, 0, 0}; };
  rider.go(0.25, fast);
  EXPECT_TRUE(is_silent(rider.forecast, Expert::recalled, fast(rider.seconds + 2)));
  rider.go(2, fast);
  const WorldPosition ahead = fast(rider.seconds - 0.1 + 2);
  EXPECT_GT(rider.forecast.until(around(ahead, 3000))[kLast], 0.5F);
}

TEST(NeedForecast, says_nothing_of_another_map_before_it_is_there) {
  Rider rider;
  rider.go(60, circle);
  const WorldPosition ahead = circle(rider.seconds - 0.1 + 4);
  rider.forecast.enter_map(5);
  for (std::size_t e = 0; e < kExperts; ++e) {
    EXPECT_TRUE(is_silent(rider.forecast, static_cast<Expert>(e), ahead)) << e;
  }
}

TEST(NeedForecast, lives_through_jumps_pauses_and_numbers_that_are_none) {
  Rider rider;
  rider.go(5, straight);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  rider.forecast.observe(rider.seconds, {nan, 0, 0});
  rider.forecast.observe(nan, {});
  rider.forecast.observe(-1e9, {});
  rider.seconds += 100;
  rider.go(5, [](double t) { return WorldPosition{1e9 + 10 * t, 0, 0}; });
  for (const float p : rider.forecast.until(around({1e9 + 1150, 0, 0}, 5))) {
    EXPECT_TRUE(std::isfinite(p));
    EXPECT_GE(p, 0);
    EXPECT_LE(p, 1);
  }
}

}  // namespace
}  // namespace nf
