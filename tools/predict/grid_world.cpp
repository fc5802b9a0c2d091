#include "tools/predict/grid_world.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/prng.h"

namespace nf::predict {
namespace {

constexpr double kSpread = 0.6;           // sigma of the logarithm of sizes
constexpr double kFieldSeconds = 40;      // of travel between the field's coarse points
constexpr double kFineFieldSeconds = 15;  // and its fine ones
// Where the field is below the first number a box is empty, above the second it is full. In three
// dimensions most of the space is air.
constexpr double kFlatEmpty = 0.25, kFlatFull = 0.60;
constexpr double kDeepEmpty = 0.42, kDeepFull = 0.90;

std::uint64_t mixed(std::uint64_t value) {
  return Prng(value).next();
}

// Rounded down; what no world reaches is taken for its edge.
std::int64_t whole(double at) {
  return static_cast<std::int64_t>(std::floor(std::clamp(at, -1e15, 1e15)));
}

double smooth(double part) {
  return part * part * (3 - 2 * part);
}

// Uniform in (0, 1]: a logarithm can be taken of it.
double unit_of(std::uint64_t bits) {
  return static_cast<double>((bits >> 11) + 1) * 0x1p-53;
}

}  // namespace

std::uint64_t hash_of(const GridCell& cell, std::uint64_t seed) {
  std::uint64_t hash = mixed(seed ^ (0x9E37ull + cell.level));
  hash = mixed(hash ^ static_cast<std::uint64_t>(cell.x));
  hash = mixed(hash ^ static_cast<std::uint64_t>(cell.y));
  return mixed(hash ^ static_cast<std::uint64_t>(cell.z));
}

GridCell GridWorld::cell_at(std::uint32_t level, WorldPosition place) const {
  const double size = edge(level);
  const auto index = [size](double at) { return whole(at / size); };
  return {.level = level,
          .x = index(place.x),
          .y = index(place.y),
          .z = options_.flat ? 0 : index(place.z)};
}

WorldBox GridWorld::box(const GridCell& cell) const {
  const double size = edge(cell.level);
  const auto low = [size](std::int64_t at) { return static_cast<double>(at) * size; };
  WorldBox box{.low = {low(cell.x), low(cell.y), low(cell.z)},
               .high = {low(cell.x + 1), low(cell.y + 1), low(cell.z + 1)}};
  if (options_.flat) {
    box.low.z = -kColumnHalf;
    box.high.z = kColumnHalf;
  }
  return box;
}

double GridWorld::noise(WorldPosition place, double spacing, std::uint64_t salt) const {
  const double x = place.x / spacing, y = place.y / spacing;
  const double z = options_.flat ? 0 : place.z / spacing;
  const std::int64_t ix = whole(x), iy = whole(y), iz = whole(z);
  const double fx = smooth(x - static_cast<double>(ix)), fy = smooth(y - static_cast<double>(iy));
  const double fz = smooth(z - static_cast<double>(iz));
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner) {
    const int dx = corner & 1, dy = (corner >> 1) & 1, dz = corner >> 2;
    const double weight = (dx ? fx : 1 - fx) * (dy ? fy : 1 - fy) * (dz ? fz : 1 - fz);
    if (weight == 0) continue;
    const GridCell point{.level = 100, .x = ix + dx, .y = iy + dy, .z = iz + dz};
    sum += weight * unit_of(hash_of(point, options_.seed ^ salt));
  }
  return sum;
}

double GridWorld::density(WorldPosition place) const {
  const double coarse = noise(place, kFieldSeconds * options_.vstar, 0xC0A5);
  const double fine = noise(place, kFineFieldSeconds * options_.vstar, 0xF19E);
  return 0.65 * coarse + 0.35 * fine;
}

double GridWorld::bytes(const GridCell& cell) const {
  const double size = edge(cell.level);
  const auto middle = [size](std::int64_t at) { return (static_cast<double>(at) + 0.5) * size; };
  const double dense = density({middle(cell.x), middle(cell.y), middle(cell.z)});
  const double empty = options_.flat ? kFlatEmpty : kDeepEmpty;
  const double full = options_.flat ? kFlatFull : kDeepFull;
  Prng chance(hash_of(cell, options_.seed));
  if (chance.unit() >= (dense - empty) / (full - empty)) return 0;
  // Box and Muller, "A note on the generation of random normal deviates", 1958.
  const double radius = std::sqrt(-2 * std::log(unit_of(chance.next())));
  const double normal = radius * std::cos(2 * std::numbers::pi * chance.unit());
  const double drawn = kGridShape[cell.level].bytes_median * std::exp(kSpread * normal);
  return std::max(1.0, std::floor(drawn * (0.4 + 1.2 * dense)));
}

}  // namespace nf::predict
