#include "core/predict/motion_models.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr auto at(Expert expert) {
  return static_cast<std::size_t>(expert);
}

struct Mover {
  Track track;
  ModelErrors errors;
  double seconds = 0;

  template <class Way>
  void go(double for_seconds, const Way& way) {
    for (const double end = seconds + for_seconds; seconds < end; seconds += 0.1) {
      if (add_sample(track, seconds, way(seconds)) == TrackStep::jumped) forget_forecasts(errors);
      score_models(errors, track, kinematics_of(track), kHorizonSeconds, 0.1);
    }
  }
  float error(Expert expert, std::size_t horizon) const {
    return errors.error[at(expert)][horizon];
  }
};

TEST(MotionModels, go_where_their_names_say) {
  Kinematics motion;
  motion.velocity = {2, 0, 0};
  motion.acceleration = {0, 1, 0};
  motion.turn = {0, 0, 0.5};
  const MotionPaths paths = motion_paths(motion, kHorizonSeconds);
  const std::size_t second = 3;
  ASSERT_EQ(kHorizonSeconds[second], 1);
  EXPECT_EQ(length(paths[at(Expert::standing)].at[second]), 0);
  EXPECT_NEAR(paths[at(Expert::steady)].at[second].x, 2, 1e-9);
  EXPECT_LT(paths[at(Expert::easing)].at[second].x, 2);
  EXPECT_GT(paths[at(Expert::easing)].at[second].x, 1);
  EXPECT_NEAR(paths[at(Expert::speeding)].at[second].y, 0.5, 1e-9);
  // A circle of radius 4: v / w.
  EXPECT_NEAR(paths[at(Expert::turning)].at[second].x, 4 * std::sin(0.5), 1e-9);
  EXPECT_NEAR(paths[at(Expert::turning)].at[second].y, 4 * (1 - std::cos(0.5)), 1e-9);
}

TEST(MotionModels, are_scored_by_what_came) {
  Mover straight;
  straight.go(20, [](double t) { return WorldPosition{10 * t, 0, 0}; });
  EXPECT_LT(straight.error(Expert::steady, 5), 0.1F);
  EXPECT_NEAR(straight.error(Expert::standing, 5), 20, 0.2);
  Mover round;
  round.go(30, [](double t) { return WorldPosition{20 * std::cos(t), 20 * std::sin(t), 0}; });
  EXPECT_LT(round.error(Expert::turning, 5), round.error(Expert::steady, 5) / 3);
}

TEST(MotionModels, hold_nothing_against_anybody_across_a_jump) {
  Mover mover;
  mover.go(10, [](double t) { return WorldPosition{10 * t, 0, 0}; });
  const float before = mover.error(Expert::steady, 5);
  mover.go(10, [](double t) { return WorldPosition{1e6 + 10 * t, 0, 0}; });
  EXPECT_NEAR(mover.error(Expert::steady, 5), before, 0.1);
}

TEST(MotionModels, give_a_future_each_and_a_spread_from_their_errors) {
  Mover mover;
  mover.go(20, [](double t) { return WorldPosition{10 * t, 0, 0}; });
  Futures futures;
  futures.seconds = kHorizonSeconds;
  add_models(futures, motion_paths(kinematics_of(mover.track), kHorizonSeconds), mover.errors, 10);
  ASSERT_EQ(futures.count, kMotionModels);
  EXPECT_NEAR(futures.x[5][at(Expert::steady)], 20, 0.1);
  EXPECT_LT(futures.spread[at(Expert::steady)][5], futures.spread[at(Expert::standing)][5] / 10);
}

}  // namespace
}  // namespace nf
