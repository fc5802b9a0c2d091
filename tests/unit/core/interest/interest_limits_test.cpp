// What is told, and what is named, where lists or all of them together are too short.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/core/interest/stage.h"

namespace nf {
namespace {

using test::kFrame;
using test::moving;
using test::NewContainer;
using test::sphere_at;
using test::Stage;

TEST(InterestLimits, keeps_the_most_urgent_when_a_list_is_full) {
  std::vector<NewContainer> containers{NewContainer{}};
  for (int i = 1; i <= 100; ++i) containers.push_back(sphere_at({i * 10.0, 0, 0}, 1, 200));
  Stage stage(containers, {.wanted_per_observer_max = 8});
  const ObserverId id = stage.add({-195, 0, 0});
  for (double x = -195; x < -140; x += 0.25) {
    stage.now = stage.now + kFrame;
    stage.move(id, {x, 0, 0});
    std::vector<std::uint32_t> inside;
    for (const Wanted& wanted : stage.find()) {
      if (wanted.inside) inside.push_back(wanted.id.value);
    }
    // The sphere at 10 * i is inside from 10 * i - 201 on: at most six of them here.
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 1; i * 10 - 201.0 <= x; ++i) expected.push_back(i);
    ASSERT_EQ(inside, expected) << x;
    ASSERT_LE(stage.find().size(), 8u);
  }
  EXPECT_GT(stage.interest.stats().overflows, 0u);
}

std::vector<std::uint32_t> ids_of(std::span<const ContainerId> ids) {
  std::vector<std::uint32_t> values;
  for (const ContainerId id : ids) values.push_back(id.value);
  return values;
}

// `count` of them around one place, each a little farther off than the one before.
std::vector<NewContainer> spheres_around_here(int count) {
  std::vector<NewContainer> containers{NewContainer{}};
  for (int i = 1; i <= count; ++i) containers.push_back(sphere_at({i * 1.0, 0, 0}, 1, 200));
  return containers;
}

TEST(InterestLimits, names_what_is_inside_and_finds_no_room_on_a_list) {
  Stage stage(spheres_around_here(6), {.wanted_per_observer_max = 4});
  stage.add({});
  for (std::uint64_t frame = 1; frame <= 5; ++frame) {
    ASSERT_EQ(stage.find().size(), 4u);
    EXPECT_EQ(ids_of(stage.interest.dropped_inside().ids), (std::vector<std::uint32_t>{5, 6}));
    EXPECT_EQ(stage.interest.dropped_inside().more, 0u);
    EXPECT_EQ(stage.interest.stats().overflows, 2 * frame) << "each counts in each frame";
    stage.now = stage.now + kFrame;
  }
}

// It knows 64 of them.
TEST(InterestLimits, counts_what_is_inside_and_has_no_room_even_to_be_named) {
  Stage stage(spheres_around_here(100), {.wanted_per_observer_max = 4});
  const ObserverId id = stage.add({});
  stage.find();
  EXPECT_EQ(stage.interest.dropped_inside().ids.size(), 60u);
  EXPECT_EQ(stage.interest.dropped_inside().more, 36u);
  EXPECT_EQ(stage.interest.stats().overflows, 96u);
  stage.interest.remove(id);
  stage.find();
  EXPECT_TRUE(stage.interest.dropped_inside().ids.empty());
  EXPECT_EQ(stage.interest.dropped_inside().more, 0u);
  EXPECT_EQ(stage.interest.stats().overflows, 96u);
}

// Three in each of many frames that move, and two of them on each list.
TEST(InterestLimits, names_what_is_inside_in_however_many_bodies) {
  constexpr std::uint32_t kShips = 60;
  std::vector<NewContainer> containers{NewContainer{}};
  for (std::uint32_t i = 0; i < kShips; ++i) {
    const std::uint32_t ship = i * 3 + 1;
    containers.push_back(moving(sphere_at({}, 1, 200)));
    for (double x : {1.0, 2.0}) containers.push_back(sphere_at({x, 0, 0}, 1, 200, ship));
  }
  Stage stage(containers, {.observers_max = 1, .wanted_per_observer_max = 2});
  stage.add({});
  EXPECT_EQ(stage.find().size(), 2 * kShips);
  EXPECT_EQ(stage.interest.dropped_inside().ids.size(), kShips);
  EXPECT_EQ(stage.interest.dropped_inside().more, 0u);
}

TEST(InterestLimits, drops_from_a_list_nothing_that_another_one_has) {
  std::vector<NewContainer> containers = spheres_around_here(5);
  containers.push_back(sphere_at({300, 0, 0}, 1, 350));
  Stage stage(containers, {.wanted_per_observer_max = 4});
  stage.add({});
  stage.find();
  EXPECT_EQ(ids_of(stage.interest.dropped_inside().ids), (std::vector<std::uint32_t>{5, 6}));
  stage.add({660, 0, 0});  // to which it may only come
  stage.find();
  EXPECT_EQ(ids_of(stage.interest.dropped_inside().ids), (std::vector<std::uint32_t>{5}));
  const Wanted* const shared = stage.find(6);
  ASSERT_NE(shared, nullptr);
  EXPECT_TRUE(shared->inside) << "of the first one's bubble";
  EXPECT_FALSE(shared->keep_only);
  EXPECT_LE(shared->needed_at, stage.now);
}

TEST(InterestLimits, gives_room_on_a_list_at_once_to_what_is_inside) {
  std::vector<NewContainer> containers{NewContainer{}};
  for (int i = 1; i <= 2; ++i) containers.push_back(sphere_at({0, i * 0.1, 0}, 1, 100));
  for (int i = 1; i <= 2; ++i) containers.push_back(sphere_at({101, 50 + i * 0.1, 0}, 1, 50));
  Stage stage(containers, {.wanted_per_observer_max = 2, .refreshes_max = 0});
  const ObserverId id = stage.add({100, 0, 0});
  stage.find();
  for (double x = 100; x < 101.9; x += 0.25) {
    stage.now = stage.now + kFrame;
    stage.move(id, {x, 0, 0}, {15, 0, 0});
    const std::span<const Wanted> wanted = stage.find();
    EXPECT_EQ(std::count_if(wanted.begin(), wanted.end(), [](const Wanted& w) { return w.inside; }),
              2)
        << x;
    EXPECT_EQ(stage.interest.dropped_inside().ids.size(), x > 100.9 ? 0u : 2u) << x;
  }
}

TEST(InterestLimits, names_what_is_inside_and_beyond_what_may_be_wanted) {
  Stage stage(spheres_around_here(6), {.wanted_max = 4});
  stage.add({});
  stage.add({1, 0, 0});
  for (std::uint64_t frame = 1; frame <= 5; ++frame) {
    ASSERT_EQ(stage.find().size(), 4u);
    EXPECT_EQ(ids_of(stage.interest.dropped_inside().ids), (std::vector<std::uint32_t>{5, 6}));
    EXPECT_EQ(stage.interest.stats().overflows, 2 * frame);
    stage.interest.all_wanted();
    EXPECT_EQ(ids_of(stage.interest.dropped_inside().ids), (std::vector<std::uint32_t>{5, 6}));
    stage.now = stage.now + kFrame;
  }
}

TEST(InterestLimits, keeps_the_most_urgent_when_all_lists_together_are_too_long) {
  std::vector<NewContainer> containers{NewContainer{}};
  for (int i = 1; i <= 50; ++i) containers.push_back(sphere_at({i * 1000.0, 0, 0}, 1, 100));
  Stage stage(containers, {.wanted_max = 10});
  for (int i = 1; i <= 40; ++i) stage.add({i * 1000.0, i % 5 == 0 ? 0 : 110.0, 0});
  const std::span<const Wanted> wanted = stage.find();
  ASSERT_EQ(wanted.size(), 10u);
  EXPECT_TRUE(std::is_sorted(wanted.begin(), wanted.end(),
                             [](const Wanted& a, const Wanted& b) { return a.id < b.id; }));
  EXPECT_EQ(std::count_if(wanted.begin(), wanted.end(), [](const Wanted& w) { return w.inside; }),
            8);
}

// One in each of thirty places that is not more than three metres from where it was.
class CutInterest : public testing::Test {
 protected:
  static constexpr std::uint32_t kPlaces = 30, kWanted = 20;

