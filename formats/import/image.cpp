#include "formats/import/image.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace nf {

namespace {

// The largest single block that stb_image may take on this thread, set around each decode: its
// inflate grows its buffer as long as there is data, and this is what ends a bomb.
thread_local std::size_t block_size_max = 0;
// Whether a block within the limit was refused: the machine's fault and not the picture's.
thread_local bool out_of_memory = false;

void* noted(void* block) {
  out_of_memory = out_of_memory || block == nullptr;
  return block;
}
void* bounded_malloc(std::size_t size) {
  return size > block_size_max ? nullptr : noted(std::malloc(size));
}
void* bounded_realloc(void* block, std::size_t size) {
  return size > block_size_max ? nullptr : noted(std::realloc(block, size));
}

}  // namespace

}  // namespace nf

#define STBI_MALLOC(size) nf::bounded_malloc(size)
#define STBI_REALLOC(block, size) nf::bounded_realloc(block, size)
#define STBI_FREE(block) std::free(block)
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_FAILURE_STRINGS
#define STBI_MAX_DIMENSIONS 16384
#ifdef __clang__  // it copies nothing from nowhere, which is a matter of style to us
#pragma clang attribute push(__attribute__((no_sanitize("nonnull-attribute"))), apply_to = function)
#endif
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wextra"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop
#ifdef __clang__
#pragma clang attribute pop
#endif

namespace nf {

namespace {

bool starts_with(std::span<const std::byte> bytes, std::span<const unsigned char> magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

ImageFormat recognise(std::span<const std::byte> bytes) {
  constexpr unsigned char kPng[] = {0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A};
  constexpr unsigned char kJpeg[] = {0xFF, 0xD8, 0xFF};
  if (starts_with(bytes, kPng)) return ImageFormat::png;
  if (starts_with(bytes, kJpeg)) return ImageFormat::jpeg;
  return ImageFormat::none;
}

// The rows of a PNG of four channels with a filter byte each, and room for stb's own rounding.
std::size_t block_limit(const ImageInfo& info) {
  return (std::size_t{info.width} * 4 + 1) * info.height * 2 + (std::size_t{1} << 20);
}

struct StbFree {
  void operator()(stbi_uc* pixels) const { std::free(pixels); }
};

}  // namespace

ImageInfo probe_image(std::span<const std::byte> front) {
  ImageInfo info;
  info.format = recognise(front);
  if (info.format == ImageFormat::none) return probe_sgi(front);
  if (info.format == ImageFormat::jpeg) return probe_jpeg(front);
  const auto* data = reinterpret_cast<const stbi_uc*>(front.data());
  const int size = static_cast<int>(std::min<std::size_t>(front.size(), 1u << 30));
  int width = 0;
  int height = 0;
  int channels = 0;
  block_size_max = std::size_t{1} << 20;
  if (stbi_info_from_memory(data, size, &width, &height, &channels) == 0 || width <= 0 ||
      height <= 0)
    return {};
  info.width = static_cast<std::uint32_t>(width);
  info.height = static_cast<std::uint32_t>(height);
  info.wide = stbi_is_16_bit_from_memory(data, size) != 0;
  info.may_have_alpha = channels == 2 || channels == 4;
  return info;
}

Result<Image> decode_image(std::span<const std::byte> bytes) {
  const ImageInfo info = probe_image(bytes);
  if (info.format == ImageFormat::sgi) return decode_sgi(bytes);
  if (info.format == ImageFormat::jpeg) return decode_jpeg(bytes);
  if (info.format == ImageFormat::none) return Error{.code = ErrorCode::source_malformed};
  if (!image_fits(info.width, info.height) || bytes.size() > (1u << 30))
    return Error{.code = ErrorCode::limit_exceeded};
  block_size_max = block_limit(info);
  out_of_memory = false;
  int width = 0;
  int height = 0;
  int channels = 0;
  const std::unique_ptr<stbi_uc, StbFree> pixels(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()),
                            static_cast<int>(bytes.size()), &width, &height, &channels, 4));
  if (!pixels) {
    return Error{.code = out_of_memory ? ErrorCode::out_of_memory : ErrorCode::source_malformed};
  }
  if (static_cast<std::uint32_t>(width) != info.width ||
      static_cast<std::uint32_t>(height) != info.height)
    return Error{.code = ErrorCode::source_malformed};
  Image image{.width = info.width, .height = info.height, .has_alpha = false, .rgba = {}};
  image.rgba.assign(pixels.get(), pixels.get() + std::size_t{4} * info.width * info.height);
  for (std::size_t at = 3; at < image.rgba.size() && !image.has_alpha; at += 4)
    image.has_alpha = image.rgba[at] != 255;
  return image;
}

}  // namespace nf
