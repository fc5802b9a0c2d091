#include "formats/import/generate_assets.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "formats/import/fractal_noise.h"

namespace nf {

namespace {

// How much of a picture is plain: real textures hold painted and empty areas beside rough ones, and
// without them no codec would find what it finds there.
constexpr float kPlainBelow = 0.04f;

std::uint64_t block_bytes(BlockFormat format) {
  return format == BlockFormat::bc1 ? 8 : 16;
}

std::uint8_t channel(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 64.0f, 191.0f));
}

// Mid-range colours only, so that a shift of the end points cannot overflow a channel.
Image make_picture(std::uint64_t seed, std::uint32_t side, bool alpha) {
  const FractalNoise noise(seed);
  Prng prng(seed ^ 0xA5A5);
  const float base[3] = {static_cast<float>(prng.between(90, 160)),
                         static_cast<float>(prng.between(90, 160)),
                         static_cast<float>(prng.between(90, 160))};
  Image image{.width = side, .height = side, .has_alpha = alpha, .rgba = {}};
  image.rgba.resize(std::size_t{4} * side * side);
  std::uint8_t* pixel = image.rgba.data();
  const float scale = 1 / static_cast<float>(side);
  for (std::uint32_t y = 0; y < side; ++y) {
    for (std::uint32_t x = 0; x < side; ++x) {
      const float u = static_cast<float>(x) * scale;
      const float v = static_cast<float>(y) * scale;
      const float region = noise.at(u, v, 4, 3, 0.5f);
      const bool plain = region < kPlainBelow;
      const float rough = plain ? 0 : noise.at(u, v, 16, 4, 0.6f);
      const float tint = plain ? 0 : noise.at(u, v, 4, 1, 0.5f);
      for (std::size_t c = 0; c < 3; ++c)
        pixel[c] = channel(base[c] + 40 * rough + (c == 1 ? 20.0f : -8.0f) * tint);
      const float cover = std::clamp((region + 0.25f) * 1000, 0.0f, 255.0f);
      pixel[3] = alpha ? static_cast<std::uint8_t>(cover) : 255;
      pixel += 4;
    }
  }
  return image;
}

Image turned(const Image& image, std::size_t turn) {
  Image out = image;
  const std::size_t side = image.width;
  for (std::size_t y = 0; y < side; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      const std::size_t from_x = (turn & 1) != 0 ? side - 1 - x : x;
      const std::size_t from_y = (turn & 2) != 0 ? side - 1 - y : y;
      std::memcpy(&out.rgba[(y * side + x) * 4], &image.rgba[(from_y * side + from_x) * 4], 4);
    }
  }
  return out;
}

// Adds the same amount to both end points of each block: their order, which says how the block is
// to be read, stays.
void copy_shifted(std::byte* to, const std::byte* from, std::size_t size, BlockFormat format,
                  std::uint16_t shift) {
  const std::size_t step = block_bytes(format);
  const std::size_t colours = format == BlockFormat::bc1 ? 0 : 8;
  std::memcpy(to, from, size);
  const std::uint32_t both = shift | static_cast<std::uint32_t>(shift) << 16;
  for (std::size_t at = colours; at < size; at += step) {
    std::uint32_t ends = 0;
    std::memcpy(&ends, to + at, 4);
    ends += both;
    std::memcpy(to + at, &ends, 4);
  }
}

// -3 to 3 in red and blue, -6 to 6 in green, as one amount to add to a 5:6:5 colour.
std::uint16_t colour_shift(Prng& prng) {
  const int red = static_cast<int>(prng.below(7)) - 3;
  const int green = static_cast<int>(prng.below(13)) - 6;
  const int blue = static_cast<int>(prng.below(7)) - 3;
  return static_cast<std::uint16_t>(red * 2048 + green * 32 + blue);
}

