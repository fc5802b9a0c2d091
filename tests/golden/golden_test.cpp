// The golden archives of every version of the format still open, and still hold the same bytes.
#include <gtest/gtest.h>
#include <lz4.h>
#include <nearfield/archive.h>
#include <zstd.h>

#include <fstream>
#include <sstream>

#include "formats/archive/verify.h"
#include "tests/golden/hex_dump.h"
#include "tests/golden/sample_world.h"
#include "tests/golden/temporary_folder.h"

namespace nf {
namespace {

const std::string kGolden = std::string(NF_DATA_DIR) + "/golden/v1_small.nfa";
const std::string kInMotion = std::string(NF_DATA_DIR) + "/golden/v1_motion_and_gates.nfa";
// Of the bytes in the archive, whatever their chunks and codecs are.
constexpr PathHash kContentHash = {.low = 0xa423ece5f117bdc0, .high = 0x98ab5b3cf9e0a790};

std::string hash_text(const PathHash& hash) {
  return sample::hex_digits(hash.high, 16) + sample::hex_digits(hash.low, 16);
}

TEST(GoldenArchive, of_version_1_still_opens_with_the_same_content) {
  const Result<Archive> archive = Archive::open(kGolden.c_str());
  ASSERT_TRUE(archive) << describe_open_error(kGolden.c_str(), archive.error());
  EXPECT_EQ(archive->info().containers, 7u);
  const Result<VerifyReport> report = verify_archive(*archive, {.threads = 1});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->bad_chunks.empty());
  EXPECT_TRUE(report->padding_clean);
  EXPECT_EQ(hash_text(report->content_hash), hash_text(kContentHash));
}

TEST(GoldenArchive, of_version_1_holds_what_an_archive_can_hold) {
  const Result<Archive> archive = Archive::open(kGolden.c_str());
  ASSERT_TRUE(archive);
  const WorldTables& world = archive->world();
  for (std::uint16_t codec = 0; codec < kCodecCount; ++codec) {
    EXPECT_TRUE(std::ranges::count(world.chunks.codec, codec) > 0) << codec;
  }
  for (const BoundsKind kind : {BoundsKind::none, BoundsKind::sphere, BoundsKind::box}) {
    EXPECT_TRUE(std::ranges::count(world.containers.bounds_kind, kind) > 0);
  }
  EXPECT_EQ(std::ranges::count(world.containers.flags, ContainerFlags::shared), 2);
  EXPECT_LT(archive->info().file_size, 40_KiB);
}

TEST(GoldenArchive, is_written_again_to_the_same_bytes) {
  if (ZSTD_versionNumber() != 10504 || LZ4_versionNumber() != 10904) {
    GTEST_SKIP() << "made with zstd 1.5.4 and LZ4 1.9.4, this is zstd " << ZSTD_versionString()
                 << " and LZ4 " << LZ4_versionString();
  }
  const sample::TemporaryFolder folder;
  const std::string path = folder.file("again.nfa");
  ASSERT_TRUE(sample::write(sample::golden_world(), path));
  EXPECT_EQ(sample::read_file(path), sample::read_file(kGolden));
  ASSERT_TRUE(sample::write(sample::golden_world_in_motion(), path));
  EXPECT_EQ(sample::read_file(path), sample::read_file(kInMotion));
}

TEST(GoldenArchive, without_motion_and_gates_asks_for_no_feature) {
  const Result<Archive> archive = Archive::open(kGolden.c_str());
  ASSERT_TRUE(archive);
  EXPECT_EQ(archive->info().features_required, 0u);
  EXPECT_EQ(archive->info().gates, 0u);
}

TEST(GoldenArchive, in_motion_still_opens_with_the_same_content) {
  const Result<Archive> archive = Archive::open(kInMotion.c_str());
  ASSERT_TRUE(archive) << describe_open_error(kInMotion.c_str(), archive.error());
  EXPECT_EQ(archive->info().features_required, 3u);
  const ContainerTable& table = archive->world().containers;
  for (const ContainerFlags bit : {ContainerFlags::moves, ContainerFlags::template_root}) {
    EXPECT_TRUE(
        std::ranges::any_of(table.flags, [&](ContainerFlags set) { return has(set, bit); }));
  }
  for (const Refinement kind : {Refinement::add, Refinement::replace}) {
    EXPECT_EQ(std::ranges::count(table.refinement, kind), 1);
  }
  const GateTable& gates = archive->world().gates;
  ASSERT_EQ(gates.count(), 3u);
  EXPECT_EQ(archive->gate_name(0), "respawn");
  EXPECT_EQ(gates.container[0], 0u);
  const std::uint32_t jump = archive->gate_name(1) == "jump point" ? 1 : 2;
  EXPECT_EQ(archive->gate_name(jump), "jump point");
  EXPECT_EQ(archive->gate_name(3 - jump), "lift");
  EXPECT_EQ(gates.target[jump], path_hash("castra/station"));
  EXPECT_EQ(gates.position[jump].y, 9e6);
  EXPECT_EQ(gates.target_position[jump].z, 0.5);
  EXPECT_EQ(gates.radius[jump], 500.0f);
  EXPECT_EQ(gates.lead_time[jump], 18.0f);
  const Result<VerifyReport> report = verify_archive(*archive, {.threads = 1});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->bad_chunks.empty());
  EXPECT_TRUE(report->padding_clean);
}

TEST(WorkedExample, in_the_format_description_is_what_the_writer_writes) {
  const sample::TemporaryFolder folder;
  const std::string path = folder.file("smallest.nfa");
  ASSERT_TRUE(sample::write(sample::smallest_world(), path));
  const std::string dump = sample::hex_dump(sample::read_file(path));
  std::ifstream in(std::string(NF_SOURCE_DIR) + "/formats/archive/archive_format.md");
  std::stringstream description;
  description << in.rdbuf();
  EXPECT_NE(description.str().find("```\n" + dump + "```"), std::string::npos)
      << "put this into the worked example:\n"
      << dump;
}

}  // namespace
}  // namespace nf
