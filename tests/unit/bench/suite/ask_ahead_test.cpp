// How much a requester asks for before the first of it is there.
#include "bench/suite/ask_ahead.h"

#include <gtest/gtest.h>

namespace nf::bench {
namespace {

constexpr AskAhead kAhead{.containers_min = 2, .containers_max = 4, .raw = {100}};

TEST(AskAhead, asks_for_a_few_however_large_they_are) {
  EXPECT_TRUE(kAhead.admits(0, {0}, {1000}));
  EXPECT_TRUE(kAhead.admits(1, {1000}, {1000}));
  EXPECT_FALSE(kAhead.admits(2, {2000}, {1}));
}

TEST(AskAhead, asks_for_small_ones_until_the_bytes_are_under_way) {
  EXPECT_TRUE(kAhead.admits(3, {60}, {40}));
  EXPECT_FALSE(kAhead.admits(3, {60}, {41}));
}

TEST(AskAhead, asks_for_no_more_than_so_many_however_small_they_are) {
  EXPECT_FALSE(kAhead.admits(4, {4}, {1}));
}

TEST(AskAhead, asks_for_a_count_whatever_they_hold) {
  const AskAhead three = AskAhead::containers(3);
  EXPECT_TRUE(three.admits(2, {1ull << 40}, {1ull << 40}));
  EXPECT_FALSE(three.admits(3, {0}, {0}));
}

TEST(AskAhead, knows_what_can_be_under_way_at_most) {
  EXPECT_EQ(kAhead.raw_max({10}), Bytes{40});    // the count
  EXPECT_EQ(kAhead.raw_max({30}), Bytes{100});   // the bytes
  EXPECT_EQ(kAhead.raw_max({300}), Bytes{600});  // the few
}

}  // namespace
}  // namespace nf::bench
