#include "core/residency/active_set.h"

#include <gtest/gtest.h>

#include <vector>

namespace nf {
namespace {

TEST(ActiveSet, finds_what_was_activated_and_forgets_what_was_not) {
  ActiveSet set;
  ASSERT_TRUE(set.reserve(10, 4));
  EXPECT_FALSE(set.find({3}).valid());
  const ActiveSlot slot = set.activate({3}, true);
  ASSERT_TRUE(slot.valid());
  EXPECT_EQ(set.find({3}), slot);
  EXPECT_EQ(set.activate({3}, true), slot);
  EXPECT_TRUE(set[slot].shared);
  EXPECT_EQ(set.active().size(), 1u);
  set.deactivate(slot);
  EXPECT_FALSE(set.find({3}).valid());
  EXPECT_TRUE(set.active().empty());
}

TEST(ActiveSet, refuses_more_than_its_limit) {
  ActiveSet set;
  ASSERT_TRUE(set.reserve(10, 2));
  EXPECT_TRUE(set.activate({0}, false).valid());
  EXPECT_TRUE(set.activate({1}, false).valid());
  EXPECT_FALSE(set.activate({2}, false).valid());
  set.deactivate(set.find({0}));
  EXPECT_TRUE(set.activate({2}, false).valid());
}

TEST(ActiveSet, keeps_what_is_active_when_it_grows) {
  ActiveSet set;
  ASSERT_TRUE(set.reserve(4, 2));
  const ActiveSlot slot = set.activate({1}, false);
  set[slot].pins = 7;
  ASSERT_TRUE(set.reserve(100, 50));
  EXPECT_EQ(set.find({1}), slot);
  EXPECT_EQ(set[slot].pins, 7u);
  for (std::uint32_t id = 10; id < 59; ++id) EXPECT_TRUE(set.activate({id}, false).valid());
  EXPECT_FALSE(set.activate({60}, false).valid());
}

TEST(ActiveSet, evicts_in_the_order_of_leaving) {
  ActiveSet set;
  ASSERT_TRUE(set.reserve(4, 4));
  std::vector<ActiveSlot> slots;
  for (std::uint32_t id = 0; id < 4; ++id) {
    slots.push_back(set.activate({id}, false));
    set[slots.back()].in_memory = true;
    set.append_cached(slots.back());
  }
  set.remove_cached(slots[1]);
  EXPECT_EQ(set.oldest_cached(), slots[0]);
  set.remove_cached(slots[0]);
  EXPECT_EQ(set.oldest_cached(), slots[2]);
  set.append_cached(slots[0]);
  set.remove_cached(slots[2]);
  set.remove_cached(slots[3]);
  EXPECT_EQ(set.oldest_cached(), slots[0]);
  set.remove_cached(slots[0]);
  EXPECT_FALSE(set.oldest_cached().valid());
}

TEST(ActiveSet, ends_the_process_when_something_in_use_is_deactivated) {
  ActiveSet set;
  ASSERT_TRUE(set.reserve(4, 4));
  const ActiveSlot slot = set.activate({0}, false);
  set[slot].pins = 1;
  EXPECT_DEATH(set.deactivate(slot), "bug");
}

TEST(ResidencyOf, names_every_state) {
  ActiveContainer container;
  EXPECT_EQ(residency_of(container, false), Residency::dormant);
  container.wanted = true;
  EXPECT_EQ(residency_of(container, false), Residency::queued);
  container.load = {1};
  EXPECT_EQ(residency_of(container, false), Residency::reading);
  EXPECT_EQ(residency_of(container, true), Residency::decoding);
  container.load = LoadId::none();
  container.in_memory = true;
  EXPECT_EQ(residency_of(container, false), Residency::decoding);
  container.announced = true;
  EXPECT_EQ(residency_of(container, false), Residency::resident);
  container.announced = container.wanted = false;
  EXPECT_EQ(residency_of(container, false), Residency::leaving);
  container.in_memory = false;
  container.failure = {.code = ErrorCode::timed_out};
  EXPECT_EQ(residency_of(container, false), Residency::failed);
}

}  // namespace
}  // namespace nf
