// Medians, ratios by round, and the order in which samples are taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "bench/suite/rounds.h"
#include "bench/suite/suite.h"

namespace nf::bench {
namespace {

using ::testing::ElementsAre;

TEST(Spread, of_an_odd_number_is_the_middle_one_and_the_ends) {
  const Spread spread = spread_of({9, 1, 4});
  EXPECT_EQ(spread.median, 4);
  EXPECT_EQ(spread.min, 1);
  EXPECT_EQ(spread.max, 9);
}

TEST(Spread, of_an_even_number_is_between_the_two_in_the_middle) {
  EXPECT_EQ(spread_of({8, 1, 2, 4}).median, 3);
}

TEST(Spread, of_nothing_is_zero) {
  EXPECT_EQ(spread_of({}).median, 0);
  EXPECT_EQ(spread_of({}).max, 0);
}

TEST(Ratios, pair_the_samples_of_one_round) {
  const Figure figure{
      .name = "", .unit = "", .ours = {10, 9, 8}, .reference_name = "r", .reference = {5, 3, 16}};
  EXPECT_THAT(ratios_of(figure), ElementsAre(2, 3, 0.5));
}

TEST(Ratios, leave_out_rounds_without_a_reference) {
  const Figure figure{
      .name = "", .unit = "", .ours = {10, 9, 8}, .reference_name = "r", .reference = {5, 0}};
  EXPECT_THAT(ratios_of(figure), ElementsAre(2));
}

TEST(Rounds, let_every_contestant_take_one_sample_a_round) {
  std::vector<std::vector<std::size_t>> taken(5);
  take_in_turn(3, 5, [&](std::size_t contestant, std::uint32_t round) {
    taken[round].push_back(contestant);
  });
  for (std::vector<std::size_t>& round : taken) {
    std::sort(round.begin(), round.end());
    EXPECT_THAT(round, ElementsAre(0, 1, 2));
  }
}

TEST(Rounds, do_not_repeat_the_order_of_the_round_before) {
  for (const std::size_t contestants : {2u, 3u, 5u}) {
    std::set<std::size_t> first;
    for (std::uint32_t round = 0; round < 2 * contestants; ++round) {
      EXPECT_NE(order_of_round(contestants, round), order_of_round(contestants, round + 1));
      first.insert(order_of_round(contestants, round).front());
    }
    EXPECT_EQ(first.size(), contestants) << "each is the first to go at some time";
  }
}

}  // namespace
}  // namespace nf::bench
