#include "core/schedule/turn_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/base/prng.h"

namespace nf {
namespace {

using namespace literals;

constexpr std::uint32_t kObservers = 12;
constexpr std::uint32_t kAsksMax = 400;

FairShares random_shares(std::uint64_t seed) {
  Prng prng(seed);
  FairShares shares = std::move(FairShares::make(kObservers).value());
  for (std::uint32_t i = 0; i < kObservers; ++i) {
    shares.join(i, prng.chance(0.5) ? 1 : 2.5f);
    if (prng.chance(0.7)) shares.charge(i, 0, Bytes{4096 * prng.below(8)});
  }
  shares.begin_round();
  return shares;
}

// Many at the same time and at the same turn, some that nobody pays for, some without a size.
std::vector<Ask> random_asks(Prng& prng, std::size_t count) {
  std::vector<Ask> asks(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t payer = prng.below(kObservers + 1);
    asks[i] = {.needed_at = Time{static_cast<std::int64_t>(prng.below(20))},
               .size = Bytes{prng.chance(0.1) ? 0 : 4096 * (1 + prng.below(3))},
               .id = i,
               .tie = prng.chance(0.5) ? i : i + 1000,
               .payer = payer == kObservers ? kNobody : static_cast<std::uint32_t>(payer),
               .begun = prng.chance(0.1)};
  }
  for (std::uint32_t i = 0; i < count; ++i) {  // their order in the array is not that of the ids
    const std::size_t other = prng.below(count);
    std::swap(asks[i], asks[other]);
  }
  return asks;
}

// All in the order of need, each the next turn of its observer.
std::vector<Ask> plan_all(std::vector<Ask> asks, FairShares shares) {
  std::vector<Ask*> order;
  for (Ask& ask : asks) {
    if (ask.size.value > 0) order.push_back(&ask);
  }
  std::sort(order.begin(), order.end(), [](const Ask* a, const Ask* b) {
    return a->needed_at != b->needed_at ? a->needed_at < b->needed_at : a->id < b->id;
  });
  for (Ask* ask : order) {
    ask->turn = ask->payer == kNobody ? 0 : shares.take_turn(ask->payer, ask->size);
  }
  return asks;
}

bool comes_before(const Ask& a, const Ask& b) {
  return a.turn != b.turn ? a.turn < b.turn : a.tie < b.tie;
}

TEST(TurnOrder, gives_the_first_and_what_has_begun_the_turns_that_planning_all_would) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Prng prng(seed);
    TurnOrder order = std::move(TurnOrder::make(kObservers, kAsksMax).value());
    for (int again = 0; again < 2; ++again) {
      std::vector<Ask> asks = random_asks(prng, 1 + prng.below(kAsksMax));
      const std::vector<Ask> all = plan_all(asks, random_shares(seed));
      FairShares shares = random_shares(seed);
      const std::size_t count = prng.below(asks.size() + 10);
      order.plan(asks, count, shares);

      std::vector<Ask> waiting;
      for (const Ask& ask : all) {
        if (!ask.begun && ask.size.value > 0) waiting.push_back(ask);
      }
      std::sort(waiting.begin(), waiting.end(), comes_before);
      for (std::size_t i = 0; i < asks.size(); ++i) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << ", ask " << i);
        const bool is_first = std::any_of(
            waiting.begin(),
            waiting.begin() + static_cast<std::ptrdiff_t>(std::min(count, waiting.size())),
            [&](const Ask& ask) { return ask.id == asks[i].id; });
        const bool has_begun = asks[i].begun && asks[i].size.value > 0;
        if (is_first || has_begun || asks[i].turn != kNoTurn) {
          ASSERT_EQ(asks[i].turn, all[i].turn);
        }
      }
    }
  }
}

// However many wait, no more turns are taken than the frame can use.
TEST(TurnOrder, takes_no_turn_for_what_comes_later) {
  FairShares shares = std::move(FairShares::make(kObservers).value());
  for (std::uint32_t i = 0; i < kObservers; ++i) shares.join(i, 1);
  shares.begin_round();
  std::vector<Ask> asks(kAsksMax);
  for (std::uint32_t i = 0; i < kAsksMax; ++i) {
    asks[i] = {.needed_at = Time{}, .size = 4_KiB, .id = i, .tie = i, .payer = i % kObservers};
  }
  TurnOrder order = std::move(TurnOrder::make(kObservers, kAsksMax).value());
  order.plan(asks, 3, shares);
  EXPECT_EQ(
      std::count_if(asks.begin(), asks.end(), [](const Ask& ask) { return ask.turn != kNoTurn; }),
      3);
}

}  // namespace
}  // namespace nf
