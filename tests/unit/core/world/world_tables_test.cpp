#include "core/world/world_tables.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace nf {
namespace {

// root(0): shared 1; place 2 with child 3; group 4. Two chunks in 2, one in 1.
WorldTables make_valid() {
  WorldTables world =
      std::move(*make_world_tables({.containers = 5, .assets = 3, .chunks = 3, .dependencies = 2}));
  ContainerTable& c = world.containers;
  const std::uint32_t parents[] = {ContainerId::none_value, 0, 0, 2, 0};
  const std::uint32_t ends[] = {5, 2, 4, 4, 5};
  for (std::uint32_t i = 0; i < 5; ++i) {
    c.path_hash[i] = {.low = 100 - i, .high = 7};
    c.parent[i] = parents[i];
    c.subtree_end[i] = ends[i];
    c.rotation[i] = {};
  }
  c.flags[1] = ContainerFlags::shared;
  c.bounds_kind[2] = BoundsKind::box;
  c.bounds_half_extent[2] = {1, 2, 3};
  c.bounds_kind[3] = BoundsKind::sphere;
  c.bounds_half_extent[3] = {4, 4, 4};
  const std::uint32_t first_chunk[] = {0, 0, 1, 3, 3, 3};
  const std::uint32_t first_asset[] = {0, 0, 1, 3, 3, 3};
  const std::uint32_t first_dependency[] = {0, 0, 0, 1, 2, 2};
  for (std::size_t i = 0; i < 6; ++i) {
    c.first_chunk[i] = first_chunk[i];
    c.first_asset[i] = first_asset[i];
    c.first_dependency[i] = first_dependency[i];
  }
  world.dependencies[0] = 1;
  world.dependencies[1] = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    world.chunks.stored_size[i] = 10;
    world.chunks.raw_size[i] = 20;
    world.chunks.codec[i] = 1;
    world.assets.name_hash[i] = {1000 + i};
    world.assets.raw_size[i] = 20;
  }
  world.chunks.stored_at[2] = 10;
  world.chunks.raw_at[2] = 20;
  world.assets.raw_at[2] = 20;
  c.run_at[1] = {4096};
  c.run_size[1] = 10;
  c.raw_size[1] = 20;
  c.run_at[2] = {8192};
  c.run_size[2] = 20;
  c.raw_size[2] = 40;
  return world;
}

// The error after one change to a valid world.
Error after(const std::function<void(WorldTables&)>& change) {
  WorldTables world = make_valid();
  change(world);
  const Result<void> sound = check_world(world);
  return sound ? Error{} : sound.error();
}

Error expected(ErrorCode code, Subject kind, std::uint32_t subject) {
  return {.code = code, .subject_kind = kind, .subject = subject};
}

TEST(WorldTables, are_made_of_the_sizes_asked_for_and_zeroed) {
  const Result<WorldTables> world =
      make_world_tables({.containers = 3, .assets = 5, .chunks = 7, .dependencies = 2});
  ASSERT_TRUE(world);
  EXPECT_EQ(world->containers.count(), 3u);
  EXPECT_EQ(world->containers.first_chunk.size(), 4u);
  EXPECT_EQ(world->assets.count(), 5u);
  EXPECT_EQ(world->chunks.count(), 7u);
  EXPECT_EQ(world->dependencies.size(), 2u);
  for (const std::uint64_t checksum : world->chunks.checksum) EXPECT_EQ(checksum, 0u);
}

