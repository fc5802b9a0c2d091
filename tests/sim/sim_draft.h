// What the simulator's worlds consist of, before any byte of them is made: trees of containers,
// drawn from a seed.
//
// Plain data. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/types.h>

#include "core/base/prng.h"
#include "core/world/world_tables.h"

namespace nf::sim {

struct DraftContainer {
  std::string path;
  std::uint32_t parent = ContainerId::none_value;
  ContainerFlags flags = ContainerFlags::none;
  Refinement refinement = Refinement::none;
  BoundsKind kind = BoundsKind::none;
  WorldPosition position{};
  Rotation rotation{};
  LocalVector bounds_center{};
  LocalVector half_extent{};
  float load_distance = 0;
  std::vector<std::uint32_t> dependencies{};
  std::vector<std::uint32_t> chunk_sizes{};
};

struct DraftGate {
  std::uint32_t container = 0;
  std::uint32_t target = 0;
  WorldPosition position{};
  WorldPosition target_position{};
  float radius = 0;
  float lead_time = 0;
};

struct Draft {
  std::vector<DraftContainer> containers;  // depth first
  std::vector<DraftGate> gates;            // ascending by container
  double extent = 0;                       // metres: places lie within this of the origin
};

// Nothing moves: zones with rooms.
Draft draft_town(Prng& prng, double extent);
// Planets that turn, in levels; stations on orbits around them with ships in them that move, too;
// places too far off for one body's coordinates; templates; gates; zones as in a town.
Draft draft_system(Prng& prng, double extent);
// Hundreds of rooms, in towns and on ships that move, with few bytes in each; gates.
Draft draft_crowd(Prng& prng, double extent);

}  // namespace nf::sim
