// The map of a flight: its path over the containers, seen from the side that shows most.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/archive.h>

#include "core/world/world.h"
#include "tools/nearfield/fly_run.h"

namespace nf {

// Two axes of the picture, in the root frame: right and up. North stays up where there is one.
struct MapPlane {
  WorldVector right;
  WorldVector up;
};
// The plane in which points lie spread widest (principal component analysis; Pearson, 1901).
MapPlane best_plane(const std::vector<WorldPosition>& points);

struct FlightMap {
  std::string svg;                 // empty if nothing was flown
  std::uint64_t late_outside = 0;  // late containers outside of the picture, or larger than it
};
FlightMap flight_map(const Archive& archive, const World& world, const FlyRecord& record);

}  // namespace nf
