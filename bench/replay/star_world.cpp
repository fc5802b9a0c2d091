#include "bench/replay/star_world.h"

#include <algorithm>
#include <cmath>

#include "core/world/vector_math.h"

namespace nf::bench {
namespace {

using namespace literals;

constexpr double kSystemSpacing = 1e15;  // metres: a tenth of a light year
constexpr double kGolden = 2.399963;     // the angle by which things on a spiral follow each other

Rotation to_float(WorldRotation r) {
  return {static_cast<float>(r.x), static_cast<float>(r.y), static_cast<float>(r.z),
          static_cast<float>(r.w)};
}

WorldPosition on_spiral(std::uint32_t i, double from, double step) {
  const double away = from + step * i;
  return {away * std::cos(kGolden * i), away * std::sin(kGolden * i), 0};
}

// Seen one after the other by who comes down: the land, the zone, its ground, and what only
// somebody on foot has to see.
void add_zone(DraftWorld& world, std::uint32_t planet, const Zone& zone) {
  const std::uint32_t land = world.add({.parent = planet,
                                        .position = zone.pose.origin,
                                        .rotation = to_float(zone.pose.rotation),
                                        .radius = 60e3f,
                                        .load_distance = 400e3f,
                                        .size = 4_MiB});
  const std::uint32_t place =
      world.add({.parent = land, .radius = 2e3f, .load_distance = 30e3f, .size = 4_MiB});
  for (int x = -2; x <= 2; ++x) {
    for (int y = -2; y <= 2; ++y) {
      world.add({.parent = place,
                 .position = {500.0 * x, 500.0 * y, 0},
                 .radius = 350,
                 .load_distance = 2500,
                 .size = 512_KiB});
    }
  }
  for (std::uint32_t i = 0; i < 12; ++i) {
    world.add({.parent = place,
               .position = on_spiral(i, 12, 4),
               .radius = 5,
               .load_distance = 40,
               .size = 256_KiB});
  }
}

void add_station_parts(DraftWorld& world, std::uint32_t station) {
  for (std::uint32_t i = 0; i < 8; ++i) {
    WorldPosition at = on_spiral(i, 1000, 0);
    world.add(
        {.parent = station, .position = at, .radius = 400, .load_distance = 15e3f, .size = 1_MiB});
  }
  world.add({.parent = station, .radius = 60, .load_distance = 1000, .size = 2_MiB});
  for (std::uint32_t i = 0; i < 10; ++i) {
    world.add({.parent = station,
               .position = on_spiral(i, 12, 4),
               .radius = 6,
               .load_distance = 40,
               .size = 256_KiB});
  }
}

std::uint32_t add_site(DraftWorld& world, std::uint32_t system, const Site& site) {
  const float load = static_cast<float>(site.is_planet ? 30 * site.radius : 300e3);
  const std::uint32_t id = world.add({.parent = system,
                                      .position = site.position,
                                      .radius = static_cast<float>(site.radius),
                                      .load_distance = load,
                                      .size = 4_MiB,
                                      .flags = ContainerFlags::moves});
  for (const Zone& zone : site.zones) add_zone(world, id, zone);
  if (!site.is_planet) add_station_parts(world, id);
  return id;
}

std::uint32_t add_ship(DraftWorld& world) {
  const std::uint32_t ship =
      world.add({.parent = 0,
                 .radius = 30,
                 .load_distance = 400,
                 .size = 4_MiB,
                 .flags = ContainerFlags::template_root | ContainerFlags::moves});
  for (int i = -3; i <= 2; ++i) {
    world.add({.parent = ship,
               .position = {8.0 * i + 4, 0, 0},
               .radius = 4,
               .load_distance = 20,
               .size = 256_KiB});
  }
  return ship;
}

}  // namespace

std::string gate_name(std::uint32_t to) {
  return "to " + std::to_string(to);
}

StarWorld make_star_world(const StarMap& map, const std::vector<SystemPair>& jumps,
                          const Payload& payload) {
  DraftWorld draft;
  draft.add({});
  StarWorld world;
  world.ship = add_ship(draft);
  for (std::size_t i = 0; i < map.systems.size(); ++i) {
    // What is seen of it everywhere in it: the star and the sky.
    const std::uint32_t system =
        draft.add({.parent = 0,
                   .position = {kSystemSpacing * (1.0 + static_cast<double>(i)), 0, 0},
                   .radius = 7e8f,
                   .load_distance = 2e12f,
                   .size = 8_MiB});
    world.systems.push_back(system);
    world.sites.emplace_back();
    for (const Site& site : map.systems[i].sites) {
      world.sites.back().push_back(add_site(draft, system, site));
    }
  }
  std::vector<SystemPair> pairs = jumps;
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  for (const auto& [from, to] : pairs) {
    draft.add_gate({.container = world.systems[from],
                    .name = gate_name(to),
                    .target = world.systems[to],
                    .target_position = arrival_in(to).at,
                    .lead_time = static_cast<float>(kJumpLeadSeconds)});
  }
  world.size = draft.size();
  world.tables = draft.make_tables(payload);
  return world;
}

}  // namespace nf::bench
