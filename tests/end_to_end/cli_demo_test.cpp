// tools/demo: what it says and ends with when it is interrupted. Nothing is built: a stand-in for
// CMake interrupts the script as a key would, together with all that it has started.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

namespace fs = std::filesystem;

TEST(Demo, an_interrupted_demo_says_so_and_nothing_else) {
  if (!fs::exists("/usr/bin/setsid") || !fs::exists("/bin/bash")) {
    GTEST_SKIP() << "no setsid or no bash here, which the demo is started with";
  }
  const WorkFolder work;
  fs::create_directories(work / "tools");
  fs::create_directories(work / "bin");
  fs::copy_file(fs::path(NF_SOURCE_DIR) / "tools/demo", work / "tools/demo");
  fs::copy(fs::path(NF_SOURCE_DIR) / "tools/lib", work / "tools/lib", fs::copy_options::recursive);
  write_text(work / "bin/cmake", "#!/bin/sh\nkill -INT 0\nexit 1\n");
  fs::permissions(work / "bin/cmake", fs::perms::owner_all);
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
