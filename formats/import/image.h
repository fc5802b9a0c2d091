// Image: PNG, JPEG and SGI pictures as 8-bit RGBA.
//
// Any thread. Hostile pictures get an error: sides, pixels, memory and the number of passes are
// limited before anything is decoded, so that a small file can neither fill memory nor run for
// ever. PNG is decoded by stb_image (Barrett), within a limit on each of its allocations; JPEG by
// libjpeg, because stb_image writes outside its tables when a JPEG's are wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/result.h>

namespace nf {

struct Image {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool has_alpha = false;          // some pixel is not opaque
  std::vector<std::uint8_t> rgba;  // rows from the top, 4 bytes a pixel
};

enum class ImageFormat : std::uint8_t { none, png, jpeg, sgi };

struct ImageInfo {
  ImageFormat format = ImageFormat::none;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool wide = false;  // 16 bits a channel: data rather than colours, which 8 bits would spoil
  bool may_have_alpha = false;
};

inline constexpr std::uint32_t kImageSideMax = 16384;
inline constexpr std::uint64_t kImagePixelsMax = 1u << 25;
constexpr bool image_fits(std::uint32_t width, std::uint32_t height) {
  return width <= kImageSideMax && height <= kImageSideMax &&
         std::uint64_t{width} * height <= kImagePixelsMax;
}

// From the first bytes of a file (64 KiB are enough for all but odd JPEGs); format none if it is no
// picture that `decode_image` takes.
ImageInfo probe_image(std::span<const std::byte> front);

Result<Image> decode_image(std::span<const std::byte> bytes);

// The part of `decode_image` for SGI pictures (.rgb, .rgba, .bw), whole or run-length coded.
// Layout: Haeberli, "The SGI Image File Format", version 1.00.
Result<Image> decode_sgi(std::span<const std::byte> bytes);
ImageInfo probe_sgi(std::span<const std::byte> front);

// The part for JPEG: grey and colour, at most 32 scans. Four-channel print pictures are refused.
Result<Image> decode_jpeg(std::span<const std::byte> bytes);
ImageInfo probe_jpeg(std::span<const std::byte> front);

}  // namespace nf
