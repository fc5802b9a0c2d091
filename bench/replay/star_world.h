// StarWorld: the containers of a StarMap. Each system stands in the root frame, far from all
// others, and a gate leads from it to each that somebody jumps to. Beside them a ship, as a
// template.
//
// Plain data. Borrows nothing.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/replay/draft_world.h"
#include "bench/replay/star_map.h"

namespace nf::bench {

// Ids within the archive: the runtime adds the first one of the mount.
struct StarWorld {
  WorldTables tables;
  std::uint32_t ship = 0;                         // the template
  std::vector<std::uint32_t> systems;             // by system
  std::vector<std::vector<std::uint32_t>> sites;  // by system and site
  Bytes size;
};

// From one system to another.
using SystemPair = std::pair<std::uint32_t, std::uint32_t>;

inline constexpr double kJumpLeadSeconds = 18;  // that the game leaves at least

// The gate in one system that leads to another.
std::string gate_name(std::uint32_t to);

StarWorld make_star_world(const StarMap& map, const std::vector<SystemPair>& jumps,
                          const Payload& payload);

}  // namespace nf::bench
