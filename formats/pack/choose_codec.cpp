#include "formats/pack/choose_codec.h"

#include <algorithm>

namespace nf {

namespace {

double decode_seconds(Codec codec, std::uint64_t raw_size) {
  const auto raw = static_cast<double>(raw_size);
  switch (codec) {
    case Codec::store: return raw / kStoreDecodeBytesPerSecond;
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

void encode_fastest(std::span<const std::byte> raw, const PackOptions& options, Trial trial,
                    ChunkEncoder& encoder, StoredChunk& chunk) {
  const double disk = options.disk_bytes_per_second;
  double best = seconds_to_resident(Codec::store, raw.size(), raw.size(), disk);
  if (trial == Trial::all) std::ranges::fill(chunk.size_as, chunk.raw_size);
  for (const Codec codec : {Codec::lz4, Codec::zstd}) {
    // Where decoding alone takes longer than the best so far, encoding would be in vain.
    if (trial == Trial::promising && decode_seconds(codec, raw.size()) >= best) continue;
    const std::span<const std::byte> stored = encoder.encode(codec, level_of(codec, options), raw);
    if (stored.empty()) continue;
    if (trial == Trial::all) {
      chunk.size_as[static_cast<std::size_t>(codec)] = static_cast<std::uint32_t>(stored.size());
    }
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
  return std::max(static_cast<double>(stored_size) / disk_bytes_per_second,
                  decode_seconds(codec, raw_size));
}

bool store_always_wins(double disk_bytes_per_second) {
  constexpr std::uint64_t kRaw = kChunkRawSizeMax;
  const double store = seconds_to_resident(Codec::store, kRaw, kRaw, disk_bytes_per_second);
  return store <= decode_seconds(Codec::lz4, kRaw) && store <= decode_seconds(Codec::zstd, kRaw);
}

bool zstd_usually_wins(double disk_bytes_per_second) {
  constexpr std::uint64_t kRaw = kChunkRawSizeMax;
  return seconds_to_resident(Codec::lz4, kRaw / 4, kRaw, disk_bytes_per_second) >=
         decode_seconds(Codec::zstd, kRaw);
}

double resident_bytes_per_second(const CodecBytes (&by_codec)[kCodecCount],
                                 double disk_bytes_per_second) {
  double raw = 0, read = 0, decode = 0;
  for (std::uint16_t i = 0; i < kCodecCount; ++i) {
    raw += static_cast<double>(by_codec[i].raw.value);
    read += static_cast<double>(by_codec[i].stored.value) / disk_bytes_per_second;
    decode += decode_seconds(static_cast<Codec>(i), by_codec[i].raw.value);
  }
  return raw > 0 ? raw / std::max(read, decode) : 0;
}

StoredChunk encode_chunk(std::vector<std::byte> raw, const PackOptions& options,
                         ChunkEncoder& encoder, Trial trial) {
  StoredChunk chunk;
  chunk.raw_size = static_cast<std::uint32_t>(raw.size());
  switch (options.codec) {
    case CodecChoice::automatic: encode_fastest(raw, options, trial, encoder, chunk); break;
    case CodecChoice::store: break;
    case CodecChoice::lz4: encode_as(Codec::lz4, raw, options, encoder, chunk); break;
    case CodecChoice::zstd: encode_as(Codec::zstd, raw, options, encoder, chunk); break;
  }
  if (chunk.codec == Codec::store) chunk.bytes = std::move(raw);
  chunk.checksum = hash64(chunk.bytes);
  return chunk;
}

}  // namespace nf
