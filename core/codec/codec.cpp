#include "core/codec/codec.h"

#include <lz4.h>
#include <lz4hc.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "core/base/assert.h"

#if __has_include(<xxh_x86dispatch.h>) && (defined(__x86_64__) || defined(__i386__))
#include <xxh_x86dispatch.h>  // the same names, bound to the widest vectors found at run time
#else
#include <xxhash.h>
#endif

namespace nf {
namespace {

constexpr Error kDecodeFailed = {.code = ErrorCode::chunk_decode_failed};

// A frame's window may be as large as the largest chunk, or as its own result if that is larger.
constexpr std::uint64_t kZstdWindowMax = std::uint64_t{1} << 20;
// The library also knows skippable frames and seven older formats; a chunk is none of these.
constexpr std::array<std::byte, 4> kZstdMagic = {std::byte{0x28}, std::byte{0xB5}, std::byte{0x2F},
                                                 std::byte{0xFD}};
constexpr std::size_t kZstdFrameMin = 9;  // magic, descriptor, window or size, one block's header

// The window a frame asks for (RFC 8878, 3.1.1.1.2): its whole content if it is a single segment.
std::uint64_t zstd_window_size(std::span<const std::byte> stored, std::uint64_t content_size) {
  const auto descriptor = std::to_integer<unsigned>(stored[4]);
  const bool single_segment = (descriptor & 0x20u) != 0;
  if (single_segment) return content_size;
  const auto window = std::to_integer<unsigned>(stored[5]);
  const std::uint64_t base = std::uint64_t{1} << (10 + (window >> 3));
  return base + base / 8 * (window & 7u);
}

// True if `stored` is exactly one frame that says it holds `raw_size` bytes in a window we allow.
bool zstd_frame_acceptable(std::span<const std::byte> stored, std::size_t raw_size) {
  if (stored.size() < kZstdFrameMin) return false;
  if (!std::equal(kZstdMagic.begin(), kZstdMagic.end(), stored.begin())) return false;
  // The answers "unknown" and "invalid" are larger than any span.
  if (ZSTD_getFrameContentSize(stored.data(), stored.size()) != raw_size) return false;
  const std::uint64_t window_max = std::max(kZstdWindowMax, std::bit_ceil(std::uint64_t{raw_size}));
  if (zstd_window_size(stored, raw_size) > window_max) return false;
  return ZSTD_findFrameCompressedSize(stored.data(), stored.size()) == stored.size();
}

}  // namespace

const char* codec_name(Codec codec) {
  switch (codec) {
    case Codec::store: return "store";
    case Codec::lz4: return "lz4";
    case Codec::zstd: return "zstd";
  }
  return "unknown";
}

std::uint64_t hash64(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

PathHash hash128(std::span<const std::byte> bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {.low = hash.low64, .high = hash.high64};
}

AssetId asset_id(std::string_view name) {
  return {hash64(std::as_bytes(std::span(name)))};
}

PathHash path_hash(std::string_view path) {
  return hash128(std::as_bytes(std::span(path)));
}

// ---- Hashers ----

namespace {

XXH3_state_t* make_hash_state() {
  XXH3_state_t* state = XXH3_createState();
  NF_ASSERT(state != nullptr);
  return state;
}

}  // namespace

struct Hasher64::State {
  XXH3_state_t* xxh = make_hash_state();
  ~State() { XXH3_freeState(xxh); }
};

Hasher64::Hasher64() : state_(std::make_unique<State>()) {
  XXH3_64bits_reset(state_->xxh);
}
Hasher64::~Hasher64() = default;

void Hasher64::add(std::span<const std::byte> bytes) {
  if (!bytes.empty()) XXH3_64bits_update(state_->xxh, bytes.data(), bytes.size());
}

std::uint64_t Hasher64::finish() const {
  return XXH3_64bits_digest(state_->xxh);
}

struct Hasher128::State {
  XXH3_state_t* xxh = make_hash_state();
  ~State() { XXH3_freeState(xxh); }
};

Hasher128::Hasher128() : state_(std::make_unique<State>()) {
  XXH3_128bits_reset(state_->xxh);
}
Hasher128::~Hasher128() = default;

void Hasher128::add(std::span<const std::byte> bytes) {
  if (!bytes.empty()) XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size());
}

PathHash Hasher128::finish() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh);
  return {.low = hash.low64, .high = hash.high64};
}

