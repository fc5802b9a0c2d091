// The shapes of a report: what scripts rely on in the JSON, what a page must not do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/suite/report.h"

namespace nf::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Report sample_report() {
  SuiteReport suite;
  suite.question = "Is it <fast>?";
  suite.result.suite = "disk";
  suite.result.figures = {{.name = "1 MiB & more",
                           .unit = "MB/s",
                           .ours = {100, 110, 120},
                           .reference_name = "plain ring",
                           .reference = {100, 100, 100}},
                          {.name = "late", .unit = "count", .better = Better::lower, .ours = {0}}};
  suite.result.figures.push_back(
      {.name = "4 KiB x 1",
       .unit = "us",
       .ours = {5, 6},
       .place = {.plot = "p50", .line = "4 KiB", .x = 1, .x_text = "1"}});
  suite.result.headlines = {{"read_ratio_1m", 1.1}};
  suite.result.notes = {"no threads here"};
  Report report;
  report.machine = {{"processor", "a </table> b"}, {"disk", {{"name", "vda"}}}};
  report.settings = {{"rounds", 3}};
  report.suites = {suite};
  return report;
}

TEST(ReportJson, holds_what_scripts_rely_on) {
  const nlohmann::ordered_json json = json_of_report(sample_report());
  EXPECT_EQ(json["machine"]["disk"]["name"], "vda");
  EXPECT_EQ(json["headlines"]["read_ratio_1m"], 1.1);
  EXPECT_THAT(json["headline_notes"]["read_ratio_1m"].get<std::string>(),
              HasSubstr("higher is better"));
  const auto& figure = json["results"][0];
  EXPECT_EQ(figure["name"], "1 MiB & more");
  EXPECT_EQ(figure["unit"], "MB/s");
  EXPECT_EQ(figure["rounds"], 3);
  EXPECT_EQ(figure["ours"]["median"], 110);
  EXPECT_EQ(figure["ours"]["min"], 100);
  EXPECT_EQ(figure["ours"]["max"], 120);
  EXPECT_EQ(figure["ours"]["samples"].size(), 3u);
  EXPECT_EQ(figure["reference"]["name"], "plain ring");
  EXPECT_EQ(figure["reference"]["median"], 100);
  EXPECT_DOUBLE_EQ(figure["ratio"]["median"], 1.1);
  EXPECT_DOUBLE_EQ(figure["ratio"]["max"], 1.2);
  EXPECT_EQ(json["notes"][0]["note"], "no threads here");
}

TEST(ReportJson, says_null_where_there_is_no_reference) {
  const nlohmann::ordered_json json = json_of_report(sample_report());
  EXPECT_TRUE(json["results"][1]["reference"].is_null());
  EXPECT_TRUE(json["results"][1]["ratio"].is_null());
  EXPECT_EQ(json["results"][1]["better"], "lower");
}

TEST(ReportJson, keeps_a_suite_that_refused) {
  Report report = sample_report();
  report.suites[0].refused = "no disk";
  EXPECT_EQ(json_of_report(report)["refused"][0]["why"], "no disk");
}

TEST(Report, refuses_a_headline_that_an_earlier_suite_has) {
  Report report = sample_report();
  report.suites.push_back(report.suites[0]);
  report.suites[1].result.suite = "load";
  report.suites[1].result.headlines = {{"read_ratio_1m", 0.5}, {"other", 2}};
  refuse_headlines_there_already(report);
  const nlohmann::ordered_json json = json_of_report(report);
  EXPECT_EQ(json["headlines"]["read_ratio_1m"], 1.1);
  EXPECT_EQ(json["headlines"]["other"], 2);
  EXPECT_THAT(json["refused"][0]["why"].get<std::string>(), HasSubstr("read_ratio_1m"));
}

TEST(ReportText, shows_every_figure_headline_and_note) {
  const std::string text = text_of_suite(sample_report().suites[0]);
  for (const char* part : {"1 MiB & more", "110 [100..120]", "1.10 [1.00..1.20]", "plain ring",
                           "read_ratio_1m 1.1", "higher is better", "note: no threads here"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(ReportText, writes_numbers_with_three_digits_that_count) {
  EXPECT_EQ(number_text(12345.6), "12,346");
  EXPECT_EQ(number_text(123.4), "123");
  EXPECT_EQ(number_text(12.34), "12.3");
  EXPECT_EQ(number_text(1.234), "1.23");
  EXPECT_EQ(number_text(0.01234), "0.012");
  EXPECT_EQ(number_text(0), "0");
}

TEST(ReportPage, loads_nothing_and_escapes_what_it_shows) {
  const std::string page = html_of_report(sample_report());
  EXPECT_THAT(page, HasSubstr("1 MiB &amp; more"));
  EXPECT_THAT(page, HasSubstr("Is it &lt;fast&gt;?"));
  EXPECT_THAT(page, HasSubstr("a &lt;/table&gt; b"));
  for (const char* outside : {"http:", "https:", "<script", "<link", "@import", "src="}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
}

TEST(ReportPage, draws_bars_with_whiskers_and_lines_where_a_figure_has_a_place) {
  const std::string page = html_of_report(sample_report());
  EXPECT_THAT(page, HasSubstr("class='bar ours'"));
  EXPECT_THAT(page, HasSubstr("class='bar reference'"));
  EXPECT_THAT(page, HasSubstr("class='whisker'"));
  EXPECT_THAT(page, HasSubstr("class='plot c0'"));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

TEST(ReportPage, names_the_reference_of_every_grey_bar) {
  Report report = sample_report();
  EXPECT_THAT(html_of_report(report), HasSubstr("1 MiB &amp; more; grey: plain ring<"));
  report.suites[0].result.figures[0].reference_is_constant = true;
  EXPECT_THAT(html_of_report(report), HasSubstr("plain ring, a constant and not measured<"));
  EXPECT_EQ(json_of_report(report)["results"][0]["reference"]["constant"], true);
  EXPECT_THAT(text_of_suite(report.suites[0]), HasSubstr("plain ring, a constant"));
}

TEST(ReportPage, writes_sizes_of_the_machine_as_people_read_them) {
  Report report = sample_report();
  report.machine["disk"] = {{"name", "vda"}, {"model", ""}, {"size", 274877906944u}};
  const std::string page = html_of_report(report);
  EXPECT_THAT(page, HasSubstr("name vda, size 275 GB<"));
}

// The x of the points of a plot, in the order of the page.
std::vector<double> points_in(const std::string& page) {
  std::vector<double> points;
  for (std::size_t at = page.find("cx='"); at != std::string::npos; at = page.find("cx='", at)) {
    at += 4;
    points.push_back(std::stod(page.substr(at)));
  }
  return points;
}

TEST(ReportPage, sets_even_places_at_even_distances) {
  Report report = sample_report();
  std::vector<Figure>& figures = report.suites[0].result.figures;
  figures.clear();
  for (const double x : {1.0, 2.0, 3.0}) {
    figures.push_back({.name = "f",
                       .unit = "us",
                       .ours = {x},
                       .place = {.plot = "p", .line = "l", .x = x, .x_text = "x", .even = true}});
  }
  const std::vector<double> even = points_in(html_of_report(report));
  ASSERT_EQ(even.size(), 3u);
  EXPECT_NEAR(even[2] - even[1], even[1] - even[0], 0.2);
  for (Figure& figure : figures) figure.place.even = false;
  const std::vector<double> logarithmic = points_in(html_of_report(report));
  EXPECT_LT(logarithmic[2] - logarithmic[1], logarithmic[1] - logarithmic[0] - 10);
}

}  // namespace
}  // namespace nf::bench
