// MatchWorld: made-up ground under a match, in three layers of cells: from far, from near, and what
// stands there. Kilometres for what flies, metres for who walks, by how far the match reaches.
//
// Plain data; from a seed; any thread.
#pragma once

#include <cstdint>

#include "bench/replay/draft_world.h"
#include "bench/replay/match.h"

namespace nf::bench {

struct MatchWorld {
  WorldTables tables;
  Bytes size;
  double unit = 1;  // metres: the edge of the smallest cell
};

MatchWorld make_match_world(const Match& match, const Payload& payload, std::uint64_t seed);

}  // namespace nf::bench
