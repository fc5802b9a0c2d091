// order: the numbering of an archive. Depth first, so that a subtree is a range; siblings so that
// what is near in the world is near on disk; shared containers behind what they depend on.
//
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/result.h>

#include "formats/pack/source_world.h"

namespace nf {

struct PackOrder {
  std::vector<std::uint32_t> source_of;    // by archive number: the container's index in the source
  std::vector<std::uint32_t> number_of;    // by index in the source
  std::vector<std::uint32_t> subtree_end;  // by archive number
  // By archive number: archive numbers of shared containers, ascending, with what those depend on.
  std::vector<std::vector<std::uint32_t>> dependencies;
};

// Refuses dependencies that run in a circle, and those that no numbering of this tree can order
// (two groups that depend on each other's members). The source has passed `check_source`.
Result<PackOrder> order_world(const SourceWorld& source, std::string& detail);

// Position along a Hilbert curve through a cube of 2^21 cells a side, by Skilling's transform
// ("Programming the Hilbert curve", AIP Conference Proceedings 707, 2004).
std::uint64_t hilbert_position(std::uint32_t x, std::uint32_t y, std::uint32_t z);

inline constexpr std::uint32_t kHilbertSideBits = 21;

}  // namespace nf
