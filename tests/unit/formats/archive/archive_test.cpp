#include <gtest/gtest.h>
#include <nearfield/archive.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "core/base/prng.h"
#include "tests/golden/sample_world.h"
#include "tests/golden/temporary_folder.h"

namespace nf {
namespace {

using sample::ByteVector;
using sample::TemporaryFolder;

class ArchiveOfGoldenWorld : public testing::Test {
 protected:
  void SetUp() override {
    packed_ = sample::pack(sample::golden_world());
    path_ = folder_.file("world.nfa");
    ASSERT_TRUE(sample::write(packed_, path_));
    Result<Archive> opened = Archive::open(path_.c_str());
    ASSERT_TRUE(opened) << describe_open_error(path_.c_str(), opened.error());
    archive_.emplace(std::move(*opened));
  }

  TemporaryFolder folder_;
  std::string path_;
  sample::Packed packed_;
  std::optional<Archive> archive_;
};

TEST_F(ArchiveOfGoldenWorld, says_what_is_in_it) {
  const ArchiveInfo info = archive_->info();
  EXPECT_EQ(info.file_size.value, std::filesystem::file_size(path_));
  EXPECT_EQ(info.version, 1u);
  EXPECT_EQ(info.containers, 7u);
  EXPECT_EQ(info.assets, 9u);
  EXPECT_EQ(info.dependencies, 4u);
  std::uint64_t raw_size = 0;
  for (const ByteVector& raw : packed_.raw) raw_size += raw.size();
  EXPECT_EQ(info.raw_size.value, raw_size);
  EXPECT_EQ(archive_->path(), path_);
}

TEST_F(ArchiveOfGoldenWorld, gives_back_every_table_as_it_was_written) {
  const WorldTables& wrote = packed_.content.world;
  const WorldTables& read = archive_->world();
  const auto expect_same = [](const auto& a, const auto& b) {
    ASSERT_EQ(a.size(), b.size());
    const auto bytes_of = [](const auto& array) { return std::as_bytes(array.span()); };
    EXPECT_TRUE(std::ranges::equal(bytes_of(a), bytes_of(b)));
  };
  expect_same(wrote.containers.path_hash, read.containers.path_hash);
  expect_same(wrote.containers.parent, read.containers.parent);
  expect_same(wrote.containers.subtree_end, read.containers.subtree_end);
  expect_same(wrote.containers.position, read.containers.position);
  expect_same(wrote.containers.rotation, read.containers.rotation);
  expect_same(wrote.containers.bounds_center, read.containers.bounds_center);
  expect_same(wrote.containers.bounds_half_extent, read.containers.bounds_half_extent);
  expect_same(wrote.containers.bounds_kind, read.containers.bounds_kind);
  expect_same(wrote.containers.flags, read.containers.flags);
  expect_same(wrote.containers.load_distance, read.containers.load_distance);
  expect_same(wrote.containers.activation_cost, read.containers.activation_cost);
  expect_same(wrote.containers.raw_size, read.containers.raw_size);
  expect_same(wrote.containers.run_at, read.containers.run_at);
  expect_same(wrote.containers.run_size, read.containers.run_size);
  expect_same(wrote.containers.first_asset, read.containers.first_asset);
  expect_same(wrote.containers.first_chunk, read.containers.first_chunk);
  expect_same(wrote.containers.first_dependency, read.containers.first_dependency);
  expect_same(wrote.assets.name_hash, read.assets.name_hash);
  expect_same(wrote.assets.raw_at, read.assets.raw_at);
  expect_same(wrote.assets.raw_size, read.assets.raw_size);
  expect_same(wrote.assets.kind, read.assets.kind);
  expect_same(wrote.chunks.checksum, read.chunks.checksum);
  expect_same(wrote.chunks.stored_at, read.chunks.stored_at);
  expect_same(wrote.chunks.stored_size, read.chunks.stored_size);
  expect_same(wrote.chunks.raw_at, read.chunks.raw_at);
  expect_same(wrote.chunks.raw_size, read.chunks.raw_size);
  expect_same(wrote.chunks.codec, read.chunks.codec);
  expect_same(wrote.dependencies, read.dependencies);
}

TEST_F(ArchiveOfGoldenWorld, finds_every_container_by_its_path_and_nothing_else) {
  for (std::uint32_t i = 0; i < 7; ++i) {
    const std::string path = archive_->container_path({i});
    EXPECT_EQ(archive_->find_container(path), ContainerId{i}) << path;
    EXPECT_EQ(path_hash(path), archive_->world().containers.path_hash[i]);
  }
  EXPECT_EQ(archive_->container_path({5}), "earth/landing zone/room");
  EXPECT_EQ(archive_->container_name({5}), "room");
  EXPECT_EQ(archive_->container_name({0}), "");
  for (const char* path : {"room", "earth/", "/earth", "earth//landing zone", "earth/room", "/"}) {
    EXPECT_FALSE(archive_->find_container(path).valid()) << path;
  }
}

TEST_F(ArchiveOfGoldenWorld, finds_every_asset_by_its_name_in_its_container_only) {
  const ContainerTable& table = archive_->world().containers;
  for (std::uint32_t c = 0; c < table.count(); ++c) {
    for (std::uint32_t i = table.first_asset[c]; i < table.first_asset[c + 1]; ++i) {
      EXPECT_EQ(archive_->find_asset({c}, archive_->asset_name(i)), i);
    }
  }
  EXPECT_EQ(archive_->find_asset({1}, "terrain.mesh"), UINT32_MAX);
  EXPECT_NE(archive_->find_asset({1}, "grass.dds"), archive_->find_asset({5}, "grass.dds"));
}

TEST_F(ArchiveOfGoldenWorld, reads_containers_and_assets_as_they_were) {
  const WorldTables& world = archive_->world();
  for (std::uint32_t c = 0; c < world.containers.count(); ++c) {
    ByteVector raw(world.containers.raw_size[c]);
    ASSERT_TRUE(archive_->read_container({c}, raw));
    EXPECT_EQ(raw, packed_.raw[c]);
    for (std::uint32_t i = world.containers.first_asset[c]; i < world.containers.first_asset[c + 1];
         ++i) {
      ByteVector bytes(world.assets.raw_size[i]);
      ASSERT_TRUE(archive_->read_asset({c}, i, bytes));
      const auto from = raw.begin() + static_cast<std::ptrdiff_t>(world.assets.raw_at[i]);
      EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), from));
    }
  }
}

