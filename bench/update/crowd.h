// Crowd: observers that walk about in a star system, and what a frame of the runtime costs them.
//
// All containers point at the same few kilobytes of one file, so that the cost of the frame is
// measured and not that of a large disk; the bytes are still read, checked and decoded, and their
// hash is compared at every arrival. Thread: the one that made it, which owns the Streamer.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <nearfield/streamer.h>

#include "bench/suite/scratch.h"
#include "core/base/prng.h"
#include "core/world/world_tables.h"

namespace nf::bench {

struct CrowdOptions {
  std::uint32_t containers = 100'000;
  std::uint32_t observers = 1;
  std::uint64_t seed = 1;
};

// Planets on a ring, zones on a ring around each, rooms in a grid in each zone. Every container has
// one asset of one chunk, whose stored bytes hash to `checksum`.
WorldTables make_star_system(std::uint32_t containers, std::uint64_t checksum);

// What the frames of one sample took. Microseconds.
struct FrameSample {
  double p50 = 0;
  double p99 = 0;
  double max = 0;
  double cpu_p99 = 0;  // of the frame's thread: without what others took from it
  std::uint64_t frames = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t allocations = 0;  // in all of the frames
};

class Crowd {
 public:
  // Makes its file in `dir`. Throws BenchError if the runtime refuses.
  Crowd(const std::filesystem::path& dir, const CrowdOptions& options);

  // Frames of 1/60 s of world time, for `seconds` on the wall. Throws BenchError at a wrong byte.
  FrameSample walk(double seconds);

 private:
  struct Walker {
    ObserverId id;
    WorldPosition at;
    double heading = 0;
  };

  void add_walkers();
  void move_walkers();
  void check(const FrameEvents& events);

  CrowdOptions options_;
  Prng prng_;
  std::uint64_t checksum_ = 0;
  ScratchFolder folder_;
  WorldTables tables_;
  std::unique_ptr<OpenFile> file_;
  std::unique_ptr<Streamer> streamer_;
  std::vector<Walker> walkers_;
  std::vector<double> micros_, cpu_micros_;
  std::uint64_t arrivals_ = 0;
  Time now_{1'000'000};
};

}  // namespace nf::bench
