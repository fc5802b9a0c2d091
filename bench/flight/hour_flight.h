// An hour of flight in a memory that is always full, on a simulated disk: does the memory break
// into pieces as time goes on?
//
// Main thread; nothing runs beside it, so that the same world and seed give the same figures to the
// last digit. Adds figures and headlines to `result`. Throws BenchError.
#pragma once

#include "bench/flight/made_world.h"
#include "bench/suite/suite.h"

namespace nf::bench {

void measure_hour(const MadeWorld& world, const BenchOptions& options, SuiteResult& result);

}  // namespace nf::bench
