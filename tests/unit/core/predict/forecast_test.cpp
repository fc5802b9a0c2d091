#include "core/predict/forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/base/prng.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr Duration kLookahead{8'000'000'000};
constexpr double kFrameSeconds = 1.0 / 60;

MotionSample sample_at(double seconds, WorldPosition position, WorldVector velocity = {}) {
  return {.at = Time{1'000'000'000} + Duration::from_seconds(seconds),
          .position = position,
          .velocity = velocity};
}

// Samples a path at 60 Hz; its velocity is stated only if asked for.
struct Ride {
  MotionHistory history;
  double seconds = 0;
  WorldPosition position;

  void go(double for_seconds, WorldVector velocity, bool stated = true) {
    for (double end = seconds + for_seconds; seconds < end;) {
      seconds += kFrameSeconds;
      position = position + velocity * kFrameSeconds;
      observe(history, sample_at(seconds, position, stated ? velocity : WorldVector{}));
    }
  }
  double horizon() const { return confidence_horizon(history, kLookahead).seconds(); }
  Forecast forecast() const {
    return forecast_motion(history, sample_at(seconds, {}).at, kLookahead);
  }
};

bool all_finite(const MotionHistory& history) {
  for (std::size_t i = 0; i < MotionHistory::kHorizons; ++i) {
    if (!std::isfinite(history.error_moving[i]) || !std::isfinite(history.error_standing[i])) {
      return false;
    }
  }
  return usable(history.latest.position) && std::isfinite(length(history.latest.velocity));
}

TEST(Forecast, says_nothing_of_one_never_seen) {
  EXPECT_EQ(forecast_motion({}, Time{5}, kLookahead).piece_count, 0u);
}

TEST(Forecast, of_one_who_stands_is_to_stand_there_for_the_lookahead) {
  Ride ride;
  ride.position = {1, 2, 3};
  ride.go(3, {});
  const Forecast forecast = ride.forecast();
  ASSERT_EQ(forecast.piece_count, 1u);
  const ForecastPiece& piece = forecast.pieces[0];
  EXPECT_EQ(piece.probability, 1);
  EXPECT_EQ(piece.length, kLookahead);
  EXPECT_EQ(length(piece.velocity), 0);
  EXPECT_LT(length(piece.start - ride.position), 1e-12);
  EXPECT_GT(piece.spread, 0);
  EXPECT_LT(piece.spread, 1);
}

TEST(Forecast, begins_with_a_horizon_of_one_second) {
  MotionHistory history;
  observe(history, sample_at(0, {}, {10, 0, 0}));
  EXPECT_DOUBLE_EQ(confidence_horizon(history, kLookahead).seconds(), 1);
  EXPECT_EQ(confidence_horizon(history, Duration{1000}).ns, 1000);
  EXPECT_EQ(forecast_motion(history, Time{0}, kLookahead).piece_count, 2u);
}

TEST(Forecast, trusts_a_straight_flight_for_the_whole_lookahead) {
  Ride ride;
  ride.go(8, {250, 0, 0});
  EXPECT_EQ(ride.horizon(), kLookahead.seconds());
  const Forecast forecast = ride.forecast();
  ASSERT_EQ(forecast.piece_count, 2u);
  const ForecastPiece& moving = forecast.pieces[1];
  EXPECT_DOUBLE_EQ(moving.velocity.x, 250);
  EXPECT_GT(moving.probability, 0.9f);
  EXPECT_LT(moving.spread_rate, 25);
}

TEST(Forecast, extends_the_horizon_as_constant_velocity_proves_itself) {
  Ride ride;
  double before = 0;
  for (const double until : {0.5, 2.0, 3.5, 6.0}) {
    ride.go(until - ride.seconds, {20, 0, 0});
    EXPECT_GE(ride.horizon(), before);
    before = ride.horizon();
  }
  EXPECT_EQ(before, kLookahead.seconds());
}

TEST(Forecast, trusts_little_in_one_who_darts_about) {
  Ride ride;
  Prng prng(1);
  for (int i = 0; i < 100; ++i) {
    const double angle = prng.between(0, 6.28);
    ride.go(0.3, {6 * std::cos(angle), 6 * std::sin(angle), 0});
  }
  EXPECT_LE(ride.horizon(), 0.5);
}

TEST(Forecast, measures_both_errors_of_a_turning_observer) {
  MotionHistory history;
  const double radius = 50, turn = 0.5;  // metres, radians a second
  for (double t = 0; t < 20; t += kFrameSeconds) {
    const double angle = turn * t;
    observe(history,
            sample_at(t, {radius * std::cos(angle), radius * std::sin(angle), 0},
                      {-radius * turn * std::sin(angle), radius * turn * std::cos(angle), 0}));
  }
  for (std::size_t i = 0; i < MotionHistory::kHorizons; ++i) {
    const double h = MotionHistory::kHorizonSeconds[i], angle = turn * h;
    const double standing = 2 * radius * std::sin(angle / 2);
    const double moving = radius * std::hypot(std::cos(angle) - 1, std::sin(angle) - angle);
    EXPECT_NEAR(static_cast<double>(history.error_standing[i]), standing, 0.02 * standing + 0.02);
    EXPECT_NEAR(static_cast<double>(history.error_moving[i]), moving, 0.05 * moving + 0.05);
    EXPECT_GT(history.trials[i], 50u);
  }
}

TEST(Forecast, covers_what_happens_with_its_spread) {
  MotionHistory history;
  const double radius = 500, turn = 0.2;
  int within = 0, forecasts = 0;
  Forecast pending;
  double due = 0;
  for (double t = 0; t < 60; t += kFrameSeconds) {
    const double angle = turn * t;
    const WorldPosition at{radius * std::cos(angle), radius * std::sin(angle), 0};
    observe(
        history,
        sample_at(t, at, {-radius * turn * std::sin(angle), radius * turn * std::cos(angle), 0}));
    if (t >= due && pending.piece_count == 2) {
      const ForecastPiece& piece = pending.pieces[1];
      const double seconds = piece.length.seconds();
      const WorldVector off = at - (piece.start + piece.velocity * seconds);
      ++forecasts;
      within += length(off) <= 1.1 * (piece.spread + piece.spread_rate * seconds);
      pending.piece_count = 0;
    }
    if (t > 10 && pending.piece_count == 0) {
      pending = forecast_motion(history, sample_at(t, {}).at, kLookahead);
      ASSERT_EQ(pending.piece_count, 2u);
      due = t + pending.pieces[1].length.seconds();
    }
  }
  EXPECT_GT(forecasts, 5);
  EXPECT_EQ(within, forecasts);
}

TEST(Forecast, measures_the_velocity_that_the_engine_does_not_state) {
  Ride ride;
  ride.go(6, {0, 30, 0}, false);
  EXPECT_NEAR(ride.history.latest.velocity.y, 30, 0.01);
  EXPECT_EQ(ride.horizon(), kLookahead.seconds());
  ride.go(1, {0, 0, 0}, false);
  EXPECT_EQ(length(ride.history.latest.velocity), 0);
  EXPECT_EQ(ride.forecast().piece_count, 1u);
}

TEST(Forecast, learns_a_great_speed_that_was_never_stated) {
  Ride ride;
  ride.go(6, {5e4, 0, 0}, false);
  EXPECT_NEAR(ride.history.latest.velocity.x, 5e4, 1);
  EXPECT_GT(ride.horizon(), 4);
}

TEST(Forecast, forgets_after_a_teleport) {
  Ride ride;
  ride.go(8, {20, 0, 0});
  ride.position = ride.position + WorldVector{5000, 0, 0};
  ride.go(kFrameSeconds, {20, 0, 0});
  EXPECT_EQ(ride.history.sample_count, 1u);
  for (const std::uint32_t trials : ride.history.trials) EXPECT_EQ(trials, 0u);
  EXPECT_DOUBLE_EQ(ride.horizon(), 1);
}

TEST(Forecast, does_not_take_a_teleport_for_a_speed) {
  Ride ride;
  ride.go(2, {3, 0, 0}, false);
  ride.position = ride.position + WorldVector{0, 400, 0};
  ride.go(kFrameSeconds, {3, 0, 0}, false);
  EXPECT_EQ(length(ride.history.latest.velocity), 0);
  ride.go(1, {3, 0, 0}, false);
  EXPECT_NEAR(ride.history.latest.velocity.x, 3, 0.01);
  EXPECT_NEAR(ride.history.latest.velocity.y, 0, 0.01);
}

TEST(Forecast, scores_nothing_across_a_long_silence) {
  Ride ride;
  ride.go(8, {20, 0, 0});
  const std::array<float, MotionHistory::kHorizons> errors = ride.history.error_moving;
  const auto trials = ride.history.trials;
  ride.seconds += 30;  // the game was paused, the observer drifted a little
  ride.position = ride.position + WorldVector{0, 5, 0};
  ride.go(kFrameSeconds, {20, 0, 0});
  EXPECT_EQ(ride.history.error_moving, errors);
  EXPECT_EQ(ride.history.trials, trials);
}

TEST(Forecast, bridges_missing_samples) {
  MotionHistory steady, gappy;
  Prng prng(2);
  for (double t = 0; t < 20; t += kFrameSeconds) {
    const MotionSample sample = sample_at(t, {30 * t, 0, 0}, {30, 0, 0});
    observe(steady, sample);
    if (prng.chance(0.2)) observe(gappy, sample);
  }
  EXPECT_EQ(confidence_horizon(gappy, kLookahead), confidence_horizon(steady, kLookahead));
  for (const float error : gappy.error_moving) EXPECT_LT(error, 0.01f);
}

TEST(Forecast, does_not_depend_on_the_rate_of_samples) {
  for (const double hertz : {2.0, 10.0, 30.0, 144.0, 1000.0}) {
    MotionHistory history;
    for (double t = 0; t < 20; t += 1 / hertz) {
      observe(history, sample_at(t, {30 * t, std::sin(t), 0}, {30, std::cos(t), 0}));
    }
    EXPECT_EQ(confidence_horizon(history, kLookahead).seconds(), 8) << hertz;
  }
}

TEST(Forecast, ignores_time_that_runs_backwards) {
  Ride ride;
  ride.go(3, {20, 0, 0});
  const MotionSample latest = ride.history.latest;
  observe(ride.history, sample_at(1, {7, 7, 7}, {1, 1, 1}));
  EXPECT_EQ(ride.history.latest.at, latest.at);
  EXPECT_EQ(ride.history.latest.position.x, latest.position.x);
}

TEST(Forecast, takes_the_last_of_several_samples_of_one_moment) {
  Ride ride;
  ride.go(3, {20, 0, 0});
  const auto trials = ride.history.trials;
  for (int i = 0; i < 100; ++i) {
    observe(ride.history,
            sample_at(ride.seconds, ride.position + WorldVector{0.1, 0, 0}, {20, 0, 0}));
  }
  EXPECT_EQ(ride.history.trials, trials);
  EXPECT_NEAR(ride.history.latest.position.x, ride.position.x + 0.1, 1e-9);
  EXPECT_TRUE(all_finite(ride.history));
}

TEST(Forecast, survives_any_numbers_at_all) {
  Prng prng(3);
  const double odd[] = {NAN,   INFINITY, -INFINITY, 0,    -0.0, 1e300, -1e300, 1e20,
                        -1e20, 1e-300,   5e-324,    1e18, 1,    -1,    1e13};
  const std::int64_t times[] = {
      INT64_MIN, INT64_MIN + 1, -1, 0, 1, 1'000'000'000, INT64_MAX - 20'000'000'000};
  for (int trial = 0; trial < 200; ++trial) {
    MotionHistory history;
    for (int i = 0; i < 200; ++i) {
      const auto number = [&] {
        return prng.chance(0.3) ? odd[prng.below(std::size(odd))] : prng.between(-100, 100);
      };
      const std::int64_t at = prng.chance(0.02) ? times[prng.below(std::size(times))]
                                                : static_cast<std::int64_t>(i) * 50'000'000;
      observe(history, {.at = Time{at},
                        .position = {number(), number(), number()},
                        .velocity = {number(), number(), number()}});
      ASSERT_TRUE(all_finite(history)) << trial;
      const Forecast forecast = forecast_motion(history, Time{at < 0 ? 0 : at}, kLookahead);
      ASSERT_LE(forecast.piece_count, 2u);
      for (const ForecastPiece& piece : forecast.view()) {
        ASSERT_TRUE(std::isfinite(piece.spread) && std::isfinite(piece.spread_rate));
        ASSERT_GE(piece.length.ns, 0);
        ASSERT_LE(piece.length, kLookahead);
        ASSERT_TRUE(piece.probability > 0 && piece.probability <= 1);
      }
    }
  }
}

}  // namespace
}  // namespace nf
