#include "bench/load/load_worlds.h"

#include <cstring>

#include "bench/suite/bench_progress.h"
#include "bench/suite/scratch.h"
#include "core/base/prng.h"
#include "formats/import/generate.h"
#include "formats/import/import.h"
#include "formats/pack/pack.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr Bytes kStarSize = {768ull << 20};
constexpr std::uint32_t kSmallContainers = 1024;

void tell(const BenchOptions& options, const char* what, double done) {
  if (options.progress) options.progress(what, done);
}

void pack(const SourceWorld& source, const std::filesystem::path& path, CodecChoice codec) {
  std::string detail;
  const auto go_on = [](const PackProgress&) { return !interrupted(); };
  const auto report =
      pack_world(source, path.string(), {.codec = codec, .progress = go_on}, detail);
  if (interrupted()) throw Interrupted{};
  if (!report) throw BenchError("packing " + path.string() + ": " + detail);
}

void make_star(const BenchOptions& options, const LoadWorlds& worlds) {
  const ScratchFolder scratch(options.dir, "load");
  const std::string source = (scratch.path() / "source").string();
  std::string detail;
  tell(options, "making a world to load", 0);
  const auto go_on = [](const GenerateProgress&) { return !interrupted(); };
  const auto made =
      generate_world(source, {.size = kStarSize, .seed = options.seed, .progress = go_on}, detail);
  if (interrupted()) throw Interrupted{};
  if (!made) {
    throw BenchError("making a world: " + detail);
  }
  const Result<SourceWorld> imported = import_source(source, ImportKind::automatic, detail);
  if (!imported) throw BenchError("reading the world that was made: " + detail);
  tell(options, "packing it as LZ4", 0);
  pack(*imported, worlds.lz4, CodecChoice::lz4);
  tell(options, "packing it as zstd", 0);
  pack(*imported, worlds.zstd, CodecChoice::zstd);
  tell(options, "packing it as it is", 0);
  pack(*imported, worlds.store, CodecChoice::store);
}

// Half of each asset is drawn from few values, so that LZ4 finds about what it finds in real ones.
std::vector<std::byte> small_asset(std::uint64_t seed) {
  Prng prng(seed);
  std::vector<std::byte> bytes(kSmallAssetSize);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint64_t value = i % 64 < 32 ? prng.next() : i / 64;
    bytes[i] = static_cast<std::byte>(value);
  }
  return bytes;
}

void make_small(const BenchOptions& options, const std::filesystem::path& path) {
  SourceWorld world;
  world.containers.push_back({});
  for (std::uint32_t i = 0; i < kSmallContainers; ++i) {
    SourceContainer container;
    container.name = "c" + std::to_string(i);
    container.parent = 0;
    for (std::uint32_t k = 0; k < kSmallAssetsInContainer; ++k) {
      SourceAsset asset;
      asset.name = "a" + std::to_string(k);
      asset.origin = std::to_string(i * kSmallAssetsInContainer + k);
      asset.size_hint = kSmallAssetSize;
      container.assets.push_back(asset);
    }
    world.containers.push_back(container);
  }
  const std::uint64_t seed = options.seed;
  world.load = [seed](const SourceAsset& asset, std::string&) -> Result<std::vector<std::byte>> {
    return small_asset(seed << 32 | std::stoull(asset.origin));
  };
  tell(options, "packing small assets", 0);
  pack(world, path, CodecChoice::lz4);
}

}  // namespace

LoadWorlds make_load_worlds(const BenchOptions& options) {
  const std::filesystem::path folder =
      options.dir / ("load_worlds_seed_" + std::to_string(options.seed));
  std::filesystem::create_directories(folder);
  remove_abandoned_folders(options.dir);
  remove_abandoned_archives(folder);
  const LoadWorlds worlds = {.folder = folder,
                             .lz4 = folder / "star_lz4.nfa",
                             .zstd = folder / "star_zstd.nfa",
                             .store = folder / "star_store.nfa",
                             .small = folder / "small_lz4.nfa"};
  // An archive appears whole or not at all.
  for (const std::filesystem::path& star : {worlds.lz4, worlds.zstd, worlds.store}) {
    if (std::filesystem::exists(star)) continue;
    make_star(options, worlds);
    break;
  }
  if (!std::filesystem::exists(worlds.small)) make_small(options, worlds.small);
  return worlds;
}

std::string kept_note(const LoadWorlds& worlds) {
  Bytes kept;
  for (const auto& entry : std::filesystem::directory_iterator(worlds.folder)) {
    if (entry.is_regular_file()) kept += Bytes{entry.file_size()};
  }
  return worlds.folder.string() + " keeps " + human_size(kept) +
         " for the next run: remove it when there is none";
}

}  // namespace nf::bench
