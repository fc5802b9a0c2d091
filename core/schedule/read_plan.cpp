#include "core/schedule/read_plan.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/base/checked.h"

namespace nf {

Segment next_segment(const ChunkTable& chunks, std::uint32_t first_chunk, std::uint32_t end_chunk,
                     std::uint64_t size_max) {
  NF_ASSERT(first_chunk < end_chunk && end_chunk <= chunks.count());
  Segment segment{.first_chunk = first_chunk};
  segment.run_from = align_down(chunks.stored_at[first_chunk], kRunAlignment);
  for (std::uint32_t chunk = first_chunk; chunk < end_chunk; ++chunk) {
    const std::uint64_t end =
        align_up(std::uint64_t{chunks.stored_at[chunk]} + chunks.stored_size[chunk], kRunAlignment);
    if (segment.chunk_count > 0 && end - segment.run_from > size_max) break;
    segment.size = end - segment.run_from;
    ++segment.chunk_count;
  }
  return segment;
}

std::uint32_t chunks_covered(const ChunkTable& chunks, const Segment& segment,
                             std::uint64_t bytes) {
  const std::uint64_t covered_to = segment.run_from + bytes;
  std::uint32_t count = 0;
  while (count < segment.chunk_count) {
    const std::uint32_t chunk = segment.first_chunk + count;
    if (std::uint64_t{chunks.stored_at[chunk]} + chunks.stored_size[chunk] > covered_to) break;
    ++count;
  }
  return count;
}

void order_by_need(std::span<Waiting> candidates, std::size_t count) {
  const auto before = [](const Waiting& a, const Waiting& b) {
    if (a.needed_at != b.needed_at) return a.needed_at < b.needed_at;
    return a.tie < b.tie;
  };
  count = std::min(count, candidates.size());
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count),
                    candidates.end(), before);
}

void RateLimit::refill(Time now) {
  if (unlimited()) return;
  const double rate = static_cast<double>(per_second_.value);
  if (started_) tokens_ += rate * (now - refilled_at_).seconds();
  tokens_ = std::min(tokens_, std::max(1.0, rate / 4));
  refilled_at_ = now;
  started_ = true;
}

}  // namespace nf
