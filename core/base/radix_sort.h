// Sorts records by an unsigned key of 64 bits, stably, in time proportional to their number.
//
// Computes; any thread. Allocates nothing: the caller lends room for as many records again.
// Method: least significant digit first (Knuth, "The Art of Computer Programming" 3, 5.2.5, 1998);
// digits that all keys share are passed over.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/assert.h"

namespace nf {

// `key_of` is called with a record. What is left in `scratch` means nothing.
template <class Record, class KeyOf>
void radix_sort(std::span<Record> records, std::span<Record> scratch, KeyOf key_of) {
  constexpr int kDigitBits = 11;
  constexpr std::size_t kDigits = 6;  // of 11 bits, in 64
  constexpr std::uint64_t kDigitMask = (1u << kDigitBits) - 1;
  NF_ASSERT(records.size() <= UINT32_MAX && scratch.size() >= records.size());
  const auto digit_of = [&key_of](const Record& record, std::size_t digit) {
    return (key_of(record) >> (digit * kDigitBits)) & kDigitMask;
  };
  std::array<std::array<std::uint32_t, kDigitMask + 1>, kDigits> counts{};
  for (const Record& record : records) {
    for (std::size_t digit = 0; digit < kDigits; ++digit) ++counts[digit][digit_of(record, digit)];
  }
  std::span<Record> from = records;
  std::span<Record> to = scratch.first(records.size());
  for (std::size_t digit = 0; digit < kDigits; ++digit) {
    std::array<std::uint32_t, kDigitMask + 1>& next = counts[digit];
    if (from.empty() || next[digit_of(from[0], digit)] == from.size()) continue;
    std::uint32_t before = 0;
    for (std::uint32_t& count : next) {
      const std::uint32_t here = count;
      count = before;
      before += here;
    }
    for (const Record& record : from) to[next[digit_of(record, digit)]++] = record;
    std::swap(from, to);
  }
  if (from.data() != records.data()) std::copy(from.begin(), from.end(), records.begin());
}

}  // namespace nf
