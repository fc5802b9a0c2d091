// Bytes to bytes: the codecs of a chunk and the hashes of everything.
//
// Pure functions and two context objects that keep a library's working memory between calls; a
// context has one owner at a time. Nothing here reads a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

// Numbered as on disk; never reused.
enum class Codec : std::uint16_t { store = 0, lz4 = 1, zstd = 2 };
inline constexpr std::uint16_t kCodecCount = 3;
const char* codec_name(Codec codec);

// XXH3 (Collet), run-time dispatched to the widest vectors of the machine.
std::uint64_t hash64(std::span<const std::byte> bytes);
PathHash hash128(std::span<const std::byte> bytes);
// asset_id and path_hash, of <nearfield/types.h>, are hash64 and hash128 of the text.

class Hasher64 {  // hash64 of a sequence of pieces
 public:
  Hasher64();
  ~Hasher64();
  Hasher64(const Hasher64&) = delete;
  Hasher64& operator=(const Hasher64&) = delete;
  void add(std::span<const std::byte> bytes);
  std::uint64_t finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Hasher128 {  // hash128 of a sequence of pieces
 public:
  Hasher128();
  ~Hasher128();
  Hasher128(const Hasher128&) = delete;
  Hasher128& operator=(const Hasher128&) = delete;
  void add(std::span<const std::byte> bytes);
  PathHash finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class ChunkDecoder {
 public:
  ChunkDecoder();
  ~ChunkDecoder();
  ChunkDecoder(ChunkDecoder&&) noexcept;
  ChunkDecoder& operator=(ChunkDecoder&&) noexcept;

  // Fills `raw` exactly, or says chunk_decode_failed; writes nothing outside `raw` whatever the
  // stored bytes are, and takes no memory in proportion to what they claim.
  Error decode(Codec codec, std::span<const std::byte> stored, std::span<std::byte> raw);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class ChunkEncoder {
 public:
  ChunkEncoder();
  ~ChunkEncoder();
  ChunkEncoder(ChunkEncoder&&) noexcept;
  ChunkEncoder& operator=(ChunkEncoder&&) noexcept;

  // The stored form of `raw`, valid until the next call; empty if it would not be smaller than
  // `raw` (then store it). Deterministic. LZ4 is LZ4-HC, levels 3-12; zstd levels 1-19.
  std::span<const std::byte> encode(Codec codec, int level, std::span<const std::byte> raw);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nf
