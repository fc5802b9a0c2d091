// WantedMerge: many observers' lists into one, ascending by container, each container once.
//
// Thread: the owner's. Allocates in `make` only. A bit for each container is set in a first pass;
// counting the bits before one gives its place in the answer, so nothing is sorted. A summary bit
// for each 64 words keeps the cost to what is wanted, however large the world.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/interest/wanted.h"

namespace nf {

struct MergeLimits {
  std::uint32_t containers = 0;    // ids are below
  std::uint32_t distinct_max = 0;  // containers on all lists together
  std::uint32_t wanted_max = 0;    // in the answer; the most urgent stay
};

class WantedMerge {
 public:
  static Result<WantedMerge> make(const MergeLimits& limits);

  // In this order, once a frame: clear; mark every id; number; add every id; finish.
  void clear();
  void mark(ContainerId id) {
    const std::uint32_t word = id.value / 64;
    marks_[word] |= std::uint64_t{1} << (id.value % 64);
    summary_[word / 64] |= std::uint64_t{1} << (word % 64);
  }
  void number();
  Wanted& slot(ContainerId id) {
    const std::uint32_t word = id.value / 64;
    const std::uint64_t below = (std::uint64_t{1} << (id.value % 64)) - 1;
    return wanted_[first_of_word_[word] + count_bits(marks_[word] & below)];
  }
  // Cuts to wanted_max; `overflow` says whether it had to.
  std::span<const Wanted> finish(bool& overflow);

 private:
  // Adds neighbours in parallel (Warren, "Hacker's Delight", 2002): without an instruction set
  // newer than the first x86-64, std::popcount is a call.
  static constexpr std::uint32_t count_bits(std::uint64_t bits) {
    bits -= (bits >> 1) & 0x5555'5555'5555'5555ull;
    bits = (bits & 0x3333'3333'3333'3333ull) + ((bits >> 2) & 0x3333'3333'3333'3333ull);
    bits = (bits + (bits >> 4)) & 0x0F0F'0F0F'0F0F'0F0Full;
    return static_cast<std::uint32_t>((bits * 0x0101'0101'0101'0101ull) >> 56);
  }
  template <class Work>
  void for_each_word(Work work);
  void cut();

  MergeLimits limits_;
  Array<std::uint64_t> marks_;          // a bit a container
  Array<std::uint64_t> summary_;        // a bit a word of marks_
  Array<std::uint32_t> first_of_word_;  // place in wanted_ of the word's first container
  Array<Wanted> wanted_;
  Array<Wanted> by_urgency_;  // scratch of `cut`
  std::uint32_t count_ = 0;
};

}  // namespace nf
