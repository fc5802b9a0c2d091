#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/core/interest/allocations.h"
#include "tests/unit/core/interest/stage.h"

namespace nf {
namespace {

using test::kFrame;
using test::NewContainer;
using test::sphere_at;
using test::Stage;

TEST(Interest, wants_nothing_without_observers) {
  Stage stage({NewContainer{}, sphere_at({}, 10, 10)});
  EXPECT_TRUE(stage.find().empty());
}

TEST(Interest, tells_inside_from_kept_from_far) {
  Stage stage({NewContainer{}, sphere_at({0, 0, 0}, 10, 100), sphere_at({0, 220, 0}, 10, 100),
               sphere_at({0, 0, 400}, 10, 100)});
  stage.add({0, 102, 0});
  const std::span<const Wanted> wanted = stage.find();
  ASSERT_EQ(wanted.size(), 2u);
  EXPECT_EQ(wanted[0].id, ContainerId{1});
  EXPECT_TRUE(wanted[0].inside);
  EXPECT_FALSE(wanted[0].keep_only);
  EXPECT_LE(wanted[0].needed_at, stage.now);
  EXPECT_EQ(wanted[0].probability, 1);
  EXPECT_EQ(wanted[1].id, ContainerId{2});
  EXPECT_FALSE(wanted[1].inside);
  EXPECT_TRUE(wanted[1].keep_only);
  EXPECT_EQ(wanted[1].needed_at, Time::never());
}

TEST(Interest, multiplies_load_distances_by_the_bubble_scale) {
  Stage stage({NewContainer{}, sphere_at({}, 10, 100)});
  stage.add({0, 1200, 0}, 0.5f);
  EXPECT_EQ(stage.find(1), nullptr);
  stage.add({0, 1200, 0}, 20);
  ASSERT_NE(stage.find(1), nullptr);
  EXPECT_TRUE(stage.find(1)->inside);
}

TEST(Interest, merges_what_several_observers_want) {
  Stage stage({NewContainer{}, sphere_at({}, 10, 100), sphere_at({1000, 0, 0}, 10, 100)});
  stage.add({0, 100, 0});
  stage.add({0, 115, 0});
  const ObserverId last = stage.add({1000, 0, 0});
  const std::span<const Wanted> wanted = stage.find();
  ASSERT_EQ(wanted.size(), 2u);
  EXPECT_EQ(wanted[0].observers, 2u);
  EXPECT_TRUE(wanted[0].inside);
  EXPECT_FALSE(wanted[0].keep_only);
  EXPECT_EQ(wanted[1].observers, 1u);
  EXPECT_EQ(stage.interest.observer_count(), 3u);
  stage.interest.remove(last);
  EXPECT_EQ(stage.interest.observer_count(), 2u);
  EXPECT_EQ(stage.find().size(), 1u);
}

TEST(Interest, foretells_when_a_straight_flight_arrives) {
  std::vector<NewContainer> containers{NewContainer{}};
  for (int i = 1; i <= 60; ++i) containers.push_back(sphere_at({i * 200.0, 30, 0}, 5, 80));
  Stage stage(containers);
  const double speed = 250;
  const ObserverId id = stage.add({0, 0, 0});
  std::vector<Time> first_listed(61, Time::never()), foretold(61, Time::never());
  int entered = 0;
  for (int frame = 1; frame < 60 * 40; ++frame) {
    stage.now = stage.now + kFrame;
    const double x = speed * frame * kFrame.seconds();
    stage.move(id, {x, 0, 0}, {speed, 0, 0});
    for (const Wanted& wanted : stage.find()) {
      const std::uint32_t i = wanted.id.value;
      if (first_listed[i] == Time::never() && !wanted.keep_only) first_listed[i] = stage.now;
      if (wanted.inside && foretold[i] != Time{0}) {
        if (x > 3000) {  // by then constant velocity has proven itself
          ++entered;
          EXPECT_GT((stage.now - first_listed[i]).seconds(), 6) << i;
          EXPECT_NEAR((stage.now - foretold[i]).seconds(), 0, 0.3) << i;
        }
        foretold[i] = Time{0};
      } else if (!wanted.inside && foretold[i] != Time{0}) {
        foretold[i] = wanted.needed_at;
      }
    }
  }
  EXPECT_GT(entered, 20);
}

TEST(Interest, sees_a_newly_mounted_archive_at_once) {
  Stage stage({NewContainer{}, sphere_at({}, 10, 100)});
  stage.add({});
  EXPECT_EQ(stage.find().size(), 1u);
  stage.mount({NewContainer{}, sphere_at({}, 10, 100)});
  EXPECT_EQ(stage.find().size(), 2u);
  EXPECT_TRUE(stage.find(3)->inside);
}

TEST(Interest, sees_a_teleport_in_the_same_frame) {
  Stage stage({NewContainer{}, sphere_at({}, 10, 100), sphere_at({1e12, 0, 0}, 10, 100)},
              {.refreshes_max = 0});
  const ObserverId id = stage.add({});
  stage.find();
  stage.move(id, {1e12, 0, 0});
  const std::span<const Wanted> wanted = stage.find();
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].id, ContainerId{2});
  EXPECT_TRUE(wanted[0].inside);
}

