// What of its staging a Streamer registers with the kernel, and that it says so.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

namespace nf {
namespace {

using namespace literals;

Result<Bytes> registered_with(Backend backend, bool register_staging) {
  const auto made = Streamer::create({.memory_budget = 8_MiB,
                                      .staging = 2_MiB,
                                      .register_staging = register_staging,
                                      .backend = backend,
                                      .decode_workers = 0});
  if (!made) return made.error();
  return made->stats().registered;
}

TEST(RegisteredStaging, is_all_of_it_where_the_kernel_allows_that) {
  const Result<Bytes> registered = registered_with(Backend::io_uring, true);
  if (!registered) GTEST_SKIP() << "no io_uring here: " << error_text(registered.error().code);
  if (*registered != 2_MiB) {
    GTEST_SKIP() << "only " << registered->value << " bytes of memory may be locked here";
  }
}

TEST(RegisteredStaging, is_none_if_not_asked_for) {
  const Result<Bytes> registered = registered_with(Backend::io_uring, false);
  if (!registered) GTEST_SKIP() << "no io_uring here: " << error_text(registered.error().code);
  EXPECT_EQ(*registered, 0_B);
}

TEST(RegisteredStaging, is_none_where_threads_read) {
  const Result<Bytes> registered = registered_with(Backend::threads, true);
  ASSERT_TRUE(registered);
  EXPECT_EQ(*registered, 0_B);
}

}  // namespace
}  // namespace nf
