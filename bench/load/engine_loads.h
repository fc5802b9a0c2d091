// Engine loads: whole loads that decode in an engine's job system, into memory that the engine
// gave, beside the same loads with the runtime's own workers and memory.
//
// Main thread; the job system is a plain pool of threads. Adds figures and headlines to `result`.
// Throws BenchError where it cannot measure.
#pragma once

#include "bench/load/load_worlds.h"
#include "bench/suite/suite.h"

namespace nf::bench {

void measure_engine(const LoadWorlds& worlds, const BenchOptions& options, SuiteResult& result);

}  // namespace nf::bench
