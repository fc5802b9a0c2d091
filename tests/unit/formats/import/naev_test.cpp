// Naev: systems, what stands in them and the gates between them; the real package where it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <nearfield/archive.h>

#include "formats/import/import.h"
#include "formats/import/naev_galaxy.h"
#include "formats/pack/pack.h"
#include "tests/unit/formats/import/flightgear_fixture.h"
#include "tests/unit/formats/import/reference_table.h"
#include "tests/unit/formats/import/source_folder.h"

namespace nf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string system_xml(const std::string& name, const std::string& x, const std::string& assets,
                       const std::string& jumps) {
  return "<?xml version=\"1.0\"?><ssys name=\"" + name + "\"><general><radius>1000.0</radius>" +
         "</general><pos><x>" + x + "</x><y>0</y></pos><assets>" + assets + "</assets><jumps>" +
         jumps + "</jumps></ssys>";
}

std::string spob_xml(const std::string& name, const std::string& space) {
  return "<asset name=\"" + name + "\"><pos><x>300</x><y>-400</y></pos><GFX><space>" + space +
         "</space><exterior>dock.rgb</exterior></GFX></asset>";
}

class NaevTree : public ::testing::Test {
 protected:
  void SetUp() override {
    source_.put("dat/ssys/a.xml",
                system_xml("Alpha", "0",
                           "<asset>Rock &amp; Roll</asset><asset>Wind</asset><asset>Gone</asset>",
                           "<jump target=\"Beta\"><autopos/></jump>"
                           "<jump target=\"Gamma\"><pos x=\"-2000\" y=\"5\"/></jump>"));
    source_.put("dat/ssys/b.xml", system_xml("Beta", "50", "<asset>Port</asset>",
                                             "<jump target=\"Alpha\"><autopos/></jump>"));
    source_.put("dat/ssys/c.xml", system_xml("Gamma", "-7", "", ""));
    source_.put("dat/assets/rock.xml", spob_xml("Rock &amp; Roll", "rock.rgb"));
    source_.put("dat/assets/port.xml", spob_xml("Port", "../../../secret.rgb"));
    source_.put("dat/assets/wind.xml", "<asset name=\"Wind\"><virtual/></asset>");
    source_.put("dat/gfx/planet/space/rock.rgb", sgi_picture(64, 3, 'r'));
    source_.put("dat/gfx/planet/exterior/dock.rgb", sgi_picture(8, 3, 'd'));
    source_.put("secret.rgb", sgi_picture(8, 3, 's'));
  }
  SourceWorld import() {
    std::string detail;
    Result<SourceWorld> world = import_source(source_.path(), ImportKind::automatic, detail);
    EXPECT_TRUE(world) << detail;
    EXPECT_TRUE(check_source(*world, detail)) << detail;
    return std::move(*world);
  }
  static const SourceContainer& at(const SourceWorld& world, const std::string& path) {
    const auto by_path = containers_by_path(world);
    const auto found = by_path.find(path);
    EXPECT_NE(found, by_path.end()) << path;
    return world.containers[found == by_path.end() ? 0 : found->second];
  }
  SourceFolder source_;
};

