// u16le, u32le, u64le, f32le, f64le: numbers as they lie in a file or a message, of alignment 1, so
// that a struct of them has no padding and can be laid over any byte. They convert to and from the
// machine's own types and do no arithmetic. Plain values, any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace nf {

static_assert(std::endian::native == std::endian::little ||
              std::endian::native == std::endian::big);

template <class T, class Bits>
struct LittleEndian {
  static_assert(sizeof(T) == sizeof(Bits));
  std::byte bytes[sizeof(T)] = {};

  LittleEndian() = default;
  LittleEndian(T value) { *this = value; }
  LittleEndian& operator=(T value) {
    const Bits bits = in_file_order(std::bit_cast<Bits>(value));
    std::memcpy(bytes, &bits, sizeof(bits));
    return *this;
  }
  operator T() const {
    Bits bits;
    std::memcpy(&bits, bytes, sizeof(bits));
    return std::bit_cast<T>(in_file_order(bits));
  }

 private:
  static Bits in_file_order(Bits bits) {
    if constexpr (std::endian::native == std::endian::little) return bits;
    Bits turned = 0;
    for (std::size_t i = 0; i < sizeof(Bits); ++i) {
      const auto byte = static_cast<std::uint64_t>(bits >> (8 * i)) & 0xFFu;
      turned = static_cast<Bits>(static_cast<std::uint64_t>(turned) << 8 | byte);
    }
    return turned;
  }
};

using u16le = LittleEndian<std::uint16_t, std::uint16_t>;
using u32le = LittleEndian<std::uint32_t, std::uint32_t>;
using u64le = LittleEndian<std::uint64_t, std::uint64_t>;
using f32le = LittleEndian<float, std::uint32_t>;
using f64le = LittleEndian<double, std::uint64_t>;

static_assert(sizeof(u16le) == 2 && alignof(u16le) == 1);
static_assert(sizeof(u32le) == 4 && alignof(u32le) == 1);
static_assert(sizeof(u64le) == 8 && alignof(u64le) == 1);
static_assert(sizeof(f32le) == 4 && alignof(f32le) == 1);
static_assert(sizeof(f64le) == 8 && alignof(f64le) == 1);

}  // namespace nf
