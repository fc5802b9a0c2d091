// What of its staging a Streamer registers with the kernel, that it says so, and that forks do not
// pay for it.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/resource.h>

#include <cstdint>
#include <fstream>
#include <string>

namespace nf {
namespace {

using namespace literals;

Result<Streamer> with_staging(Backend backend, bool register_staging) {
  return Streamer::create({.memory_budget = 8_MiB,
                           .staging = 2_MiB,
                           .register_staging = register_staging,
                           .backend = backend,
                           .decode_workers = 0});
}

bool may_lock_all() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY) return true;
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "CapEff:") continue;
    status >> word;
    return (std::stoull(word, nullptr, 16) >> CAP_IPC_LOCK & 1) != 0;
  }
  return false;
}

// Of mappings that a forked process does not get.
std::uint64_t bytes_kept_from_forks() {
  std::ifstream maps("/proc/self/smaps");
  std::uint64_t total = 0;
  std::uint64_t size = 0;
  for (std::string line; std::getline(maps, line);) {
    if (line.rfind("Size:", 0) == 0) size = std::stoull(line.substr(5)) << 10;
    if (line.rfind("VmFlags:", 0) == 0 && line.find(" dc") != std::string::npos) total += size;
  }
  return total;
}

TEST(RegisteredStaging, is_all_of_it_where_the_kernel_allows_that) {
  const auto streamer = with_staging(Backend::io_uring, true);
  if (!streamer) GTEST_SKIP() << "no io_uring here: " << error_text(streamer.error().code);
  EXPECT_LE(streamer->stats().registered, 2_MiB);
  if (!may_lock_all()) GTEST_SKIP() << "how much memory this user may lock has a limit";
  EXPECT_EQ(streamer->stats().registered, 2_MiB);
}

TEST(RegisteredStaging, is_none_if_not_asked_for) {
  const auto streamer = with_staging(Backend::io_uring, false);
  if (!streamer) GTEST_SKIP() << "no io_uring here: " << error_text(streamer.error().code);
  EXPECT_EQ(streamer->stats().registered, 0_B);
}

TEST(RegisteredStaging, is_none_where_threads_read) {
  const auto streamer = with_staging(Backend::threads, true);
  ASSERT_TRUE(streamer);
  EXPECT_EQ(streamer->stats().registered, 0_B);
}

TEST(RegisteredStaging, is_kept_from_forks) {
  const std::uint64_t before = bytes_kept_from_forks();
  const auto streamer = with_staging(Backend::threads, true);
  ASSERT_TRUE(streamer);
  EXPECT_GE(bytes_kept_from_forks(), before + (2 << 20));
}

}  // namespace
}  // namespace nf
