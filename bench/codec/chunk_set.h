// Chunks to decode: bytes such as games have, cut and encoded as the packer does it.
//
// One owner; immutable after it was made, so any thread may read. The stored bytes and the decoded
// ones lie in huge pages, as they do in the runtime.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/pages.h"
#include "core/codec/codec.h"
#include "core/codec/decode_pool.h"
#include "formats/import/generate_assets.h"

namespace nf::bench {

enum class AssetMix { textures, meshes, text, all };
const char* mix_name(AssetMix mix);

// Exactly `size` bytes.
std::vector<std::byte> make_raw(const AssetPool& pool, AssetMix mix, std::size_t size,
                                std::uint64_t seed);

struct ChunkSet {
  std::vector<std::uint64_t> checksum;
  std::vector<std::uint32_t> stored_at, stored_size, raw_at, raw_size;
  std::vector<std::uint16_t> codec;
  PageBlock stored_pages;
  std::size_t stored_total = 0;
  std::size_t raw_total = 0;

  std::size_t count() const { return checksum.size(); }
  std::span<const std::byte> stored(std::size_t chunk) const {
    return stored_pages.bytes().subspan(stored_at[chunk], stored_size[chunk]);
  }
  ChunkView view(std::size_t first, std::size_t chunks) const;
};

// A chunk that does not become smaller is stored, as the packer does.
ChunkSet encode_chunks(std::span<const std::byte> raw, Codec codec, std::size_t chunk_size);

}  // namespace nf::bench
