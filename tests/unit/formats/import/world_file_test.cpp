// world.json: what it gives, and how it is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/import/import.h"
#include "formats/import/json_tree.h"
#include "tests/unit/formats/import/source_folder.h"

namespace nf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kWorld = R"({
  "format": "nearfield world", "version": 1,
  "root": { "children": [
    { "name": "materials", "children": [
      { "name": "steel", "shared": true, "assets": ["materials/steel.dds"] } ] },
    { "name": "planet", "position": [1e9, -2, 3.5], "rotation": [0, 0, 0.7071, 0.7071],
      "bounds": { "sphere": 6e6, "center": [1, 2, 3] }, "load_distance": 5e7,
      "dependencies": ["materials/steel"], "activation_cost": 250,
      "assets": [{ "file": "planet/day.bin", "name": "day.dds", "kind": "texture" }],
      "children": [ { "name": "hangar", "bounds": { "box": [4, 5, 6] } } ] } ] } })";

// Finer levels, a template, gates and tags.
constexpr const char* kMotion = R"({
  "format": "nearfield world", "version": 1,
  "root": { "gates": [ { "name": "respawn", "to": "planet" } ], "children": [
    { "name": "set", "shared": true },
    { "name": "planet", "bounds": { "sphere": 50 }, "moves": true,
      "gates": [ { "name": "jump", "position": [1, 2, 3], "to": "castra/station",
                   "to_position": [4, 5, 6], "radius": 500, "lead_time": 18 } ],
      "children": [
      { "name": "coarse", "bounds": { "sphere": 40 }, "refinement": "add", "moves": false },
      { "name": "fine", "bounds": { "sphere": 30 }, "refinement": "replace",
        "tags": ["client", "high"],
        "assets": [ { "file": "planet/day.bin", "tags": ["client"] }, "materials/steel.dds" ] } ] },
    { "name": "ship", "template": true, "tags": ["high"], "children": [
      { "name": "turret", "moves": true } ] } ] } })";

Result<SourceWorld> read(const SourceFolder& source, const std::string& text, std::string& detail) {
  source.put("materials/steel.dds", "steel");
  source.put("planet/day.bin", "day");
  source.put("world.json", text);
  return import_source(source.path(), ImportKind::automatic, detail);
}

TEST(WorldFile, gives_containers_their_place_assets_and_dependencies) {
  const SourceFolder source;
  std::string detail;
  const Result<SourceWorld> world = read(source, kWorld, detail);
  ASSERT_TRUE(world) << detail;
  ASSERT_EQ(world->containers.size(), 5u);
  const SourceContainer& planet = world->containers[3];
  EXPECT_EQ(planet.name, "planet");
  EXPECT_EQ(planet.position.x, 1e9);
  EXPECT_EQ(planet.bounds_kind, BoundsKind::sphere);
  EXPECT_EQ(planet.bounds_half_extent.y, 6e6f);
  EXPECT_EQ(planet.bounds_center.z, 3.0f);
  EXPECT_EQ(planet.load_distance, 5e7f);
  EXPECT_EQ(planet.activation_cost, 250u);
  EXPECT_NEAR(planet.rotation.z, std::sqrt(0.5f), 1e-6);
  EXPECT_THAT(planet.dependencies, ElementsAre(2u));
  EXPECT_TRUE(world->containers[2].shared);
  EXPECT_EQ(planet.assets.at(0).name, "day.dds");
  EXPECT_EQ(planet.assets.at(0).kind, AssetKind::texture);
  EXPECT_EQ(world->load(planet.assets.at(0), detail)->size(), 3u);
  EXPECT_EQ(world->containers[4].bounds_kind, BoundsKind::box);
  EXPECT_EQ(world->containers[4].parent, 3u);
}

TEST(WorldFile, gives_containers_their_motion_levels_gates_and_tags) {
  const SourceFolder source;
  std::string detail;
  const Result<SourceWorld> world = read(source, kMotion, detail);
  ASSERT_TRUE(world) << detail;
  ASSERT_EQ(world->containers.size(), 7u);
  const SourceContainer& planet = world->containers[2];
  EXPECT_TRUE(planet.moves);
  EXPECT_FALSE(planet.is_template);
  EXPECT_EQ(planet.refinement, Refinement::none);
  ASSERT_EQ(planet.gates.size(), 1u);
  EXPECT_EQ(planet.gates[0].name, "jump");
  EXPECT_EQ(planet.gates[0].position.y, 2);
  EXPECT_EQ(planet.gates[0].to, "castra/station");
  EXPECT_EQ(planet.gates[0].to_position.z, 6);
  EXPECT_EQ(planet.gates[0].radius, 500.0f);
  EXPECT_EQ(planet.gates[0].lead_time, 18.0f);
  EXPECT_EQ(world->containers[0].gates.at(0).to, "planet");
  EXPECT_EQ(world->containers[3].refinement, Refinement::add);
  const SourceContainer& fine = world->containers[4];
  EXPECT_EQ(fine.refinement, Refinement::replace);
  EXPECT_THAT(world->tags, ElementsAre("client", "high"));
  EXPECT_EQ(fine.tags, 3u);
  EXPECT_EQ(fine.assets.at(0).tags, 1u);
  EXPECT_EQ(fine.assets.at(1).tags, 0u);
  const SourceContainer& ship = world->containers[5];
  EXPECT_TRUE(ship.is_template);
  EXPECT_EQ(ship.tags, 2u);
  EXPECT_TRUE(world->containers[6].moves);
}