TEST_F(ArchiveOfGoldenWorld, refuses_to_read_what_is_not_there_or_into_the_wrong_size) {
  ByteVector raw(1);
  EXPECT_EQ(archive_->read_container({99}, raw).error().code, ErrorCode::not_found);
  EXPECT_EQ(archive_->read_container({1}, raw).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(archive_->read_asset({1}, 0, raw).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(archive_->read_asset({4}, 0, raw).error().code, ErrorCode::not_found);
}

TEST_F(ArchiveOfGoldenWorld, reads_any_part_of_an_asset) {
  const WorldTables& world = archive_->world();
  SliceReader cached(*archive_);
  SliceReader direct(*archive_, {.direct = true});
  EXPECT_FALSE(cached.direct());
  Prng prng(1);
  for (std::uint32_t c = 0; c < world.containers.count(); ++c) {
    for (std::uint32_t i = world.containers.first_asset[c]; i < world.containers.first_asset[c + 1];
         ++i) {
      const std::uint64_t size = world.assets.raw_size[i];
      for (int round = 0; round < 50; ++round) {
        const std::uint64_t from = round == 0 ? 0 : prng.below(size + 1);
        const std::uint64_t count = round <= 1 ? size - from : prng.below(size - from + 1);
        const std::byte* right = packed_.raw[c].data() + world.assets.raw_at[i] + from;
        const ByteVector expected(right, right + count);
        ByteVector bytes(count);
        const AssetSlice slice{.container = {c}, .asset = i, .from = {from}, .into = bytes};
        ASSERT_TRUE(archive_->read_slice(slice));
        ASSERT_EQ(bytes, expected);
        for (SliceReader* reader : {&cached, &direct}) {
          std::ranges::fill(bytes, std::byte{0xEE});
          ASSERT_TRUE(reader->read(slice));
          ASSERT_EQ(bytes, expected);
        }
      }
    }
  }
}

TEST_F(ArchiveOfGoldenWorld, refuses_a_slice_that_ends_behind_its_asset) {
  const std::uint32_t asset = archive_->world().containers.first_asset[4];
  const std::uint64_t size = archive_->world().assets.raw_size[asset];
  ByteVector bytes(2);
  const auto code_at = [&](std::uint64_t from) {
    const AssetSlice slice{.container = {4}, .asset = asset, .from = {from}, .into = bytes};
    const Result<void> read = archive_->read_slice(slice);
    return read ? ErrorCode::ok : read.error().code;
  };
  EXPECT_EQ(code_at(size - 2), ErrorCode::ok);
  for (const std::uint64_t from : {size - 1, size, size + 1, ~std::uint64_t{0}, ~size}) {
    EXPECT_EQ(code_at(from), ErrorCode::invalid_argument) << from;
  }
  const auto code_of = [&](std::uint32_t container, std::uint32_t of_asset) {
    return SliceReader(*archive_)
        .read({.container = {container}, .asset = of_asset, .from = {}, .into = bytes})
        .error()
        .code;
  };
  EXPECT_EQ(code_of(99, asset), ErrorCode::not_found);
  EXPECT_EQ(code_of(5, asset), ErrorCode::not_found) << "of another container";
  EXPECT_EQ(code_of(4, UINT32_MAX), ErrorCode::not_found);
}

TEST_F(ArchiveOfGoldenWorld, looks_at_no_chunk_beside_the_slice) {
  const WorldTables& world = archive_->world();
  const std::uint32_t asset = archive_->find_asset({4}, "terrain.mesh");
  ASSERT_NE(asset, UINT32_MAX);
  const std::uint32_t good = world.containers.first_chunk[4] + 1;
  ByteVector file = sample::read_file(path_);
  for (std::uint32_t i = world.containers.first_chunk[4]; i < world.containers.first_chunk[5];
       ++i) {
    const std::uint64_t at = world.containers.run_at[4].value + world.chunks.stored_at[i];
    if (i != good) file[at] ^= std::byte{0x10};
  }
  sample::write_file(path_, file);
  const Result<Archive> damaged = Archive::open(path_.c_str());
  ASSERT_TRUE(damaged);
  const std::uint64_t from = world.chunks.raw_at[good] - world.assets.raw_at[asset];
  ByteVector bytes(world.chunks.raw_size[good]);
  ASSERT_LE(from + bytes.size() + 1, world.assets.raw_size[asset]);
  for (const bool direct : {false, true}) {
    SliceReader reader(*damaged, {.direct = direct});
    ASSERT_TRUE(reader.read({.container = {4}, .asset = asset, .from = {from}, .into = bytes}));
    EXPECT_TRUE(
        std::equal(bytes.begin(), bytes.end(), packed_.raw[4].begin() + world.chunks.raw_at[good]));
    ByteVector more(bytes.size() + 1);
    const Result<void> read =
        reader.read({.container = {4}, .asset = asset, .from = {from}, .into = more});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::chunk_checksum_mismatch);
    EXPECT_EQ(read.error().subject, good + 1);
  }
}

TEST_F(ArchiveOfGoldenWorld, names_the_bad_chunk_with_its_container_and_place) {
  const WorldTables& world = archive_->world();
  const std::uint32_t chunk = world.containers.first_chunk[4] + 2;
  const std::uint64_t at = world.containers.run_at[4].value + world.chunks.stored_at[chunk];
  ByteVector bytes = sample::read_file(path_);
  bytes[at] ^= std::byte{0x10};
  sample::write_file(path_, bytes);
  Result<Archive> damaged = Archive::open(path_.c_str());
  ASSERT_TRUE(damaged);
  ByteVector raw(world.containers.raw_size[4]);
  const Result<void> read = damaged->read_container({4}, raw);
  ASSERT_FALSE(read);
  EXPECT_EQ(damaged->describe(read.error()),
            "archive " + path_ + ": container earth/landing zone: chunk " + std::to_string(chunk) +
                ": chunk checksum mismatch at offset " + std::to_string(at));
}

TEST_F(ArchiveOfGoldenWorld, hands_out_two_descriptors_of_one_file) {
  const Source source = archive_->source();
  EXPECT_EQ(source.tables, &archive_->world());
  EXPECT_GE(source.file.buffered, 0);
  if (source.file.direct < 0) GTEST_SKIP() << "this file system has no O_DIRECT";
  EXPECT_NE(source.file.buffered, source.file.direct);
}

TEST_F(ArchiveOfGoldenWorld, keeps_reading_the_old_file_after_it_was_replaced) {
  sample::World other = sample::smallest_world();
  ASSERT_TRUE(sample::write(other, path_));
  ByteVector raw(archive_->world().containers.raw_size[4]);
  ASSERT_TRUE(archive_->read_container({4}, raw));
  EXPECT_EQ(raw, packed_.raw[4]);
}

TEST_F(ArchiveOfGoldenWorld, answers_with_an_error_when_the_file_was_cut_short_under_it) {
  ASSERT_EQ(::truncate(path_.c_str(), 4096), 0);
  ByteVector raw(archive_->world().containers.raw_size[4]);
  EXPECT_EQ(archive_->read_container({4}, raw).error().code, ErrorCode::file_too_short);
}

// More than one read of a SliceReader, and a last page that the chunks do not fill.
TEST(SliceReader, reads_past_the_page_cache_what_other_readers_read_through_it) {
  const TemporaryFolder folder;
  sample::World world = sample::smallest_world();
  world.containers.push_back({.name = "large", .chunk_size = 99'999});
  world.containers.back().codecs = {Codec::store, Codec::lz4, Codec::store};
  ByteVector whole(6'000'001);
  Prng prng(3);
  for (std::byte& byte : whole) byte = static_cast<std::byte>(prng.below(40));
  world.containers.back().assets = {{.name = "a", .bytes = whole}};
  const std::string path = folder.file("large.nfa");
  ASSERT_TRUE(sample::write(world, path));
  const Result<Archive> archive = Archive::open(path.c_str());
  ASSERT_TRUE(archive);
  SliceReader reader(*archive, {.direct = true});
  if (!reader.direct()) GTEST_SKIP() << "this file system has no O_DIRECT";
  const ContainerId id = archive->find_container("large");
  const std::uint32_t asset = archive->find_asset(id, "a");
  for (int round = 0; round < 30; ++round) {
    const std::uint64_t from = round == 0 ? 0 : prng.below(whole.size());
    ByteVector bytes(round < 2 ? whole.size() - from : prng.below(whole.size() - from + 1));
    ASSERT_TRUE(reader.read({.container = id, .asset = asset, .from = {from}, .into = bytes}));
    ASSERT_TRUE(std::ranges::equal(bytes, std::span(whole).subspan(from, bytes.size())));
  }
  ASSERT_EQ(::truncate(path.c_str(), 1'000'100), 0);
  ByteVector bytes(whole.size());
  EXPECT_EQ(reader.read({.container = id, .asset = asset, .from = {}, .into = bytes}).error().code,
            ErrorCode::file_too_short);
}

TEST(ArchiveOpen, says_why_a_path_cannot_be_opened) {
  const TemporaryFolder folder;
  EXPECT_EQ(Archive::open(folder.file("none.nfa").c_str()).error().code, ErrorCode::not_found);
  EXPECT_EQ(Archive::open(folder.path().c_str()).error().code, ErrorCode::not_an_archive);
  sample::write_file(folder.file("empty.nfa"), {});
  EXPECT_EQ(Archive::open(folder.file("empty.nfa").c_str()).error().code,
            ErrorCode::file_too_short);
  EXPECT_EQ(describe_open_error("a.nfa", {.code = ErrorCode::not_an_archive}),
            "archive a.nfa: not a nearfield archive");
  EXPECT_EQ(describe_open_error("a.nfa", {.code = ErrorCode::table_checksum_mismatch,
                                          .subject_kind = Subject::table,
                                          .subject = 2,
                                          .at = 8192}),
            "archive a.nfa: table of chunks: table checksum mismatch at offset 8192");
}

TEST_F(ArchiveOfGoldenWorld, names_both_sizes_of_a_file_that_was_cut_short_or_has_grown) {
  const std::string whole = std::to_string(archive_->info().file_size.value);
  const auto cause_at = [&](off_t size) {
    EXPECT_EQ(::truncate(path_.c_str(), size), 0);
    const Result<Archive> opened = Archive::open(path_.c_str());
    EXPECT_FALSE(opened);
    const std::string text = describe_open_error(path_.c_str(), opened.error());
    return text.substr(("archive " + path_ + ": ").size());
  };
  const std::string differs = "header: file size differs from the header at offset 32: it has ";
  EXPECT_EQ(cause_at(90'000'000), differs + "90000000 bytes, and its header says " + whole);
  EXPECT_EQ(cause_at(5000), differs + "5000 bytes, and its header says " + whole);
  EXPECT_EQ(cause_at(100),
            "file is too short at offset 100: it has 100 bytes, and its header says " + whole);
  EXPECT_EQ(cause_at(10),
            "file is too short at offset 10: it has 10 bytes, and a header alone takes 4096");
  EXPECT_EQ(cause_at(0), "file is too short: it has 0 bytes, and a header alone takes 4096");
}

TEST(ArchiveOpen, does_not_wait_for_a_pipe) {
  const TemporaryFolder folder;
  const std::string pipe = folder.file("pipe.nfa");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(Archive::open(pipe.c_str()).error().code, ErrorCode::not_an_archive);
}

}  // namespace
}  // namespace nf