TEST(WorldTables, past_a_limit_are_refused_before_memory_is_taken) {
  EXPECT_EQ(make_world_tables({.containers = kContainersMax + 1}).error().code,
            ErrorCode::limit_exceeded);
  EXPECT_EQ(make_world_tables({.assets = kAssetsMax + 1}).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(make_world_tables({.chunks = ~0u}).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(make_world_tables({.dependencies = ~0u}).error().code, ErrorCode::limit_exceeded);
}

TEST(CheckWorld, accepts_a_valid_world) {
  EXPECT_EQ(after([](WorldTables&) {}), Error{});
}

TEST(CheckWorld, refuses_tables_that_do_not_belong_together) {
  EXPECT_EQ(after([](WorldTables& w) { w.containers.flags = {}; }).code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(after([](WorldTables& w) { w.chunks.codec = {}; }).code, ErrorCode::invalid_argument);
  EXPECT_EQ(check_world({}).error().code, ErrorCode::invalid_argument);
}

TEST(CheckWorld, refuses_prefixes_that_run_backwards_or_do_not_end_where_they_should) {
  EXPECT_EQ(after([](WorldTables& w) { w.containers.first_asset[0] = 1; }),
            expected(ErrorCode::field_out_of_range, Subject::container, 0));
  EXPECT_EQ(after([](WorldTables& w) { w.containers.first_chunk[3] = 0; }),
            expected(ErrorCode::field_out_of_range, Subject::container, 2));
  EXPECT_EQ(after([](WorldTables& w) { w.containers.first_dependency[5] = 3; }),
            expected(ErrorCode::field_out_of_range, Subject::container, 4));
  EXPECT_EQ(after([](WorldTables& w) { w.containers.first_chunk[5] = ~0u; }),
            expected(ErrorCode::field_out_of_range, Subject::container, 4));
}

TEST(CheckWorld, names_the_container_whose_place_in_the_tree_is_wrong) {
  EXPECT_EQ(after([](WorldTables& w) { w.containers.parent[3] = 0; }),
            expected(ErrorCode::tree_malformed, Subject::container, 3));
  EXPECT_EQ(after([](WorldTables& w) { w.containers.parent[3] = 3; }),
            expected(ErrorCode::tree_malformed, Subject::container, 3));
  EXPECT_EQ(after([](WorldTables& w) { w.containers.subtree_end[2] = 3; }),
            expected(ErrorCode::tree_malformed, Subject::container, 3));
  EXPECT_EQ(after([](WorldTables& w) { w.containers.subtree_end[0] = 4; }),
            expected(ErrorCode::tree_malformed, Subject::container, 0));
  EXPECT_EQ(after([](WorldTables& w) { w.containers.subtree_end[3] = ~0u; }),
            expected(ErrorCode::tree_malformed, Subject::container, 3));
  EXPECT_EQ(after([](WorldTables& w) { w.containers.subtree_end[1] = 0; }),
            expected(ErrorCode::tree_malformed, Subject::container, 1));
}

// A chain: container i under container i - 1.
WorldTables make_chain(std::uint32_t count) {
  WorldTables world = std::move(*make_world_tables({.containers = count}));
  for (std::uint32_t i = 0; i < count; ++i) {
    world.containers.path_hash[i] = {.low = i, .high = 0};
    world.containers.parent[i] = i == 0 ? ContainerId::none_value : i - 1;
    world.containers.subtree_end[i] = count;
    world.containers.rotation[i] = {};
  }
  return world;
}

TEST(CheckWorld, accepts_a_tree_of_the_greatest_depth_and_refuses_one_more) {
  EXPECT_TRUE(check_world(make_chain(kTreeDepthMax + 1)));
  EXPECT_EQ(check_world(make_chain(kTreeDepthMax + 2)).error(),
            expected(ErrorCode::tree_malformed, Subject::container, kTreeDepthMax + 1));
  EXPECT_EQ(check_world(make_chain(1'000'000)).error().code, ErrorCode::tree_malformed);
}

TEST(CheckWorld, refuses_numbers_that_are_none) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const Error of_two = expected(ErrorCode::field_out_of_range, Subject::container, 2);
  EXPECT_EQ(after([](WorldTables& w) { w.containers.position[2].x = kNan; }), of_two);
  EXPECT_EQ(after([](WorldTables& w) { w.containers.rotation[2].w = kNan; }), of_two);
  EXPECT_EQ(after([](WorldTables& w) { w.containers.rotation[2].w = 1e30f; }), of_two);
  EXPECT_EQ(after([](WorldTables& w) { w.containers.bounds_center[2].y = kNan; }), of_two);
  EXPECT_EQ(after([](WorldTables& w) { w.containers.bounds_half_extent[2].z = kNan; }), of_two);
  EXPECT_EQ(after([](WorldTables& w) { w.containers.load_distance[2] = kNan; }), of_two);
}

TEST(CheckWorld, names_the_later_of_two_containers_with_one_path) {
  EXPECT_EQ(after([](WorldTables& w) { w.containers.path_hash[4] = w.containers.path_hash[2]; }),
            expected(ErrorCode::name_duplicate, Subject::container, 4));
  EXPECT_EQ(after([](WorldTables& w) {
              w.containers.path_hash[4] = w.containers.path_hash[2];
              w.containers.path_hash[4].high += 1;
            }),
            Error{})
      << "hashes that agree in one half are two paths";
}

TEST(CheckWorld, refuses_a_container_larger_than_four_gibibytes) {
  constexpr std::uint32_t kChunks = 4096;  // of 1 MiB: one byte more than is allowed
  WorldTables world = std::move(*make_world_tables({.containers = 1, .chunks = kChunks}));
  world.containers.parent[0] = ContainerId::none_value;
  world.containers.subtree_end[0] = 1;
  world.containers.rotation[0] = {};
  world.containers.first_chunk[1] = kChunks;
  for (std::uint32_t i = 0; i < kChunks; ++i) {
    world.chunks.stored_at[i] = i;
    world.chunks.stored_size[i] = 1;
    world.chunks.raw_at[i] = i << 20;
    world.chunks.raw_size[i] = kChunkRawSizeMax;
    world.chunks.codec[i] = 2;
  }
  world.containers.run_at[0] = {4096};
  world.containers.run_size[0] = kChunks;
  world.containers.raw_size[0] = std::uint64_t{kChunks} << 20;
  EXPECT_EQ(check_world(world).error(),
            expected(ErrorCode::field_out_of_range, Subject::container, 0));
  world.chunks.raw_size[kChunks - 1] -= 1;
  world.containers.raw_size[0] -= 1;
  EXPECT_TRUE(check_world(world));
}

TEST(CheckWorld, refuses_chunks_that_do_not_follow_each_other) {
  const Error of_two = expected(ErrorCode::field_out_of_range, Subject::chunk, 2);
  EXPECT_EQ(after([](WorldTables& w) { w.chunks.stored_at[2] = 9; }), of_two);
  EXPECT_EQ(after([](WorldTables& w) { w.chunks.raw_at[2] = 21; }), of_two);
}

TEST(CheckWorld, refuses_assets_outside_their_container) {
  const Error of_one = expected(ErrorCode::field_out_of_range, Subject::asset, 1);
  EXPECT_EQ(after([](WorldTables& w) { w.assets.raw_at[1] = 21; }), of_one);
  EXPECT_EQ(after([](WorldTables& w) { w.assets.raw_at[1] = ~0ull; }), of_one);
  EXPECT_EQ(after([](WorldTables& w) { w.assets.raw_size[1] = ~0ull; }), of_one);
}

}  // namespace
}  // namespace nf
