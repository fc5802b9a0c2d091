// A log's flight through its made-up world, on the whole runtime: one observer aboard a ship, which
// docks, lands and jumps through gates; and out of it on foot.
//
// Simulated time: 60 frames a second where something moves near something, or is on its way; fewer
// in between, and none of the log's moments is skipped. Any thread; nothing is shared.
#pragma once

#include "bench/replay/log_flight.h"
#include "bench/replay/replay_rig.h"
#include "bench/replay/star_world.h"

namespace nf::bench {

ReplayFigures replay_log(const LogFlight& flight, const StarWorld& world, const Payload& payload,
                         const RigOptions& options);

}  // namespace nf::bench
