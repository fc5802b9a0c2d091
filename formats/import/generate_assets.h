// AssetPool: pieces from which the bytes of generated assets are made at the speed of memory.
//
// Immutable after `make`; any thread may call the rest. A piece is a tile of a fractal picture,
// block-compressed with its mips, or a patch of a displaced grid. An asset takes pieces by chance,
// turned and shifted in colour or height, so that no two are equal and codecs find in them as much
// as in real ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "formats/import/texture.h"

namespace nf {

class AssetPool {
 public:
  static AssetPool make(std::uint64_t seed);

  // A DDS file with square sides of a power of two, 256 to 4096, and all mips.
  std::vector<std::byte> texture(std::uint32_t side, BlockFormat format, std::uint64_t seed) const;

  // A mesh of exactly `size` bytes: a header of 32 bytes, vertices of 20, indices of 2.
  std::vector<std::byte> mesh(std::uint64_t size, std::uint64_t seed) const;

  // 16-bit mono sound of exactly `size` bytes, at least 44: a WAV file.
  std::vector<std::byte> sound(std::uint64_t size, std::uint64_t seed) const;

  // A description of exactly `size` bytes.
  std::vector<std::byte> text(std::uint64_t size, const std::string& name,
                              std::uint64_t seed) const;

 private:
  static constexpr std::uint32_t kTileSide = 256;
  static constexpr std::size_t kTiles = 24;
  static constexpr std::size_t kTurns = 4;         // as it is, mirrored either way, both
  static constexpr std::uint32_t kTileLevels = 7;  // down to one block
  static constexpr std::uint32_t kPatchSide = 64;  // vertices
  static constexpr std::size_t kPatches = 32;

  struct Tile {  // by turn and level: rows of blocks
    std::array<std::array<std::vector<std::byte>, kTileLevels>, kTurns> levels;
  };
  struct Patch {
    std::vector<float> height;
    std::vector<std::uint32_t> normal;  // 3 signed bytes and a zero
  };

  void put_level(std::vector<std::byte>& dds, std::uint32_t side, std::uint32_t level,
                 BlockFormat format, std::uint64_t seed) const;
  static Tile make_tile(std::uint64_t seed, BlockFormat format);
  static Patch make_patch(std::uint64_t seed);

  std::array<std::vector<Tile>, 2> tiles_;  // by BlockFormat
  std::vector<Patch> patches_;
};

}  // namespace nf
