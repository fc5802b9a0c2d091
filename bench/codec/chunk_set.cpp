#include "bench/codec/chunk_set.h"

#include <algorithm>
#include <cstring>

#include "bench/suite/suite.h"
#include "core/base/prng.h"

namespace nf::bench {
namespace {

constexpr int kLz4Level = 9;  // as `nearfield pack` without further options
constexpr int kZstdLevel = 9;

std::vector<std::byte> make_asset(const AssetPool& pool, AssetMix mix, Prng& prng) {
  const std::uint64_t seed = prng.next();
  if (mix == AssetMix::all) mix = static_cast<AssetMix>(prng.below(8) / 5 + (seed % 16 == 0));
  switch (mix) {
    case AssetMix::textures: {
      const std::uint32_t side = 256u << prng.below(3);
      return pool.texture(side, prng.chance(0.5) ? BlockFormat::bc1 : BlockFormat::bc3, seed);
    }
    case AssetMix::meshes: return pool.mesh(16'384 + prng.below(400'000), seed);
    default:
      return pool.text(2'048 + prng.below(60'000), "placement_" + std::to_string(seed), seed);
  }
}

PageBlock map_pages(std::size_t size) {
  Result<PageBlock> pages = PageBlock::map(Bytes{size}, PageKind::huge);
  if (!pages) throw BenchError("memory for chunks is refused");
  return std::move(*pages);
}

}  // namespace

const char* mix_name(AssetMix mix) {
  switch (mix) {
    case AssetMix::textures: return "textures";
    case AssetMix::meshes: return "meshes";
    case AssetMix::text: return "text";
    case AssetMix::all: return "all kinds";
  }
  return "";
}

std::vector<std::byte> make_raw(const AssetPool& pool, AssetMix mix, std::size_t size,
                                std::uint64_t seed) {
  std::vector<std::byte> raw;
  raw.reserve(size + (8u << 20));
  Prng prng(seed);
  while (raw.size() < size) {
    const std::vector<std::byte> asset = make_asset(pool, mix, prng);
    raw.insert(raw.end(), asset.begin(), asset.end());
  }
  raw.resize(size);
  return raw;
}

ChunkView ChunkSet::view(std::size_t first, std::size_t chunks) const {
  return {.checksum = checksum.data() + first,
          .stored_at = stored_at.data() + first,
          .stored_size = stored_size.data() + first,
          .raw_at = raw_at.data() + first,
          .raw_size = raw_size.data() + first,
          .codec = codec.data() + first,
          .count = static_cast<std::uint32_t>(chunks),
          .first_id = static_cast<std::uint32_t>(first)};
}

ChunkSet encode_chunks(std::span<const std::byte> raw, Codec codec, std::size_t chunk_size) {
  ChunkSet set;
  set.raw_total = raw.size();
  set.stored_pages = map_pages(raw.size());
  ChunkEncoder encoder;
  const int level = codec == Codec::lz4 ? kLz4Level : kZstdLevel;
  for (std::size_t at = 0; at < raw.size(); at += chunk_size) {
    const std::span<const std::byte> part = raw.subspan(at, std::min(chunk_size, raw.size() - at));
    std::span<const std::byte> stored;
    if (codec != Codec::store) stored = encoder.encode(codec, level, part);
    const bool smaller = !stored.empty();
    if (!smaller) stored = part;
    std::memcpy(set.stored_pages.bytes().data() + set.stored_total, stored.data(), stored.size());
    set.checksum.push_back(hash64(stored));
    set.stored_at.push_back(static_cast<std::uint32_t>(set.stored_total));
    set.stored_size.push_back(static_cast<std::uint32_t>(stored.size()));
    set.raw_at.push_back(static_cast<std::uint32_t>(at));
    set.raw_size.push_back(static_cast<std::uint32_t>(part.size()));
    set.codec.push_back(static_cast<std::uint16_t>(smaller ? codec : Codec::store));
    set.stored_total += stored.size();
  }
  return set;
}

}  // namespace nf::bench
