#include "formats/archive/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <thread>

#include "core/world/world_tables.h"
#include "formats/archive/container_reader.h"
#include "tests/golden/sample_world.h"
#include "tests/golden/temporary_folder.h"

namespace nf {
namespace {

using sample::ByteVector;
using sample::TemporaryFolder;

// A hundred containers of a few chunks each.
sample::World many_containers(std::size_t chunk_size, const std::vector<Codec>& codecs) {
  sample::World world;
  world.containers.push_back({.name = ""});
  for (std::uint32_t i = 1; i <= 100; ++i) {
    sample::Container container = {.name = "c" + std::to_string(i)};
    container.assets = {{.name = "a", .bytes = sample::sample_bytes(5000 + 40 * i, i)},
                        {.name = "b", .bytes = sample::sample_bytes(3000, 1000 + i)}};
    container.chunk_size = chunk_size;
    container.codecs = codecs;
    world.containers.push_back(container);
  }
  return world;
}

class Verify : public testing::Test {
 protected:
  Archive open() {
    Result<Archive> archive = Archive::open(path_.c_str());
    EXPECT_TRUE(archive);
    return std::move(*archive);
  }
  VerifyReport verify(std::uint32_t threads) {
    const Archive archive = open();
    Result<VerifyReport> report = verify_archive(archive, {.threads = threads});
    EXPECT_TRUE(report);
    return std::move(*report);
  }
  void flip(std::uint64_t at) {
    ByteVector bytes = sample::read_file(path_);
    bytes[at] ^= std::byte{1};
    sample::write_file(path_, bytes);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("world.nfa");
};

TEST_F(Verify, finds_nothing_in_a_whole_archive_whatever_the_number_of_threads) {
  ASSERT_TRUE(sample::write(many_containers(2000, {Codec::lz4, Codec::zstd}), path_));
  const VerifyReport one = verify(1);
  EXPECT_TRUE(one.bad_chunks.empty());
  EXPECT_TRUE(one.padding_clean);
  const Archive archive = open();
  EXPECT_EQ(one.chunks_checked, archive.info().chunks);
  EXPECT_EQ(one.bytes_checked, archive.info().stored_size);
  for (const std::uint32_t threads : {2u, 5u}) {
    const VerifyReport more = verify(threads);
    EXPECT_EQ(more.content_hash, one.content_hash);
    EXPECT_EQ(more.chunks_checked, one.chunks_checked);
  }
}

TEST_F(Verify, gives_one_hash_to_one_world_however_it_was_packed) {
  std::set<PathHash> hashes;
  for (const std::size_t chunk_size : {500u, 3000u, 100'000u}) {
    for (const Codec codec : {Codec::store, Codec::lz4, Codec::zstd}) {
      ASSERT_TRUE(sample::write(many_containers(chunk_size, {codec}), path_));
      hashes.insert(verify(2).content_hash);
    }
  }
  EXPECT_EQ(hashes.size(), 1u);
  sample::World other = many_containers(500, {Codec::store});
  other.containers[50].assets[0].bytes[7] ^= std::byte{1};
  ASSERT_TRUE(sample::write(other, path_));
  EXPECT_FALSE(hashes.contains(verify(2).content_hash));
}

TEST_F(Verify, names_exactly_the_chunk_that_was_damaged_for_every_chunk) {
  ASSERT_TRUE(sample::write(sample::golden_world(), path_));
  const Archive whole = open();
  const WorldTables& world = whole.world();
  for (std::uint32_t c = 0; c < world.containers.count(); ++c) {
    for (std::uint32_t i = world.containers.first_chunk[c]; i < world.containers.first_chunk[c + 1];
         ++i) {
      const std::uint64_t at = world.containers.run_at[c].value + world.chunks.stored_at[i];
      flip(at + world.chunks.stored_size[i] - 1);
      const VerifyReport report = verify(2);
      ASSERT_EQ(report.bad_chunks.size(), 1u);
      EXPECT_EQ(report.bad_chunks[0].container, ContainerId{c});
      EXPECT_EQ(report.bad_chunks[0].chunk, i);
      EXPECT_EQ(report.bad_chunks[0].error.code, ErrorCode::chunk_checksum_mismatch);
      EXPECT_EQ(report.bad_chunks[0].error.at, at);
      EXPECT_EQ(report.chunks_checked, world.chunks.count());
      EXPECT_EQ(report.content_hash, PathHash{});
      flip(at + world.chunks.stored_size[i] - 1);
    }
  }
}

TEST_F(Verify, names_all_bad_chunks_in_order) {
  ASSERT_TRUE(sample::write(many_containers(1000, {Codec::store}), path_));
  const Archive whole = open();
  for (const std::uint32_t container : {90u, 3u, 44u}) {
    flip(whole.world().containers.run_at[container].value + 1500);
  }
  const VerifyReport report = verify(3);
  ASSERT_EQ(report.bad_chunks.size(), 3u);
  EXPECT_EQ(report.bad_chunks[0].container, ContainerId{3});
  EXPECT_EQ(report.bad_chunks[1].container, ContainerId{44});
  EXPECT_EQ(report.bad_chunks[2].container, ContainerId{90});
}

TEST_F(Verify, sees_padding_that_is_not_zero_wherever_it_is) {
  ASSERT_TRUE(sample::write(sample::golden_world(), path_));
  const Archive whole = open();
  const ContainerTable& table = whole.world().containers;
  const std::uint64_t file_size = whole.info().file_size.value;
  const std::uint64_t run_end = table.run_at[1].value + table.run_size[1];
  const std::uint64_t last_run_end = table.run_at[5].value + table.run_size[5];
  for (const std::uint64_t at : {run_end, run_end | 4095, last_run_end, last_run_end | 4095,
                                 file_size - 1, file_size - 4097}) {
    flip(at);
    const VerifyReport report = verify(1);
    EXPECT_FALSE(report.padding_clean) << at;
    EXPECT_TRUE(report.bad_chunks.empty());
    flip(at);
  }
  EXPECT_TRUE(verify(1).padding_clean);
}

TEST_F(Verify, reports_progress_that_never_runs_backwards_and_stops_when_told) {
  ASSERT_TRUE(sample::write(many_containers(1000, {Codec::store}), path_));
  const Archive archive = open();
  const std::thread::id caller = std::this_thread::get_id();
  Bytes last;
  std::size_t calls = 0;
  const auto watch = [&](Bytes checked) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_GE(checked, last);
    last = checked;
    ++calls;
    return true;
  };
  ASSERT_TRUE(verify_archive(archive, {.threads = 2, .progress = watch}));
  EXPECT_GT(calls, 0u);
  const Result<VerifyReport> stopped =
      verify_archive(archive, {.threads = 2, .progress = [](Bytes) { return false; }});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::canceled);
}

// A disk that gives no byte of [from, to).
struct BadDisk {
  ByteVector bytes;
  std::uint64_t from = 0;
  std::uint64_t to = 0;

