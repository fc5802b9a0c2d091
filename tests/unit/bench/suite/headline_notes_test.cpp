// What headlines say about themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "bench/suite/headline_notes.h"

namespace nf::bench {
namespace {

using ::testing::HasSubstr;

TEST(HeadlineNotes, know_the_number_and_the_disk_that_a_name_ends_with) {
  EXPECT_THAT(known_headline_note("load_ratio_lz4"), HasSubstr("higher is better"));
  EXPECT_THAT(known_headline_note("cpu_ratio_zstd_2_workers"), HasSubstr("2 decode workers"));
  EXPECT_THAT(known_headline_note("cpu_ratio_zstd_2_workers"), HasSubstr("lower is better"));
  EXPECT_THAT(known_headline_note("raw_ratio_lz4_500mbps_2_workers"), HasSubstr("500 MB/s"));
  EXPECT_THAT(known_headline_note("update_p99_us_1000_of_100000"),
              HasSubstr("p99 of the time of update() in us with 1,000 observers among 100,000"));
  EXPECT_THAT(known_headline_note("update_p50_us_1_of_100000"), HasSubstr("1 observer among"));
  EXPECT_THAT(known_headline_note("flight_late_arrivals"), HasSubstr("largest"));
}

TEST(HeadlineNotes, claim_nothing_of_names_they_do_not_know) {
  for (const char* name : {"", "_", "_1", "7", "_workers", "read_ratio", "update_p99_us_",
                           "update_p99_us_1", "update_p99_us_1_of_", "update_p99_us__of_1",
                           "update_p10_us_1_of_1", "update_p99_us_1_of_99999999999999999999"}) {
    EXPECT_EQ(known_headline_note(name), "") << name;
  }
}

TEST(HeadlineNotes, are_the_suites_own_where_it_has_one) {
  SuiteResult result;
  result.headline_notes["load_ratio_lz4"] = "mine";
  EXPECT_EQ(headline_note(result, "load_ratio_lz4"), "mine");
}

// These suites say by themselves what their headlines mean.
bool has_own_notes(const std::string& file) {
  return file.starts_with("bench_contenders") || file.starts_with("bench_scale") ||
         file.starts_with("bench_replay");
}

// Reports that are kept hold what they said when they were made; their names are those of suites.
TEST(HeadlineNotes, know_every_headline_of_the_reports_that_are_kept) {
  namespace fs = std::filesystem;
  std::size_t seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(NF_SOURCE_DIR "/bench/results")) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("bench_") || entry.path().extension() != ".json") continue;
    if (has_own_notes(name)) continue;
    std::ifstream file(entry.path());
    const auto report = nlohmann::json::parse(file, nullptr, false);
    ASSERT_TRUE(report.contains("headlines")) << name;
    for (const auto& [headline, value] : report["headlines"].items()) {
      EXPECT_NE(known_headline_note(headline), "") << name << ": " << headline;
      ++seen;
    }
  }
  EXPECT_GT(seen, 0u);
}

}  // namespace
}  // namespace nf::bench
