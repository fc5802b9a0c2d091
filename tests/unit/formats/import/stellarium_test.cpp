// Stellarium: the world made of a small package, and of the real one where it is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <set>

#include "formats/import/import.h"
#include "formats/import/package_world.h"
#include "formats/import/stellarium_bodies.h"
#include "formats/pack/pack.h"
#include "tests/unit/formats/import/flightgear_fixture.h"
#include "tests/unit/formats/import/reference_table.h"
#include "tests/unit/formats/import/source_folder.h"

namespace nf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kMajor = R"([sun]
name=Sun
parent=none
radius=695700
tex_map=sun.rgb
[earth]
name=Earth
coord_func=earth_special
radius=6378.1366
rot_pole_ra=0
rot_pole_de=90
rot_pole_w0=190.147
rot_pole_w1=360.9856235
tex_map=earth.rgb
[moon]
name=Moon
parent=Earth
coord_func=lunar_special
radius=1737.4
rot_pole_ra=269.9949
rot_pole_de=66.5392
rot_pole_w0=38.3213
rot_pole_w1=13.17635815
tex_map=moon.rgb
model=moon.obj
[rock]
name=Rock 1/A
radius=1
orbit_SemiMajorAxis=2
tex_map=moon.rgb
[puzzle]
name=Puzzle
coord_func=puzzle_special
[pebble]
name=Pebble
parent=Puzzle
orbit_SemiMajorAxis=1
orbit_Period=1
)";

constexpr const char* kFeatures =
    "# about\n# TRANSLATORS: (Moon); astronomer.\n"
    "Moon\t1\t_(\"Tycho\",\"crater\")\tAA\t-43.3\t348.7\t85.3\n"
    "Moon\t2\t_(\"Tycho\",\"crater\")\tAA\t0\t0\t0\n"
    "Earth\t3\t_(\"Etna\",\"mons\")\tMO\t37.7\t15\t40\n"
    "Dactyl\t4\t_(\"Acmon\",\"crater\")\tAA\t1\t1\t1\n";

