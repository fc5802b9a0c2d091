// Pictures and the textures made of them.
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <cmath>
#include <cstring>

#include "core/base/prng.h"
#include "formats/import/cook.h"
#include "formats/import/image.h"
#include "formats/import/texture.h"
#include "tests/unit/formats/import/flightgear_fixture.h"

namespace nf {
namespace {

void put_u32_be(std::string& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift & 0xFF);
}

void put_png_chunk(std::string& png, std::string_view kind, const std::string& data) {
  put_u32_be(png, static_cast<std::uint32_t>(data.size()));
  const std::string body = std::string(kind) + data;
  png += body;
  put_u32_be(png, static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                                                     static_cast<uInt>(body.size()))));
}

// RGBA; `rows` are what is zipped, so that a test can lie about them.
std::string png_of(std::uint32_t width, std::uint32_t height, const std::string& rows) {
  std::string png = "\x89PNG\r\n\x1A\n";
  std::string head;
  put_u32_be(head, width);
  put_u32_be(head, height);
  head += std::string("\x08\x06\x00\x00\x00", 5);
  put_png_chunk(png, "IHDR", head);
  std::string zipped(rows.size() + rows.size() / 1000 + 64, '\0');
  uLongf size = zipped.size();
  EXPECT_EQ(::compress2(reinterpret_cast<Bytef*>(zipped.data()), &size,
                        reinterpret_cast<const Bytef*>(rows.data()), rows.size(), 9),
            Z_OK);
  zipped.resize(size);
  put_png_chunk(png, "IDAT", zipped);
  put_png_chunk(png, "IEND", "");
  return png;
}

std::string png_rows(std::uint32_t width, std::uint32_t height, std::uint8_t alpha) {
  std::string rows;
  for (std::uint32_t y = 0; y < height; ++y) {
    rows += '\0';
    for (std::uint32_t x = 0; x < width; ++x) {
      rows += static_cast<char>(x * 255 / width);
      rows += static_cast<char>(y * 255 / height);
      rows += '\x40';
      rows += static_cast<char>(alpha);
    }
  }
  return rows;
}

// What a GPU makes of the first block of BC1 data (after the S3TC specification).
std::array<int, 3> first_pixel_of_bc1(const std::byte* block) {
  std::uint16_t ends[2];
  std::memcpy(ends, block, 4);
  const unsigned index = std::to_integer<unsigned>(block[4]) & 3;
  std::array<int, 3> color = {};
  const int shift[3] = {11, 5, 0};
  const int bits[3] = {5, 6, 5};
  for (int c = 0; c < 3; ++c) {
    const int top = (1 << bits[c]) - 1;
    const int a = (ends[0] >> shift[c] & top) * 255 / top;
    const int b = (ends[1] >> shift[c] & top) * 255 / top;
    const int mixed[4] = {a, b, (2 * a + b) / 3, (a + 2 * b) / 3};
    color[static_cast<std::size_t>(c)] = mixed[index];
  }
  return color;
}

TEST(Image, decodes_png_and_knows_whether_it_is_opaque) {
  for (const std::uint8_t alpha : {std::uint8_t{255}, std::uint8_t{17}}) {
    const std::string png = png_of(20, 12, png_rows(20, 12, alpha));
    const Result<Image> image = decode_image(bytes_of(png));
    ASSERT_TRUE(image);
    EXPECT_EQ(image->width, 20u);
    EXPECT_EQ(image->height, 12u);
    EXPECT_EQ(image->has_alpha, alpha != 255);
    EXPECT_EQ(image->rgba[4 * 10 + 0], 10 * 255 / 20);
  }
}

