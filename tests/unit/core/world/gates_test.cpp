#include "core/world/gates.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/core/world/test_tables.h"

namespace nf {
namespace {

using test::make_tables;
using test::NewContainer;
using test::sphere_at;
using test::test_path;

struct NewGate {
  std::uint32_t container = 0;
  std::uint64_t name_hash = 0;
  PathHash target;
};

// As a reader accepts them: ascending by container, then by name.
void add_gates(WorldTables& world, std::span<const NewGate> gates) {
  test::size_to(world.gates.container, gates.size());
  test::size_to(world.gates.name_hash, gates.size());
  test::size_to(world.gates.target, gates.size());
  test::size_to(world.gates.position, gates.size());
  test::size_to(world.gates.target_position, gates.size());
  test::size_to(world.gates.radius, gates.size());
  test::size_to(world.gates.lead_time, gates.size());
  for (std::size_t i = 0; i < gates.size(); ++i) {
    const auto number = static_cast<double>(i);
    world.gates.container[i] = gates[i].container;
    world.gates.name_hash[i] = gates[i].name_hash;
    world.gates.target[i] = gates[i].target;
    world.gates.position[i] = {number, 1, 2};
    world.gates.target_position[i] = {-number, 3, 4};
    world.gates.radius[i] = 50;
    world.gates.lead_time[i] = 18;
  }
}

WorldTables three_containers(std::uint64_t seed) {
  return make_tables(
      std::vector{NewContainer{}, sphere_at({1, 0, 0}, 1, 1), sphere_at({2, 0, 0}, 1, 1)}, seed);
}

constexpr std::uint64_t kSol = 1;
constexpr std::uint64_t kVega = 2;

class Gates : public testing::Test {
 protected:
  Gates() : sol_(three_containers(kSol)), vega_(three_containers(kVega)) {
    add_gates(sol_, std::vector<NewGate>{{1, 10, test_path(kVega, 2)},
                                         {1, 20, test_path(kSol, 2)},
                                         {2, 10, test_path(99, 0)}});
    add_gates(vega_, std::vector<NewGate>{{0, 10, test_path(kSol, 1)}});
  }

