#include "core/base/radix_sort.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/base/prng.h"

namespace nf {
namespace {

struct Record {
  std::uint64_t key = 0;
  std::uint32_t number = 0;
  bool operator==(const Record&) const = default;
};

void sort_both_ways(std::vector<Record> records) {
  std::vector<Record> expected = records;
  std::stable_sort(expected.begin(), expected.end(),
                   [](const Record& a, const Record& b) { return a.key < b.key; });
  std::vector<Record> scratch(records.size());
  radix_sort(std::span(records), std::span(scratch), [](const Record& r) { return r.key; });
  EXPECT_EQ(records, expected);
}

TEST(RadixSort, sorts_as_a_stable_sort_does) {
  Prng prng(1);
  for (const std::uint64_t key_max : {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{5000},
                                      std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    for (const std::uint32_t count : {0u, 1u, 2u, 1000u, 20'000u}) {
      std::vector<Record> records;
      for (std::uint32_t i = 0; i < count; ++i) records.push_back({prng.below(key_max), i});
      sort_both_ways(records);
    }
  }
}

TEST(RadixSort, passes_over_digits_that_all_keys_share) {
  std::vector<Record> records;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    records.push_back({0xABCD'0000'0000'1234ull | std::uint64_t{(i * 7919) % 251} << 24, i});
  }
  sort_both_ways(records);
}

}  // namespace
}  // namespace nf
