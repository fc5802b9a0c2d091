// The Device that opens where io_uring is refused or starved: it reads the same bytes, is the pool
// of threads where it must be, and says why in one sentence.
#include <gtest/gtest.h>

#include <linux/capability.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <string>

#include "tests/conformance/temp_file.h"

namespace nf::test {
namespace {

struct Outcome {
  int exit_code = -1;
  std::string backend;
  std::string reason;
  std::uint64_t registered = 0;
  std::string hash;
};

std::string line_after(const std::string& text, const std::string& word) {
  const std::size_t at = text.find(word + " ");
  if (at == std::string::npos) return "";
  const std::size_t from = at + word.size() + 1;
  return text.substr(from, text.find('\n', from) - from);
}

// Runs a program with what `change` does to the child before it starts.
Outcome run(const std::vector<std::string>& words, const std::function<void()>& change = [] {}) {
  int ends[2];
  NF_ASSERT(::pipe(ends) == 0);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  NF_ASSERT(child >= 0);
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close_range(3, ~0u, 0);
    change();
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string text;
  char part[512];
  for (ssize_t got = 0; (got = ::read(ends[0], part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .backend = line_after(text, "backend"),
          .reason = line_after(text, "reason"),
          .registered = std::strtoull(line_after(text, "registered").c_str(), nullptr, 10),
          .hash = line_after(text, "hash")};
}

void limit(decltype(RLIMIT_NOFILE) what, rlim_t value) {
  const rlimit both{.rlim_cur = value, .rlim_max = value};
  if (::setrlimit(what, &both) != 0) ::_exit(126);
}

// Locked memory counts for each user: as one that nobody else is, where this process may do that.
void lock_as_nobody_else(rlim_t bytes) {
  (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  (void)::prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0);
  limit(RLIMIT_MEMLOCK, bytes);
  const auto user = static_cast<uid_t>(0x4E460000 + ::getpid());
  if (::geteuid() == 0 && ::setresuid(user, user, user) != 0) ::_exit(126);
}

constexpr int kNoFilters = 125;  // exit code of both programs

class DeviceEnvironment : public testing::Test {
 protected:
  static std::string program(const char* name) { return std::string(NF_BIN_DIR) + "/" + name; }

  void SetUp() override {
    ASSERT_EQ(::chmod(file_.path().c_str(), 0644), 0);
    plain_ = run({program("device_probe"), file_.path()});
    ASSERT_EQ(plain_.exit_code, 0);
    ASSERT_EQ(plain_.hash.size(), 16u);
  }

  Outcome denied(const std::vector<std::string>& how) {
    std::vector<std::string> words = {program("deny_uring")};
    words.insert(words.end(), how.begin(), how.end());
    for (const std::string& word : {std::string("--"), program("device_probe"), file_.path()}) {
      words.push_back(word);
    }
    return run(words);
  }

  // Served by threads, with one sentence that names the cause.
  void expect_threads(const Outcome& outcome, const std::string& cause) {
    if (outcome.exit_code == kNoFilters) GTEST_SKIP() << "the kernel takes no seccomp filter";
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.backend, "threads");
    EXPECT_EQ(outcome.hash, plain_.hash);
    EXPECT_NE(outcome.reason.find(cause), std::string::npos) << outcome.reason;
    EXPECT_NE(outcome.reason.find("; reading with 4 threads"), std::string::npos) << outcome.reason;
    EXPECT_EQ(outcome.reason.find('\n'), std::string::npos);
  }

  // Either backend, if it can: the same bytes, and a reason only with threads.
  void expect_right(const Outcome& outcome) {
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.hash, plain_.hash);
    EXPECT_EQ(outcome.backend == "io_uring", outcome.reason.empty()) << outcome.reason;
  }

  TempFile file_{(std::uint64_t{4} << 20) + 321, 77};
  Outcome plain_;
};

TEST_F(DeviceEnvironment, gives_no_reason_where_the_ring_serves) {
  if (plain_.backend != "io_uring")
    GTEST_SKIP() << "no io_uring on this machine: " << plain_.reason;
  EXPECT_EQ(plain_.reason, "");
}

TEST_F(DeviceEnvironment, reads_with_threads_where_a_container_runtime_refuses_io_uring) {
  expect_threads(denied({"1"}), "not permitted here (EPERM");
}

TEST_F(DeviceEnvironment, reads_with_threads_where_the_kernel_has_no_io_uring) {
  expect_threads(denied({"38"}), "has no io_uring (ENOSYS)");
}

TEST_F(DeviceEnvironment, reads_with_threads_where_a_ring_opens_and_cannot_be_used) {
  expect_threads(denied({"1", "enter"}), "not permitted here (EPERM");
  expect_threads(denied({"38", "enter"}), "has no io_uring (ENOSYS)");
}

TEST_F(DeviceEnvironment, reads_where_little_or_no_memory_may_be_locked) {
  for (const rlim_t bytes : {rlim_t{0}, rlim_t{16} << 10, rlim_t{1} << 20, rlim_t{6} << 20}) {
    const Outcome outcome =
        run({program("device_probe"), file_.path()}, [&] { lock_as_nobody_else(bytes); });
    if (outcome.exit_code == 127)
      GTEST_SKIP() << "another user may not run programs of this folder";
    expect_right(outcome);
    EXPECT_LE(outcome.registered, bytes / 2) << "other rings of this user need memory, too";
    if (outcome.backend == "threads" && plain_.backend == "io_uring") {
      expect_threads(outcome, "ENOMEM: RLIMIT_MEMLOCK");
    }
  }
}

TEST_F(DeviceEnvironment, registers_as_much_memory_as_may_be_locked_each_time) {
  if (plain_.backend != "io_uring") GTEST_SKIP() << "no io_uring: " << plain_.reason;
  if (::geteuid() != 0 || ::prctl(PR_CAPBSET_READ, CAP_IPC_LOCK) != 1) {
    GTEST_SKIP() << "what other programs of this user have locked counts, too";
  }
  EXPECT_GT(plain_.registered, file_.size()) << "with the right to lock without limit";
  const Outcome outcome =
      run({program("device_probe"), file_.path(), "again"}, [&] { lock_as_nobody_else(4 << 20); });
  if (outcome.exit_code == 127) GTEST_SKIP() << "another user may not run programs of this folder";
  EXPECT_EQ(outcome.registered, 2u << 20);
  expect_right(outcome);
}

TEST_F(DeviceEnvironment, reads_where_no_memory_may_be_registered) {
  const Outcome outcome = denied({"1", "register"});
  if (outcome.exit_code == kNoFilters) GTEST_SKIP() << "the kernel takes no seccomp filter";
  EXPECT_EQ(outcome.backend, plain_.backend);
  EXPECT_EQ(outcome.registered, 0u);
  expect_right(outcome);
}

TEST_F(DeviceEnvironment, reads_with_the_last_file_descriptors) {
  // Three standard ones, the file, then the eventfd, then the ring. A sanitizer may have one or two
  // of its own open at any time.
  for (rlim_t descriptors = 4; descriptors <= 10; ++descriptors) {
    const Outcome outcome = run({program("device_probe"), file_.path()}, [&] {
      // A sanitizer's search for leaks opens files of its own at the end.
      ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
      limit(RLIMIT_NOFILE, descriptors);
    });
    expect_right(outcome);
    if (plain_.backend != "io_uring") continue;
    if (descriptors <= 5) EXPECT_EQ(outcome.backend, "threads") << descriptors << " descriptors";
    if (descriptors == 10) EXPECT_EQ(outcome.backend, "io_uring");
    if (outcome.backend == "threads") expect_threads(outcome, "EMFILE: RLIMIT_NOFILE");
  }
}

TEST_F(DeviceEnvironment, goes_on_reading_when_io_uring_is_refused_after_the_ring_was_open) {
  for (int round = 0; round < 10; ++round) {
    const Outcome outcome = run({program("device_probe"), file_.path(), "lockdown"});
    if (outcome.exit_code == kNoFilters) GTEST_SKIP() << "the kernel takes no seccomp filter";
    expect_right(outcome);
  }
}

// strace makes every third call fail without doing it.
TEST_F(DeviceEnvironment, stands_interruptions_and_passing_failures_of_its_system_calls) {
  const std::string strace = "/usr/bin/strace";
  if (run({strace, "-qq", "-o", "/dev/null", "/bin/true"}).exit_code != 0) {
    GTEST_SKIP() << "no strace here, or no right to trace";
  }
  const auto interrupted = [&](const char* call, const char* error,
                               const std::vector<std::string>& how) {
    const std::string traced = std::string("trace=") + call;
    const std::string injected = std::string("inject=") + call + ":error=" + error + ":when=3+3";
    std::vector<std::string> words = {strace, "-f", "-qq", "-o", "/dev/null"};
    for (const std::string& word : {std::string("-e"), traced, std::string("-e"), injected}) {
      words.push_back(word);
    }
    words.insert(words.end(), how.begin(), how.end());
    words.push_back(program("device_probe"));
    words.push_back(file_.path());
    // The sanitizers' search for leaks does not work in a program that is traced.
    return run(words, [] { ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1); });
  };
  for (const char* error : {"EINTR", "EAGAIN", "EBUSY", "ENOMEM", "EPERM"}) {
    expect_right(interrupted("io_uring_enter", error, {}));
  }
  for (const char* error : {"EINTR", "EAGAIN", "ECANCELED"}) {
    // Of this file only: the loader of programs uses the same call.
    const Outcome outcome =
        interrupted("pread64", error, {"-P", file_.path(), program("deny_uring"), "38", "--"});
    expect_threads(outcome, "ENOSYS");
  }
}

TEST_F(DeviceEnvironment, the_launcher_says_what_it_wants) {
  EXPECT_EQ(run({program("deny_uring")}).exit_code, 2);
  EXPECT_EQ(run({program("deny_uring"), "1", "device_probe"}).exit_code, 2);
  EXPECT_EQ(run({program("deny_uring"), "1", "--", "/nonexistent"}).exit_code, 127);
}

}  // namespace
}  // namespace nf::test
