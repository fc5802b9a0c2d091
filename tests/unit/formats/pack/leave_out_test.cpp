// What is left out of a world, and what stays of it.
#include "formats/pack/leave_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/pack/check_source.h"
#include "tests/unit/formats/pack/source_builder.h"

namespace nf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TagSet kClient = 1;
constexpr TagSet kEditor = 2;

std::vector<std::string> paths(const SourceWorld& source) {
  std::vector<std::string> all;
  for (std::uint32_t id = 1; id < source.containers.size(); ++id)
    all.push_back(source_path(source, id));
  return all;
}

std::vector<std::string> assets(const SourceContainer& container) {
  std::vector<std::string> names;
  for (const SourceAsset& asset : container.assets) names.push_back(asset.name);
  return names;
}

// skins (client) with skin; rules; planet with decals (client) with decal; and room beside decals.
class LeaveOut : public ::testing::Test {
 protected:
  LeaveOut() {
    source_.world().tags = {"client", "editor"};
    skins_ = source_.add_shared("skins");
    skin_ = source_.add_shared("skin", skins_);
    rules_ = source_.add_shared("rules");
    planet_ = source_.add_placed("planet", {}, 10);
    decals_ = source_.add_placed("decals", {}, 5, planet_);
    decal_ = source_.add_placed("decal", {}, 1, decals_);
    room_ = source_.add_placed("room", {}, 2, planet_);
    for (const std::uint32_t id : {skin_, decal_, room_}) {
      source_.put(id, "a.dds", asset_like_bytes(1000, id));
      source_.put(id, "a.mesh", asset_like_bytes(300, id));
    }
    source_.put(planet_, "plan.txt", asset_like_bytes(20, 1));
    source_.at(skins_).tags = kClient;
    source_.at(decals_).tags = kClient | kEditor;
    source_.at(planet_).assets[0].tags = kEditor;
    source_.depend(room_, skin_);
    source_.depend(room_, rules_);
    source_.depend(planet_, skins_);
    source_.depend(decal_, skin_);
    source_.link(room_, "door", "planet/decals");
  }

  SourceBuilder source_;
  std::uint32_t skins_, skin_, rules_, planet_, decals_, decal_, room_;
  std::string detail_;
};

TEST_F(LeaveOut, takes_nothing_if_nothing_is_asked_for) {
  const LeaveOutReport report = leave_out(source_.world(), {});
  EXPECT_EQ(report.containers, 0u);
  EXPECT_EQ(report.assets, 0u);
  EXPECT_EQ(source_.world().containers.size(), 8u);
  EXPECT_TRUE(check_source(source_.world(), detail_)) << detail_;
}

TEST_F(LeaveOut, takes_containers_of_a_tag_with_their_subtrees_and_what_depends_on_them) {
  const LeaveOutReport report = leave_out(source_.world(), {.tags = {"client"}, .kinds = {}});
  EXPECT_EQ(report.containers, 4u);
  EXPECT_EQ(report.assets, 4u);
  EXPECT_EQ(report.size, 2600_B);
  EXPECT_EQ(report.dependencies, 2u);  // of room and planet; decal is gone itself
  EXPECT_THAT(report.unknown_tags, IsEmpty());
  EXPECT_THAT(paths(source_.world()), ElementsAre("rules", "planet", "planet/room"));
  const SourceContainer& room = source_.at(3);
  EXPECT_THAT(room.dependencies, ElementsAre(1u));
  EXPECT_THAT(assets(room), ElementsAre("a.dds", "a.mesh"));
  EXPECT_EQ(room.gates.at(0).to, "planet/decals");
  EXPECT_TRUE(check_source(source_.world(), detail_)) << detail_;
}

TEST_F(LeaveOut, takes_single_assets_by_tag_and_by_kind) {
  const LeaveOutReport report =
      leave_out(source_.world(), {.tags = {"editor"}, .kinds = {AssetKind::texture}});
  EXPECT_EQ(report.containers, 2u);  // decals and decal
  EXPECT_EQ(report.assets, 5u);      // those of decal, the plan, two textures
  EXPECT_EQ(report.size, 3320_B);
  EXPECT_THAT(paths(source_.world()),
              ElementsAre("skins", "skins/skin", "rules", "planet", "planet/room"));
  EXPECT_THAT(assets(source_.at(4)), IsEmpty());
  EXPECT_THAT(assets(source_.at(5)), ElementsAre("a.mesh"));
  EXPECT_TRUE(check_source(source_.world(), detail_)) << detail_;
}

TEST_F(LeaveOut, tells_tags_that_nothing_carries) {
  const LeaveOutReport report =
      leave_out(source_.world(), {.tags = {"cleint", "editor"}, .kinds = {}});
  EXPECT_THAT(report.unknown_tags, ElementsAre("cleint"));
  EXPECT_EQ(report.containers, 2u);
}

TEST_F(LeaveOut, keeps_the_root_and_leaves_what_is_wrong_for_the_packer_to_refuse) {
  source_.at(0).tags = kClient;
  source_.at(rules_).parent = 99;
  source_.depend(room_, 1'000'000);
  leave_out(source_.world(), {.tags = {"client"}, .kinds = {}});
  EXPECT_EQ(source_.world().containers.size(), 4u);
  EXPECT_FALSE(check_source(source_.world(), detail_));
}

}  // namespace
}  // namespace nf
