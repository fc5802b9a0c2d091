#include "core/residency/intent_account.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace nf {
namespace {

using namespace literals;

IntentAccount account_of(double share) {
  auto made = IntentAccount::create(
      {.share = share, .capacity = 1000_KiB, .granule = 256_B, .loads_max = 8});
  return std::move(*made);
}

TEST(IntentAccount, holds_no_more_than_its_share) {
  IntentAccount account = account_of(0.25);
  EXPECT_EQ(account.memory_max(), 250_KiB);
  EXPECT_EQ(account.loads_left(), 2u);
  EXPECT_EQ(account.memory_for(1), 256_B);
  account.start_load(200_KiB);
  EXPECT_EQ(account.memory_left(), 50_KiB);
  EXPECT_EQ(account.loads_left(), 1u);
  account.end_load();
  EXPECT_EQ(account.memory(), 200_KiB);
  account.give_back(200_KiB);
  EXPECT_TRUE(account.empty());
}

TEST(IntentAccount, counts_what_was_abandoned_until_it_ends) {
  IntentAccount account = account_of(1);
  const SpanAllocator::Span memory{.at = 0, .size = 4096, .block = 3};
  account.start_load(4096_B);
  account.abandon_load(memory);
  EXPECT_EQ(account.memory(), 4096_B);
  EXPECT_FALSE(account.end_abandoned({.at = 0, .size = 4096, .block = 4})) << "another's";
  EXPECT_TRUE(account.end_abandoned(memory));
  EXPECT_TRUE(account.empty());
  EXPECT_EQ(account.loads(), 0u);
  EXPECT_FALSE(account.end_abandoned(memory));
}

TEST(IntentAccount, of_no_share_lets_nothing_start) {
  IntentAccount account = account_of(0);
  EXPECT_EQ(account.loads_left(), 0u);
  EXPECT_EQ(account.memory_left(), 0_B);
  for (const double wrong : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(IntentAccount::create(
        {.share = wrong, .capacity = 1_KiB, .granule = 256_B, .loads_max = 8}));
  }
}

}  // namespace
}  // namespace nf
