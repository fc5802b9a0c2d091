// bench: the contract that scripts rely on. Shapes only: speeds are for quiet machines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

using ::testing::HasSubstr;

std::string text_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The smallest run there is.
std::vector<std::string> quick(const std::string& suite, const WorkFolder& work,
                               std::vector<std::string> more) {
  std::vector<std::string> words = {"bench", suite,       "--dir", work / ".", "--rounds",
                                    "2",     "--seconds", "0.05",  "-q"};
  if (std::find(more.begin(), more.end(), "--json") == more.end()) {
    words.insert(words.end(), {"--json", work / "now.json"});
  }
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

class CliBench : public ::testing::Test {
 protected:
  // False where this machine refuses: it has no O_DIRECT or no io_uring, it keeps files in memory,
  // its disk is full. Then the tool must say so.
  bool measured(const std::string& suite, const RunResult& result) {
    if (result.exit_code != 4) return true;
    EXPECT_THAT(result.err, HasSubstr(suite + ": "));
    return false;
  }
  WorkFolder work_;
};

TEST_F(CliBench, disk_writes_the_keys_that_scripts_rely_on) {
  const RunResult result = run_nearfield(
      quick("disk", work_, {"--html", work_ / "now.html", "--model", work_ / "disk.json"}));
  if (!measured("disk", result)) GTEST_SKIP() << result.err;
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto report = nlohmann::json::parse(text_in(work_ / "now.json"), nullptr, false);
  for (const char* key :
       {"processor", "cores", "memory", "kernel", "disk", "file_system", "huge_pages", "commit",
        "date", "load_average_before", "load_average_after"}) {
    EXPECT_TRUE(report["machine"].contains(key)) << key;
  }
  for (const char* headline : {"read_ratio_64k", "read_ratio_1m"}) {
    EXPECT_TRUE(report["headlines"][headline].is_number()) << headline;
  }
  ASSERT_GT(report["results"].size(), 5u);
  for (const auto& figure : report["results"]) {
    EXPECT_EQ(figure["rounds"], 2) << figure;
    EXPECT_EQ(figure["ours"]["samples"].size(), 2u) << figure;
    for (const char* side : {"ours", "reference", "ratio"}) {
      for (const char* part : {"median", "min", "max"}) {
        EXPECT_TRUE(figure[side][part].is_number()) << figure["name"] << side << part;
      }
    }
    EXPECT_NE(figure["reference"]["name"], "");
    EXPECT_NE(figure["unit"], "");
  }
  EXPECT_THAT(text_in(work_ / "now.html"), HasSubstr("</html>"));
  EXPECT_THAT(result.out, HasSubstr("read_ratio_1m"));
}

TEST_F(CliBench, suites_that_need_no_disk_have_their_headlines) {
  const std::vector<std::pair<std::string, std::string>> suites = {
      {"codec", "codec_cpu_ratio_lz4"},
      {"codec", "codec_cpu_ratio_zstd"},
      {"replay", "replay_made_up_late_nvme"},
      {"update", "allocations_per_frame"}};
  std::string measured_suite;
  for (const auto& [suite, headline] : suites) {
    if (suite != measured_suite) {
      const RunResult result = run_nearfield(quick(suite, work_, {}));
      if (!measured(suite, result)) GTEST_SKIP() << result.err;
      ASSERT_EQ(result.exit_code, 0) << result.err;
      measured_suite = suite;
    }
    const auto report = nlohmann::json::parse(text_in(work_ / "now.json"), nullptr, false);
    if (headline == "allocations_per_frame") {
      if (text_in(work_ / "now.json").find("allocations are not counted") != std::string::npos) {
        GTEST_SKIP() << "allocations are not counted in this build";
      }
      EXPECT_EQ(report["headlines"][headline], 0);
    }
    EXPECT_TRUE(report["headlines"][headline].is_number()) << headline;
  }
}

TEST_F(CliBench, costs_over_size_and_flights_are_figures_with_plots) {
  for (const char* suite : {"scale", "flight"}) {
    const RunResult result = run_nearfield(quick(suite, work_, {"--html", work_ / "now.html"}));
    if (!measured(suite, result)) GTEST_SKIP() << result.err;
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto report = nlohmann::json::parse(text_in(work_ / "now.json"), nullptr, false);
    EXPECT_GE(report["results"].size(), 6u) << suite;
    EXPECT_THAT(text_in(work_ / "now.html"), HasSubstr("<svg")) << suite;
    if (suite != std::string("flight")) continue;
    EXPECT_TRUE(report["headlines"]["hour_free_piece_drift"].is_number());
    EXPECT_TRUE(report["headlines"]["hour_refused_drift"].is_number());
  }
}

TEST_F(CliBench, a_measured_disk_can_be_flown_on) {
  const RunResult measure = run_nearfield(quick("disk", work_, {"--model", work_ / "disk.json"}));
  if (!measured("disk", measure)) GTEST_SKIP() << measure.err;
  ASSERT_EQ(measure.exit_code, 0) << measure.err;
  write_sample_source(work_ / "source", {});
  ASSERT_EQ(run_nearfield({"pack", work_ / "source", "-o", work_ / "w.nfa"}).exit_code, 0);
  const RunResult flown = run_nearfield(
      {"fly", work_ / "w.nfa", "--seconds", "5", "--device", work_ / "disk.json", "--json"});
  ASSERT_EQ(flown.exit_code, 0) << flown.err;
  EXPECT_EQ(flown.json()["backend"], "simulated");
}

TEST_F(CliBench, an_earlier_run_is_compared_and_never_fails) {
  if (const RunResult first = run_nearfield(quick("disk", work_, {})); !measured("disk", first)) {
    GTEST_SKIP() << first.err;
  }
  std::ofstream(work_ / "old.json") << text_in(work_ / "now.json");
  const RunResult second = run_nearfield(quick("disk", work_, {"--against", work_ / "old.json"}));
  if (!measured("disk", second)) GTEST_SKIP() << second.err;
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("against the earlier run"));
  EXPECT_THAT(second.out, HasSubstr("%"));
}