TEST(Interest, does_no_work_for_observers_that_stand) {
  Stage stage({NewContainer{}, sphere_at({}, 10, 100)});
  std::vector<ObserverId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(stage.add({static_cast<double>(i), 0, 0}));
  stage.find();
  const std::uint64_t before = stage.interest.stats().refreshes;
  for (int frame = 0; frame < 1000; ++frame) {
    stage.now = stage.now + kFrame;
    for (std::size_t i = 0; i < ids.size(); ++i) stage.move(ids[i], {static_cast<double>(i), 0, 0});
    EXPECT_EQ(stage.find().size(), 1u);
  }
  EXPECT_EQ(stage.interest.stats().refreshes, before);
}

// Constant velocity foretells nothing of it, so that it is expected to stay about where it is; how
// far about goes with its speed, which is over.
TEST(Interest, forgets_what_only_a_restless_observer_could_need) {
  Stage stage({NewContainer{}, sphere_at({0, 0, 0}, 10, 100)});
  const ObserverId id = stage.add({113, 0, 0});
  for (int i = 0; i < 600; ++i) {
    stage.now = stage.now + kFrame;
    const double speed = i % 20 < 10 ? 20 : -20;
    stage.move(id, {113 - speed * 0.05, 0, 0}, {speed, 0, 0});
    stage.find();
  }
  ASSERT_NE(stage.find(1), nullptr);
  EXPECT_FALSE(stage.find(1)->keep_only);
  for (int i = 0; i < 1200; ++i) {
    stage.now = stage.now + kFrame;
    if (i > 300) stage.move(id, {114, 0, 0});  // nothing was heard of it for a while
    stage.find();
  }
  ASSERT_NE(stage.find(1), nullptr);
  EXPECT_TRUE(stage.find(1)->keep_only);
}

TEST(Interest, refuses_what_it_cannot_hold) {
  EXPECT_FALSE(Interest::create({.observers_max = 0}));
  EXPECT_FALSE(Interest::create({.wanted_per_observer_max = 0}));
  EXPECT_FALSE(Interest::create({.hysteresis = 0.5f}));
  EXPECT_FALSE(Interest::create({.hysteresis = NAN}));
  Stage stage({NewContainer{}}, {.observers_max = 2});
  EXPECT_FALSE(stage.interest.add({.at = {}, .position = {NAN, 0, 0}, .velocity = {}}, 1));
  EXPECT_FALSE(stage.interest.add({.at = {}, .position = {}, .velocity = {}}, NAN));
  EXPECT_FALSE(stage.interest.add({.at = {}, .position = {}, .velocity = {}}, -1));
  stage.add({});
  stage.add({});
  const Result<ObserverId> third = stage.interest.add({}, 1);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, ErrorCode::limit_exceeded);
}

