// The parts of the world that move, and what a pose costs and changes.
#include "core/world/bodies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/world/world.h"
#include "tests/unit/core/world/test_tables.h"

namespace nf {
namespace {

using test::about;
using test::make_tables;
using test::moving;
using test::NewContainer;
using test::sphere_at;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Time kStart{1'000'000'000};
constexpr Duration kFrame{16'666'667};
constexpr double kQuarterTurn = 1.5707963267948966;

double apart(WorldPosition a, WorldPosition b) {
  return length(a - b);
}
double apart(WorldVector a, WorldVector b) {
  return length(a - b);
}

MovingPose at(WorldPosition origin, WorldRotation rotation = {}) {
  return {.pose = {origin, rotation}, .velocity = {}, .spin = {}};
}

// About the z axis.
WorldRotation turned(double radians) {
  return {0, 0, std::sin(radians / 2), std::cos(radians / 2)};
}

// Root > planet (moves) > zone > ship (moves) > room; and a rock that does not move.
struct Stage {
  WorldTables tables;
  World world;

  static constexpr ContainerId planet{1}, zone{2}, ship{3}, room{4}, rock{5};

  Stage() {
    NewContainer turned_zone = sphere_at({100, 0, 0}, 50, 100, 1);
    turned_zone.rotation = about({0, 0, 1}, 90);
    tables =
        make_tables(std::vector{NewContainer{}, moving(sphere_at({1000, 0, 0}, 100, 500)),
                                turned_zone, moving(sphere_at({10, 0, 0}, 5, 50, 2)),
                                sphere_at({1, 0, 0}, 1, 10, 3), sphere_at({0, 5000, 0}, 1, 10)});
    NF_ASSERT(world.mount(tables, FileId{0}).has_value());
    world.forget_changes();
  }
  const Body& body(ContainerId id) const { return world.bodies()[world.bodies().of(id)]; }
  std::set<std::uint32_t> near(BodyId parent, WorldPosition position, double reach) const {
    const WorldVector half{reach, reach, reach};
    std::set<std::uint32_t> found;
    world.bodies().children().visit(parent.value, {.box = {position + half * -1, position + half}},
                                    [&](std::uint32_t child) { found.insert(child); });
    return found;
  }
};

TEST(Bodies, begin_where_a_frame_moves) {
  const Stage stage;
  const Bodies& bodies = stage.world.bodies();
  ASSERT_EQ(bodies.count(), 3u);
  EXPECT_EQ(bodies.of(ContainerId{0}), kRootBody);
  EXPECT_EQ(bodies.of(Stage::rock), kRootBody);
  EXPECT_EQ(bodies.of(Stage::planet), bodies.of(Stage::zone));
  EXPECT_EQ(bodies.of(Stage::ship), bodies.of(Stage::room));
  EXPECT_NE(bodies.of(Stage::planet), bodies.of(Stage::ship));
  EXPECT_EQ(stage.body(Stage::ship).parent, bodies.of(Stage::planet));
  EXPECT_EQ(stage.body(Stage::planet).parent, kRootBody);
}

TEST(Bodies, keep_places_in_their_own_frame) {
  const Stage stage;
  EXPECT_LT(apart(stage.world.place(Stage::planet).center, {0, 0, 0}), 1e-9);
  EXPECT_LT(apart(stage.world.place(Stage::zone).center, {100, 0, 0}), 1e-9);
  EXPECT_LT(apart(stage.world.place(Stage::room).center, {1, 0, 0}), 1e-9);
  // The zone is turned by a quarter, so its x is the planet's y.
  EXPECT_LT(apart(stage.body(Stage::ship).moving.pose.origin, {100, 10, 0}), 1e-5);
  EXPECT_EQ(stage.world.index(kRootBody).size(), 1u);
}

TEST(Bodies, begin_where_coordinates_would_lose_their_millimetres) {
  const std::vector<NewContainer> far{NewContainer{}, sphere_at({5e12, 0, 0}, 2e6, 1e7),
                                      sphere_at({2e6, 0, 0}, 10, 100, 1),
                                      sphere_at({5e12, 9e9, 0}, 10, 100)};
  const WorldTables tables = make_tables(far);
  World world;
  ASSERT_TRUE(world.mount(tables, FileId{0}));
  EXPECT_EQ(world.bodies().count(), 2u);
  EXPECT_EQ(world.bodies().of(ContainerId{2}), world.bodies().of(ContainerId{1}));
  EXPECT_EQ(world.place(ContainerId{2}).center.x, 2e6);
  // Nothing is inside of it that could need its own frame.
  EXPECT_EQ(world.bodies().of(ContainerId{3}), kRootBody);
}

TEST(Bodies, take_poses_in_the_frame_of_the_container_above) {
  Stage stage;
  ASSERT_TRUE(stage.world.set_pose(Stage::ship, at({20, 0, 0}), kStart));
  EXPECT_LT(apart(stage.body(Stage::ship).moving.pose.origin, {100, 20, 0}), 1e-5);
}

TEST(Bodies, refuse_what_does_not_move_and_what_is_no_pose) {
  Stage stage;
  const double nan = std::nan("");
  const auto refused = [&](ContainerId id, const MovingPose& pose) {
    const Result<void> set = stage.world.set_pose(id, pose, kStart);
    return !set.has_value() && set.error().code == ErrorCode::invalid_argument;
  };
  EXPECT_TRUE(refused(Stage::zone, at({})));
  EXPECT_TRUE(refused(Stage::room, at({})));
  EXPECT_TRUE(refused(ContainerId{99}, at({})));
  EXPECT_TRUE(refused(ContainerId::none(), at({})));
  for (const double no_place : {nan, static_cast<double>(INFINITY), 2e18}) {
    for (const WorldVector off :
         {WorldVector{no_place, 0, 0}, WorldVector{0, no_place, 0}, WorldVector{0, 0, no_place}}) {
      MovingPose off_there = at(WorldPosition{} + off);
      EXPECT_TRUE(refused(Stage::ship, off_there));
      off_there = at({});
      off_there.velocity = off;
      EXPECT_TRUE(refused(Stage::ship, off_there));
      off_there.velocity = {};
      off_there.spin = off;
      EXPECT_TRUE(refused(Stage::ship, off_there));
    }
  }
  EXPECT_TRUE(refused(Stage::ship, at({0, 0, 0}, {0, 0, 0, 0})));
  EXPECT_TRUE(refused(Stage::ship, at({0, 0, 0}, {nan, 0, 0, 1})));
  EXPECT_FALSE(refused(Stage::ship, at({})));
}

TEST(Bodies, measure_how_they_move) {
  Stage stage;
  const Time later = kStart + kFrame;
  const double step = kFrame.seconds();
  ASSERT_TRUE(stage.world.set_pose(Stage::planet, at({1000, 0, 0}), kStart));
  ASSERT_TRUE(
      stage.world.set_pose(Stage::planet, at({1000, 3 * step, 0}, turned(0.2 * step)), later));
  EXPECT_LT(apart(stage.body(Stage::planet).moving.velocity, {0, 3, 0}), 1e-9);
  EXPECT_LT(apart(stage.body(Stage::planet).moving.spin, {0, 0, 0.2}), 1e-9);
}

TEST(Bodies, take_no_jump_for_a_motion) {
  Stage stage;
  ASSERT_TRUE(stage.world.set_pose(Stage::planet, at({1000, 0, 0}), kStart));
  ASSERT_TRUE(stage.world.set_pose(Stage::planet, at({1e9, 0, 0}), kStart + kFrame));
  EXPECT_EQ(length(stage.body(Stage::planet).moving.velocity), 0);
}

TEST(Bodies, believe_a_motion_that_is_stated) {
  Stage stage;
  MovingPose pose = at({20, 0, 0});
  pose.velocity = {0, 7, 0};
  ASSERT_TRUE(stage.world.set_pose(Stage::ship, pose, kStart));
  EXPECT_LT(apart(stage.body(Stage::ship).moving.velocity, {-7, 0, 0}), 1e-5);
}

TEST(Bodies, are_found_where_they_are_and_not_where_they_were) {
  Stage stage;
  const BodyId planet = stage.world.bodies().of(Stage::planet);
  EXPECT_THAT(stage.near(kRootBody, {1000, 0, 0}, 1), ElementsAre(planet.value));
  ASSERT_TRUE(stage.world.set_pose(Stage::planet, at({0, 1e6, 0}), kStart));
  EXPECT_THAT(stage.near(kRootBody, {1000, 0, 0}, 1), IsEmpty());
  EXPECT_THAT(stage.near(kRootBody, {0, 1e6, 0}, 1), ElementsAre(planet.value));
}

TEST(Bodies, are_found_before_they_come) {
  Stage stage;
  MovingPose pose = at({1e6, 0, 0});
  pose.velocity = {-1e5, 0, 0};  // 8 seconds ahead it is at 200 km
  ASSERT_TRUE(stage.world.set_pose(Stage::planet, pose, kStart));
  EXPECT_THAT(stage.near(kRootBody, {2.1e5, 0, 0}, 1).size(), 1u);
  EXPECT_THAT(stage.near(kRootBody, {0, 0, 0}, 1), IsEmpty());
}

TEST(Bodies, reach_as_far_as_what_flies_out_of_them) {
  Stage stage;
  const BodyId planet = stage.world.bodies().of(Stage::planet);
  ASSERT_TRUE(stage.world.set_pose(Stage::ship, at({1e6, 0, 0}), kStart));
  EXPECT_THAT(stage.near(kRootBody, {1000, 9e5, 0}, 1), ElementsAre(planet.value));
  ASSERT_TRUE(stage.world.set_pose(Stage::ship, at({10, 0, 0}), kStart + kFrame));
  EXPECT_THAT(stage.near(kRootBody, {1000, 9e5, 0}, 1), IsEmpty());
}

TEST(Bodies, that_move_a_little_change_nothing_but_their_pose) {
  Stage stage;
  MovingPose pose = at({1000, 0, 0});
  pose.velocity = {30, 0, 0};
  ASSERT_TRUE(stage.world.set_pose(Stage::planet, pose, kStart));
  stage.world.forget_changes();
  const std::uint64_t version = stage.world.bodies().version();
  pose.pose.origin = {1000.5, 0, 0};
  ASSERT_TRUE(stage.world.set_pose(Stage::planet, pose, kStart + kFrame));
  EXPECT_THAT(stage.world.bodies().changed(), IsEmpty());
  EXPECT_NE(stage.world.bodies().version(), version);
  ASSERT_TRUE(stage.world.set_pose(Stage::planet, at({5000, 0, 0}), kStart + kFrame + kFrame));
  EXPECT_THAT(stage.world.bodies().changed(), ElementsAre(stage.world.bodies().of(Stage::planet)));
}

TEST(Bodies, relate_any_two_frames_of_a_space) {
  Stage stage;
  MovingPose planet = at({1000, 0, 0}, turned(kQuarterTurn));
  planet.velocity = {0, 30, 0};
  planet.spin = {0, 0, 0.1};
  ASSERT_TRUE(stage.world.set_pose(Stage::planet, planet, kStart));
  const Bodies& bodies = stage.world.bodies();
  MovingPose way;
  ASSERT_TRUE(bodies.relate(bodies.of(Stage::room), kRootBody, way));
  // The ship is at (100, 10) of a planet that is turned by a quarter.
  EXPECT_LT(apart(way.pose.origin, {990, 100, 0}), 1e-4);
  EXPECT_LT(apart(way.velocity, WorldVector{-10, 29, 0}), 1e-4);
  MovingPose back;
  ASSERT_TRUE(bodies.relate(kRootBody, bodies.of(Stage::room), back));
  const WorldPosition somewhere{123, 45, 6};
  EXPECT_LT(apart(to_outer(back.pose, to_outer(way.pose, somewhere)), somewhere), 1e-6);
  const MovingPose still = to_outer(back, way);
  EXPECT_LT(length(still.velocity), 1e-6);
  EXPECT_LT(length(still.spin), 1e-9);
}

TEST(Bodies, do_not_relate_two_spaces) {
  const WorldTables tables = make_tables(std::vector{NewContainer{}, sphere_at({}, 1, 10)}, 2);
  Stage stage;
  ASSERT_TRUE(stage.world.mount(tables, FileId{1}, true));
  const Bodies& bodies = stage.world.bodies();
  const BodyId other = bodies.of(ContainerId{7});
  EXPECT_NE(other, kRootBody);
  EXPECT_FALSE(bodies[other].parent.valid());
  MovingPose way;
  EXPECT_FALSE(bodies.relate(kRootBody, other, way));
  EXPECT_FALSE(bodies.relate(bodies.of(Stage::room), other, way));
}

TEST(Bodies, say_where_a_containers_frame_is) {
  const Stage stage;
  const FramePlace zone = stage.world.frame(Stage::zone);
  EXPECT_EQ(zone.body, stage.world.bodies().of(Stage::planet));
  EXPECT_LT(apart(to_outer(zone.pose, WorldPosition{1, 0, 0}), {100, 1, 0}), 1e-6);
  EXPECT_EQ(stage.world.frame(ContainerId::none()).body, kRootBody);
  const FramePlace ship = stage.world.frame(Stage::ship);
  EXPECT_EQ(length(from_origin(ship.pose.origin)), 0);
}

TEST(Bodies, leave_templates_without_a_place) {
  std::vector<NewContainer> containers{NewContainer{}, sphere_at({}, 10, 100),
                                       moving(sphere_at({}, 1, 10, 1)),
                                       sphere_at({0, 50, 0}, 1, 10)};
  containers[1].flags = ContainerFlags::template_root | ContainerFlags::moves;
  const WorldTables tables = make_tables(containers);
  World world;
  ASSERT_TRUE(world.mount(tables, FileId{0}));
  EXPECT_EQ(world.index(kRootBody).size(), 1u);
  EXPECT_EQ(world.bodies().count(), 1u);
  EXPECT_FALSE(world.set_pose(ContainerId{1}, at({}), kStart));
  EXPECT_FALSE(world.set_pose(ContainerId{2}, at({}), kStart));
}

// The finest not where the coarsest is, or all quarters of a planet would be needed anywhere on it.
TEST(Bodies, place_a_finer_level_where_its_parent_is) {
  std::vector<NewContainer> containers{NewContainer{}, sphere_at({500, 0, 0}, 100, 1000),
                                       sphere_at({90, 0, 0}, 10, 40, 1),
                                       sphere_at({5, 0, 0}, 3, 20, 2)};
  containers[2].refinement = Refinement::replace;
  containers[3].refinement = Refinement::replace;
  const WorldTables tables = make_tables(containers);
  World world;
  ASSERT_TRUE(world.mount(tables, FileId{0}));
  const Place finer = world.place(ContainerId{2});
  EXPECT_EQ(finer.center.x, 500);
  EXPECT_EQ(finer.half_extent.x, 100);
  EXPECT_EQ(finer.load_distance, 40);
  const Place finest = world.place(ContainerId{3});
  EXPECT_EQ(finest.center.x, 590);
  EXPECT_EQ(finest.half_extent.x, 10);
  EXPECT_EQ(finest.load_distance, 20);
}

}  // namespace
}  // namespace nf