TEST_F(CliBench, wrong_use_is_told_before_anything_is_measured) {
  const RunResult unknown = run_nearfield({"bench", "speed"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("there is no suite 'speed'; there are disk"));
  EXPECT_EQ(run_nearfield({"bench"}).exit_code, 2);
  EXPECT_EQ(run_nearfield({"bench", "disk", "--rounds", "0"}).exit_code, 2);
  EXPECT_EQ(run_nearfield({"bench", "disk", "--dir", work_ / "nowhere"}).exit_code, 2);
  EXPECT_EQ(run_nearfield({"bench", "disk", "--json", work_ / "no/where.json"}).exit_code, 2);
  write_text(work_ / "bad.json", "{\"results\": 1}");
  const RunResult bad = run_nearfield({"bench", "disk", "--against", work_ / "bad.json"});
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_THAT(bad.err, HasSubstr("not a report of nearfield bench"));
}

TEST_F(CliBench, what_is_no_report_is_not_replaced) {
  write_sample_source(work_ / "source", {});
  ASSERT_EQ(run_nearfield({"pack", work_ / "source", "-o", work_ / "w.nfa"}).exit_code, 0);
  const std::string archive = text_in(work_ / "w.nfa");
  write_text(work_ / "other.json", "{\"mine\": 1}");
  for (const char* option : {"--json", "--html", "--model"}) {
    for (const char* file : {"w.nfa", "other.json"}) {
      const RunResult result = run_nearfield(quick("disk", work_, {option, work_ / file}));
      EXPECT_EQ(result.exit_code, 2) << option << " " << file << result.err;
    }
  }
  const RunResult world =
      run_nearfield({"bench", "flight", "--world", work_ / "w.nfa", "--json", work_ / "./w.nfa"});
  EXPECT_EQ(world.exit_code, 2);
  EXPECT_THAT(world.err, HasSubstr("is the world that is measured"));
  EXPECT_EQ(text_in(work_ / "w.nfa"), archive);
  EXPECT_EQ(text_in(work_ / "other.json"), "{\"mine\": 1}");
}

TEST_F(CliBench, an_interrupted_flight_leaves_nothing_behind) {
  if (!std::filesystem::exists("/proc/self/status")) {
    GTEST_SKIP() << "no /proc here, which says when the program is ready for the signal";
  }
  RunningProgram flight(bin_path("nearfield"),
                        {"bench", "flight", "--dir", work_ / ".", "--seconds", "0.2", "-q"});
  ASSERT_TRUE(flight.signal_when_caught(SIGINT));
  const RunResult result = flight.wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(result.err, HasSubstr("interrupted"));
  EXPECT_TRUE(std::filesystem::is_empty(work_ / "."));
}

TEST_F(CliBench, an_interrupted_run_leaves_an_earlier_report) {
  if (!std::filesystem::exists("/proc/self/status")) {
    GTEST_SKIP() << "no /proc here, which says when the program is ready for the signal";
  }
  const std::string earlier = "{\"machine\": {}, \"results\": []}";
  write_text(work_ / "old.json", earlier);
  RunningProgram flight(bin_path("nearfield"),
                        {"bench", "flight", "--dir", work_ / ".", "--seconds", "0.2", "-q",
                         "--json", work_ / "old.json"});
  ASSERT_TRUE(flight.signal_when_caught(SIGINT));
  const RunResult result = flight.wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(result.err, HasSubstr("no report is written"));
  EXPECT_EQ(text_in(work_ / "old.json"), earlier);
}

TEST_F(CliBench, an_option_without_effect_is_refused) {
  write_text(work_ / "w.nfa", "");
  const std::vector<std::vector<std::string>> wrong = {
      {"bench", "update", "--model", work_ / "m.json"},
      {"bench", "disk", "--world", work_ / "w.nfa"},
      {"bench", "scale", "--workers", "2"},
      {"bench", "flight", "--traces", work_ / "."}};
  for (const std::vector<std::string>& words : wrong) {
    const RunResult result = run_nearfield(words);
    EXPECT_EQ(result.exit_code, 2) << words[1];
    EXPECT_THAT(result.err, HasSubstr("it changes nothing in bench " + words[1]));
  }
}

TEST_F(CliBench, what_is_no_number_and_no_file_is_refused) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"--seconds", "nan"}, {"--seed", "-1"}, {"--seed", "18446744073709551616"}, {"--json", "-"}};
  for (const auto& [option, value] : wrong) {
    const RunResult result = run_nearfield({"bench", "disk", option, value});
    EXPECT_EQ(result.exit_code, 2) << option << " " << value;
  }
}

