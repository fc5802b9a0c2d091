#include "formats/import/generate_archive.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "formats/import/generate_galaxy.h"
#include "formats/import/generate_system.h"
#include "formats/pack/pack.h"

namespace nf {

namespace {

struct Stem {
  const char* name;
  const char* extension;
  AssetKind kind;
};

// With five digits of a number every name fits the 15 bytes that std::string keeps without memory
// of its own.
constexpr Stem kStems[] = {
    {"hull_", ".mesh", AssetKind::mesh},   {"skin_", ".dds", AssetKind::texture},
    {"trim_", ".dds", AssetKind::texture}, {"pipe_", ".mesh", AssetKind::mesh},
    {"norm_", ".dds", AssetKind::texture}, {"door_", ".mesh", AssetKind::mesh},
    {"mask_", ".dds", AssetKind::texture}, {"vent_", ".mesh", AssetKind::mesh},
    {"glow_", ".dds", AssetKind::texture}, {"hum_", ".wav", AssetKind::sound},
    {"wall_", ".mesh", AssetKind::mesh},   {"things_", ".json", AssetKind::text},
};

// Digits and letters, five at least.
std::string number_text(std::uint32_t number) {
  static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string text;
  for (; number > 0 || text.size() < 5; number /= 36)
    text.insert(text.begin(), kDigits[number % 36]);
  return text;
}

// Asset by asset along the weights, so that the last container ends at the last asset.
void add_assets(GeneratedTree& tree, const GenerateArchiveOptions& options) {
  std::uint64_t weight_all = 0;  // every recipe has a sun: never stays 0
  for (const std::uint8_t weight : tree.asset_weights) weight_all += weight;
  std::uint64_t weight = 0;
  std::uint32_t done = 0;
  for (std::size_t id = 0; id < tree.containers.size(); ++id) {
    weight += tree.asset_weights[id];
    const auto end = static_cast<std::uint32_t>(options.assets * weight /
                                                std::max<std::uint64_t>(1, weight_all));
    std::vector<SourceAsset>& assets = tree.containers[id].assets;
    assets.resize(end - done);
    for (SourceAsset& asset : assets) {
      const Stem& stem = kStems[done % std::size(kStems)];
      asset.name = stem.name + number_text(done) + stem.extension;
      asset.kind = stem.kind;
      asset.recipe = done++;
      asset.size_hint = options.asset_size.value;
    }
  }
}

std::vector<std::byte> make_noise(std::uint64_t size, std::uint64_t seed) {
  std::vector<std::byte> bytes(size);
  Prng prng(seed);
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t word = prng.next();
    std::memcpy(bytes.data() + at, &word, std::min(sizeof word, bytes.size() - at));
  }
  return bytes;
}

Error refuse(std::string& detail, std::string text) {
  detail = std::move(text);
  return Error{.code = ErrorCode::invalid_argument};
}

// The fewest that every system of the recipe can be made of.
std::uint64_t containers_min(const GenerateArchiveOptions& options) {
  if (options.recipe == ArchiveRecipe::system) return kSystemContainersMin;
  return 1 + std::uint64_t{options.systems} * (kSystemContainersMin + kSystemLinksMax);
}

Result<void> check_options(const GenerateArchiveOptions& options, std::string& detail) {
  const bool galaxy = options.recipe == ArchiveRecipe::galaxy;
  if (galaxy && (options.systems < kGalaxySystemsMin || options.systems > kGalaxySystemsMax))
    return refuse(detail, "a galaxy has " + std::to_string(kGalaxySystemsMin) + " to " +
                              std::to_string(kGalaxySystemsMax) + " star systems");
  const std::uint64_t least = containers_min(options);
  if (options.containers < least)
    return refuse(detail,
                  galaxy ? std::to_string(options.systems) + " star systems need " +
                               std::to_string(least) + " containers or more"
                         : "a star system needs " + std::to_string(least) + " containers or more");
  if (options.containers > kContainersMax)
    return refuse(detail,
                  "an archive holds at most " + std::to_string(kContainersMax) + " containers");
  if (options.assets == 0 || options.assets > kAssetsMax)
    return refuse(detail,
                  "an archive of this recipe holds 1 to " + std::to_string(kAssetsMax) + " assets");
  if (options.asset_size < kGeneratedAssetSizeMin || options.asset_size > kGeneratedAssetSizeMax)
    return refuse(detail, "an asset of this recipe has 8 bytes to 1 MiB");
  return {};
}

GeneratedTree make_tree(const GenerateArchiveOptions& options) {
  GeneratedTree tree;
  Prng prng(options.seed);
  tree.containers.reserve(options.containers);
  tree.asset_weights.reserve(options.containers);
  tree.add("", ~0u, 0);
  if (options.recipe == ArchiveRecipe::system) {
    add_star_system(tree, 0, options.containers, prng);
  } else {
    add_galaxy(tree, plan_galaxy(options.systems, prng.next()), options.containers, prng);
  }
  return tree;
}

Result<GenerateArchiveReport> pack_source(const SourceWorld& source, const std::string& path,
                                          const GenerateArchiveOptions& options,
                                          std::string& detail) {
  PackOptions pack;
  pack.codec = CodecChoice::store;  // noise does not get smaller
  pack.threads = options.threads;
  if (options.progress) {
    pack.progress = [&](const PackProgress& step) {
      return options.progress({.written = step.source_done, .total = step.source_total});
    };
  }
  const Result<PackReport> packed = pack_world(source, path, pack, detail);
  if (!packed) return packed.error();
  GenerateArchiveReport report;
  report.containers = packed->containers;
  report.assets = packed->assets;
  report.chunks = packed->chunks;
  report.size = Bytes{packed->assets * options.asset_size.value};
  report.file_size = packed->file_size;
  for (const SourceContainer& container : source.containers) report.gates += container.gates.size();
  return report;
}

}  // namespace

Result<SourceWorld> make_source(const GenerateArchiveOptions& options, std::string& detail) {
  if (const Result<void> good = check_options(options, detail); !good) return good.error();
  GeneratedTree tree = make_tree(options);
  add_assets(tree, options);
  SourceWorld source;
  source.containers = std::move(tree.containers);
  const std::uint64_t size = options.asset_size.value;
  const std::uint64_t seed = Prng(options.seed).next();
  source.load = [size, seed](const SourceAsset& asset, std::string&) {
    return Result<std::vector<std::byte>>(make_noise(size, seed + asset.recipe));
  };
  return source;
}

Result<GenerateArchiveReport> generate_archive(const std::string& path,
                                               const GenerateArchiveOptions& options,
                                               std::string& detail) {
  try {
    const Result<SourceWorld> source = make_source(options, detail);
    if (!source) return source.error();
    return pack_source(*source, path, options, detail);
  } catch (const std::bad_alloc&) {
    detail = "out of memory";
    return Error{.code = ErrorCode::out_of_memory};
  }
}

}  // namespace nf
