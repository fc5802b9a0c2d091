// What was learnt of a motion in one frame, as seen from another.
#include <gtest/gtest.h>

#include <cmath>

#include "core/predict/forecast.h"

namespace nf {
namespace {

constexpr Duration kFrame{50'000'000};
constexpr Duration kLookahead{8'000'000'000};

// A ship that flies along x, and one who walks forward in it.
constexpr WorldVector kShip{100, 0, 0};
constexpr WorldVector kWalk{2, 0, 0};

struct Walk {
  MotionHistory in_ship, in_root;
  Time now{1'000'000'000};
  double seconds = 0;

  WorldPosition ship() const { return WorldPosition{5000, 300, 0} + kShip * seconds; }
  WorldPosition aboard() const { return WorldPosition{1, 2, 3} + kWalk * seconds; }
  MovingPose way() const { return {.pose = {ship(), {}}, .velocity = kShip, .spin = {}}; }
  void step() {
    now = now + kFrame;
    seconds += kFrame.seconds();
    observe(in_ship, {.at = now, .position = aboard(), .velocity = kWalk});
    observe(in_root, root_sample());
  }
  MotionSample root_sample() const {
    return {.at = now, .position = to_outer(way().pose, aboard()), .velocity = kShip + kWalk};
  }
};

TEST(Reframe, makes_of_a_walk_in_a_ship_the_flight_that_it_is_outside) {
  Walk walk;
  for (int i = 0; i < 100; ++i) walk.step();
  reframe(walk.in_ship, walk.way(), walk.now);
  const Forecast seen = forecast_motion(walk.in_ship, walk.now, kLookahead);
  const Forecast known = forecast_motion(walk.in_root, walk.now, kLookahead);
  ASSERT_EQ(seen.piece_count, known.piece_count);
  for (std::uint32_t i = 0; i < seen.piece_count; ++i) {
    EXPECT_LT(length(seen.pieces[i].start - known.pieces[i].start), 1e-6);
    EXPECT_LT(length(seen.pieces[i].velocity - known.pieces[i].velocity), 1e-9);
  }
}

TEST(Reframe, takes_the_past_to_where_it_was_then) {
  Walk walk;
  for (int i = 0; i < 100; ++i) walk.step();
  reframe(walk.in_ship, walk.way(), walk.now);
  // What falls due now was foretold before the frames changed.
  for (int i = 0; i < 40; ++i) {
    walk.now = walk.now + kFrame;
    walk.seconds += kFrame.seconds();
    observe(walk.in_ship, walk.root_sample());
    observe(walk.in_root, walk.root_sample());
  }
  for (std::size_t i = 0; i < MotionHistory::kHorizons; ++i) {
    EXPECT_NEAR(walk.in_ship.error_moving[i], walk.in_root.error_moving[i], 1e-3) << i;
  }
}

TEST(Reframe, foretells_in_a_ship_what_is_foretold_outside) {
  Walk walk;
  for (int i = 0; i < 100; ++i) walk.step();
  const Forecast outside = forecast_motion(walk.in_root, walk.now, kLookahead);
  const Forecast inside = reframed(outside, inverse(walk.way()), walk.now);
  const ForecastPiece& moving = inside.pieces[inside.piece_count - 1];
  EXPECT_LT(length(moving.start - walk.aboard()), 1e-6);
  EXPECT_LT(length(moving.velocity - kWalk), 1e-9);
  EXPECT_EQ(moving.spread_rate, outside.pieces[inside.piece_count - 1].spread_rate);
}

TEST(Reframe, starts_a_later_piece_where_the_frame_will_be_then) {
  Walk walk;
  walk.step();
  Forecast later;
  later.piece_count = 1;
  later.pieces[0] = {.from = walk.now + Duration{2'000'000'000},
                     .length = kLookahead,
                     .start = {1, 0, 0},
                     .velocity = {}};
  const ForecastPiece seen = reframed(later, walk.way(), walk.now).pieces[0];
  EXPECT_LT(length(seen.start - (walk.ship() + WorldVector{1, 0, 0} + kShip * 2)), 1e-6);
}

TEST(Reframe, widens_what_a_turning_frame_bends) {
  const MovingPose turning{.pose = {}, .velocity = {}, .spin = {0, 0, 0.1}};
  Forecast still;
  still.piece_count = 1;
  still.pieces[0] = {.from = Time{0}, .length = kLookahead, .start = {1000, 0, 0}, .velocity = {}};
  const ForecastPiece seen = reframed(still, turning, Time{0}).pieces[0];
  EXPECT_LT(length(seen.velocity - WorldVector{0, 100, 0}), 1e-9);
  // Along the chord of the circle that it is on, at any time the line is no further off than that.
  for (double t = 0; t <= 8; t += 0.5) {
    const WorldVector real{1000 * std::cos(0.1 * t), 1000 * std::sin(0.1 * t), 0};
    const WorldVector line = from_origin(seen.start) + seen.velocity * t;
    EXPECT_LE(length(real - line), seen.spread + seen.spread_rate * t + 1e-9) << t;
  }
}

}  // namespace
}  // namespace nf
