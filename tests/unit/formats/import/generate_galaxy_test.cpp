// The galaxy: every system can be reached, and what leads there leads back.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "formats/import/generate_galaxy.h"

namespace nf {
namespace {

std::size_t reached_from_first(const std::vector<GalaxySystem>& systems) {
  std::set<std::uint32_t> reached = {0};
  std::vector<std::uint32_t> pending = {0};
  while (!pending.empty()) {
    const std::uint32_t at = pending.back();
    pending.pop_back();
    for (const std::uint32_t to : systems[at].linked) {
      if (reached.insert(to).second) pending.push_back(to);
    }
  }
  return reached.size();
}

TEST(PlanGalaxy, every_system_can_be_reached_from_every_other) {
  for (const std::uint32_t count : {2u, 3u, 10u, 100u, 1000u}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed)
      EXPECT_EQ(reached_from_first(plan_galaxy(count, seed)), count) << seed;
  }
}

TEST(PlanGalaxy, links_lead_back_and_are_few) {
  const std::vector<GalaxySystem> systems = plan_galaxy(500, 9);
  std::size_t links = 0;
  for (std::uint32_t i = 0; i < systems.size(); ++i) {
    const std::vector<std::uint32_t>& linked = systems[i].linked;
    EXPECT_LE(linked.size(), kSystemLinksMax);
    EXPECT_TRUE(std::is_sorted(linked.begin(), linked.end()));
    EXPECT_EQ(std::set<std::uint32_t>(linked.begin(), linked.end()).size(), linked.size());
    EXPECT_EQ(std::count(linked.begin(), linked.end(), i), 0);
    for (const std::uint32_t to : linked)
      EXPECT_EQ(std::count(systems[to].linked.begin(), systems[to].linked.end(), i), 1);
    links += linked.size();
  }
  EXPECT_GT(links, 2 * 500u);
  EXPECT_LT(links, 4 * 500u);
}

TEST(PlanGalaxy, grows_from_the_seed_alone) {
  const auto names_and_places = [](std::uint64_t seed) {
    std::vector<std::pair<std::string, double>> all;
    for (const GalaxySystem& system : plan_galaxy(50, seed))
      all.emplace_back(system.name, system.position.x);
    return all;
  };
  EXPECT_EQ(names_and_places(3), names_and_places(3));
  EXPECT_NE(names_and_places(3), names_and_places(4));
  std::set<std::string> names;
  for (const auto& [name, x] : names_and_places(3)) names.insert(name);
  EXPECT_EQ(names.size(), 50u);
}

GeneratedTree galaxy_of(const std::vector<GalaxySystem>& systems, std::uint32_t containers) {
  GeneratedTree tree;
  tree.add("", ~0u, 0);
  Prng prng(1);
  add_galaxy(tree, systems, containers, prng);
  return tree;
}

TEST(AddGalaxy, gives_each_link_a_station_outside_the_planets) {
  const std::vector<GalaxySystem> systems = plan_galaxy(10, 1);
  const GeneratedTree tree = galaxy_of(systems, 2000);
  std::size_t stations = 0;
  std::size_t links = 0;
  for (const GalaxySystem& system : systems) links += system.linked.size();
  for (const SourceContainer& container : tree.containers) {
    if (!container.name.starts_with("gate_")) continue;
    ++stations;
    const WorldPosition at = container.position;
    EXPECT_GT(std::hypot(at.x, at.y, at.z), kOutermostOrbit);
  }
  EXPECT_EQ(stations, links);
  EXPECT_EQ(tree.containers.size(), 2000u);
}

TEST(AddGalaxy, gates_lead_to_stations_that_lead_back) {
  const GeneratedTree tree = galaxy_of(plan_galaxy(30, 2), 6000);
  std::map<std::string, std::string> targets;  // by path of the station
  for (const SourceContainer& container : tree.containers) {
    if (container.gates.empty()) continue;
    ASSERT_EQ(container.gates.size(), 1u);
    const std::string path = tree.containers[container.parent].name + "/" + container.name;
    targets[path] = container.gates[0].to;
    EXPECT_GT(container.gates[0].radius, 0);
    EXPECT_EQ(container.gates[0].lead_time, 18);
  }
  EXPECT_GT(targets.size(), 30u);
  for (const auto& [path, to] : targets) {
    ASSERT_TRUE(targets.contains(to)) << to;
    EXPECT_EQ(targets[to], path);
  }
}

}  // namespace
}  // namespace nf
