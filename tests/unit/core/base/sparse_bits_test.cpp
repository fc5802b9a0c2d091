#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "core/base/prng.h"
#include "core/base/sparse_bits.h"

namespace nf {
namespace {

TEST(SparseBits, hold_what_a_set_holds_and_go_over_it_in_order) {
  constexpr std::uint32_t kNumbers = 100'000;
  Prng prng(1);
  SparseBits bits = std::move(SparseBits::make(kNumbers).value());
  std::set<std::uint32_t> set;
  for (int change = 0; change < 20'000; ++change) {
    const auto number = static_cast<std::uint32_t>(prng.below(prng.chance(0.5) ? 300 : kNumbers));
    const bool on = prng.chance(0.4);
    bits.set(number, on);
    if (on) {
      set.insert(number);
    } else {
      set.erase(number);
    }
    ASSERT_EQ(bits.holds(number), on);
  }
  std::vector<std::uint32_t> found;
  bits.for_each_word([&](std::size_t at, std::uint64_t word) {
    EXPECT_NE(word, 0u) << "a word of nothing was looked at";
    EXPECT_EQ(word, bits.words()[at]);
    for (std::uint32_t bit = 0; bit < 64; ++bit) {
      if ((word >> bit & 1) != 0) found.push_back(static_cast<std::uint32_t>(at * 64) + bit);
    }
  });
  EXPECT_EQ(found, std::vector<std::uint32_t>(set.begin(), set.end()));
}

// Of what the summary's own words and theirs go over.
TEST(SparseBits, find_few_among_very_many) {
  constexpr std::uint32_t kNumbers = 40'000'000, kPart = 64 * 64 * 64;
  SparseBits bits = std::move(SparseBits::make(kNumbers).value());
  const std::vector<std::uint32_t> few = {
      0,          4095,           4096,       kPart - 1,       kPart,       kPart + 4096,
      63 * kPart, 64 * kPart - 1, 64 * kPart, 100 * kPart + 5, kNumbers - 1};
  const auto found = [&] {
    std::vector<std::uint32_t> numbers;
    bits.for_each_word([&](std::size_t at, std::uint64_t word) {
      for (std::uint32_t bit = 0; bit < 64; ++bit) {
        if ((word >> bit & 1) != 0) numbers.push_back(static_cast<std::uint32_t>(at * 64) + bit);
      }
    });
    return numbers;
  };
  for (const std::uint32_t number : few) bits.set(number, true);
  EXPECT_EQ(found(), few);
  for (std::size_t i = few.size(); i > 0; --i) {
    bits.set(few[i - 1], false);
    EXPECT_EQ(found(),
              std::vector<std::uint32_t>(few.begin(), few.begin() + static_cast<int>(i) - 1));
  }
}

TEST(SparseBits, go_over_into_more_room) {
  SparseBits few = std::move(SparseBits::make(100).value());
  few.set(0, true);
  few.set(99, true);
  SparseBits many = std::move(SparseBits::make(10'000).value());
  many.take_over(few);
  many.set(9999, true);
  EXPECT_TRUE(many.holds(0) && many.holds(99) && many.holds(9999));
  EXPECT_FALSE(many.holds(64));
  std::size_t words = 0;
  many.for_each_word([&](std::size_t, std::uint64_t) { ++words; });
  EXPECT_EQ(words, 3u);
}

}  // namespace
}  // namespace nf
