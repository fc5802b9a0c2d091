// Scenario: one segment in one world, with all that does not depend on a policy: the way, the
// containers in the order in which they come near, and from when to when each is required.
//
// Pure; any thread, and shared by many once it is built. Seconds, the trace's unit, bytes.
//
// The observer goes straight from one update's place to the next one's. A container is required
// while the distance to its box is at most its level's reach; the moments are exact (the distance
// to a convex box along a straight line is convex, so each crossing is found by halving).
#pragma once

#include <cstdint>
#include <vector>

#include "tools/predict/grid_world.h"
#include "tools/predict/policy.h"
#include "tools/predict/segments.h"

namespace nf::predict {

// A container is announced once it is this many seconds of travel, at the fast speed, farther than
// it is needed from: no policy can want what is farther.
inline constexpr double kAnnounceSeconds = 10;

struct Need {
  std::uint32_t container = 0;
  double from = 0;  // 0: required from the beginning, and there by then
  double to = 0;    // the end of the trace if it still is
};

struct Scenario {
  TraceInfo trace;                  // bytes_per_second and memory are set by whoever knows the disk
  std::vector<double> reach;        // by level
  std::vector<WorldPosition> path;  // by update; update i is at i * dt
  std::vector<std::uint32_t> announced;     // by update: how many containers are known by then
  std::vector<ContainerInfo> containers;    // in the order of announcement
  std::vector<Need> needs;                  // by `from`, then by container
  std::vector<std::uint32_t> needs_by_end;  // indices into needs
  double required_bytes_max = 0;            // the largest that was required at one time

  double seconds() const { return static_cast<double>(path.size() - 1) * trace.dt; }
};

struct ScenarioOptions {
  // Of the worlds: every group (a map, a match) moves in one of its own. Small places would all lie
  // where one world happens to be dense or empty.
  std::uint64_t seed = 1;
  double dt = 0.1;
  double pipeline_seconds = 0.1;
};
GridWorld world_of(const Segment& segment, const ScenarioOptions& options);
Scenario build_scenario(const Segment& segment, const ScenarioOptions& options);

// Bytes that have to be read in each window of so many seconds by somebody who reads nothing ahead,
// on a disk that takes no time, with so much memory: what was required longest ago leaves first.
std::vector<double> demand_by_window(const Scenario& scenario, double memory,
                                     double window_seconds);

// The disk of which the scenario asks, over the busiest twentieth of all windows, `rho` of what it
// can do; bytes a second.
struct DiskSizing {
  double rho = 0.9;
  double window_seconds = 5;
  double busiest_part = 0.05;
};
double size_disk(const Scenario& scenario, const DiskSizing& sizing);

}  // namespace nf::predict