struct Refusal {
  const char* find;  // in kWorld, or else in kMotion
  const char* replace;
  const char* cause;  // a part of the detail
};

class WorldFileRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(WorldFileRefusal, names_line_and_cause) {
  std::string text = kWorld;
  if (text.find(GetParam().find) == std::string::npos) text = kMotion;
  const std::size_t at = text.find(GetParam().find);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string_view(GetParam().find).size(), GetParam().replace);
  const SourceFolder source;
  std::string detail;
  const Result<SourceWorld> world = read(source, text, detail);
  ASSERT_FALSE(world);
  EXPECT_EQ(world.error().code, ErrorCode::source_malformed);
  EXPECT_EQ(world.error().subject_kind, Subject::line);
  const TextPlace place = place_in(text, at + 1);
  EXPECT_THAT(detail, HasSubstr("world.json:"));
  EXPECT_NEAR(world.error().subject, place.line, 1) << detail;
  EXPECT_THAT(detail, HasSubstr(GetParam().cause));
}

INSTANTIATE_TEST_SUITE_P(
    EachWay, WorldFileRefusal,
    ::testing::Values(
        Refusal{"\"version\": 1", "\"version\": 2", "version"},
        Refusal{"nearfield world", "other world", "format"},
        Refusal{"\"load_distance\"", "\"load_distanze\"", "did you mean \"load_distance\""},
        Refusal{"\"shared\": true", "\"shared\": 1", "true or false"},
        Refusal{"[1e9, -2, 3.5]", "[1e9, -2]", "3 numbers"},
        Refusal{"[1e9, -2, 3.5]", "[1e9, -2, 1e19]", "1e18"},
        Refusal{"[1e9, -2, 3.5]", "[1e9, -2, 1e999]", ""},
        Refusal{"[0, 0, 0.7071, 0.7071]", "[0, 0, 2, 0]", "length 1"},
        Refusal{"\"sphere\": 6e6", "\"sphere\": -6e6", "0 to 1e18"},
        Refusal{"\"sphere\": 6e6", "\"sphere\": 6e6, \"box\": [1,1,1]", "either"},
        Refusal{"[4, 5, 6]", "[4, -5, 6]", "not negative"}, Refusal{"250", "-250", "microseconds"},
        Refusal{"250", "2.5", "microseconds"},
        Refusal{"[\"materials/steel\"]", "[\"materials/iron\"]", "no container \"materials/iron\""},
        Refusal{"[\"materials/steel\"]", "[\"planet\"]", "not shared"},
        Refusal{"[\"materials/steel\"]", "\"materials/steel\"", "list"},
        Refusal{"materials/steel.dds", "/etc/passwd", "not a path relative"},
        Refusal{"materials/steel.dds", "../steel.dds", "plain path"},
        Refusal{"materials/steel.dds", "materials/../materials/steel.dds", "plain path"},
        Refusal{"materials/steel.dds", "materials/iron.dds", "no such file"},
        Refusal{"materials/steel.dds", "iron/steel.dds", "not a folder"},
        Refusal{"materials/steel.dds", "materials", "not a regular file"},
        Refusal{"\"name\": \"day.dds\"", "\"name\": \"a/b\"", "slash"},
        Refusal{"\"kind\": \"texture\"", "\"kind\": \"picture\"", "no kind"},
        Refusal{"\"name\": \"hangar\"", "\"name\": \"..\"", "folder"},
        Refusal{"\"name\": \"hangar\"", "\"bounds\": {}", ""},
        Refusal{"\"name\": \"planet\"", "\"name\": \"materials\"", "two siblings"},
        Refusal{"\"children\": [\n    {", "\"name\": \"x\", \"children\": [\n    {",
                "means nothing"},
        Refusal{"\"planet/day.bin\", ", "\"planet/day.bin\", \"file\": \"planet/day.bin\", ",
                "twice"},
        Refusal{"\"name\": \"hangar\",", "\"name\": \"hangar\"", "not JSON"}));

