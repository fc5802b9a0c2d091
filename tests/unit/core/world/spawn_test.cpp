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

}  // namespace
}  // namespace nf
