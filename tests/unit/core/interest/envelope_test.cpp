#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/interest/wanted.h"
#include "core/world/vector_math.h"
#include "tests/unit/core/world/test_tables.h"

namespace nf {
namespace {

using test::make_tables;
using test::NewContainer;
using test::sphere_at;

constexpr Duration kFrame{16'666'667};
constexpr double kSpeed = 20;
constexpr Duration kLookahead{4'000'000'000};

// An observer that keeps to a stated speed, in whatever frame. Without a budget for refreshes: what
// the envelope promises must not hang on it.
struct Stage {
  WorldTables tables;
  World world;
  Interest interest;
  ObserverId observer;
  Time now{1'000'000'000};

  explicit Stage(const std::vector<NewContainer>& containers, WorldPosition at = {},
                 BodyId body = kRootBody, std::uint32_t refreshes_max = 0)
      : tables(make_tables(containers)),
        interest(std::move(Interest::create({.wanted_per_observer_max = 2000,
                                             .refreshes_max = refreshes_max,
                                             .lookahead = kLookahead})
                               .value())) {
    NF_ASSERT(world.mount(tables, FileId{0}).has_value());
    NF_ASSERT(interest.reserve(world.container_count(), world.bodies().count()).has_value());
    observer = interest.add({.at = now, .position = at, .velocity = {}}, 1, body).value();
    interest.set_envelope(observer, {.speed_max = kSpeed});
  }
  std::map<std::uint32_t, Wanted> find() {
    std::map<std::uint32_t, Wanted> found;
    for (const Wanted& wanted : interest.find_wanted(world, now)) found[wanted.id.value] = wanted;
    world.forget_changes();
    return found;
  }
};

// Metres to where it is needed.
double way_to(const World& world, std::uint32_t id, WorldPosition at) {
  const Place& place = world.place(ContainerId{id});
  return distance_to(place, at) - static_cast<double>(place.load_distance);
}

std::vector<NewContainer> scattered(std::uint32_t count, std::uint64_t seed) {
  Prng prng(seed);
  std::vector<NewContainer> containers(1);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto drawn = [&] { return (prng.unit() - 0.5) * 600; };
    containers.push_back(sphere_at({drawn(), drawn(), drawn() * 0.1},
                                   static_cast<float>(1 + prng.unit() * 10),
                                   static_cast<float>(prng.unit() * 30)));
  }
  return containers;
}

TEST(Envelope, wants_what_can_be_reached_in_time_with_the_earliest_moment) {
  Stage stage({NewContainer{}, sphere_at({0, 100, 0}, 10, 30), sphere_at({-120, 0, 0}, 10, 30)});
  const auto wanted = stage.find();
  ASSERT_EQ(wanted.size(), 2u);
  EXPECT_EQ(wanted.at(1).needed_at, stage.now + Duration{3'000'000'000});
  EXPECT_EQ(wanted.at(2).needed_at, stage.now + Duration{4'000'000'000});
  EXPECT_TRUE(wanted.at(1).only_reachable());
}

TEST(Envelope, costs_nothing_where_none_is_stated) {
  Stage stage({NewContainer{}, sphere_at({0, 100, 0}, 10, 30)});
  stage.interest.set_envelope(stage.observer, {});
  EXPECT_TRUE(stage.find().empty());
}

TEST(Envelope, needs_nothing_sooner_than_it_can_be_reached) {
  Stage stage({NewContainer{}, sphere_at({0, 100, 0}, 10, 30)});
  for (int frame = 0; frame < 140; ++frame) {
    stage.now = stage.now + kFrame;
    const double y = kSpeed * kFrame.seconds() * frame;
    stage.interest.move(stage.observer,
                        {.at = stage.now, .position = {0, y, 0}, .velocity = {0, kSpeed, 0}});
    const auto wanted = stage.find();
    const double earliest = way_to(stage.world, 1, {0, y, 0}) / kSpeed;
    EXPECT_NEAR((wanted.at(1).needed_at - stage.now).seconds(), earliest, 0.2);
    EXPECT_TRUE(earliest > 0.9 || !wanted.at(1).only_reachable());
  }
}

// Whatever way it goes: in every frame all that it could reach within the lookahead is wanted,
// never later than it can be reached; nothing else is, and nothing is dropped for a step back.
TEST(Envelope, holds_on_every_walk_within_it) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Stage stage(scattered(400, seed));
    Prng prng(seed * 77);
    WorldPosition at;
    WorldVector way{1, 0, 0};
    std::map<std::uint32_t, Wanted> before;
    for (int frame = 0; frame < 600; ++frame) {
      if (prng.chance(0.05)) {
        const double angle = prng.unit() * 6.28;
        way = prng.chance(0.3) ? WorldVector{} : WorldVector{std::cos(angle), std::sin(angle), 0};
      }
      const double speed = prng.chance(0.7) ? kSpeed : kSpeed * prng.unit();
      stage.now = stage.now + kFrame;
      at = at + way * (speed * kFrame.seconds());
      stage.interest.move(stage.observer, {.at = stage.now, .position = at, .velocity = {}});
      const auto wanted = stage.find();
      for (std::uint32_t id = 1; id < stage.world.container_count(); ++id) {
        const double seconds = way_to(stage.world, id, at) / kSpeed;
        const auto found = wanted.find(id);
        const bool asked = found != wanted.end() && !found->second.keep_only;
        if (seconds <= kLookahead.seconds()) {
          ASSERT_TRUE(asked) << "seed " << seed << " frame " << frame << " container " << id;
          ASSERT_LE((found->second.needed_at - stage.now).seconds(), std::max(0.0, seconds) + 1e-6);
        }
        if (seconds > (kLookahead + kEnvelopeMargin + kEnvelopeMargin).seconds() + 0.02) {
          ASSERT_FALSE(asked) << "seed " << seed << " frame " << frame << " container " << id;
        }
        if (seconds <= kLookahead.seconds() * 1.5 && before.contains(id)) {
          ASSERT_TRUE(wanted.contains(id)) << "seed " << seed << " frame " << frame;
        }
      }
      before = wanted;
    }
  }
}

TEST(Envelope, is_left_by_one_who_is_faster) {
  Stage stage({NewContainer{}, sphere_at({0, 1000, 0}, 10, 30)}, {}, kRootBody, 24);
  for (int frame = 0; frame < 120; ++frame) {
    stage.now = stage.now + kFrame;
    stage.interest.move(
        stage.observer,
        {.at = stage.now, .position = {0, 6.0 * frame, 0}, .velocity = {0, 360, 0}});
    stage.find();
  }
  const auto wanted = stage.find();
  ASSERT_TRUE(wanted.contains(1));
  EXPECT_LE((wanted.at(1).needed_at - stage.now).seconds(), 1.0);
}

// Its list is as old as it has stood; what it may reach was not needed meanwhile.
TEST(Envelope, makes_nothing_overdue_that_one_who_stands_might_have_reached) {
  Stage stage({NewContainer{}, sphere_at({0, 60, 0}, 10, 30)}, {}, kRootBody, 24);
  for (int frame = 0; frame < 600; ++frame) {
    stage.now = stage.now + kFrame;
    stage.interest.move(stage.observer, {.at = stage.now, .position = {}, .velocity = {}});
    const auto wanted = stage.find();
    ASSERT_TRUE(wanted.contains(1));
    ASSERT_GE(wanted.at(1).needed_at, stage.now) << frame;
  }
}

// A ship that flies past a station: in it somebody may walk at the stated speed.
TEST(Envelope, adds_what_the_frame_of_its_ship_moves) {
  Stage stage({NewContainer{}, test::moving(sphere_at({}, 10, 5)), sphere_at({0, 400, 0}, 10, 30)},
              {}, BodyId{1});
  const auto pose_at = [&](double seconds) {
    return MovingPose{.pose = {{0, 100 * seconds, 0}, {}}, .velocity = {0, 100, 0}, .spin = {}};
  };
  bool seen = false;
  for (int frame = 0; frame < 200; ++frame) {
    stage.now = stage.now + kFrame;
    const double seconds = kFrame.seconds() * frame;
    ASSERT_TRUE(stage.world.set_pose(ContainerId{1}, pose_at(seconds), stage.now));
    const auto wanted = stage.find();
    const double due = (400 - 40 - 100 * seconds) / 120;
    if (due <= kLookahead.seconds()) {
      ASSERT_TRUE(wanted.contains(2)) << frame;
      ASSERT_LE((wanted.at(2).needed_at - stage.now).seconds(), std::max(0.0, due) + 1e-6);
      seen = true;
    }
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace nf
