// A match as the load of one server: every object is an observer, from when it appears until it
// vanishes, in one Streamer over a made-up world. Who comes back after a while, or is elsewhere all
// of a sudden, joins like anybody else: the server chooses the place, and states it ahead.
//
// Simulated time, 30 ticks a second. Any thread; nothing is shared.
#pragma once

#include "bench/replay/match_world.h"
#include "bench/replay/replay_rig.h"

namespace nf::bench {

// Who joins far from all others is let in this long after the server knows of it; what is launched
// from beside somebody needs no word ahead.
inline constexpr double kJoinSeconds = 5;

ReplayFigures replay_match(const Match& match, const MatchWorld& world, const Payload& payload,
                           const RigOptions& options);

}  // namespace nf::bench
