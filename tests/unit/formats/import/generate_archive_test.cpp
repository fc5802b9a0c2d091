// Worlds at scale: exact counts, true measures, equality, limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <new>
#include <unordered_set>

#include <nearfield/archive.h>

#include "formats/import/generate_archive.h"
#include "formats/import/generate_system.h"
#include "tests/unit/formats/import/source_folder.h"

namespace nf {
namespace {

using ::testing::HasSubstr;

GenerateArchiveOptions system_of(std::uint32_t containers, std::uint32_t assets) {
  GenerateArchiveOptions options;
  options.containers = containers;
  options.assets = assets;
  options.threads = 2;
  return options;
}

GenerateArchiveOptions galaxy_of(std::uint32_t systems, std::uint32_t containers) {
  GenerateArchiveOptions options = system_of(containers, 5000);
  options.recipe = ArchiveRecipe::galaxy;
  options.systems = systems;
  return options;
}

SourceWorld source_of(const GenerateArchiveOptions& options) {
  std::string detail;
  Result<SourceWorld> source = make_source(options, detail);
  EXPECT_TRUE(source) << detail;
  return source ? std::move(*source) : SourceWorld{};
}

std::string file_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::uint64_t asset_count(const SourceWorld& source) {
  std::uint64_t count = 0;
  for (const SourceContainer& container : source.containers) count += container.assets.size();
  return count;
}

TEST(GenerateArchive, holds_exactly_as_many_containers_and_assets_as_asked_for) {
  for (const std::uint32_t containers : {100u, 101u, 349u, 350u, 9'999u, 10'000u, 25'001u}) {
    for (const std::uint32_t assets : {1u, 777u, 60'000u}) {
      const SourceWorld source = source_of(system_of(containers, assets));
      EXPECT_EQ(source.containers.size(), containers);
      EXPECT_EQ(asset_count(source), assets) << containers;
    }
  }
  for (const std::uint32_t containers : {225u, 1'000u, 3'003u}) {
    const SourceWorld source = source_of(galaxy_of(2, containers));
    EXPECT_EQ(source.containers.size(), containers);
    EXPECT_EQ(asset_count(source), 5000u) << containers;
  }
}

TEST(GenerateArchive, packs_and_opens_with_every_asset_under_a_name_of_its_own) {
  const SourceFolder folder;
  std::string detail;
  const Result<GenerateArchiveReport> report =
      generate_archive(folder.path("w.nfa"), system_of(3000, 20'000), detail);
  ASSERT_TRUE(report) << detail;
  const Result<Archive> archive = Archive::open(folder.path("w.nfa").c_str());
  ASSERT_TRUE(archive);
  EXPECT_EQ(archive->info().containers, 3000u);
  EXPECT_EQ(archive->info().assets, 20'000u);
  EXPECT_EQ(report->assets, 20'000u);
  EXPECT_EQ(report->size, archive->info().raw_size);
  EXPECT_EQ(report->file_size, archive->info().file_size);
  std::unordered_set<std::string_view> names;
  for (std::uint32_t i = 0; i < 20'000; ++i) names.insert(archive->asset_name(i));
  EXPECT_EQ(names.size(), 20'000u);
  EXPECT_NE(archive->find_container("planet1/globe/zone1/block1/room1/locker1"),
            ContainerId::none());
}

TEST(GenerateArchive, gates_of_a_galaxy_lead_to_containers_of_it) {
  const SourceFolder folder;
  std::string detail;
  const Result<GenerateArchiveReport> report =
      generate_archive(folder.path("g.nfa"), galaxy_of(20, 4000), detail);
  ASSERT_TRUE(report) << detail;
  const Result<Archive> archive = Archive::open(folder.path("g.nfa").c_str());
  ASSERT_TRUE(archive);
  const WorldTables& world = archive->world();
  std::map<PathHash, PathHash> leads;  // from the station's path to the other's
  for (std::uint32_t i = 0; i < world.gates.count(); ++i)
    leads[world.containers.path_hash[world.gates.container[i]]] = world.gates.target[i];
  EXPECT_EQ(leads.size(), report->gates);
  EXPECT_GE(leads.size(), 2 * 19u);
  for (const auto& [from, to] : leads) {
    ASSERT_TRUE(leads.contains(to));
    EXPECT_EQ(leads[to], from);
  }
}

TEST(GenerateArchive, gives_the_same_bytes_whatever_the_threads) {
  const SourceFolder folder;
  std::string detail;
  for (const GenerateArchiveOptions& made : {system_of(500, 3000), galaxy_of(3, 600)}) {
    GenerateArchiveOptions options = made;
    std::vector<std::string> files;
    for (const std::uint32_t threads : {1u, 2u, 8u}) {
      options.threads = threads;
      ASSERT_TRUE(generate_archive(folder.path("w.nfa"), options, detail)) << detail;
      files.push_back(file_bytes(folder.path("w.nfa")));
    }
    EXPECT_FALSE(files[0].empty());
    EXPECT_TRUE(files[0] == files[1]);
    EXPECT_TRUE(files[0] == files[2]);
    options.seed = 2;
    ASSERT_TRUE(generate_archive(folder.path("w.nfa"), options, detail)) << detail;
    EXPECT_TRUE(files[0] != file_bytes(folder.path("w.nfa")));
  }
}

TEST(GenerateSystem, spans_nine_orders_of_magnitude_and_has_ten_thousand_children_under_one) {
  const SourceWorld source = source_of(system_of(1'000'000, 1));
  float smallest = 1e30f;
  float largest = 0;
  double farthest = 0;
  std::vector<std::uint32_t> children(source.containers.size());
  for (const SourceContainer& container : source.containers) {
    if (container.parent != ~0u) ++children[container.parent];
    if (container.parent == 0)
      farthest = std::max(farthest, std::hypot(container.position.x, container.position.y));
    if (container.bounds_kind == BoundsKind::none) continue;
    smallest = std::min(smallest, container.bounds_half_extent.x);
    largest = std::max(largest, container.bounds_half_extent.x);
  }
  EXPECT_GE(largest / smallest, 1e9f);
  EXPECT_NEAR(farthest, kOutermostOrbit, 1);
  EXPECT_GE(*std::max_element(children.begin(), children.end()), 10'000u);
}

TEST(GenerateSystem, puts_what_lies_in_a_box_inside_of_it) {
  const SourceWorld source = source_of(system_of(25'000, 1));
  std::uint32_t looked_at = 0;
  for (const SourceContainer& container : source.containers) {
    if (container.parent == ~0u || container.bounds_kind != BoundsKind::box) continue;
    const SourceContainer& parent = source.containers[container.parent];
    if (parent.bounds_kind != BoundsKind::box) continue;
    ++looked_at;
    const LocalVector half = parent.bounds_half_extent;
    ASSERT_LE(std::abs(container.position.x), double{half.x}) << container.name;
    ASSERT_LE(std::abs(container.position.y), double{half.y}) << container.name;
    ASSERT_LE(std::abs(container.position.z), double{half.z}) << container.name;
  }
  EXPECT_GT(looked_at, 20'000u);
}

TEST(GenerateSystem, moves_bodies_and_refines_their_globes) {
  const SourceWorld source = source_of(system_of(25'000, 1));
  std::map<std::string, int> moving;
  std::map<std::uint32_t, int> finer;  // levels by what they refine
  for (const SourceContainer& container : source.containers) {
    if (container.moves) ++moving[container.name.substr(0, 4)];
    if (container.refinement == Refinement::none) continue;
    EXPECT_FALSE(container.moves);
    EXPECT_EQ(container.refinement, Refinement::replace);
    EXPECT_NE(source.containers[container.parent].bounds_kind, BoundsKind::none);
    ++finer[container.parent];
  }
  EXPECT_EQ(moving["plan"], 5);
  EXPECT_EQ(moving["glob"], 5);
  EXPECT_EQ(moving["moon"], 10);
  EXPECT_EQ(moving["belt"], 1);
  EXPECT_EQ(moving["ship"], 13);
  EXPECT_EQ(finer.size(), 15u * 7);
  for (const auto& [id, levels] : finer)
    EXPECT_EQ(levels, source.containers[id].name.starts_with("face") ? 4 : 6);
}

TEST(GenerateSystem, puts_zones_on_the_ground_upright_and_apart) {
  const SourceWorld source = source_of(system_of(25'000, 1));
  std::map<std::uint32_t, std::vector<WorldPosition>> by_globe;
  for (const SourceContainer& container : source.containers) {
    if (!container.name.starts_with("zone")) continue;
    const WorldPosition at = container.position;
    const double radius = source.containers[container.parent].bounds_half_extent.x;
    ASSERT_NEAR(std::hypot(at.x, at.y, at.z), radius, radius * 1e-6);
    // z turned by the quaternion.
    const Rotation r = container.rotation;
    EXPECT_NEAR(2 * (r.x * r.z + r.w * r.y), at.x / radius, 1e-5);
    EXPECT_NEAR(2 * (r.y * r.z - r.w * r.x), at.y / radius, 1e-5);
    EXPECT_NEAR(1 - 2 * (r.x * r.x + r.y * r.y), at.z / radius, 1e-5);
    std::vector<WorldPosition>& others = by_globe[container.parent];
    for (const WorldPosition& other : others) {
      const WorldVector apart = at - other;
      ASSERT_GT(std::hypot(apart.x, apart.y, apart.z), 1000);
    }
    others.push_back(at);
  }
  EXPECT_GT(by_globe.size(), 3u);
}

TEST(GenerateArchive, refuses_what_passes_a_limit_and_says_which) {
  std::string detail;
  const auto refused = [&detail](const GenerateArchiveOptions& options) {
    const Result<SourceWorld> source = make_source(options, detail);
    return !source && source.error().code == ErrorCode::invalid_argument;
  };
  EXPECT_TRUE(refused(system_of(kSystemContainersMin - 1, 1)));
  EXPECT_THAT(detail, HasSubstr("100 containers"));
  EXPECT_TRUE(refused(system_of(kContainersMax + 1, 1)));
  EXPECT_THAT(detail, HasSubstr("16777216 containers"));
  EXPECT_TRUE(refused(system_of(1000, 0)));
  EXPECT_TRUE(refused(system_of(1000, kAssetsMax + 1)));
  EXPECT_THAT(detail, HasSubstr("268435456 assets"));
  EXPECT_TRUE(refused(galaxy_of(1, 10'000)));
  EXPECT_THAT(detail, HasSubstr("2 to 10000 star systems"));
  EXPECT_TRUE(refused(galaxy_of(100, 11'200)));
  EXPECT_THAT(detail, HasSubstr("11201 containers"));
  GenerateArchiveOptions options = system_of(1000, 1000);
  options.asset_size = kGeneratedAssetSizeMax + 1_B;
  EXPECT_TRUE(refused(options));
  options.asset_size = 7_B;
  EXPECT_TRUE(refused(options));
}

TEST(GenerateArchive, stops_on_request_and_leaves_the_old_archive) {
  const SourceFolder folder;
  folder.put("w.nfa", "old");
  std::string detail;
  GenerateArchiveOptions options = system_of(1000, 5000);
  options.progress = [](const GenerateProgress&) { return false; };
  const Result<GenerateArchiveReport> report =
      generate_archive(folder.path("w.nfa"), options, detail);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::canceled);
  EXPECT_EQ(file_bytes(folder.path("w.nfa")), "old");
}

TEST(GenerateArchive, ends_with_an_error_when_memory_is_used_up) {
  const SourceFolder folder;
  std::string detail;
  GenerateArchiveOptions options = system_of(1000, 5000);
  options.progress = [](const GenerateProgress&) -> bool { throw std::bad_alloc(); };
  const Result<GenerateArchiveReport> report =
      generate_archive(folder.path("w.nfa"), options, detail);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::out_of_memory);
  EXPECT_FALSE(std::filesystem::exists(folder.path("w.nfa")));
}

}  // namespace
}  // namespace nf
