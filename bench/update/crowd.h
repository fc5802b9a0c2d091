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
  std::uint32_t observers = 1;
  std::uint64_t seed = 1;
  std::uint32_t planets = ~0u;  // that they walk about on, the first ones; at most those there are
};

// Planets on a ring, zones on a ring around each, rooms in a grid in each zone. Every container has
// one asset of one chunk, whose stored bytes hash to `checksum`.
WorldTables make_star_system(std::uint32_t containers, std::uint64_t checksum);

// The tables of a star system and the file that they point at: made once, for any number of crowds.
// Immutable; outlives them. The constructor makes its file in `dir` and throws BenchError.
class CrowdWorld {
 public:
  CrowdWorld(const std::filesystem::path& dir, std::uint32_t containers);

  const WorldTables& tables() const { return tables_; }
  FileHandle file() const { return file_->handle(); }
  std::uint64_t checksum() const { return checksum_; }  // of the bytes of every asset
  std::uint32_t planets() const;

 private:
  ScratchFolder folder_;
  std::unique_ptr<OpenFile> file_;
  std::uint64_t checksum_ = 0;
  WorldTables tables_;
};

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
  // Returns once all that the walkers want at the start is there. Crowds of one seed on as many
  // planets start at the same places in every world. Throws BenchError if the runtime refuses.
  Crowd(const CrowdWorld& world, const CrowdOptions& options);

  // Frames of 1/60 s of world time, for `seconds` on the wall. Throws BenchError at a wrong byte.
  FrameSample walk(double seconds);

 private:
  struct Walker {
    ObserverId id;
    WorldPosition at;
    double heading = 0;
  };

  void add_walkers();
  void fill_bubbles();
  void move_walkers();
  void check(const FrameEvents& events);

  const CrowdWorld& world_;
  CrowdOptions options_;
  Prng prng_;
  std::unique_ptr<Streamer> streamer_;
  std::vector<Walker> walkers_;
  std::vector<double> micros_, cpu_micros_;
  std::uint64_t arrivals_ = 0;
  Time now_{1'000'000};
};

}  // namespace nf::bench
