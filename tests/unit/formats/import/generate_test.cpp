// The generated star system: sizes, places, equality, and that it packs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <new>
#include <sstream>

#include "formats/import/generate.h"
#include "formats/import/generate_plan.h"
#include "formats/import/import.h"
#include "formats/pack/pack.h"
#include "tests/unit/formats/import/source_folder.h"

namespace nf {
namespace {

using ::testing::HasSubstr;

std::map<std::string, std::string> files_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    files[std::filesystem::relative(entry.path(), folder).string()] = text.str();
  }
  return files;
}

TEST(GenerateWorld, gives_the_same_bytes_whatever_the_threads) {
  const SourceFolder folder;
  std::string detail;
  for (const std::uint32_t threads : {1u, 2u, 8u}) {
    const Result<GenerateReport> report = generate_world(
        folder.path(std::to_string(threads)),
        {.size = 3_MiB, .seed = 11, .threads = threads, .progress = nullptr}, detail);
    ASSERT_TRUE(report) << detail;
    EXPECT_EQ(report->size, 3_MiB);
  }
  const auto one = files_of(folder.path("1"));
  EXPECT_EQ(one, files_of(folder.path("2")));
  EXPECT_EQ(one, files_of(folder.path("8")));
  ASSERT_TRUE(generate_world(folder.path("other"),
                             {.size = 3_MiB, .seed = 12, .threads = 2, .progress = nullptr},
                             detail));
  EXPECT_NE(one, files_of(folder.path("other")));
}

TEST(GenerateWorld, gives_exactly_the_bytes_asked_for) {
  for (const std::uint64_t size : {1048576ull, 1234567ull, 5000001ull}) {
    const SourceFolder folder;
    std::string detail;
    const Result<GenerateReport> report =
        generate_world(folder.path("w"),
                       {.size = Bytes{size}, .seed = 1, .threads = 2, .progress = nullptr}, detail);
    ASSERT_TRUE(report) << detail;
    const Result<SourceWorld> world =
        import_source(folder.path("w"), ImportKind::automatic, detail);
    ASSERT_TRUE(world) << detail;
    std::uint64_t total = 0;
    std::uint64_t assets = 0;
    for (const SourceContainer& container : world->containers) {
      for (const SourceAsset& asset : container.assets) total += asset.size_hint;
      assets += container.assets.size();
    }
    EXPECT_EQ(total, size);
    EXPECT_EQ(assets, report->assets);
    EXPECT_EQ(world->containers.size(), report->containers);
  }
}

TEST(GenerateWorld, packs_about_as_small_as_real_worlds_do) {
  const SourceFolder folder;
  std::string detail;
  ASSERT_TRUE(generate_world(
      folder.path("w"), {.size = 24_MiB, .seed = 5, .threads = 2, .progress = nullptr}, detail))
      << detail;
  const Result<SourceWorld> world = import_source(folder.path("w"), ImportKind::automatic, detail);
  ASSERT_TRUE(world) << detail;
  PackOptions options;
  options.threads = 2;
  options.codec = CodecChoice::lz4;
  options.lz4_level = 4;
  const Result<PackReport> report = pack_world(*world, folder.path("w.nfa"), options, detail);
  ASSERT_TRUE(report) << detail;
  const double ratio =
      static_cast<double>(report->raw_size.value) / static_cast<double>(report->stored_size.value);
  EXPECT_GT(ratio, 1.6);
  EXPECT_LT(ratio, 2.6);
}

TEST(GenerateWorld, refuses_a_folder_with_something_in_it) {
  const SourceFolder folder;
  folder.put("mine.txt", "keep");
  std::string detail;
  const Result<GenerateReport> report = generate_world(folder.path(), GenerateOptions{}, detail);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::already_exists);
  EXPECT_THAT(detail, HasSubstr("not empty"));
}

