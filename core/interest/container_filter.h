// ContainerFilter: a set of containers that is never wrong about what it holds and seldom about
// what it does not, in four kilobytes: what is asked for every entry of every list stays in the
// nearest cache (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970).
//
// A plain value; one owner.
#pragma once

#include <array>
#include <cstdint>

#include <nearfield/types.h>

namespace nf {

class ContainerFilter {
 public:
  void clear() { words_.fill(0); }
  void add(ContainerId id) { words_[bit_of(id) / 64] |= std::uint64_t{1} << (bit_of(id) % 64); }
  bool may_hold(ContainerId id) const { return (words_[bit_of(id) / 64] >> (bit_of(id) % 64)) & 1; }

 private:
  static constexpr std::uint32_t kBits = 15;

  // Neighbours in the numbering are wanted together, and are to be told apart.
  static constexpr std::uint32_t bit_of(ContainerId id) {
    return (id.value * 0x9E37'79B1u) >> (32 - kBits);
  }

  std::array<std::uint64_t, (1u << kBits) / 64> words_{};
};

// On somebody's list, and needed by then.
struct ObserverNeed {
  ContainerId container;
  std::uint32_t observer = 0;  // its slot
};

// Where `find_needs` goes on: begins at 0.
struct NeedCursor {
  std::uint32_t eye = 0;
  std::uint32_t entry = 0;
};

}  // namespace nf
