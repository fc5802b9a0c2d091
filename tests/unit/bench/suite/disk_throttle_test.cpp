// Where a group of its own is made, and that nothing of it stays. How fast the disk then is, is for
// the suite to check.
#include "bench/suite/disk_throttle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace nf::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Bytes kPerSecond = {500'000'000};
constexpr int kThrown = 99;  // a process's exit code

std::string text_in(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(DiskCgroup, is_that_of_version_1_where_the_controller_is) {
  const auto place = find_disk_cgroup(
      "25 20 0:22 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755\n"
      "26 25 0:23 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
      "31 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "33 25 0:30 / /sys/fs/cgroup/blkio rw shared:15 - cgroup cgroup rw,blkio\n",
      "7:cpu,cpuacct:/elsewhere\n5:blkio:/user.slice/a b\n0::/user.slice/one.scope\n");
  ASSERT_TRUE(place.has_value());
  EXPECT_FALSE(place->unified);
  EXPECT_EQ(place->top, "/sys/fs/cgroup/blkio");
  EXPECT_EQ(place->home, "/sys/fs/cgroup/blkio/user.slice/a b");
}

TEST(DiskCgroup, is_that_of_version_2_where_there_is_no_other) {
  const auto place = find_disk_cgroup("30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
                                      "0::/user.slice/one.scope\n");
  ASSERT_TRUE(place.has_value());
  EXPECT_TRUE(place->unified);
  EXPECT_EQ(place->top, "/sys/fs/cgroup");
  EXPECT_EQ(place->home, "/sys/fs/cgroup/user.slice/one.scope");
}

TEST(DiskCgroup, lies_below_the_part_of_the_hierarchy_that_is_mounted) {
  const std::string mounts = "33 25 0:30 /box/1 /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n";
  const auto place = find_disk_cgroup(mounts, "5:blkio:/box/1/inner\n");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->home, "/sys/fs/cgroup/blkio/inner");
  ASSERT_TRUE(find_disk_cgroup(mounts, "5:blkio:/box/1\n").has_value());
  EXPECT_FALSE(find_disk_cgroup(mounts, "5:blkio:/box/10\n"));
  EXPECT_FALSE(find_disk_cgroup(mounts, "5:blkio:/\n"));
  EXPECT_FALSE(find_disk_cgroup(mounts, "5:blkio:/box/1/../2\n"));
}

TEST(DiskCgroup, is_none_for_other_texts) {
  EXPECT_FALSE(find_disk_cgroup("", ""));
  EXPECT_FALSE(find_disk_cgroup("30 24 0:26\n", "5:blkio\n"));
  EXPECT_FALSE(find_disk_cgroup("33 25 0:30 / /c rw - cgroup cgroup rw,memory\n", "5:memory:/\n"));
}

TEST(DiskThrottle, refuses_a_folder_without_a_disk) {
  try {
    const DiskThrottle throttle("/proc", kPerSecond);
    FAIL() << "/proc is on a disk";
  } catch (const ThrottleRefused& refused) {
    EXPECT_THAT(refused.what(), HasSubstr("/proc is on no block device of its own"));
  }
}

TEST(DiskThrottle, refuses_a_rate_that_is_not_the_one_asked_for) {
  EXPECT_NO_THROW(require_throttled(kPerSecond, 455e6));
  EXPECT_NO_THROW(require_throttled(kPerSecond, 545e6));
  EXPECT_THROW(require_throttled(kPerSecond, 445e6), ThrottleRefused);
  EXPECT_THROW(require_throttled(kPerSecond, 2000e6), ThrottleRefused);
  EXPECT_THROW(require_throttled(kPerSecond, 0), ThrottleRefused);
}

class DiskThrottleHere : public ::testing::Test {
 protected:
  void SetUp() override {
    before_ = text_in("/proc/self/cgroup");
    const auto place = find_disk_cgroup(text_in("/proc/self/mountinfo"), before_);
    if (place && must_switch_on(*place)) {
      GTEST_SKIP() << "the controller 'io' is off at " << place->top
                   << ", and a test switches nothing on for the whole machine";
    }
    try {
      const DiskThrottle throttle(".", kPerSecond);
      top_ = throttle.group().parent_path();
    } catch (const ThrottleRefused& refused) {
      GTEST_SKIP() << refused.what();
    }
  }
  const std::filesystem::path& top() const { return top_; }

