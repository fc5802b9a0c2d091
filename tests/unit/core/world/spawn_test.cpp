// What is spawned from templates, and how it stands.
#include "core/world/world.h"

#include <gtest/gtest.h>

#include "tests/unit/core/world/test_tables.h"

namespace nf {
namespace {

using test::make_tables;
using test::moving;
using test::NewContainer;
using test::sphere_at;

constexpr Time kStart{1'000'000'000};
constexpr std::uint32_t kSpawnedMax = 16;

MovingPose at(WorldPosition origin) {
  return {.pose = {origin, {}}, .velocity = {}, .spin = {}};
}

NewContainer template_of(NewContainer container) {
  container.flags = container.flags | ContainerFlags::template_root;
  return container;
}

struct Stage {
  WorldTables tables;
  World world{kSpawnedMax};

  explicit Stage(const std::vector<NewContainer>& containers) : tables(make_tables(containers)) {
    NF_ASSERT(world.mount(tables, FileId{0}).has_value());
    world.forget_changes();
  }
  ContainerId packed(std::uint32_t local) const { return {kSpawnedMax + local}; }
  ContainerId spawn(std::uint32_t local, const MovingPose& pose) {
    return world.spawn(packed(local), {}, pose, kStart).value();
  }
  WorldPosition center(ContainerId id) const { return world.place_in_space(id).center; }
};

// A shuttle with a lift in it, a ship with a crane that carries a cabin with a hatch.
TEST(Spawn, places_inner_bodies_in_those_of_their_own_template) {
  Stage stage({NewContainer{}, template_of(sphere_at({}, 10, 100)),
               moving(sphere_at({0, 0, 5}, 1, 10, 1)), template_of(sphere_at({}, 10, 100)),
               moving(sphere_at({0, 50, 0}, 1, 10, 3)), moving(sphere_at({0, 0, 7}, 1, 10, 4)),
               moving(sphere_at({0, 90, 0}, 1, 10, 3))});
  const Bodies& bodies = stage.world.bodies();
  const ContainerId ship = stage.spawn(3, at({1000, 0, 0}));
  const auto part = [&](std::uint32_t number) { return ContainerId{ship.value + number}; };
  const BodyId hull = bodies.of(ship), crane = bodies.of(part(1)), hatch = bodies.of(part(3));
  EXPECT_EQ(bodies[hull].parent, kRootBody);
  EXPECT_EQ(bodies[crane].parent, hull);
  EXPECT_EQ(bodies[bodies.of(part(2))].parent, crane);
  EXPECT_EQ(bodies[hatch].parent, hull);
  EXPECT_EQ(bodies[hatch].enclosing, hull);
  EXPECT_EQ(length(stage.center(part(2)) - WorldPosition{1000, 50, 7}), 0);
  const ContainerId shuttle = stage.spawn(1, at({2000, 0, 0}));
  EXPECT_EQ(bodies[bodies.of({shuttle.value + 1})].parent, bodies.of(shuttle));
  EXPECT_TRUE(stage.world.despawn(ship, kStart));
  EXPECT_TRUE(stage.world.despawn(shuttle, kStart));
}

// A station in a zone, a crane on the station, and a ship that hangs on the crane.
TEST(Spawn, leaves_what_was_attached_to_it_beside_it) {
  Stage stage({NewContainer{}, sphere_at({100, 0, 0}, 10, 100), template_of(sphere_at({}, 10, 100)),
               moving(sphere_at({0, 0, 5}, 1, 10, 2)), moving(sphere_at({}, 1, 5))});
  const ContainerId zone = stage.packed(1), ship = stage.packed(4);
  const ContainerId station =
      stage.world.spawn(stage.packed(2), zone, at({10, 0, 0}), kStart).value();
  ASSERT_TRUE(stage.world.attach(ship, {station.value + 1}, at({0, 3, 0}), kStart));
  EXPECT_EQ(length(stage.center(ship) - WorldPosition{110, 3, 5}), 0);
  ASSERT_TRUE(stage.world.despawn(station, kStart));
  EXPECT_EQ(length(stage.center(ship) - WorldPosition{110, 3, 5}), 0);
  ASSERT_TRUE(stage.world.set_pose(ship, at({10, 0, 0}), kStart));
  EXPECT_EQ(length(stage.center(ship) - WorldPosition{110, 0, 0}), 0) << "in the zone";
}

// Whose frame went is posed in what is around that, and not in what has its number next.
TEST(Spawn, leaves_what_was_attached_to_an_archive_in_the_root_frame) {
  for (const bool on_a_crane : {false, true}) {
    Stage stage({NewContainer{}, moving(sphere_at({}, 1, 5))});
    const WorldTables dock =
        make_tables(std::vector{NewContainer{}, sphere_at({100, 0, 0}, 10, 100),
                                moving(sphere_at({0, 5, 0}, 10, 100, 1))},
                    2);
    const ContainerRange range = stage.world.mount(dock, FileId{1}).value();
    const ContainerId ship = stage.packed(1);
    const ContainerId to{range.first.value + (on_a_crane ? 2 : 1)};
    ASSERT_TRUE(stage.world.attach(ship, to, at({3, 0, 0}), kStart));
    const WorldPosition there{103, on_a_crane ? 5.0 : 0.0, 0};
    ASSERT_TRUE(stage.world.unmount(range.first, kStart));
    EXPECT_EQ(length(stage.center(ship) - there), 0);
    ASSERT_TRUE(stage.world.set_pose(ship, at({3, 0, 0}), kStart));
    EXPECT_EQ(length(stage.center(ship) - WorldPosition{3, 0, 0}), 0);
  }
}

TEST(Spawn, keeps_what_is_beside_a_dock_where_the_dock_was_attached) {
  Stage stage({NewContainer{}, sphere_at({100, 0, 0}, 10, 100), moving(sphere_at({}, 1, 5))});
  const WorldTables tug = make_tables(std::vector{NewContainer{}, moving(sphere_at({}, 1, 5))}, 2);
  const ContainerRange range = stage.world.mount(tug, FileId{1}).value();
  const ContainerId ship = stage.packed(2), tows{range.first.value + 1};
  ASSERT_TRUE(stage.world.attach(tows, stage.packed(1), at({1, 0, 0}), kStart));
  ASSERT_TRUE(stage.world.attach(ship, tows, at({1, 0, 0}), kStart));
  ASSERT_TRUE(stage.world.unmount(range.first, kStart));
  EXPECT_EQ(length(stage.center(ship) - WorldPosition{102, 0, 0}), 0);
  ASSERT_TRUE(stage.world.set_pose(ship, at({5, 0, 0}), kStart));
  EXPECT_EQ(length(stage.center(ship) - WorldPosition{105, 0, 0}), 0);
}

// Of what may not move no engine can say that it stands.
TEST(Spawn, lets_nothing_fly_on_that_may_not_move) {
  Stage stage({NewContainer{}, template_of(moving(sphere_at({}, 10, 100))),
               template_of(sphere_at({}, 10, 100))});
  const MovingPose flying{.pose = {}, .velocity = {50, 0, 0}, .spin = {0, 0, 1}};
  const ContainerId ship = stage.spawn(1, flying);
  const ContainerId buoy = stage.world.spawn(stage.packed(2), ship, flying, kStart).value();
  const Body& body = stage.world.bodies()[stage.world.bodies().of(buoy)];
  EXPECT_EQ(length(body.moving.velocity) + length(body.moving.spin), 0);
  ASSERT_TRUE(stage.world.despawn(ship, kStart));
  EXPECT_EQ(length(body.moving.velocity) + length(body.moving.spin), 0);
}

// The template's own are where the author drew it, which is nowhere.
TEST(Spawn, places_nothing_in_a_template) {
  Stage stage({NewContainer{}, template_of(sphere_at({777, 0, 0}, 10, 100)), sphere_at({}, 1, 5, 1),
               moving(sphere_at({}, 1, 5))});
  const ContainerId ship = stage.packed(3);
  for (const std::uint32_t of_template : {1u, 2u}) {
    const ContainerId parent = stage.packed(of_template);
    EXPECT_FALSE(stage.world.has_frame(parent));
    EXPECT_FALSE(stage.world.attach(ship, parent, at({}), kStart));
    EXPECT_FALSE(stage.world.spawn(stage.packed(1), parent, at({}), kStart));
  }
  EXPECT_TRUE(stage.world.has_frame(ContainerId::none()));
  EXPECT_TRUE(stage.world.has_frame(ship));
  EXPECT_FALSE(stage.world.has_frame({0}));
  const ContainerId spawned = stage.spawn(1, at({}));
  EXPECT_TRUE(stage.world.has_frame({spawned.value + 1}));
  EXPECT_TRUE(stage.world.attach(ship, {spawned.value + 1}, at({}), kStart));
}

}  // namespace
}  // namespace nf
