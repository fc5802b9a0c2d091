// tools/demo: what it says while it builds, and what it ends with when it is interrupted. Nothing
// is built: a stand-in for CMake says what a build would, or interrupts the script as a key would,
// together with all that it has started.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

namespace fs = std::filesystem;

// The demo in a folder of its own, with this in the place of CMake.
void set_up(const WorkFolder& work, const std::string& cmake) {
  fs::create_directories(work / "tools");
  fs::create_directories(work / "bin");
  fs::copy_file(fs::path(NF_SOURCE_DIR) / "tools/demo", work / "tools/demo");
  fs::copy(fs::path(NF_SOURCE_DIR) / "tools/lib", work / "tools/lib", fs::copy_options::recursive);
  write_text(work / "bin/cmake", cmake);
  fs::permissions(work / "bin/cmake", fs::perms::owner_all);
}

TEST(Demo, says_how_far_its_build_is) {
  if (!fs::exists("/bin/bash")) GTEST_SKIP() << "no bash here, which the demo is started with";
  const WorkFolder work;
  set_up(work,
         "#!/bin/sh\n"
         "[ \"$1\" = --build ] || exit 0\n"
         "echo '[1/4] Building a.o'\n"
         "echo '[3/4] Building b.o'\n"
         "echo 'b.cpp:1:1: error: as it had to come' >&2\n"
         "exit 1\n");
  const RunResult result =
      RunningProgram("/bin/sh", {"-c",
                                 "NF_PROGRESS_SECONDS=0 PATH=\"$0/bin:$PATH\" exec bash "
                                 "\"$0/tools/demo\" --no-install",
                                 work.path()})
          .wait();
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out, ::testing::HasSubstr(" 25 % of 4 steps\n"));
  EXPECT_THAT(result.out, ::testing::HasSubstr(" 75 % of 4 steps\n"));
  EXPECT_THAT(result.err, ::testing::HasSubstr("error: as it had to come"));
  EXPECT_THAT(result.err, ::testing::HasSubstr("does not build"));
}

TEST(Demo, an_interrupted_demo_says_so_and_nothing_else) {
  if (!fs::exists("/usr/bin/setsid") || !fs::exists("/bin/bash")) {
    GTEST_SKIP() << "no setsid or no bash here, which the demo is started with";
  }
  const WorkFolder work;
  set_up(work, "#!/bin/sh\nkill -INT 0\nexit 1\n");
  const RunResult result =
      RunningProgram("/bin/sh", {"-c",
                                 "PATH=\"$0/bin:$PATH\" exec setsid --wait bash \"$0/tools/demo\" "
                                 "--no-install",
                                 work.path()})
          .wait();
  EXPECT_EQ(result.exit_code, 130) << result.out << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_THAT(result.err, ::testing::HasSubstr("interrupted"));
}

}  // namespace
}  // namespace nf::end_to_end