TEST(GenerateWorld, stops_on_request_and_leaves_no_world_file) {
  const SourceFolder folder;
  std::string detail;
  GenerateOptions options{.size = 8_MiB, .seed = 1, .threads = 1, .progress = nullptr};
  options.progress = [](const GenerateProgress& progress) { return progress.written < 1_MiB; };
  const Result<GenerateReport> report = generate_world(folder.path("w"), options, detail);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::canceled);
  EXPECT_FALSE(std::filesystem::exists(folder.path("w/world.json")));
  EXPECT_FALSE(import_source(folder.path("w"), ImportKind::automatic, detail));
  EXPECT_THAT(detail, HasSubstr("not a whole world"));
  EXPECT_FALSE(generate_world(folder.path("w"), options, detail));
  EXPECT_THAT(detail, HasSubstr("whose making was stopped"));
}

TEST(GenerateWorld, ends_with_an_error_when_memory_is_used_up) {
  const SourceFolder folder;
  std::string detail;
  GenerateOptions options{.size = 8_MiB, .seed = 1, .threads = 2, .progress = nullptr};
  options.progress = [](const GenerateProgress&) -> bool { throw std::bad_alloc(); };
  const Result<GenerateReport> report = generate_world(folder.path("w"), options, detail);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::out_of_memory);
  EXPECT_FALSE(std::filesystem::exists(folder.path("w/world.json")));
}

TEST(PlanWorld, gives_every_byte_to_someone_at_any_size) {
  for (const std::uint64_t size : {1ull << 20, 77'777'777ull, 1ull << 30, 100ull << 30}) {
    const WorldPlan plan = plan_world(size, 3);
    std::uint64_t total = 0;
    for (const PlanContainer& container : plan.containers) {
      total += container.size;
      EXPECT_LT(container.size, 64u << 20) << container.path;
    }
    EXPECT_EQ(total, size);
  }
}

TEST(PlanTour, takes_long_enough_to_look_at_whatever_the_size) {
  for (const std::uint64_t size : {1ull << 20, 2ull << 20, 5ull << 20, 20ull << 20, 1ull << 30}) {
    for (const std::uint64_t seed : {1u, 2u, 7u}) {
      const std::vector<RoutePoint> tour = plan_tour(plan_world(size, seed));
      ASSERT_FALSE(tour.empty());
      EXPECT_GE(tour.back().seconds, 19.9) << size << " " << seed;
      for (std::size_t i = 1; i < tour.size(); ++i) {
        const double seconds = tour[i].seconds - tour[i - 1].seconds;
        const WorldVector step = tour[i].position - tour[i - 1].position;
        ASSERT_LT(std::hypot(step.x, step.y, step.z) / seconds, 30e3) << size << " " << seed;
      }
    }
  }
}

TEST(PlanTour, moves_without_a_jump_and_passes_near_zones) {
  const WorldPlan plan = plan_world(1ull << 30, 9);
  const std::vector<RoutePoint> tour = plan_tour(plan);
  ASSERT_GT(tour.size(), 100u);
  std::size_t visited = 0;
  for (const std::uint32_t zone : plan.zones) {
    const WorldPosition at = plan.containers[zone].world_position;
    visited += std::any_of(tour.begin(), tour.end(), [&](const RoutePoint& point) {
      return std::hypot(point.position.x - at.x, point.position.y - at.y, point.position.z - at.z) <
             200;
    });
  }
  EXPECT_GE(visited, 3u);
  for (std::size_t i = 1; i < tour.size(); ++i) {
    const double seconds = tour[i].seconds - tour[i - 1].seconds;
    EXPECT_GT(seconds, 0);
    const double meters = std::hypot(tour[i].position.x - tour[i - 1].position.x,
                                     tour[i].position.y - tour[i - 1].position.y,
                                     tour[i].position.z - tour[i - 1].position.z);
    EXPECT_LT(meters / seconds, 30e3);
  }
}

}  // namespace
}  // namespace nf
