// Demand: what each container asks of disk, decoders and frames, in seconds of the slowest of them,
// and what it holds of the memory.
//
// Pure; any thread. The caller owns everything.
//
// A frame in which something is left to load serves a whole frame's worth of one of them: the disk
// is busy all along, or the staging was full, or all loads that may be under way were. Segments go
// from stage to stage in one order, so a busy time is made of one stage for the first of them, of
// the next for the rest, and of both for the one in between (a permutation flow shop; Johnson,
// "Optimal two- and three-stage production schedules with setup times included", 1954): of each
// segment the slowest stage counts, not the sum, and `Demands::overhead` has what the one in
// between takes beyond. That holds for segments and not for whole containers, since the staging
// takes a few of those at one time: from a stage that waits for staging the time may pass back to
// the one before it, but then it skips as much as the staging holds.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <nearfield/streamer_options.h>

#include "core/codec/codec.h"
#include "core/io/sim_device.h"
#include "core/world/world.h"

namespace nf::certify {

struct Supply {
  DeviceModel model;
  StreamerOptions options;  // its limits; decode_workers 0: decoding takes no time
  std::array<double, kCodecCount> decode_bytes_per_second{};  // of one worker, by codec
  double frame_seconds = 1.0 / 60;
};

struct Memory {
  double containers = 0;  // bytes for them
  double staging = 0;
};
Memory divide_memory(const StreamerOptions& options);

// What one read of the model takes of the disk when many follow one another.
class ReadCost {
 public:
  explicit ReadCost(const Supply& supply);
  double seconds(double size) const;
  double delay_mean() const { return delay_mean_; }
  // What delays of many reads, and the longest of one, may add: once in a million flights.
  double delay_tail() const { return delay_tail_; }

 private:
  double per_byte_ = 0;
  double per_window_ = 0;  // bytes of the window that other reads surely fill
  double parallel_ = 1;
  double delay_ = 0;
  double delay_mean_ = 0;
  double delay_tail_ = 0;
};

struct Demands {
  std::vector<float> seconds;  // by container
  std::vector<float> memory;   // bytes, rounded as the runtime does
  double overhead = 0;         // seconds, once for each busy time: delays, decoding, frames
  // What may stand before something urgent: reads that the disk was given when they were urgent.
  double blocking = 0;
  // If more than these are on their way, what is not urgent yet waits for one of them to end, too.
  double prefetch_loads = 0;
  bool fits(std::uint32_t id, const Memory& division) const {
    return static_cast<double>(memory[id]) <= division.containers;
  }
};
Demands demands_of(const World& world, const Supply& supply);

}  // namespace nf::certify
