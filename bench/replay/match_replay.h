// A match as the load of one server: every object is an observer, from when it appears until it
// vanishes, in one Streamer over a made-up world.
//
// Simulated time, 30 ticks a second. Any thread; nothing is shared.
#pragma once

#include "bench/replay/match_world.h"
#include "bench/replay/replay_rig.h"

namespace nf::bench {

ReplayFigures replay_match(const Match& match, const MatchWorld& world, const Payload& payload,
                           const RigOptions& options);

}  // namespace nf::bench
