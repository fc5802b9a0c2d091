// FlightGear: meshes, lists, texts and the world made of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/base/prng.h"
#include "formats/import/btg.h"
#include "formats/import/flightgear_files.h"
#include "formats/import/import.h"
#include "formats/import/sharing.h"
#include "formats/import/stg.h"
#include "formats/import/xml_texts.h"
#include "formats/pack/check_source.h"
#include "tests/unit/formats/import/flightgear_fixture.h"

namespace nf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

std::string good_mesh(std::uint16_t version) {
  return BtgWriter(version)
      .sphere({2685951.42, -1017615.96, 5675707.05}, 14350.6f)
      .vertices(284)
      .triangles("Grass")
      .triangles("Ocean")
      .triangles("Grass")
      .bytes();
}

TEST(Btg, gives_sphere_vertices_and_materials_of_both_widths) {
  for (const std::uint16_t version : {std::uint16_t{6}, std::uint16_t{7}, std::uint16_t{10}}) {
    const Result<BtgMesh> mesh = parse_btg(bytes_of(good_mesh(version)));
    ASSERT_TRUE(mesh) << version;
    EXPECT_EQ(mesh->center.y, -1017615.96);
    EXPECT_EQ(mesh->radius, 14350.6f);
    EXPECT_EQ(mesh->vertices, 284u);
    EXPECT_EQ(mesh->triangle_groups, 3u);
    EXPECT_THAT(mesh->materials, ElementsAre("Grass", "Ocean"));
  }
}

TEST(Btg, refuses_every_cut) {
  const std::string good = good_mesh(10);
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(parse_btg(bytes_of(good.substr(0, size)))) << size;
}

TEST(Btg, survives_every_flip) {
  const std::string good = good_mesh(7);
  for (std::size_t bit = 0; bit < 400 * 8; ++bit) {
    std::string bad = good;
    const std::size_t at = bit / 8 < 60 ? bit / 8 : good.size() - (bit / 8 - 60) - 1;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (bit % 8)));
    const Result<BtgMesh> mesh = parse_btg(bytes_of(bad));
    if (mesh) {
      EXPECT_LE(mesh->vertices, bad.size());
    }
  }
}

TEST(Btg, refuses_what_is_no_sphere_and_no_mesh) {
  EXPECT_FALSE(parse_btg(bytes_of(BtgWriter().vertices(3).bytes())));
  EXPECT_FALSE(parse_btg(bytes_of(BtgWriter().sphere({1e300, 0, 0}, 1).bytes())));
  EXPECT_FALSE(parse_btg(bytes_of(BtgWriter().sphere({0, 0, 0}, -1).bytes())));
  EXPECT_FALSE(parse_btg(bytes_of(BtgWriter().object(0, {}, {"short"}).bytes())));
  EXPECT_FALSE(parse_btg(bytes_of(BtgWriter(11).sphere({}, 1).bytes())));
}

TEST(Btg, does_not_believe_a_count) {
  std::string bytes = good_mesh(10);
  for (std::size_t i = 8; i < 12; ++i) bytes[i] = '\xFF';  // four billion objects
  EXPECT_FALSE(parse_btg(bytes_of(bytes)));
}

TEST(Stg, gives_each_kind_of_line) {
  const Result<Stg> stg = parse_stg(
      "# a comment\n\nOBJECT_BASE 1.btg\r\nOBJECT BIBA.btg\n"
      "OBJECT_STATIC a.ac -20.1 63.5 12.14 75.1\n  OBJECT_SHARED\tModels/b.xml 1 2 3 4\n"
      "OBJECT_SIGN {@L}19 -21.9 64.1 13.3 183.89 3\nOBJECT_BUILDING_MESH_ROUGH x 1 2 3\n");
  ASSERT_TRUE(stg);
  ASSERT_EQ(stg->lines.size(), 5u);
  EXPECT_EQ(stg->lines[0].kind, StgKind::base);
  EXPECT_EQ(stg->lines[0].name, "1.btg");
  EXPECT_EQ(stg->lines[2].heading_deg, 75.1);
  EXPECT_EQ(stg->lines[3].name, "Models/b.xml");
  EXPECT_EQ(stg->lines[4].kind, StgKind::sign);
  EXPECT_EQ(stg->passed_over, 1u);
}

