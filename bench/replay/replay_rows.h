// What replays came to, as rows of a report: late arrivals and why, lateness, bytes, memory,
// screens.
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "bench/replay/replay_rig.h"
#include "bench/suite/suite.h"

namespace nf::bench {

// `name` stands in front of each row's. Causes that nothing was late by have no row.
std::vector<Figure> rows_of(const std::string& name, const ReplayFigures& figures);

}  // namespace nf::bench
