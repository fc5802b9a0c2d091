// All recordings on all disks: each recording is read, and its world made, once.
//
// Main thread, which only waits: as many threads as the machine has processors, and memory for,
// replay one recording each. What they find is added up in the order of the recordings, whoever was
// first. Throws what a recording's replay throws, and what the progress throws, once all threads
// have ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/replay/recordings.h"
#include "bench/replay/replay_rig.h"
#include "core/io/sim_device.h"

namespace nf::bench {

struct ReplayRuns {
  std::vector<const DeviceModel*> models;
  std::vector<ReplayFigures> matches, logs;  // by model
  std::uint64_t jumps = 0, jumps_off = 0;    // of the logs
  std::uint64_t docked = 0, landed = 0, stepped_out = 0;
};

// How many replay at one time, each with memory of its own.
struct ReplayMachine {
  unsigned processors = 1;
  Bytes memory;
};
unsigned replay_threads(const ReplayMachine& machine, std::size_t recordings);

ReplayRuns run_all(const Recordings& recordings, const BenchOptions& options);

}  // namespace nf::bench
