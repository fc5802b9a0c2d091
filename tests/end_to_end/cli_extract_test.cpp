// extract stays inside its folder, whatever lies in the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class CliExtract : public ::testing::Test {
 protected:
  void SetUp() override {
    write_text(work_ / "source/zone/inner/note.txt", "packed\n");
    write_text(work_ / "source/zone/other.txt", "other\n");
    ASSERT_EQ(run_nearfield({"pack", work_ / "source", "-o", work_ / "w.nfa"}).exit_code, 0);
    write_text(work_ / "outside/sentinel.txt", "mine\n");
    write_text(work_ / "outside/note.txt", "mine, too\n");
    outside_before_ = snapshot();
  }
  void TearDown() override {
    EXPECT_EQ(snapshot(), outside_before_) << "something was written outside";
  }

  RunResult extract(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"extract", work_ / "w.nfa", "-o", work_ / "out"};
    words.insert(words.end(), more.begin(), more.end());
    return run_nearfield(words);
  }
  std::string snapshot() const {
    std::string text;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(work_ / "outside")) {
      text += entry.path().string() + "=" + read_text(entry.path().string()) + ";";
    }
    return text;
  }

  WorkFolder work_;
  std::string outside_before_;
};

TEST_F(CliExtract, refuses_a_link_in_place_of_a_folder) {
  fs::create_directories(work_ / "out");
  fs::create_directory_symlink(work_ / "outside", work_ / "out/zone");
  const RunResult result = extract();
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("out/zone"));
  EXPECT_NE(extract({"--force"}).exit_code, 0);
}

TEST_F(CliExtract, refuses_a_link_further_down) {
  fs::create_directories(work_ / "out/zone");
  fs::create_directory_symlink("../../outside", work_ / "out/zone/inner");
  EXPECT_NE(extract().exit_code, 0);
  EXPECT_NE(extract({"--force"}).exit_code, 0);
}

TEST_F(CliExtract, refuses_a_link_that_stays_inside_as_well) {
  fs::create_directories(work_ / "out/elsewhere");
  fs::create_directory_symlink("elsewhere", work_ / "out/zone");
  EXPECT_NE(extract({"--force"}).exit_code, 0);
  EXPECT_TRUE(fs::is_empty(work_ / "out/elsewhere"));
}

TEST_F(CliExtract, replaces_a_link_in_place_of_a_file_and_never_follows_it) {
  fs::create_directories(work_ / "out/zone/inner");
  fs::create_symlink(work_ / "outside/note.txt", work_ / "out/zone/inner/note.txt");
  const RunResult refused = extract();
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--force"));
  const RunResult forced = extract({"--force"});
  EXPECT_EQ(forced.exit_code, 0) << forced.err;
  EXPECT_FALSE(fs::is_symlink(work_ / "out/zone/inner/note.txt"));
  EXPECT_EQ(read_text(work_ / "out/zone/inner/note.txt"), "packed\n");
}

TEST_F(CliExtract, does_not_make_the_target_of_a_dangling_link) {
  fs::create_directories(work_ / "out/zone/inner");
  fs::create_symlink(work_ / "outside/new.txt", work_ / "out/zone/inner/note.txt");
  EXPECT_EQ(extract().exit_code, 2);
  EXPECT_FALSE(fs::exists(work_ / "outside/new.txt"));
}

TEST_F(CliExtract, leaves_existing_files_alone_and_says_which) {
  write_text(work_ / "out/zone/other.txt", "older\n");
  const RunResult refused = extract();
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("zone/other.txt"));
  EXPECT_EQ(read_text(work_ / "out/zone/other.txt"), "older\n");
  EXPECT_EQ(extract({"--force"}).exit_code, 0);
  EXPECT_EQ(read_text(work_ / "out/zone/other.txt"), "other\n");
}

TEST_F(CliExtract, leaves_no_temporary_files) {
  ASSERT_EQ(extract().exit_code, 0);
  EXPECT_NE(extract().exit_code, 0);
  EXPECT_EQ(tree_difference(work_ / "source", work_ / "out"), "");
}

TEST_F(CliExtract, may_be_sent_through_a_link_that_the_user_named) {
  fs::create_directories(work_ / "real");
  fs::create_directory_symlink(work_ / "real", work_ / "out");
  EXPECT_EQ(extract().exit_code, 0);
  EXPECT_EQ(read_text(work_ / "real/zone/other.txt"), "other\n");
}

TEST_F(CliExtract, a_file_in_place_of_a_folder_is_named) {
  write_text(work_ / "out/zone", "a file");
  const RunResult result = extract();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("zone"));
}

TEST_F(CliExtract, without_a_folder_it_makes_one_named_after_the_archive) {
  const std::vector<std::string> words = {"-c", "cd \"$1\" && exec \"$0\" extract w.nfa --json",
                                          bin_path("nearfield"), work_.path()};
  const RunResult result = RunningProgram("/bin/sh", words).wait();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.json()["output"], "w");
  EXPECT_EQ(tree_difference(work_ / "source", work_ / "w"), "");
}

// The packer stores equal files once, so that a small archive may hold many large ones.
TEST_F(CliExtract, refuses_to_fill_the_disk_from_a_small_archive) {
  write_text(work_ / "many/all/0.txt", std::string(1 << 20, 'a'));
  for (int i = 1; i < 70; ++i) {
    fs::create_hard_link(work_ / "many/all/0.txt", work_ / ("many/all/" + std::to_string(i)));
  }
  ASSERT_EQ(run_nearfield({"pack", work_ / "many", "-o", work_ / "w.nfa"}).exit_code, 0);
  const RunResult refused = extract();
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("--allow-expansion"));
  EXPECT_FALSE(fs::exists(work_ / "out"));
  const RunResult allowed = extract({"--allow-expansion", "--json"});
  EXPECT_EQ(allowed.exit_code, 0) << allowed.err;
  EXPECT_EQ(allowed.json()["bytes"], 70 << 20);
}

TEST_F(CliExtract, keeps_going_past_damage_when_asked_to) {
  write_sample_source(work_ / "source2", {.zones_per_side = 2});
  ASSERT_EQ(run_nearfield({"pack", work_ / "source2", "-o", work_ / "w.nfa"}).exit_code, 0);
  const nlohmann::json info = run_nearfield({"info", work_ / "w.nfa", "--json"}).json();
  flip_byte(work_ / "w.nfa", 4096 + 5);
  const RunResult result = extract({"--keep-going", "--json"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.json()["damaged_assets"], 1);
  EXPECT_EQ(result.json()["files"], info["assets"].get<int>() - 1);
}

}  // namespace
}  // namespace nf::end_to_end
