// Arithmetic on numbers that came from a file: what would wrap is reported instead, so that a
// hostile size never passes a check by overflowing. Pure; any thread.
#pragma once

#include <cstdint>

namespace nf {

[[nodiscard]] inline bool checked_add(std::uint64_t a, std::uint64_t b, std::uint64_t& sum) {
  return !__builtin_add_overflow(a, b, &sum);
}

[[nodiscard]] inline bool checked_multiply(std::uint64_t a, std::uint64_t b,
                                           std::uint64_t& product) {
  return !__builtin_mul_overflow(a, b, &product);
}

// True if [at, at + size) lies inside [0, limit).
[[nodiscard]] inline bool range_inside(std::uint64_t at, std::uint64_t size, std::uint64_t limit) {
  return at <= limit && size <= limit - at;
}

// `granule` is a power of two; the caller has checked that `value` is far from the top.
constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t granule) {
  return (value + granule - 1) & ~(granule - 1);
}
constexpr std::uint64_t align_down(std::uint64_t value, std::uint64_t granule) {
  return value & ~(granule - 1);
}

}  // namespace nf