TEST(Stg, names_the_line_that_lacks_a_number) {
  for (const char* line : {"OBJECT_STATIC a.ac 1 2 3", "OBJECT_STATIC a.ac 1 2 x 4", "OBJECT_BASE",
                           "OBJECT_STATIC a.ac 1 99 3 4", "OBJECT_SHARED a nan 1 1 1"}) {
    const Result<Stg> stg = parse_stg("OBJECT_BASE 1.btg\n" + std::string(line) + "\n");
    ASSERT_FALSE(stg) << line;
    EXPECT_EQ(stg.error().subject, 2u);
  }
}

TEST(XmlTexts, gives_each_element_with_the_names_around_it) {
  const auto xml = parse_xml_texts(
      "<?xml version=\"1.0\"?><!-- <no> --><a><b x=\"1 > 0\" n='2'> t &amp; u </b><c/>"
      "<![CDATA[<raw>]]></a>");
  ASSERT_TRUE(xml);
  ASSERT_EQ(xml->size(), 3u);
  EXPECT_EQ((*xml)[1].path, "a/b");
  EXPECT_EQ((*xml)[1].text, "t & u");
  EXPECT_EQ(find_attribute((*xml)[1].attributes, "x"), "1 > 0");
  EXPECT_EQ(find_attribute((*xml)[1].attributes, "n"), "2");
  EXPECT_EQ(find_attribute((*xml)[1].attributes, "m"), "");
  EXPECT_EQ((*xml)[2].parent, 1u);
  EXPECT_EQ((*xml)[0].text, "<raw>");
}

TEST(XmlTexts, refuses_what_is_not_closed_and_what_is_too_deep) {
  for (const char* xml :
       {"<a>", "<a></b>", "</a>", "<a><b></a></b>", "<!-- ", "<", "<a x=\"", "<>"})
    EXPECT_FALSE(parse_xml_texts(xml)) << xml;
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_FALSE(parse_xml_texts(deep));
  const auto late = parse_xml_texts("<a>\n\n</b>");
  EXPECT_EQ(late.error().subject, 3u);
}

TEST(GroupByUsers, puts_together_what_the_same_users_need) {
  const std::vector<SharingGroup> groups =
      group_by_users({{1, 10}, {2, 10}, {3, 10}, {3, 11}, {4, 11}, {4, 10}, {1, 10}, {5, 11}});
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_THAT(groups[0].files, ElementsAre(1u, 2u));
  EXPECT_THAT(groups[0].users, ElementsAre(10u));
  EXPECT_THAT(groups[1].files, ElementsAre(3u, 4u));
  EXPECT_THAT(groups[1].users, ElementsAre(10u, 11u));
  EXPECT_THAT(groups[2].files, ElementsAre(5u));
}

std::uint32_t find(const SourceWorld& world, const std::string& path) {
  for (std::uint32_t id = 1; id < world.containers.size(); ++id) {
    if (source_path(world, id) == path) return id;
  }
  return 0;
}

std::vector<std::string> asset_names(const SourceWorld& world, const std::string& path) {
  std::vector<std::string> names;
  for (const SourceAsset& asset : world.containers[find(world, path)].assets)
    names.push_back(asset.name);
  return names;
}

std::vector<std::string> dependency_paths(const SourceWorld& world, const std::string& path) {
  std::vector<std::string> paths;
  for (const std::uint32_t on : world.containers[find(world, path)].dependencies)
    paths.push_back(source_path(world, on));
  return paths;
}

class FlightGearTree : public ::testing::Test {
 protected:
  void SetUp() override {
    put_flightgear_tree(source_);
    Result<SourceWorld> world = import_source(source_.path(), ImportKind::automatic, detail_);
    ASSERT_TRUE(world) << detail_;
    world_ = std::move(*world);
  }
  SourceFolder source_;
  SourceWorld world_;
  std::string detail_;
};

TEST_F(FlightGearTree, nests_earth_region_cell_and_tile_with_the_bounds_of_the_meshes) {
  EXPECT_TRUE(check_source(world_, detail_)) << detail_;
  WorldPosition at;
  for (const char* path :
       {"earth", "earth/w030n60", "earth/w030n60/w021n63", "earth/w030n60/w021n63/2614864"}) {
    const std::uint32_t id = find(world_, path);
    ASSERT_NE(id, 0u) << path;
    const SourceContainer& container = world_.containers[id];
    EXPECT_EQ(container.bounds_kind, BoundsKind::sphere);
    at = at + WorldVector{container.position.x, container.position.y, container.position.z};
  }
  Sphere area;
  ASSERT_TRUE(tile_area(2614864, area));
  EXPECT_NEAR(at.x, area.center.x, 0.01);
  EXPECT_NEAR(at.y, area.center.y, 0.01);
  EXPECT_NEAR(at.z, area.center.z, 0.01);
  const SourceContainer& tile = world_.containers[find(world_, "earth/w030n60/w021n63/2614864")];
  EXPECT_NEAR(static_cast<double>(tile.bounds_half_extent.x), area.radius, 0.1);
}

