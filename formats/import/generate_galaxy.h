// generate_galaxy: star systems in a disc a hundred light years wide, and the gates between them.
//
// Pure; any thread. Every system can be reached from every other, by the shortest gates there are
// and about as many again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/import/generate_system.h"

namespace nf {

struct GalaxySystem {
  std::string name;
  WorldPosition position;             // in the galaxy's frame
  std::vector<std::uint32_t> linked;  // systems that a gate leads to, ascending
};

inline constexpr std::uint32_t kGalaxySystemsMin = 2;
inline constexpr std::uint32_t kGalaxySystemsMax = 10'000;
// The shortest links that join all points of space meet in no point more often.
inline constexpr std::uint32_t kSystemLinksMax = 12;

// `count` systems; a link goes both ways.
std::vector<GalaxySystem> plan_galaxy(std::uint32_t count, std::uint64_t seed);

// Adds all systems below the root, the only container of `tree`, with a gate station for each link
// of each. `count` includes the root; each system gets an equal part of it.
void add_galaxy(GeneratedTree& tree, const std::vector<GalaxySystem>& systems, std::uint32_t count,
                Prng& prng);

}  // namespace nf