// ---- ChunkDecoder ----

// One zstd context for ever: about 160 KiB, of a size that no frame decides.
struct ChunkDecoder::State {
  ZSTD_DCtx* zstd = ZSTD_createDCtx();
  State() { NF_ASSERT(zstd != nullptr); }
  ~State() { ZSTD_freeDCtx(zstd); }
};

ChunkDecoder::ChunkDecoder() : state_(std::make_unique<State>()) {}
ChunkDecoder::~ChunkDecoder() = default;
ChunkDecoder::ChunkDecoder(ChunkDecoder&&) noexcept = default;
ChunkDecoder& ChunkDecoder::operator=(ChunkDecoder&&) noexcept = default;

Error ChunkDecoder::decode(Codec codec, std::span<const std::byte> stored,
                           std::span<std::byte> raw) {
  switch (codec) {
    case Codec::store: {
      if (stored.size() != raw.size()) return kDecodeFailed;
      if (!raw.empty()) std::memcpy(raw.data(), stored.data(), raw.size());
      return {};
    }
    case Codec::lz4: {
      if (stored.size() > LZ4_MAX_INPUT_SIZE || raw.size() > LZ4_MAX_INPUT_SIZE)
        return kDecodeFailed;
      const int size = LZ4_decompress_safe(
          reinterpret_cast<const char*>(stored.data()), reinterpret_cast<char*>(raw.data()),
          static_cast<int>(stored.size()), static_cast<int>(raw.size()));
      return size >= 0 && static_cast<std::size_t>(size) == raw.size() ? Error{} : kDecodeFailed;
    }
    case Codec::zstd: {
      if (!zstd_frame_acceptable(stored, raw.size())) return kDecodeFailed;
      const std::size_t size =
          ZSTD_decompressDCtx(state_->zstd, raw.data(), raw.size(), stored.data(), stored.size());
      return size == raw.size() ? Error{} : kDecodeFailed;  // an error code is larger than any size
    }
  }
  return kDecodeFailed;
}

// ---- ChunkEncoder ----

struct ChunkEncoder::State {
  ZSTD_CCtx* zstd = ZSTD_createCCtx();
  std::vector<std::byte> lz4 =
      std::vector<std::byte>(static_cast<std::size_t>(LZ4_sizeofStateHC()));
  std::vector<std::byte> stored;
  State() { NF_ASSERT(zstd != nullptr); }
  ~State() { ZSTD_freeCCtx(zstd); }
};

ChunkEncoder::ChunkEncoder() : state_(std::make_unique<State>()) {}
ChunkEncoder::~ChunkEncoder() = default;
ChunkEncoder::ChunkEncoder(ChunkEncoder&&) noexcept = default;
ChunkEncoder& ChunkEncoder::operator=(ChunkEncoder&&) noexcept = default;

std::span<const std::byte> ChunkEncoder::encode(Codec codec, int level,
                                                std::span<const std::byte> raw) {
  if (codec != Codec::lz4 && codec != Codec::zstd) return {};
  if (raw.size() < 2 || raw.size() > LZ4_MAX_INPUT_SIZE) return {};
  std::vector<std::byte>& stored = state_->stored;
  // One byte less than the input: a codec that does not fit has not gained anything and gives up
  // early.
  const std::size_t capacity = raw.size() - 1;
  if (stored.size() < capacity) stored.resize(capacity);
  if (codec == Codec::lz4) {
    const int size =
        LZ4_compress_HC_extStateHC(state_->lz4.data(), reinterpret_cast<const char*>(raw.data()),
                                   reinterpret_cast<char*>(stored.data()),
                                   static_cast<int>(raw.size()), static_cast<int>(capacity), level);
    if (size <= 0) return {};
    return {stored.data(), static_cast<std::size_t>(size)};
  }
  const std::size_t size =
      ZSTD_compressCCtx(state_->zstd, stored.data(), capacity, raw.data(), raw.size(), level);
  if (ZSTD_isError(size) != 0) return {};
  return {stored.data(), size};
}

}  // namespace nf
