// generate: the same seed gives the same world, and the world packs, verifies and flies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace nf::end_to_end
