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

struct Refusal {
  const char* find;  // in kWorld
  const char* replace;
  const char* cause;  // a part of the detail
};

class WorldFileRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(WorldFileRefusal, names_line_and_cause) {
  std::string text = kWorld;
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
