// SparseBits: a set of numbers, a bit each. A summary bit for each 64 words keeps the cost of going
// over them to what is set, and to one word looked at for each 4,096 that there could be.
//
// One owner. Allocates in `make` only.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <nearfield/result.h>

#include "core/base/array.h"

namespace nf {

class SparseBits {
 public:
  // Of numbers below `count`; empty.
  static Result<SparseBits> make(std::size_t count) {
    const std::size_t words = (count + 63) / 64;
    Result<Array<std::uint64_t>> bits = Array<std::uint64_t>::make(words);
    if (!bits) return bits.error();
    Result<Array<std::uint64_t>> summary = Array<std::uint64_t>::make((words + 63) / 64);
    if (!summary) return summary.error();
    SparseBits made;
    made.words_ = std::move(*bits);
    made.summary_ = std::move(*summary);
    return made;
  }

  // All of what `other` holds, which has no more room than this.
  void take_over(const SparseBits& other) {
    std::copy(other.words_.begin(), other.words_.end(), words_.begin());
    std::copy(other.summary_.begin(), other.summary_.end(), summary_.begin());
  }

  void set(std::uint32_t number, bool on) {
    const std::uint32_t at = number / 64;
    const std::uint64_t bit = std::uint64_t{1} << (number % 64);
    words_[at] = on ? words_[at] | bit : words_[at] & ~bit;
    const std::uint64_t summary_bit = std::uint64_t{1} << (at % 64);
    std::uint64_t& summary = summary_[at / 64];
    summary = words_[at] != 0 ? summary | summary_bit : summary & ~summary_bit;
  }

  bool holds(std::uint32_t number) const { return (words_[number / 64] >> (number % 64)) & 1; }
  std::span<const std::uint64_t> words() const { return words_.span(); }

  // Calls work(i, words()[i]) for each word that is not 0, ascending; it may change what it is at.
  template <class Work>
  void for_each_word(Work work) const {
    for (std::size_t i = 0; i < summary_.size(); ++i) {
      for (std::uint64_t rest = summary_[i]; rest != 0; rest &= rest - 1) {
        const std::size_t at = i * 64 + static_cast<std::size_t>(std::countr_zero(rest));
        work(at, words_[at]);
      }
    }
  }

 private:
  Array<std::uint64_t> words_;
  Array<std::uint64_t> summary_;  // a bit a word that is not 0
};

}  // namespace nf