  std::string before_;  // the groups that this process is in

 private:
  std::filesystem::path top_;  // where groups are made
};

TEST_F(DiskThrottleHere, limits_this_process_while_it_lives) {
  const std::string disk = whole_disk_number(".");
  std::filesystem::path group;
  {
    const DiskThrottle throttle(".", kPerSecond);
    group = throttle.group();
    const std::string name = group.filename().string();
    EXPECT_THAT(text_in("/proc/self/cgroup"), HasSubstr(name));
    EXPECT_THAT(before_, Not(HasSubstr(name)));
    EXPECT_THAT(text_in(group / "cgroup.procs"), HasSubstr(std::to_string(::getpid())));
    const std::string limits =
        text_in(group / "blkio.throttle.read_bps_device") + text_in(group / "io.max");
    EXPECT_THAT(limits, HasSubstr(disk + " "));
    EXPECT_THAT(limits, HasSubstr("500000000"));
  }
  EXPECT_EQ(text_in("/proc/self/cgroup"), before_);
  EXPECT_FALSE(std::filesystem::exists(group));
}

TEST_F(DiskThrottleHere, ends_when_what_it_was_for_is_thrown_out) {
  std::filesystem::path group;
  try {
    const DiskThrottle throttle(".", kPerSecond);
    group = throttle.group();
    throw BenchError("interrupted");
  } catch (const BenchError&) {
  }
  EXPECT_EQ(text_in("/proc/self/cgroup"), before_);
  EXPECT_FALSE(std::filesystem::exists(group));
}

TEST(DiskCgroup, has_its_controller_switched_on_only_in_version_2_and_once) {
  const std::filesystem::path top =
      std::filesystem::path(::testing::TempDir()) / ("disk_cgroup_" + std::to_string(::getpid()));
  std::filesystem::create_directory(top);
  const auto switched_on = [&top](const char* controllers) {
    std::ofstream(top / "cgroup.subtree_control") << controllers;
  };
  switched_on("cpu memory\n");
  EXPECT_TRUE(must_switch_on({.unified = true, .top = top, .home = top}));
  EXPECT_FALSE(must_switch_on({.unified = false, .top = top, .home = top}));
  switched_on("cpu io memory\n");
  EXPECT_FALSE(must_switch_on({.unified = true, .top = top, .home = top}));
  switched_on("");
  EXPECT_TRUE(must_switch_on({.unified = true, .top = top, .home = top}));
  std::filesystem::remove_all(top);
}

// Folders that look like control groups, and take every command.
class GroupFolders : public ::testing::Test {
 protected:
  GroupFolders() {
    std::filesystem::remove_all(top_);
    for (const char* group : {"home", "own", "other"}) {
      std::filesystem::create_directories(top_ / group);
    }
    put("own/io.max", "");
  }
  ~GroupFolders() override { std::filesystem::remove_all(top_); }

  void put(const char* file, const char* text) const { std::ofstream(top_ / file) << text; }
  LeaveResult leave() const {
    return leave_group({.home = top_ / "home",
                        .top = top_,
                        .lift = {.file = top_ / "own/io.max", .text = "8:0 rbps=max"},
                        .moved = true});
  }
  std::string sentence() const { return sentence_of(leave(), top_ / "home", top_, top_ / "own"); }

  std::filesystem::path top_ =
      std::filesystem::path(::testing::TempDir()) / ("disk_groups_" + std::to_string(::getpid()));
};

TEST_F(GroupFolders, a_process_goes_back_to_where_it_came_from) {
  put("home/cgroup.procs", "");
  EXPECT_EQ(leave().home_error, 0);
  EXPECT_EQ(text_in(top_ / "home/cgroup.procs"), std::to_string(::getpid()));
  EXPECT_EQ(text_in(top_ / "own/io.max"), "");
}

