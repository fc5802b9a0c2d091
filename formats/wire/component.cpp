#include "formats/wire/component.h"

#include <array>
#include <cstdint>

namespace nf {
namespace {

// The length of the well-formed sequence that starts `text`, 0 if there is none. The second byte
// has a range of its own behind E0, ED, F0 and F4; all others lie in 80..BF.
std::size_t sequence_size(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < size) return 0;
  const unsigned second_low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned second_high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < second_low || byte(1) > second_high) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return size;
}

enum class ByteClass : std::uint8_t { plain = 0, forbidden = 1, wide = 2 };

constexpr std::array<ByteClass, 256> make_byte_classes() {
  std::array<ByteClass, 256> classes{};
  for (std::size_t b = 0; b < 256; ++b) {
    const bool forbidden = b < 0x20 || b == 0x7F || b == '/' || b == '\\';
    classes[b] = forbidden ? ByteClass::forbidden : b >= 0x80 ? ByteClass::wide : ByteClass::plain;
  }
  return classes;
}
constexpr std::array<ByteClass, 256> kByteClasses = make_byte_classes();

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = sequence_size(text.substr(at));
    if (size == 0) return false;
    at += size;
  }
  return true;
}

bool is_component(std::string_view name) {
  if (name.empty() || name.size() > kComponentSizeMax) return false;
  unsigned seen = 0;  // every class that occurs, without a branch for each byte
  for (const char c : name) {
    seen |= static_cast<unsigned>(kByteClasses[static_cast<unsigned char>(c)]);
  }
  if ((seen & static_cast<unsigned>(ByteClass::forbidden)) != 0) return false;
  if (name == "." || name == "..") return false;
  return (seen & static_cast<unsigned>(ByteClass::wide)) == 0 || is_utf8(name);
}

}  // namespace nf
