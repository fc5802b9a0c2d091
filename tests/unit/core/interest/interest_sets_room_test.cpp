// Interest sets where the pool of their pieces is nearly empty.
#include "core/interest/interest_sets.h"

#include <gtest/gtest.h>

#include <map>

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

}  // namespace
}  // namespace nf
