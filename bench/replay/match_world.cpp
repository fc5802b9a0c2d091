#include "bench/replay/match_world.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/prng.h"
#include "core/world/vector_math.h"

namespace nf::bench {
namespace {

using namespace literals;

constexpr double kWalkedMax = 2000;  // metres from corner to corner; beyond, it is flown
constexpr double kUnitWalked = 2;
constexpr double kUnitFlown = 1000;
constexpr double kCellsMax = 24;  // of the largest, along one edge; else all are larger

struct Layer {
  double cell = 1;  // edge, in units
  double load = 1;  // load distance, in units
  Bytes size;
  double part = 1;  // of its cells there are this many
};
constexpr std::array kLayers = {
    Layer{.cell = 32, .load = 40, .size = 4_MiB},
    Layer{.cell = 8, .load = 10, .size = 2_MiB},
    Layer{.cell = 1, .load = 1.5, .size = 256_KiB, .part = 0.25},
};

class Ground {
 public:
  Ground(double unit, std::uint64_t seed) : unit_(unit), prng_(seed) {}

  // A cell of a layer, and what is on it; `low` is its corner in the frame of `parent`.
  void add_cell(std::size_t layer, std::uint32_t parent, WorldPosition low) {
    const Layer& kind = kLayers[layer];
    if (!prng_.chance(kind.part)) return;
    const double edge = kind.cell * unit_;
    const std::uint32_t id = world_.add({.parent = parent,
                                         .position = low + WorldVector{edge / 2, edge / 2, 0},
                                         .radius = static_cast<float>(edge * 0.71),
                                         .load_distance = static_cast<float>(kind.load * unit_),
                                         .size = kind.size});
    if (layer + 1 == kLayers.size()) return;
    const double inner = kLayers[layer + 1].cell * unit_;
    const auto cells = static_cast<int>(std::round(edge / inner));
    for (int i = 0; i < cells * cells; ++i) {
      add_cell(layer + 1, id, {inner * (i % cells) - edge / 2, inner * (i / cells) - edge / 2, 0});
    }
  }
  DraftWorld& world() { return world_; }

 private:
  double unit_;
  Prng prng_;
  DraftWorld world_;
};

}  // namespace

MatchWorld make_match_world(const Match& match, const Payload& payload, std::uint64_t seed) {
  const WorldVector extent = match.high - match.low;
  const double across = std::max({extent.x, extent.y, 1.0});
  double unit = length(extent) < kWalkedMax ? kUnitWalked : kUnitFlown;
  while (across > kCellsMax * kLayers[0].cell * unit) unit *= 2;
  const double edge = kLayers[0].cell * unit;
  Ground ground(unit, seed);
  ground.world().add({});
  for (int x = 0; x <= static_cast<int>(extent.x / edge); ++x) {
    for (int y = 0; y <= static_cast<int>(extent.y / edge); ++y) {
      ground.add_cell(0, 0, {match.low.x + edge * x, match.low.y + edge * y, match.low.z});
    }
  }
  return {
      .tables = ground.world().make_tables(payload), .size = ground.world().size(), .unit = unit};
}

}  // namespace nf::bench
