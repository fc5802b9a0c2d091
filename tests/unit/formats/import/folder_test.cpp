// Plain folders, and the files below them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include "core/base/prng.h"
#include "formats/import/file_bytes.h"
#include "formats/import/import.h"
#include "formats/import/source_tree.h"
#include "formats/pack/pack.h"
#include "tests/unit/formats/import/source_folder.h"

namespace nf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::byte> zip(std::string_view text) {
  std::vector<std::byte> zipped(text.size() + 1024);
  z_stream z = {};
  EXPECT_EQ(::deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(zipped.data());
  z.avail_out = static_cast<uInt>(zipped.size());
  EXPECT_EQ(::deflate(&z, Z_FINISH), Z_STREAM_END);
  zipped.resize(z.total_out);
  ::deflateEnd(&z);
  return zipped;
}

TEST(ImportFolder, makes_each_folder_a_container_and_each_file_an_asset) {
  const SourceFolder source;
  source.put("readme.txt", "hello");
  source.put("planet/zone/room.mesh", "mesh");
  source.put("planet/globe.dds", "texture");
  std::filesystem::create_directory(source.path("empty"));
  std::string detail;
  const Result<SourceWorld> world = import_source(source.path(), ImportKind::automatic, detail);
  ASSERT_TRUE(world) << detail;
  std::vector<std::string> names;
  for (const SourceContainer& container : world->containers) names.push_back(container.name);
  EXPECT_THAT(names, ElementsAre("", "empty", "planet", "zone"));
  EXPECT_EQ(world->containers[3].parent, 2u);
  EXPECT_EQ(world->containers[2].assets.at(0).name, "globe.dds");
  EXPECT_EQ(world->containers[2].assets.at(0).kind, AssetKind::texture);
  const Result<std::vector<std::byte>> bytes =
      world->load(world->containers[3].assets.at(0), detail);
  ASSERT_TRUE(bytes) << detail;
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()), "mesh");
}

