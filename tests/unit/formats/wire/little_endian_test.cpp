#include "formats/wire/little_endian.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace nf {
namespace {

template <class Wire>
std::vector<int> bytes_of(const Wire& wire) {
  std::vector<int> bytes;
  for (const std::byte b : wire.bytes) bytes.push_back(std::to_integer<int>(b));
  return bytes;
}

TEST(LittleEndian, puts_the_lowest_byte_first) {
  EXPECT_EQ(bytes_of(u16le(0x1234)), (std::vector<int>{0x34, 0x12}));
  EXPECT_EQ(bytes_of(u32le(0x12345678)), (std::vector<int>{0x78, 0x56, 0x34, 0x12}));
  EXPECT_EQ(bytes_of(u64le(0x0102030405060708)), (std::vector<int>{8, 7, 6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(bytes_of(f32le(1.0f)), (std::vector<int>{0, 0, 0x80, 0x3F}));
  EXPECT_EQ(bytes_of(f64le(-2.0)), (std::vector<int>{0, 0, 0, 0, 0, 0, 0, 0xC0}));
}

TEST(LittleEndian, gives_back_every_value) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    EXPECT_EQ(u64le(value), value);
    EXPECT_EQ(u32le(static_cast<std::uint32_t>(value)), static_cast<std::uint32_t>(value));
    EXPECT_EQ(u16le(static_cast<std::uint16_t>(value)), static_cast<std::uint16_t>(value));
  }
  for (const double value : {0.0, -0.0, 1e300, 5e-324, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(f64le(value), value);
    EXPECT_EQ(std::signbit(f64le(value)), std::signbit(value));
  }
  EXPECT_TRUE(std::isnan(f32le(std::numeric_limits<float>::quiet_NaN())));
}

TEST(LittleEndian, has_no_padding_at_odd_places) {
  struct Odd {
    std::uint8_t first;
    u64le second;
    u16le third;
  };
  EXPECT_EQ(sizeof(Odd), 11u);
  EXPECT_EQ(alignof(Odd), 1u);
}

}  // namespace
}  // namespace nf
