#include "core/residency/lateness.h"

#include <gtest/gtest.h>

namespace nf {
namespace {

using namespace literals;

constexpr Time at(std::int64_t ms) {
  return {ms * 1'000'000};
}

// Wanted at 1 s, needed a second later, loads in 0.1 s and decodes in 0.05 s when nothing is in the
// way. Each test says what was.
class FindCause : public testing::Test {
 protected:
  LateCause cause() { return find_cause(history_, late_); }
  void loaded(int load_ms, int read_ms, int ready_ms) {
    history_.load_at = at(load_ms);
    history_.read_at = at(read_ms);
    history_.ready_at = at(ready_ms);
  }

  ArrivalHistory history_{.wanted_since = at(1000),
                          .load_at = at(1000),
                          .read_at = at(1100),
                          .ready_at = at(1150),
                          .announced_at = at(1150)};
  LateCase late_{.needed_since = at(2000),
                 .until = at(4000),
                 .bare_read = 100_ms,
                 .bare_decode = 50_ms,
                 .memory_short = {}};
};

TEST_F(FindCause, is_the_disk_if_reading_took_longer_than_it_does_alone) {
  history_.read_at = at(3900);
  history_.ready_at = at(4000);
  EXPECT_EQ(cause(), LateCause::disk);
}

TEST_F(FindCause, is_the_disk_if_it_had_no_time_to_begin) {
  loaded(3000, 3900, 4000);
  EXPECT_EQ(cause(), LateCause::disk);
}

TEST_F(FindCause, is_the_decoder_if_what_was_read_waited_for_it) {
  history_.read_at = at(1500);
  history_.ready_at = at(4000);
  EXPECT_EQ(cause(), LateCause::decode);
}

TEST_F(FindCause, is_memory_if_no_room_was_found_for_it) {
  history_.memory_since = at(1200);
  loaded(3000, 3600, 4000);
  EXPECT_EQ(cause(), LateCause::memory);
}

TEST_F(FindCause, is_memory_if_it_waited_behind_something_that_found_no_room) {
  late_.memory_short = 1500_ms;
  loaded(3000, 3900, 4000);
  EXPECT_EQ(cause(), LateCause::memory);
}

TEST_F(FindCause, is_the_budget_if_it_was_there_and_not_handed_out) {
  EXPECT_EQ(cause(), LateCause::budget);
}

TEST_F(FindCause, is_failure_from_the_first_attempt_that_failed_to_the_last_one) {
  history_.failed_since = at(1000);
  loaded(3500, 3900, 4000);
  EXPECT_EQ(cause(), LateCause::failed);
}

TEST_F(FindCause, is_foretelling_if_there_was_less_time_than_loading_takes) {
  history_ = {.wanted_since = at(1900),
              .load_at = at(1900),
              .read_at = at(2000),
              .ready_at = at(2050),
              .announced_at = at(2050)};
  late_.until = at(2050);
  EXPECT_EQ(cause(), LateCause::foretold_too_late);
}

TEST_F(FindCause, is_foretelling_if_all_came_at_once_and_stood_in_each_others_way) {
  history_.wanted_since = at(2000);
  loaded(3000, 3950, 4000);
  EXPECT_EQ(cause(), LateCause::foretold_too_late);
}

TEST_F(FindCause, is_the_disk_if_foretelling_it_in_full_would_have_helped_little) {
  history_.wanted_since = at(1851);  // a millisecond less than it takes
  loaded(1851, 11'950, 12'000);
  late_.until = at(12'000);
  EXPECT_EQ(cause(), LateCause::disk);
}

TEST_F(FindCause, is_not_foretelling_if_something_else_took_far_longer) {
  history_.wanted_since = history_.memory_since = at(2000);
  loaded(3900, 3950, 4000);
  EXPECT_EQ(cause(), LateCause::memory);
}

TEST_F(FindCause, is_that_of_what_it_waited_for) {
  late_.dependencies_at = at(3990);
  EXPECT_EQ(cause(), LateCause::dependency);
  late_.dependency = LateCause::decode;
  EXPECT_EQ(cause(), LateCause::decode);
}

TEST_F(FindCause, takes_what_has_not_ended_to_last_until_now) {
  history_.load_at = history_.read_at = history_.ready_at = Time::never();
  EXPECT_EQ(cause(), LateCause::disk);
  history_.memory_since = at(1500);
  EXPECT_EQ(cause(), LateCause::memory);
  history_.failed_since = at(1000);
  EXPECT_EQ(cause(), LateCause::failed);
}

TEST_F(FindCause, expects_nothing_of_what_was_in_memory_already) {
  history_ = {.wanted_since = at(2000),
              .load_at = at(2000),
              .read_at = at(2000),
              .ready_at = at(2000),
              .announced_at = at(4000)};
  EXPECT_EQ(cause(), LateCause::budget);
}

TEST_F(FindCause, is_told_even_where_nothing_took_any_time) {
  late_.until = late_.needed_since;
  history_ = {.wanted_since = at(2000)};
  EXPECT_EQ(cause(), LateCause::foretold_too_late);
  EXPECT_NE(find_cause({}, late_), LateCause::none);
}

TEST(BareTime, expects_nothing_before_it_saw_anything) {
  EXPECT_EQ(BareTime{}.expected(1_GiB), 0_s);
}

TEST(BareTime, learns_latency_and_rate_from_loads_that_were_alone) {
  BareTime bare;
  for (int i = 0; i < 200; ++i) {
    const Bytes size = i % 2 == 0 ? 0_B : 1_MiB;
    const Duration took = i % 2 == 0 ? 10_ms : 110_ms;
    bare.add({.size = size, .from = at(i * 1000), .until = at(i * 1000) + took, .alone = true});
  }
  EXPECT_NEAR(bare.expected(1_MiB).seconds(), 0.11, 0.01);
  EXPECT_NEAR(bare.expected(0_B).seconds(), 0.01, 0.001);
}

TEST(BareTime, does_not_take_a_queue_for_a_slow_disk) {
  BareTime bare;
  // All asked for at once, served one after the other.
  for (int i = 1; i <= 100; ++i) {
    bare.add({.size = 1_MiB, .from = at(0), .until = at(i * 100), .alone = i == 1});
  }
  EXPECT_LE(bare.expected(1_MiB), 210_ms);
}

TEST(BareTime, notices_that_a_disk_became_slower) {
  BareTime bare;
  bare.add({.size = 1_MiB, .from = at(0), .until = at(10), .alone = true});
  for (int i = 1; i <= 200; ++i) {
    bare.add({.size = 1_MiB, .from = at(i * 1000), .until = at(i * 1000 + 500), .alone = true});
  }
  EXPECT_NEAR(bare.expected(1_MiB).seconds(), 0.5, 0.1);
}

TEST(BareTime, survives_times_that_make_no_sense) {
  BareTime bare;
  bare.add({.size = {~0ull}, .from = at(10), .until = at(0), .alone = true});
  bare.add({.size = {1}, .from = at(0), .until = at(1'000'000), .alone = true});
  EXPECT_GE(bare.expected({~0ull}), 0_s);
}

}  // namespace
}  // namespace nf