  WorldTables sol_, vega_;
  World world_;
};

TEST_F(Gates, belong_to_the_container_in_whose_frame_they_stand) {
  const ContainerRange sol = *world_.mount(sol_, FileId{0});
  EXPECT_TRUE(gates_of(world_, sol.first).empty());
  const GateRange gates = gates_of(world_, ContainerId{1});
  ASSERT_EQ(gates.count, 2u);
  const GateView second = view_gate(world_, gates[1]);
  EXPECT_EQ(second.container, ContainerId{1});
  EXPECT_EQ(second.position.x, 1);
  EXPECT_EQ(second.target_position.x, -1);
  EXPECT_EQ(second.radius, 50);
  EXPECT_EQ(second.lead_time, 18_s);
  EXPECT_EQ(second.target, ContainerId{2});
}

TEST_F(Gates, are_found_by_name_within_their_container) {
  ASSERT_TRUE(world_.mount(sol_, FileId{0}));
  EXPECT_EQ(find_gate(world_, ContainerId{1}, 20), gates_of(world_, ContainerId{1})[1]);
  EXPECT_EQ(find_gate(world_, ContainerId{2}, 10), gates_of(world_, ContainerId{2})[0]);
  EXPECT_FALSE(find_gate(world_, ContainerId{2}, 20).valid());
  EXPECT_FALSE(find_gate(world_, ContainerId{0}, 10).valid());
}

TEST_F(Gates, lead_nowhere_until_their_target_is_mounted) {
  ASSERT_TRUE(world_.mount(sol_, FileId{0}));
  const GateId gate = find_gate(world_, ContainerId{1}, 10);
  EXPECT_FALSE(view_gate(world_, gate).target.valid());
  EXPECT_EQ(view_gate(world_, gate).target_path, test_path(kVega, 2));
  const ContainerRange vega = *world_.mount(vega_, FileId{1}, true);
  EXPECT_EQ(view_gate(world_, gate).target, ContainerId{vega.first.value + 2});
}

TEST_F(Gates, lead_there_whatever_the_order_of_mounts) {
  const ContainerRange vega = *world_.mount(vega_, FileId{0}, true);
  const ContainerRange sol = *world_.mount(sol_, FileId{1});
  const GateId back = find_gate(world_, vega.first, 10);
  const GateId there = find_gate(world_, ContainerId{sol.first.value + 1}, 10);
  EXPECT_EQ(view_gate(world_, back).target, ContainerId{sol.first.value + 1});
  EXPECT_EQ(view_gate(world_, there).target, ContainerId{vega.first.value + 2});
  EXPECT_EQ(view_gate(world_, there).container, ContainerId{sol.first.value + 1});
}

TEST_F(Gates, without_a_target_anywhere_are_gates_all_the_same) {
  ASSERT_TRUE(world_.mount(sol_, FileId{0}));
  const GateView lost = view_gate(world_, find_gate(world_, ContainerId{2}, 10));
  EXPECT_EQ(lost.container, ContainerId{2});
  EXPECT_FALSE(lost.target.valid());
}

TEST_F(Gates, of_ids_that_never_were_are_none) {
  ASSERT_TRUE(world_.mount(sol_, FileId{0}));
  EXPECT_TRUE(gates_of(world_, ContainerId{3}).empty());
  EXPECT_TRUE(gates_of(world_, ContainerId::none()).empty());
  EXPECT_FALSE(find_gate(world_, ContainerId::none(), 10).valid());
  for (const GateId id : {GateId{3}, GateId{7ull << 32}, GateId::none()}) {
    EXPECT_FALSE(view_gate(world_, id).container.valid());
  }
}

// Numbers that are kept for what is spawned, and that of an archive that went.
TEST_F(Gates, of_ids_of_nothing_are_none) {
  World world(4);
  EXPECT_TRUE(gates_of(world, ContainerId{0}).empty());
  const ContainerRange sol = *world.mount(sol_, FileId{0});
  const ContainerId stands_in{sol.first.value + 1};
  EXPECT_TRUE(gates_of(world, ContainerId{0}).empty());
  EXPECT_FALSE(find_gate(world, ContainerId{3}, 10).valid());
  const GateId gate = find_gate(world, stands_in, 10);
  ASSERT_TRUE(view_gate(world, gate).container.valid());
  ASSERT_TRUE(world.unmount(sol.first, Time{1}));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(gates_of(world, stands_in).empty());
    EXPECT_FALSE(find_gate(world, stands_in, 10).valid());
    EXPECT_FALSE(view_gate(world, gate).container.valid());
    world.forget_changes();
    if (i == 0) world.forget(sol.first);
  }
}

TEST_F(Gates, of_what_is_spawned_stand_in_it) {
  sol_.containers.flags[1] = ContainerFlags::template_root;
  World world(4);
  const ContainerRange sol = *world.mount(sol_, FileId{0});
  const ContainerId of{sol.first.value + 1};
  const ContainerId first = *world.spawn(of, {}, {}, Time{1});
  const ContainerId second = *world.spawn(of, {}, {}, Time{1});
  const GateRange gates = gates_of(world, second);
  ASSERT_EQ(gates.count, 2u);
  EXPECT_EQ(find_gate(world, second, 20), gates[1]);
  EXPECT_NE(find_gate(world, first, 20), gates[1]);
  EXPECT_EQ(view_gate(world, gates[1]).container, second);
  EXPECT_EQ(view_gate(world, gates[1]).target, ContainerId{sol.first.value + 2});
  EXPECT_EQ(view_gate(world, gates_of(world, of)[1]).container, of);
  // One that its container does not have.
  EXPECT_FALSE(view_gate(world, GateId{gates[1].value + 1}).container.valid());
  ASSERT_TRUE(world.despawn(second, Time{2}));
  EXPECT_FALSE(view_gate(world, gates[1]).container.valid());
  EXPECT_TRUE(gates_of(world, second).empty());
}

TEST_F(Gates, to_a_template_lead_nowhere) {
  sol_.containers.flags[2] = ContainerFlags::template_root;
  ASSERT_TRUE(world_.mount(sol_, FileId{0}));
  const GateView gate = view_gate(world_, find_gate(world_, ContainerId{1}, 20));
  EXPECT_EQ(gate.container, ContainerId{1});
  EXPECT_FALSE(gate.target.valid());
}

TEST_F(Gates, with_a_lead_time_beyond_all_clocks_keep_to_the_clock) {
  sol_.gates.lead_time[0] = std::numeric_limits<float>::max();
  ASSERT_TRUE(world_.mount(sol_, FileId{0}));
  EXPECT_GT(view_gate(world_, find_gate(world_, ContainerId{1}, 10)).lead_time, 0_s);
}

}  // namespace
}  // namespace nf
