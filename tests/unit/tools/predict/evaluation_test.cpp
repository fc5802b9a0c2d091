#include "tools/predict/evaluation.h"

#include <gtest/gtest.h>

#include "tests/unit/tools/predict/made_traces.h"

namespace nf::predict {
namespace {

std::vector<Segment> segments() {
  return {made_segment(60, 1, "a"), made_segment(50, 2, "a"), made_segment(70, 3, "b")};
}

TEST(Evaluation, is_the_same_for_any_number_of_threads) {
  EvaluationOptions options;
  options.sweeps = sweeps_of({"none", "margin", "cv", "oracle"});
  const KindResult one = evaluate_kind(segments(), options);
  options.threads = 5;
  const KindResult five = evaluate_kind(segments(), options);
  ASSERT_EQ(one.runs.size(), five.runs.size());
  for (std::size_t i = 0; i < one.runs.size(); ++i) {
    const RunResult &a = one.runs[i].result, &b = five.runs[i].result;
    EXPECT_EQ(a.late_seconds, b.late_seconds);
    EXPECT_EQ(a.bytes_read, b.bytes_read);
    EXPECT_EQ(a.bytes_vain, b.bytes_vain);
    EXPECT_EQ(a.lateness, b.lateness);
    EXPECT_EQ(a.arrivals, b.arrivals);
    EXPECT_EQ(a.hitches, b.hitches);
  }
  EXPECT_NEAR(one.hours, 180.0 / 3600, 0.001);
  EXPECT_EQ(one.segments, 3u);
}

TEST(Evaluation, orders_policies_as_they_should_be) {
  EvaluationOptions options;
  options.sweeps = {{"none", {0}}, {"margin", {1}}, {"cv", {4}}, {"oracle", {60}}};
  const KindResult kind = evaluate_kind(segments(), options);
  const auto late = [&](std::size_t i) { return kind.runs[i].result.late_seconds; };
  EXPECT_LT(late(1), late(0));
  EXPECT_LT(late(2), late(0));
  EXPECT_LE(late(3), late(1));
  EXPECT_LE(late(3), late(2));
  for (const KnobResult& run : kind.runs)
    EXPECT_EQ(run.result.arrivals, kind.runs[0].result.arrivals);
}

TEST(Evaluation, takes_the_disk_and_the_memory_that_it_is_given) {
  EvaluationOptions options;
  options.sweeps = {{"none", {0}}};
  options.disk = DiskModel{.bytes_per_second = 3e9};
  options.memory = 3e8;
  const KindResult kind = evaluate_kind(segments(), options);
  EXPECT_EQ(kind.disk_rate, 3e9);
  EXPECT_LE(kind.runs[0].result.memory_peak, 3e8);
}

TEST(Evaluation, stops_when_it_is_told_to) {
  EvaluationOptions options;
  options.sweeps = {{"none", {0}}};
  options.progress = [](std::uint64_t done, std::uint64_t) { return done < 2; };
  EXPECT_TRUE(evaluate_kind(segments(), options).stopped);
}

}  // namespace
}  // namespace nf::predict
