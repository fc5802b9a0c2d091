#include "core/schedule/fair_shares.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace nf {
namespace {

using namespace literals;

FairShares shares_of(std::initializer_list<float> weights) {
  FairShares shares = std::move(FairShares::make(8).value());
  std::uint32_t observer = 0;
  for (const float weight : weights) shares.join(observer++, weight);
  return shares;
}

// Serves one of `askers`, whoever's turn it is.
std::uint32_t serve_one(FairShares& shares, std::initializer_list<std::uint32_t> askers,
                        Bytes size) {
  shares.begin_round();
  const std::uint32_t next = *std::min_element(
      askers.begin(), askers.end(),
      [&](std::uint32_t a, std::uint32_t b) { return shares.next_turn(a) < shares.next_turn(b); });
  const Turn turn = shares.take_turn(next, size);
  shares.charge(next, turn, size);
  shares.serve(turn);
  return next;
}

TEST(FairShares, serve_by_weight) {
  FairShares shares = shares_of({1, 3, 0.5f});
  std::array<int, 3> served{};
  for (int i = 0; i < 900; ++i) ++served[serve_one(shares, {0, 1, 2}, 4_KiB)];
  EXPECT_NEAR(served[0], 200, 2);
  EXPECT_NEAR(served[1], 600, 2);
  EXPECT_NEAR(served[2], 100, 2);
}

TEST(FairShares, save_nothing_up_for_one_who_asked_for_nothing) {
  FairShares shares = shares_of({1, 1});
  for (int i = 0; i < 100; ++i) serve_one(shares, {0}, 1_MiB);
  std::array<int, 2> served{};
  for (int i = 0; i < 20; ++i) ++served[serve_one(shares, {0, 1}, 1_MiB)];
  EXPECT_NEAR(served[1], 10, 1);
}

TEST(FairShares, let_nobody_pay_for_what_was_only_planned_or_not_read) {
  FairShares shares = shares_of({1, 1});
  shares.begin_round();
  EXPECT_EQ(shares.take_turn(0, 1_MiB), 0u);
  EXPECT_EQ(shares.take_turn(0, 1_MiB), 1u << 20);
  shares.give_back(0, 1_MiB);
  EXPECT_EQ(shares.next_turn(0), 1u << 20);
  shares.begin_round();
  EXPECT_EQ(shares.next_turn(0), 0u);
  shares.charge(0, shares.take_turn(0, 1_MiB), 1_MiB);
  shares.refund(0, 512_KiB);
  shares.begin_round();
  EXPECT_EQ(shares.next_turn(0), 512u << 10);
}

// Not before the latest that began, or one who asks now would wait for all that is on its way.
TEST(FairShares, put_who_asks_anew_beside_what_is_served_now) {
  FairShares shares = shares_of({1, 1});
  shares.begin_round();
  for (int i = 0; i < 10; ++i) shares.charge(0, shares.take_turn(0, 1_MiB), 1_MiB);
  shares.serve(3u << 20);
  shares.begin_round();
  EXPECT_EQ(shares.next_turn(1), 3u << 20);
  EXPECT_EQ(shares.next_turn(0), 10u << 20);
  shares.serve(kNoTurn);  // all is there
  shares.begin_round();
  EXPECT_EQ(shares.next_turn(1), 9u << 20);
}

TEST(FairShares, place_turns_before_all_times) {
  EXPECT_LT(FairShares::time_of(0), FairShares::time_of(1));
  EXPECT_LT(FairShares::time_of(kNoTurn), Time{0});
}

TEST(FairShares, begin_anew_for_one_who_takes_the_place_of_another) {
  FairShares shares = shares_of({1, 1});
  for (int i = 0; i < 10; ++i) serve_one(shares, {0}, 1_MiB);
  serve_one(shares, {1}, 1_MiB);
  shares.join(0, 1);
  shares.begin_round();
  EXPECT_LE(shares.next_turn(0), shares.next_turn(1));
}

}  // namespace
}  // namespace nf
