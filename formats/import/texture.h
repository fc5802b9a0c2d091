// texture: an Image as a DDS file with block-compressed mips, which any engine reads and uploads.
//
// Pure functions, any thread. BC1 (4 bits a pixel) if every pixel is opaque, BC3 (8 bits)
// otherwise. Levels are averaged as stored: a name does not say whether a picture holds colours,
// normals or a mask, and only the first of them would want linear light. Blocks are encoded by
// stb_dxt (Giesen, Barrett).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <nearfield/result.h>

#include "formats/import/image.h"

namespace nf {

enum class BlockFormat : std::uint8_t { bc1, bc3 };

// Bytes of the whole DDS file, header and all mips.
std::uint64_t texture_size(std::uint32_t width, std::uint32_t height, BlockFormat format);

std::vector<std::byte> encode_texture(Image image);

// The header alone, 128 bytes: what `encode_texture` and the generator put in front of the blocks.
std::vector<std::byte> dds_header(std::uint32_t width, std::uint32_t height, BlockFormat format);

std::uint32_t mip_count(std::uint32_t width, std::uint32_t height);

// Appends the blocks of one level.
void encode_blocks(const Image& level, BlockFormat format, std::vector<std::byte>& out);

// The next smaller level: means of two by two, at least one pixel a side.
Image half_image(const Image& image);

}  // namespace nf