TEST_F(CliBench, a_damaged_world_is_bad_input_to_every_suite) {
  write_text(work_ / "w.nfa", "no archive");
  for (const char* suite : {"load", "flight"}) {
    const RunResult result = run_nearfield(quick(suite, work_, {"--world", work_ / "w.nfa"}));
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_FALSE(std::filesystem::exists(work_ / "now.json"));
  }
  EXPECT_EQ(run_nearfield(quick("load", work_, {"--world", work_ / "none.nfa"})).exit_code, 2);
}

TEST_F(CliBench, loads_of_small_containers_say_what_the_goals_are_for) {
  write_sample_source(work_ / "source", {});
  ASSERT_EQ(run_nearfield({"pack", work_ / "source", "-o", work_ / "w.nfa"}).exit_code, 0);
  const RunResult result = run_nearfield(quick("load", work_, {"--world", work_ / "w.nfa"}));
  if (!measured("load", result)) GTEST_SKIP() << result.err;
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the containers of w.nfa hold"));
  EXPECT_THAT(text_in(work_ / "now.json"), HasSubstr("the containers of w.nfa hold"));
}

TEST_F(CliBench, small_assets_are_for_loads_of_made_worlds) {
  const RunResult other = run_nearfield({"bench", "disk", "--small"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("--small is for bench load"));
}

TEST_F(CliBench, scale_mounts_the_world_it_was_given) {
  ASSERT_EQ(run_nearfield({"generate", "--recipe", "galaxy", "--systems", "3", "--containers",
                           "700", "--assets", "1234", "-o", work_ / "g.nfa"})
                .exit_code,
            0);
  const RunResult result = run_nearfield(quick("scale", work_, {"--world", work_ / "g.nfa"}));
  if (!measured("scale", result)) GTEST_SKIP() << result.err;
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("open and mount, cached, 700 containers, 1,234 assets"));
  EXPECT_THAT(result.out, HasSubstr("resident for a dormant container, 10,000 containers"));
  const auto report = nlohmann::json::parse(text_in(work_ / "now.json"), nullptr, false);
  EXPECT_GT(report["headlines"]["bytes_a_dormant_container"], 0);
  EXPECT_GT(report["headlines"]["mounted_resident_mb"], 0);
}