  ByteSource source() const { return ByteSource::of_reader(read, this, Bytes{bytes.size()}); }
  static Error read(const void* context, std::uint64_t at, std::span<std::byte> into) {
    const auto& disk = *static_cast<const BadDisk*>(context);
    if (at < disk.to && at + into.size() > disk.from) {
      return {.code = ErrorCode::file_read_failed, .os_error = EIO, .at = at};
    }
    std::copy_n(disk.bytes.begin() + static_cast<std::ptrdiff_t>(at), into.size(), into.begin());
    return {};
  }
};

TEST_F(Verify, names_every_chunk_that_cannot_be_read_and_goes_on_to_the_end) {
  ASSERT_TRUE(sample::write(many_containers(1000, {Codec::store}), path_));
  const Archive whole = open();
  const WorldTables& world = whole.world();
  const std::uint64_t run_at = world.containers.run_at[50].value;
  const std::uint32_t first = world.containers.first_chunk[50];
  // Bytes 1500 to 2499 of a run of chunks of 1000: the second and the third.
  const BadDisk disk{.bytes = sample::read_file(path_), .from = run_at + 1500, .to = run_at + 2500};
  for (const std::uint32_t threads : {1u, 3u}) {
    const Result<VerifyReport> report = verify_source(disk.source(), world, {.threads = threads});
    ASSERT_TRUE(report);
    ASSERT_EQ(report->bad_chunks.size(), 2u);
    for (std::uint32_t i = 0; i < 2; ++i) {
      const BadChunk& bad = report->bad_chunks[i];
      EXPECT_EQ(bad.container, ContainerId{50});
      EXPECT_EQ(bad.chunk, first + 1 + i);
      EXPECT_EQ(bad.error.code, ErrorCode::file_read_failed);
      EXPECT_EQ(bad.error.os_error, EIO);
      EXPECT_EQ(bad.error.subject_kind, Subject::chunk);
      EXPECT_EQ(bad.error.subject, bad.chunk);
      EXPECT_EQ(bad.error.at, run_at + 1000 * (i + 1));
    }
    EXPECT_EQ(report->chunks_checked, world.chunks.count());
    EXPECT_TRUE(report->padding_clean);
    EXPECT_EQ(report->content_hash, PathHash{});
  }
}

TEST_F(Verify, sees_padding_behind_the_gates_that_is_not_zero) {
  ASSERT_TRUE(sample::write(sample::golden_world_in_motion(), path_));
  EXPECT_TRUE(verify(1).padding_clean);
  flip(open().info().file_size.value - 1);
  EXPECT_FALSE(verify(1).padding_clean);
}

TEST_F(Verify, goes_on_behind_padding_that_cannot_be_read) {
  ASSERT_TRUE(sample::write(sample::golden_world(), path_));
  const Archive whole = open();
  const ContainerTable& table = whole.world().containers;
  const std::uint64_t run_end = table.run_at[1].value + table.run_size[1];
  const BadDisk disk{.bytes = sample::read_file(path_), .from = run_end, .to = run_end + 1};
  const Result<VerifyReport> report = verify_source(disk.source(), whole.world(), {.threads = 2});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->bad_chunks.empty());
  EXPECT_FALSE(report->padding_clean);
  EXPECT_EQ(report->padding_error.code, ErrorCode::file_read_failed);
  EXPECT_EQ(report->padding_error.at, run_end);
}

TEST_F(Verify, lets_a_reader_name_the_chunk_that_the_disk_does_not_give) {
  ASSERT_TRUE(sample::write(many_containers(1000, {Codec::store}), path_));
  const Archive whole = open();
  const WorldTables& world = whole.world();
  const std::uint64_t run_at = world.containers.run_at[50].value;
  const BadDisk disk{.bytes = sample::read_file(path_), .from = run_at + 2500, .to = run_at + 2501};
  ContainerReader reader(disk.source(), world);
  ByteVector raw(world.containers.raw_size[50]);
  const Error expected = {.code = ErrorCode::file_read_failed,
                          .os_error = EIO,
                          .subject_kind = Subject::chunk,
                          .subject = world.containers.first_chunk[50] + 2,
                          .at = run_at + 2000};
  EXPECT_EQ(reader.read_container(50, raw), expected);
  EXPECT_EQ(reader.read_range(50, 100, std::span(raw).first(3000)), expected);
  EXPECT_FALSE(reader.read_range(50, 0, std::span(raw).first(2000)));
  EXPECT_FALSE(reader.read_range(50, 3000, std::span(raw).first(2000)));
}

TEST_F(Verify, fails_as_a_whole_when_the_file_ends_early) {
  ASSERT_TRUE(sample::write(sample::golden_world(), path_));
  const Archive archive = open();
  std::filesystem::resize_file(path_, 8192);
  EXPECT_EQ(verify_archive(archive, {.threads = 1}).error().code, ErrorCode::file_too_short);
  EXPECT_EQ(verify_archive(archive, {.threads = 0}).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace nf
