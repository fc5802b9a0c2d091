#include "core/codec/codec.h"

#include <gtest/gtest.h>
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "core/base/prng.h"

namespace nf {
namespace {

using ByteVector = std::vector<std::byte>;

ByteVector compressible_bytes(std::size_t size, std::uint64_t seed) {
  ByteVector bytes(size);
  Prng prng(seed);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] =
        i >= 16 && prng.chance(0.9) ? bytes[i % 16] : static_cast<std::byte>(prng.below(256));
  }
  return bytes;
}

ByteVector random_bytes(std::size_t size, std::uint64_t seed) {
  ByteVector bytes(size);
  Prng prng(seed);
  for (std::byte& b : bytes) b = static_cast<std::byte>(prng.below(256));
  return bytes;
}

ByteVector encoded(Codec codec, const ByteVector& raw) {
  ChunkEncoder encoder;
  const std::span<const std::byte> stored = encoder.encode(codec, 9, raw);
  return {stored.begin(), stored.end()};
}

// Decodes between two canaries and expects them untouched, whatever comes out.
Error decode_guarded(Codec codec, std::span<const std::byte> stored, std::size_t raw_size,
                     ByteVector& raw) {
  constexpr std::size_t kGuard = 64;
  ByteVector memory(raw_size + 2 * kGuard, std::byte{0xA5});
  ChunkDecoder decoder;
  const Error error = decoder.decode(codec, stored, std::span(memory).subspan(kGuard, raw_size));
  const auto untouched = [](std::byte b) { return b == std::byte{0xA5}; };
  EXPECT_TRUE(std::all_of(memory.begin(), memory.begin() + kGuard, untouched));
  EXPECT_TRUE(std::all_of(memory.end() - kGuard, memory.end(), untouched));
  raw.assign(memory.begin() + kGuard, memory.end() - kGuard);
  return error;
}

TEST(Hash, is_xxh3_of_every_length_and_alignment) {
  const ByteVector bytes = random_bytes(5000, 1);
  for (std::size_t at : {0u, 1u, 7u}) {
    for (std::size_t size : {0u, 1u, 3u, 16u, 17u, 128u, 129u, 240u, 241u, 1024u, 4096u}) {
      const std::span<const std::byte> part = std::span(bytes).subspan(at, size);
      const XXH128_hash_t wide = XXH3_128bits(part.data(), part.size());
      EXPECT_EQ(hash64(part), XXH3_64bits(part.data(), part.size()));
      EXPECT_EQ(hash128(part), (PathHash{.low = wide.low64, .high = wide.high64}));
    }
  }
}

TEST(Hash, of_pieces_is_the_hash_of_the_whole) {
  const ByteVector bytes = random_bytes(100'000, 2);
  Prng prng(3);
  Hasher64 narrow;
  Hasher128 wide;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = std::min<std::size_t>(prng.below(5000), bytes.size() - at);
    narrow.add(std::span(bytes).subspan(at, size));
    wide.add(std::span(bytes).subspan(at, size));
    at += size;
  }
  EXPECT_EQ(narrow.finish(), hash64(bytes));
  EXPECT_EQ(wide.finish(), hash128(bytes));
  EXPECT_EQ(Hasher64().finish(), hash64({}));
}

TEST(Hash, of_names_is_the_same_on_every_machine) {
  EXPECT_EQ(asset_id("").value, 0x2D06800538D394C2ull);  // XXH3-64 of nothing, as published
  EXPECT_EQ(path_hash("").high, 0x99AA06D3014798D8ull);  // XXH3-128 of nothing
  EXPECT_EQ(path_hash("").low, 0x6001C324468D497Full);
  EXPECT_NE(asset_id("a").value, asset_id("b").value);
}

