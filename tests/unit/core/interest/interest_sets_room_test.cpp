// Interest sets where the pool of their pieces is nearly empty.
#include "core/interest/interest_sets.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "core/base/prng.h"

namespace nf {
namespace {

// Four observers and a pool of three pieces of 64.
class InterestSetsRoom : public testing::Test {
 protected:
  static constexpr std::uint32_t kPiece = 64;

  InterestSetsRoom()
      : sets_(std::move(InterestSets::make({.observers_max = 4,
                                            .set_mean = kPiece / InterestSets::kSetsInOne,
                                            .near_max = 256,
                                            .binds_max = 256})
                            .value())) {
    for (std::uint32_t slot = 0; slot < 4; ++slot) sets_.join(slot, ObserverId{slot + 1});
    round();
  }
  // From now on this one is near the first so many containers.
  std::size_t take(std::uint32_t slot, std::uint32_t count) {
    near_[slot] = count;
    sets_.mark(slot);
    round();
    return sets_.of(slot).size();
  }
  void round() {
    sets_.begin();
    for (std::uint32_t slot = 0; sets_.next_marked(slot);) {
      ++compared_[slot];
      for (std::uint32_t i = 0; i < near_[slot]; ++i) {
        sets_.near()[i] = {.id = {i}, .nearness = Nearness::inside};
      }
      sets_.compare(slot, near_[slot]);
    }
    const InterestChanges changes = sets_.finish();
    quiet_ = changes.bound.empty() && changes.unbound.empty();
  }

