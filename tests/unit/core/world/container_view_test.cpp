#include "core/world/container_view.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/unit/core/world/test_tables.h"

namespace nf {
namespace {

using test::box_at;
using test::make_tables;
using test::moving;
using test::NewContainer;
using test::sphere_at;

constexpr float kHalf = 0.70710678f;
constexpr Rotation kQuarter{0, 0, kHalf, kHalf};  // about z: x becomes y
constexpr Time kNow{1'000'000'000};
// 0 root; 1 a planet that moves, 2 a town on it, 3 a house in that, turned; 4 a station that moves;
// 5 a template of a ship that moves, 6 its bridge; 7 textures that are shared.
constexpr std::uint32_t kPlanet = 1, kTown = 2, kHouse = 3, kStation = 4, kShip = 5, kBridge = 6,
                        kTextures = 7;
constexpr std::uint32_t kSpawnedMax = 4;

WorldTables tables() {
  std::vector<NewContainer> all{
      NewContainer{},
      moving(sphere_at({1e11, 0, 0}, 6e6f, 1e9f)),
      sphere_at({0, 6e6, 0}, 500, 1000, kPlanet),
      box_at({10, 20, 0}, {4, 5, 6}, 50, kTown),
      moving(sphere_at({1e11, 7e6, 0}, 100, 1000)),
      moving(sphere_at({}, 20, 100)),
      box_at({0, 0, 3}, {1, 1, 1}, 10, kShip),
      NewContainer{},
  };
  all[kHouse].rotation = kQuarter;
  all[kShip].flags = all[kShip].flags | ContainerFlags::template_root;
  all[kTextures].parent = 0;
  all[kTextures].flags = ContainerFlags::shared;
  WorldTables made = make_tables(all, 1);
  test::size_to(made.containers.raw_size, all.size());
  made.containers.raw_size[kHouse] = 77;
  return made;
}

class ContainerViews : public testing::Test {
 protected:
  ContainerViews() : tables_(tables()), world_(kSpawnedMax) {
    range_ = *world_.mount(tables_, FileId{0});
  }
  ContainerId packed(std::uint32_t local) const { return {range_.first.value + local}; }
  ContainerView view(ContainerId id) const { return view_container(world_, id); }

  WorldTables tables_;
  World world_;
  ContainerRange range_;
};

void expect_at(const FrameMotion& frame, WorldPosition at, double within = 1e-6) {
  EXPECT_NEAR(frame.position.x, at.x, within);
  EXPECT_NEAR(frame.position.y, at.y, within);
  EXPECT_NEAR(frame.position.z, at.z, within);
}

TEST_F(ContainerViews, say_what_the_archive_says_of_what_does_not_move) {
  const ContainerView house = view(packed(kHouse));
  EXPECT_EQ(house.id, packed(kHouse));
  EXPECT_EQ(house.parent, packed(kTown));
  expect_at(house.frame, {10, 20, 0});
  EXPECT_NEAR(house.frame.rotation.z, kHalf, 1e-6);
  EXPECT_EQ(house.bounds_kind, BoundsKind::box);
  EXPECT_EQ(house.bounds_half_extent.y, 5);
  EXPECT_EQ(house.load_distance, 50);
  EXPECT_EQ(house.size, Bytes{77});
  EXPECT_EQ(house.in_archive, ContainerId{kHouse});
  EXPECT_EQ(house.archive_root, range_.first);
  EXPECT_EQ(house.path, tables_.containers.path_hash[kHouse]);
  EXPECT_FALSE(house.moves);
  EXPECT_TRUE(view(packed(kPlanet)).moves);
  EXPECT_TRUE(view(packed(kTextures)).is_shared);
  EXPECT_TRUE(view(packed(kShip)).is_template);
  EXPECT_FALSE(view(packed(kShip)).moves) << "only what is spawned of it does";
  EXPECT_FALSE(view(range_.first).parent.valid());
}

TEST_F(ContainerViews, lead_to_every_child_and_no_other) {
  std::vector<std::uint32_t> children;
  const ContainerRange all = view(range_.first).subtree;
  for (ContainerId child{all.first.value + 1}; child < all.last;) {
    children.push_back(child.value - range_.first.value);
    child = view(child).subtree.last;
  }
  EXPECT_EQ(children, (std::vector<std::uint32_t>{kPlanet, kStation, kShip, kTextures}));
}

TEST_F(ContainerViews, of_what_moves_say_where_it_was_moved_last) {
  ASSERT_TRUE(world_.set_pose(packed(kPlanet),
                              {.pose = {{2e11, 5, 0}, {0, 0, double{kHalf}, double{kHalf}}},
                               .velocity = {30, 0, 0},
                               .spin = {0, 0, 0.5}},
                              kNow));
  const ContainerView planet = view(packed(kPlanet));
  expect_at(planet.frame, {2e11, 5, 0});
  EXPECT_EQ(planet.frame.velocity.x, 30);
  EXPECT_EQ(planet.frame.spin.z, 0.5);
  expect_at(*frame_in(world_, packed(kTown), {}), {2e11 - 6e6, 5, 0}, 1e-3);
  // To the bits of what is near, however far both are.
  expect_at(*frame_in(world_, packed(kHouse), packed(kTown)), {10, 20, 0}, 1e-9);
  expect_at(*frame_in(world_, packed(kTown), packed(kHouse)), {-20, 10, 0}, 1e-5);
  const FrameMotion town = *frame_in(world_, packed(kTown), {});
  EXPECT_NEAR(town.velocity.y, -6e6 * 0.5, 1) << "the planet turns under it";
}

TEST_F(ContainerViews, of_what_is_spawned_say_whose_frame_it_is_in_now) {
  const ContainerId ship = *world_.spawn(
      packed(kShip), packed(kTown), {.pose = {{100, 0, 0}, {}}, .velocity = {}, .spin = {}}, kNow);
  const ContainerId bridge{ship.value + 1};
  EXPECT_EQ(view(ship).parent, packed(kTown));
  expect_at(view(ship).frame, {100, 0, 0});
  EXPECT_TRUE(view(ship).moves);
  EXPECT_FALSE(view(ship).is_template);
  EXPECT_EQ(view(ship).in_archive, ContainerId{kShip});
  EXPECT_EQ(view(bridge).parent, ship);
  EXPECT_EQ(view(ship).subtree.last, ContainerId{ship.value + 2});
  expect_at(*frame_in(world_, bridge, packed(kTown)), {100, 0, 3});
  ASSERT_TRUE(world_.attach(ship, packed(kStation),
                            {.pose = {{0, 50, 0}, {}}, .velocity = {}, .spin = {}}, kNow));
  EXPECT_EQ(view(ship).parent, packed(kStation));
  expect_at(view(ship).frame, {0, 50, 0});
  expect_at(*frame_in(world_, bridge, packed(kStation)), {0, 50, 3});
}

TEST_F(ContainerViews, of_what_is_not_there_are_empty) {
  EXPECT_FALSE(view({}).id.valid());
  EXPECT_FALSE(view({1}).id.valid()) << "nothing is spawned";
  EXPECT_FALSE(view(range_.last).id.valid());
  const ContainerId ship = *world_.spawn(packed(kShip), {}, {}, kNow);
  ASSERT_TRUE(world_.despawn(ship, kNow));
  EXPECT_FALSE(view(ship).id.valid());
  EXPECT_EQ(frame_in(world_, ship, {}).error().code, ErrorCode::not_found);
  EXPECT_EQ(frame_in(world_, {}, ship).error().code, ErrorCode::not_found);
  EXPECT_EQ(frame_in(world_, packed(kBridge), {}).error().code, ErrorCode::not_found);
}

TEST_F(ContainerViews, have_no_way_from_one_space_to_another) {
  const ContainerRange apart = *world_.mount(tables_, FileId{1}, true);
  const ContainerId town{apart.first.value + kTown};
  EXPECT_TRUE(frame_in(world_, town, apart.first));
  EXPECT_FALSE(view(apart.first).parent.valid());
  expect_at(view(apart.first).frame, {});
  EXPECT_EQ(frame_in(world_, town, packed(kTown)).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace nf
