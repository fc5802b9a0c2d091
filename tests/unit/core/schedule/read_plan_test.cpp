#include "core/schedule/read_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/base/prng.h"

namespace nf {
namespace {

using namespace literals;

// A chunk table of one container with these stored sizes.
ChunkTable table_of(const std::vector<std::uint32_t>& sizes) {
  auto tables = make_world_tables({.chunks = static_cast<std::uint32_t>(sizes.size())});
  EXPECT_TRUE(tables);
  ChunkTable chunks = std::move(tables->chunks);
  std::uint32_t at = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    chunks.stored_at[i] = at;
    chunks.stored_size[i] = sizes[i];
    at += sizes[i];
  }
  return chunks;
}

TEST(NextSegment, covers_its_chunks_in_whole_pages) {
  const ChunkTable chunks = table_of({5000, 3000, 9000});
  const Segment segment = next_segment(chunks, 1, 3, 1 << 20);
  EXPECT_EQ(segment.first_chunk, 1u);
  EXPECT_EQ(segment.chunk_count, 2u);
  EXPECT_EQ(segment.run_from, 4096u);
  EXPECT_EQ(segment.size, 20480u - 4096u);
}

TEST(NextSegment, ends_before_the_chunk_that_would_not_fit) {
  const ChunkTable chunks = table_of({4096, 4096, 4096, 4096});
  EXPECT_EQ(next_segment(chunks, 0, 4, 8192).chunk_count, 2u);
  EXPECT_EQ(next_segment(chunks, 0, 4, 8191).chunk_count, 1u);
}

TEST(NextSegment, holds_one_chunk_even_if_it_is_larger_than_the_limit) {
  const ChunkTable chunks = table_of({100'000, 10});
  const Segment segment = next_segment(chunks, 0, 2, 4096);
  EXPECT_EQ(segment.chunk_count, 1u);
  EXPECT_GE(segment.size, 100'000u);
}

TEST(NextSegment, cuts_any_run_into_segments_that_hold_every_chunk_once) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Prng prng(seed);
    std::vector<std::uint32_t> sizes(1 + prng.below(60));
    for (auto& size : sizes) size = 1 + static_cast<std::uint32_t>(prng.below(20'000));
    const ChunkTable chunks = table_of(sizes);
    const std::uint64_t size_max = 32'768 + 4096 * prng.below(16);
    std::uint32_t next = 0;
    while (next < sizes.size()) {
      const Segment segment =
          next_segment(chunks, next, static_cast<std::uint32_t>(sizes.size()), size_max);
      ASSERT_EQ(segment.first_chunk, next);
      ASSERT_GE(segment.chunk_count, 1u);
      ASSERT_LE(segment.size, size_max);
      ASSERT_EQ(segment.run_from % 4096 + segment.size % 4096, 0u);
      ASSERT_LE(segment.run_from, chunks.stored_at[next]);
      next += segment.chunk_count;
      ASSERT_GE(segment.run_from + segment.size,
                chunks.stored_at[next - 1] + chunks.stored_size[next - 1]);
      ASSERT_EQ(chunks_covered(chunks, segment, segment.size), segment.chunk_count);
    }
  }
}

TEST(ChunksCovered, counts_only_chunks_that_are_wholly_there) {
  const ChunkTable chunks = table_of({4000, 4000, 4000});
  const Segment segment = next_segment(chunks, 0, 3, 1 << 20);
  EXPECT_EQ(chunks_covered(chunks, segment, 0), 0u);
  EXPECT_EQ(chunks_covered(chunks, segment, 3999), 0u);
  EXPECT_EQ(chunks_covered(chunks, segment, 4096), 1u);
  EXPECT_EQ(chunks_covered(chunks, segment, 8192), 2u);
  EXPECT_EQ(chunks_covered(chunks, segment, 12'288), 3u);
}

TEST(OrderByNeed, serves_the_earliest_need_first_and_breaks_ties_the_same_way_each_time) {
  std::vector<Waiting> candidates = {{.needed_at = {30}, .tie = 1, .slot = 0},
                                       {.needed_at = {10}, .tie = 9, .slot = 1},
                                       {.needed_at = {20}, .tie = 5, .slot = 2},
                                       {.needed_at = {10}, .tie = 2, .slot = 3}};
  order_by_need(candidates, 3);
  EXPECT_EQ(candidates[0].slot, 3u);
  EXPECT_EQ(candidates[1].slot, 1u);
  EXPECT_EQ(candidates[2].slot, 2u);
  order_by_need(candidates, 100);
  EXPECT_EQ(candidates[3].slot, 0u);
}

TEST(RateLimit, lets_everything_pass_without_a_limit) {
  RateLimit rate(Bytes{~0ull});
  rate.spend(1ull << 60);
  EXPECT_TRUE(rate.allows());
}

TEST(RateLimit, allows_its_rate_over_time) {
  RateLimit rate(1_MiB);
  std::uint64_t sent = 0;
  for (int frame = 0; frame < 600; ++frame) {
    rate.refill(Time{frame * 16'666'667ll});
    while (rate.allows()) {
      rate.spend(4096);
      sent += 4096;
    }
  }
  EXPECT_NEAR(static_cast<double>(sent), 10.0 * (1 << 20), 0.1 * (1 << 20));
}

TEST(RateLimit, saves_up_no_more_than_a_quarter_of_a_second) {
  RateLimit rate(1_MiB);
  rate.refill(Time{0});
  rate.refill(Time{3600'000'000'000ll});
  std::uint64_t sent = 0;
  while (rate.allows()) {
    rate.spend(4096);
    sent += 4096;
  }
  EXPECT_LE(sent, (1u << 18) + 4096);
}

}  // namespace
}  // namespace nf
