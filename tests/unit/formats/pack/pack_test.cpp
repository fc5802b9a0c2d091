// Packing: the bytes come back, the same whatever the threads, and refusals leave the old archive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nearfield/archive.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "formats/archive/verify.h"
#include "formats/pack/choose_codec.h"
#include "formats/pack/layout.h"
#include "formats/pack/pack.h"
#include "formats/pack/pack_pipeline.h"
#include "formats/pack/pack_tables.h"
#include "tests/unit/formats/pack/source_builder.h"

namespace nf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Pack : public ::testing::Test {
 protected:
  Pack() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nearfield-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/w.nfa";
  }
  ~Pack() override { std::filesystem::remove_all(folder_); }

  std::string file_bytes() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  std::size_t files_in_folder() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::string folder_;
  std::string path_;
  std::string detail_;
};

// Containers of all sizes, shared ones, empty ones, equal assets, empty assets.
SourceBuilder mixed_world(std::uint64_t seed) {
  SourceBuilder source;
  Prng prng(seed);
  const std::uint32_t sets = source.add("sets");
  std::vector<std::uint32_t> shared;
  for (int i = 0; i < 5; ++i) {
    shared.push_back(source.add_shared("set" + std::to_string(i), sets));
    source.put(shared.back(), "t.dds", asset_like_bytes(40'000 + prng.below(900'000), prng.next()));
  }
  source.add("empty");
  for (int i = 0; i < 40; ++i) {
    const std::uint32_t id = source.add_placed(
        "room" + std::to_string(i), {prng.between(0, 1000), prng.between(0, 1000), 0}, 20);
    source.depend(id, shared[prng.below(shared.size())]);
    for (int a = 0; a < 6; ++a) {
      const std::uint64_t size = prng.chance(0.2) ? prng.below(700'000) : prng.below(5000);
      const char* ending = std::array{".dds", ".mesh", ".txt", ".bin"}[prng.below(4)];
      source.put(
          id, "a" + std::to_string(a) + ending,
          prng.chance(0.5) ? asset_like_bytes(size, prng.next()) : noise_bytes(size, prng.next()));
    }
    source.put(id, "none.txt", {});
    source.put(id, "twin.dds", source.bytes(id, source.at(id).assets[0].name));
  }
  return source;
}

TEST_F(Pack, gives_every_byte_back) {
  SourceBuilder source = mixed_world(1);
  PackOptions options;
  options.threads = 2;
  options.chunk_size = 64u << 10;
  const Result<PackReport> report = pack_world(source.world(), path_, options, detail_);
  ASSERT_TRUE(report) << detail_;
  EXPECT_EQ(report->containers, 48u);
  EXPECT_EQ(report->file_size.value, std::filesystem::file_size(path_));
  const Result<Archive> archive = Archive::open(path_.c_str());
  ASSERT_TRUE(archive) << error_text(archive.error().code);
  for (std::uint32_t id = 1; id < source.world().containers.size(); ++id) {
    const SourceContainer& from = source.at(id);
    const std::string path =
        (from.parent == 0 ? "" : source.at(from.parent).name + "/") + from.name;
    const ContainerId container = archive->find_container(path);
    ASSERT_TRUE(container.valid()) << path;
    for (const SourceAsset& asset : from.assets) {
      const std::uint32_t index = archive->find_asset(container, asset.name);
      ASSERT_NE(index, UINT32_MAX) << asset.name;
      std::vector<std::byte> bytes(archive->world().assets.raw_size[index]);
      ASSERT_TRUE(archive->read_asset(container, index, bytes)) << path << " " << asset.name;
      EXPECT_EQ(bytes, source.bytes(id, asset.name)) << path << " " << asset.name;
    }
  }
  const Result<VerifyReport> verified = verify_archive(*archive, {});
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->bad_chunks.empty());
  EXPECT_TRUE(verified->padding_clean);
}

