// Read plan: which bytes of a container's run are fetched together, in which reads, and how fast.
//
// Pure: arrays in, arrays out; time is an argument. Nothing here allocates or touches the disk.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/types.h>

#include "core/world/world_tables.h"

namespace nf {

// A stretch of whole chunks that is fetched into one piece of staging memory.
struct Segment {
  std::uint32_t first_chunk = 0;  // in the archive's chunk table
  std::uint32_t chunk_count = 0;
  std::uint64_t run_from = 0;  // first byte fetched, from the start of the run; aligned
  std::uint64_t size = 0;      // bytes fetched; aligned
};

// The longest stretch that starts at `first_chunk`, ends at or before `end_chunk` and fits in
// `size_max` bytes; at least one chunk, even if that is larger.
Segment next_segment(const ChunkTable& chunks, std::uint32_t first_chunk, std::uint32_t end_chunk,
                     std::uint64_t size_max);

// How many of the segment's chunks lie wholly in its first `bytes` bytes.
std::uint32_t chunks_covered(const ChunkTable& chunks, const Segment& segment, std::uint64_t bytes);

// Something that waits for its turn: to load, to be read, to be handed out.
struct Waiting {
  Time needed_at;
  std::uint32_t tie = 0;  // smaller first among equals: shared containers before what needs them
  std::uint32_t slot = 0;
};

// Sorts the first `count` of what is most urgent to the front. Deterministic.
void order_by_need(std::span<Waiting> candidates, std::size_t count);

// A token bucket (Turner, "New directions in communications", 1986): bytes a second, a quarter of a
// second's worth saved up at most. A read larger than what is left goes and is paid off later.
class RateLimit {
 public:
  explicit RateLimit(Bytes per_second) : per_second_(per_second) {}
  void refill(Time now);
  bool allows() const { return unlimited() || tokens_ > 0; }
  void spend(std::uint64_t bytes) { tokens_ -= static_cast<double>(bytes); }
  void refund(std::uint64_t bytes) { tokens_ += static_cast<double>(bytes); }

 private:
  bool unlimited() const { return per_second_.value == ~0ull; }

  Bytes per_second_;
  double tokens_ = 1;
  Time refilled_at_;
  bool started_ = false;
};

}  // namespace nf
