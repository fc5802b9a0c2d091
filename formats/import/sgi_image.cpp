#include <algorithm>

#include "core/base/checked.h"
#include "formats/import/image.h"

namespace nf {

namespace {

constexpr std::size_t kHeaderSize = 512;

std::uint32_t byte_at(std::span<const std::byte> bytes, std::size_t at) {
  return std::to_integer<std::uint32_t>(bytes[at]);
}
std::uint32_t u16_at(std::span<const std::byte> bytes, std::size_t at) {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}
std::uint32_t u32_at(std::span<const std::byte> bytes, std::size_t at) {
  return u16_at(bytes, at) << 16 | u16_at(bytes, at + 2);
}

Error malformed(std::uint64_t at) {
  return Error{.code = ErrorCode::source_malformed, .subject_kind = Subject::field, .at = at};
}

// One row of one channel; false if the codes do not give exactly one row.
bool unpack_row(std::span<const std::byte> codes, std::span<std::uint8_t> row) {
  std::size_t in = 0;
  std::size_t out = 0;
  while (in < codes.size()) {
    const std::uint32_t code = byte_at(codes, in++);
    const std::size_t count = code & 0x7F;
    if (count == 0) break;
    if (count > row.size() - out) return false;
    if ((code & 0x80) != 0) {
      if (count > codes.size() - in) return false;
      for (std::size_t i = 0; i < count; ++i)
        row[out + i] = static_cast<std::uint8_t>(byte_at(codes, in + i));
      in += count;
    } else {
      if (in >= codes.size()) return false;
      std::fill_n(row.begin() + static_cast<std::ptrdiff_t>(out), count,
                  static_cast<std::uint8_t>(byte_at(codes, in++)));
    }
    out += count;
  }
  return out == row.size();
}

struct SgiLayout {
  std::uint32_t channels = 0;
  bool packed = false;
};

// Row `y` from the bottom of channel `z`.
Result<void> read_row(std::span<const std::byte> bytes, const ImageInfo& info, SgiLayout layout,
                      std::uint32_t z, std::uint32_t y, std::span<std::uint8_t> row) {
  const std::uint64_t index = std::uint64_t{z} * info.height + y;
  if (!layout.packed) {
    const std::uint64_t at = kHeaderSize + index * info.width;
    if (!range_inside(at, info.width, bytes.size())) return malformed(at);
    for (std::size_t x = 0; x < row.size(); ++x)
      row[x] = static_cast<std::uint8_t>(byte_at(bytes, at + x));
    return {};
  }
  const std::uint64_t table_size = std::uint64_t{layout.channels} * info.height * 4;
  const std::uint64_t entry = kHeaderSize + index * 4;
  if (!range_inside(entry + table_size, 4, bytes.size())) return malformed(entry);
  const std::uint64_t at = u32_at(bytes, entry);
  const std::uint64_t size = u32_at(bytes, entry + table_size);
  if (!range_inside(at, size, bytes.size())) return malformed(entry);
  if (!unpack_row(bytes.subspan(at, size), row)) return malformed(at);
  return {};
}

// Grey, grey and alpha, red green blue, or all four, into RGBA.
void place_row(std::span<const std::uint8_t> row, std::uint32_t channels, std::uint32_t z,
               std::uint8_t* rgba) {
  const bool grey = channels < 3;
  const bool alpha = (grey && z == 1) || z == 3;
  for (const std::uint8_t value : row) {
    if (alpha) {
      rgba[3] = value;
    } else if (grey) {
      rgba[0] = rgba[1] = rgba[2] = value;
    } else {
      rgba[z] = value;
    }
    rgba += 4;
  }
}

}  // namespace

ImageInfo probe_sgi(std::span<const std::byte> front) {
  ImageInfo info;
  if (front.size() < kHeaderSize || u16_at(front, 0) != 474) return info;
  const std::uint32_t storage = byte_at(front, 2);
  const std::uint32_t bytes_per_channel = byte_at(front, 3);
  const std::uint32_t dimensions = u16_at(front, 4);
  if (storage > 1 || bytes_per_channel < 1 || bytes_per_channel > 2 || dimensions < 1 ||
      dimensions > 3)
    return info;
  info.width = u16_at(front, 6);
  info.height = dimensions >= 2 ? u16_at(front, 8) : 1;
  const std::uint32_t channels = dimensions == 3 ? u16_at(front, 10) : 1;
  if (channels < 1 || channels > 4 || info.width == 0 || info.height == 0) return info;
  info.wide = bytes_per_channel == 2;
  info.may_have_alpha = channels == 2 || channels == 4;
  info.format = ImageFormat::sgi;
  return info;
}

Result<Image> decode_sgi(std::span<const std::byte> bytes) {
  const ImageInfo info = probe_sgi(bytes);
  if (info.format == ImageFormat::none) return malformed(0);
  if (info.wide) return Error{.code = ErrorCode::unsupported};
  if (!image_fits(info.width, info.height)) return Error{.code = ErrorCode::limit_exceeded};
  const std::uint32_t channels = u16_at(bytes, 4) == 3 ? u16_at(bytes, 10) : 1;
  const SgiLayout layout{.channels = channels, .packed = byte_at(bytes, 2) == 1};
  // A run of 127 pixels takes 2 bytes, so the file's size bounds what may honestly come out of it.
  if (std::uint64_t{info.width} * info.height * channels > bytes.size() * 64) {
    const std::uint64_t rows = std::uint64_t{info.height} * channels;
    if (rows * 8 > bytes.size()) return malformed(kHeaderSize);
  }
  Image image{.width = info.width, .height = info.height, .has_alpha = false, .rgba = {}};
  image.rgba.assign(std::size_t{4} * info.width * info.height, 255);
  std::vector<std::uint8_t> row(info.width);
  for (std::uint32_t z = 0; z < channels; ++z) {
    for (std::uint32_t y = 0; y < info.height; ++y) {
      if (const Result<void> read = read_row(bytes, info, layout, z, y, row); !read)
        return read.error();
      const std::size_t from_top = info.height - 1 - y;
      place_row(row, channels, z, image.rgba.data() + from_top * info.width * 4);
    }
  }
  for (std::size_t at = 3; at < image.rgba.size(); at += 4) {
    if (image.rgba[at] != 255) {
      image.has_alpha = true;
      break;
    }
  }
  return image;
}

}  // namespace nf
