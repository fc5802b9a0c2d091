#include "tools/predict/frontier.h"

#include <gtest/gtest.h>

namespace nf::predict {
namespace {

Figures at(double cap, double late, double knob = 0) {
  Figures figures;
  figures.cap = cap;
  figures.late = late;
  figures.knob = knob;
  return figures;
}

RunResult ran(double gigabytes, double late) {
  RunResult result;
  result.seconds = 3600;
  result.bytes_read = gigabytes * 1e9;
  result.late_seconds = late;
  return result;
}

KindResult made_kind() {
  KindResult kind;
  kind.kind = "made_up";
  kind.segments = 1;
  kind.hours = 1;
  kind.runs = {{"none", 0, ran(0.9, 1000)},  {"margin", 1, ran(1.0, 500)},
               {"margin", 2, ran(1.2, 300)}, {"cv", 1, ran(1.1, 100)},
               {"cv", 2, ran(1.3, 120)},     {"dear", 1, ran(3, 0)},
               {"oracle", 60, ran(1.0, 10)}};
  return kind;
}

const Row& row_at(const std::vector<Row>& rows, const std::string& policy, double cap) {
  for (const Row& row : rows) {
    if (row.read_off && row.policy == policy && row.figures.cap == cap) return row;
  }
  ADD_FAILURE() << policy << " at " << cap;
  return rows.front();
}

TEST(Envelope, leaves_out_what_reads_more_and_is_later) {
  const auto envelope = envelope_of({at(1.3, 50), at(1.0, 100), at(1.1, 120), at(1.2, 80)});
  ASSERT_EQ(envelope.size(), 3u);
  EXPECT_EQ(envelope[1].cap, 1.2);
}

TEST(Envelope, is_straight_between_points_and_level_beyond_them) {
  const auto envelope = envelope_of({at(1.0, 100, 1), at(1.2, 80, 3)});
  Figures figures;
  EXPECT_FALSE(read_off(envelope, 0.99, figures));
  ASSERT_TRUE(read_off(envelope, 1.05, figures));
  EXPECT_NEAR(figures.late, 95, 1e-9);
  EXPECT_NEAR(figures.knob, 1.5, 1e-9);
  EXPECT_EQ(figures.cap, 1.05);
  ASSERT_TRUE(read_off(envelope, 5, figures));
  EXPECT_EQ(figures.late, 80);
}

TEST(Gain, is_0_as_margin_and_1_as_the_oracle) {
  EXPECT_EQ(gain_of(300, 300, 20), 0);
  EXPECT_EQ(gain_of(20, 300, 20), 1);
  EXPECT_LT(gain_of(400, 300, 20), 0);
}

TEST(Gain, says_something_where_there_is_nothing_to_gain) {
  EXPECT_EQ(gain_of(0, 0, 0), 1);
  EXPECT_LT(gain_of(5, 0, 0), 0);
  EXPECT_LT(gain_of(5, 1, 2), 0);
}

TEST(Rows, are_read_off_at_the_caps) {
  const std::vector<Row> rows = rows_of(made_kind());
  EXPECT_NEAR(row_at(rows, "margin", 1.10).figures.late, 400, 1e-6);
  EXPECT_NEAR(row_at(rows, "cv", 1.10).figures.late, 100, 1e-6);
  EXPECT_NEAR(row_at(rows, "cv", 1.10).gain, 300.0 / 390, 1e-6);
  // The knob that reads more and is later is not taken.
  EXPECT_NEAR(row_at(rows, "cv", 1.35).figures.late, 100, 1e-6);
  EXPECT_EQ(row_at(rows, "oracle", 1.20).gain, 1);
}

TEST(Rows, take_a_policy_that_cannot_run_within_the_cap_for_none) {
  const std::vector<Row> rows = rows_of(made_kind());
  for (const double cap : {1.05, 1.10}) {
    const Row& row = row_at(rows, cap == 1.05 ? "cv" : "dear", cap);
    EXPECT_FALSE(row.runs);
    EXPECT_EQ(row.figures.late, 1000);
    EXPECT_LT(row.gain, 0);
  }
}

TEST(Rows, have_each_knob_as_it_ran) {
  const std::vector<Row> rows = rows_of(made_kind());
  const auto ran_rows =
      std::count_if(rows.begin(), rows.end(), [](const Row& row) { return !row.read_off; });
  EXPECT_EQ(ran_rows, 7);
  EXPECT_EQ(rows[3].policy, "cv");
  EXPECT_NEAR(rows[3].figures.cap, 1.1, 1e-9);
  EXPECT_NEAR(rows[3].gain, 300.0 / 390, 1e-6);
}

TEST(Rows, pool_kinds_alike) {
  std::vector<Row> rows = rows_of(made_kind());
  KindResult other = made_kind();
  for (KnobResult& run : other.runs) run.result.late_seconds *= 3;
  for (const Row& row : rows_of(other)) rows.push_back(row);
  const std::vector<Row> pooled = pooled_rows(rows);
  EXPECT_NEAR(row_at(pooled, "margin", 1.10).figures.late, 800, 1e-6);
  EXPECT_NEAR(row_at(pooled, "cv", 1.10).gain, 600.0 / 780, 1e-6);
  EXPECT_EQ(row_at(pooled, "cv", 1.10).traces, 2u);
}

TEST(Figures, count_arrivals_in_time_among_the_latest_of_a_thousand) {
  RunResult result = ran(1, 3);
  result.arrivals = 2000;
  result.lateness = {0.5, 2.5, 1.5};
  EXPECT_EQ(figures_of(result, 0).lateness_p999_ms, 500);
  result.arrivals = 4000;
  EXPECT_EQ(figures_of(result, 0).lateness_p999_ms, 0);
}

}  // namespace
}  // namespace nf::predict
