#include "core/world/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/unit/core/world/test_tables.h"

namespace nf {
namespace {

using test::about;
using test::box_at;
using test::make_tables;
using test::NewContainer;
using test::sphere_at;

double distance_between(WorldPosition a, WorldPosition b) {
  return length(a - b);
}

TEST(World, composes_the_poses_of_all_ancestors) {
  NewContainer root;
  NewContainer planet = sphere_at({100, 0, 0}, 10, 5);
  planet.rotation = about({0, 0, 1}, 90);
  NewContainer zone = sphere_at({10, 0, 0}, 1, 5, 1);
  zone.rotation = about({0, 0, 1}, 90);
  NewContainer room = sphere_at({2, 0, 0}, 1, 5, 2);
  room.bounds_center = {0, 0, 3};
  const WorldTables tables = make_tables(std::vector{root, planet, zone, room});
  World world;
  ASSERT_TRUE(world.mount(tables, FileId{0}));
  EXPECT_LT(distance_between(world.place(ContainerId{1}).center, {100, 0, 0}), 1e-5);
  EXPECT_LT(distance_between(world.place(ContainerId{2}).center, {100, 10, 0}), 1e-5);
  EXPECT_LT(distance_between(world.place(ContainerId{3}).center, {98, 10, 3}), 1e-5);
}

TEST(World, does_not_add_up_rounding_along_a_deep_chain) {
  std::vector<NewContainer> chain(1);
  for (std::uint32_t i = 1; i < 64; ++i) {
    NewContainer link = sphere_at({0, 0, 0}, 1, 5, i - 1);
    link.rotation = about({1, 2, 3}, 360.0 / 63);
    chain.push_back(link);
  }
  NewContainer tip = sphere_at({1e9, 0, 0}, 1, 5, 63);
  chain.push_back(tip);
  const WorldTables tables = make_tables(chain);
  World world;
  ASSERT_TRUE(world.mount(tables, FileId{0}));
  // The error that is left is that of 63 rotations given as floats, not of their product.
  EXPECT_LT(distance_between(world.place(ContainerId{64}).center, {1e9, 0, 0}), 63 * 120.0);
}

TEST(World, gives_every_mount_a_range_of_its_own) {
  const WorldTables base = make_tables(std::vector{NewContainer{}, sphere_at({1, 0, 0}, 1, 1)}, 1);
  const WorldTables more = make_tables(
      std::vector{NewContainer{}, sphere_at({2, 0, 0}, 1, 1), sphere_at({3, 0, 0}, 1, 1)}, 2);
  World world;
  const Result<ContainerRange> first = world.mount(base, FileId{4});
  const Result<ContainerRange> second = world.mount(more, FileId{5});
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->first, ContainerId{0});
  EXPECT_EQ(first->last, ContainerId{2});
  EXPECT_EQ(second->first, ContainerId{2});
  EXPECT_EQ(second->last, ContainerId{5});
  EXPECT_EQ(world.container_count(), 5u);
  ASSERT_EQ(world.mounts().size(), 2u);
  EXPECT_EQ(world.mount_of(ContainerId{1}).file, FileId{4});
  EXPECT_EQ(world.mount_of(ContainerId{2}).file, FileId{5});
  EXPECT_EQ(world.local_id(ContainerId{4}), 2u);
  EXPECT_EQ(world.index().size(), 3u);
  EXPECT_EQ(world.place(ContainerId{4}).center.x, 3);
}

TEST(World, finds_containers_by_the_hash_of_their_path) {
  const WorldTables base = make_tables(std::vector{NewContainer{}, sphere_at({}, 1, 1)}, 1);
  const WorldTables more = make_tables(std::vector{NewContainer{}, sphere_at({}, 1, 1)}, 2);
  World world;
  ASSERT_TRUE(world.mount(base, FileId{0}));
  ASSERT_TRUE(world.mount(more, FileId{1}));
  EXPECT_EQ(world.find(test::test_path(1, 1)), ContainerId{1});
  EXPECT_EQ(world.find(test::test_path(2, 0)), ContainerId{2});
  EXPECT_EQ(world.find(PathHash{1, 2}), ContainerId::none());
  EXPECT_EQ(World().find(PathHash{}), ContainerId::none());
}

TEST(World, lets_the_last_mount_of_a_path_win) {
  const WorldTables base = make_tables(std::vector{NewContainer{}, sphere_at({}, 1, 1)}, 7);
  World world;
  ASSERT_TRUE(world.mount(base, FileId{0}));
  ASSERT_TRUE(world.mount(base, FileId{1}));
  EXPECT_EQ(world.find(test::test_path(7, 1)), ContainerId{3});
}

TEST(World, hands_out_dependencies_in_its_own_numbering) {
  std::vector<NewContainer> containers{NewContainer{}, NewContainer{}, NewContainer{},
                                       sphere_at({}, 1, 1)};
  containers[3].dependencies = {1, 2};
  const WorldTables tables = make_tables(containers);
  World world;
  ASSERT_TRUE(world.mount(tables, FileId{0}));
  ASSERT_TRUE(world.mount(tables, FileId{1}));
  EXPECT_TRUE(world.dependencies(ContainerId{0}).empty());
  const ContainerList needed = world.dependencies(ContainerId{7});
  ASSERT_EQ(needed.size(), 2u);
  EXPECT_EQ(needed[0], ContainerId{5});
  EXPECT_EQ(needed[1], ContainerId{6});
}

TEST(World, refuses_what_it_cannot_number) {
  const WorldTables nothing;
  World world;
  const Result<ContainerRange> mounted = world.mount(nothing, FileId{0});
  ASSERT_FALSE(mounted);
  EXPECT_EQ(mounted.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(world.container_count(), 0u);
}

TEST(Distance, is_exact_for_spheres) {
  const Place place{.center = {1, 2, 3},
                    .rotation = {},
                    .half_extent = {5, 5, 5},
                    .kind = BoundsKind::sphere,
                    .load_distance = 0};
  EXPECT_EQ(distance_to(place, {1, 2, 3}), 0);
  EXPECT_EQ(distance_to(place, {1, 2, 8}), 0);
  EXPECT_DOUBLE_EQ(distance_to(place, {1, 2, 13}), 5);
  EXPECT_DOUBLE_EQ(distance_to(place, {7, 10, 3}), 5);
}

TEST(Distance, is_exact_for_turned_boxes) {
  Prng prng(1);
  for (int trial = 0; trial < 2000; ++trial) {
    const Place place{.center = {prng.between(-1e3, 1e3), prng.between(-1e3, 1e3), 5},
                      .rotation = test::random_rotation(prng),
                      .half_extent = {static_cast<float>(prng.between(0, 9)), 2, 3},
                      .kind = BoundsKind::box,
                      .load_distance = 0};
    // A point that lies off the surface by a known vector, on the outer side of it.
    const WorldVector half = to_world(place.half_extent);
    const auto side = [&](double edge, double& off) {
      const double pick = prng.unit();
      off = pick < 0.5 ? 0 : prng.between(0, 50);
      if (pick < 0.5) return prng.between(-edge, edge);
      return pick < 0.75 ? edge + off : -edge - off;
    };
    WorldVector off;
    const WorldVector local{side(half.x, off.x), side(half.y, off.y), side(half.z, off.z)};
    const WorldPosition point = place.center + rotate(to_world(place.rotation), local);
    ASSERT_NEAR(distance_to(place, point), length(off), 1e-9);
  }
}

TEST(Distance, is_infinite_for_what_has_no_place) {
  EXPECT_EQ(distance_to(Place{}, {}), std::numeric_limits<double>::infinity());
}

TEST(Distance, keeps_its_meaning_at_the_edge_of_a_star_system) {
  const Place place{.center = {1e13, -1e13, 1e13},
                    .rotation = about({1, 1, 0}, 33),
                    .half_extent = {4, 4, 4},
                    .kind = BoundsKind::box,
                    .load_distance = 0};
  EXPECT_EQ(distance_to(place, place.center), 0);
  const WorldVector out = rotate(to_world(place.rotation), {1004, 0, 0});
  EXPECT_NEAR(distance_to(place, place.center + out), 1000, 0.01);
}

TEST(World, indexes_every_point_from_which_a_container_is_needed) {
  Prng prng(6);
  for (const double width : {100.0, 1e6, 1e13}) {
    const WorldTables tables = make_tables(test::random_places(prng, 500, width, 1, 1e4));
    World world;
    ASSERT_TRUE(world.mount(tables, FileId{0}));
    std::vector<ContainerId> found(1000);
    for (std::uint32_t id = 1; id < world.container_count(); ++id) {
      const Place& place = world.place(ContainerId{id});
      const double reach = static_cast<double>(place.load_distance);
      // Straight along an axis the box of the index is no wider than it has to be.
      const WorldVector axis = id % 4 < 2 ? WorldVector{1, 0, 0} : WorldVector{0, 0, -1};
      const WorldVector outward = id % 2 == 0 ? axis : test::random_direction(prng);
      // As far out as it is still needed, by bisection.
      double near = 0, far = 1e6;
      for (int step = 0; step < 60; ++step) {
        const double half = (near + far) / 2;
        (distance_to(place, place.center + outward * half) <= reach ? near : far) = half;
      }
      const WorldPosition at = place.center + outward * near;
      if (distance_to(place, at) > reach) continue;
      const std::size_t count = world.index().find({at, at}, found);
      ASSERT_NE(std::find(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count),
                          ContainerId{id}),
                found.begin() + static_cast<std::ptrdiff_t>(count))
          << id;
    }
  }
}

}  // namespace
}  // namespace nf