TEST_F(NaevTree, places_systems_by_the_map_and_planets_in_them) {
  const SourceWorld world = import();
  EXPECT_EQ(at(world, "Beta").position.x, 50e8);
  const SourceContainer& rock = at(world, "Alpha/Rock & Roll");
  EXPECT_EQ(rock.position.x, 300);
  EXPECT_EQ(rock.position.y, -400);
  EXPECT_EQ(rock.bounds_half_extent.x, 32);
  EXPECT_NEAR(at(world, "Alpha").bounds_half_extent.x, 2'200, 1);
  EXPECT_EQ(at(world, "Beta/Port").bounds_half_extent.x, 200);
  EXPECT_EQ(at(world, "Alpha/Rock & Roll").assets.size(), 2u);
  EXPECT_EQ(at(world, "shared/dock.rgb").assets.size(), 1u);
}

TEST_F(NaevTree, makes_each_jump_a_gate_to_the_one_that_leads_back) {
  const SourceWorld world = import();
  const std::vector<SourceGate>& gates = at(world, "Alpha").gates;
  ASSERT_EQ(gates.size(), 2u);
  EXPECT_EQ(gates[0].name, "Beta");
  EXPECT_EQ(gates[0].to, "Beta");
  EXPECT_NEAR(gates[0].position.x, 1'000, 1e-9);
  EXPECT_NEAR(gates[0].to_position.x, -1'000, 1e-9);
  EXPECT_EQ(gates[0].radius, 200);
  EXPECT_EQ(gates[1].position.x, -2'000);
  EXPECT_EQ(gates[1].to_position.x, 0);
  EXPECT_TRUE(at(world, "Gamma").gates.empty());
}

TEST_F(NaevTree, has_its_gates_in_the_archive) {
  std::string detail;
  ASSERT_TRUE(pack_world(import(), source_.path("world.nfa"), {}, detail)) << detail;
  const Result<Archive> archive = Archive::open(source_.path("world.nfa").c_str());
  ASSERT_TRUE(archive);
  const WorldTables& world = archive->world();
  ASSERT_EQ(world.gates.count(), 3u);
  for (std::uint32_t gate = 0; gate < world.gates.count(); ++gate) {
    const auto& paths = world.containers.path_hash;
    const auto target = std::find(paths.begin(), paths.end(), world.gates.target[gate]);
    ASSERT_NE(target, paths.end());
    const auto system = static_cast<std::uint32_t>(target - paths.begin());
    EXPECT_EQ(world.containers.parent[system], 0u);
    EXPECT_NE(system, world.gates.container[gate]);
  }
}

TEST_F(NaevTree, says_what_it_left_out) {
  const SourceWorld world = import();
  EXPECT_THAT(world.notes, HasSubstr("1 entries of systems name nothing"));
  EXPECT_THAT(world.notes, HasSubstr("1 jumps have none that leads back"));
  EXPECT_THAT(world.notes, HasSubstr("1 pictures"));
}

TEST_F(NaevTree, names_the_file_that_is_wrong_and_why) {
  struct Case {
    const char* file;
    std::string text;
    const char* detail;
  };
  const std::vector<Case> cases = {
      {"dat/ssys/d.xml", "<ssys\n", "line 1: is not XML"},
      {"dat/ssys/d.xml", "<a/>", "no <ssys> with a name"},
      {"dat/ssys/d.xml", system_xml("D", "east", "", ""), "<x> is no number"},
      {"dat/ssys/d.xml", system_xml("D", "1e300", "", ""), "<x> is no number"},
      {"dat/ssys/d.xml", "<ssys name=\"D\"/>", "<radius> is missing"},
      {"dat/ssys/d.xml", system_xml("Alpha", "1", "", ""), "another system \"Alpha\""},
      {"dat/ssys/d.xml", system_xml("D", "1", "", "<jump target=\"Z\"/>"), "which is no system"},
      {"dat/ssys/d.xml", system_xml("D", "1", "", "<jump/>"), "no target"},
      {"dat/ssys/d.xml", system_xml("D", "1", "", "<jump target=\"Beta\"/><jump target=\"Beta\"/>"),
       "two jumps"},
      {"dat/ssys/d.xml", system_xml("D", "1", "", "<jump target=\"Beta\"><pos x=\"1\"/></jump>"),
       "<pos y>"},
      {"dat/assets/port.xml", "<asset/>", "no <asset> with a name"},
  };
  for (const Case& wrong : cases) {
    SetUp();
    std::filesystem::remove(source_.path("dat/ssys/d.xml"));
    source_.put(wrong.file, wrong.text);
    std::string detail;
    EXPECT_FALSE(import_source(source_.path(), ImportKind::naev, detail)) << wrong.text;
    EXPECT_THAT(detail, HasSubstr(wrong.detail)) << wrong.text;
    EXPECT_THAT(detail, HasSubstr(wrong.file)) << wrong.text;
  }
}

class NaevPackage : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* root = std::getenv("NF_NAEV_ROOT");
    if (root == nullptr)
      GTEST_SKIP() << "NF_NAEV_ROOT does not name Naev's data (Debian's naev-data, unpacked)";
    for (const char* table : {"naev_systems.csv", "naev_jumps.csv"}) {
      if (!std::filesystem::exists(reference_path(table)))
        GTEST_SKIP() << "there is no " << reference_path(table);
    }
    std::string detail;
    Result<SourceWorld> world = import_source(root, ImportKind::automatic, detail);
    ASSERT_TRUE(world) << detail;
    ASSERT_TRUE(check_source(*world, detail)) << detail;
    world_ = std::move(*world);
    by_path_ = containers_by_path(world_);
  }
  const SourceContainer* find(const std::string& path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : &world_.containers[found->second];
  }
  const SourceGate* find_gate(const std::string& from, const std::string& to) const {
    const SourceContainer* system = find(from);
    if (system == nullptr) return nullptr;
    const auto found = std::find_if(system->gates.begin(), system->gates.end(),
                                    [&](const SourceGate& gate) { return gate.to == to; });
    return found == system->gates.end() ? nullptr : &*found;
  }
  SourceWorld world_;
  std::map<std::string, std::uint32_t> by_path_;
};

TEST_F(NaevPackage, has_the_systems_and_planets_that_the_reference_knows) {
  std::map<std::string, std::size_t> counts;
  for (const ReferenceRow& row : read_reference("naev_systems.csv")) {
    const std::string& kind = row.at("kind");
    ++counts[kind];
    if (kind == "jump_gate") continue;
    const SourceContainer* container = find(row.at("id"));
    ASSERT_NE(container, nullptr) << row.at("id");
    const double unit = kind == "system" ? 1e8 : 1;
    EXPECT_NEAR(container->position.x, number_of(row, "x_m") * unit, 1e-6 * unit);
    EXPECT_NEAR(container->position.y, number_of(row, "y_m") * unit, 1e-6 * unit);
    if (kind == "system") {
      EXPECT_GE(container->bounds_half_extent.x, static_cast<float>(number_of(row, "radius_m")));
    }
  }
  EXPECT_EQ(counts["system"], 380u);
  EXPECT_EQ(counts["planet_or_station"], 1'116u);
  std::size_t placed = 0;
  for (const SourceContainer& container : world_.containers)
    placed += container.bounds_kind != BoundsKind::none;
  EXPECT_EQ(placed, 380u + 1'116u);
}

TEST_F(NaevPackage, has_the_jumps_that_the_reference_knows) {
  std::size_t jumps = 0;
  for (const ReferenceRow& row : read_reference("naev_jumps.csv")) {
    const SourceGate* gate = find_gate(row.at("from"), row.at("to"));
    ASSERT_NE(gate, nullptr) << row.at("from") << " to " << row.at("to");
    EXPECT_NEAR(gate->position.x, number_of(row, "gate_x"), 0.06);
    EXPECT_NEAR(gate->position.y, number_of(row, "gate_y"), 0.06);
    const SourceGate* back = find_gate(row.at("to"), row.at("from"));
    ASSERT_NE(back, nullptr);
    EXPECT_EQ(gate->to_position.x, back->position.x);
    EXPECT_EQ(gate->to_position.y, back->position.y);
    ++jumps;
  }
  std::size_t gates = 0;
  for (const SourceContainer& container : world_.containers) gates += container.gates.size();
  EXPECT_EQ(jumps, 1'018u);
  EXPECT_EQ(gates, 1'018u);
}

}  // namespace
}  // namespace nf