template <class T>
void put(std::vector<std::byte>& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace

static_assert(std::endian::native == std::endian::little, "assets are written little-endian");

AssetPool AssetPool::make(std::uint64_t seed) {
  AssetPool pool;
  Prng prng(seed);
  for (const BlockFormat format : {BlockFormat::bc1, BlockFormat::bc3}) {
    for (std::size_t i = 0; i < kTiles; ++i)
      pool.tiles_[static_cast<std::size_t>(format)].push_back(make_tile(prng.next(), format));
  }
  for (std::size_t i = 0; i < kPatches; ++i) pool.patches_.push_back(make_patch(prng.next()));
  return pool;
}

AssetPool::Tile AssetPool::make_tile(std::uint64_t seed, BlockFormat format) {
  const Image picture = make_picture(seed, kTileSide, format == BlockFormat::bc3);
  Tile tile;
  for (std::size_t turn = 0; turn < kTurns; ++turn) {
    Image level = turned(picture, turn);
    for (std::uint32_t i = 0; i < kTileLevels; ++i) {
      encode_blocks(level, format, tile.levels[turn][i]);
      level = half_image(level);
    }
  }
  return tile;
}

AssetPool::Patch AssetPool::make_patch(std::uint64_t seed) {
  const FractalNoise noise(seed);
  Patch patch;
  const float scale = 1 / static_cast<float>(kPatchSide);
  const auto height = [&](std::uint32_t x, std::uint32_t y) {
    const float u = static_cast<float>(x % kPatchSide) * scale;
    const float v = static_cast<float>(y % kPatchSide) * scale;
    // Centimetres, as an exporter rounds them.
    return std::round(noise.at(u, v, 4, 4, 0.5f) * 300) / 100;
  };
  const auto byte_of = [](float part) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(static_cast<int>(part * 127)));
  };
  for (std::uint32_t y = 0; y < kPatchSide; ++y) {
    for (std::uint32_t x = 0; x < kPatchSide; ++x) {
      const float here = height(x, y);
      const float dx = here - height(x + 1, y);
      const float dy = here - height(x, y + 1);
      const float length = std::sqrt(dx * dx + dy * dy + 1);
      patch.height.push_back(here);
      patch.normal.push_back(byte_of(dx / length) | byte_of(dy / length) << 8 |
                             byte_of(1 / length) << 16);
    }
  }
  return patch;
}

void AssetPool::put_level(std::vector<std::byte>& dds, std::uint32_t side, std::uint32_t level,
                          BlockFormat format, std::uint64_t seed) const {
  const std::uint32_t tile_level = std::min(level, kTileLevels - 1);
  const std::uint32_t pixels = std::max(side >> level, 1u);
  const std::size_t row_blocks = (std::size_t{pixels} + 3) / 4;
  const std::size_t tile_blocks = std::size_t{kTileSide >> tile_level} / 4;
  const std::size_t bytes = block_bytes(format);
  const std::size_t start = dds.size();
  dds.resize(start + row_blocks * row_blocks * bytes);
  const auto& tiles = tiles_[static_cast<std::size_t>(format)];
  const std::size_t across = (row_blocks + tile_blocks - 1) / tile_blocks;
  for (std::size_t ty = 0; ty < across; ++ty) {
    for (std::size_t tx = 0; tx < across; ++tx) {
      Prng prng(seed + (ty * 64 + tx) * 0x9E3779B97F4A7C15ull);  // the same tile on every level
      const Tile& tile = tiles[prng.below(tiles.size())];
      const std::vector<std::byte>& blocks = tile.levels[prng.below(kTurns)][tile_level];
      const std::uint16_t shift = colour_shift(prng);
      const std::size_t columns = std::min(tile_blocks, row_blocks - tx * tile_blocks);
      const std::size_t rows = std::min(tile_blocks, row_blocks - ty * tile_blocks);
      for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t at = (ty * tile_blocks + row) * row_blocks + tx * tile_blocks;
        copy_shifted(dds.data() + start + at * bytes, blocks.data() + row * tile_blocks * bytes,
                     columns * bytes, format, shift);
      }
    }
  }
}

std::vector<std::byte> AssetPool::texture(std::uint32_t side, BlockFormat format,
                                          std::uint64_t seed) const {
  std::vector<std::byte> dds = dds_header(side, side, format);
  dds.reserve(texture_size(side, side, format));
  for (std::uint32_t level = 0; level < mip_count(side, side); ++level)
    put_level(dds, side, level, format, seed);
  return dds;
}

