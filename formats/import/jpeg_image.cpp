#include <csetjmp>
#include <cstddef>
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

#include "formats/import/image.h"

// libjpeg reports errors by a jump. Whatever lives across one is made before the jump's target is
// set, by the function that calls the one which sets it.

namespace nf {

namespace {

constexpr int kScansMax = 32;  // each scan of a progressive picture touches every pixel

struct Decoder {
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&jpeg); }

  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg_progress_mgr progress = {};
  std::jmp_buf failed = {};
};

void fail(j_common_ptr jpeg) {
  std::longjmp(static_cast<Decoder*>(jpeg->client_data)->failed, 1);
}

void keep_quiet(j_common_ptr) {}

void count_scans(j_common_ptr jpeg) {
  const auto* decoder = static_cast<Decoder*>(jpeg->client_data);
  if (decoder->jpeg.input_scan_number > kScansMax) fail(jpeg);
}

bool start(Decoder& decoder, std::span<const std::byte> bytes) {
  jpeg_decompress_struct& jpeg = decoder.jpeg;
  jpeg.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = fail;
  decoder.errors.output_message = keep_quiet;
  jpeg.client_data = &decoder;
  if (setjmp(decoder.failed) != 0) return false;
  jpeg_create_decompress(&jpeg);
  decoder.progress.progress_monitor = count_scans;
  jpeg.progress = &decoder.progress;
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return jpeg_read_header(&jpeg, TRUE) == JPEG_HEADER_OK;
}

// `rgba` has room for the whole picture.
bool read_rows(Decoder& decoder, std::uint8_t* rgba) {
  jpeg_decompress_struct& jpeg = decoder.jpeg;
  if (setjmp(decoder.failed) != 0) return false;
  jpeg.out_color_space = JCS_EXT_RGBA;
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = rgba + std::size_t{4} * jpeg.output_width * jpeg.output_scanline;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  // A warning is libjpeg's word for data that it made up.
  return decoder.errors.num_warnings == 0;
}

Error cause(const Decoder& decoder) {
  const bool no_memory = decoder.errors.msg_code == JERR_OUT_OF_MEMORY;
  return {.code = no_memory ? ErrorCode::out_of_memory : ErrorCode::source_malformed};
}

}  // namespace

ImageInfo probe_jpeg(std::span<const std::byte> front) {
  ImageInfo info;
  Decoder decoder;
  if (!front.empty() && start(decoder, front) && decoder.jpeg.num_components != 4) {
    info.format = ImageFormat::jpeg;
    info.width = decoder.jpeg.image_width;
    info.height = decoder.jpeg.image_height;
  }
  return info;
}

Result<Image> decode_jpeg(std::span<const std::byte> bytes) {
  Image image;
  Decoder decoder;
  if (bytes.empty() || !start(decoder, bytes)) return cause(decoder);
  if (!image_fits(decoder.jpeg.image_width, decoder.jpeg.image_height)) {
    return Error{.code = ErrorCode::limit_exceeded};
  }
  image.width = decoder.jpeg.image_width;
  image.height = decoder.jpeg.image_height;
  image.rgba.resize(std::size_t{4} * image.width * image.height);
  if (!read_rows(decoder, image.rgba.data())) return cause(decoder);
  return image;
}

}  // namespace nf