class CliBenchLine : public CliBench {
 protected:
  void SetUp() override {
    write_sample_source(work_ / "source", {});
    ASSERT_EQ(run_nearfield({"pack", work_ / "source", "-o", world()}).exit_code, 0);
  }
  std::string world() const { return work_ / "w.nfa"; }
  std::vector<std::string> line(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"bench",  "load",      "--world", world(), "--order",
                                      "random", "--seconds", "0.02",    "--line"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(CliBenchLine, scale_opens_and_mounts_once) {
  const RunResult result =
      run_nearfield({"bench", "scale", "--line", "--world", world(), "--cache", "warm"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1);
  for (const char* key : {"open_seconds", "mount_seconds", "memory", "memory_peak", "containers"})
    EXPECT_GT(result.json()[key], 0) << key;
  EXPECT_EQ(run_nearfield({"bench", "scale", "--line"}).exit_code, 2);
  write_text(work_ / "bad.nfa", "no archive");
  EXPECT_EQ(
      run_nearfield({"bench", "scale", "--cache=warm", "--line", "--world", work_ / "bad.nfa"})
          .exit_code,
      3);
}

TEST_F(CliBenchLine, is_the_same_in_any_order_and_with_any_requesters) {
  std::string hash;
  for (const char* threads : {"1", "2", "4", "64"}) {
    for (const char* seed : {"1", "2", "3", "4", "5"}) {
      const RunResult result =
          run_nearfield(line({"--threads", threads, "--seed", seed, "--ahead", "64"}));
      if (result.exit_code == 4) GTEST_SKIP() << result.err;
      ASSERT_EQ(result.exit_code, 0) << result.err;
      const nlohmann::json said = result.json();
      for (const char* key : {"raw_mbps", "p50us", "p99us", "usr", "sys"}) {
        EXPECT_TRUE(said[key].is_number()) << key;
      }
      EXPECT_GT(said["bytes"], 0);
      EXPECT_GT(said["device_bytes"], 0);
      if (hash.empty()) hash = said["hash"];
      EXPECT_EQ(said["hash"], hash);
    }
  }
}

TEST_F(CliBenchLine, says_that_standard_output_took_nothing) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const RunResult full = run_nearfield(line({}), "/dev/full");
  EXPECT_EQ(full.exit_code, 4);
  EXPECT_THAT(full.err, HasSubstr("standard output"));
}

TEST_F(CliBenchLine, refuses_what_is_no_number) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"--seconds", "nan"}, {"--seconds", "inf"}, {"--seconds", "-1"},
      {"--seed", "-1"},     {"--seed", "x"},      {"--seed", "18446744073709551616"},
      {"--threads", "0"},   {"--ahead", "65"},    {"--backend", "foo"}};
  for (const auto& [option, value] : wrong) {
    const RunResult result = run_nearfield(line({option, value}));
    EXPECT_EQ(result.exit_code, 2) << option << " " << value;
    EXPECT_THAT(result.err, HasSubstr("nearfield bench load: " + option)) << value;
  }
}

TEST_F(CliBenchLine, tells_a_missing_world_from_a_damaged_one) {
  EXPECT_EQ(run_nearfield(line({"--world", work_ / "none.nfa"})).exit_code, 2);
  EXPECT_EQ(run_nearfield({"bench", "load", "--line", "--world", work_ / "none.nfa"}).exit_code, 2);
  std::filesystem::resize_file(world(), std::filesystem::file_size(world()) / 2);
  const RunResult damaged = run_nearfield(line({}));
  EXPECT_EQ(damaged.exit_code, 3);
  EXPECT_THAT(damaged.err, HasSubstr("nearfield bench load: archive"));
}

TEST_F(CliBenchLine, ends_at_the_first_interrupt) {
  if (!std::filesystem::exists("/proc/self/status")) {
    GTEST_SKIP() << "no /proc here, which says when the program is ready for the signal";
  }
  RunningProgram load(bin_path("nearfield"), {"bench", "load", "--world", world(), "--seconds",
                                              "600", "--threads", "64", "--line"});
  ASSERT_TRUE(load.signal_when_caught(SIGINT));
  const RunResult result = load.wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST_F(CliBench, help_shows_examples) {
  const RunResult help = run_nearfield({"bench", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("nearfield bench disk --dir"));
  EXPECT_THAT(help.out, HasSubstr("nearfield bench load --line --help"));
  const RunResult line = run_nearfield({"bench", "load", "--line", "--help"});
  EXPECT_EQ(line.exit_code, 0);
  EXPECT_THAT(line.out, HasSubstr("--ahead"));
  EXPECT_THAT(run_nearfield({"--help"}).out, HasSubstr("bench"));
}

TEST_F(CliBench, a_device_file_that_is_wrong_is_named) {
  write_text(work_ / "d.json", "{}");
  write_sample_source(work_ / "source", {});
  ASSERT_EQ(run_nearfield({"pack", work_ / "source", "-o", work_ / "w.nfa"}).exit_code, 0);
  const RunResult wrong = run_nearfield({"fly", work_ / "w.nfa", "--device", work_ / "d.json"});
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_THAT(wrong.err, HasSubstr("bytes_per_second is missing"));
  EXPECT_EQ(run_nearfield({"fly", work_ / "w.nfa", "--device", work_ / "e.json"}).exit_code, 2);
}

}  // namespace
}  // namespace nf::end_to_end
