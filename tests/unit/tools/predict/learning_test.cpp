#include "tools/predict/learning.h"

#include <gtest/gtest.h>

#include "tests/unit/tools/predict/made_traces.h"
#include "tools/predict/cross_training.h"

namespace nf::predict {
namespace {

std::vector<Segment> made_segments() {
  return {made_segment(60, 1, "a"), made_segment(60, 2, "a"), made_segment(60, 3, "b"),
          made_segment(40, 4, "c"), made_segment(150, 5, "d")};
}

Learnt learn_with(const LearningOptions& options) {
  return learn(made_segments(), options);
}

TEST(Learning, gives_the_same_bytes_for_any_number_of_threads) {
  const Learnt one = learn_with({.moments_max = 200, .threads = 1});
  const Learnt four = learn_with({.moments_max = 200, .threads = 4});
  EXPECT_EQ(*model_bytes(one.model), *model_bytes(four.model));
  EXPECT_EQ(one.model.moments.size(), 200u);
}

TEST(Learning, says_of_how_much_it_made_the_model) {
  const Learnt learnt = learn_with({.moments_max = 100});
  const ModelOrigin& origin = learnt.model.origin;
  EXPECT_EQ(origin.groups, 4u);
  EXPECT_EQ(origin.segments, 5u);
  EXPECT_NEAR(origin.seconds, 370, 1);
  EXPECT_GT(origin.candidates, 1000u);
  EXPECT_GT(origin.outcomes, 1000u);
  EXPECT_LE(learnt.loss, learnt.loss_untrained);
}

// d is nearly half of all time.
TEST(Learning, lets_no_long_session_fill_the_model) {
  std::vector<Segment> others = made_segments();
  others.pop_back();
  const auto without = learn(others, {.moments_max = 75}).model.moments;
  const auto with = learn_with({.moments_max = 100}).model.moments;
  EXPECT_EQ(with.size(), 100u);
  for (const LearntMoment& moment : without) {
    EXPECT_NE(std::find(with.begin(), with.end(), moment), with.end());
  }
}

TEST(Learning, keeps_moments_in_fast_travel_along_the_mover) {
  Segment segment = made_segment(60, 1);
  for (std::size_t i = 0; i < segment.points.size(); ++i) {
    segment.points[i].position = {5, -10 * segment.points[i].seconds, 0};
  }
  for (const LearntMoment& moment : learn({segment}, {.moments_max = 8}).model.moments) {
    EXPECT_NEAR(moment.way[0], 0.2F, 1e-4F);
    EXPECT_NEAR(moment.way[9], 1.6F, 1e-4F);
    EXPECT_NEAR(moment.way[1], 0, 1e-4F);
    EXPECT_NEAR(moment.after[3 * (kHorizons - 1)], 8, 1e-3F);
    EXPECT_NEAR(moment.after[1], 0, 1e-4F);
  }
}

TEST(Learning, is_stopped_by_whoever_asks) {
  int asked = 0;
  const Learnt learnt = learn(
      made_segments(), {.progress = [&](std::uint64_t, std::uint64_t) { return ++asked < 3; }});
  EXPECT_TRUE(learnt.stopped);
}

TEST(CrossTraining, teaches_nobody_what_it_is_tested_on) {
  const std::vector<Segment> tested = made_segments();
  const KindTraces recorded{.kind = "made_up", .segments = tested, .files = 5, .skipped = {}};
  const CrossTraining trained =
      CrossTraining::train(tested, recorded, {.learning = {.moments_max = 4000}});
  EXPECT_EQ(trained.groups_least(), 3u);
  for (const char* group : {"a", "b", "c", "d"}) {
    const LearntNeeds* model = trained.model_for(group);
    ASSERT_NE(model, nullptr);
    std::vector<Segment> own;
    for (const Segment& segment : tested) {
      if (segment.group == group) own.push_back(segment);
    }
    for (const LearntMoment& moment : learn(own, {.moments_max = 50}).model.moments) {
      std::array<LearntWays::Near, 1> near;
      ASSERT_EQ(model->ways.find_nearest(moment.way, near), 1u);
      const WorldVector came = model->ways.came_after(near[0].moment, 8);
      const auto last = static_cast<std::size_t>(3 * (kHorizons - 1));
      const bool same = near[0].distance == 0 &&
                        came.x == static_cast<double>(moment.after[last]) &&
                        came.y == static_cast<double>(moment.after[last + 1]);
      EXPECT_FALSE(same) << group;
    }
  }
  EXPECT_EQ(trained.model_for("nobody"), nullptr);
}

TEST(CrossTraining, learns_once_from_recordings_of_others) {
  const std::vector<Segment> tested = {made_segment(40, 9, "x"), made_segment(40, 8, "y")};
  const KindTraces recorded{.kind = "made_up",
                            .segments = {made_segment(40, 1, "a"), made_segment(40, 2, "b")},
                            .files = 2,
                            .skipped = {}};
  const CrossTraining trained =
      CrossTraining::train(tested, recorded, {.learning = {.moments_max = 50}});
  EXPECT_EQ(trained.model_for("x"), trained.model_for("y"));
  EXPECT_NE(trained.model_for("x"), nullptr);
}

TEST(CrossTraining, has_no_model_where_all_is_tested) {
  const std::vector<Segment> tested = {made_segment(40, 9, "x")};
  const KindTraces recorded{.kind = "made_up", .segments = tested, .files = 1, .skipped = {}};
  const CrossTraining trained = CrossTraining::train(tested, recorded, {});
  EXPECT_EQ(trained.model_for("x"), nullptr);
  EXPECT_EQ(trained.groups_least(), 0u);
}

}  // namespace
}  // namespace nf::predict
