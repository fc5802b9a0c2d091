// What moves, levels, templates and gates through the verbs; and archives without a client's part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kWorld = R"({
  "format": "nearfield world", "version": 1, "root": {
  "gates": [ { "name": "respawn", "to": "planet" } ], "children": [
  { "name": "skins", "shared": true, "tags": ["client"], "assets": ["skin.dds"] },
  { "name": "planet", "bounds": { "sphere": 60 }, "moves": true, "dependencies": ["skins"],
    "assets": ["globe.mesh", { "file": "skin.dds", "name": "decal.dds", "tags": ["client"] }],
    "gates": [ { "name": "jump point", "position": [0, 90, 0], "to": "castra/station",
                 "radius": 5, "lead_time": 18 } ],
    "children": [
    { "name": "near", "bounds": { "box": [9, 9, 9] }, "refinement": "replace",
      "assets": ["globe.mesh", "skin.dds"] },
    { "name": "air", "bounds": { "sphere": 70 }, "refinement": "add", "load_distance": 300 } ] },
  { "name": "ship", "template": true, "children": [ { "name": "turret", "moves": true } ] } ] } })";

class CliMotion : public ::testing::Test {
 protected:
  CliMotion() {
    write_text(work_ / "source/world.json", kWorld);
    write_text(work_ / "source/globe.mesh", std::string(5000, 'g'));
    write_text(work_ / "source/skin.dds", std::string(700, 's'));
  }
  RunResult pack(const std::vector<std::string>& more) {
    std::vector<std::string> words = {"pack", work_ / "source", "-o", work_ / "w.nfa"};
    words.insert(words.end(), more.begin(), more.end());
    return run_nearfield(words);
  }

  WorkFolder work_;
};

TEST_F(CliMotion, info_counts_it_list_shows_it_and_verify_finds_nothing_wrong) {
  const RunResult packed = pack({});
  ASSERT_EQ(packed.exit_code, 0) << packed.err;
  EXPECT_THAT(packed.err, HasSubstr("1 of 2 gates leads to no container of this archive"));
  EXPECT_THAT(packed.err, HasSubstr("\"jump point\" of planet, to \"castra/station\""));
  const nlohmann::json info = run_nearfield({"info", work_ / "w.nfa", "--json"}).json();
  EXPECT_EQ(info["features_required"], 3);
  EXPECT_EQ(info["moving_containers"], 2);
  EXPECT_EQ(info["templates"], 1);
  EXPECT_EQ(info["containers_in_templates"], 2);
  EXPECT_EQ(info["levels_replacing"], 1);
  EXPECT_EQ(info["levels_added"], 1);
  EXPECT_EQ(info["gates"], 2);
  EXPECT_EQ(info["gates_outside"], 1);
  EXPECT_THAT(run_nearfield({"info", work_ / "w.nfa"}).out,
              HasSubstr("2, 1 of them out of this archive"));
  const std::string list = run_nearfield({"list", work_ / "w.nfa"}).out;
  EXPECT_THAT(list, HasSubstr("respawn -> planet"));
  EXPECT_THAT(list, HasSubstr("jump point -> another archive, "));
  EXPECT_THAT(list, HasSubstr("from 540 m of its parent, in place of it"));
  EXPECT_THAT(list, HasSubstr("from 300 m of its parent, beside it"));
  EXPECT_THAT(list, HasSubstr("no place, template"));
  EXPECT_THAT(list, HasSubstr("from 540 m, moves"));
  EXPECT_THAT(run_nearfield({"list", work_ / "w.nfa", "--kind", "mesh"}).out, Not(HasSubstr("->")));
  EXPECT_EQ(run_nearfield({"verify", work_ / "w.nfa"}).exit_code, 0);
}

TEST_F(CliMotion, list_tells_a_gate_as_json) {
  ASSERT_EQ(pack({}).exit_code, 0);
  const nlohmann::json all = run_nearfield({"list", work_ / "w.nfa", "--json"}).json();
  for (const nlohmann::json& one : all["containers"]) {
    const bool is_planet = one["path"] == "planet";
    EXPECT_EQ(one["moves"], is_planet || one["path"] == "ship/turret") << one;
    EXPECT_EQ(one["template"], one["path"] == "ship") << one;
    EXPECT_EQ(one["refinement"] == "replace", one["path"] == "planet/near") << one;
    EXPECT_EQ(one["gates"].empty(), !is_planet && one["path"] != "") << one;
    if (one["path"] == "") {
      EXPECT_EQ(one["gates"][0]["to"], "planet");
    }
    if (!is_planet) continue;
    ASSERT_EQ(one["gates"].size(), 1u);
    const nlohmann::json& gate = one["gates"][0];
    EXPECT_EQ(gate["name"], "jump point");
    EXPECT_TRUE(gate["to"].is_null());
    EXPECT_EQ(gate["to_hash"].get<std::string>().size(), 32u);
    EXPECT_EQ(gate["position"][1], 90);
    EXPECT_EQ(gate["lead_time"], 18);
  }
}

