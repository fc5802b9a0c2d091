// The simulated pipeline: one disk, a memory and a policy, over one scenario.
//
// Pure but for the clock that measures the policy; any thread, one for each run. Seconds, bytes.
//
// The disk works on one container at a time and may leave it for one that is more urgent; what was
// read stays, in memory of its full size. Required and absent ones come first, nearest first; then
// what the policy wants by score. A container is usable `pipeline_seconds` after its last byte.
// What is required is never evicted; others leave by lowest keep value when room is needed, for
// what is wanted only if they are worth less than it. What is required at the beginning is there,
// as far as it fits.
// Updates come every dt; arrivals, ends of reads and lateness are exact between them.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/nearfield/time_histogram.h"
#include "tools/predict/policy.h"
#include "tools/predict/scenario.h"

namespace nf::predict {

inline constexpr double kHitchSeconds = 1.0 / 60;

struct Lateness {  // while a container was required and not usable
  double from = 0;
  double to = 0;
};

struct RunResult {
  double seconds = 0;
  double late_seconds = 0;       // summed over containers
  double late_wall_seconds = 0;  // in which anything was missing
  std::uint64_t hitches = 0;     // times that something was missing, for longer than a frame
  std::uint64_t arrivals = 0;    // times that a container became required
  std::vector<double> lateness;  // of those that were late; seconds
  double bytes_read = 0;
  double bytes_vain = 0;  // left, or there at the end, without having been of use
  double memory_peak = 0;
  TimeHistogram update_time;

  void add(const RunResult& other);
};

struct DiskModel {
  double bytes_per_second = 0;
  double seek_seconds = 0;  // each time that it turns to another container
};

RunResult run(const Scenario& scenario, const DiskModel& disk, Policy& policy);

}  // namespace nf::predict
