// The simulated disks that have names, as the verbs list them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/run_program.h"

namespace nf::end_to_end {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(CliFlyDevices, are_listed_by_certify_too) {
  const std::vector<std::vector<std::string>> ways = {{"certify", "--device", "list"},
                                                      {"certify", "--device=list"}};
  for (const std::vector<std::string>& words : ways) {
    const RunResult result = run_nearfield(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("sd_card"));
    EXPECT_THAT(result.out, Not(HasSubstr("real")));
  }
  EXPECT_EQ(run_nearfield({"certify", "--device", "nvme", "--speed", "1"}).exit_code, 2);
  for (const char* verb : {"fly", "certify"}) {
    EXPECT_THAT(run_nearfield({verb, "--help"}).out, HasSubstr("sd_card")) << verb;
  }
}

TEST(CliFlyDevices, lists_the_models) {
  const RunResult result = run_nearfield({"fly", "--device", "list", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_GE(result.json()["devices"].size(), 5u);
  EXPECT_THAT(result.out, Not(::testing::ContainsRegex("\\.[0-9]{13}")));
  EXPECT_THAT(run_nearfield({"fly", "--device", "list"}).out, HasSubstr("hdd"));
}

}  // namespace
}  // namespace nf::end_to_end