TEST_F(GroupFolders, a_process_without_a_home_goes_to_the_top) {
  put("cgroup.procs", "");
  EXPECT_THAT(sentence(), HasSubstr("and is in " + top_.string() + " from here on"));
  EXPECT_EQ(text_in(top_ / "cgroup.procs"), std::to_string(::getpid()));
  EXPECT_EQ(text_in(top_ / "own/io.max"), "");
}

TEST_F(GroupFolders, a_process_that_cannot_leave_is_limited_no_more) {
  EXPECT_THAT(sentence(), HasSubstr("it stays in " + (top_ / "own").string() + ", whose limit is"));
  EXPECT_EQ(text_in(top_ / "own/io.max"), "8:0 rbps=max");
}

TEST_F(GroupFolders, a_limit_that_stays_is_said) {
  std::filesystem::remove(top_ / "own/io.max");
  EXPECT_THAT(sentence(), HasSubstr("is on the slower disk"));
}

TEST_F(GroupFolders, a_limit_of_others_is_seen) {
  put("other/io.max", "");
  put("other/io.latency", "");
  EXPECT_FALSE(has_limited_group(top_));
  put("other/io.max", "8:0 rbps=1000000 wbps=max riops=max wiops=max\n");
  EXPECT_TRUE(has_limited_group(top_));
  put("other/io.max", "");
  put("other/io.latency", "8:0 target=10000\n");
  EXPECT_TRUE(has_limited_group(top_));
  EXPECT_TRUE(has_limited_group(top_ / "nowhere"));
}

// In a process of its own, which leaves nothing to this one but its exit code: what `work` returns.
template <class Work>
pid_t begin_process(Work work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  int code = kThrown;
  try {
    code = work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "in a process of its own: %s\n", error.what());
  }
  ::_exit(code);
}

TEST_F(DiskThrottleHere, removes_what_a_killed_process_left) {
  const pid_t child = begin_process([] {
    const DiskThrottle throttle(".", kPerSecond);
    ::_exit(0);  // past the throttle's end
    return kThrown;
  });
  ASSERT_GE(child, 0);
  const std::filesystem::path left = top() / ("nearfield_bench_" + std::to_string(child));
  // Until it is waited for, the child is a process still, whose group no other throttle removes.
  siginfo_t ended = {};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(ended.si_code, CLD_EXITED);
  EXPECT_EQ(ended.si_status, 0);
  EXPECT_TRUE(std::filesystem::exists(left));
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  {
    const DiskThrottle throttle(".", kPerSecond);
    EXPECT_FALSE(std::filesystem::exists(left));
  }
}

std::filesystem::path home_to_lose(const std::filesystem::path& top, pid_t process) {
  return top / ("lost_home_" + std::to_string(process));
}

// 0 if the process, whose group went while it was throttled, is told so.
int lose_home(const std::filesystem::path& top) {
  const std::filesystem::path home = home_to_lose(top, ::getpid());
  if (!std::filesystem::create_directory(home)) return 1;
  std::ofstream(home / "cgroup.procs") << ::getpid() << std::flush;
  std::vector<std::string> notes;
  {
    const DiskThrottle throttle(".", kPerSecond, &notes);
    if (::rmdir(home.c_str()) != 0) return 2;
  }
  if (notes.size() != 1) return 3;
  return notes[0].find(home.string()) == std::string::npos ? 4 : 0;
}

TEST_F(DiskThrottleHere, says_that_its_process_could_not_go_back) {
  const pid_t child = begin_process([this] { return lose_home(top()); });
  ASSERT_GE(child, 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const std::filesystem::path home = home_to_lose(top(), child);
  EXPECT_FALSE(std::filesystem::exists(home));
  (void)::rmdir(home.c_str());  // where the test fails
}

TEST_F(DiskThrottleHere, says_nothing_where_its_process_went_back) {
  std::vector<std::string> notes;
  {
    const DiskThrottle throttle(".", kPerSecond, &notes);
  }
  EXPECT_TRUE(notes.empty());
}

}  // namespace
}  // namespace nf::bench
