// Comparing a run with an earlier one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "bench/suite/against.h"
#include "bench/suite/report.h"

namespace nf::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

nlohmann::ordered_json run_of(std::vector<Figure> figures, const char* kernel = "6.1") {
  Report report;
  report.machine = {{"processor", "p"},  {"cores", 2},     {"memory", 1},
                    {"kernel", kernel},  {"disk", {}},     {"file_system", {}},
                    {"huge_pages", "m"}, {"compiler", "c"}};
  report.settings = {{"seconds", 1}, {"rounds", 3}, {"seed", 1}, {"workers", 0}, {"world", ""}};
  report.suites.push_back({.question = "q", .result = {}, .refused = ""});
  report.suites[0].result.suite = "disk";
  report.suites[0].result.figures = std::move(figures);
  return json_of_report(report);
}

Figure rate(std::vector<double> ours) {
  return {.name = "rate", .unit = "MB/s", .ours = std::move(ours)};
}

TEST(Against, sees_ranges_that_overlap_as_noise) {
  const Comparison found = compare(run_of({rate({90, 100, 110})}), run_of({rate({105, 115, 120})}));
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_FALSE(found.changes[0].apart());
  EXPECT_NEAR(found.changes[0].part(), 0.15, 1e-9);
  EXPECT_THAT(text_of_comparison(found), HasSubstr("within the ranges"));
}

TEST(Against, says_which_way_ranges_went_apart) {
  const auto before = run_of({rate({90, 100, 110})});
  EXPECT_THAT(text_of_comparison(compare(before, run_of({rate({111, 115, 120})}))),
              HasSubstr("BETTER"));
  EXPECT_THAT(text_of_comparison(compare(before, run_of({rate({80, 85, 89})}))),
              HasSubstr("WORSE"));
  Figure latency = rate({1, 2, 3});
  latency.better = Better::lower;
  Figure longer = latency;
  longer.ours = {4, 5, 6};
  EXPECT_THAT(text_of_comparison(compare(run_of({latency}), run_of({longer}))), HasSubstr("WORSE"));
}

TEST(Against, lists_figures_that_only_one_run_has) {
  Figure other = rate({1});
  other.name = "other";
  const Comparison found = compare(run_of({rate({1})}), run_of({other}));
  EXPECT_THAT(found.changes, IsEmpty());
  EXPECT_THAT(found.gone, ElementsAre("disk: rate, MB/s"));
  EXPECT_THAT(found.added, ElementsAre("disk: other, MB/s"));
}

TEST(Against, says_what_differs_between_the_machines) {
  const auto sound = run_of({rate({1})}, "6.1");
  const Comparison found = compare(sound, run_of({rate({1})}, "6.2"));
  ASSERT_EQ(found.caveats.size(), 1u);
  EXPECT_THAT(found.caveats[0], HasSubstr("kernel"));
  EXPECT_THAT(compare(sound, sound).caveats, IsEmpty());
  auto other = sound;
  other["machine"]["commit"] = "abc";
  ASSERT_EQ(compare(sound, other).caveats.size(), 1u);
  EXPECT_THAT(compare(sound, other).caveats[0], HasSubstr("commit"));
}

Figure against(const char* reference, std::vector<double> ours, std::vector<double> samples) {
  Figure figure = rate(std::move(ours));
  figure.reference_name = reference;
  figure.reference = std::move(samples);
  return figure;
}

TEST(Against, judges_by_the_ratio_where_there_is_a_reference) {
  // The machine became twice as fast: both sides did.
  const Comparison same = compare(run_of({against("loop", {100, 101}, {100, 100})}),
                                  run_of({against("loop", {200, 202}, {200, 200})}));
  EXPECT_THAT(text_of_comparison(same), HasSubstr("within the ratios"));
  const Comparison worse = compare(run_of({against("loop", {100, 101}, {100, 100})}),
                                   run_of({against("loop", {200, 202}, {400, 400})}));
  EXPECT_THAT(text_of_comparison(worse), HasSubstr("WORSE, ratios apart"));
}

TEST(Against, claims_nothing_of_a_single_round) {
  const Comparison found = compare(run_of({rate({100})}), run_of({rate({200, 201})}));
  EXPECT_FALSE(found.changes.at(0).apart());
  EXPECT_THAT(text_of_comparison(found), HasSubstr("1 round: no ranges"));
}

TEST(Against, tells_figures_of_one_name_by_their_reference) {
  const auto run = run_of({against("zip", {1}, {1}), against("tar", {1}, {2})});
  const Comparison found = compare(run, run);
  ASSERT_EQ(found.changes.size(), 2u);
  EXPECT_THAT(found.changes[1].name, HasSubstr("tar"));
  EXPECT_DOUBLE_EQ(found.changes[1].ratio_before.median, 0.5);
}

TEST(Against, says_when_a_report_is_of_another_suite) {
  const auto run = run_of({rate({1})});
  EXPECT_EQ(nothing_in_common(run, {"codec", "disk"}), "");
  EXPECT_THAT(nothing_in_common(run, {"codec"}), HasSubstr("figures of disk"));
  EXPECT_THAT(text_of_comparison({}), HasSubstr("nothing in common"));
}

// The sentence with which `broken` is refused.
std::string refusal_of(const nlohmann::ordered_json& broken) {
  try {
    (void)compare(broken, broken);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(Against, names_the_field_that_is_wrong) {
  const auto sound = run_of({rate({1})});
  EXPECT_THAT(refusal_of({{"results", nlohmann::ordered_json::array()}}),
              HasSubstr("machine is missing"));
  auto broken = sound;
  broken["results"] = nlohmann::ordered_json::array();
  EXPECT_THAT(refusal_of(broken), HasSubstr("results is empty"));
  broken = sound;
  broken["results"][0]["ours"]["median"] = nullptr;
  EXPECT_THAT(refusal_of(broken), HasSubstr("results[0].ours.median is no number"));
  broken["results"][0]["ours"] = nullptr;
  EXPECT_THAT(refusal_of(broken), HasSubstr("results[0].ours is not an object"));
  EXPECT_EQ(refusal_of(sound), "");
  EXPECT_THAT(refusal_of("text"), HasSubstr("the document is not an object"));
}

TEST(Against, refuses_what_is_no_report) {
  const auto sound = run_of({rate({1})});
  EXPECT_THROW(compare(nlohmann::ordered_json::array(), sound), std::invalid_argument);
  EXPECT_THROW(compare({{"results", 3}}, sound), std::invalid_argument);
  auto broken = sound;
  broken["results"][0]["ours"].erase("median");
  EXPECT_THROW(compare(broken, sound), std::invalid_argument);
}

}  // namespace
}  // namespace nf::bench
