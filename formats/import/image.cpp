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

void* bounded_malloc(std::size_t size) {
  return size > block_size_max ? nullptr : std::malloc(size);
}
void* bounded_realloc(void* block, std::size_t size) {
  return size > block_size_max ? nullptr : std::realloc(block, size);
}

}  // namespace

}  // namespace nf

#define STBI_MALLOC(size) nf::bounded_malloc(size)
#define STBI_REALLOC(block, size) nf::bounded_realloc(block, size)
#define STBI_FREE(block) std::free(block)
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_FAILURE_STRINGS
#define STBI_MAX_DIMENSIONS 16384
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wextra"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace nf {

namespace {

constexpr std::size_t kJpegScansMax = 32;  // each scan of a progressive picture touches every pixel

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

std::size_t count_scans(std::span<const std::byte> bytes) {
  std::size_t scans = 0;
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    if (bytes[i] == std::byte{0xDA} && bytes[i - 1] == std::byte{0xFF}) ++scans;
  }
  return scans;
}

// stb pads to whole units of its own; 16-bit coefficients of a progressive JPEG are the largest
// use.
std::size_t block_limit(const ImageInfo& info) {
  const std::size_t width = (std::size_t{info.width} + 63) & ~std::size_t{63};
  const std::size_t height = (std::size_t{info.height} + 63) & ~std::size_t{63};
  return width * height * 8 + (std::size_t{1} << 20);
}

struct StbFree {
  void operator()(stbi_uc* pixels) const { std::free(pixels); }
};

}  // namespace

ImageInfo probe_image(std::span<const std::byte> front) {
  ImageInfo info;
  info.format = recognise(front);
  if (info.format == ImageFormat::none) return probe_sgi(front);
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
  info.wide = info.format == ImageFormat::png && stbi_is_16_bit_from_memory(data, size) != 0;
  info.may_have_alpha = channels == 2 || channels == 4;
  return info;
}

Result<Image> decode_image(std::span<const std::byte> bytes) {
  const ImageInfo info = probe_image(bytes);
  if (info.format == ImageFormat::sgi) return decode_sgi(bytes);
  if (info.format == ImageFormat::none) return Error{.code = ErrorCode::source_malformed};
  if (info.width > kImageSideMax || info.height > kImageSideMax || bytes.size() > (1u << 30) ||
      std::uint64_t{info.width} * info.height > kImagePixelsMax)
    return Error{.code = ErrorCode::limit_exceeded};
  if (info.format == ImageFormat::jpeg && count_scans(bytes) > kJpegScansMax)
    return Error{.code = ErrorCode::limit_exceeded};
  block_size_max = block_limit(info);
  int width = 0;
  int height = 0;
  int channels = 0;
  const std::unique_ptr<stbi_uc, StbFree> pixels(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()),
                            static_cast<int>(bytes.size()), &width, &height, &channels, 4));
  if (!pixels) return Error{.code = ErrorCode::source_malformed};
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