  InterestSets sets_;
  std::map<std::uint32_t, std::uint32_t> near_;  // containers, by slot
  std::map<std::uint32_t, int> compared_;        // times, by slot
  bool quiet_ = false;
};

// Whole pieces are gone, and what is left is shorter than what it has.
TEST_F(InterestSetsRoom, gives_none_less_than_it_has) {
  EXPECT_EQ(take(0, 16), 16u);
  EXPECT_EQ(take(1, 64), 64u);
  EXPECT_EQ(take(2, 64), 64u);
  EXPECT_EQ(take(0, 32), 32u);
  EXPECT_EQ(take(3, 16), 16u);
  EXPECT_EQ(take(0, 10), 10u);
  EXPECT_EQ(take(0, 60), 32u) << "its own piece is longer than any that is free";
}

TEST_F(InterestSetsRoom, is_given_to_those_who_found_none_once_there_is_some) {
  for (std::uint32_t slot = 0; slot < 3; ++slot) EXPECT_EQ(take(slot, 64), 64u);
  EXPECT_EQ(take(3, 40), 0u);
  const std::uint64_t overflows = sets_.overflows();
  EXPECT_GT(overflows, 0u);
  for (int i = 0; i < 3; ++i) round();
  EXPECT_TRUE(quiet_);
  EXPECT_EQ(sets_.overflows(), overflows) << "nobody tries again for nothing";
  sets_.leave(1);
  round();  // tells it, and gives back its room
  round();
  EXPECT_EQ(sets_.of(3).size(), 40u);
  round();
  EXPECT_TRUE(quiet_);
}

// Theirs are twice as long as they need, at least.
TEST_F(InterestSetsRoom, is_taken_from_those_who_have_too_much) {
  for (std::uint32_t slot = 0; slot < 3; ++slot) EXPECT_EQ(take(slot, 64), 64u);
  for (std::uint32_t slot = 0; slot < 3; ++slot) EXPECT_EQ(take(slot, 17), 17u);
  EXPECT_EQ(take(3, 20), 20u);
  for (std::uint32_t slot = 0; slot < 3; ++slot) EXPECT_EQ(sets_.of(slot).size(), 17u);
  EXPECT_EQ(take(3, 32), 32u);
  EXPECT_EQ(take(0, 32), 32u);
  round();
  EXPECT_TRUE(quiet_);
  EXPECT_EQ(sets_.overflows(), 0u);
}

TEST_F(InterestSetsRoom, is_given_back_by_those_who_have_too_much_later) {
  for (std::uint32_t slot = 0; slot < 3; ++slot) EXPECT_EQ(take(slot, 64), 64u);
  EXPECT_EQ(take(3, 20), 0u);
  EXPECT_EQ(take(1, 17), 17u);
  round();
  EXPECT_EQ(sets_.of(3).size(), 20u);
  round();
  EXPECT_TRUE(quiet_);
  EXPECT_EQ(take(1, 33), 32u);
  EXPECT_EQ(take(3, 0), 0u);
  for (int i = 0; i < 2; ++i) round();
  EXPECT_EQ(sets_.of(1).size(), 33u);
}

// One needs as much as all the others gave back, in one piece.
TEST_F(InterestSetsRoom, that_came_back_is_not_in_shreds) {
  for (std::uint32_t slot = 0; slot < 3; ++slot) EXPECT_EQ(take(slot, 64), 64u);
  for (std::uint32_t slot = 0; slot < 3; ++slot) EXPECT_EQ(take(slot, 17), 17u);
  EXPECT_EQ(take(3, 60), 60u);
  EXPECT_EQ(take(0, 16), 16u);
  EXPECT_EQ(take(1, 0), 0u);
  EXPECT_EQ(take(2, 60), 60u) << "what is free beside its own piece is as good as any";
}

// No piece is longer than the one it has, or none that came free is.
TEST_F(InterestSetsRoom, is_not_offered_to_those_it_is_too_short_for) {
  EXPECT_EQ(take(0, 200), 64u);
  EXPECT_EQ(take(1, 64), 64u);
  EXPECT_EQ(take(2, 32), 32u);
  EXPECT_EQ(take(3, 16), 16u);
  EXPECT_EQ(take(2, 60), 32u);
  const int too_large = compared_[0], too_long = compared_[2];
  for (const std::uint32_t count : {17u, 1u, 17u, 16u}) {
    EXPECT_EQ(take(3, count), count);
    for (int i = 0; i < 3; ++i) round();
  }
  EXPECT_EQ(compared_[2], too_long);
  EXPECT_EQ(take(1, 0), 0u);
  for (int i = 0; i < 3; ++i) round();
  EXPECT_EQ(sets_.of(2).size(), 60u);
  EXPECT_EQ(compared_[0], too_large);
}

// Somebody else is in the place of who was waiting.
TEST_F(InterestSetsRoom, is_not_kept_for_one_who_left) {
  for (std::uint32_t slot = 0; slot < 3; ++slot) EXPECT_EQ(take(slot, 64), 64u);
  EXPECT_EQ(take(3, 40), 0u);
  sets_.leave(3);
  sets_.join(3, ObserverId{9});
  EXPECT_EQ(take(3, 10), 0u);
  sets_.leave(0);
  for (int i = 0; i < 2; ++i) round();
  EXPECT_EQ(sets_.of(3).size(), 10u);
}

// Of what was taken away: who has not had a turn yet to be told is still bound to it.
TEST(InterestSetsBind, what_was_taken_away_until_all_were_told) {
  InterestSets sets = std::move(
      InterestSets::make({.observers_max = 2, .set_mean = 16, .near_max = 16, .binds_max = 3})
          .value());
  for (std::uint32_t slot = 0; slot < 2; ++slot) sets.join(slot, ObserverId{slot + 1});
  std::vector<std::uint32_t> near{10, 12};
  const auto round = [&] {
    sets.begin();
    for (std::uint32_t slot = 0; sets.next_marked(slot);) {
      for (std::size_t i = 0; i < near.size(); ++i) {
        sets.near()[i] = {.id = {near[i]}, .nearness = Nearness::inside};
      }
      sets.compare(slot, near.size());
    }
    return sets.finish();
  };
  const auto binds = [&](std::uint32_t first, std::uint32_t last) {
    return sets.still_binds({{first}, {last}});
  };
  round();
  round();
  ASSERT_EQ(sets.of(0).size(), 2u);
  ASSERT_EQ(sets.of(1).size(), 2u);
  EXPECT_FALSE(binds(0, 100)) << "nobody waits for a turn";
  near.clear();
  for (std::uint32_t slot = 0; slot < 2; ++slot) sets.mark(slot);
  EXPECT_EQ(round().unbound.size(), 3u);
  EXPECT_EQ(sets.of(0).size(), 0u);
  ASSERT_EQ(sets.of(1).size(), 1u);
  EXPECT_EQ(sets.of(1)[0], ContainerId{12});
  EXPECT_TRUE(binds(12, 13));
  EXPECT_TRUE(binds(0, 100));
  EXPECT_FALSE(binds(0, 12)) << "the last is not one of them";
  EXPECT_FALSE(binds(11, 12));
  EXPECT_FALSE(binds(13, 100));
  EXPECT_EQ(round().unbound.size(), 1u);
  EXPECT_FALSE(binds(0, 100));
}

// Many that come, go and change their minds, with room for half of what they need.
class Restless {
 public:
  static constexpr std::uint32_t kSlots = 12, kContainers = 180;

