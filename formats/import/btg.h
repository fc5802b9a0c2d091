// btg: FlightGear's binary terrain mesh, as far as an importer needs it: where it is and what it
// names.
//
// Pure function, any thread. Takes the unzipped bytes. Layout after SimGear's description of its
// "sg_binobj": a header, then objects of properties and elements, each with its own size; counts
// are 16 bits wide before version 10 and 32 bits from then on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

struct BtgMesh {
  std::uint16_t version = 0;
  bool has_sphere = false;
  WorldPosition center;  // of the bounding sphere, metres, earth-centred earth-fixed
  float radius = 0;
  std::uint64_t vertices = 0;
  std::uint64_t triangle_groups = 0;   // triangles, strips and fans
  std::vector<std::string> materials;  // of those groups and of points, each once, sorted
};

// source_malformed, with the offset at which the bytes stop making sense.
Result<BtgMesh> parse_btg(std::span<const std::byte> bytes);

}  // namespace nf