class StellariumTree : public ::testing::Test {
 protected:
  void SetUp() override {
    source_.put("data/ssystem_major.ini", kMajor);
    source_.put("data/nomenclature.dat", gzip(kFeatures));
    source_.put("textures/sun.rgb", sgi_picture(8, 3, 's'));
    source_.put("textures/earth.rgb", sgi_picture(16, 3, 'e'));
    source_.put("textures/moon.rgb", sgi_picture(8, 3, 'm'));
    source_.put("models/moon.obj", "mtllib moon.obj.mtl\n");
    source_.put("models/moon.obj.mtl", "newmtl a\nmap_Kd ../textures/sun.rgb\nmap_Kd skin.rgb\r\n");
    source_.put("models/skin.rgb", sgi_picture(8, 3, 'k'));
    source_.put("landscapes/plain/landscape.ini",
                "[landscape]\nname=Plain\n[location]\nplanet = Earth\nlatitude = +10d0'0\"\n"
                "longitude = 20\naltitude = 100\n");
    source_.put("landscapes/plain/plain.rgb", sgi_picture(8, 3, 'p'));
    source_.put("scripts/tour.ssc", "look();");
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

std::vector<std::string> asset_names(const SourceContainer& container) {
  std::vector<std::string> names;
  for (const SourceAsset& asset : container.assets) names.push_back(asset.name);
  return names;
}

TEST_F(StellariumTree, nests_system_planet_moon_and_zone) {
  const SourceWorld world = import();
  EXPECT_EQ(at(world, "Sol/Earth").bounds_half_extent.x, 6'378'136.6f);
  EXPECT_EQ(at(world, "Sol/Sun").position.x, 0);
  EXPECT_TRUE(at(world, "Sol/Earth").moves);
  EXPECT_TRUE(at(world, "Sol/Earth/Moon").moves);
  EXPECT_TRUE(at(world, "Sol/Earth/surface").moves);
  EXPECT_FALSE(at(world, "Sol").moves);
  const SourceContainer& tycho = at(world, "Sol/Earth/Moon/Tycho");
  EXPECT_FALSE(tycho.moves);
  EXPECT_EQ(tycho.bounds_half_extent.x, 42'650.0f);
  EXPECT_NEAR(tycho.position.z, 1'737'400 * std::sin(-43.3 * kDegree), 0.01);
  EXPECT_EQ(at(world, "Sol/Earth/Moon/Tycho 2").position.x, 1'737'400);
  EXPECT_EQ(at(world, "Sol/Earth/Moon/Tycho 2").bounds_half_extent.x, 25.0f);
  EXPECT_EQ(at(world, "Sol/Earth/surface/Etna").bounds_half_extent.x, 20'000.0f);
  const WorldPosition plain = at(world, "Sol/Earth/surface/plain").position;
  EXPECT_NEAR(std::hypot(plain.x, plain.y, plain.z), 6'378'236.6, 0.01);
  const WorldPosition rock = at(world, "Sol/Rock 1_A").position;
  EXPECT_NEAR(std::hypot(rock.x, rock.y, rock.z), 2 * kAstronomicalUnit, 1);
  EXPECT_GE(at(world, "Sol").bounds_half_extent.x, 2 * kAstronomicalUnit);
}

// Geocentric at J2000: longitude 223.3, latitude 5.2 degrees of the ecliptic. The mean place is
// within the moon's libration of that.
TEST_F(StellariumTree, turns_the_moons_face_to_the_earth) {
  const SourceWorld world = import();
  const SourceContainer& moon = at(world, "Sol/Earth/Moon");
  EXPECT_NEAR(std::hypot(moon.position.x, moon.position.y, moon.position.z), 384.4e6, 2e6);
  const Turn equator = equator_of_pole(0, 90 * kDegree);
  const WorldPosition ecliptic = turned(equator, moon.position);
  const double longitude = std::atan2(ecliptic.y, ecliptic.x) / kDegree + 360;
  EXPECT_NEAR(longitude, 223.3, 8);
  // The prime meridian in the parent's frame, seen from the moon, is the way to the earth.
  const Turn turn{
      .x = moon.rotation.x, .y = moon.rotation.y, .z = moon.rotation.z, .w = moon.rotation.w};
  const WorldPosition face = turned(turn, {1, 0, 0});
  EXPECT_NEAR(face.x, -moon.position.x / 384.4e6, 0.02);
  EXPECT_NEAR(face.y, -moon.position.y / 384.4e6, 0.02);
}

TEST_F(StellariumTree, gives_bodies_their_files_and_shares_them) {
  const SourceWorld world = import();
  EXPECT_THAT(asset_names(at(world, "Sol/Earth")), ElementsAre("earth.rgb.dds"));
  EXPECT_THAT(asset_names(at(world, "Sol/Earth/Moon")),
              ElementsAre("moon.obj", "moon.obj.mtl", "skin.rgb.dds"));
  EXPECT_THAT(asset_names(at(world, "shared/moon.rgb")), ElementsAre("moon.rgb.dds"));
  EXPECT_TRUE(at(world, "shared/moon.rgb").shared);
  EXPECT_EQ(at(world, "Sol/Rock 1_A").dependencies.size(), 1u);
  EXPECT_THAT(asset_names(at(world, "Sol")), ElementsAre("ssystem_major.ini", "nomenclature.dat"));
  EXPECT_THAT(asset_names(at(world, "Sol/Earth/surface/plain")),
              ElementsAre("landscape.ini", "plain.rgb.dds"));
  EXPECT_THAT(asset_names(at(world, "package/scripts")), ElementsAre("tour.ssc"));
}

TEST_F(StellariumTree, loads_a_zone_as_its_own_line) {
  const SourceWorld world = import();
  std::string detail;
  const SourceAsset& asset = at(world, "Sol/Earth/Moon/Tycho").assets.at(0);
  const Result<std::vector<std::byte>> bytes = world.load(asset, detail);
  ASSERT_TRUE(bytes) << detail;
  const std::string text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  EXPECT_THAT(text, HasSubstr("astronomer"));
  EXPECT_THAT(text, HasSubstr("Tycho"));
  EXPECT_EQ(text.find("about"), std::string::npos);
}

TEST_F(StellariumTree, says_what_it_left_out) {
  const SourceWorld world = import();
  EXPECT_THAT(world.notes, HasSubstr("2 bodies go round in a way that only the program knows"));
  EXPECT_THAT(world.notes, HasSubstr("1 features are on bodies"));
}

TEST_F(StellariumTree, is_the_same_each_time) {
  const SourceWorld a = import();
  const SourceWorld b = import();
  ASSERT_EQ(a.containers.size(), b.containers.size());
  for (std::size_t i = 0; i < a.containers.size(); ++i) {
    EXPECT_EQ(a.containers[i].name, b.containers[i].name);
    EXPECT_EQ(a.containers[i].position.x, b.containers[i].position.x);
    EXPECT_EQ(asset_names(a.containers[i]), asset_names(b.containers[i]));
    EXPECT_EQ(a.containers[i].dependencies, b.containers[i].dependencies);
  }
}

TEST_F(StellariumTree, names_file_and_line_of_what_is_wrong) {
  struct Case {
    const char* file;
    const char* text;
    const char* detail;
  };
  for (const Case& wrong : {
           Case{"data/ssystem_minor.ini", "[a]\nname=A\nradius=x\n", "ssystem_minor.ini line 3"},
           Case{"landscapes/plain/landscape.ini", "[location]\nlatitude=no\n", "ini line 2"},
           Case{"landscapes/plain/landscape.ini", "[location]\naltitude=no\n", "ini line 2"},
           Case{"data/nomenclature.dat", "# a\nnothing\n", "nomenclature.dat line 2"},
           Case{"data/nomenclature.dat", "\x1F\x8B broken", "unzipped"},
           Case{"data/ssystem_major.ini", "# nothing\n", "no data/ssystem_major.ini"},
       }) {
    SetUp();
    source_.put(wrong.file, wrong.text);
    std::string detail;
    EXPECT_FALSE(import_source(source_.path(), ImportKind::stellarium, detail)) << wrong.text;
    EXPECT_THAT(detail, HasSubstr(wrong.detail));
    std::filesystem::remove(source_.path("data/ssystem_minor.ini"));
  }
}

TEST_F(StellariumTree, refuses_bodies_that_go_round_each_other) {
  source_.put("data/ssystem_minor.ini",
              "[a]\nname=A\nparent=B\norbit_Period=1\norbit_SemiMajorAxis=1\n"
              "[b]\nname=B\nparent=A\norbit_Period=1\norbit_SemiMajorAxis=1\n");
  std::string detail;
  EXPECT_FALSE(import_source(source_.path(), ImportKind::automatic, detail));
  EXPECT_THAT(detail, HasSubstr("goes round itself"));
}

// The table of the reference keeps bodies on circles of their semi-major axis in the plane of their
// inclination, without node and phase; those that only the program knows, at their mean distance.
void compare_body(const ReferenceRow& row, const StellariumBody& body,
                  const SourceContainer& container) {
  const std::string& name = row.at("id");
  const double x = number_of(row, "x_m"), y = number_of(row, "y_m"), z = number_of(row, "z_m");
  const double distance = std::hypot(x, y, z);
  EXPECT_NEAR(container.bounds_half_extent.x / number_of(row, "radius_m"), 1, 1e-6) << name;
  const WorldPosition at = container.position;
  const double r = std::hypot(at.x, at.y, at.z);
  if (body.orbit_kind == OrbitKind::program) {
    EXPECT_NEAR(r / distance, 1, body.parent.empty() ? 0.21 : 0.015) << name;
    return;
  }
  const OrbitElements& orbit = body.orbit;
  EXPECT_NEAR(orbit.pericenter_distance / (1 - orbit.eccentricity) / distance, 1, 1e-6) << name;
  EXPECT_NEAR(std::sin(std::atan2(z, y) - orbit.inclination), 0, 1e-5) << name;
  EXPECT_GE(r / distance, (1 - orbit.eccentricity) * (1 - 1e-6)) << name;
  EXPECT_LE(r / distance, (1 + orbit.eccentricity) * (1 + 1e-6)) << name;
  // In its plane: across the pole of the orbit there is nothing.
  const double out_of_plane =
      (at.x * std::sin(orbit.ascending_node) - at.y * std::cos(orbit.ascending_node)) *
          std::sin(orbit.inclination) +
      at.z * std::cos(orbit.inclination);
  EXPECT_NEAR(out_of_plane / r, 0, 1e-9) << name;
}

class StellariumPackage : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* root = std::getenv("NF_STELLARIUM_ROOT");
    if (root == nullptr)
      GTEST_SKIP() << "NF_STELLARIUM_ROOT does not name Stellarium's data (Debian's "
                      "stellarium-data, unpacked)";
    if (!std::filesystem::exists(reference_path(kTable)))
      GTEST_SKIP() << "there is no " << reference_path(kTable);
    root_ = root;
    std::string detail;
    Result<SourceWorld> world = import_source(root_, ImportKind::automatic, detail);
    ASSERT_TRUE(world) << detail;
    ASSERT_TRUE(check_source(*world, detail)) << detail;
    world_ = std::move(*world);
    by_path_ = containers_by_path(world_);
  }
  std::string path_of(const ReferenceRow& row) const {
    const std::string& parent = row.at("parent");
    return "Sol/" + (parent == "Sun" ? "" : parent + "/") + component_of(row.at("name"));
  }
  static constexpr const char* kTable = "stellarium_solar_system.csv";
  std::string root_;
  SourceWorld world_;
  std::map<std::string, std::uint32_t> by_path_;
};

TEST_F(StellariumPackage, has_the_bodies_that_the_reference_knows) {
  std::vector<StellariumBody> bodies;
  for (const char* file : {"/data/ssystem_major.ini", "/data/ssystem_minor.ini"}) {
    std::ifstream in(root_ + file);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    std::string problem;
    ASSERT_TRUE(parse_bodies(text, bodies, problem)) << problem;
  }
  std::set<std::string> known;
  for (const ReferenceRow& row : read_reference(kTable)) {
    if (row.at("kind") == "zone" || row.at("kind") == "system") continue;
    const auto found = by_path_.find(path_of(row));
    ASSERT_NE(found, by_path_.end()) << path_of(row);
    const auto body = std::find_if(bodies.begin(), bodies.end(), [&](const StellariumBody& b) {
      return b.name == row.at("name") &&
             (b.parent.empty() ? std::string("Sun") : b.parent) == row.at("parent");
    });
    ASSERT_NE(body, bodies.end()) << row.at("name");
    const SourceContainer& container = world_.containers[found->second];
    EXPECT_TRUE(container.moves);
    compare_body(row, *body, container);
    known.insert(found->first);
  }
  EXPECT_EQ(known.size(), 172u);
  // Known to the package and not to the table: the star as a body, Pluto, three moons whose orbits
  // the program computes, and what passes the star once.
  std::set<std::string> more;
  for (const auto& [path, id] : by_path_) {
    if (world_.containers[id].moves && !path.ends_with("/surface") && !known.contains(path))
      more.insert(path);
  }
  EXPECT_THAT(more, ElementsAre("Sol/1I_2017 U1 (`Oumuamua)",
                                "Sol/2I_Borisov [C_2019 Q4 (Borisov)]", "Sol/C_2012 F3 (PANSTARRS)",
                                "Sol/C_2012 K1 (PANSTARRS)", "Sol/C_2013 US10 (Catalina)",
                                "Sol/C_2016 U1 (NEOWISE)", "Sol/Pluto", "Sol/Saturn/Calypso",
                                "Sol/Saturn/Helene", "Sol/Saturn/Telesto", "Sol/Sun"));
}

TEST_F(StellariumPackage, has_the_zones_that_the_reference_knows) {
  std::map<std::string, std::string> surface_of;  // by body
  for (const auto& [path, id] : by_path_) {
    if (!world_.containers[id].moves || path.ends_with("/surface")) continue;
    const std::string name = path.substr(path.rfind('/') + 1);
    // Two names are of a moon and of a small body: zones are on the moon, which is named first.
    std::string& surface = surface_of[name];
    if (surface.empty() || path.size() > surface.size())
      surface = by_path_.contains(path + "/surface") ? path + "/surface" : path;
  }
  std::map<std::string, int> seen;
  std::size_t compared = 0;
  for (const ReferenceRow& row : read_reference(kTable)) {
    if (row.at("kind") != "zone") continue;
    std::string path = surface_of[row.at("parent")] + "/" + component_of(row.at("name"));
    if (const int again = ++seen[path]; again > 1) path += " " + std::to_string(again);
    const auto found = by_path_.find(path);
    ASSERT_NE(found, by_path_.end()) << path;
    const SourceContainer& zone = world_.containers[found->second];
    // The two of Epimetheus are Saturn's moon's; the table has them on the asteroid of that name.
    const double scale = row.at("parent") == "Epimetheus" ? 3'834.5 / 58'200 : 1;
    EXPECT_NEAR(zone.position.x * scale, number_of(row, "x_m"), 0.06) << path;
    EXPECT_NEAR(zone.position.y * scale, number_of(row, "y_m"), 0.06) << path;
    EXPECT_NEAR(zone.position.z * scale, number_of(row, "z_m"), 0.06) << path;
    EXPECT_NEAR(zone.bounds_half_extent.x / number_of(row, "radius_m"), 1, 1e-6) << path;
    ++compared;
  }
  EXPECT_EQ(compared, 15'772u);
  // The table has no Pluto; the package has 52 features of it.
  std::map<std::string, std::size_t> zones;
  for (const SourceContainer& container : world_.containers) {
    if (container.assets.empty() || container.assets[0].name != "feature.txt") continue;
    ++zones[source_path(world_, container.parent)];
  }
  std::size_t all = 0;
  for (const auto& [body, count] : zones) all += count;
  EXPECT_EQ(all, 15'772u + 52u);
  EXPECT_EQ(zones["Sol/Pluto/surface"], 52u);
  EXPECT_EQ(zones["Sol/Earth/Moon"], 9'049u);
}

}  // namespace
}  // namespace nf
