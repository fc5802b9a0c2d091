#include "formats/archive/piece_reader.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "core/base/prng.h"

namespace nf {
namespace {

constexpr std::size_t kPiece = PieceReader::kPieceSize;

std::vector<std::byte> random_bytes(std::size_t size) {
  Prng prng(3);
  std::vector<std::byte> bytes(size);
  for (std::byte& b : bytes) b = static_cast<std::byte>(prng.below(256));
  return bytes;
}

// All pieces of all stretches are the bytes of the source, and end where records do.
void expect_all(const std::vector<std::byte>& file,
                const std::vector<PieceReader::Stretch>& stretches) {
  const ByteSource source = ByteSource::of_memory(file);
  PieceReader pieces(source, stretches);
  for (const PieceReader::Stretch& stretch : stretches) {
    for (std::uint64_t done = 0; done < stretch.size;) {
      const Result<std::span<const std::byte>> piece = pieces.next();
      ASSERT_TRUE(piece);
      ASSERT_LE(piece->size(), stretch.size - done);
      ASSERT_EQ(piece->size() % stretch.granule, 0u);
      ASSERT_EQ(std::memcmp(piece->data(), file.data() + stretch.at + done, piece->size()), 0);
      done += piece->size();
    }
    if (stretch.whole.empty()) continue;
    EXPECT_EQ(std::memcmp(stretch.whole.data(), file.data() + stretch.at, stretch.size), 0);
  }
}

TEST(PieceReader, reads_every_stretch_in_its_order) {
  const std::vector<std::byte> file = random_bytes(14 * kPiece);
  std::vector<std::byte> whole(3 * kPiece + 77);
  expect_all(file, {{.at = 4096, .size = 160 * 30'000, .granule = 160, .whole = {}},
                    {.at = 10 * kPiece, .size = 0, .granule = 24, .whole = {}},
                    {.at = 6 * kPiece, .size = whole.size(), .granule = 1, .whole = whole},
                    {.at = 1, .size = 24 * 400'000, .granule = 24, .whole = {}}});
}

TEST(PieceReader, reads_what_is_small_and_nothing_at_all) {
  const std::vector<std::byte> file = random_bytes(5000);
  expect_all(file, {{.at = 0, .size = 5000, .granule = 4, .whole = {}},
                    {.at = 100, .size = 96, .granule = 32, .whole = {}}});
  expect_all(file, {});
}

TEST(PieceReader, says_which_piece_could_not_be_read_and_gives_those_before_it) {
  const std::vector<std::byte> file = random_bytes(9 * kPiece);
  const std::vector<PieceReader::Stretch> stretches{
      {.at = 0, .size = 9 * kPiece, .granule = 1, .whole = {}},
      {.at = 8 * kPiece, .size = 2 * kPiece, .granule = 1, .whole = {}}};
  const ByteSource source = ByteSource::of_memory(file);
  PieceReader pieces(source, stretches);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pieces.next()) << i;
  const Result<std::span<const std::byte>> beyond = pieces.next();
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, ErrorCode::file_too_short);
}

TEST(PieceReader, ends_when_nobody_takes_the_rest) {
  const std::vector<std::byte> file = random_bytes(12 * kPiece);
  const std::vector<PieceReader::Stretch> stretches{
      {.at = 0, .size = 12 * kPiece, .granule = 1, .whole = {}}};
  const ByteSource source = ByteSource::of_memory(file);
  PieceReader pieces(source, stretches);
  ASSERT_TRUE(pieces.next());
}

}  // namespace
}  // namespace nf
