// layout: the bytes of a container cut into chunks.
//
// Pure; one owner. Assets lie grouped by kind, so that what shares a chunk compresses together.
// Small ones share chunks; large ones are split into equal parts that share with none, so that a
// part of an asset can be read without the rest of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "formats/pack/source_world.h"

namespace nf {

// The order of a container's assets in its decoded bytes: by kind, extension, name.
std::vector<std::uint32_t> layout_order(const std::vector<SourceAsset>& assets);

// Where an asset begins in a container's decoded bytes is a multiple of this, so that an engine may
// read a structure in place. Zeros fill what is left over.
inline constexpr std::size_t kAssetAlignment = 16;

// At most, in decoded bytes. What compresses together does so better, and what is read in parts is
// read in smaller ones: ARCHITECTURE.md has the figures.
struct ChunkSizes {
  std::uint32_t shared = 256u << 10;     // a chunk of small assets
  std::uint32_t part = 64u << 10;        // of a large asset
  std::uint32_t mesh_part = 128u << 10;  // rows of a grid are alike further apart

  static ChunkSizes all(std::uint32_t size) { return {size, size, size}; }
  std::uint32_t part_of(AssetKind kind) const { return kind == AssetKind::mesh ? mesh_part : part; }
};

struct RawChunk {
  AssetKind kind = AssetKind::other;  // of its first asset
  std::vector<std::byte> bytes;
};

class ChunkCutter {
 public:
  explicit ChunkCutter(const ChunkSizes& sizes) : sizes_(sizes) {}

  // Appends an asset and what it takes to the next multiple of kAssetAlignment, adds the chunks
  // that are complete to `finished`, and returns the place of its first byte in the container's
  // decoded bytes.
  std::uint64_t add(AssetKind kind, std::span<const std::byte> bytes,
                    std::vector<RawChunk>& finished);
  void finish(std::vector<RawChunk>& finished);  // the last chunk; the next asset starts at 0 again

  std::uint64_t size() const { return size_; }

 private:
  void split(AssetKind kind, std::span<const std::byte> bytes,
             std::vector<RawChunk>& finished) const;
  void close(std::vector<RawChunk>& finished);

  // A chunk below this is not closed for a change of kind: reading and checking it would cost more
  // than its better compression gains.
  static constexpr std::size_t kMixedBelow = 16u << 10;

  ChunkSizes sizes_;
  std::uint64_t size_ = 0;
  RawChunk open_;
};

}  // namespace nf
