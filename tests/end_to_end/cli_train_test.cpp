// train: recordings in, a model out; and predict, which foretells with it.
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

class CliTrain : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"c", "a", "d", "b"}) {
      write_text(work_ / ("traces/walk/" + std::string(name) + ".csv"),
                 movement(50, 0.1 * (name[0] - '`')));
    }
    write_text(work_ / "traces/car/c.csv", movement(60, 0.05));
  }
  RunResult train(std::vector<std::string> more) const {
    more.insert(more.begin(), {"train", "--traces", work_ / "traces"});
    return run_nearfield(more);
  }
  RunResult predict(std::vector<std::string> more) const {
    more.insert(more.begin(), {"predict", "--traces", work_ / "traces", "--kinds", "walk",
                               "--policies", "foretell"});
    return run_nearfield(more);
  }

  WorkFolder work_;
};

nlohmann::json without_times(nlohmann::json document) {
  for (nlohmann::json& row : document["rows"]) {
    row.erase("us_per_update");
    row.erase("us_per_update_p99");
  }
  return document;
}

double late_of(const nlohmann::json& document) {
  for (const nlohmann::json& row : document["rows"]) {
    if (row["policy"] == "foretell" && row["read_off"] == false) return row["late_s_per_h"];
  }
  return -1;
}