TEST(Interest, ignores_positions_that_are_no_numbers) {
  Stage stage({NewContainer{}, sphere_at({}, 10, 100)});
  const ObserverId id = stage.add({});
  stage.move(id, {NAN, 0, 0}, {NAN, NAN, NAN});
  stage.move(id, {INFINITY, 0, 0});
  stage.move(id, {0, 1, 0}, {INFINITY, NAN, 0});
  ASSERT_EQ(stage.find().size(), 1u);
  EXPECT_TRUE(stage.find(1)->inside);
}

TEST(InterestDeathTest, takes_the_id_of_a_removed_observer_for_a_bug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Stage stage({NewContainer{}});
  const ObserverId old = stage.add({});
  stage.interest.remove(old);
  const ObserverId next = stage.add({});
  EXPECT_NE(old, next);
  EXPECT_DEATH(stage.move(old, {}), "active");
}

// How a random observer moves: walks, flies, hovers, jumps, turns.
struct Mover {
  ObserverId id;
  WorldPosition position;
  WorldVector velocity;
  double scale = 1;
  bool states_velocity = true;

  void step(Prng& prng, double width, double speed) {
    const double seconds = kFrame.seconds();
    if (prng.chance(0.02)) velocity = test::random_direction(prng) * (speed * prng.unit());
    if (prng.chance(0.01)) velocity = {};
    if (prng.chance(0.003)) {
      position = {prng.between(-width, width), prng.between(-width, width),
                  prng.between(-width, width)};
    }
    position = position + velocity * seconds;
    const double away = length(position - WorldPosition{});
    if (away > 2 * width) velocity = (WorldPosition{} - position) * (speed / away);
  }
};

struct Trial {
  std::uint64_t seed = 1;
  std::size_t observers = 1;
  std::size_t containers = 1500;
  double width = 300;
  double size_max = 40;
  double speed = 20;
  int frames = 600;
  std::uint32_t refreshes_max = 4;
};

// Every container's true state, by looking at all of them.
void compare_with_brute_force(Stage& stage, const std::vector<Mover>& movers, double hysteresis) {
  std::vector<const Wanted*> by_id(stage.world.container_count(), nullptr);
  const std::span<const Wanted> wanted = stage.find();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_TRUE(i == 0 || wanted[i - 1].id < wanted[i].id);
    by_id[wanted[i].id.value] = &wanted[i];
  }
  for (std::uint32_t id = 0; id < by_id.size(); ++id) {
    const Place& place = stage.world.place(ContainerId{id});
    bool inside = false, kept = false;
    std::uint32_t observers_min = 0;
    for (const Mover& mover : movers) {
      const double load = static_cast<double>(place.load_distance) * mover.scale;
      const double distance = distance_to(place, mover.position);
      inside |= distance <= load;
      kept |= distance <= load * hysteresis;
      observers_min += distance <= load * hysteresis;
    }
    const Wanted* const found = by_id[id];
    ASSERT_EQ(found != nullptr && found->inside, inside) << id;
    ASSERT_TRUE(found != nullptr || !kept) << id;
    if (found == nullptr) continue;
    ASSERT_GE(found->observers, observers_min) << id;
    ASSERT_TRUE(!found->keep_only || (kept && !inside)) << id;
    ASSERT_TRUE(!found->inside || found->needed_at <= stage.now) << id;
    ASSERT_EQ(found->keep_only, found->needed_at == Time::never()) << id;
  }
}