TEST(ImportFolder, leaves_out_the_archives_that_were_packed_into_it_and_says_so) {
  const SourceFolder source;
  source.put("room/readme.txt", "hello");
  source.put("room/mine.nfa", "no archive of ours");
  source.put("notes.tmp", "kept");
  source.put(".notes.x.1.tmp", "kept");
  source.put("room/.world.nfa.4711.0.tmp", "half of an archive");
  std::string detail;
  std::string first;
  for (int i = 0; i < 3; ++i) {
    const Result<SourceWorld> world = import_folder(source.path(), detail);
    ASSERT_TRUE(world) << detail;
    EXPECT_EQ(world->containers[0].assets.size(), 2u);
    EXPECT_EQ(world->containers[1].assets.size(), 2u);
    EXPECT_THAT(world->notes, HasSubstr("room/.world.nfa.4711.0.tmp"));
    EXPECT_THAT(world->notes, i == 0 ? testing::Not(HasSubstr("\"world.nfa\""))
                                     : testing::Matcher<std::string>(HasSubstr("\"world.nfa\"")));
    const Result<PackReport> report = pack_world(*world, source.path("world.nfa"), {}, detail);
    ASSERT_TRUE(report) << detail;
    std::ifstream in(source.path("world.nfa"), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (first.empty()) first = bytes;
    EXPECT_TRUE(bytes == first);
  }
}

TEST(ImportFolder, refuses_a_link_and_says_where) {
  const SourceFolder source;
  source.put("a/b.txt", "b");
  std::filesystem::create_symlink("/etc/passwd", source.path("a/sly"));
  std::string detail;
  const Result<SourceWorld> world = import_folder(source.path(), detail);
  ASSERT_FALSE(world);
  EXPECT_EQ(world.error().code, ErrorCode::source_malformed);
  EXPECT_THAT(detail, HasSubstr("sly"));
  EXPECT_THAT(detail, HasSubstr("link"));
}

TEST(ImportFolder, names_everything_that_cannot_be_packed_at_once) {
  const SourceFolder source;
  source.put("b/good.txt", "b");
  source.put("b/caf\xE9", "x");
  std::filesystem::create_symlink("/etc/passwd", source.path("b/sly"));
  ASSERT_EQ(::mkfifo(source.path("pipe").c_str(), 0600), 0);
  std::string detail;
  const Result<SourceWorld> world = import_folder(source.path(), detail);
  ASSERT_FALSE(world);
  EXPECT_EQ(world.error().code, ErrorCode::source_malformed);
  for (const char* named : {"3 entries", "pipe", "caf", "sly"}) {
    EXPECT_THAT(detail, HasSubstr(named));
  }
  EXPECT_THAT(detail, testing::Not(HasSubstr("good")));
  for (int i = 0; i < 30; ++i)
    std::filesystem::create_symlink("x", source.path("l" + std::to_string(i)));
  EXPECT_FALSE(import_folder(source.path(), detail));
  EXPECT_EQ(std::count(detail.begin(), detail.end(), '\n'), 21) << detail;
  EXPECT_THAT(detail, HasSubstr("and 13 more"));
}

TEST(ImportSource, refuses_an_archive_by_what_it_is) {
  const SourceFolder source;
  source.put("a/b.txt", "b");
  std::string detail;
  const Result<SourceWorld> world = import_source(source.path(), ImportKind::automatic, detail);
  ASSERT_TRUE(world) << detail;
  ASSERT_TRUE(pack_world(*world, source.path("w.nfa"), {}, detail)) << detail;
  EXPECT_FALSE(import_source(source.path("w.nfa"), ImportKind::automatic, detail));
  EXPECT_THAT(detail, HasSubstr("is a nearfield archive already"));
}

TEST(ImportFolder, refuses_a_pipe_instead_of_waiting_for_it) {
  const SourceFolder source;
  ASSERT_EQ(::mkfifo(source.path("pipe").c_str(), 0600), 0);
  std::string detail;
  EXPECT_FALSE(import_folder(source.path(), detail));
  EXPECT_FALSE(read_file(source.path("pipe"), 1_MiB, detail));
}

TEST(ImportFolder, refuses_names_that_an_archive_cannot_hold) {
  for (const char* name : {"a\\b", "tab\there", "caf\xE9"}) {
    const SourceFolder source;
    source.put(name, "x");
    std::string detail;
    const Result<SourceWorld> world = import_folder(source.path(), detail);
    ASSERT_FALSE(world) << name;
    EXPECT_EQ(world.error().code, ErrorCode::name_invalid);
  }
}

TEST(ImportSource, says_that_nothing_is_there) {
  std::string detail;
  const Result<SourceWorld> world = import_source("/no/such/place", ImportKind::automatic, detail);
  ASSERT_FALSE(world);
  EXPECT_EQ(world.error().code, ErrorCode::not_found);
  EXPECT_THAT(detail, HasSubstr("/no/such/place"));
}

TEST(ReadFile, reads_no_more_than_its_limit) {
  const SourceFolder source;
  source.put("big", std::string(1000, 'x'));
  std::string detail;
  const Result<std::vector<std::byte>> bytes = read_file(source.path("big"), 999_B, detail);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(read_file(source.path("big"), 1000_B, detail)->size(), 1000u);
  EXPECT_EQ(read_file_front(source.path("big"), 10_B, detail)->size(), 10u);
}

TEST(Gunzip, gives_back_what_was_zipped_up_to_its_limit) {
  const std::string text(100'000, 'z');
  const std::vector<std::byte> zipped = zip(text);
  EXPECT_EQ(gunzip(zipped, 100'000_B)->size(), 100'000u);
  const Result<std::vector<std::byte>> bomb = gunzip(zipped, 99'999_B);
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code, ErrorCode::limit_exceeded);
}

TEST(Gunzip, reads_members_one_after_the_other) {
  std::vector<std::byte> zipped = zip("first ");
  const std::vector<std::byte> second = zip("second");
  zipped.insert(zipped.end(), second.begin(), second.end());
  const Result<std::vector<std::byte>> bytes = gunzip(zipped, 1_MiB);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()),
            "first second");
}

TEST(Gunzip, refuses_what_ends_early_and_what_follows) {
  std::vector<std::byte> zipped = zip("some text that is long enough to be cut");
  for (std::size_t size = 0; size < zipped.size(); ++size)
    EXPECT_FALSE(gunzip(std::span(zipped).first(size), 1_MiB)) << size;
  zipped.push_back(std::byte{7});
  EXPECT_FALSE(gunzip(zipped, 1_MiB));
}

TEST(Gunzip, survives_a_flip_of_any_bit) {
  const std::vector<std::byte> good = zip("abcabcabcabcdefghijklmnop");
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::vector<std::byte> bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    const Result<std::vector<std::byte>> bytes = gunzip(bad, 1_MiB);
    if (bytes) {
      EXPECT_LE(bytes->size(), 1u << 20);
    }
  }
}

TEST(NormalPath, resolves_dots_but_never_leaves) {
  EXPECT_EQ(normal_path("a/b/../c//./d"), "a/c/d");
  EXPECT_EQ(normal_path("a/../.."), "");
  EXPECT_EQ(normal_path("../a"), "");
  EXPECT_EQ(normal_path("/a"), "");
  EXPECT_EQ(normal_path(""), "");
}

}  // namespace
}  // namespace nf
