#include "core/predict/recall.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nf {
namespace {

// Round a square of 20 m at 5 m/s: corners cannot be foretold by motion alone.
WorldPosition round_the_block(double seconds) {
  const double along = std::fmod(5 * seconds, 80);
  const double side = std::fmod(along, 20);
  switch (static_cast<int>(along / 20)) {
    case 0: return {side, 0, 0};
    case 1: return {20, side, 0};
    case 2: return {20 - side, 20, 0};
    default: return {0, 20 - side, 0};
  }
}

struct Walk {
  Track track;
  Recall recall{RecallOptions{.states_max = 1024}};
  double seconds = 0;

  template <class Way>
  void go(double for_seconds, const Way& way) {
    for (const double end = seconds + for_seconds; seconds < end; seconds += 0.1) {
      if (add_sample(track, seconds, way(seconds)) == TrackStep::jumped) recall.end_run();
      recall.add(track);
    }
  }
  Futures futures(Expert expert, std::uint32_t count) const {
    Futures found;
    found.seconds = kHorizonSeconds;
    if (expert == Expert::recalled) {
      recall.add_recalled(found, track, count);
    } else {
      recall.add_revisited(found, track, count);
    }
    return found;
  }
};

WorldPosition mean_of(const Futures& futures, std::size_t h) {
  WorldPosition mean;
  for (std::uint32_t i = 0; i < futures.count; ++i) {
    mean.x += static_cast<double>(futures.weight[i] * futures.x[h][i]);
    mean.y += static_cast<double>(futures.weight[i] * futures.y[h][i]);
  }
  return mean;
}

TEST(Recall, has_no_futures_of_what_it_never_saw) {
  Walk walk;
  EXPECT_EQ(walk.futures(Expert::recalled, 8).count, 0u);
  EXPECT_EQ(walk.futures(Expert::revisited, 8).count, 0u);
}

TEST(Recall, knows_the_corner_at_which_it_turned_before) {
  Walk walk;
  walk.go(16 * 4 + 3.0, round_the_block);  // 15 m along the first side: the corner is a second away
  const Futures futures = walk.futures(Expert::revisited, 8);
  ASSERT_GT(futures.count, 0u);
  const std::size_t three = 6;
  ASSERT_EQ(futures.seconds[three], 3);
  const WorldPosition here = walk.track.latest, then = round_the_block(walk.seconds - 0.1 + 3);
  EXPECT_NEAR(mean_of(futures, three).x, then.x - here.x, 1.5);
  EXPECT_NEAR(mean_of(futures, three).y, then.y - here.y, 1.5);
  float weights = 0;
  for (std::uint32_t i = 0; i < futures.count; ++i) weights += futures.weight[i];
  EXPECT_NEAR(weights, 1, 1e-5);
}

TEST(Recall, turns_what_it_saw_into_the_axes_of_now) {
  // A habit: two seconds straight, then a right angle to the left; seen along all four directions.
  Walk walk;
  walk.go(60, round_the_block);
  // The same habit somewhere else and along a diagonal.
  const auto diagonal = [&](double t) {
    const WorldPosition p = round_the_block(t);
    return WorldPosition{500 + (p.x - p.y) * std::sqrt(0.5), (p.x + p.y) * std::sqrt(0.5), 0};
  };
  walk.seconds = 64;  // a silence, then the beginning of the first side again
  walk.go(3.4, diagonal);
  EXPECT_EQ(walk.futures(Expert::revisited, 8).count, 0u);
  const Futures futures = walk.futures(Expert::recalled, 8);
  ASSERT_GT(futures.count, 0u);
  const std::size_t two = 5;
  const WorldPosition here = walk.track.latest;
  const WorldPosition straight = {here.x + 10 * std::sqrt(0.5), here.y + 10 * std::sqrt(0.5), 0};
  // Straight walks look alike wherever on a side: some futures turn left, none turns right.
  const WorldPosition mean = mean_of(futures, two);
  EXPECT_LE(mean.x, straight.x - here.x + 0.5);
  EXPECT_GE(mean.y, straight.y - here.y - 0.5);
}

TEST(Recall, keeps_ways_but_no_places_on_another_map) {
  Walk walk;
  walk.go(64, round_the_block);
  walk.recall.forget_places();
  const auto elsewhere = [](double t) {
    const WorldPosition p = round_the_block(t);
    return WorldPosition{p.x + 1e9, p.y, p.z};
  };
  walk.seconds = 80;
  walk.go(3, elsewhere);
  EXPECT_EQ(walk.futures(Expert::revisited, 8).count, 0u);
  const Futures futures = walk.futures(Expert::recalled, 8);
  ASSERT_GT(futures.count, 0u);
  EXPECT_NEAR(mean_of(futures, 2).x, 3.5, 0.5);
  // Back on the same place of the first map it would know it; there it is another map still.
  walk.go(30, elsewhere);
  EXPECT_GT(walk.futures(Expert::revisited, 8).count, 0u);
}

TEST(Recall, gives_way_of_the_oldest_when_it_is_full) {
  Walk walk;
  walk.go(1000, round_the_block);  // 5,000 states into 1,024
  EXPECT_EQ(walk.recall.size(), 1024u);
  EXPECT_GT(walk.futures(Expert::revisited, 16).count, 4u);
}

TEST(Recall, never_holds_more_futures_than_there_is_room_for) {
  Walk walk;
  walk.go(200, round_the_block);
  Futures futures;
  futures.seconds = kHorizonSeconds;
  for (int i = 0; i < 6; ++i) walk.recall.add_revisited(futures, walk.track, 16);
  EXPECT_LE(futures.count, kFuturesMax);
}

}  // namespace
}  // namespace nf
