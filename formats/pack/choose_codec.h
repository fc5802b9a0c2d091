// choose_codec: a chunk's stored form, by time to resident.
//
// Pure; the encoder has one owner at a time. A chunk is resident when its stored bytes have been
// read and decoded: stored / disk + raw / decode rate. Ratio alone would choose zstd everywhere,
// which on a disk of 1 GB/s takes longer to decode than the bytes it saves take to read.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/codec/codec.h"
#include "formats/pack/pack.h"

namespace nf {

// One core, asset-like data in chunks of 256 KiB (bench/results).
inline constexpr double kLz4DecodeBytesPerSecond = 3.5e9;
inline constexpr double kZstdDecodeBytesPerSecond = 1.0e9;

double seconds_to_resident(Codec codec, std::uint64_t stored_size, std::uint64_t raw_size,
                           double disk_bytes_per_second);

struct StoredChunk {
  Codec codec = Codec::store;
  std::uint32_t raw_size = 0;
  std::uint64_t checksum = 0;
  std::vector<std::byte> bytes;
};

// Takes the raw bytes, which are the result if nothing makes them smaller.
StoredChunk encode_chunk(std::vector<std::byte> raw, const PackOptions& options,
                         ChunkEncoder& encoder);

}  // namespace nf
