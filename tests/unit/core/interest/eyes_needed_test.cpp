// Who sees what where there are more bodies than eyes.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "core/interest/eyes.h"
#include "tests/unit/core/interest/allocations.h"
#include "tests/unit/core/interest/stage.h"

namespace nf {
namespace {

using test::moving;
using test::NewContainer;
using test::sphere_at;
using test::Stage;

constexpr std::uint32_t kShips = 200;

MovingPose at(WorldPosition origin, WorldVector velocity = {}) {
  return {.pose = {origin, {}}, .velocity = velocity, .spin = {}};
}

// Of radius 1, needed within 10 m; the first is container 1.
std::vector<NewContainer> ships_on_a_line(std::uint32_t count, double apart) {
  std::vector<NewContainer> containers{NewContainer{}};
  for (std::uint32_t i = 0; i < count; ++i) {
    containers.push_back(moving(sphere_at({i * apart, 0, 0}, 1, 10)));
  }
  return containers;
}

WorldPosition inside_of(std::uint32_t ship, double apart) {
  return {(ship - 1) * apart, 5, 0};
}

TEST(EyesNeeded, are_in_what_one_is_inside_of_whatever_else_is_in_reach) {
  constexpr double kApart = 30;
  for (std::uint32_t ship = 1; ship <= kShips; ship += 7) {
    Stage stage(ships_on_a_line(kShips, kApart));
    const ObserverId one = stage.add(inside_of(ship, kApart));
    stage.interest.set_envelope(one, {.speed_max = 1e4});
    const auto found = stage.step();
    ASSERT_TRUE(found.contains(ship) && found.at(ship).inside) << ship;
    EXPECT_EQ(found.size(), Eyes::kEyesPerObserverMax - 1) << "all other eyes are of use, too";
    EXPECT_GT(stage.interest.stats().overflows, 0u);
  }
}

TEST(EyesNeeded, are_in_what_is_needed_first) {
  constexpr double kApart = 30;
  constexpr std::uint32_t kFrom = 100;
  Stage stage(ships_on_a_line(kShips, kApart));
  const ObserverId one = stage.add(inside_of(kFrom, kApart));
  stage.interest.set_envelope(one, {.speed_max = 1e4});
  const auto found = stage.step();
  for (std::uint32_t ship = kFrom - 30; ship <= kFrom + 30; ++ship) {
    EXPECT_TRUE(found.contains(ship)) << ship;
  }
}

// The whole of each ship, with what is far out on it, is around the observer.
TEST(EyesNeeded, are_in_what_one_is_inside_of_although_all_ships_could_be) {
  constexpr std::uint32_t kLarge = 150;
  for (std::uint32_t within = 1; within <= kLarge; within += 7) {
    std::vector<NewContainer> containers{NewContainer{}};
    for (std::uint32_t i = 1; i <= kLarge; ++i) {
      const auto ship = static_cast<std::uint32_t>(containers.size());
      containers.push_back(moving(sphere_at({0, 0, i * 0.1}, 1, 10)));
      containers.push_back(sphere_at({i == within ? 1000.0 : -1000.0, 0, 0}, 1, 20, ship));
    }
    Stage stage(containers);
    stage.add({1000, 0, 0});
    const auto found = stage.step();
    const std::uint32_t room = 2 * within;
    ASSERT_TRUE(found.contains(room) && found.at(room).inside) << within;
  }
}

// A cabin is inside of its ship, of which nothing else is near.
TEST(EyesNeeded, are_in_what_is_below_a_body_that_is_not_near_itself) {
  constexpr double kApart = 30;
  for (std::uint32_t far = 0; far < 2; ++far) {
    std::vector<NewContainer> containers = ships_on_a_line(kShips, kApart);
    const auto ship = static_cast<std::uint32_t>(containers.size());
    containers.push_back(moving(sphere_at({far == 0 ? -5000.0 : 11000.0, 0, 0}, 1, 10)));
    containers.push_back(moving(sphere_at({far == 0 ? 5000.0 : -11000.0, 8, 0}, 1, 10, ship)));
    containers.push_back(sphere_at({0, 0, 0}, 1, 10, ship + 1));
    Stage stage(containers);
    const ObserverId one = stage.add({0, 8, 0});
    stage.interest.set_envelope(one, {.speed_max = 1e4});
    const auto found = stage.step();
    ASSERT_TRUE(found.contains(ship + 1) && found.at(ship + 1).inside) << far;
    ASSERT_TRUE(found.contains(ship + 2) && found.at(ship + 2).inside) << far;
    ASSERT_TRUE(found.contains(1) && found.at(1).inside) << far;
  }
}

TEST(EyesNeeded, are_all_in_ships_one_is_inside_of_where_these_are_too_many) {
  Stage stage(ships_on_a_line(kShips, 0));
  stage.add({0, 0, 0});
  EXPECT_EQ(stage.step().size(), Eyes::kEyesPerObserverMax - 1);
  EXPECT_GT(stage.interest.stats().overflows, 0u);
}

// Nothing that it has an eye in moves, and what it has none in begins to after it looked, and goes
// so little that nobody is told.
TEST(EyesNeeded, are_in_what_comes_to_one_who_stands) {
  constexpr double kApart = 0.001;
  Stage stage(ships_on_a_line(kShips, kApart));
  stage.add({-11.5, 0, 0});
  std::map<std::uint32_t, Wanted> found;
  for (int i = 0; i < 120; ++i) found = stage.step();
  ASSERT_FALSE(found.contains(kShips));
  stage.pose(kShips, at({-0.6, 0, 0}));
  for (int i = 0; i < 120; ++i) found = stage.step();
  EXPECT_TRUE(found.contains(kShips) && found[kShips].inside);
}

// Bounded ones take all that there is for all; each of the others stands inside a few ships.
TEST(EyesNeeded, are_left_to_those_inside_by_those_who_could_reach_something) {
  constexpr double kApart = 30;
  constexpr std::uint32_t kBounded = 12, kOthers = 40, kShared = 8;
  std::vector<NewContainer> containers = ships_on_a_line(60, kApart);
  const auto shared = static_cast<std::uint32_t>(containers.size());
  for (std::uint32_t i = 0; i < kShared; ++i) {
    containers.push_back(moving(sphere_at({0, 1e6, 0}, 1, 10)));
  }
  Stage stage(containers, {.observers_max = kBounded + kOthers});
  for (std::uint32_t i = 0; i < kBounded; ++i) {
    const ObserverId one = stage.add({0, 1000, 0});
    stage.interest.set_envelope(one, {.speed_max = 1e4});
  }
  stage.step();
  for (std::uint32_t i = 0; i < kOthers; ++i) stage.add({0, 1e6, 0});
  std::map<std::uint32_t, Wanted> found;
  for (int i = 0; i < 300; ++i) found = stage.step();
  for (std::uint32_t i = 0; i < kShared; ++i) {
    EXPECT_EQ(found[shared + i].observers, kOthers);
  }
  EXPECT_TRUE(found.contains(1)) << "what is left goes to those who could reach something";
}

TEST(EyesNeeded, allocate_nothing) {
#ifdef NF_SANITIZED
  GTEST_SKIP() << "a sanitizer counts allocations itself";
#endif
  Stage stage(ships_on_a_line(5 * kShips, 3), {.observers_max = 8});
  for (std::uint32_t i = 0; i < 8; ++i) {
    const ObserverId one = stage.add({i * 100.0, 5, 0});
    if (i % 2 == 0) stage.interest.set_envelope(one, {.speed_max = 1e4});
  }
  std::uint64_t found = 0;
  const std::uint64_t before = test::allocations();
  for (int i = 0; i < 100; ++i) {
    found += stage.find().size();
    stage.now = stage.now + test::kFrame;
  }
  EXPECT_EQ(test::allocations(), before);
  EXPECT_GT(found, 0u);
}

}  // namespace
}  // namespace nf