std::vector<std::byte> AssetPool::mesh(std::uint64_t size, std::uint64_t seed) const {
  constexpr std::size_t kHeader = 32;
  constexpr std::size_t kVertex = 20;
  constexpr std::size_t kPatchVertices = std::size_t{kPatchSide} * kPatchSide;
  constexpr std::size_t kPatchIndices = std::size_t{kPatchSide - 1} * (kPatchSide - 1) * 6;
  std::vector<std::byte> bytes(size);
  if (size < kHeader) return bytes;
  const std::size_t body = size - kHeader;
  const std::size_t index_count =
      body * kPatchIndices / (kPatchVertices * kVertex + kPatchIndices * 2);
  const std::size_t vertex_count = (body - index_count * 2) / kVertex;
  std::memcpy(bytes.data(), "nf mesh", 8);
  put(bytes, 8, static_cast<std::uint64_t>(vertex_count));
  put(bytes, 16, static_cast<std::uint64_t>(index_count));
  put(bytes, 24, kPatchSide);
  Prng prng(seed);
  std::size_t at = kHeader;
  const Patch* patch = nullptr;
  float lift = 0;
  float x_start = 0;
  for (std::size_t i = 0; i < vertex_count; ++i) {
    const std::size_t in_patch = i % kPatchVertices;
    if (in_patch == 0) {
      patch = &patches_[prng.below(kPatches)];
      lift = static_cast<float>(prng.below(4000)) / 100;
      const std::size_t first_column = i / kPatchVertices * kPatchSide;
      x_start = static_cast<float>(first_column) * 0.5f;
    }
    const std::size_t column = in_patch % kPatchSide;
    const std::size_t row = in_patch / kPatchSide;
    put(bytes, at, x_start + static_cast<float>(column) * 0.5f);
    put(bytes, at + 4, static_cast<float>(row) * 0.5f);
    put(bytes, at + 8, patch->height[in_patch] + lift);
    put(bytes, at + 12, patch->normal[in_patch]);
    put(bytes, at + 16, static_cast<std::uint32_t>(column << 10 | row << 26));
    at += kVertex;
  }
  for (std::size_t i = 0; i < index_count; ++i) {
    const std::size_t quad = i % kPatchIndices / 6;
    const std::size_t first = quad / (kPatchSide - 1) * kPatchSide + quad % (kPatchSide - 1);
    constexpr std::size_t kCorners[6] = {0, 1, kPatchSide, kPatchSide, 1, kPatchSide + 1};
    put(bytes, at, static_cast<std::uint16_t>(first + kCorners[i % 6]));
    at += 2;
  }
  return bytes;
}

std::vector<std::byte> AssetPool::sound(std::uint64_t size, std::uint64_t seed) const {
  constexpr std::size_t kHeader = 44;
  std::vector<std::byte> bytes(std::max<std::uint64_t>(size, kHeader));
  const auto data = static_cast<std::uint32_t>(bytes.size() - kHeader);
  std::memcpy(bytes.data(), "RIFF", 4);
  put(bytes, 4, data + 36);
  std::memcpy(bytes.data() + 8, "WAVEfmt ", 8);
  put(bytes, 16, std::uint32_t{16});
  put(bytes, 20, std::uint16_t{1});
  put(bytes, 22, std::uint16_t{1});
  put(bytes, 24, std::uint32_t{48000});
  put(bytes, 28, std::uint32_t{96000});
  put(bytes, 32, std::uint16_t{2});
  put(bytes, 34, std::uint16_t{16});
  std::memcpy(bytes.data() + 36, "data", 4);
  put(bytes, 40, data);
  // Red noise: each sample a small step from the one before.
  Prng prng(seed);
  int level = 0;
  for (std::size_t at = kHeader; at + 2 <= bytes.size(); at += 2) {
    level += static_cast<int>(prng.below(257)) - 128 - level / 256;
    put(bytes, at, static_cast<std::int16_t>(std::clamp(level, -32768, 32767)));
  }
  return bytes;
}

std::vector<std::byte> AssetPool::text(std::uint64_t size, const std::string& name,
                                       std::uint64_t seed) const {
  static constexpr const char* kWords[] = {"door",   "lamp",     "console", "pipe",
                                           "crate",  "panel",    "vent",    "stair",
                                           "window", "terminal", "bench",   "locker"};
  Prng prng(seed);
  std::string text = "{\"name\": \"" + name + "\", \"things\": [\n";
  while (text.size() < size) {
    text += "  {\"kind\": \"" + std::string(kWords[prng.below(std::size(kWords))]) +
            "\", \"at\": [" + std::to_string(prng.below(4000)) + ", " +
            std::to_string(prng.below(4000)) + ", " + std::to_string(prng.below(900)) +
            "], \"turn\": " + std::to_string(prng.below(360)) + "},\n";
  }
  // The last thing is cut off where the size ends; spaces make room for the end of the list.
  static constexpr std::string_view kEnd = "  {}\n]}\n";
  if (size > kEnd.size() + 64) {
    const std::size_t cut = text.rfind('\n', size - kEnd.size() - 1) + 1;
    text.resize(cut);
    text.append(size - kEnd.size() - cut, ' ');
    text += kEnd;
  }
  text.resize(size, ' ');
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

}  // namespace nf
