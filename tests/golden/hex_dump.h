// The hex dump of the format's worked example: sixteen bytes a line, runs of zero lines as one `*`.
// Pure functions.
#pragma once

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace nf::sample {

inline std::string hex_digits(std::uint64_t value, int digits) {
  std::string text;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    text += "0123456789abcdef"[(value >> shift) & 0xF];
  }
  return text;
}

inline std::string hex_line(const std::vector<std::byte>& bytes, std::size_t at) {
  std::string line = hex_digits(at, 4) + "  ";
  std::string text;
  for (std::size_t i = at; i < at + 16 && i < bytes.size(); ++i) {
    const auto byte = std::to_integer<unsigned char>(bytes[i]);
    line += hex_digits(byte, 2) + (i % 8 == 7 ? "  " : " ");
    text += std::isprint(byte) != 0 && byte < 0x80 ? static_cast<char>(byte) : '.';
  }
  return line + text + "\n";
}

inline std::string hex_dump(const std::vector<std::byte>& bytes) {
  std::string dump;
  bool skipping = false;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    bool zero = true;
    for (std::size_t i = at; i < at + 16 && i < bytes.size(); ++i) {
      zero = zero && bytes[i] == std::byte{0};
    }
    if (zero) {
      if (!skipping) dump += "*\n";
    } else {
      dump += hex_line(bytes, at);
    }
    skipping = zero;
  }
  return dump + hex_digits(bytes.size(), 4) + "\n";
}

}  // namespace nf::sample
