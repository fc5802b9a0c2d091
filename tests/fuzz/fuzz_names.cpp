// Any bytes as a name: what is accepted is what the format allows, by a second, slower opinion.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "formats/wire/component.h"

namespace {

// Decodes the code point at the front by arithmetic and checks that it is the shortest form of
// something that exists; 0 if not, else its length.
std::size_t code_point_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(text[i]) & 0xFFu; };
  std::size_t size = 1;
  if (byte(0) >= 0xF0) {
    size = 4;
  } else if (byte(0) >= 0xE0) {
    size = 3;
  } else if (byte(0) >= 0xC0) {
    size = 2;
  }
  if (size == 1) return byte(0) < 0x80 ? 1 : 0;
  if (text.size() < size || byte(0) >= 0xF8) return 0;
  std::uint32_t point = byte(0) & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return 0;
    point = point << 6 | (byte(i) & 0x3Fu);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point >= kSmallest[size] && point <= 0x10FFFF && !surrogate ? size : 0;
}

bool expected_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = code_point_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

bool expected_component(std::string_view name) {
  if (name.empty() || name.size() > 255 || name == "." || name == "..") return false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '/' || c == '\\') return false;
  }
  return expected_utf8(name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Names are short: the front of a long input is cut into many.
  for (std::size_t at = 0; at < size && at < 4096; at += 61) {
    const std::size_t rest = size - at;
    const std::string_view text(reinterpret_cast<const char*>(data) + at, rest < 300 ? rest : 300);
    for (const std::size_t length : {text.size(), text.size() / 2, text.size() % 7}) {
      const std::string_view name = text.substr(0, length);
      if (nf::is_utf8(name) != expected_utf8(name)) std::abort();
      if (nf::is_component(name) != expected_component(name)) std::abort();
    }
  }
  return 0;
}
