// Every system call of the writer fails, or the process is killed in it: at the path there is the
// old archive or the new one, whole, and after an error no temporary file. Needs strace.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

#include "tests/golden/sample_world.h"
#include "tests/golden/temporary_folder.h"

namespace nf {
namespace {

using sample::ByteVector;
using sample::TemporaryFolder;

// All through which a writer changes the disk, and what it opens and closes for that.
const char* const kCalls[] = {"pwritev", "fsync", "renameat", "openat", "close", "fchmod"};

class WriterFault : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    path_ = folder_.file("world.nfa");
    ASSERT_TRUE(sample::write(sample::smallest_world(), path_));
    old_ = sample::read_file(path_);
    ASSERT_TRUE(sample::write(sample::golden_world(), path_));
    new_ = sample::read_file(path_);
    if (std::system("strace -V > /dev/null 2>&1") != 0) GTEST_SKIP() << "strace is not installed";
    if (run("-e trace=none") != 0) GTEST_SKIP() << "strace may not trace here";
  }

  void put_old_back() {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      std::filesystem::remove(entry.path());
    }
    sample::write_file(path_, old_);
  }

  // Writes the golden archive to the path under strace; its exit code, or -1 if it was killed.
  int run(const std::string& options) const {
    // A leak checker cannot look at a process that is traced already.
    // What the loader and a sanitizer open is not the writer's doing.
    const bool opens = options.find("trace=openat") != std::string::npos;
    const std::string only = opens ? "-P " + folder_.path() + " -P " + folder_.path() + "/ " : "";
    const std::string command = "ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o " + trace_ + " " +
                                only + options + " " NF_BIN_DIR "/write_sample " + path_ +
                                " golden > /dev/null 2>&1";
    const int status = std::system(command.c_str());
    if (!WIFEXITED(status)) return -1;
    return WEXITSTATUS(status) > 128 ? -1 : WEXITSTATUS(status);
  }

  // How often an undisturbed run makes a call, the start of the process included.
  int count_calls(const std::string& call) const {
    EXPECT_EQ(run("-e trace=" + call), 0);
    std::ifstream trace(trace_);
    int count = 0;
    for (std::string line; std::getline(trace, line);) {
      count += line.find(call + "(") != std::string::npos ? 1 : 0;
    }
    return count;
  }

  bool old_stands() const { return sample::read_file(path_) == old_; }
  bool new_stands() const { return sample::read_file(path_) == new_; }

  TemporaryFolder folder_;
  TemporaryFolder trace_folder_;
  const std::string trace_ = trace_folder_.file("trace.txt");
  std::string path_;
  ByteVector old_;
  ByteVector new_;
};
INSTANTIATE_TEST_SUITE_P(Call, WriterFault, testing::ValuesIn(kCalls),
                         [](const auto& call) { return std::string(call.param); });

TEST_P(WriterFault, that_is_an_error_leaves_one_whole_archive_and_nothing_else) {
  const std::string call = GetParam();
  put_old_back();
  const int calls = count_calls(call);
  ASSERT_GT(calls, 0);
  for (const char* const error : {"EIO", "ENOSPC"}) {
    for (int n = 1; n <= calls; ++n) {
      put_old_back();
      const std::string when = ":error=" + std::string(error) + ":when=" + std::to_string(n);
      const int exit_code = run("-e trace=" + call + " -e inject=" + call + when);
      EXPECT_TRUE(old_stands() || new_stands()) << call << when;
      EXPECT_EQ(folder_.entry_count(), 1u) << call << when;
      // Done means done. Of the errors, only the flush of the folder comes after the rename, and
      // it says so.
      const bool folder_flush = call == "fsync" && n == calls;
      EXPECT_EQ(new_stands(), exit_code == 0 || folder_flush) << call << when;
      if (folder_flush) {
        EXPECT_EQ(exit_code, 5) << call << when;
      } else if (call != "openat" && call != "close") {
        EXPECT_EQ(exit_code, 4) << call << when;
      }
    }
  }
}

TEST_P(WriterFault, that_kills_the_process_leaves_one_whole_archive_and_the_next_writer_works) {
  const std::string call = GetParam();
  put_old_back();
  const int calls = count_calls(call);
  for (int n = 1; n <= calls; ++n) {
    put_old_back();
    const std::string when = ":signal=KILL:when=" + std::to_string(n);
    (void)run("-e trace=" + call + " -e inject=" + call + when);
    EXPECT_TRUE(old_stands() || new_stands()) << call << when;
    ASSERT_TRUE(sample::write(sample::golden_world(), path_)) << call << when;
    EXPECT_TRUE(new_stands()) << call << when;
  }
}

TEST_P(WriterFault, that_is_an_interruption_is_tried_again_or_leaves_the_old_archive) {
  const std::string call = GetParam();
  put_old_back();
  const int calls = count_calls(call);
  for (int n = 1; n <= calls; ++n) {
    put_old_back();
    const std::string when = ":error=EINTR:when=" + std::to_string(n);
    const int exit_code = run("-e trace=" + call + " -e inject=" + call + when);
    const bool folder_flush = call == "fsync" && n == calls;
    EXPECT_EQ(new_stands(), exit_code == 0 || folder_flush) << call << when;
    if (call == "pwritev") {
      EXPECT_EQ(exit_code, 0) << call << when;
    }
  }
}

}  // namespace
}  // namespace nf
