#include "core/predict/learnt_ways.h"

#include <gtest/gtest.h>

#include "core/predict/recall.h"

namespace nf {
namespace {

// Came straight at the fast speed; goes on so and turns left after two seconds, or right.
LearntMoment moment(float speed, float left) {
  LearntMoment made;
  for (std::size_t i = 0; i < kWayPoints; ++i) {
    made.way[3 * i] = speed * static_cast<float>(kWaySpacings[i] * kLearntSpacing);
  }
  for (std::size_t h = 0; h < kHorizons; ++h) {
    made.after[3 * h] = speed * kHorizonSeconds[h];
    made.after[3 * h + 1] = left * kHorizonSeconds[h];
  }
  return made;
}

TEST(LearntWays, finds_those_that_are_most_alike_nearest_first) {
  std::vector<LearntMoment> moments;
  for (int i = 0; i < 21; ++i) moments.push_back(moment(0.1F * static_cast<float>(i), 0));
  const LearntWays ways(moments);
  ASSERT_EQ(ways.size(), 21u);
  std::array<LearntWays::Near, 3> near;
  ASSERT_EQ(ways.find_nearest(moment(1.01F, 0).way, near), 3u);
  EXPECT_EQ(near[0].moment, 10u);
  EXPECT_EQ(near[1].moment, 11u);
  EXPECT_EQ(near[2].moment, 9u);
  EXPECT_LE(near[0].distance, near[1].distance);
}

TEST(LearntWays, finds_no_more_than_there_are) {
  std::array<LearntWays::Near, 4> near;
  EXPECT_EQ(LearntWays().find_nearest({}, near), 0u);
  const std::vector<LearntMoment> one = {moment(1, 0)};
  EXPECT_EQ(LearntWays(one).find_nearest({}, near), 1u);
  EXPECT_EQ(LearntWays(one).find_nearest({}, {}), 0u);
}

TEST(LearntWays, know_what_came_between_horizons_and_beyond_them) {
  const std::vector<LearntMoment> one = {moment(1, 0.5F)};
  const LearntWays ways(one);
  for (const double seconds : {0.0, 0.1, 0.2, 2.5, 8.0, 10.0}) {
    EXPECT_NEAR(ways.came_after(0, seconds).x, seconds, 1e-5);
    EXPECT_NEAR(ways.came_after(0, seconds).y, 0.5 * seconds, 1e-5);
    EXPECT_EQ(ways.came_after(0, seconds).z, 0);
  }
}

// Somebody who is ten times as fast goes along the map's y axis.
TEST(LearntWays, are_turned_and_stretched_to_who_moves_now) {
  const std::vector<LearntMoment> one = {moment(1, 0.5F)};
  const LearntWays ways(one);
  Track track;
  track.fast_speed = 10;
  track.steps = kStepsKnown;
  Recall recall{RecallOptions{}};
  for (double t = 0; t < 2; t += 0.1) {
    add_sample(track, t, {0, 10 * t, 0});
    recall.add(track);
  }
  Futures futures;
  futures.seconds = kHorizonSeconds;
  recall.add_recalled(futures, track, 4, &ways);
  const std::size_t two = 5;
  ASSERT_GE(futures.count, 1u);
  std::uint32_t learnt = futures.count;
  for (std::uint32_t i = 0; i < futures.count; ++i) {
    if (futures.x[two][i] < -1) learnt = i;
  }
  ASSERT_LT(learnt, futures.count);
  EXPECT_NEAR(futures.y[two][learnt], 20, 0.1);
  EXPECT_NEAR(futures.x[two][learnt], -10, 0.1);
}

}  // namespace
}  // namespace nf
