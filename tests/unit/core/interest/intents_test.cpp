// What an intent makes wanted, against a reckoning that looks at everything.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

#include "core/interest/intents.h"
#include "tests/unit/core/interest/allocations.h"
#include "tests/unit/core/interest/random_world.h"

namespace nf {
namespace {

using namespace literals;
using test::kFrame;
using test::NewContainer;
using test::RandomWorld;
using test::sphere_at;
using test::Stage;

// A place at the origin, one at 100 m, one at 5 km; each needed from 20 m.
std::vector<NewContainer> three_places() {
  return {NewContainer{}, sphere_at({0, 0, 0}, 5, 20), sphere_at({100, 0, 0}, 5, 20),
          sphere_at({5000, 0, 0}, 5, 20)};
}

IntentSample at(const Stage& stage, WorldPosition position, Duration in, float probability = 1) {
  return {.body = kRootBody,
          .position = position,
          .velocity = {},
          .arrives_at = stage.now + in,
          .probability = probability};
}

TEST(Intents, want_nothing_before_they_arrive_and_nothing_as_if_inside) {
  Stage stage(three_places(), {.intents_max = 4});
  const ObserverId id = stage.add({0, 0, 0});
  const IntentSample there = at(stage, {5000, 0, 0}, 10_s, 0.5f);
  ASSERT_TRUE(stage.interest.intend(id, there));
  auto found = stage.step();
  ASSERT_TRUE(found.contains(3));
  EXPECT_FALSE(found[3].inside);
  EXPECT_TRUE(found[3].by_intent);
  EXPECT_EQ(found[3].observers, 0u);
  EXPECT_EQ(found[3].needed_at, there.arrives_at);
  EXPECT_EQ(found[3].probability, 0.5f);
  EXPECT_TRUE(found[1].inside);
  EXPECT_FALSE(found[1].by_intent);
}

TEST(Intents, put_off_what_they_want_without_looking_again) {
  Stage stage(three_places(), {.intents_max = 4});
  const ObserverId id = stage.add({0, 0, 0});
  IntentSample there = at(stage, {4900, 0, 0}, 10_s);
  there.velocity = {100, 0, 0};
  const IntentId intent = *stage.interest.intend(id, there);
  auto found = stage.step();
  ASSERT_TRUE(found.contains(3));
  const Duration after = found[3].needed_at - there.arrives_at;
  EXPECT_GT(after, 0_s);
  EXPECT_LT(after, 1_s);
  const std::uint64_t before = test::allocations();
  for (const Duration in : {20_s, 3_s, 1_s}) {
    there.arrives_at = stage.now + in;
    ASSERT_TRUE(stage.interest.change_intent(intent, there));
    EXPECT_EQ(stage.find(3)->needed_at, there.arrives_at + after);
  }
  EXPECT_EQ(test::allocations(), before);
}

TEST(Intents, that_observers_need_as_well_are_theirs) {
  Stage stage(three_places(), {.intents_max = 4});
  const ObserverId id = stage.add({0, 0, 0});
  const IntentId intent = *stage.interest.intend(id, at(stage, {5000, 0, 0}, 10_s));
  EXPECT_TRUE(stage.find(3)->by_intent);
  stage.move(id, {5000, 0, 0});
  EXPECT_FALSE(stage.find(3)->by_intent);
  EXPECT_TRUE(stage.find(3)->inside);
  stage.interest.withdraw(intent);
  EXPECT_TRUE(stage.find(3)->inside);
  EXPECT_EQ(stage.interest.intent_count(), 0u);
}

TEST(Intents, expire_after_their_grace_and_not_before) {
  Stage stage(three_places(), {.intents_max = 4});
  const ObserverId id = stage.add({0, 0, 0});
  ASSERT_TRUE(stage.interest.intend(id, at(stage, {5000, 0, 0}, 1_s)));
  stage.now = stage.now + 1_s + kIntentGrace - 1_ns;
  EXPECT_NE(stage.find(3), nullptr);
  stage.now = stage.now + 1_ns;
  EXPECT_EQ(stage.find(3), nullptr);
  EXPECT_EQ(stage.interest.intent_count(), 0u);
}

TEST(Intents, follow_the_ship_that_they_lead_into) {
  std::vector<NewContainer> places = three_places();
  places.push_back(test::moving(sphere_at({1e6, 0, 0}, 50, 100)));
  places.push_back(sphere_at({10, 0, 0}, 2, 5, 4));
  Stage stage(places, {.intents_max = 4});
  const ObserverId id = stage.add({0, 0, 0});
  IntentSample aboard = at(stage, {10, 0, 0}, 10_s);
  aboard.body = stage.body(4);
  ASSERT_TRUE(stage.interest.intend(id, aboard));
  auto found = stage.step();
  EXPECT_TRUE(found.contains(4) && found.contains(5));
  EXPECT_FALSE(found.contains(3));
  stage.pose(4, {.pose = {{4990, 0, 0}, {}}, .velocity = {}, .spin = {}});
  found = stage.step();
  EXPECT_TRUE(found.contains(3) && found[3].by_intent) << "what the ship has come to";
  EXPECT_TRUE(found.contains(5));
}

// Others that reach everything leave no eye for one that leads beside a ship.
TEST(Intents, look_again_once_others_leave_room_for_that) {
  constexpr int kShips = 62;
  constexpr std::uint32_t kNear = kShips;
  std::vector<NewContainer> containers{NewContainer{}};
  for (int i = 0; i < kShips; ++i) {
    containers.push_back(test::moving(sphere_at({i * 100.0, 1000, 0}, 1, 10)));
  }
  Stage stage(containers, {.intents_max = 4});
  const ObserverId wide = stage.add({1e9, 0, 0}, 1000);
  const ObserverId narrow = stage.add({1e9, 0, 0});
  std::vector<IntentId> others;
  for (int i = 0; i < 2; ++i) {
    others.push_back(*stage.interest.intend(wide, at(stage, {0, 0, 0}, 10_s, 0.5f)));
  }
  const WorldPosition beside{(kShips - 1) * 100.0, 995, 0};
  ASSERT_TRUE(stage.interest.intend(narrow, at(stage, beside, 10_s, 0.9f)));
  auto found = stage.step();
  ASSERT_TRUE(found.contains(kNear)) << "the others see it";
  EXPECT_EQ(found[kNear].probability, 0.5f);
  EXPECT_GT(stage.interest.stats().overflows, 0u);
  for (const IntentId other : others) stage.interest.withdraw(other);
  for (int i = 0; i < 90; ++i) found = stage.step();
  ASSERT_TRUE(found.contains(kNear));
  EXPECT_EQ(found[kNear].probability, 0.9f);
}

// Bounded ones take all the eyes that there are; each of the others leads inside of many ships.
TEST(Intents, leave_eyes_to_those_inside_that_only_could_reach_something) {
  constexpr std::uint32_t kReached = 60, kShared = 30;
  std::vector<NewContainer> containers{NewContainer{}};
  for (std::uint32_t i = 0; i < kReached; ++i) {
    containers.push_back(test::moving(sphere_at({i * 30.0, 0, 0}, 1, 10)));
  }
  const auto shared = static_cast<std::uint32_t>(containers.size());
  for (std::uint32_t i = 0; i < kShared; ++i) {
    containers.push_back(test::moving(sphere_at({0, 1e6, 0}, 1, 10)));
  }
  Stage stage(containers, {.intents_max = 4});
  const ObserverId bounded = stage.add({1e9, 0, 0});
  stage.interest.set_envelope(bounded, {.speed_max = 1e4});
  const ObserverId other = stage.add({1e9, 0, 0});
  for (const double y : {1000.0, 1001.0}) {
    ASSERT_TRUE(stage.interest.intend(bounded, at(stage, {0, y, 0}, 60_s, 0.5f)));
  }
  stage.step();
  for (const float probability : {0.8f, 0.9f}) {
    ASSERT_TRUE(stage.interest.intend(other, at(stage, {0, 1e6, 0}, 60_s, probability)));
  }
  std::map<std::uint32_t, Wanted> found;
  for (int i = 0; i < 30; ++i) found = stage.step();
  for (std::uint32_t i = 0; i < kShared; ++i) EXPECT_EQ(found[shared + i].probability, 0.9f) << i;
}

// Whatever moves: what would be inside of the bubble of one who stood there now is wanted for the
// time of arrival; what is far from it and from the way of its frame is not.
TEST(Intents, want_what_one_would_need_there_however_frames_move) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    RandomWorld random(seed, {.intents_max = 16});
    Stage& stage = random.stage();
    Prng prng(seed * 77);
    std::vector<std::uint32_t> frames{0};
    for (std::uint32_t id = 1; id < random.container_count(); ++id) {
      if (stage.world.bodies().first_with({id}).valid()) frames.push_back(id);
    }
    const std::uint32_t frame = frames[prng.below(frames.size())];
    test::RandomActor place;
    place.body = frame;
    place.position = WorldPosition{} + test::random_direction(prng) * 300;
    const Time arrives_at = stage.now + 6_s;
    for (int i = 0; i < 300; ++i) {
      random.advance();
      place.scale = random.actors().front().scale;
      if (i == 0) {
        ASSERT_TRUE(stage.interest.intend(random.actors().front().id, {.body = stage.body(frame),
                                                                       .position = place.position,
                                                                       .velocity = {},
                                                                       .arrives_at = arrives_at,
                                                                       .probability = 0.5f}));
      }
      const Time now = stage.now;
      const auto found = stage.step();
      for (std::uint32_t id = 1; id < random.container_count(); ++id) {
        const double to_load = random.to_bounds(place, id) - random.load_distance(place, id);
        if (to_load > -RandomWorld::kRounding) continue;
        const auto wanted = found.find(id);
        ASSERT_TRUE(wanted != found.end()) << "seed " << seed << " frame " << i << " id " << id;
        EXPECT_LE(wanted->second.needed_at, std::max(arrives_at, now));
        EXPECT_GE(wanted->second.probability, 0.5f);
        if (wanted->second.by_intent) {
          EXPECT_FALSE(wanted->second.inside);
          EXPECT_EQ(wanted->second.needed_at, std::max(arrives_at, now));
        }
      }
    }
  }
}

}  // namespace
}  // namespace nf
