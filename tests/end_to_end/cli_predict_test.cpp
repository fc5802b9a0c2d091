// predict: recordings in, late seconds at equal bytes out; and a policy that is driven by lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <filesystem>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

using ::testing::HasSubstr;

// Goes round a wide bend, or to and fro.
std::string movement(double seconds, double bend) {
  std::string text = "t_seconds,x,y,z\n";
  double x = 0, y = 0, heading = 0;
  for (double t = 0; t <= seconds; t += 0.1) {
    text += std::to_string(t) + "," + std::to_string(x) + "," + std::to_string(y) + ",0\n";
    heading += bend * 0.1 * std::sin(t / 3);
    x += std::cos(heading);
    y += std::sin(heading);
  }
  return text;
}

class CliPredict : public ::testing::Test {
 protected:
  void SetUp() override {
    write_text(work_ / "traces/walk/a.csv", movement(60, 0.2));
    write_text(work_ / "traces/walk/b.csv", movement(60, 0.5));
    write_text(work_ / "traces/car/c.csv", movement(80, 0.05));
  }
  RunResult predict(std::vector<std::string> more) const {
    more.insert(more.begin(), {"predict", "--traces", work_ / "traces"});
    return run_nearfield(more);
  }
  RunResult drive(const std::string& lines, const std::string& options = "") const {
    write_text(work_ / "lines.txt", lines);
    return RunningProgram("/bin/sh", {"-c", "\"$0\" predict --stdio " + options + " < \"$1\"",
                                      bin_path("nearfield"), work_ / "lines.txt"})
        .wait();
  }

  WorkFolder work_;
};

TEST_F(CliPredict, writes_rows_that_scripts_rely_on) {
  const RunResult result = predict({"--json", work_ / "p.json", "--html", work_ / "p.html"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("pooled"));
  const nlohmann::json document = nlohmann::json::parse(read_text(work_ / "p.json"));
  int read_off = 0;
  for (const nlohmann::json& row : document["rows"]) {
    for (const char* name :
         {"knob", "late_s_per_h", "hitches_per_h", "gb_read_per_h", "gb_wasted_per_h", "peak_mb",
          "us_per_update", "cap", "gain", "n_traces", "hours"}) {
      EXPECT_TRUE(row[name].is_number()) << name << " of " << row;
    }
    EXPECT_TRUE(row["kind"].is_string());
    EXPECT_TRUE(row["policy"].is_string());
    if (row["policy"] == "oracle") {
      EXPECT_NEAR(row["gain"].get<double>(), 1, 1e-6);
    }
    read_off += row["read_off"].get<bool>() ? 1 : 0;
  }
  EXPECT_EQ(document["traces"], "traces") << "and not where it lies";
  EXPECT_EQ(read_off, 3 * 5 * 4);  // walk, car and pooled; policies; caps
  const std::string page = read_text(work_ / "p.html");
  EXPECT_THAT(page, HasSubstr("<svg class='chart'"));
  EXPECT_THAT(page, HasSubstr("walk"));
  EXPECT_EQ(page.find("http"), std::string::npos);
}

TEST_F(CliPredict, is_the_same_for_any_number_of_threads) {
  const auto figures = [&](const char* threads) {
    nlohmann::json document = predict({"--json", "-", "--threads", threads}).json();
    for (nlohmann::json& row : document["rows"]) {
      row.erase("us_per_update");
      row.erase("us_per_update_p99");
    }
    return document;
  };
  const nlohmann::json one = figures("1");
  EXPECT_FALSE(one["rows"].empty());
  EXPECT_EQ(one, figures("4"));
}

TEST_F(CliPredict, takes_kinds_and_policies_that_are_named) {
  const nlohmann::json document =
      predict({"--json", "-", "--kinds", "walk", "--policies", "margin"}).json();
  for (const nlohmann::json& row : document["rows"]) {
    EXPECT_NE(row["kind"], "car");
    EXPECT_NE(row["policy"], "cv");
  }
  EXPECT_EQ(document["kinds"].size(), 1u);
}

TEST_F(CliPredict, moves_on_the_disk_and_in_the_memory_that_are_named) {
  const nlohmann::json fast =
      predict({"--json", "-", "--device", "nvme", "--memory", "4GiB", "--kinds", "car"}).json();
  EXPECT_EQ(fast["kinds"][0]["disk_bytes_per_second"], 3e9);
  const nlohmann::json slow =
      predict({"--json", "-", "--device", "broadband", "--kinds", "car"}).json();
  EXPECT_GT(slow["rows"][0]["late_s_per_h"], fast["rows"][0]["late_s_per_h"]);
}

TEST_F(CliPredict, knows_groups_and_speeds_from_an_index) {
  write_text(work_ / "traces/index.csv",
             "file,kind,group,vmax\nwalk/a.csv,foot,g1,12\nwalk/b.csv,foot,g1,12\n");
  const nlohmann::json document = predict({"--json", "-"}).json();
  ASSERT_EQ(document["kinds"].size(), 1u);
  EXPECT_EQ(document["kinds"][0]["kind"], "foot");
  write_text(work_ / "traces/index.csv", "file,kind,group,vmax\n../../secret,foot,g1,12\n");
  const RunResult bad = predict({});
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_THAT(bad.err, HasSubstr("index.csv:2"));
}

TEST_F(CliPredict, says_which_recording_is_bad) {
  write_text(work_ / "traces/walk/z.csv", "t_seconds,x,y,z\n0,0,0,0\n1,nan,0,0\n");
  const RunResult result = predict({});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("z.csv"));
  EXPECT_THAT(result.err, HasSubstr("line 3"));
}