TEST(Image, refuses_a_bomb_without_the_memory_for_it) {
  // 64 MiB of zeros in a file of 64 KiB that says it is 4 by 4.
  const std::string png = png_of(4, 4, std::string(64u << 20, '\0'));
  EXPECT_LT(png.size(), 200'000u);
  EXPECT_FALSE(decode_image(bytes_of(png)));
}

TEST(Image, refuses_sides_that_no_texture_has) {
  for (const std::uint32_t width : {16385u, 1u << 30, 0u})
    EXPECT_FALSE(decode_image(bytes_of(png_of(width, 16384, png_rows(4, 4, 255)))));
  EXPECT_FALSE(decode_image(bytes_of(png_of(16384, 16384, png_rows(4, 4, 255)))));
}

// 16 by 16 pixels of one grey; progressive ones may come in any number of passes.
std::string jpeg_of(bool progressive, int passes) {
  std::string jpeg = "\xFF\xD8";
  jpeg += std::string("\xFF\xDB\x00\x43\x00", 5) + std::string(64, '\1');
  jpeg += progressive ? "\xFF\xC2" : "\xFF\xC0";
  jpeg += std::string("\x00\x0B\x08\x00\x10\x00\x10\x01\x01\x11\x00", 11);
  // One code of one bit, for "nothing follows", in both tables.
  for (const char table : {'\x00', '\x10'})
    jpeg += std::string("\xFF\xC4\x00\x14", 4) + table + '\1' + std::string(15, '\0') + '\0';
  for (int i = 0; i < passes; ++i) {
    const char last = progressive ? '\0' : '\x3F';
    jpeg += std::string("\xFF\xDA\x00\x08\x01\x01\x00\x00", 8) + last + '\0';
    jpeg += progressive ? std::string("\x0F") : std::string("\x00", 1);
  }
  return jpeg + "\xFF\xD9";
}

TEST(Image, decodes_jpeg) {
  const Result<Image> image = decode_image(bytes_of(jpeg_of(false, 1)));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->width, 16u);
  EXPECT_EQ(image->rgba[0], 128);
  EXPECT_EQ(image->rgba[3], 255);
  EXPECT_FALSE(image->has_alpha);
}

TEST(Image, refuses_a_progressive_picture_of_endless_passes) {
  EXPECT_FALSE(decode_image(bytes_of(jpeg_of(true, 1000))));
}

TEST(Image, refuses_a_huffman_table_of_more_codes_than_there_are) {
  std::string jpeg = jpeg_of(false, 1);
  const std::size_t at = jpeg.find("\xFF\xC4");
  jpeg.replace(at + 5, 16, std::string(16, '\xFF'));
  EXPECT_FALSE(decode_image(bytes_of(jpeg)));
}

TEST(Image, survives_cuts_and_flips) {
  const std::string png = png_of(9, 7, png_rows(9, 7, 200));
  const std::string sgi = sgi_picture(9, 4, 'x');
  Prng prng(7);
  for (const std::string& good : {png, sgi, jpeg_of(false, 1), jpeg_of(true, 1)}) {
    for (std::size_t size = 0; size < good.size(); ++size)
      EXPECT_FALSE(decode_image(bytes_of(good.substr(0, size))) && size + 20 < good.size());
    for (int i = 0; i < 5000; ++i) {
      std::string bad = good;
      for (int j = 0; j < 3; ++j) bad[prng.below(bad.size())] = static_cast<char>(prng.below(256));
      const Result<Image> image = decode_image(bytes_of(bad));
      if (image) {
        EXPECT_EQ(image->rgba.size(), std::size_t{4} * image->width * image->height);
      }
    }
  }
}

TEST(SgiImage, decodes_run_length_codes_from_the_bottom_up) {
  std::string sgi = sgi_picture(2, 1, 0).substr(0, 512);
  sgi[2] = 1;                                                      // run-length coded
  sgi += std::string("\0\0\2\x10\0\0\2\x13\0\0\0\3\0\0\0\4", 16);  // rows at 528 and 531
  sgi += std::string("\x02\x41\x00", 3);                           // "AA"
  sgi += std::string("\x82\x42\x43\x00", 4);                       // "BC", the upper row
  const Result<Image> image = decode_image(bytes_of(sgi));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->rgba[0], 'B');
  EXPECT_EQ(image->rgba[4], 'C');
  EXPECT_EQ(image->rgba[8], 'A');
  EXPECT_EQ(image->rgba[15], 255);
  sgi[528] = '\x05';  // five pixels in a row of two
  EXPECT_FALSE(decode_image(bytes_of(sgi)));
}

TEST(Texture, has_the_size_that_is_foretold) {
  for (const std::uint32_t width : {1u, 3u, 4u, 17u, 64u}) {
    for (const std::uint32_t height : {1u, 5u, 32u}) {
      Image image{.width = width, .height = height, .has_alpha = width == 17, .rgba = {}};
      image.rgba.assign(std::size_t{4} * width * height, 100);
      const BlockFormat format = image.has_alpha ? BlockFormat::bc3 : BlockFormat::bc1;
      EXPECT_EQ(encode_texture(image).size(), texture_size(width, height, format));
    }
  }
}

