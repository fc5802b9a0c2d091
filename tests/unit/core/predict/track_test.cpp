#include "core/predict/track.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/world/vector_math.h"

namespace nf {
namespace {

// Ten samples a second along `way`, for so long.
template <class Way>
Track tracked(double seconds, const Way& way) {
  Track track;
  for (int i = 0; i <= static_cast<int>(seconds * 10); ++i) {
    add_sample(track, 100 + 0.1 * i, way(0.1 * i));
  }
  return track;
}

TEST(Track, tells_where_it_was_between_samples) {
  const Track track = tracked(3, [](double t) { return WorldPosition{10 * t, 1, -2 * t}; });
  const WorldPosition then = position_ago(track, 1.25);
  EXPECT_NEAR(then.x, 17.5, 1e-9);
  EXPECT_NEAR(then.y, 1, 1e-9);
  EXPECT_NEAR(then.z, -3.5, 1e-9);
  EXPECT_NEAR(position_ago(track, 1e9).x, 0, 1e-9);
  EXPECT_NEAR(seconds_kept(track), 3, 1e-9);
}

TEST(Track, knows_the_velocity_of_a_straight_way_at_any_scale) {
  for (const double speed : {1e-3, 1.0, 1e6}) {
    const Track track = tracked(4, [&](double t) { return WorldPosition{speed * t, 0, 0}; });
    const Kinematics motion = kinematics_of(track);
    EXPECT_NEAR(motion.velocity.x / speed, 1, 1e-6) << speed;
    EXPECT_NEAR(motion.velocity_slow.x / speed, 1, 1e-6) << speed;
    EXPECT_LT(length(motion.acceleration), 1e-6 * speed) << speed;
    EXPECT_NEAR(track.fast_speed / speed, 1, 0.05) << speed;
  }
}

TEST(Track, sees_a_turn_and_an_acceleration) {
  const Track circle =
      tracked(5, [](double t) { return WorldPosition{std::cos(t / 2), std::sin(t / 2), 0}; });
  EXPECT_NEAR(kinematics_of(circle).turn.z, 0.5, 0.02);
  const Track faster = tracked(5, [](double t) { return WorldPosition{3 * t * t / 2, 0, 0}; });
  EXPECT_NEAR(kinematics_of(faster).acceleration.x, 3, 0.05);
  EXPECT_LT(length(kinematics_of(faster).turn), 1e-6);
}

TEST(Track, forgets_what_was_before_a_jump_but_not_how_fast_it_is) {
  Track track = tracked(4, [](double t) { return WorldPosition{5 * t, 0, 0}; });
  EXPECT_EQ(add_sample(track, 104.1, {1000, 0, 0}), TrackStep::jumped);
  EXPECT_EQ(seconds_kept(track), 0);
  EXPECT_NEAR(track.fast_speed, 5, 0.5);
  EXPECT_EQ(length(kinematics_of(track).velocity), 0);
  EXPECT_EQ(add_sample(track, 104.2, {1000.5, 0, 0}), TrackStep::moved);
}

TEST(Track, takes_a_second_jump_in_a_row_for_motion) {
  Track track = tracked(4, [](double t) { return WorldPosition{0.001 * t, 0, 0}; });
  EXPECT_EQ(add_sample(track, 104.1, {0.5, 0, 0}), TrackStep::jumped);
  EXPECT_EQ(add_sample(track, 104.2, {1, 0, 0}), TrackStep::moved);
  EXPECT_EQ(add_sample(track, 104.3, {1.5, 0, 0}), TrackStep::moved);
  EXPECT_GT(track.fast_speed, 2);
}

TEST(Track, takes_a_long_silence_for_a_new_beginning) {
  Track track = tracked(4, [](double t) { return WorldPosition{5 * t, 0, 0}; });
  EXPECT_EQ(add_sample(track, 120, {20, 0, 0}), TrackStep::jumped);
}

TEST(Track, ignores_what_is_no_sample) {
  Track track = tracked(1, [](double t) { return WorldPosition{t, 0, 0}; });
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(add_sample(track, 102, {nan, 0, 0}), TrackStep::ignored);
  EXPECT_EQ(add_sample(track, 102, {0, infinity, 0}), TrackStep::ignored);
  EXPECT_EQ(add_sample(track, nan, {1, 0, 0}), TrackStep::ignored);
  EXPECT_EQ(add_sample(track, infinity, {1, 0, 0}), TrackStep::ignored);
  EXPECT_EQ(add_sample(track, 101, {1, 0, 0}), TrackStep::ignored);  // not later
  EXPECT_EQ(add_sample(track, 50, {1, 0, 0}), TrackStep::ignored);
  EXPECT_NEAR(track.latest.x, 1, 1e-9);
}

TEST(Track, of_one_who_stands_has_no_direction) {
  const Track track = tracked(3, [](double) { return WorldPosition{7, 7, 7}; });
  const Kinematics motion = kinematics_of(track);
  EXPECT_EQ(length(motion.velocity), 0);
  EXPECT_EQ(length(motion.turn), 0);
  EXPECT_EQ(track.fast_speed, 0);
}

}  // namespace
}  // namespace nf
