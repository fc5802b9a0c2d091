#include "formats/import/texture.h"

#include <algorithm>
#include <cstring>

#define STB_DXT_STATIC
#define STB_DXT_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wextra"
#include <stb/stb_dxt.h>
#pragma GCC diagnostic pop

namespace nf {

namespace {

constexpr std::size_t kHeaderSize = 128;

std::size_t block_bytes(BlockFormat format) {
  return format == BlockFormat::bc1 ? 8 : 16;
}

std::uint64_t level_size(std::uint32_t width, std::uint32_t height, BlockFormat format) {
  return ((std::uint64_t{width} + 3) / 4) * ((std::uint64_t{height} + 3) / 4) * block_bytes(format);
}

void put_u32(std::vector<std::byte>& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i)
    bytes[at + i] = static_cast<std::byte>((value >> (8 * i)) & 0xFF);
}

// Four by four pixels; at the right and lower edge the last pixel is repeated.
void take_block(const Image& level, std::uint32_t x, std::uint32_t y, std::uint8_t* block) {
  const std::size_t row_size = std::size_t{level.width} * 4;
  if (x + 4 <= level.width && y + 4 <= level.height) {
    const std::uint8_t* from = level.rgba.data() + y * row_size + std::size_t{x} * 4;
    for (std::size_t row = 0; row < 4; ++row)
      std::memcpy(block + row * 16, from + row * row_size, 16);
    return;
  }
  for (std::uint32_t j = 0; j < 4; ++j) {
    const std::size_t row = std::min(y + j, level.height - 1);
    for (std::uint32_t i = 0; i < 4; ++i) {
      const std::size_t column = std::min(x + i, level.width - 1);
      std::memcpy(block + (std::size_t{j} * 4 + i) * 4,
                  level.rgba.data() + row * row_size + column * 4, 4);
    }
  }
}

}  // namespace

std::uint32_t mip_count(std::uint32_t width, std::uint32_t height) {
  std::uint32_t count = 1;
  for (std::uint32_t side = std::max(width, height); side > 1; side /= 2) ++count;
  return count;
}

std::uint64_t texture_size(std::uint32_t width, std::uint32_t height, BlockFormat format) {
  std::uint64_t size = kHeaderSize;
  for (std::uint32_t level = mip_count(width, height); level > 0; --level) {
    size += level_size(width, height, format);
    width = std::max(width / 2, 1u);
    height = std::max(height / 2, 1u);
  }
  return size;
}

std::vector<std::byte> dds_header(std::uint32_t width, std::uint32_t height, BlockFormat format) {
  constexpr std::uint32_t kFlags =
      0x000A1007;  // caps, height, width, pixel format, mips, linear size
  constexpr std::uint32_t kCaps = 0x00401008;  // complex, texture, mips
  constexpr std::uint32_t kFourCc = 4;
  std::vector<std::byte> header(kHeaderSize);
  std::memcpy(header.data(), "DDS ", 4);
  put_u32(header, 4, 124);
  put_u32(header, 8, kFlags);
  put_u32(header, 12, height);
  put_u32(header, 16, width);
  put_u32(header, 20, static_cast<std::uint32_t>(level_size(width, height, format)));
  put_u32(header, 28, mip_count(width, height));
  put_u32(header, 76, 32);
  put_u32(header, 80, kFourCc);
  std::memcpy(header.data() + 84, format == BlockFormat::bc1 ? "DXT1" : "DXT5", 4);
  put_u32(header, 108, kCaps);
  return header;
}

void encode_blocks(const Image& level, BlockFormat format, std::vector<std::byte>& out) {
  const std::size_t size = block_bytes(format);
  std::size_t at = out.size();
  out.resize(at + level_size(level.width, level.height, format));
  std::uint8_t block[64];
  for (std::uint32_t y = 0; y < level.height; y += 4) {
    for (std::uint32_t x = 0; x < level.width; x += 4) {
      take_block(level, x, y, block);
      stb_compress_dxt_block(reinterpret_cast<unsigned char*>(out.data() + at), block,
                             format == BlockFormat::bc3 ? 1 : 0, STB_DXT_NORMAL);
      at += size;
    }
  }
}

Image half_image(const Image& image) {
  Image half{.width = std::max(image.width / 2, 1u),
             .height = std::max(image.height / 2, 1u),
             .has_alpha = image.has_alpha,
             .rgba = {}};
  half.rgba.resize(std::size_t{4} * half.width * half.height);
  const std::size_t row_size = std::size_t{image.width} * 4;
  std::uint8_t* to = half.rgba.data();
  for (std::uint32_t y = 0; y < half.height; ++y) {
    const std::uint8_t* top = image.rgba.data() + std::size_t{2} * y * row_size;
    const std::uint8_t* low = image.height > 1 ? top + row_size : top;
    const std::size_t next = image.width > 1 ? 4 : 0;
    for (std::uint32_t x = 0; x < half.width; ++x) {
      for (std::size_t c = 0; c < 4; ++c)
        to[c] =
            static_cast<std::uint8_t>((top[c] + top[c + next] + low[c] + low[c + next] + 2) / 4);
      to += 4;
      top += 8;
      low += 8;
    }
  }
  return half;
}

std::vector<std::byte> encode_texture(Image image) {
  const BlockFormat format = image.has_alpha ? BlockFormat::bc3 : BlockFormat::bc1;
  std::vector<std::byte> dds = dds_header(image.width, image.height, format);
  dds.reserve(texture_size(image.width, image.height, format));
  for (std::uint32_t level = mip_count(image.width, image.height);; --level) {
    encode_blocks(image, format, dds);
    if (level == 1) return dds;
    image = half_image(image);
  }
}

}  // namespace nf