TEST(Chunk, comes_back_from_every_codec_and_level) {
  for (const std::size_t size : {2u, 1000u, 4096u, 65'537u, 1u << 20}) {
    const ByteVector raw = compressible_bytes(size, size);
    for (const Codec codec : {Codec::lz4, Codec::zstd}) {
      ChunkEncoder encoder;
      for (const int level : {3, 9, 12}) {
        const std::span<const std::byte> stored = encoder.encode(codec, level, raw);
        EXPECT_EQ(stored.empty(), size == 2) << codec_name(codec) << " of " << size;
        if (stored.empty()) continue;
        EXPECT_LT(stored.size(), raw.size());
        ByteVector back;
        EXPECT_FALSE(decode_guarded(codec, stored, raw.size(), back));
        EXPECT_EQ(back, raw);
      }
    }
    ByteVector back;
    EXPECT_FALSE(decode_guarded(Codec::store, raw, raw.size(), back));
    EXPECT_EQ(back, raw);
  }
}

TEST(Chunk, that_would_not_shrink_is_not_encoded) {
  const ByteVector raw = random_bytes(10'000, 4);
  EXPECT_TRUE(encoded(Codec::lz4, raw).empty());
  EXPECT_TRUE(encoded(Codec::zstd, raw).empty());
  EXPECT_TRUE(encoded(Codec::store, raw).empty());
  EXPECT_TRUE(encoded(Codec::zstd, {}).empty());
}

TEST(Chunk, is_encoded_to_the_same_bytes_by_a_used_and_a_new_encoder) {
  const ByteVector first = compressible_bytes(50'000, 5);
  const ByteVector second = compressible_bytes(30'000, 6);
  for (const Codec codec : {Codec::lz4, Codec::zstd}) {
    ChunkEncoder used;
    (void)used.encode(codec, 9, first);
    const std::span<const std::byte> stored = used.encode(codec, 9, second);
    EXPECT_EQ(ByteVector(stored.begin(), stored.end()), encoded(codec, second));
  }
}

TEST(Chunk, of_another_size_than_declared_is_refused) {
  const ByteVector raw = compressible_bytes(20'000, 7);
  for (const Codec codec : {Codec::store, Codec::lz4, Codec::zstd}) {
    const ByteVector stored = codec == Codec::store ? raw : encoded(codec, raw);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, raw.size() - 1, raw.size() + 1}) {
      ByteVector back;
      EXPECT_EQ(decode_guarded(codec, stored, size, back).code, ErrorCode::chunk_decode_failed)
          << codec_name(codec) << " into " << size;
    }
  }
}

TEST(Chunk, of_an_unknown_codec_is_refused) {
  ByteVector back;
  EXPECT_EQ(decode_guarded(static_cast<Codec>(3), random_bytes(10, 8), 10, back).code,
            ErrorCode::chunk_decode_failed);
}

TEST(Chunk, cut_short_or_with_bytes_behind_it_is_refused) {
  const ByteVector raw = compressible_bytes(3000, 9);
  for (const Codec codec : {Codec::lz4, Codec::zstd}) {
    ByteVector stored = encoded(codec, raw);
    ByteVector back;
    for (std::size_t size = 0; size < stored.size(); ++size) {
      EXPECT_TRUE(decode_guarded(codec, std::span(stored).first(size), raw.size(), back));
    }
    stored.push_back(std::byte{0});
    EXPECT_TRUE(decode_guarded(codec, stored, raw.size(), back)) << codec_name(codec);
  }
}

TEST(Chunk, of_any_bytes_writes_nothing_outside_its_place) {
  Prng prng(10);
  for (const Codec codec : {Codec::lz4, Codec::zstd}) {
    const ByteVector good = encoded(codec, compressible_bytes(2000, 11));
    for (int round = 0; round < 20'000; ++round) {
      ByteVector bad = good;
      for (std::uint64_t flips = 1 + prng.below(4); flips > 0; --flips) {
        bad[prng.below(bad.size())] = static_cast<std::byte>(prng.below(256));
      }
      ByteVector back;
      (void)decode_guarded(codec, bad, 1 + prng.below(4000), back);
    }
  }
}

TEST(ZstdChunk, behind_a_skippable_frame_is_refused) {
  const ByteVector raw = compressible_bytes(3000, 12);
  const ByteVector frame = encoded(Codec::zstd, raw);
  ByteVector stored = {std::byte{0x50}, std::byte{0x2A}, std::byte{0x4D}, std::byte{0x18},
                       std::byte{0},    std::byte{0},    std::byte{0},    std::byte{0}};
  ByteVector behind = frame;
  behind.insert(behind.end(), stored.begin(), stored.end());
  stored.insert(stored.end(), frame.begin(), frame.end());
  ByteVector back;
  EXPECT_TRUE(decode_guarded(Codec::zstd, stored, raw.size(), back));
  EXPECT_TRUE(decode_guarded(Codec::zstd, behind, raw.size(), back));
}

TEST(ZstdChunk, of_two_frames_is_refused) {
  const ByteVector raw = compressible_bytes(3000, 13);
  ByteVector stored = encoded(Codec::zstd, raw);
  const ByteVector once = stored;
  stored.insert(stored.end(), once.begin(), once.end());
  ByteVector back;
  EXPECT_TRUE(decode_guarded(Codec::zstd, stored, 2 * raw.size(), back));
}

TEST(ZstdChunk, that_does_not_say_its_size_is_refused) {
  const ByteVector raw = compressible_bytes(3000, 14);
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  ByteVector stored(ZSTD_compressBound(raw.size()));
  const std::size_t size =
      ZSTD_compress2(context, stored.data(), stored.size(), raw.data(), raw.size());
  ZSTD_freeCCtx(context);
  ASSERT_EQ(ZSTD_isError(size), 0u);
  stored.resize(size);
  ByteVector back;
  EXPECT_TRUE(decode_guarded(Codec::zstd, stored, raw.size(), back));
}

TEST(ZstdChunk, that_asks_for_a_huge_window_is_refused) {
  const std::uint32_t raw_size = 8;
  // One frame: 4-byte content size, window descriptor, a last raw block of eight bytes.
  ByteVector stored;
  const auto put = [&stored](std::initializer_list<int> values) {
    for (const int value : values) stored.push_back(static_cast<std::byte>(value));
  };
  put({0x28, 0xB5, 0x2F, 0xFD, 0x80, 0x00, raw_size, 0, 0, 0, (raw_size << 3) | 1, 0, 0});
  for (std::uint32_t i = 0; i < raw_size; ++i) stored.push_back(static_cast<std::byte>(i));
  ByteVector back;
  EXPECT_FALSE(decode_guarded(Codec::zstd, stored, raw_size, back)) << "a window of 1 KiB";
  stored[5] = std::byte{10 << 3};
  EXPECT_FALSE(decode_guarded(Codec::zstd, stored, raw_size, back)) << "a window of 1 MiB";
  stored[5] = std::byte{(10 << 3) | 1};
  EXPECT_TRUE(decode_guarded(Codec::zstd, stored, raw_size, back)) << "an eighth more";
  stored[5] = std::byte{21 << 3};
  EXPECT_TRUE(decode_guarded(Codec::zstd, stored, raw_size, back)) << "a window of 2 GiB";
}

}  // namespace
}  // namespace nf