TEST_F(FlightGearTree, gives_a_tile_its_lists_meshes_and_static_models) {
  EXPECT_THAT(asset_names(world_, "earth/w030n60/w021n63/2614864"),
              UnorderedElementsAre("2614864.stg", "2614864.objects.stg", "2614864.btg", "hangar.ac",
                                   "hangar.rgb.dds"));
}

TEST_F(FlightGearTree, groups_models_by_who_needs_them) {
  EXPECT_THAT(asset_names(world_, "shared/models/Lamp/lamp.ac"),
              UnorderedElementsAre("lamp.ac", "lamp.xml"));
  EXPECT_THAT(asset_names(world_, "shared/models/Power/metal.rgb"), ElementsAre("metal.rgb.dds"));
  EXPECT_THAT(dependency_paths(world_, "earth/w030n60/w021n63/2614865"),
              UnorderedElementsAre("shared/models/Power/pylon.ac", "shared/models/Power/metal.rgb",
                                   "shared/textures/Terrain/grass.rgb",
                                   "shared/textures/Terrain/rock.rgb"));
}

TEST_F(FlightGearTree, draws_materials_in_summer) {
  EXPECT_THAT(dependency_paths(world_, "earth/w030n60/w021n63/2614864"),
              UnorderedElementsAre("shared/models/Lamp/lamp.ac", "shared/models/Power/metal.rgb",
                                   "shared/textures/Terrain/grass.rgb"));
  EXPECT_THAT(asset_names(world_, "package/Textures/Terrain"), ElementsAre("snow.rgb.dds"));
}

TEST_F(FlightGearTree, packs_every_file_exactly_once) {
  std::multiset<std::string> origins;
  for (const SourceContainer& container : world_.containers) {
    for (const SourceAsset& asset : container.assets) origins.insert(asset.origin);
  }
  std::multiset<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_.path())) {
    if (entry.is_regular_file()) files.insert(entry.path().string());
  }
  EXPECT_EQ(origins, files);
}

TEST_F(FlightGearTree, loads_textures_and_meshes_ready_for_an_engine) {
  const std::uint32_t tile = find(world_, "earth/w030n60/w021n63/2614864");
  for (const SourceAsset& asset : world_.containers[tile].assets) {
    const Result<std::vector<std::byte>> bytes = world_.load(asset, detail_);
    ASSERT_TRUE(bytes) << detail_;
    if (asset.name == "2614864.btg") {
      EXPECT_TRUE(parse_btg(*bytes));
    }
    if (asset.name == "hangar.rgb.dds") {
      EXPECT_EQ(std::memcmp(bytes->data(), "DDS ", 4), 0);
    }
  }
  const LoadCounts counts = world_.load_counts();
  EXPECT_EQ(counts.textures_encoded, 1u);
  EXPECT_EQ(counts.files_unzipped, 1u);
  EXPECT_EQ(counts.files_kept, 3u);
}

TEST(FlightGear, names_a_mesh_that_makes_no_sense) {
  const SourceFolder source;
  put_flightgear_tree(source);
  source.put("Scenery/Terrain/w030n60/w021n63/2614864.btg.gz", gzip("not a mesh at all"));
  std::string detail;
  EXPECT_FALSE(import_flightgear(source.path(), detail));
  EXPECT_THAT(detail, HasSubstr("2614864.btg.gz"));
}

TEST(FlightGear, names_the_line_of_a_list_that_makes_no_sense) {
  const SourceFolder source;
  put_flightgear_tree(source);
  source.put("Scenery/Terrain/w030n60/w021n63/2614864.stg", "OBJECT_SHARED x 1 2\n");
  std::string detail;
  EXPECT_FALSE(import_flightgear(source.path(), detail));
  EXPECT_THAT(detail, HasSubstr("2614864.stg:1"));
}