void fly_and_compare(const Trial& trial) {
  SCOPED_TRACE("seed " + std::to_string(trial.seed));
  Prng prng(trial.seed);
  InterestOptions options{
      .observers_max = 64, .wanted_per_observer_max = 2048, .refreshes_max = trial.refreshes_max};
  Stage stage(test::random_places(prng, trial.containers, trial.width, 0.5, trial.size_max),
              options);
  std::vector<Mover> movers;
  for (int frame = 0; frame < trial.frames; ++frame) {
    if (movers.size() < trial.observers) {
      Mover mover;
      mover.scale =
          movers.empty() ? 1.0 : static_cast<double>(static_cast<float>(prng.between(0, 3)));
      mover.states_velocity = prng.chance(0.5);
      mover.id = stage.add(mover.position, static_cast<float>(mover.scale));
      movers.push_back(mover);
    } else if (movers.size() > 1 && prng.chance(0.005)) {
      stage.interest.remove(movers.back().id);
      movers.pop_back();
    }
    stage.now = stage.now + kFrame;
    for (Mover& mover : movers) {
      mover.step(prng, trial.width, trial.speed);
      stage.move(mover.id, mover.position, mover.states_velocity ? mover.velocity : WorldVector{});
    }
    ASSERT_NO_FATAL_FAILURE(
        compare_with_brute_force(stage, movers, static_cast<double>(options.hysteresis)))
        << "frame " << frame;
  }
  EXPECT_EQ(stage.interest.stats().overflows, 0u);
}

TEST(Interest, agrees_with_brute_force_for_a_walker) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) fly_and_compare({.seed = seed, .speed = 6});
}

TEST(Interest, agrees_with_brute_force_for_a_flyer) {
  for (std::uint64_t seed = 11; seed <= 15; ++seed) fly_and_compare({.seed = seed, .speed = 400});
}

TEST(Interest, agrees_with_brute_force_for_many_observers) {
  for (std::uint64_t seed = 21; seed <= 22; ++seed) {
    fly_and_compare({.seed = seed, .observers = 25, .containers = 600, .speed = 60});
  }
}

TEST(Interest, agrees_with_brute_force_across_a_star_system) {
  for (std::uint64_t seed = 31; seed <= 33; ++seed) {
    fly_and_compare({.seed = seed, .observers = 3, .width = 1e13, .size_max = 5e12, .speed = 1e12});
  }
}

TEST(Interest, agrees_with_brute_force_without_any_budget) {
  fly_and_compare({.seed = 41, .observers = 4, .speed = 30, .refreshes_max = 0});
}

TEST(Interest, allocates_nothing_after_reserve) {
#ifdef NF_SANITIZED
  GTEST_SKIP() << "a sanitizer counts allocations itself";
#endif
  Prng prng(9);
  Stage stage(test::random_places(prng, 3000, 300, 0.5, 40), {.observers_max = 32});
  std::vector<Mover> movers(32);
  for (Mover& mover : movers) mover.id = stage.add({});
  const std::uint64_t before = test::allocations();
  ASSERT_GT(before, 0u);  // that they are counted at all
  for (int frame = 0; frame < 600; ++frame) {
    stage.now = stage.now + kFrame;
    for (Mover& mover : movers) {
      mover.step(prng, 300, 50);
      stage.move(mover.id, mover.position, mover.velocity);
    }
    stage.find();
    if (frame % 50 == 0) {
      stage.interest.remove(movers.back().id);
      movers.back().id = stage.add(movers.back().position);
    }
  }
  EXPECT_EQ(test::allocations(), before);
}

TEST(Interest, gives_the_same_answer_for_the_same_calls) {
  const auto run = [] {
    Prng prng(77);
    Stage stage(test::random_places(prng, 800, 200, 0.5, 40), {.observers_max = 8});
    std::vector<Mover> movers(8);
    for (Mover& mover : movers) mover.id = stage.add({});
    std::vector<std::pair<std::uint32_t, std::int64_t>> seen;
    for (int frame = 0; frame < 300; ++frame) {
      stage.now = stage.now + kFrame;
      for (Mover& mover : movers) {
        mover.step(prng, 200, 50);
        stage.move(mover.id, mover.position);
      }
      for (const Wanted& wanted : stage.find())
        seen.push_back({wanted.id.value, wanted.needed_at.ns});
    }
    return seen;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace nf