TEST_F(CliTrain, writes_a_model_and_says_of_what) {
  const RunResult result = train({"-o", work_ / "m.nfm", "--kinds", "walk", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const nlohmann::json document = result.json();
  EXPECT_EQ(document["size"], std::filesystem::file_size(work_ / "m.nfm"));
  EXPECT_LE(document["size"], 1u << 20);
  EXPECT_EQ(document["kinds"], nlohmann::json::array({"walk"}));
  EXPECT_EQ(document["groups"], 4);
  EXPECT_GT(document["moments"], 100);
  EXPECT_GT(document["outcomes"], 100);
  EXPECT_LE(document["loss"], document["loss_untrained"]);
  const RunResult text = train({"-o", work_ / "m.nfm"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("5 groups"));
}

TEST_F(CliTrain, gives_the_same_bytes_again) {
  ASSERT_EQ(train({"-o", work_ / "one.nfm", "--threads", "1"}).exit_code, 0);
  ASSERT_EQ(train({"-o", work_ / "four.nfm", "--threads", "4"}).exit_code, 0);
  const std::string bytes = read_text(work_ / "one.nfm");
  EXPECT_FALSE(bytes.empty());
  EXPECT_TRUE(bytes == read_text(work_ / "four.nfm"));
  // In a folder in which the same files were made in another order.
  for (const char* name : {"a", "b", "c", "d"}) {
    write_text(work_ / ("again/walk/" + std::string(name) + ".csv"),
               movement(50, 0.1 * (name[0] - '`')));
  }
  write_text(work_ / "again/car/c.csv", movement(60, 0.05));
  ASSERT_EQ(
      run_nearfield({"train", "--traces", work_ / "again", "-o", work_ / "again.nfm"}).exit_code,
      0);
  EXPECT_TRUE(bytes == read_text(work_ / "again.nfm"));
}

TEST_F(CliTrain, keeps_to_the_size_that_is_asked_for) {
  ASSERT_EQ(train({"-o", work_ / "m.nfm", "--size", "8KiB"}).exit_code, 0);
  EXPECT_LE(std::filesystem::file_size(work_ / "m.nfm"), 8192u);
  EXPECT_GT(std::filesystem::file_size(work_ / "m.nfm"), 7168u);
}

TEST_F(CliTrain, holds_no_name_and_no_place) {
  ASSERT_EQ(train({"-o", work_ / "here.nfm", "--kinds", "walk"}).exit_code, 0);
  EXPECT_EQ(read_text(work_ / "here.nfm").find("walk"), std::string::npos);
}

TEST_F(CliTrain, says_what_is_wrong) {
  const auto refused = [](const RunResult& result, int code, const char* word) {
    EXPECT_EQ(result.exit_code, code) << word << ": " << result.err;
    EXPECT_THAT(result.err, HasSubstr(word));
  };
  refused(run_nearfield({"train"}), 2, "--traces");
  refused(train({}), 2, "-o");
  refused(train({"-o", work_ / "traces/walk/a.csv"}), 2, "no model");
  refused(train({"-o", work_ / "traces"}), 2, "folder");
  refused(train({"-o", work_ / "m.nfm", "--kinds", "nobody"}), 2, "nobody");
  refused(train({"-o", work_ / "m.nfm", "--size", "600"}), 2, "--size");
  refused(train({"-o", work_ / "m.nfm", "--hours", "0"}), 2, "--hours");
  refused(run_nearfield({"train", "--traces", work_ / "none", "-o", work_ / "m.nfm"}), 2,
          "no such folder");
  write_text(work_ / "still/s.csv", "0,0,0,0\n1,0,0,0\n2,0,0,0\n");
  refused(run_nearfield({"train", "--traces", work_ / "still", "-o", work_ / "m.nfm"}), 3,
          "nothing moves");
  EXPECT_FALSE(std::filesystem::exists(work_ / "m.nfm"));
  ASSERT_EQ(train({"-o", work_ / "traces/walk/a.csv", "--force", "--kinds", "car"}).exit_code, 0);
}

TEST_F(CliTrain, ends_without_a_file_when_it_is_interrupted) {
  if (!std::filesystem::exists("/proc/self/status")) {
    GTEST_SKIP() << "no /proc here, which says when the program is ready for the signal";
  }
  write_text(work_ / "traces/long/l.csv", movement(4000, 0.05));
  RunningProgram program(bin_path("nearfield"), {"train", "--traces", work_ / "traces", "--hours",
                                                 "1000", "-o", work_ / "m.nfm"});
  ASSERT_TRUE(program.signal_when_caught(SIGINT));
  EXPECT_EQ(program.wait().exit_code, 130);
  EXPECT_FALSE(std::filesystem::exists(work_ / "m.nfm"));
}

TEST_F(CliTrain, makes_predict_foretell_otherwise) {
  ASSERT_EQ(train({"-o", work_ / "m.nfm"}).exit_code, 0);
  const nlohmann::json plain = predict({"--json", "-"}).json();
  const nlohmann::json given = predict({"--json", "-", "--model", work_ / "m.nfm"}).json();
  EXPECT_EQ(given["model"], "m.nfm");
  EXPECT_NE(late_of(plain), late_of(given));
  EXPECT_EQ(
      without_times(given),
      without_times(predict({"--json", "-", "--model", work_ / "m.nfm", "--threads", "3"}).json()));
}

TEST_F(CliTrain, happens_within_predict_for_groups_that_are_not_tested) {
  const nlohmann::json trained =
      predict({"--json", "-", "--train", work_ / "traces", "--threads", "1"}).json();
  EXPECT_NE(late_of(trained), late_of(predict({"--json", "-"}).json()));
  EXPECT_EQ(without_times(trained),
            without_times(
                predict({"--json", "-", "--train", work_ / "traces", "--threads", "4"}).json()));
  const RunResult alone = run_nearfield(
      {"predict", "--traces", work_ / "traces", "--kinds", "car", "--train", work_ / "traces"});
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_THAT(alone.err, HasSubstr("nothing to learn from"));
}

TEST_F(CliTrain, gives_models_that_predict_checks) {
  write_text(work_ / "m.nfm", "no model at all");
  const RunResult bad = predict({"--model", work_ / "m.nfm"});
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_THAT(bad.err, HasSubstr("m.nfm: is too short"));
  EXPECT_EQ(predict({"--model", work_ / "none.nfm"}).exit_code, 2);
  EXPECT_EQ(predict({"--model", work_ / "m.nfm", "--train", work_ / "traces"}).exit_code, 2);
  EXPECT_EQ(predict({"--train", work_ / "nowhere"}).exit_code, 2);
}

TEST_F(CliTrain, is_of_use_by_lines_too) {
  ASSERT_EQ(train({"-o", work_ / "m.nfm"}).exit_code, 0);
  std::string lines =
      "TRACE map=m dt=0.1 B=1e6 L=0.1 M=1e9 vstar=10 flat=0 levels=1\nLEVEL 0 R=20\n"
      "C 7 0 100 -5 -5 110 5 5 1000\n";
  for (int i = 0; i < 20; ++i) {
    lines += "U " + std::to_string(0.1 * i) + " " + std::to_string(50 + i) + " 0 0\n";
  }
  write_text(work_ / "lines.txt", lines);
  const auto drive = [&](const std::string& options) {
    return RunningProgram("/bin/sh", {"-c", "\"$0\" predict --stdio " + options + " < \"$1\"",
                                      bin_path("nearfield"), work_ / "lines.txt"})
        .wait();
  };
  const RunResult given = drive("--model " + (work_ / "m.nfm"));
  EXPECT_EQ(given.exit_code, 0) << given.err;
  EXPECT_THAT(given.out, HasSubstr("W 7 "));
  EXPECT_NE(given.out, drive("").out);
}

}  // namespace
}  // namespace nf::end_to_end
