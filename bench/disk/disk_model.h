// A device model out of what was measured: the few numbers that the simulated disk and the runtime
// need to know of a disk.
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "tools/nearfield/device_file.h"

namespace nf::bench {

// Medians of the plain ring at one point.
struct MeasuredPoint {
  std::size_t block = 0;
  std::size_t depth = 0;
  double bytes_per_second = 0;
  double latency_us_p50 = 0;
  double latency_us_p99 = 0;
};

// The rate is the best of all. The latency is that of the smallest block alone, without its time on
// the wire. By Little's law (Little, "A proof for the queuing formula L = lambda W", 1961) as many
// reads are served side by side as reads a second times the latency of one. The window is the least
// block x depth that reaches 97 % of the best rate of blocks of 256 KiB and more; 0 without any.
// Needs one point at least.
DeviceFile model_of(const std::vector<MeasuredPoint>& points, const std::string& name);

}  // namespace nf::bench
