// Urgent loads: containers that are needed at once while others are fetched ahead of need, as after
// a jump or a wrong forecast.
//
// One thread owns it and drives the Streamer. Throws BenchError.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bench/load/loader.h"

namespace nf::bench {

// The `count` containers whose decoded size is nearest to `size`.
std::vector<std::uint32_t> nearest_in_size(const LoadWorld& world, std::size_t count, double size);

struct UrgentSample {
  std::vector<double> alone_micros;   // with nothing else under way
  std::vector<double> loaded_micros;  // while prefetch keeps the disk and the worker busy
  double window_micros = 0;  // how long the bytes in flight take at the rate of the prefetch
};

class UrgentLoads {
 public:
  UrgentLoads(const LoadWorld& world, std::uint32_t workers, std::uint64_t seed);
  UrgentSample measure();

 private:
  struct Prefetch {
    Pin pin;
    std::uint32_t container = 0;
  };

  void fill_prefetch();
  void drop_arrived(const FrameEvents& events);
  double load_one(std::uint32_t container, bool prefetching);

  const LoadWorld& world_;
  Loader loader_;
  std::vector<std::uint32_t> urgent_;
  LoadOrder order_;  // of all others
  std::vector<Prefetch> prefetch_;
  std::vector<std::uint32_t> waiting_;
  Bytes prefetched_;
};

}  // namespace nf::bench
