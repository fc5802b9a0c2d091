// Throttled loads: what packing is worth where the disk is slow. The worlds of `bench load` on this
// machine's disk, which the kernel keeps to 500 MB/s for this process alone.
//
// Main thread. Adds figures and headlines to `result`; a note and no figure where the machine does
// not let its disk be throttled. Throws BenchError where it cannot measure.
#pragma once

#include "bench/load/load_worlds.h"
#include "bench/suite/suite.h"

namespace nf::bench {

void measure_throttled(const LoadWorlds& worlds, const BenchOptions& options, SuiteResult& result);

}  // namespace nf::bench
