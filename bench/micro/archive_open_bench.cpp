// How long does an archive of a million assets take to open, and where does the time go?
//
// The archive (20,000 containers, 1,000,000 assets with names of their own, 80,000 chunks) is
// written to the folder of temporary files first. Its table bytes are in the page cache: what is
// measured is the reader, not the disk. `tables` is the size of what is read, checked and kept.
#include <benchmark/benchmark.h>
#include <nearfield/archive.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "formats/archive/archive_tables.h"
#include "formats/archive/archive_writer.h"

namespace {

using namespace nf;

constexpr std::uint32_t kContainers = 20'000;
constexpr std::uint32_t kAssetsEach = 50;
constexpr std::uint32_t kChunksEach = 4;
constexpr std::uint32_t kChunkSize = 64;

struct NamedAsset {
  AssetId hash;
  std::string name;
};

std::vector<NamedAsset> make_assets(std::uint32_t container) {
  std::vector<NamedAsset> assets;
  for (std::uint32_t i = 0; i < kAssetsEach; ++i) {
    const std::string name =
        "building_" + std::to_string(container) + "_part" + std::to_string(i) + "_albedo.dds";
    assets.push_back({.hash = asset_id(name), .name = name});
  }
  std::sort(assets.begin(), assets.end(),
            [](const NamedAsset& a, const NamedAsset& b) { return a.hash < b.hash; });
  return assets;
}

void add_chunks(WorldTables& world, std::uint32_t id, std::span<const std::byte> run) {
  for (std::uint32_t k = 0; k < kChunksEach; ++k) {
    const std::uint32_t chunk = (id - 1) * kChunksEach + k;
    const std::uint32_t at = k * kChunkSize;
    world.chunks.checksum[chunk] = hash64(run.subspan(at, kChunkSize));
    world.chunks.stored_at[chunk] = at;
    world.chunks.raw_at[chunk] = at;
    world.chunks.stored_size[chunk] = kChunkSize;
    world.chunks.raw_size[chunk] = kChunkSize;
  }
}

void add_assets(ArchiveContent& content, std::uint32_t id) {
  std::uint32_t at = (id - 1) * kAssetsEach;
  for (const NamedAsset& asset : make_assets(id)) {
    content.world.assets.name_hash[at] = asset.hash;
    content.world.assets.raw_at[at] = at % kChunksEach * kChunkSize;
    content.world.assets.raw_size[at] = kChunkSize;
    content.world.assets.kind[at++] = 1;
    content.asset_names.push_back(asset.name);
  }
}

void add_container(ArchiveContent& content, std::uint32_t id, FileOffset run_at) {
  ContainerTable& table = content.world.containers;
  const std::string name = id == 0 ? "" : "cell_" + std::to_string(id);
  content.container_names.push_back(name);
  table.path_hash[id] = path_hash(name);
  table.parent[id] = id == 0 ? ContainerId::none_value : 0;
  table.subtree_end[id] = id == 0 ? kContainers + 1 : id + 1;
  table.rotation[id] = {};
  table.first_asset[id + 1] = id * kAssetsEach;
  table.first_chunk[id + 1] = id * kChunksEach;
  if (id == 0) return;
  table.position[id] = {.x = 100.0 * (id % 200), .y = 0, .z = 100.0 * (id / 200)};
  table.bounds_kind[id] = BoundsKind::box;
  table.bounds_half_extent[id] = {50, 50, 50};
  table.load_distance[id] = 500;
  table.run_at[id] = run_at;
  table.run_size[id] = kChunksEach * kChunkSize;
  table.raw_size[id] = kChunksEach * kChunkSize;
}

void require(const Error& error, const char* what) {
  if (!error) return;
  std::fprintf(stderr, "%s: %s\n", what, error_text(error.code));
  std::exit(3);
}

class MillionAssets {
 public:
  MillionAssets()
      : path_((std::filesystem::temp_directory_path() / "nearfield_open_bench.nfa").string()) {
    Result<ArchiveWriter> writer = ArchiveWriter::create(path_);
    if (!writer) require(writer.error(), "create");
    ArchiveContent content;
    content.world = std::move(*make_world_tables({.containers = kContainers + 1,
                                                  .assets = kContainers * kAssetsEach,
                                                  .chunks = kContainers * kChunksEach}));
    add_container(content, 0, {});
    std::vector<std::byte> run(kChunksEach * kChunkSize);
    Prng prng(1);
    for (std::uint32_t id = 1; id <= kContainers; ++id) {
      for (std::byte& b : run) b = static_cast<std::byte>(prng.below(256));
      const Result<FileOffset> at = writer->append_run(run);
      if (!at) require(at.error(), "append");
      add_container(content, id, *at);
      add_assets(content, id);
      add_chunks(content.world, id, run);
    }
    const Result<void> finished = writer->finish(content);
    if (!finished) require(finished.error(), "finish");
  }
  ~MillionAssets() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

const MillionAssets& archive_file() {
  static const MillionAssets file;
  return file;
}

void open_million_assets(benchmark::State& state) {
  const std::string& path = archive_file().path();
  for (auto _ : state) {
    const Result<Archive> archive = Archive::open(path.c_str());
    if (!archive) require(archive.error(), "open");
    if (archive->info().assets != kContainers * kAssetsEach) std::exit(3);
    benchmark::DoNotOptimize(archive->source());
  }
}
BENCHMARK(open_million_assets)->Unit(benchmark::kMillisecond)->MinTime(2);

// The same checks on tables that are in memory already: the share that is not reading.
void check_million_assets(benchmark::State& state) {
  const ByteSource source = [] {
    const Result<Archive> archive = Archive::open(archive_file().path().c_str());
    if (!archive) require(archive.error(), "open");
    static std::vector<std::byte> bytes(archive->info().file_size.value);
    const ByteSource file =
        ByteSource::of_file(archive->source().file.buffered, archive->info().file_size);
    require(file.read(0, bytes), "read");
    return ByteSource::of_memory(bytes);
  }();
  const Result<ArchiveTables> tables = read_archive_tables(source);
  if (!tables) require(tables.error(), "tables");
  for (auto _ : state) {
    const Result<void> sound = check_world(tables->world);
    if (!sound) require(sound.error(), "world");
    require(check_names(tables->world, tables->names), "names");
  }
  std::uint64_t size = 0;
  for (const TablePlace& place : tables->header.tables) size += place.size;
  state.counters["tables"] = static_cast<double>(size);
}
BENCHMARK(check_million_assets)->Unit(benchmark::kMillisecond)->MinTime(1);

}  // namespace
