// Any bytes as a picture, and whatever comes out as a texture.
#include <cstdint>
#include <span>

#include "core/base/assert.h"
#include "formats/import/image.h"
#include "formats/import/texture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kPixelsMax = 1u << 18;  // more only takes longer
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  const nf::ImageInfo info = nf::probe_image(bytes);
  if (std::uint64_t{info.width} * info.height > kPixelsMax) return 0;
  const nf::Result<nf::Image> image = nf::decode_image(bytes);
  if (!image) return 0;
  NF_ASSERT(image->width == info.width && image->height == info.height);
  NF_ASSERT(image->rgba.size() == std::size_t{4} * image->width * image->height);
  const nf::BlockFormat format = image->has_alpha ? nf::BlockFormat::bc3 : nf::BlockFormat::bc1;
  NF_ASSERT(nf::encode_texture(*image).size() == nf::texture_size(info.width, info.height, format));
  return 0;
}
