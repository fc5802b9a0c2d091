// generate_system: the containers of one star system in true measures, from a sun of 7e8 metres to
// lockers of half a metre: planets on orbits up to 5e12 metres, moons, a belt, ships, landing zones
// with blocks of rooms.
//
// Pure; any thread. As many containers as asked for, to the one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "formats/pack/source_world.h"

namespace nf {

// Containers in the making: `asset_weights` says of each how many assets it has beside the others.
struct GeneratedTree {
  std::vector<SourceContainer> containers;
  std::vector<std::uint8_t> asset_weights;

  std::uint32_t add(std::string name, std::uint32_t parent, std::uint8_t asset_weight);
};

inline constexpr std::uint32_t kSystemContainersMin = 100;
inline constexpr double kOutermostOrbit = 5e12;             // metres
inline constexpr std::uint32_t kBeltAsteroidsMax = 10'000;  // children of one container

// Adds what is below `top`, a container of `tree` that stands where the sun is. `count` includes
// `top` and is at least kSystemContainersMin.
void add_star_system(GeneratedTree& tree, std::uint32_t top, std::uint32_t count, Prng& prng);

}  // namespace nf
