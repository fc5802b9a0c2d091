// Chunks that the codec suite decodes: they hold what they were made of, and all ways of decoding
// them agree.
#include "bench/codec/chunk_set.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bench/codec/decode_loops.h"
#include "bench/suite/suite.h"

namespace nf::bench {
namespace {

constexpr std::size_t kSize = 1u << 20;

const std::vector<std::byte>& raw_bytes() {
  static const std::vector<std::byte> raw = make_raw(AssetPool::make(1), AssetMix::all, kSize, 1);
  return raw;
}

TEST(ChunkSet, holds_all_bytes_in_chunks_of_the_size_asked_for) {
  for (const Codec codec : {Codec::store, Codec::lz4, Codec::zstd}) {
    const ChunkSet set = encode_chunks(raw_bytes(), codec, 64u << 10);
    EXPECT_EQ(set.count(), 16u);
    EXPECT_EQ(set.raw_total, kSize);
    EXPECT_LE(set.stored_total, kSize);
    EXPECT_EQ(set.stored_total == kSize, codec == Codec::store);
  }
}

TEST(DecodeLoops, agree_with_the_original_in_every_codec) {
  const Result<PageBlock> pages = PageBlock::map(Bytes{kSize}, PageKind::huge);
  ASSERT_TRUE(pages.has_value());
  for (const Codec codec : {Codec::store, Codec::lz4, Codec::zstd}) {
    const ChunkSet set = encode_chunks(raw_bytes(), codec, 64u << 10);
    for (const std::uint32_t workers : {1u, 2u}) {
      for (auto* loop : {decode_plainly, decode_with_ours, decode_with_pool}) {
        const std::span<std::byte> raw = pages->bytes().first(kSize);
        std::fill(raw.begin(), raw.end(), std::byte{0});
        const DecodeSample sample =
            loop({.set = &set, .raw = raw, .seconds = 0, .workers = workers});
        EXPECT_EQ(sample.raw_bytes, kSize);
        EXPECT_TRUE(std::equal(raw.begin(), raw.end(), raw_bytes().begin()));
      }
    }
  }
}

TEST(DecodeLoops, refuse_a_flipped_bit) {
  const Result<PageBlock> pages = PageBlock::map(Bytes{kSize}, PageKind::huge);
  ASSERT_TRUE(pages.has_value());
  const ChunkSet set = encode_chunks(raw_bytes(), Codec::lz4, 64u << 10);
  set.stored_pages.bytes()[1000] ^= std::byte{1};
  const DecodeWork work{.set = &set, .raw = pages->bytes().first(kSize), .seconds = 0};
  EXPECT_THROW(decode_plainly(work), BenchError);
  EXPECT_THROW(decode_with_ours(work), BenchError);
  EXPECT_THROW(decode_with_pool(work), BenchError);
}

}  // namespace
}  // namespace nf::bench