TEST_F(Pack, gives_the_same_file_whatever_the_threads_and_the_memory) {
  SourceBuilder source = mixed_world(2);
  std::string first;
  for (const std::uint32_t threads : {1u, 2u, 8u}) {
    for (const std::uint64_t memory : {1ull << 30, 1ull << 16}) {
      PackOptions options;
      options.threads = threads;
      options.memory_max = Bytes{memory};
      ASSERT_TRUE(pack_world(source.world(), path_, options, detail_)) << detail_;
      const std::string file = file_bytes();
      if (first.empty()) first = file;
      EXPECT_TRUE(file == first) << threads << " threads, " << memory << " bytes";
    }
  }
}

TEST_F(Pack, stores_equal_assets_of_a_container_once) {
  SourceBuilder source;
  const std::uint32_t id = source.add("c");
  const std::vector<std::byte> bytes = noise_bytes(100'000, 3);
  for (const char* name : {"a.dds", "b.dds", "c.txt"}) source.put(id, name, bytes);
  const Result<PackReport> report = pack_world(source.world(), path_, {}, detail_);
  ASSERT_TRUE(report) << detail_;
  EXPECT_EQ(report->raw_size, 100'000_B);
  EXPECT_EQ(report->assets, 3u);
}

TEST_F(Pack, derives_the_load_distance_from_the_bounds) {
  SourceBuilder source;
  const std::uint32_t given = source.add_placed("given", {}, 10);
  source.at(given).load_distance = 5;
  source.add_placed("derived", {100, 0, 0}, 10);
  const std::uint32_t box = source.add_placed("box", {200, 0, 0}, 0);
  source.at(box).bounds_kind = BoundsKind::box;
  source.at(box).bounds_half_extent = {3, 4, 0};
  ASSERT_TRUE(pack_world(source.world(), path_, {}, detail_)) << detail_;
  const Result<Archive> archive = Archive::open(path_.c_str());
  ASSERT_TRUE(archive);
  const auto distance = [&](const char* path) {
    return archive->world().containers.load_distance[archive->find_container(path).value];
  };
  EXPECT_EQ(distance("given"), 5.0f);
  EXPECT_EQ(distance("derived"), 90.0f);
  EXPECT_FLOAT_EQ(distance("box"), 45.0f);
}

TEST_F(Pack, names_the_asset_that_cannot_be_loaded_and_keeps_the_old_archive) {
  SourceBuilder good = mixed_world(3);
  ASSERT_TRUE(pack_world(good.world(), path_, {}, detail_)) << detail_;
  const std::string before = file_bytes();
  SourceBuilder bad = mixed_world(4);
  bad.at(30).assets[2].origin = "gone";
  const Result<PackReport> report = pack_world(bad.world(), path_, {}, detail_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::file_open_failed);
  EXPECT_THAT(detail_, HasSubstr(bad.at(30).name));
  EXPECT_THAT(detail_, HasSubstr(bad.at(30).assets[2].name));
  EXPECT_TRUE(file_bytes() == before);
  EXPECT_EQ(files_in_folder(), 1u);
}

TEST_F(Pack, survives_a_loader_that_throws) {
  SourceBuilder source = mixed_world(5);
  source.world().load = [](const SourceAsset&, std::string&) -> Result<std::vector<std::byte>> {
    throw std::runtime_error("the importer's library is out of sorts");
  };
  ASSERT_FALSE(pack_world(source.world(), path_, {}, detail_));
  EXPECT_THAT(detail_, HasSubstr("out of sorts"));
}

TEST_F(Pack, ends_with_an_error_and_leaves_nothing_whatever_a_loader_throws) {
  SourceBuilder source = mixed_world(5);
  for (const std::uint32_t threads : {1u, 2u, 8u}) {
    PackOptions options;
    options.threads = threads;
    source.world().load = [](const SourceAsset&, std::string&) -> Result<std::vector<std::byte>> {
      throw std::bad_alloc();
    };
    EXPECT_EQ(pack_world(source.world(), path_, options, detail_).error().code,
              ErrorCode::out_of_memory);
    EXPECT_THAT(detail_, HasSubstr("memory"));
    source.world().load = [](const SourceAsset&, std::string&) -> Result<std::vector<std::byte>> {
      throw 7;
    };
    EXPECT_EQ(pack_world(source.world(), path_, options, detail_).error().code,
              ErrorCode::source_malformed);
    EXPECT_EQ(files_in_folder(), 0u);
  }
}

TEST_F(Pack, ends_with_an_error_when_its_own_thread_has_no_memory) {
  SourceBuilder source = mixed_world(5);
  PackOptions options;
  options.progress = [](const PackProgress&) -> bool { throw std::bad_alloc(); };
  EXPECT_EQ(pack_world(source.world(), path_, options, detail_).error().code,
            ErrorCode::out_of_memory);
  EXPECT_EQ(files_in_folder(), 0u);
}

TEST_F(Pack, refuses_a_container_and_an_asset_of_one_name_and_names_both) {
  SourceBuilder source;
  const std::uint32_t planet = source.add("planet");
  source.put(planet, "zone", noise_bytes(10, 1));
  source.put(0, "zone", noise_bytes(10, 2));
  ASSERT_TRUE(pack_world(source.world(), path_, {}, detail_)) << detail_;
  std::filesystem::remove(path_);
  const std::uint32_t zone = source.add("zone", planet);
  const Result<PackReport> report = pack_world(source.world(), path_, {}, detail_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::name_duplicate);
  EXPECT_EQ(report.error().subject, zone);
  EXPECT_THAT(detail_, HasSubstr("container planet/zone"));
  EXPECT_THAT(detail_, HasSubstr("asset \"zone\""));
  EXPECT_EQ(files_in_folder(), 0u);
}

TEST_F(Pack, stops_on_request) {
  SourceBuilder source = mixed_world(6);
  PackOptions options;
  options.threads = 2;
  std::uint64_t done = 0;
  options.progress = [&](const PackProgress& progress) {
    EXPECT_GE(progress.containers_done, done);
    EXPECT_LE(progress.source_done, progress.source_total);
    done = progress.containers_done;
    return done < 10;
  };
  const Result<PackReport> report = pack_world(source.world(), path_, options, detail_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::canceled);
  EXPECT_EQ(files_in_folder(), 0u);
}

TEST_F(Pack, tells_of_all_progress_in_the_end) {
  SourceBuilder source = mixed_world(7);
  PackOptions options;
  PackProgress last;
  options.progress = [&](const PackProgress& progress) {
    last = progress;
    return true;
  };
  ASSERT_TRUE(pack_world(source.world(), path_, options, detail_)) << detail_;
  EXPECT_EQ(last.containers_done, last.containers_total);
  EXPECT_EQ(last.source_done, last.source_total);
}

TEST_F(Pack, takes_size_hints_that_are_wrong) {
  SourceBuilder source = mixed_world(8);
  Prng prng(8);
  for (SourceContainer& container : source.world().containers) {
    for (SourceAsset& asset : container.assets)
      asset.size_hint = prng.chance(0.5) ? 0 : std::uint64_t{1} << 40;
  }
  PackOptions options;
  options.threads = 2;
  EXPECT_TRUE(pack_world(source.world(), path_, options, detail_)) << detail_;
}

TEST_F(Pack, refuses_options_out_of_range) {
  SourceBuilder source;
  PackOptions options;
  options.chunk_size = (1u << 20) + 1;
  EXPECT_FALSE(pack_world(source.world(), path_, options, detail_));
  options = {};
  options.disk_bytes_per_second = 0;
  EXPECT_FALSE(pack_world(source.world(), path_, options, detail_));
  options = {};
  options.zstd_level = 22;
  EXPECT_FALSE(pack_world(source.world(), path_, options, detail_));
}

TEST_F(Pack, tells_what_it_stored_of_the_sample) {
  SourceBuilder source = mixed_world(4);
  PackOptions options;
  options.disk_bytes_per_second = 20e6;
  const Result<PackReport> report = pack_world(source.world(), path_, options, detail_);
  ASSERT_TRUE(report) << detail_;
  EXPECT_GT(report->sample_packed.raw.value, 0u);
  EXPECT_EQ(report->sample_packed.raw, report->sample_as[0].raw);
  const auto zstd = static_cast<std::size_t>(Codec::zstd);
  // A chunk or two is smaller by LZ4.
  EXPECT_LE(report->sample_packed.stored, report->sample_as[zstd].stored);
  EXPECT_GT(report->sample_packed.stored.value, report->sample_as[zstd].stored.value * 9 / 10);
  options.codec = CodecChoice::lz4;
  const Result<PackReport> forced = pack_world(source.world(), path_, options, detail_);
  ASSERT_TRUE(forced) << detail_;
  EXPECT_EQ(forced->sample_packed.raw.value, 0u);
}

TEST_F(Pack, packs_a_world_of_nothing) {
  SourceBuilder source;
  ASSERT_TRUE(pack_world(source.world(), path_, {}, detail_)) << detail_;
  EXPECT_TRUE(Archive::open(path_.c_str()));
}

TEST(LayoutOrder, groups_by_kind_then_extension_then_name) {
  std::vector<SourceAsset> assets;
  for (const char* name : {"b.mesh", "z.dds", "a.txt", "a.png", "a.mesh", "y.dds"}) {
    SourceAsset asset;
    asset.name = name;
    asset.kind = asset_kind_of(name);
    assets.push_back(asset);
  }
  EXPECT_THAT(layout_order(assets), ElementsAre(5u, 1u, 3u, 4u, 0u, 2u));
}

std::vector<std::size_t> sizes_of(const std::vector<RawChunk>& chunks) {
  std::vector<std::size_t> sizes;
  for (const RawChunk& chunk : chunks) sizes.push_back(chunk.bytes.size());
  return sizes;
}

TEST(ChunkCutter, lets_small_assets_of_a_kind_share_and_splits_large_ones_evenly) {
  constexpr std::size_t k = 1024;
  ChunkCutter cutter(ChunkSizes::all(64 * k));
  std::vector<RawChunk> chunks;
  EXPECT_EQ(cutter.add(AssetKind::texture, noise_bytes(20 * k, 1), chunks), 0u);
  EXPECT_EQ(cutter.add(AssetKind::texture, noise_bytes(20 * k, 2), chunks), 20 * k);
  EXPECT_EQ(cutter.add(AssetKind::texture, noise_bytes(30 * k, 3), chunks),
            40 * k);                                                              // does not fit
  EXPECT_EQ(cutter.add(AssetKind::mesh, noise_bytes(5 * k, 4), chunks), 70 * k);  // another kind
  EXPECT_EQ(cutter.add(AssetKind::text, noise_bytes(1 * k, 5), chunks),
            75 * k);  // shares: too little
  EXPECT_EQ(cutter.add(AssetKind::text, noise_bytes(130 * k, 6), chunks), 76 * k);
  EXPECT_EQ(cutter.add(AssetKind::text, {}, chunks), 206 * k);
  cutter.finish(chunks);
  EXPECT_THAT(sizes_of(chunks),
              ElementsAre(40 * k, 30 * k, 6 * k, 130 * k / 3, 130 * k * 2 / 3 - 130 * k / 3,
                          130 * k - 130 * k * 2 / 3));
}

TEST(ChunkCutter, splits_meshes_into_larger_parts_and_lets_small_assets_fill_a_chunk) {
  constexpr std::size_t k = 1024;
  ChunkCutter cutter(ChunkSizes{});
  std::vector<RawChunk> chunks;
  for (std::uint64_t i = 0; i < 5; ++i) {
    cutter.add(AssetKind::texture, noise_bytes(60 * k, i), chunks);  // four of them in 256 KiB
  }
  cutter.add(AssetKind::texture, noise_bytes(64 * k + 16, 5), chunks);
  cutter.add(AssetKind::mesh, noise_bytes(128 * k, 6), chunks);
  cutter.add(AssetKind::mesh, noise_bytes(512 * k, 7), chunks);
  cutter.finish(chunks);
  EXPECT_THAT(sizes_of(chunks), ElementsAre(240 * k, 60 * k, 32 * k + 8, 32 * k + 8, 128 * k,
                                            128 * k, 128 * k, 128 * k, 128 * k));
}

TEST(ChunkSizesFor, are_what_was_asked_for_and_large_for_zstd) {
  EXPECT_EQ(chunk_sizes_for({.progress = {}}).part, 64u << 10);
  EXPECT_EQ(chunk_sizes_for({.codec = CodecChoice::lz4, .progress = {}}).mesh_part, 128u << 10);
  EXPECT_EQ(chunk_sizes_for({.codec = CodecChoice::zstd, .progress = {}}).part, 256u << 10);
  const auto part_for_disk = [](double rate) {
    return chunk_sizes_for({.disk_bytes_per_second = rate, .progress = {}}).part;
  };
  EXPECT_EQ(part_for_disk(180e6), 256u << 10) << "zstd for nearly all";
  EXPECT_EQ(part_for_disk(540e6), 64u << 10);
  const ChunkSizes asked =
      chunk_sizes_for({.codec = CodecChoice::zstd, .chunk_size = 8192, .progress = {}});
  EXPECT_EQ(asked.part, 8192u);
  EXPECT_EQ(asked.mesh_part, 8192u);
  EXPECT_EQ(asked.shared, 8192u);
}

TEST(ChunkCutter, begins_every_asset_at_a_multiple_of_16_and_fills_up_with_zeros) {
  ChunkCutter cutter(ChunkSizes::all(4096));
  std::vector<RawChunk> chunks;
  EXPECT_EQ(cutter.add(AssetKind::text, noise_bytes(5, 1), chunks), 0u);
  EXPECT_EQ(cutter.add(AssetKind::text, noise_bytes(17, 2), chunks), 16u);
  EXPECT_EQ(cutter.add(AssetKind::text, noise_bytes(4095, 3), chunks), 48u);
  EXPECT_EQ(cutter.add(AssetKind::text, noise_bytes(10'001, 4), chunks), 48u + 4096);
  EXPECT_EQ(cutter.add(AssetKind::text, noise_bytes(1, 5), chunks), 48u + 4096 + 10'016);
  cutter.finish(chunks);
  EXPECT_THAT(sizes_of(chunks), ElementsAre(48, 4096, 3338, 3339, 3339, 16));
  EXPECT_EQ(chunks[0].bytes[5], std::byte{0});
  EXPECT_EQ(chunks[4].bytes.back(), std::byte{0});
}

TEST(EncodeChunk, chooses_by_time_to_resident) {
  ChunkEncoder encoder;
  const std::vector<std::byte> raw = asset_like_bytes(256u << 10, 1);
  PackOptions options;
  options.disk_bytes_per_second = 1e9;
  EXPECT_EQ(encode_chunk(raw, options, encoder).codec, Codec::lz4);
  options.disk_bytes_per_second = 20e6;  // a slow disk: every byte counts
  EXPECT_EQ(encode_chunk(raw, options, encoder).codec, Codec::zstd);
  options.disk_bytes_per_second = 20e9;  // faster than anything decodes
  EXPECT_EQ(encode_chunk(raw, options, encoder).codec, Codec::store);
}

TEST(EncodeChunk, takes_the_longer_of_reading_and_decoding_for_the_time_of_a_chunk) {
  constexpr std::uint64_t kRaw = 7'000'000;
  // LZ4 decodes it in 2 ms: reading half of it takes longer on a disk of 1 GB/s, not on one of 7.
  EXPECT_DOUBLE_EQ(seconds_to_resident(Codec::lz4, kRaw / 2, kRaw, 1e9), 3.5e-3);
  EXPECT_DOUBLE_EQ(seconds_to_resident(Codec::lz4, kRaw / 2, kRaw, 7e9), 2e-3);
  EXPECT_DOUBLE_EQ(seconds_to_resident(Codec::store, kRaw, kRaw, 7e9), 1e-3);
  EXPECT_DOUBLE_EQ(seconds_to_resident(Codec::store, kRaw, kRaw, 70e9), 7e6 / 8e9);
}

TEST(EncodeChunk, tells_of_a_sample_what_every_codec_makes_of_it_and_chooses_the_same) {
  ChunkEncoder encoder;
  const std::vector<std::byte> raw = asset_like_bytes(128u << 10, 1);
  for (const double disk : {20e6, 1e9, 20e9}) {
    PackOptions options;
    options.disk_bytes_per_second = disk;
    const StoredChunk plain = encode_chunk(raw, options, encoder);
    const StoredChunk sample = encode_chunk(raw, options, encoder, Trial::all);
    EXPECT_EQ(plain.codec, sample.codec);
    EXPECT_EQ(plain.bytes, sample.bytes);
    EXPECT_EQ(plain.size_as[0], 0u);
    EXPECT_EQ(sample.size_as[0], raw.size());
    EXPECT_LT(sample.size_as[1], raw.size());
    EXPECT_LT(sample.size_as[2], sample.size_as[1]);
  }
}

TEST(StoreAlwaysWins, where_every_codec_decodes_slower_than_raw_bytes_are_read) {
  EXPECT_FALSE(store_always_wins(1.2e9));
  EXPECT_FALSE(store_always_wins(kLz4DecodeBytesPerSecond * 0.99));
  EXPECT_TRUE(store_always_wins(kLz4DecodeBytesPerSecond * 1.01));
}

TEST(ResidentBytesPerSecond, is_that_of_reading_all_or_of_decoding_all) {
  const CodecBytes mix[kCodecCount] = {
      {.raw = {8'000'000}, .stored = {8'000'000}}, {.raw = {7'000'000}, .stored = {2'000'000}}, {}};
  EXPECT_DOUBLE_EQ(resident_bytes_per_second(mix, 1e9), 15e6 / 10e-3);
  EXPECT_DOUBLE_EQ(resident_bytes_per_second(mix, 100e9), 15e6 / 3e-3);
  // However small LZ4 makes them, on a disk of 2.7 GB/s: what choose_codec.h says.
  const CodecBytes small[kCodecCount] = {{}, {.raw = {7'000'000}, .stored = {1}}, {}};
  EXPECT_NEAR(resident_bytes_per_second(small, 2.7e9) / 2.7e9, 1.30, 0.005);
  const CodecBytes nothing[kCodecCount] = {};
  EXPECT_EQ(resident_bytes_per_second(nothing, 1e9), 0);
}

TEST(EncodeChunk, stores_what_does_not_get_smaller) {
  ChunkEncoder encoder;
  const std::vector<std::byte> raw = noise_bytes(100'000, 1);
  for (const CodecChoice choice : {CodecChoice::automatic, CodecChoice::lz4, CodecChoice::zstd}) {
    PackOptions options;
    options.codec = choice;
    const StoredChunk chunk = encode_chunk(raw, options, encoder);
    EXPECT_EQ(chunk.codec, Codec::store);
    EXPECT_EQ(chunk.bytes, raw);
    EXPECT_EQ(chunk.checksum, hash64(raw));
  }
}

TEST(AssetKindOf, goes_by_the_extension_in_either_case) {
  EXPECT_EQ(asset_kind_of("a.DDS"), AssetKind::texture);
  EXPECT_EQ(asset_kind_of("a.b.Ogg"), AssetKind::sound);
  EXPECT_EQ(asset_kind_of("Makefile"), AssetKind::other);
  EXPECT_EQ(asset_kind_of(".stg"), AssetKind::placement);
}

}  // namespace
}  // namespace nf
