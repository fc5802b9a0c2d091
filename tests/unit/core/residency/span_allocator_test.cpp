#include "core/residency/span_allocator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "core/base/prng.h"

namespace nf {
namespace {

SpanAllocator make(std::uint64_t size, std::uint64_t granule, std::uint32_t spans_max) {
  auto made = SpanAllocator::create({size}, {granule}, spans_max);
  EXPECT_TRUE(made);
  return std::move(*made);
}

TEST(SpanAllocator, refuses_what_makes_no_sense) {
  EXPECT_FALSE(SpanAllocator::create({0}, {256}, 4));
  EXPECT_FALSE(SpanAllocator::create({4096}, {100}, 4));
  EXPECT_FALSE(SpanAllocator::create({4096}, {0}, 4));
  EXPECT_FALSE(SpanAllocator::create({4096}, {256}, 0));
}

TEST(SpanAllocator, gives_the_whole_block_and_takes_it_back) {
  SpanAllocator spans = make(1 << 20, 256, 8);
  const SpanAllocator::Span whole = spans.allocate(1 << 20);
  ASSERT_TRUE(whole.valid());
  EXPECT_EQ(whole.at, 0u);
  EXPECT_EQ(spans.used().value, 1u << 20);
  EXPECT_FALSE(spans.allocate(1).valid());
  spans.free(whole);
  EXPECT_EQ(spans.used().value, 0u);
  EXPECT_TRUE(spans.allocate(1 << 20).valid());
}

TEST(SpanAllocator, refuses_nothing_and_too_much) {
  SpanAllocator spans = make(4096, 256, 8);
  EXPECT_FALSE(spans.allocate(0).valid());
  EXPECT_FALSE(spans.allocate(4097).valid());
  EXPECT_FALSE(spans.allocate(~0ull).valid());
}

TEST(SpanAllocator, refuses_more_spans_than_it_was_made_for) {
  SpanAllocator spans = make(1 << 20, 256, 2);
  std::vector<SpanAllocator::Span> out;
  for (;;) {
    const SpanAllocator::Span span = spans.allocate(256);
    if (!span.valid()) break;
    out.push_back(span);
  }
  EXPECT_GE(out.size(), 2u);
  for (const auto& span : out) spans.free(span);
  EXPECT_TRUE(spans.allocate(1 << 20).valid());
}

TEST(SpanAllocator, joins_free_neighbours_in_every_order) {
  std::vector<int> order = {0, 1, 2, 3};
  do {
    SpanAllocator spans = make(4096, 256, 8);
    std::vector<SpanAllocator::Span> out;
    for (int i = 0; i < 4; ++i) out.push_back(spans.allocate(1024));
    for (const int i : order) spans.free(out[static_cast<std::size_t>(i)]);
    EXPECT_TRUE(spans.allocate(4096).valid());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(SpanAllocator, gives_any_size_that_an_empty_block_can_hold) {
  for (const std::uint64_t total : {4096ull * 100, (37ull << 20) + (1 << 19), 12'345ull * 256}) {
    for (std::uint64_t size = total; size > total / 2; size -= total / 64) {
      SpanAllocator spans = make(total, 256, 8);
      ASSERT_TRUE(spans.allocate(size).valid()) << size << " of " << total;
    }
  }
}

TEST(SpanAllocator, ends_the_process_when_a_span_is_freed_twice) {
  SpanAllocator spans = make(4096, 256, 8);
  const SpanAllocator::Span span = spans.allocate(512);
  spans.free(span);
  EXPECT_DEATH(spans.free(span), "bug");
}

TEST(SpanAllocator, never_hands_out_overlapping_spans) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Prng prng(seed);
    constexpr std::uint64_t kSize = 1 << 20;
    SpanAllocator spans = make(kSize, 256, 300);
    std::map<std::uint64_t, SpanAllocator::Span> out;
    std::uint64_t used = 0;
    for (int step = 0; step < 4000; ++step) {
      if (prng.chance(0.55) || out.empty()) {
        const std::uint64_t size = 1 + prng.below(prng.chance(0.2) ? 100'000 : 3000);
        const SpanAllocator::Span span = spans.allocate(size);
        if (!span.valid()) continue;
        ASSERT_GE(span.size, size);
        ASSERT_LE(span.at + span.size, kSize);
        const auto next = out.lower_bound(span.at);
        if (next != out.end()) {
          ASSERT_LE(span.at + span.size, next->first);
        }
        if (next != out.begin()) {
          const auto& before = std::prev(next)->second;
          ASSERT_LE(before.at + before.size, span.at);
        }
        out.emplace(span.at, span);
        used += span.size;
      } else {
        auto victim = out.begin();
        std::advance(victim, static_cast<std::ptrdiff_t>(prng.below(out.size())));
        spans.free(victim->second);
        used -= victim->second.size;
        out.erase(victim);
      }
      ASSERT_EQ(spans.used().value, used);
    }
    for (const auto& [at, span] : out) spans.free(span);
    EXPECT_TRUE(spans.allocate(kSize).valid()) << "seed " << seed;
  }
}

TEST(SpanAllocator, knows_its_longest_free_range) {
  SpanAllocator spans = make(4096, 256, 8);
  EXPECT_EQ(spans.largest_free().value, 4096u);
  std::vector<SpanAllocator::Span> out;
  for (int i = 0; i < 4; ++i) out.push_back(spans.allocate(1024));
  EXPECT_EQ(spans.largest_free().value, 0u);
  EXPECT_FALSE(spans.allocate(256).valid());
  spans.free(out[0]);
  spans.free(out[2]);
  EXPECT_EQ(spans.largest_free().value, 1024u);
  EXPECT_FALSE(spans.allocate(2048).valid()) << "as much is free, but in two ranges";
  spans.free(out[1]);
  EXPECT_EQ(spans.largest_free().value, 3072u);
  EXPECT_TRUE(spans.allocate(2048).valid());
}

// A memory that is always nearly full, as that of a long flight. What is out is known here by
// place, so the largest gap between two neighbours must be the largest span that can be had.
class LongFlight {
 public:
  explicit LongFlight(std::uint64_t seed) : prng_(seed), spans_(make(kSize, 256, 4096)) {}

  // False: all memory is free, and a span finds no place in it.
  bool step() {
    const std::uint64_t size = 256 + prng_.below(prng_.chance(0.1) ? 1u << 19 : 1u << 15);
    for (;;) {
      const SpanAllocator::Span span = spans_.allocate(size);
      if (span.valid()) {
        out_.push_back(span);
        return true;
      }
      if (kSize - spans_.used().value >= size) ++refused_by_fragmentation_;
      if (out_.empty()) return false;
      // Some live long, most do not.
      const std::size_t last = out_.size() - 1;
      const std::size_t gone =
          prng_.chance(0.8) ? last - prng_.below(last / 4 + 1) : prng_.below(out_.size());
      spans_.free(out_[gone]);
      out_[gone] = out_.back();
      out_.pop_back();
    }
  }

  std::uint64_t largest_gap() const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> places = {{kSize, 0}};
    for (const auto& span : out_) places.emplace_back(span.at, span.size);
    std::sort(places.begin(), places.end());
    std::uint64_t end = 0, largest = 0;
    for (const auto& [at, size] : places) {
      largest = std::max(largest, at - end);
      end = at + size;
    }
    return largest;
  }

  void free_all() {
    for (const auto& span : out_) spans_.free(span);
    out_.clear();
  }
  const SpanAllocator& spans() const { return spans_; }
  // How often a span found no place although as much was free.
  std::uint64_t refused_by_fragmentation() const { return refused_by_fragmentation_; }

  static constexpr std::uint64_t kSize = 16 << 20;

 private:
  Prng prng_;
  SpanAllocator spans_;
  std::vector<SpanAllocator::Span> out_;
  std::uint64_t refused_by_fragmentation_ = 0;
};

TEST(SpanAllocator, keeps_free_neighbours_joined_over_millions_of_spans) {
  constexpr int kSteps = 500'000;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    LongFlight flight(seed);
    std::uint64_t early = 0, late = 0;  // refused in spite of enough free bytes
    for (int step = 0; step < kSteps; ++step) {
      ASSERT_TRUE(flight.step()) << "seed " << seed << " step " << step;
      if (step % 1009 == 0) {
        ASSERT_EQ(flight.spans().largest_free().value, flight.largest_gap())
            << "seed " << seed << " step " << step;
      }
      if (step == kSteps / 4) early = flight.refused_by_fragmentation();
      if (step == kSteps / 4 * 3) late = flight.refused_by_fragmentation();
    }
    late = flight.refused_by_fragmentation() - late;
    EXPECT_LT(static_cast<double>(late), 1.2 * static_cast<double>(early)) << "seed " << seed;
    flight.free_all();
    EXPECT_EQ(flight.spans().largest_free().value, LongFlight::kSize);
    EXPECT_EQ(flight.spans().used().value, 0u);
  }
}

}  // namespace
}  // namespace nf
