// GridWorld: the world of the metric. Three grids of boxes lie over each other, their edges, need
// radii and sizes made to the measure of a mover; every box is a function of (seed, level, cell),
// so the world has no border and takes no memory.
//
// Pure; any thread. Lengths are in the trace's unit, sizes in bytes.
//
// Edges 2, 6 and 20 s of travel at the mover's fast speed, need radii 4, 9 and 24 s, sizes
// log-normal with median 4, 10 and 24 MB. A smooth field of value noise (Perlin, "An image
// synthesizer", 1985, simplified) says how dense the world is around a box: the denser, the larger
// it is and the likelier it is there at all. For movers on the ground the boxes are columns.
#pragma once

#include <array>
#include <cstdint>

#include <nearfield/types.h>

#include "core/world/world_box.h"

namespace nf::predict {

inline constexpr std::uint32_t kGridLevels = 3;
// Columns reach this far up and down.
inline constexpr double kColumnHalf = 1e15;

struct GridLevel {
  double edge_seconds = 0;  // of travel at the fast speed
  double reach_seconds = 0;
  double bytes_median = 0;
};
inline constexpr std::array<GridLevel, kGridLevels> kGridShape = {
    GridLevel{2, 4, 4e6}, GridLevel{6, 9, 10e6}, GridLevel{20, 24, 24e6}};

struct GridCell {
  std::uint32_t level = 0;
  std::int64_t x = 0, y = 0, z = 0;  // z is 0 in a flat world

  friend bool operator==(const GridCell&, const GridCell&) = default;
};

struct GridOptions {
  std::uint64_t seed = 1;
  double vstar = 1;  // the mover's fast speed, more than 0
  bool flat = false;
};

class GridWorld {
 public:
  explicit GridWorld(const GridOptions& options) : options_(options) {}

  double edge(std::uint32_t level) const { return kGridShape[level].edge_seconds * options_.vstar; }
  double reach(std::uint32_t level) const {
    return kGridShape[level].reach_seconds * options_.vstar;
  }
  bool flat() const { return options_.flat; }
  double vstar() const { return options_.vstar; }

  GridCell cell_at(std::uint32_t level, WorldPosition place) const;
  WorldBox box(const GridCell& cell) const;
  // 0: there is nothing in this box.
  double bytes(const GridCell& cell) const;
  // How much there is around a place, from 0 to 1.
  double density(WorldPosition place) const;

 private:
  double noise(WorldPosition place, double spacing, std::uint64_t salt) const;

  GridOptions options_;
};

std::uint64_t hash_of(const GridCell& cell, std::uint64_t seed);

}  // namespace nf::predict
