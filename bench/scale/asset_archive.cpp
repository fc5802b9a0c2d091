#include "bench/scale/asset_archive.h"

#include <algorithm>
#include <string>
#include <vector>

#include "bench/suite/suite.h"
#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "formats/archive/archive_tables.h"
#include "formats/archive/archive_writer.h"
#include "formats/archive/byte_source.h"
#include "tools/nearfield/output.h"

namespace nf::bench {
namespace {

constexpr std::uint32_t kChunksInContainer = 4;
constexpr std::uint32_t kChunkSize = 64;

void require(const Error& error, const char* what) {
  if (error) throw BenchError(std::string(what) + ": " + cause_of(error));
}

struct NamedAsset {
  AssetId hash;
  std::string name;
};

std::vector<NamedAsset> make_assets(std::uint32_t container) {
  std::vector<NamedAsset> assets;
  for (std::uint32_t i = 0; i < kAssetsInContainer; ++i) {
    const std::string name =
        "building_" + std::to_string(container) + "_part" + std::to_string(i) + "_albedo.dds";
    assets.push_back({.hash = asset_id(name), .name = name});
  }
  std::sort(assets.begin(), assets.end(),
            [](const NamedAsset& a, const NamedAsset& b) { return a.hash < b.hash; });
  return assets;
}

void add_chunks(WorldTables& world, std::uint32_t id, std::span<const std::byte> run) {
  for (std::uint32_t k = 0; k < kChunksInContainer; ++k) {
    const std::uint32_t chunk = (id - 1) * kChunksInContainer + k;
    const std::uint32_t at = k * kChunkSize;
    world.chunks.checksum[chunk] = hash64(run.subspan(at, kChunkSize));
    world.chunks.stored_at[chunk] = at;
    world.chunks.raw_at[chunk] = at;
    world.chunks.stored_size[chunk] = kChunkSize;
    world.chunks.raw_size[chunk] = kChunkSize;
  }
}

void add_assets(ArchiveContent& content, std::uint32_t id) {
  std::uint32_t at = (id - 1) * kAssetsInContainer;
  for (const NamedAsset& asset : make_assets(id)) {
    content.world.assets.name_hash[at] = asset.hash;
    content.world.assets.raw_at[at] = at % kChunksInContainer * kChunkSize;
    content.world.assets.raw_size[at] = kChunkSize;
    content.world.assets.kind[at++] = 1;
    content.asset_names.push_back(asset.name);
  }
}

void add_container(ArchiveContent& content, std::uint32_t id, std::uint32_t last,
                   FileOffset run_at) {
  ContainerTable& table = content.world.containers;
  const std::string name = id == 0 ? "" : "cell_" + std::to_string(id);
  content.container_names.push_back(name);
  table.path_hash[id] = path_hash(name);
  table.parent[id] = id == 0 ? ContainerId::none_value : 0;
  table.subtree_end[id] = id == 0 ? last + 1 : id + 1;
  table.rotation[id] = {};
  table.first_asset[id + 1] = id * kAssetsInContainer;
  table.first_chunk[id + 1] = id * kChunksInContainer;
  if (id == 0) return;
  table.position[id] = {.x = 100.0 * (id % 200), .y = 0, .z = 100.0 * (id / 200)};
  table.bounds_kind[id] = BoundsKind::box;
  table.bounds_half_extent[id] = {50, 50, 50};
  table.load_distance[id] = 500;
  table.run_at[id] = run_at;
  table.run_size[id] = kChunksInContainer * kChunkSize;
  table.raw_size[id] = kChunksInContainer * kChunkSize;
}

}  // namespace

void write_asset_archive(const std::filesystem::path& path, std::uint32_t assets,
                         std::uint64_t seed) {
  const std::uint32_t containers = (assets + kAssetsInContainer - 1) / kAssetsInContainer;
  Result<ArchiveWriter> writer = ArchiveWriter::create(path.string());
  if (!writer) require(writer.error(), "an archive cannot be made");
  Result<WorldTables> tables = make_world_tables({.containers = containers + 1,
                                                  .assets = containers * kAssetsInContainer,
                                                  .chunks = containers * kChunksInContainer});
  if (!tables) require(tables.error(), "tables cannot be made");
  ArchiveContent content;
  content.world = std::move(*tables);
  add_container(content, 0, containers, {});
  std::vector<std::byte> run(kChunksInContainer * kChunkSize);
  Prng prng(seed);
  for (std::uint32_t id = 1; id <= containers; ++id) {
    for (std::byte& b : run) b = static_cast<std::byte>(prng.below(256));
    const Result<FileOffset> at = writer->append_run(run);
    if (!at) require(at.error(), "an archive cannot be written");
    add_container(content, id, containers, *at);
    add_assets(content, id);
    add_chunks(content.world, id, run);
  }
  const Result<void> finished = writer->finish(content);
  if (!finished) require(finished.error(), "an archive cannot be finished");
}

TableBytes::TableBytes(const std::filesystem::path& path) : file_(path) {
  const ByteSource source = ByteSource::of_file(file_.handle().buffered, file_.size());
  const Result<ArchiveTables> tables = read_archive_tables(source);
  if (!tables) require(tables.error(), "the tables of an archive");
  for (const TablePlace& place : tables->header.tables) {
    if (place.at != 0) places_.push_back(place);  // an archive without gates has no table of them
  }
  std::uint64_t largest = 0;
  for (const TablePlace& place : places_) {
    size_ += Bytes{place.size};
    largest = std::max(largest, place.size);
  }
  bytes_.resize(largest);
}

void TableBytes::read_and_hash() {
  const ByteSource source = ByteSource::of_file(file_.handle().buffered, file_.size());
  for (const TablePlace& place : places_) {
    const std::span<std::byte> bytes = std::span(bytes_).first(place.size);
    require(source.read(place.at, bytes), "the tables of an archive");
    if (hash64(bytes) != place.checksum) throw BenchError("a table has another hash");
  }
}

}  // namespace nf::bench