  explicit Restless(std::uint64_t seed)
      : prng_(seed),
        sets_(std::move(InterestSets::make({.observers_max = kSlots,
                                            .set_mean = 16,
                                            .near_max = kContainers,
                                            .binds_max = seed % 2 == 0 ? 10u : 2000u})
                            .value())),
        near_(kSlots),
        observers_(kSlots) {}

  // One of them, and now and then a round.
  void act() {
    const auto slot = static_cast<std::uint32_t>(prng_.below(kSlots));
    if (observers_[slot] == 0) {
      sets_.join(slot, ObserverId{observers_[slot] = next_++});
    } else if (prng_.chance(0.1)) {
      sets_.leave(slot);
      near_[slot].clear();
      observers_[slot] = 0;
    } else {
      const std::uint64_t most = prng_.chance(0.3) ? 150 : 10;
      for (std::uint64_t i = prng_.below(most); i > 0; --i) near_[slot].insert(any());
      for (std::uint64_t i = prng_.below(most); i > 0; --i) near_[slot].erase(any());
      sets_.mark(slot);
    }
    if (prng_.chance(0.5)) round();
  }
  std::size_t round() {
    sets_.begin();
    for (std::uint32_t slot = 0; sets_.next_marked(slot);) {
      std::size_t count = 0;
      for (const std::uint32_t id : near_[slot]) {
        sets_.near()[count++] = {.id = {id}, .nearness = Nearness::inside};
      }
      sets_.compare(slot, count);
    }
    const InterestChanges changes = sets_.finish();
    for (const Bind& bind : changes.unbound) {
      EXPECT_EQ(told_[bind.observer.value].erase(bind.container.value), 1u);
    }
    for (const Bind& bind : changes.bound) {
      EXPECT_TRUE(told_[bind.observer.value].insert(bind.container.value).second);
    }
    return changes.bound.size() + changes.unbound.size();
  }
  bool comes_to_rest() {
    int rounds = 0;
    while (rounds < 300 && round() > 0) ++rounds;
    return round() == 0 && round() == 0 && round() == 0;
  }
  // From now on nobody needs more than that.
  void need_little(std::size_t most) {
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      while (near_[slot].size() > most) near_[slot].erase(near_[slot].begin());
      if (observers_[slot] != 0) sets_.mark(slot);
    }
  }
  bool are_what_was_told() {
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      if (observers_[slot] != 0 && ids_of(slot) != told_[observers_[slot]]) return false;
    }
    return true;
  }
  std::uint64_t overflows() const { return sets_.overflows(); }
  bool have_all() const {
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      if (ids_of(slot) != near_[slot]) return false;
    }
    return true;
  }

 private:
  std::uint32_t any() { return static_cast<std::uint32_t>(prng_.below(kContainers)); }
  std::set<std::uint32_t> ids_of(std::uint32_t slot) const {
    std::set<std::uint32_t> ids;
    for (const ContainerId id : sets_.of(slot)) ids.insert(id.value);
    return ids;
  }

  Prng prng_;
  InterestSets sets_;
  std::vector<std::set<std::uint32_t>> near_;              // by slot
  std::map<std::uint64_t, std::set<std::uint32_t>> told_;  // by observer
  std::vector<std::uint64_t> observers_;                   // by slot; 0: none
  std::uint64_t next_ = 1;
};

TEST(RestlessInterestSets, are_what_was_told_and_come_to_rest) {
  std::uint64_t overflows = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Restless sets(seed);
    for (int step = 0; step < 400; ++step) {
      sets.act();
      ASSERT_TRUE(sets.are_what_was_told()) << seed << ", " << step;
    }
    EXPECT_TRUE(sets.comes_to_rest()) << seed;
    overflows += sets.overflows();
    sets.need_little(12);
    EXPECT_TRUE(sets.comes_to_rest()) << seed;
    EXPECT_TRUE(sets.have_all()) << seed;
  }
  EXPECT_GT(overflows, 500u);
}

}  // namespace
}  // namespace nf
