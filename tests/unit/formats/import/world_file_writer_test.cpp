// What the writer of world.json writes, its reader reads.
#include "formats/import/world_file_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/import/world_file_values.h"

namespace nf {
namespace {

PlanContainer container(const char* name, const char* path, std::uint32_t parent, float radius) {
  PlanContainer made;
  made.name = name;
  made.path = path;
  made.parent = parent;
  made.bounds_kind = radius > 0 ? BoundsKind::sphere : BoundsKind::none;
  made.bounds_half_extent = {radius, radius, radius};
  made.load_distance = radius * 2;
  return made;
}

TEST(WorldFileWriter, writes_motion_levels_templates_gates_and_tags_as_the_reader_reads_them) {
  WorldPlan plan;
  plan.containers = {container("", "", ~0u, 0), container("planet", "planet", 0, 60),
                     container("near", "planet/near", 1, 50), container("ship", "ship", 0, 4)};
  SourceGate gate;
  gate.name = "jump point";
  gate.position = {1.5, -2, 3};
  gate.to = "castra/station";
  gate.to_position = {4, 5, 6.25};
  gate.radius = 500;
  gate.lead_time = 18;
  plan.containers[0].gates = {gate};
  plan.containers[1].gates = {gate, gate};
  plan.containers[1].gates[1].name = "lift";
  plan.containers[1].moves = true;
  plan.containers[2].refinement = Refinement::replace;
  plan.containers[2].tags = {"client", "high"};
  plan.containers[3].is_template = true;
  const std::string text = world_file_text(plan, std::vector<std::vector<std::string>>(4));
  std::string detail;
  const Result<SourceWorld> world = read_world_text(text, "world.json", ".", detail);
  ASSERT_TRUE(world) << detail << "\n" << text;
  ASSERT_EQ(world->containers.size(), 4u);
  EXPECT_EQ(world->containers[0].gates.size(), 1u);
  const SourceContainer& planet = world->containers[1];
  EXPECT_TRUE(planet.moves);
  ASSERT_EQ(planet.gates.size(), 2u);
  EXPECT_EQ(planet.gates[1].name, "lift");
  EXPECT_EQ(planet.gates[0].position.x, 1.5);
  EXPECT_EQ(planet.gates[0].to, "castra/station");
  EXPECT_EQ(planet.gates[0].to_position.z, 6.25);
  EXPECT_EQ(planet.gates[0].radius, 500.0f);
  EXPECT_EQ(planet.gates[0].lead_time, 18.0f);
  EXPECT_EQ(world->containers[2].refinement, Refinement::replace);
  EXPECT_EQ(world->containers[2].tags, 3u);
  EXPECT_THAT(world->tags, ::testing::ElementsAre("client", "high"));
  EXPECT_TRUE(world->containers[3].is_template);
  EXPECT_FALSE(world->containers[3].moves);
}

}  // namespace
}  // namespace nf
