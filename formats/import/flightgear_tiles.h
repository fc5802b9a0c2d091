// flightgear_tiles: the tiles of a FlightGear package, where they are and what they name.
//
// Any thread. A tile is a number that packs longitude, latitude and a place in the one-degree cell;
// its `.stg` files in Scenery/Terrain and Scenery/Objects say what stands in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "formats/import/flightgear_files.h"

namespace nf {

struct Sphere {
  WorldPosition center;  // metres, earth-centred earth-fixed
  double radius = 0;
};

// On the WGS 84 ellipsoid, height above it in metres.
WorldPosition earth_fixed(double longitude_deg, double latitude_deg, double height_m);
// Geocentric, which is near enough to pick a region.
void lon_lat_of(WorldPosition place, double& longitude_deg, double& latitude_deg);

// The ground that a tile's number stands for; false for a number that stands for none.
bool tile_area(std::uint32_t number, Sphere& area);

// A sphere around spheres: about the mean of their centres, or the largest if it holds the others.
Sphere enclosing_sphere(const std::vector<Sphere>& spheres);

struct FlightGearTile {
  std::string region;  // "w030n60"
  std::string cell;    // "w021n63"
  std::uint32_t number = 0;
  Sphere bounds;                             // of its terrain; of its number without any
  WorldPosition origin;                      // centre of its first terrain mesh
  std::vector<std::uint32_t> stg_files;      // terrain first
  std::vector<std::uint32_t> terrain_files;  // zipped meshes
  std::vector<std::uint32_t> static_models;  // placed from the folder of the tile
  std::vector<std::uint32_t> shared_models;  // placed by many tiles
  std::vector<std::string> materials;        // of its terrain, sorted
  std::uint64_t vertices = 0;
  std::uint64_t missing = 0;  // names without a file
};

// Ascending by region, cell, number. A list or mesh that cannot be understood is an error.
Result<std::vector<FlightGearTile>> find_tiles(FlightGearFiles& files, std::string& detail);

}  // namespace nf
