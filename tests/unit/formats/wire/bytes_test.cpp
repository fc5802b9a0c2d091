#include "formats/wire/bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "formats/wire/little_endian.h"

namespace nf {
namespace {

TEST(ByteReader, gives_back_what_a_byte_writer_wrote) {
  std::array<std::byte, 16> bytes;
  ByteWriter writer(bytes);
  writer.write(u16le(7));
  writer.write(u64le(1ull << 60));
  const std::array<std::byte, 3> tail = {std::byte{1}, std::byte{2}, std::byte{3}};
  writer.put(tail);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(writer.at(), 13u);

  const std::span<const std::byte> written = std::span(bytes).first(writer.at());
  ByteReader reader(written);
  EXPECT_EQ(reader.read<u16le>(), 7u);
  EXPECT_EQ(reader.read<u64le>(), 1ull << 60);
  const std::span<const std::byte> rest = reader.take(3);
  EXPECT_TRUE(std::equal(rest.begin(), rest.end(), tail.begin(), tail.end()));
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(ByteReader, stays_broken_after_it_was_asked_for_too_much) {
  const std::array<std::byte, 6> bytes = {std::byte{9}};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.read<u64le>(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.at(), 0u);
  EXPECT_EQ(reader.read<u16le>(), 0u) << "there would be enough for this one";
  EXPECT_TRUE(reader.take(1).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, does_not_wrap_around_on_a_huge_size) {
  const std::array<std::byte, 6> bytes = {};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.take(2).size(), 2u);
  EXPECT_TRUE(reader.take(~std::size_t{0}).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteWriter, writes_nothing_that_does_not_fit) {
  std::array<std::byte, 3> bytes = {};
  ByteWriter writer(bytes);
  writer.write(u16le(0xFFFF));
  writer.write(u16le(0xFFFF));
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(bytes[2], std::byte{0});
  writer.put(std::span<const std::byte>(bytes).first(1));
  EXPECT_EQ(writer.at(), 2u) << "a hole must not be filled with what came later";
}

}  // namespace
}  // namespace nf
