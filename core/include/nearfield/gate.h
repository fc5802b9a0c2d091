// Gates: links between places that are not neighbours, as an engine sees them.
// Plain values; any thread.
#pragma once

#include <cstdint>

#include <nearfield/types.h>

namespace nf {

// Holds as long as the gate's archive is mounted; of what is spawned, until that is despawned.
using GateId = Id<struct GateTag, std::uint64_t>;

// The gates of one container, in the order of the archive.
struct GateRange {
  GateId first;
  std::uint32_t count = 0;

  constexpr bool empty() const { return count == 0; }
  constexpr GateId operator[](std::uint32_t i) const { return {first.value + i}; }
};

struct GateView {
  ContainerId container;  // in whose frame it stands; of a template: nowhere
  WorldPosition position;
  float radius = 0;    // metres: within it one is at the gate
  Duration lead_time;  // that the game leaves at least before one is on the far side; 0: unknown
  ContainerId target;  // none: nothing that is mounted and has a place has `target_path`
  PathHash target_path;
  WorldPosition target_position;  // in the target's frame: where one comes out
};

}  // namespace nf
