#include <gtest/gtest.h>
#include <nearfield/nearfield.h>

namespace nf {
namespace {

TEST(ReadWindow, is_what_was_measured_in_two_reads_at_least) {
  const ReadWindow two = read_window_for({2u << 20});
  EXPECT_EQ(two.reads_in_flight_max, 2_MiB);
  EXPECT_EQ(two.read_size_max, 1_MiB);
  const ReadWindow one = read_window_for({1u << 20});
  EXPECT_EQ(one.reads_in_flight_max, 1_MiB);
  EXPECT_EQ(one.read_size_max, 512_KiB);
  EXPECT_EQ(read_window_for({16u << 20}).read_size_max, 1_MiB);
}

TEST(ReadWindow, stays_within_what_a_streamer_takes_whatever_the_number) {
  for (const std::uint64_t number : {0ull, 1ull, 4096ull, 262'145ull, 1'000'000'000ull, ~0ull}) {
    const ReadWindow window = read_window_for({number});
    EXPECT_GE(window.read_size_max.value, 65'536u) << number;
    EXPECT_EQ(window.read_size_max.value % 4096, 0u) << number;
    EXPECT_LE(2 * window.read_size_max.value, window.reads_in_flight_max.value) << number;
    EXPECT_LE(window.reads_in_flight_max, 32_MiB) << number;
    const Result<Streamer> streamer =
        Streamer::create({.memory_budget = 16_MiB,
                          .staging = 4_MiB,
                          .backend = Backend::threads,
                          .read_size_max = window.read_size_max,
                          .reads_in_flight_max = window.reads_in_flight_max});
    EXPECT_TRUE(streamer.has_value()) << number;
  }
}

}  // namespace
}  // namespace nf
