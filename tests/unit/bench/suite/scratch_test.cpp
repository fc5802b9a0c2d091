// That what killed processes left goes, and nothing else.
#include "bench/suite/scratch.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace nf::bench {
namespace {

namespace fs = std::filesystem;

// The number of a process that has ended.
std::string gone_process() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return std::to_string(child);
}

class Abandoned : public ::testing::Test {
 protected:
  Abandoned() : scratch_(::testing::TempDir(), "abandoned") {}
  fs::path put(const std::string& name) const {
    std::ofstream(scratch_.path() / name) << "bytes";
    return scratch_.path() / name;
  }
  fs::path put_folder(const std::string& name) const {
    fs::create_directory(scratch_.path() / name);
    std::ofstream(scratch_.path() / name / "file") << "bytes";
    return scratch_.path() / name;
  }

  ScratchFolder scratch_;
  std::string gone_ = gone_process();
  std::string here_ = std::to_string(::getpid());
};

TEST_F(Abandoned, folders_of_processes_that_are_gone_are_removed) {
  const fs::path left = put_folder("nearfield_bench_load_" + gone_ + "_Xq2rT9");
  const fs::path used = put_folder("nearfield_bench_load_" + here_ + "_Xq2rT9");
  const fs::path others = put_folder("somebody_" + gone_ + "_Xq2rT9");
  const fs::path unknown = put_folder("nearfield_bench_load_Xq2rT9");
  remove_abandoned_folders(scratch_.path());
  EXPECT_FALSE(fs::exists(left));
  for (const fs::path& stays : {used, others, unknown}) EXPECT_TRUE(fs::exists(stays)) << stays;
}

TEST_F(Abandoned, a_scratch_folder_in_use_stays) {
  const ScratchFolder inner(scratch_.path(), "load");
  remove_abandoned_folders(scratch_.path());
  EXPECT_TRUE(fs::exists(inner.path()));
}

TEST_F(Abandoned, archives_that_were_not_finished_are_removed) {
  const fs::path left = put(".star_lz4.nfa." + gone_ + ".0.tmp");
  const fs::path used = put(".star_lz4.nfa." + here_ + ".0.tmp");
  const fs::path whole = put("star_lz4.nfa");
  const fs::path others = put("notes." + gone_ + ".0.tmp");
  remove_abandoned_archives(scratch_.path());
  EXPECT_FALSE(fs::exists(left));
  for (const fs::path& stays : {used, whole, others}) EXPECT_TRUE(fs::exists(stays)) << stays;
}

}  // namespace
}  // namespace nf::bench
