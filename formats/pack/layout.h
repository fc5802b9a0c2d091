// layout: the bytes of a container cut into chunks.
//
// Pure; one owner. Assets lie grouped by kind, so that what shares a chunk compresses together.
// Small ones share chunks; those over the chunk size are split into equal parts that share with
// none.
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

struct RawChunk {
  AssetKind kind = AssetKind::other;  // of its first asset
  std::vector<std::byte> bytes;
};

class ChunkCutter {
 public:
  explicit ChunkCutter(std::uint32_t chunk_size) : chunk_size_(chunk_size) {}

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

  std::uint32_t chunk_size_;
  std::uint64_t size_ = 0;
  RawChunk open_;
};

}  // namespace nf
