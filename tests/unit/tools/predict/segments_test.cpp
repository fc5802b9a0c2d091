#include "tools/predict/segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/tools/predict/made_traces.h"

namespace nf::predict {
namespace {

RecordedTrace recorded(std::vector<TracePoint> points, const std::string& group = "a",
                       double vmax = 0) {
  return {.file = {.path = group + ".csv", .kind = "made_up", .group = group, .vmax = vmax},
          .points = std::move(points)};
}

// So far away that nothing is slowed down.
std::vector<TracePoint> straight(double seconds, double speed) {
  std::vector<TracePoint> points;
  for (double t = 0; t <= seconds; t += 0.1) points.push_back({t, {speed * t, 0, 0}});
  return points;
}

TEST(Segments, are_cut_at_jumps_and_gaps) {
  std::vector<TracePoint> points = straight(300, 5);
  for (std::size_t i = 1000; i < points.size(); ++i) points[i].position.y += 900;
  for (std::size_t i = 2000; i < points.size(); ++i) points[i].seconds += 30;
  const KindTraces cut = cut_traces({recorded(points)});
  ASSERT_EQ(cut.segments.size(), 3u);
  for (const Segment& segment : cut.segments) {
    EXPECT_NEAR(segment.seconds(), 100, 0.3);
    EXPECT_EQ(segment.points.front().seconds, 0);
    EXPECT_EQ(segment.slow, 1);
    EXPECT_NEAR(segment.vstar, 5, 0.01);
    EXPECT_TRUE(segment.flat);
  }
}

TEST(Segments, take_the_speed_of_a_jump_from_the_index_where_it_says_one) {
  std::vector<TracePoint> points = straight(100, 5);
  for (std::size_t i = 500; i < points.size(); ++i) points[i].position.y += 1.5;
  EXPECT_EQ(cut_traces({recorded(points, "a", 20)}).segments.size(), 1u);
  EXPECT_EQ(cut_traces({recorded(points, "a", 10)}).segments.size(), 2u);
}

TEST(Segments, of_a_small_place_play_in_slow_motion) {
  std::vector<TracePoint> points = straight(100, 5);
  for (TracePoint& point : points) point.position.x = 20 * std::sin(point.position.x / 20);
  const KindTraces cut = cut_traces({recorded(points)});
  ASSERT_EQ(cut.segments.size(), 1u);
  EXPECT_EQ(cut.segments[0].slow, kSlowMax);
  EXPECT_NEAR(cut.segments[0].seconds(), 100 * kSlowMax, 1);
  EXPECT_NEAR(cut.segments[0].vstar, 5 / kSlowMax, 0.1);
}

TEST(Segments, say_why_a_kind_has_none) {
  EXPECT_THAT(cut_traces({recorded({{0, {}}, {60, {1, 0, 0}}, {120, {2, 0, 0}}})}).skipped,
              ::testing::HasSubstr("apart"));
  EXPECT_THAT(cut_traces({recorded(straight(100, 0))}).skipped,
              ::testing::HasSubstr("nothing moves"));
  EXPECT_THAT(cut_traces({recorded(straight(3, 5))}).skipped, ::testing::HasSubstr("20 s"));
}

TEST(Segments, who_mostly_stands_is_not_taken_for_a_slow_mover) {
  std::vector<TracePoint> still = straight(200, 0.001);
  const KindTraces cut = cut_traces(
      {recorded(straight(2000, 8), "a"), recorded(still, "b"), recorded(straight(2000, 8), "c")});
  ASSERT_EQ(cut.segments.size(), 3u);
  EXPECT_NEAR(cut.segments[1].vstar, 2, 0.01);
}

KindTraces ten_groups() {
  std::vector<RecordedTrace> traces;
  for (int i = 0; i < 10; ++i)
    traces.push_back(recorded(straight(500, 5), std::string(1, 'a' + static_cast<char>(i))));
  return cut_traces(std::move(traces));
}

TEST(ChosenSegments, are_spread_over_groups_and_as_long_as_asked) {
  const std::vector<Segment> chosen = choose_segments(ten_groups(), {.seconds = 900, .seed = 3});
  std::set<std::string> groups;
  double seconds = 0;
  for (const Segment& segment : chosen) {
    groups.insert(segment.group);
    seconds += segment.seconds();
    EXPECT_GE(segment.seconds(), 20);
    EXPECT_EQ(segment.points.front().seconds, 0);
    for (std::size_t i = 1; i < segment.points.size(); ++i) {
      EXPECT_GT(segment.points[i].seconds, segment.points[i - 1].seconds);
    }
  }
  EXPECT_EQ(groups.size(), 10u);
  EXPECT_NEAR(seconds, 900, 20);
}

TEST(ChosenSegments, come_from_the_seed_alone) {
  const KindTraces traces = ten_groups();
  const auto starts = [&](std::uint64_t seed) {
    std::vector<double> list;
    for (const Segment& s : choose_segments(traces, {.seconds = 300, .seed = seed})) {
      list.push_back(s.points.front().position.x);
    }
    return list;
  };
  EXPECT_EQ(starts(1), starts(1));
  EXPECT_NE(starts(1), starts(2));
}

TEST(ChosenSegments, keep_a_group_together) {
  const KindTraces traces = ten_groups();
  std::set<std::string> seen;
  std::string last;
  for (const Segment& segment : choose_segments(traces, {.seconds = 4000, .seed = 1})) {
    if (segment.group != last) {
      EXPECT_TRUE(seen.insert(segment.group).second) << segment.group;
    }
    last = segment.group;
  }
}

}  // namespace
}  // namespace nf::predict
