// Any bytes as a chunk: decoded to exactly the size asked for or refused, nothing outside touched.
//
// First byte: codec, and whether what follows is taken as stored bytes, or encoded first and then
// damaged, which gets much deeper. Undamaged, it must come back as it was.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/codec/codec.h"

namespace {

using namespace nf;

void require(bool condition) {
  if (!condition) std::abort();
}

// Decodes into memory of exactly that size, so that a sanitizer sees any step outside.
Error decode(Codec codec, std::span<const std::byte> stored, std::vector<std::byte>& raw) {
  static ChunkDecoder decoder;
  return decoder.decode(codec, stored, raw);
}

void decode_as_it_is(Codec codec, std::span<const std::byte> input) {
  if (input.size() < 3) return;
  std::uint16_t raw_size = 0;
  std::memcpy(&raw_size, input.data(), sizeof(raw_size));
  std::vector<std::byte> raw(raw_size);
  (void)decode(codec, input.subspan(sizeof(raw_size)), raw);
}

// Four bytes of damage at the front: where twice, and what.
void encode_and_damage(Codec codec, std::span<const std::byte> input) {
  if (input.size() < 8 || input.size() > 65'536) return;
  static ChunkEncoder encoder;
  const std::span<const std::byte> damage = input.first(4);
  const std::span<const std::byte> content = input.subspan(4);
  const std::span<const std::byte> coded = encoder.encode(codec, 3, content);
  if (coded.empty()) return;
  std::vector<std::byte> stored(coded.begin(), coded.end());
  const std::size_t at =
      (std::to_integer<std::size_t>(damage[0]) | std::to_integer<std::size_t>(damage[1]) << 8) %
      stored.size();
  stored[at] ^= damage[2];
  std::vector<std::byte> raw(content.size());
  const Error error = decode(codec, stored, raw);
  if (damage[2] != std::byte{0}) return;
  require(!error);
  require(std::memcmp(raw.data(), content.data(), raw.size()) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  if (data[0] < 128) {
    decode_as_it_is(static_cast<Codec>(data[0] % (kCodecCount + 1)), bytes.subspan(1));
  } else {
    encode_and_damage(static_cast<Codec>(data[0] % kCodecCount), bytes.subspan(1));
  }
  return 0;
}