TEST(Texture, keeps_the_colours_of_every_level) {
  Image image{.width = 32, .height = 16, .has_alpha = false, .rgba = {}};
  for (int i = 0; i < 32 * 16; ++i) {
    for (const int value : {200, 100, 50, 255})
      image.rgba.push_back(static_cast<std::uint8_t>(value));
  }
  const std::vector<std::byte> dds = encode_texture(image);
  ASSERT_EQ(std::memcmp(dds.data(), "DDS ", 4), 0);
  EXPECT_EQ(std::memcmp(dds.data() + 84, "DXT1", 4), 0);
  std::size_t at = 128;
  for (std::uint32_t width = 32, height = 16, level = 0; level < 6; ++level) {
    const std::array<int, 3> color = first_pixel_of_bc1(dds.data() + at);
    EXPECT_NEAR(color[0], 200, 4) << level;
    EXPECT_NEAR(color[1], 100, 4) << level;
    EXPECT_NEAR(color[2], 50, 5) << level;
    at += std::size_t{(width + 3) / 4} * ((height + 3) / 4) * 8;
    width = std::max(width / 2, 1u);
    height = std::max(height / 2, 1u);
  }
  EXPECT_EQ(at, dds.size());
}

TEST(HalfImage, is_the_mean_of_two_by_two) {
  Image image{.width = 3, .height = 2, .has_alpha = false, .rgba = {}};
  for (const int value : {10, 20, 99, 30, 41, 99})
    image.rgba.insert(image.rgba.end(), 4, static_cast<std::uint8_t>(value));
  const Image half = half_image(image);
  EXPECT_EQ(half.width, 1u);
  EXPECT_EQ(half.height, 1u);
  EXPECT_EQ(half.rgba[0], 25);
}

TEST(Cook, keeps_a_picture_that_only_looks_like_one_under_its_own_name_and_counts_it) {
  const SourceFolder source;
  source.put("fake.png", "no picture");
  SourceWorld world;
  set_cooking_loader(world);
  std::string detail;
  const SourceAsset asset = cooked_asset("fake.png", source.path("fake.png"), 1);
  EXPECT_EQ(asset.name, "fake.png");
  const Result<std::vector<std::byte>> bytes = world.load(asset, detail);
  ASSERT_TRUE(bytes) << detail;
  EXPECT_EQ(bytes->size(), std::filesystem::file_size(source.path("fake.png")));
  EXPECT_EQ(world.load_counts().textures_kept, 1u);
}

TEST(Cook, keeps_a_print_picture_of_four_channels_under_its_own_name) {
  const SourceFolder source;
  std::string jpeg = "\xFF\xD8\xFF\xC0" + std::string("\x00\x14\x08\x00\x10\x00\x10\x04", 8);
  for (const char channel : {'\1', '\2', '\3', '\4'}) jpeg += channel + std::string("\x11\x00", 2);
  jpeg += std::string("\xFF\xDA\x00\x0E\x04", 5);
  for (const char channel : {'\1', '\2', '\3', '\4'}) jpeg += channel + std::string(1, '\0');
  source.put("print.jpg", jpeg + std::string("\x00\x3F\x00", 3));
  EXPECT_EQ(cooked_asset("print.jpg", source.path("print.jpg"), 1).name, "print.jpg");
}

TEST(Cook, refuses_a_picture_that_is_damaged_behind_its_header_and_names_it) {
  const SourceFolder source;
  std::string broken = png_of(64, 64, png_rows(64, 64, 9));
  broken.resize(broken.size() / 2);
  source.put("broken.png", broken);
  SourceWorld world;
  set_cooking_loader(world);
  std::string detail;
  const Result<std::vector<std::byte>> bytes =
      world.load(cooked_asset("broken.png", source.path("broken.png"), 1), detail);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::source_malformed);
  EXPECT_NE(detail.find("broken.png"), std::string::npos) << detail;
  EXPECT_EQ(world.load_counts().textures_kept, 0u);
}

}  // namespace
}  // namespace nf