TEST_F(CliPredict, says_what_it_leaves_out) {
  write_text(work_ / "traces/still/s.csv", "0,0,0,0\n1,0,0,0\n2,0,0,0\n");
  const RunResult result = predict({});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("still"));
  const RunResult alone = predict({"--kinds", "still"});
  EXPECT_EQ(alone.exit_code, 3);
  EXPECT_THAT(alone.err, HasSubstr("nothing moves"));
}

TEST_F(CliPredict, says_what_is_wrong_with_a_question) {
  const auto refused = [](const RunResult& result, const char* word) {
    EXPECT_EQ(result.exit_code, 2) << word;
    EXPECT_THAT(result.err, HasSubstr(word));
  };
  refused(run_nearfield({"predict"}), "--traces");
  refused(run_nearfield({"predict", "--traces", work_ / "none"}), "no such folder");
  refused(predict({"--kinds", "nobody"}), "nobody");
  refused(predict({"--policies", "nobody"}), "nobody");
  refused(predict({"--world", "w.nfa"}), "--world");
  refused(predict({"--hours", "0"}), "--hours");
  refused(predict({"--rho", "nan"}), "--rho");
  refused(predict({"--grid", "-1"}), "--grid");
  refused(predict({"--memory", "0"}), "--memory");
  refused(predict({"--device", "nobody"}), "nobody");
  refused(predict({"--json", work_ / "traces/walk/a.csv"}), "no JSON");
  refused(predict({"--html", work_ / "traces/walk/a.csv"}), "not a report");
  refused(predict({"--stdio"}), "--stdio");
  refused(run_nearfield({"predict", "--stdio", "--policy", "oracle"}), "oracle");
  refused(run_nearfield({"predict", "--stdio", "--policy", "nobody"}), "nobody");
}

TEST_F(CliPredict, ends_soon_when_it_is_interrupted) {
  if (!std::filesystem::exists("/proc/self/status")) {
    GTEST_SKIP() << "no /proc here, which says when the program is ready for the signal";
  }
  write_text(work_ / "traces/long/l.csv", movement(4000, 0.05));
  RunningProgram program(bin_path("nearfield"),
                         {"predict", "--traces", work_ / "traces", "--kinds", "long", "--hours",
                          "1000", "--json", work_ / "p.json"});
  ASSERT_TRUE(program.signal_when_caught(SIGINT));
  const RunResult result = program.wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_FALSE(std::filesystem::exists(work_ / "p.json"));
}

constexpr const char* kLines =
    "TRACE map=m dt=0.1 B=1e6 L=0.1 M=1e9 vstar=10 flat=0 levels=1\n"
    "LEVEL 0 R=20\n"
    "C 7 0 100 -5 -5 110 5 5 1000\n"
    "U 0 70 0 0\n";

TEST_F(CliPredict, is_driven_by_lines) {
  const RunResult margin = drive(std::string(kLines) + "QUIT\n", "--policy margin --knob 2");
  EXPECT_EQ(margin.exit_code, 0) << margin.err;
  EXPECT_EQ(margin.out, "W 7 0.5\n.\n");
  // Without QUIT the end of the input is the end; a last line needs no line feed.
  const RunResult moving = drive(std::string(kLines) + "U 0.1 71 0 0", "--policy cv --knob 3");
  EXPECT_EQ(moving.exit_code, 0) << moving.err;
  EXPECT_EQ(moving.out, ".\nW 7 0.5263158\n.\n");
  const RunResult best = drive(std::string(kLines) + "U 0.1 71 0 0\nU 0.2 72 0 0\nQUIT\n");
  EXPECT_EQ(best.exit_code, 0) << best.err;
  EXPECT_THAT(best.out, HasSubstr("W 7 "));
  EXPECT_TRUE(best.out.ends_with("\n.\n")) << best.out;
}

TEST_F(CliPredict, refuses_a_line_with_its_number) {
  const RunResult result = drive(std::string(kLines) + "S 8 1\nU 1 0 0 0\n", "--policy margin");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("line 5: "));
  EXPECT_EQ(result.out, "W 7 0.5\n.\n");
  const RunResult endless = drive(std::string(1'000'000, 'x'));
  EXPECT_EQ(endless.exit_code, 3);
  EXPECT_THAT(endless.err, HasSubstr("line 1: longer"));
}

}  // namespace
}  // namespace nf::end_to_end