TEST_F(CliMotion, fly_and_certify_name_a_gate_that_leads_out_of_the_archive) {
  ASSERT_EQ(pack({}).exit_code, 0);
  const RunResult flown =
      run_nearfield({"fly", work_ / "w.nfa", "--device", "nvme", "--seconds", "1"});
  const RunResult certified = run_nearfield({"certify", work_ / "w.nfa", "--speed", "5"});
  for (const RunResult& result : {flown, certified}) {
    EXPECT_THAT(result.err, HasSubstr("note: the gate \"jump point\" of planet leads to no "
                                      "container of this archive (path hash "));
    EXPECT_THAT(result.err, Not(HasSubstr("respawn")));
  }
}

TEST_F(CliMotion, pack_leaves_out_tags_and_kinds_and_says_how_much) {
  const RunResult packed = pack({"--without", "client", "--without-kind", "texture", "--json"});
  ASSERT_EQ(packed.exit_code, 0) << packed.err;
  const nlohmann::json left_out = packed.json()["left_out"];
  EXPECT_EQ(left_out["containers"], 1);
  EXPECT_EQ(left_out["assets"], 3);
  EXPECT_EQ(left_out["source_size"], 2100);
  EXPECT_EQ(left_out["dependencies"], 1);
  const nlohmann::json info = run_nearfield({"info", work_ / "w.nfa", "--json"}).json();
  EXPECT_EQ(info["assets"], 2);
  EXPECT_EQ(info["shared_containers"], 0);
  EXPECT_FALSE(info["by_kind"].contains("texture"));
}

TEST_F(CliMotion, pack_leaves_out_nothing_else) {
  const RunResult packed = pack({"--without", "client"});
  EXPECT_THAT(packed.out, HasSubstr("left out: 1 container, 2 assets"));
  EXPECT_EQ(run_nearfield({"info", work_ / "w.nfa", "--json"}).json()["assets"], 3);
  EXPECT_TRUE(pack({"--json"}).json()["left_out"].is_null());
}

TEST_F(CliMotion, pack_tells_a_tag_that_nothing_carries_and_refuses_a_kind_that_is_none) {
  const RunResult packed = pack({"--without", "cleint", "--json"});
  EXPECT_EQ(packed.exit_code, 0);
  EXPECT_THAT(packed.err, HasSubstr("nothing carries the tag 'cleint'; the tags are client"));
  EXPECT_EQ(packed.json()["left_out"]["unknown_tags"][0], "cleint");
  const RunResult refused = pack({"--without-kind", "picture"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("there is no kind 'picture'"));
}

// So that a trace can be written to a place.
TEST_F(CliMotion, list_says_where_everything_is) {
  write_text(work_ / "source/world.json", R"({ "format": "nearfield world", "version": 1,
    "root": { "children": [
      { "name": "planet", "position": [100, 0, 0], "rotation": [0, 0, 0.70710678, 0.70710678],
        "bounds": { "sphere": 60 }, "assets": ["globe.mesh"], "children": [
        { "name": "house", "position": [10, 0, 5], "bounds": { "box": [1, 2, 3] } } ] },
      { "name": "ship", "template": true, "bounds": { "sphere": 2 } } ] } })");
  ASSERT_EQ(pack({}).exit_code, 0);
  const nlohmann::json all =
      run_nearfield({"list", work_ / "w.nfa", "--json"}).json()["containers"];
  const auto find = [&](const char* path) {
    for (const nlohmann::json& one : all) {
      if (one["path"] == path) return one;
    }
    return nlohmann::json();
  };
  const nlohmann::json house = find("planet/house");
  EXPECT_EQ(house["position"], (nlohmann::json{10, 0, 5}));
  EXPECT_EQ(house["bounds_half_extent"], (nlohmann::json{1, 2, 3}));
  const nlohmann::json at = house["position_in_root"];  // a quarter turn about z
  EXPECT_NEAR(at[0].get<double>(), 100, 1e-3);
  EXPECT_NEAR(at[1].get<double>(), 10, 1e-3);
  EXPECT_NEAR(at[2].get<double>(), 5, 1e-3);
  EXPECT_TRUE(find("ship")["position_in_root"].is_null());
}

}  // namespace
}  // namespace nf::end_to_end
