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
  world.containers.raw_size[0] = static_cast<std::uint32_t>(std::uint64_t{kChunks} << 20);
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

Error refused(std::uint32_t container) {
  return expected(ErrorCode::field_out_of_range, Subject::container, container);
}

// In make_valid, 2 is a box with the sphere 3 in it, 4 a group, 1 shared.
Error after_flags(std::uint32_t container, ContainerFlags flags) {
  return after([&](WorldTables& w) { w.containers.flags[container] = flags; });
}

TEST(CheckWorld, lets_any_placed_subtree_move_or_be_a_template) {
  constexpr ContainerFlags kBoth = ContainerFlags::moves | ContainerFlags::template_root;
  for (const std::uint32_t id : {2u, 3u, 4u}) {
    EXPECT_EQ(after_flags(id, ContainerFlags::moves), Error{});
    EXPECT_EQ(after_flags(id, ContainerFlags::template_root), Error{});
    EXPECT_EQ(after_flags(id, kBoth), Error{});
  }
  // Beside each other, and what moves within what moves or within a template.
  EXPECT_EQ(after([](WorldTables& w) {
              w.containers.flags[2] = kBoth;
              w.containers.flags[3] = ContainerFlags::moves;
              w.containers.flags[4] = ContainerFlags::template_root;
            }),
            Error{});
}

TEST(CheckWorld, lets_neither_the_root_nor_what_is_shared_move_or_be_a_template) {
  for (const ContainerFlags flag : {ContainerFlags::moves, ContainerFlags::template_root}) {
    EXPECT_EQ(after_flags(0, flag), refused(0));
    EXPECT_EQ(after_flags(1, flag | ContainerFlags::shared), refused(1));
  }
  EXPECT_EQ(after_flags(4, static_cast<ContainerFlags>(8)), refused(4));
  EXPECT_EQ(after([](WorldTables& w) {
              w.containers.flags[2] = ContainerFlags::template_root;
              w.containers.flags[3] = ContainerFlags::template_root;
            }),
            refused(3));
}

TEST(CheckWorld, lets_what_has_bounds_refine_a_parent_that_has_bounds) {
  const auto after_refinement = [](std::uint32_t id, Refinement refinement,
                                   const std::function<void(ContainerTable&)>& change = {}) {
    return after([&](WorldTables& w) {
      w.containers.refinement[id] = refinement;
      if (change) change(w.containers);
    });
  };
  EXPECT_EQ(after_refinement(3, Refinement::add), Error{});
  EXPECT_EQ(after_refinement(3, Refinement::replace), Error{});
  EXPECT_EQ(after_refinement(3, static_cast<Refinement>(3)), refused(3));
  EXPECT_EQ(after_refinement(0, Refinement::add), refused(0));
  EXPECT_EQ(after_refinement(1, Refinement::add), refused(1));  // shared
  EXPECT_EQ(after_refinement(2, Refinement::add), refused(2));  // the root has no bounds
  EXPECT_EQ(after_refinement(3, Refinement::replace,
                             [](ContainerTable& t) { t.bounds_kind[3] = BoundsKind::none; }),
            refused(3));
  EXPECT_EQ(after_refinement(3, Refinement::replace,
                             [](ContainerTable& t) { t.bounds_kind[2] = BoundsKind::none; }),
            refused(3));
  EXPECT_EQ(after_refinement(3, Refinement::replace,
                             [](ContainerTable& t) { t.flags[3] = ContainerFlags::moves; }),
            refused(3));
  const auto in_template = [](std::uint32_t root) {
    return [=](ContainerTable& t) { t.flags[root] = ContainerFlags::template_root; };
  };
  EXPECT_EQ(after_refinement(3, Refinement::add, in_template(3)), refused(3));
  EXPECT_EQ(after_refinement(3, Refinement::add, in_template(2)), Error{});
}

// The error after one change to a valid world with gates in 2 (two), 3 and 4.
Error after_gates(const std::function<void(GateTable&)>& change) {
  return after([&](WorldTables& w) {
    w.gates = std::move(make_world_tables({.gates = 4})->gates);
    const std::uint32_t containers[] = {2, 2, 3, 4};
    for (std::uint32_t i = 0; i < 4; ++i) {
      w.gates.container[i] = containers[i];
      w.gates.name_hash[i] = i == 2 ? 5 : 10 + i;
      w.gates.position[i] = {1e18, -1e18, 0};
      w.gates.radius[i] = 3;
    }
    change(w.gates);
  });
}

TEST(CheckWorld, names_the_gate_that_is_wrong) {
  constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  const auto gate = [](std::uint32_t id, ErrorCode code = ErrorCode::field_out_of_range) {
    return expected(code, Subject::gate, id);
  };
  EXPECT_EQ(after_gates([](GateTable&) {}), Error{});
  EXPECT_EQ(after_gates([](GateTable& g) { g.container[3] = 5; }), gate(3));
  EXPECT_EQ(after_gates([](GateTable& g) { g.container[0] = 1; }), gate(0));  // shared
  EXPECT_EQ(after_gates([](GateTable& g) { g.container[3] = 2; }), gate(3, ErrorCode::order_wrong));
  EXPECT_EQ(after_gates([](GateTable& g) { g.name_hash[1] = 9; }), gate(1, ErrorCode::order_wrong));
  EXPECT_EQ(after_gates([](GateTable& g) { g.name_hash[1] = 10; }),
            gate(1, ErrorCode::name_duplicate));
  EXPECT_EQ(after_gates([](GateTable& g) { g.position[1].y = kNotANumber; }), gate(1));
  EXPECT_EQ(after_gates([](GateTable& g) { g.position[1].z = 1.1e18; }), gate(1));
  EXPECT_EQ(after_gates([](GateTable& g) { g.target_position[2].x = -1.1e18; }), gate(2));
  EXPECT_EQ(after_gates([](GateTable& g) { g.radius[2] = -1; }), gate(2));
  EXPECT_EQ(after_gates([](GateTable& g) { g.radius[2] = kInfinite; }), gate(2));
  EXPECT_EQ(after_gates([](GateTable& g) { g.lead_time[0] = -0.5f; }), gate(0));
  EXPECT_EQ(after_gates([](GateTable& g) { g.lead_time[0] = kInfinite; }), gate(0));
  EXPECT_EQ(after_gates([](GateTable& g) { g.lead_time = {}; }).code, ErrorCode::invalid_argument);
  EXPECT_EQ(make_world_tables({.gates = kGatesMax + 1}).error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace nf
