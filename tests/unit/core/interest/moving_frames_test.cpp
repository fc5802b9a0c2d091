// What observers need in a world whose frames move, against a reckoning that looks at everything.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "tests/unit/core/interest/allocations.h"
#include "tests/unit/core/interest/random_world.h"

namespace nf {
namespace {

using test::kFrame;
using test::moving;
using test::NewContainer;
using test::RandomActor;
using test::RandomWorld;
using test::sphere_at;
using test::Stage;

MovingPose at(WorldPosition origin, WorldVector velocity = {}) {
  return {.pose = {origin, {}}, .velocity = velocity, .spin = {}};
}

// Root > planet > room on it; a station apart from it.
std::vector<NewContainer> planet_and_station() {
  return {NewContainer{}, moving(sphere_at({1e6, 0, 0}, 1000, 5000)),
          sphere_at({1000, 0, 0}, 10, 100, 1), sphere_at({0, 0, 0}, 10, 100)};
}

TEST(MovingFrames, bring_what_they_hold_to_one_who_stands) {
  Stage stage(planet_and_station());
  stage.add({0, 0, 0});
  EXPECT_FALSE(stage.step().contains(1));
  stage.pose(1, at({5500, 0, 0}));
  auto found = stage.step();
  EXPECT_TRUE(found.contains(1) && found[1].inside);
  EXPECT_FALSE(found.contains(2) && found[2].inside);
  stage.pose(1, at({-1000, 0, 0}));
  found = stage.step();
  EXPECT_TRUE(found.contains(2) && found[2].inside);
  stage.pose(1, at({1e7, 0, 0}));
  for (int i = 0; i < 120; ++i) found = stage.step();
  EXPECT_FALSE(found.contains(1));
  EXPECT_FALSE(found.contains(2));
  EXPECT_TRUE(found.contains(3) && found[3].inside);
}

TEST(MovingFrames, carry_one_who_rides_in_them) {
  Stage stage(planet_and_station());
  const ObserverId rider = stage.add_in(1, {1000, 0, 0});
  for (int i = 0; i < 300; ++i) {
    stage.pose(1, at({1e6 - i * 1e4, 0, 0}));
    stage.move_in(1, rider, {1000, 0, 0});
    const auto found = stage.step();
    EXPECT_TRUE(found.contains(1) && found.at(1).inside);
    EXPECT_TRUE(found.contains(2) && found.at(2).inside) << i;
    const double to_station = std::abs(1e6 - i * 1e4 + 1000);
    EXPECT_EQ(found.contains(3) && found.at(3).inside, to_station <= 110) << i;
  }
}

TEST(MovingFrames, are_foretold_to_one_they_come_upon) {
  Stage stage(planet_and_station());
  stage.add({0, 0, 0});
  std::optional<Time> foretold;
  Time reached;
  for (int i = 0; i < 1200; ++i) {
    const double seconds = i * kFrame.seconds();
    stage.pose(1, at({26000 - 2000 * seconds, 0, 0}, {-2000, 0, 0}));
    const Time now = stage.now;
    const auto found = stage.step();
    if (!found.contains(1)) continue;
    if (!foretold && found.at(1).needed_at != Time::never()) foretold = now;
    if (found.at(1).inside) {
      reached = now;
      break;
    }
  }
  ASSERT_TRUE(foretold);
  EXPECT_NEAR((reached - *foretold).seconds(), 8, 0.3);
}

// Others that reach everything leave no eye for one who stands beside a ship.
TEST(MovingFrames, are_seen_by_one_who_stands_once_others_leave_room_for_that) {
  constexpr int kShips = 62;
  constexpr int kOthers = 7;
  constexpr std::uint32_t kNear = kShips;
  std::vector<NewContainer> containers{NewContainer{}};
  for (int i = 0; i < kShips; ++i) {
    containers.push_back(moving(sphere_at({i * 100.0, 1000, 0}, 1, 10)));
  }
  Stage stage(containers, {.observers_max = kOthers + 1});
  std::vector<ObserverId> others;
  for (int i = 0; i < kOthers; ++i) others.push_back(stage.add({0, 0, 0}, 1000));
  stage.add({(kShips - 1) * 100.0, 995, 0});
  EXPECT_FALSE(stage.step()[kNear].observers == kOthers + 1);
  const std::uint64_t overflows = stage.interest.stats().overflows;
  EXPECT_GT(overflows, 0u);
  for (const ObserverId other : others) stage.interest.remove(other);
  std::map<std::uint32_t, Wanted> found;
  for (int i = 0; i < 60; ++i) found = stage.step();
  EXPECT_TRUE(found.contains(kNear) && found[kNear].inside);
  const std::uint64_t refreshes = stage.interest.stats().refreshes;
  for (int i = 0; i < 60; ++i) stage.step();
  EXPECT_EQ(stage.interest.stats().refreshes, refreshes) << "nobody looks again for nothing";
}

TEST(MovingFrames, move_nobody_who_moves_with_them) {
  Stage stage(planet_and_station());
  const ObserverId rider = stage.add_in(1, {1200, 0, 0});
  std::map<std::uint32_t, Wanted> found;
  for (int i = 0; i < 120; ++i) {
    stage.pose(1, at({1e6, i * 500.0, 0}, {0, 30000, 0}));
    stage.move_in(1, rider, {1200, 0, 0});
    found = stage.step();
  }
  // The room is 190 m away and takes 100: one who stands beside it does not come to it.
  EXPECT_FALSE(found.contains(2));
}

TEST(MovingFrames, hand_an_observer_over_without_a_jump) {
  Stage stage(planet_and_station());
  const auto position = [](int i) { return WorldPosition{900 + i * 0.5, 0, 0}; };
  const WorldPosition planet{1e6, 0, 0};
  const ObserverId rider = stage.add_in(1, position(0));
  for (int i = 1; i < 200; ++i) {
    stage.pose(1, at(planet));
    stage.move_in(1, rider, position(i));
    stage.step();
  }
  const std::uint64_t before = stage.interest.stats().refreshes;
  Time needed_in_planet = Time::never();
  Time needed_in_root = Time::never();
  for (int i = 200; i < 240; ++i) {
    stage.pose(1, at(planet));
    const bool in_root = i % 2 == 0;
    const WorldPosition here = position(i);
    stage.move_in(in_root ? 0 : 1, rider, in_root ? planet + from_origin(here) : here);
    const auto found = stage.step();
    ASSERT_TRUE(found.contains(2) && found.at(2).inside);
    (in_root ? needed_in_root : needed_in_planet) = found.at(1).needed_at;
  }
  EXPECT_GE(stage.interest.stats().refreshes, before + 40);
  EXPECT_LT(std::abs((needed_in_planet - needed_in_root).seconds()), 0.1);
}

TEST(MovingFrames, keep_two_spaces_apart) {
  Stage stage(planet_and_station());
  stage.mount({NewContainer{}, sphere_at({0, 0, 0}, 10, 100)}, true);
  const ObserverId one = stage.add({0, 0, 0});
  auto found = stage.step();
  EXPECT_TRUE(found.contains(3));
  EXPECT_FALSE(found.contains(5));
  stage.move_in(4, one, {0, 0, 0});
  found = stage.step();
  EXPECT_FALSE(found.contains(3));
  EXPECT_TRUE(found.contains(5) && found[5].inside);
}

// Its space is gone, and what it was to go to went before anybody looked.
TEST(MovingFrames, leave_one_who_was_nowhere_beside_what_it_was_to_go_to) {
  constexpr std::uint32_t kSpawned = 4;
  NewContainer ship = sphere_at({0, 0, 0}, 10, 100);
  ship.flags = ContainerFlags::template_root;
  Stage stage({NewContainer{}, ship, sphere_at({500, 0, 0}, 10, 100)}, {}, kSpawned);
  const ContainerId of{kSpawned + 1}, rock{kSpawned + 2}, space{kSpawned + 3};
  stage.mount({NewContainer{}, sphere_at({0, 0, 0}, 10, 100)}, true);
  const ObserverId one = stage.add_in(space.value, {0, 0, 0});
  EXPECT_TRUE(stage.step().contains(space.value + 1));
  ASSERT_TRUE(stage.world.unmount(space, stage.now));
  EXPECT_TRUE(stage.step().empty());
  const MovingPose there{.pose = {{490, 0, 0}, {}}, .velocity = {}, .spin = {}};
  const ContainerId first = stage.world.spawn(of, {}, there, stage.now).value();
  EXPECT_TRUE(stage.step().empty());
  stage.move_in(first.value, one, {0, 5, 0});
  ASSERT_TRUE(stage.world.despawn(first, stage.now));
  auto found = stage.step();
  stage.world.forget_spawned(first);
  EXPECT_FALSE(found.contains(first.value));
  EXPECT_TRUE(found.contains(rock.value) && found.at(rock.value).inside);
  // What would hold the number of the body that went is no more.
  stage.move_in(of.value, one, {0, 0, 0});
  stage.now = stage.now + Duration{3'000'000'000};
  EXPECT_FALSE(stage.step().contains(rock.value));
}

void compare(RandomWorld& random, int frame) {
  const std::map<std::uint32_t, Wanted> found = random.stage().step();
  for (std::uint32_t id = 0; id < random.container_count(); ++id) {
    double nearest = std::numeric_limits<double>::infinity();
    for (const RandomActor& actor : random.actors()) {
      nearest = std::min(nearest, random.to_bounds(actor, id) - random.load_distance(actor, id));
    }
    if (std::abs(nearest) < RandomWorld::kRounding) continue;
    const bool inside = found.contains(id) && found.at(id).inside;
    ASSERT_EQ(inside, nearest < 0) << "container " << id << " in frame " << frame;
  }
}

TEST(MovingFrames, need_what_a_look_at_everything_says_is_needed) {
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    SCOPED_TRACE(seed);
    RandomWorld random(seed, {.observers_max = 16, .refreshes_max = 2});
    for (int frame = 0; frame < 250; ++frame) {
      random.advance();
      ASSERT_NO_FATAL_FAILURE(compare(random, frame));
    }
    EXPECT_EQ(random.stage().interest.stats().overflows, 0u);
  }
}

// Each eye has a list of its own, and what they hold together has no limit but that of their pool.
TEST(MovingFrames, are_listed_for_one_observer_beyond_what_one_list_may_hold) {
  constexpr std::uint32_t kBodies = 6, kRooms = 40, kListed = 4;
  std::vector<NewContainer> containers{NewContainer{}};
  for (std::uint32_t i = 0; i < kBodies; ++i) {
    const auto body = static_cast<std::uint32_t>(containers.size());
    containers.push_back(moving(sphere_at({i * 1.0, 0, 0}, 5, 50)));
    for (std::uint32_t k = 0; k < kRooms; ++k) {
      containers.push_back(sphere_at({k * 0.01, 0, 0}, 1, 40, body));
    }
  }
  for (const std::uint32_t intents_max : {0u, 2u}) {
    Stage stage(
        containers,
        {.observers_max = 1, .wanted_per_observer_max = kListed, .intents_max = intents_max});
    const ObserverId one = stage.add({0, 0, 0});
    for (std::uint32_t i = 0; i < intents_max; ++i) {
      const IntentSample intent{
          .body = kRootBody, .position = {}, .velocity = {}, .arrives_at = stage.now};
      ASSERT_TRUE(stage.interest.intend(one, intent));
    }
    for (int frame = 0; frame < 3; ++frame) {
      EXPECT_EQ(stage.step().size(), kBodies * kListed);
    }
  }
}

TEST(MovingFrames, allocate_nothing) {
#ifdef NF_SANITIZED
  GTEST_SKIP() << "a sanitizer counts allocations itself";
#endif
  RandomWorld random(3, {.observers_max = 16, .refreshes_max = 2, .sets = true});
  Stage& stage = random.stage();
  std::uint64_t found = 0;
  std::uint64_t taken = 0;
  for (int frame = 0; frame < 300; ++frame) {
    random.advance();
    const std::uint64_t before = test::allocations();
    found += stage.find().size();
    found += stage.interest.tell_changes().bound.size();
    taken += test::allocations() - before;
    stage.now = stage.now + kFrame;
  }
  EXPECT_GT(test::allocations(), 0u);  // that they are counted at all
  EXPECT_GT(found, 0u);
  EXPECT_EQ(taken, 0u);
}

}  // namespace
}  // namespace nf
