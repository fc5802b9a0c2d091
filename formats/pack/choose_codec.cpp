#include "formats/pack/choose_codec.h"

namespace nf {

namespace {

double decode_seconds(Codec codec, std::uint64_t raw_size) {
  const auto raw = static_cast<double>(raw_size);
  switch (codec) {
    case Codec::store: return 0;  // read to where it stays
    case Codec::lz4: return raw / kLz4DecodeBytesPerSecond;
    case Codec::zstd: return raw / kZstdDecodeBytesPerSecond;
  }
  return 0;
}

int level_of(Codec codec, const PackOptions& options) {
  return codec == Codec::lz4 ? options.lz4_level : options.zstd_level;
}

void encode_as(Codec codec, std::span<const std::byte> raw, const PackOptions& options,
               ChunkEncoder& encoder, StoredChunk& chunk) {
  const std::span<const std::byte> stored = encoder.encode(codec, level_of(codec, options), raw);
  if (stored.empty()) return;
  chunk.codec = codec;
  chunk.bytes.assign(stored.begin(), stored.end());
}

void encode_fastest(std::span<const std::byte> raw, const PackOptions& options,
                    ChunkEncoder& encoder, StoredChunk& chunk) {
  const double disk = options.disk_bytes_per_second;
  double best = seconds_to_resident(Codec::store, raw.size(), raw.size(), disk);
  for (const Codec codec : {Codec::lz4, Codec::zstd}) {
    // Where decoding alone takes longer than the best so far, encoding would be in vain.
    if (decode_seconds(codec, raw.size()) >= best) continue;
    const std::span<const std::byte> stored = encoder.encode(codec, level_of(codec, options), raw);
    if (stored.empty()) continue;
    const double seconds = seconds_to_resident(codec, stored.size(), raw.size(), disk);
    if (seconds >= best) continue;
    best = seconds;
    chunk.codec = codec;
    chunk.bytes.assign(stored.begin(), stored.end());
  }
}

}  // namespace

double seconds_to_resident(Codec codec, std::uint64_t stored_size, std::uint64_t raw_size,
                           double disk_bytes_per_second) {
  return static_cast<double>(stored_size) / disk_bytes_per_second + decode_seconds(codec, raw_size);
}

StoredChunk encode_chunk(std::vector<std::byte> raw, const PackOptions& options,
                         ChunkEncoder& encoder) {
  StoredChunk chunk;
  chunk.raw_size = static_cast<std::uint32_t>(raw.size());
  switch (options.codec) {
    case CodecChoice::automatic: encode_fastest(raw, options, encoder, chunk); break;
    case CodecChoice::store: break;
    case CodecChoice::lz4: encode_as(Codec::lz4, raw, options, encoder, chunk); break;
    case CodecChoice::zstd: encode_as(Codec::zstd, raw, options, encoder, chunk); break;
  }
  if (chunk.codec == Codec::store) chunk.bytes = std::move(raw);
  chunk.checksum = hash64(chunk.bytes);
  return chunk;
}

}  // namespace nf