  static std::vector<NewContainer> make_places() {
    std::vector<NewContainer> containers{NewContainer{}};
    for (std::uint32_t i = 1; i <= kPlaces; ++i) {
      containers.push_back(sphere_at({i * 1000.0, 0, 0}, 1, 100));
    }
    return containers;
  }
  CutInterest() : stage_(make_places(), {.wanted_max = kWanted, .refreshes_max = 4}) {
    for (std::uint32_t i = 1; i <= kPlaces; ++i) ids_.push_back(stage_.add({i * 1000.0, 0, 0}));
  }
  void go_to(std::uint32_t from, std::uint32_t to) {
    stage_.move(ids_[from - 1], {to * 1000.0, 0, 0});
  }
  // After a while in which their forecasts are made anew one after the other.
  std::vector<std::uint32_t> walk(std::uint32_t stayed_away = 0) {
    std::vector<std::uint32_t> found;
    for (int frame = 0; frame < 100; ++frame) {
      stage_.now = stage_.now + kFrame;
      const double speed = frame % 20 < 10 ? 18 : -18;
      const double off = frame % 20 < 10 ? frame % 10 : 10 - frame % 10;
      for (std::uint32_t i = 1; i <= kPlaces; ++i) {
        if (i != stayed_away)
          stage_.move(ids_[i - 1], {i * 1000.0 + off * 0.3, 0, 0}, {speed, 0, 0});
      }
      const std::span<const Wanted> wanted = stage_.find();
      EXPECT_EQ(wanted.size(), kWanted);
      std::vector<std::uint32_t> now;
      for (const Wanted& each : wanted) now.push_back(each.id.value);
      EXPECT_TRUE(frame == 0 || now == found) << frame;
      found = now;
    }
    return found;
  }

  Stage stage_;
  std::vector<ObserverId> ids_;
};

// Else what observers are inside of would leave and come back with each forecast.
TEST_F(CutInterest, stays_with_what_it_wanted_among_what_somebody_is_inside_of) {
  std::vector<std::uint32_t> wanted = walk();
  ASSERT_EQ(wanted.size(), kWanted);
  const std::uint32_t left = wanted[5];
  go_to(left, 1);
  std::uint32_t next = 1;
  while (std::find(wanted.begin(), wanted.end(), next) != wanted.end()) ++next;
  wanted.erase(wanted.begin() + 5);
  wanted.insert(std::lower_bound(wanted.begin(), wanted.end(), next), next);
  EXPECT_EQ(walk(left), wanted) << "the first that waited has the place that came free";
  go_to(left, left);
  EXPECT_EQ(walk(), wanted) << "who comes back waits";
  stage_.mount({NewContainer{}});
  EXPECT_EQ(walk(), wanted) << "more room for others changes nothing";
}

}  // namespace
}  // namespace nf