TEST(FlightGear, counts_links_and_placements_of_nothing) {
  const SourceFolder source;
  put_flightgear_tree(source);
  source.put("Scenery/Objects/w030n60/w022n63/2598481.stg",
             "OBJECT_STATIC missing.ac 1 2 3 4\nOBJECT_STATIC ../../../../../etc/passwd 1 2 3 4\n");
  std::filesystem::create_symlink("/nowhere", source.path("Timezone"));
  std::string detail;
  const Result<SourceWorld> world = import_flightgear(source.path(), detail);
  ASSERT_TRUE(world) << detail;
  EXPECT_THAT(world->notes, HasSubstr("1 links"));
  EXPECT_THAT(world->notes, HasSubstr("2 placements"));
}

TEST(TileArea, knows_numbers_of_every_width) {
  Sphere area;
  ASSERT_TRUE(tile_area(2614864, area));  // 21 W to 20.5 W, 63.125 N... in the north tiles widen
  double longitude = 0;
  double latitude = 0;
  lon_lat_of(area.center, longitude, latitude);
  EXPECT_NEAR(longitude, -20.75, 1e-9);
  EXPECT_FALSE(tile_area(~0u, area));
}

// The package and tables that others made from it; neither is part of this project.
struct ReferenceTile {
  WorldPosition center;
  double radius = 0;
  std::uint64_t vertices = 0;
};

std::map<std::string, ReferenceTile> read_reference(const std::string& path) {
  std::map<std::string, ReferenceTile> tiles;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::vector<std::string> fields;
    std::stringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
    if (fields.size() < 10) continue;
    tiles[fields[0] + "/" + fields[1] + "/" + fields[2]] = {
        {std::stod(fields[6]), std::stod(fields[7]), std::stod(fields[8])},
        std::stod(fields[9]),
        std::stoull(fields[5])};
  }
  return tiles;
}

TEST(FlightGearPackage, has_the_tiles_that_the_reference_knows) {
  const char* root = std::getenv("NF_FLIGHTGEAR_ROOT");
  const std::string table =
      std::string(NF_SOURCE_DIR) + "/../shared/data/worlds/flightgear_btg_bounds.csv";
  if (root == nullptr)
    GTEST_SKIP() << "NF_FLIGHTGEAR_ROOT does not name FlightGear's data (Debian's "
                    "flightgear-data-base, unpacked)";
  if (!std::filesystem::exists(table)) GTEST_SKIP() << "there is no " << table;
  const std::map<std::string, ReferenceTile> reference = read_reference(table);
  std::string detail;
  Result<SourceTree> tree = list_tree(root, LinkRule::leave_out, detail);
  ASSERT_TRUE(tree) << detail;
  FlightGearFiles files(std::move(*tree));
  const Result<std::vector<FlightGearTile>> tiles = find_tiles(files, detail);
  ASSERT_TRUE(tiles) << detail;
  std::set<std::string> compared;
  for (const FlightGearTile& tile : *tiles) {
    std::uint64_t vertices = 0;
    for (const std::uint32_t file : tile.terrain_files) {
      const auto known =
          reference.find(tile.region + "/" + tile.cell + "/" + files.file(file).name);
      ASSERT_NE(known, reference.end()) << files.path(file);
      vertices += known->second.vertices;
      const ReferenceTile& sphere = known->second;
      // The tile's sphere holds each of its meshes' spheres.
      const double away =
          std::hypot(sphere.center.x - tile.bounds.center.x, sphere.center.y - tile.bounds.center.y,
                     sphere.center.z - tile.bounds.center.z);
      EXPECT_LE(away + sphere.radius, tile.bounds.radius + 0.2) << files.path(file);
      if (tile.terrain_files.size() == 1) {
        EXPECT_LE(away, 0.05);
        EXPECT_NEAR(sphere.radius, tile.bounds.radius, 0.06);
      }
      compared.insert(known->first);
    }
    EXPECT_EQ(vertices, tile.vertices);
  }
  // The package has a few meshes that none of its lists names.
  for (const auto& [mesh, sphere] : reference) {
    if (compared.count(mesh) != 0) continue;
    const std::string folder = "Scenery/Terrain/" + mesh.substr(0, mesh.rfind('/'));
    const std::string name = mesh.substr(mesh.rfind('/') + 1, mesh.size() - mesh.rfind('/') - 4);
    for (std::uint32_t i = 0; i < files.tree().files.size(); ++i) {
      if (files.folder(i) != folder || !files.file(i).name.ends_with(".stg")) continue;
      EXPECT_EQ(files.read_text(i, detail)->find(" " + name), std::string::npos) << files.path(i);
    }
  }
}

}  // namespace
}  // namespace nf
