// choose_codec: a chunk's stored form, by time to resident.
//
// Pure; the encoder has one owner at a time. A stream reads the next chunks while it decodes the
// last ones, so a chunk takes the longer of the two, stored / disk or raw / decode rate, not their
// sum: on a disk of 2.7 GB/s the sum would keep raw what LZ4 does not make smaller than 0.57, and
// LZ4 was measured 1.44 times as fast there (bench_load.json). The longer of the two foretells at
// most 1.30, with the decode rate of the slower of two worlds; the one measured decodes faster.
// Ratio alone would choose zstd everywhere, which on a disk of 1 GB/s takes longer to decode than
// what it saves takes to read.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/codec/codec.h"
#include "formats/pack/pack.h"

namespace nf {

// Checked and decoded by one core, generated worlds and FlightGear's, the lower of the two; what is
// stored as it is has to be checked and copied, too. One core, because the others are the game's:
// with several the codecs that decode slowly would be chosen at their expense.
inline constexpr double kStoreDecodeBytesPerSecond = 8.0e9;
inline constexpr double kLz4DecodeBytesPerSecond = 3.5e9;
inline constexpr double kZstdDecodeBytesPerSecond = 1.0e9;

double seconds_to_resident(Codec codec, std::uint64_t stored_size, std::uint64_t raw_size,
                           double disk_bytes_per_second);

// Whether nothing is sooner than bytes as they are, however small a codec makes them: it decodes
// slower than they are read.
bool store_always_wins(double disk_bytes_per_second);

// Whether LZ4 would have to make less than a quarter of the bytes to be sooner than zstd: what is
// known of a disk before any byte is seen.
bool zstd_usually_wins(double disk_bytes_per_second);

// Decoded bytes a second of a stream of chunks: all are read in turn, and decoded in turn.
double resident_bytes_per_second(const CodecBytes (&by_codec)[kCodecCount],
                                 double disk_bytes_per_second);

struct StoredChunk {
  Codec codec = Codec::store;
  std::uint32_t raw_size = 0;
  std::uint64_t checksum = 0;
  std::vector<std::byte> bytes;
  std::uint32_t size_as[kCodecCount] = {};  // of a sample: what each codec makes of it; else 0
};

// Which codecs an automatic choice tries: those that could win, or all, for the report.
enum class Trial : std::uint8_t { promising, all };

// Takes the raw bytes, which are the result if nothing makes them smaller.
StoredChunk encode_chunk(std::vector<std::byte> raw, const PackOptions& options,
                         ChunkEncoder& encoder, Trial trial = Trial::promising);

}  // namespace nf
