// What moves, templates, finer levels and gates: packed as the source says, or refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nearfield/archive.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "formats/pack/check_source.h"
#include "formats/pack/pack.h"
#include "tests/unit/formats/pack/source_builder.h"

namespace nf {
namespace {

using ::testing::HasSubstr;

// planet with the levels near and far; ship (a template) with a turret that moves; box.
struct MotionWorld : SourceBuilder {
  MotionWorld() {
    planet = add_placed("planet", {}, 10);
    near = add_placed("near", {}, 1, planet);
    far = add_placed("far", {}, 1, planet);
    ship = add("ship");
    turret = add_placed("turret", {}, 1, ship);
    box = add_placed("box", {}, 0);
    detail_of_box = add_placed("detail", {}, 1, box);
    at(planet).moves = true;
    at(near).refinement = Refinement::replace;
    at(far).refinement = Refinement::add;
    at(far).load_distance = 7;
    at(ship).is_template = true;
    at(ship).moves = true;
    at(turret).moves = true;
    at(box).bounds_kind = BoundsKind::box;
    at(box).bounds_half_extent = {3, 4, 0};
    at(detail_of_box).refinement = Refinement::add;
    link(planet, "z", "elsewhere/station").position = {1, 2, 3};
    SourceGate& gate = link(planet, "a", "planet/near");
    gate.to_position = {4, 5, 6};
    gate.radius = 2;
    gate.lead_time = 18;
    link(planet, "m", "box");
    link(0, "respawn", "other world");
  }
  std::uint32_t planet, near, far, ship, turret, box, detail_of_box;
};

class PackMotion : public ::testing::Test {
 protected:
  PackMotion() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nearfield-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/w.nfa";
  }
  ~PackMotion() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::string path_;
  std::string detail_;
};

TEST_F(PackMotion, keeps_flags_and_levels_and_measures_levels_from_their_parents) {
  MotionWorld source;
  const Result<PackReport> report = pack_world(source.world(), path_, {}, detail_);
  ASSERT_TRUE(report) << detail_;
  const Result<Archive> archive = Archive::open(path_.c_str());
  ASSERT_TRUE(archive);
  EXPECT_EQ(archive->info().features_required, 3u);
  const ContainerTable& table = archive->world().containers;
  const auto id = [&](const char* path) { return archive->find_container(path).value; };
  EXPECT_EQ(table.flags[id("planet")], ContainerFlags::moves);
  EXPECT_EQ(table.flags[id("ship")], ContainerFlags::moves | ContainerFlags::template_root);
  EXPECT_EQ(table.flags[id("ship/turret")], ContainerFlags::moves);
  EXPECT_EQ(table.flags[id("box")], ContainerFlags::none);
  EXPECT_EQ(table.refinement[id("planet")], Refinement::none);
  EXPECT_EQ(table.refinement[id("planet/near")], Refinement::replace);
  EXPECT_EQ(table.refinement[id("planet/far")], Refinement::add);
  EXPECT_EQ(table.load_distance[id("planet/near")], 90.0f);
  EXPECT_EQ(table.load_distance[id("planet/far")], 7.0f);
  EXPECT_FLOAT_EQ(table.load_distance[id("box/detail")], 45.0f);
}

TEST_F(PackMotion, sorts_gates_and_counts_those_that_lead_outside) {
  MotionWorld source;
  const Result<PackReport> report = pack_world(source.world(), path_, {}, detail_);
  ASSERT_TRUE(report) << detail_;
  EXPECT_EQ(report->gates, 4u);
  EXPECT_EQ(report->gates_outside, 2u);
  EXPECT_EQ(report->first_outside, "\"respawn\" of the root, to \"other world\"");
  const Result<Archive> archive = Archive::open(path_.c_str());
  ASSERT_TRUE(archive);
  const GateTable& gates = archive->world().gates;
  ASSERT_EQ(gates.count(), 4u);
  EXPECT_EQ(archive->gate_name(0), "respawn");
  EXPECT_EQ(gates.container[0], 0u);
  std::uint32_t found = 0;
  for (std::uint32_t i = 1; i < 4; ++i) {
    EXPECT_EQ(gates.container[i], archive->find_container("planet").value);
    EXPECT_TRUE(i == 1 || gates.name_hash[i - 1] < gates.name_hash[i]);
    EXPECT_EQ(gates.position[i].z, archive->gate_name(i) == "z" ? 3 : 0);
    if (archive->gate_name(i) == "a") found = i;
  }
  ASSERT_NE(found, 0u);
  const std::uint32_t near = archive->find_container("planet/near").value;
  EXPECT_EQ(gates.target[found], archive->world().containers.path_hash[near]);
  EXPECT_EQ(gates.target_position[found].y, 5);
  EXPECT_EQ(gates.radius[found], 2.0f);
  EXPECT_EQ(gates.lead_time[found], 18.0f);
}

TEST_F(PackMotion, of_a_world_without_any_asks_for_no_feature) {
  SourceBuilder source;
  source.add_placed("room", {}, 1);
  ASSERT_TRUE(pack_world(source.world(), path_, {}, detail_)) << detail_;
  const Result<Archive> archive = Archive::open(path_.c_str());
  ASSERT_TRUE(archive);
  EXPECT_EQ(archive->info().features_required, 0u);
}

struct BadMotion {
  const char* name;
  ErrorCode code;
  const char* detail;  // a part of it
  void (*spoil)(MotionWorld&);
};

class CheckMotion : public ::testing::TestWithParam<BadMotion> {};

TEST_P(CheckMotion, refuses_and_names_the_container) {
  MotionWorld source;
  std::string detail;
  ASSERT_TRUE(check_source(source.world(), detail)) << detail;
  GetParam().spoil(source);
  const Result<void> good = check_source(source.world(), detail);
  ASSERT_FALSE(good);
  EXPECT_EQ(good.error().code, GetParam().code);
  EXPECT_THAT(detail, HasSubstr(GetParam().detail));
}

constexpr ErrorCode kRange = ErrorCode::field_out_of_range;
constexpr float kInfinite = std::numeric_limits<float>::infinity();

INSTANTIATE_TEST_SUITE_P(
    EachWay, CheckMotion,
    ::testing::Values(
        BadMotion{"root_moves", kRange, "the root", [](MotionWorld& s) { s.at(0).moves = true; }},
        BadMotion{"root_is_template", kRange, "the root",
                  [](MotionWorld& s) { s.at(0).is_template = true; }},
        BadMotion{"shared_moves", kRange, "container set: a shared container",
                  [](MotionWorld& s) { s.at(s.add_shared("set")).moves = true; }},
        BadMotion{"shared_is_template", kRange, "no template",
                  [](MotionWorld& s) { s.at(s.add_shared("set")).is_template = true; }},
        BadMotion{"template_in_template", kRange, "container ship/turret: it is a template inside",
                  [](MotionWorld& s) { s.at(s.turret).is_template = true; }},
        BadMotion{"level_without_bounds", kRange,
                  "container planet/near: it refines its parent, "
                  "but has no bounds",
                  [](MotionWorld& s) { s.at(s.near).bounds_kind = BoundsKind::none; }},
        BadMotion{"level_of_nothing", kRange,
                  "container planet/near: it refines its parent, but "
                  "that has no bounds",
                  [](MotionWorld& s) { s.at(s.planet).bounds_kind = BoundsKind::none; }},
        BadMotion{"level_moves", kRange, "cannot move by itself",
                  [](MotionWorld& s) { s.at(s.far).moves = true; }},
        BadMotion{"level_is_template", kRange,
                  "container planet/far: it refines its parent, so it is no template",
                  [](MotionWorld& s) { s.at(s.far).is_template = true; }},
        BadMotion{"level_unknown", kRange, "unknown",
                  [](MotionWorld& s) { s.at(s.far).refinement = static_cast<Refinement>(3); }},
        BadMotion{"gate_in_shared", kRange, "no gate can stand in it",
                  [](MotionWorld& s) { s.link(s.add_shared("set"), "g", "box"); }},
        BadMotion{"gate_to_shared", kRange, "\"set\", which is shared",
                  [](MotionWorld& s) {
                    s.add_shared("set");
                    s.link(s.box, "g", "set");
                  }},
        BadMotion{"gate_name", ErrorCode::name_invalid, "container planet: gate \"a/b\"",
                  [](MotionWorld& s) { s.at(s.planet).gates[0].name = "a/b"; }},
        BadMotion{"gate_twice", ErrorCode::name_duplicate, "two gates are named \"a\"",
                  [](MotionWorld& s) { s.at(s.planet).gates[0].name = "a"; }},
        BadMotion{"gate_to_nowhere", ErrorCode::name_invalid, "is empty",
                  [](MotionWorld& s) { s.at(s.planet).gates[0].to = ""; }},
        BadMotion{"gate_to_no_path", ErrorCode::name_invalid, "is no path",
                  [](MotionWorld& s) { s.at(s.planet).gates[0].to = "a//b"; }},
        BadMotion{"gate_to_climb", ErrorCode::name_invalid, "is no path",
                  [](MotionWorld& s) { s.at(s.planet).gates[0].to = "a/../b"; }},
        BadMotion{"gate_position", kRange, "position",
                  [](MotionWorld& s) { s.at(s.planet).gates[0].position.y = std::nan(""); }},
        BadMotion{"gate_target_position", kRange, "leads to",
                  [](MotionWorld& s) { s.at(s.planet).gates[0].to_position.y = -2e18; }},
        BadMotion{"gate_radius", kRange, "radius",
                  [](MotionWorld& s) { s.at(s.planet).gates[0].radius = -1; }},
        BadMotion{"gate_lead_time", kRange, "lead time",
                  [](MotionWorld& s) { s.at(s.planet).gates[0].lead_time = kInfinite; }}),
    [](const auto& test) { return test.param.name; });

TEST(PathProblem, takes_what_can_be_a_path) {
  EXPECT_EQ(path_problem("a"), nullptr);
  EXPECT_EQ(path_problem("planet/zone one/room"), nullptr);
  EXPECT_NE(path_problem("a/"), nullptr);
  EXPECT_NE(path_problem("/a"), nullptr);
  EXPECT_NE(path_problem(std::string(4097, 'a')), nullptr);
  std::string deep = "a";
  for (int i = 1; i < 64; ++i) deep += "/a";
  EXPECT_EQ(path_problem(deep), nullptr);
  EXPECT_NE(path_problem(deep + "/a"), nullptr);
}

}  // namespace
}  // namespace nf
