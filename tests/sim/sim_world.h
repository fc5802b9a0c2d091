// Small random worlds for the simulator: tables, the stored bytes they describe, and what every
// container must decode to.
//
// Plain data, made once, then immutable. Every world passes check_world.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <nearfield/types.h>

#include "core/world/world_tables.h"
#include "tests/sim/sim_draft.h"

namespace nf::sim {

struct SimWorld {
  WorldTables tables;
  std::vector<std::byte> file;                             // the archive's bytes: runs only
  std::vector<std::vector<std::byte>> raw;                 // by container
  std::vector<std::pair<FileOffset, std::uint32_t>> runs;  // each begins here, and whose it is
  std::uint64_t raw_total = 0;
  std::uint64_t raw_largest = 0;
  double extent = 0;  // metres: places lie within this of the origin
};

// Compresses random bytes and draws costs with `prng`.
SimWorld make_sim_world(const Draft& draft, Prng& prng);

}  // namespace nf::sim
