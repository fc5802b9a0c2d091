#include "core/schedule/read_worth.h"

#include <gtest/gtest.h>

namespace nf {
namespace {

// Needed with `probability` from `from` on.
NeedUntil needed(float probability, float from) {
  NeedUntil need{.seconds = kHorizonSeconds};
  for (std::size_t h = 0; h < kHorizons; ++h) {
    need.probability[h] = kHorizonSeconds[h] >= from ? probability : 0;
  }
  return need;
}

constexpr ReadCost kCost{.bytes = 10e6, .bytes_per_second = 100e6, .overhead = 0.1};

TEST(ReadWorth, grows_with_how_likely_it_is_needed) {
  EXPECT_GT(read_worth(needed(0.9F, 1), kCost, 0.2), read_worth(needed(0.3F, 1), kCost, 0.2));
  EXPECT_EQ(read_worth(needed(0, 1), kCost, 0.2), 0);
}

TEST(ReadWorth, of_what_is_needed_later_can_wait) {
  EXPECT_GT(read_worth(needed(0.5F, 0.4F), kCost, 0.2), read_worth(needed(0.5F, 4), kCost, 0.2));
}

TEST(ReadWorth, of_small_ones_is_more_for_each_byte) {
  ReadCost large = kCost;
  large.bytes = 100e6;
  EXPECT_GT(read_worth(needed(0.5F, 1), kCost, 0.2), read_worth(needed(0.5F, 1), large, 0.2));
}

TEST(ReadWorth, of_what_is_certain_is_high_long_before) {
  EXPECT_GT(read_worth(needed(0.99F, 3), kCost, 0.2), 3 * read_worth(needed(0.5F, 3), kCost, 0.2));
}

TEST(ReadWorth, puts_first_what_is_needed_first) {
  EXPECT_GT(read_urgency(needed(0.9F, 0.4F), 0.2), read_urgency(needed(0.9F, 3), 0.2));
  EXPECT_GT(keep_worth(needed(0.9F, 1)), keep_worth(needed(0.9F, 5.5F)));
  for (const float p : {0.0F, 0.5F, 1.0F}) {
    EXPECT_GT(read_urgency(needed(p, 0.2F), 0.2), 0);
    EXPECT_LT(read_urgency(needed(p, 0.2F), 0.2), 1);
  }
}

TEST(ReadWorth, orders_what_is_needed_long_after_too) {
  EXPECT_GT(read_urgency(needed(0.9F, 8), 0.2), read_urgency(needed(0.3F, 8), 0.2));
}

}  // namespace
}  // namespace nf