INSTANTIATE_TEST_SUITE_P(
    EachWayOfMotion, WorldFileRefusal,
    ::testing::Values(
        Refusal{"\"moves\": true", "\"moves\": 1", "true or false"},
        Refusal{"\"template\": true", "\"template\": \"yes\"", "true or false"},
        Refusal{"\"template\": true", "\"shared\": true, \"template\": true", "is no template"},
        Refusal{"\"turret\", \"moves\"", "\"turret\", \"template\"", "inside a template"},
        Refusal{"\"shared\": true }", "\"shared\": true, \"moves\": true }", "cannot move"},
        Refusal{"\"add\"", "\"more\"", "\"none\", \"add\" or \"replace\""},
        Refusal{"\"add\"", "2", "\"none\", \"add\" or \"replace\""},
        Refusal{"\"moves\": false", "\"moves\": true", "cannot move by itself"},
        Refusal{"\"moves\": false", "\"template\": true", "so it is no template"},
        Refusal{"\"bounds\": { \"sphere\": 30 }, ", "",
                "planet/fine: it refines its parent, but "
                "has no bounds"},
        Refusal{"\"turret\", \"moves\": true",
                "\"turret\", \"bounds\": { \"sphere\": 1 }, \"refinement\": \"add\"",
                "but that has no bounds"},
        Refusal{"\"root\": {", "\"root\": { \"moves\": true,", "means nothing"},
        Refusal{"\"root\": { \"gates\"", "\"root\": { \"tags\": [], \"gates\"", "means nothing"},
        Refusal{"[\"client\", \"high\"]", "\"client\"", "list of texts"},
        Refusal{"[\"client\", \"high\"]", "[\"\"]", "not empty"},
        Refusal{"\"shared\": true }",
                "\"shared\": true, \"gates\": [ { \"name\": \"g\", \"to\": \"x\" } ] }",
                "no gate can stand"},
        Refusal{"\"to\": \"castra/station\"", "\"to\": \"castra//station\"", "no path"},
        Refusal{"\"to\": \"castra/station\"", "\"to\": \"\"", "is empty"},
        Refusal{"\"to\": \"castra/station\",", "", "needs a \"to\""},
        Refusal{"\"to\": \"castra/station\"", "\"to\": \"set\"", "shared and has no place"},
        Refusal{"\"name\": \"jump\", ", "", "needs a \"name\""},
        Refusal{"\"name\": \"jump\"", "\"name\": \"a/b\"", "slash"},
        Refusal{"\"gates\": [ { \"name\": \"jump\"",
                "\"gates\": [ { \"name\": \"jump\", \"to\": \"x\" }, { \"name\": \"jump\"",
                "two gates"},
        Refusal{"\"radius\": 500", "\"radius\": -1", "0 to 1e18"},
        Refusal{"\"lead_time\": 18", "\"lead_time\": []", "0 to 1e18"},
        Refusal{"\"lead_time\"", "\"leadtime\"", "did you mean \"lead_time\""}));

TEST(WorldFile, holds_no_more_than_64_different_tags) {
  const auto text_with = [](int count) {
    std::string tags;
    for (int i = 0; i < count; ++i) tags += (i == 0 ? "\"t" : ", \"t") + std::to_string(i) + "\"";
    std::string text = kMotion;
    const std::string_view given = "\"client\", \"high\"";
    return text.replace(text.find(given), given.size(), tags);
  };
  const SourceFolder source;
  std::string detail;
  // "client" and "high" are named elsewhere.
  EXPECT_TRUE(read(source, text_with(62), detail)) << detail;
  EXPECT_FALSE(read(source, text_with(65), detail));
  EXPECT_THAT(detail, HasSubstr("more than 64 different tags"));
}

TEST(WorldFile, refuses_a_link_on_the_way_to_an_asset) {
  const SourceFolder source;
  std::string detail;
  ASSERT_TRUE(read(source, kWorld, detail));
  std::filesystem::remove_all(source.path("planet"));
  std::filesystem::create_directory_symlink("/tmp", source.path("planet"));
  EXPECT_FALSE(import_world_file(source.path(), detail));
  EXPECT_THAT(detail, HasSubstr("planet"));
}

TEST(WorldFile, survives_being_cut_anywhere) {
  const std::string text = kWorld;
  const SourceFolder source;
  std::string detail;
  ASSERT_TRUE(read(source, text, detail)) << detail;
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    const Result<JsonValue> json = parse_json(std::string_view(text).substr(0, size), {}, detail);
    EXPECT_FALSE(json) << size;
  }
}

TEST(JsonTree, limits_depth_values_and_size) {
  std::string detail;
  const std::string deep(1'000'000, '[');
  EXPECT_FALSE(parse_json(deep, {}, detail));
  EXPECT_THAT(detail, HasSubstr("nested deeper than 200"));
  std::string many = "[0";
  for (int i = 0; i < 100; ++i) many += ",0";
  many += "]";
  EXPECT_TRUE(parse_json(many, {}, detail));
  EXPECT_FALSE(parse_json(many, {.size_max = 1000, .values_max = 50, .depth_max = 10}, detail));
  EXPECT_THAT(detail, HasSubstr("more than 50 values"));
  EXPECT_FALSE(parse_json(many, {.size_max = 100, .values_max = 500, .depth_max = 10}, detail));
}

TEST(JsonTree, says_line_and_column) {
  std::string detail;
  const Result<JsonValue> json = parse_json("{\n  \"a\": 1,\n  oops\n}", {}, detail);
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().subject, 3u);
  EXPECT_THAT(detail, HasSubstr("3:"));
}

TEST(JsonTree, refuses_text_that_is_not_utf8) {
  std::string detail;
  EXPECT_FALSE(parse_json("{\"a\": \"\xFF\xFE\"}", {}, detail));
}

}  // namespace
}  // namespace nf
