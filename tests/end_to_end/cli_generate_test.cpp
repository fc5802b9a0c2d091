// generate: the same seed gives the same world, and the world packs, verifies and flies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

TEST(CliGenerate, a_generated_world_packs_verifies_and_flies) {
  const WorkFolder work;
  const RunResult made =
      run_nearfield({"generate", work / "world", "--size", "16MiB", "--seed", "3", "--json"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const nlohmann::json packed =
      run_nearfield({"pack", work / "world", "-o", work / "w.nfa", "--json"}).json();
  EXPECT_NEAR(packed["raw_size"].get<double>(), 16 << 20, 6 << 20);
  EXPECT_LT(packed["stored_size"], packed["raw_size"]);
  EXPECT_EQ(run_nearfield({"verify", work / "w.nfa"}).exit_code, 0);

  const nlohmann::json simulated =
      run_nearfield({"fly", work / "w.nfa", "--device", "nvme", "--json", "--seconds", "20"})
          .json();
  const nlohmann::json real =
      run_nearfield({"fly", work / "w.nfa", "--as-fast", "--json", "--seconds", "20"}).json();
  EXPECT_EQ(simulated["late_arrivals"], 0);
  EXPECT_EQ(real["late_arrivals"], 0);
  EXPECT_EQ(real["content_hash"], simulated["content_hash"]);
  EXPECT_GT(simulated["arrivals"], 0);

  const RunResult extracted =
      run_nearfield({"extract", work / "w.nfa", "-o", work / "out", "--json"});
  EXPECT_EQ(extracted.exit_code, 0) << extracted.err;
  EXPECT_EQ(extracted.json()["files"], packed["assets"]);
}

TEST(CliGenerate, a_folder_that_is_in_use_is_named_once) {
  const WorkFolder work;
  write_text(work / "gg/x", "");
  const RunResult result = run_nearfield({"generate", work / "gg", "--size", "4MiB"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err.find(work / "gg"), result.err.rfind(work / "gg")) << result.err;
}

TEST(CliPack, packing_says_what_it_left_out) {
  const WorkFolder work;
  write_text(work / "source/a.txt", "a");
  ASSERT_EQ(run_nearfield({"pack", work / "source", "-o", work / "source/old.nfa"}).exit_code, 0);
  const RunResult packed = run_nearfield({"pack", work / "source", "-o", work / "w.nfa", "--json"});
  EXPECT_THAT(packed.err, ::testing::HasSubstr("old.nfa"));
  ASSERT_EQ(packed.json()["notes"].size(), 1u);
  EXPECT_THAT(packed.json()["notes"][0], ::testing::HasSubstr("old.nfa"));
}

TEST(CliGenerate, the_same_seed_gives_the_same_files) {
  const WorkFolder work;
  for (const char* folder : {"a", "b"}) {
    ASSERT_EQ(run_nearfield({"generate", work / folder, "--size", "4MiB", "--seed", "5"}).exit_code,
              0);
  }
  EXPECT_EQ(tree_difference(work / "a", work / "b"), "");
  ASSERT_EQ(run_nearfield({"generate", work / "c", "--size", "4MiB", "--seed", "6"}).exit_code, 0);
  EXPECT_NE(tree_difference(work / "a", work / "c"), "");
}

TEST(CliGenerate, a_star_system_becomes_an_archive_at_once) {
  const WorkFolder work;
  const std::vector<std::string> words = {"generate", "--recipe", "system", "--containers", "2000",
                                          "--assets", "9000",     "--seed", "4",            "-o"};
  for (const char* name : {"a.nfa", "b.nfa"}) {
    std::vector<std::string> all = words;
    all.insert(all.end(), {work / name, "--json"});
    const RunResult made = run_nearfield(all);
    ASSERT_EQ(made.exit_code, 0) << made.err;
    EXPECT_EQ(made.json()["containers"], 2000);
    EXPECT_EQ(made.json()["assets"], 9000);
  }
  const nlohmann::json checked = run_nearfield({"verify", work / "a.nfa", "--json"}).json();
  EXPECT_EQ(checked["content_hash"],
            run_nearfield({"verify", work / "b.nfa", "--json"}).json()["content_hash"]);
  const nlohmann::json info = run_nearfield({"info", work / "a.nfa", "--json"}).json();
  EXPECT_EQ(info["containers"], 2000);
  const nlohmann::json flown =
      run_nearfield({"fly", work / "a.nfa", "--device", "nvme", "--json", "--seconds", "5"}).json();
  EXPECT_EQ(flown["late_arrivals"], 0);
}

TEST(CliGenerate, a_galaxy_has_as_many_star_systems_as_asked_for) {
  const WorkFolder work;
  const RunResult made = run_nearfield({"generate", "--recipe", "galaxy", "--systems", "5", "-o",
                                        work / "g.nfa", "--json"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(made.json()["systems"], 5);
  EXPECT_EQ(made.json()["containers"], 1001);
  EXPECT_GE(made.json()["gates"], 2 * 4);
  const RunResult top =
      run_nearfield({"list", work / "g.nfa", "--flat", "--depth", "1", "--json"});
  EXPECT_EQ(top.exit_code, 0) << top.err;
  EXPECT_EQ(run_nearfield({"verify", work / "g.nfa"}).exit_code, 0);
}

TEST(CliGenerate, what_a_recipe_cannot_do_is_said_before_anything_is_made) {
  const WorkFolder work;
  const std::string out = work / "w.nfa";
  const std::vector<std::pair<std::vector<std::string>, const char*>> wrong = {
      {{}, "name the folder"},
      {{work / "w", "--containers", "1000"}, "--recipe system"},
      {{"-o", out, work / "w"}, "makes a folder"},
      {{"--recipe", "system"}, "-o FILE.nfa"},
      {{"--recipe", "system", "-o", out, work / "w"}, "no folder"},
      {{"--recipe", "system", "-o", out, "--size", "1GiB"}, "--asset-size"},
      {{"--recipe", "system", "-o", out, "--systems", "3"}, "--recipe galaxy"},
      {{"--recipe", "system", "-o", out, "--containers", "99"}, "100 containers or more"},
      {{"--recipe", "system", "-o", out, "--containers", "16777217"}, "at most 16777216"},
      {{"--recipe", "system", "-o", out, "--assets", "0"}, "1 to 268435456 assets"},
      {{"--recipe", "galaxy", "-o", out, "--systems", "1"}, "2 to 10000 star systems"},
      {{"--recipe", "galaxy", "-o", out, "--containers", "900"}, "need 11201 containers"},
  };
  for (const auto& [words, sentence] : wrong) {
    std::vector<std::string> all = {"generate"};
    all.insert(all.end(), words.begin(), words.end());
    const RunResult result = run_nearfield(all);
    EXPECT_EQ(result.exit_code, 2) << sentence;
    EXPECT_THAT(result.err, ::testing::HasSubstr(sentence));
  }
  EXPECT_FALSE(std::filesystem::exists(out));
  write_text(work / "mine.txt", "keep");
  const RunResult taken = run_nearfield(
      {"generate", "--recipe", "system", "--containers", "100", "-o", work / "mine.txt"});
  EXPECT_EQ(taken.exit_code, 2) << taken.err;
}

}  // namespace
}  // namespace nf::end_to_end
