#include "bench/replay/star_map.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr double kArrival = 3e9;  // metres from the star: where one comes out
constexpr double kPlanetRadiusMin = 8e5;
constexpr double kPlanetRadiusMax = 6e6;
constexpr double kStationRadius = 1500;
constexpr double kStationSpin = 0.02;  // radians a second
constexpr double kOrbitHeight = 2;     // radii above the ground
constexpr std::uint32_t kScenery = 2;  // planets of each system that nobody names

std::uint64_t seed_of(const std::string& system, const std::string& name, std::uint64_t seed) {
  return asset_id(system + "/" + name).value ^ seed;
}

WorldVector direction_of(double latitude, double longitude) {
  return {std::cos(latitude) * std::cos(longitude), std::cos(latitude) * std::sin(longitude),
          std::sin(latitude)};
}

// The shortest turn from z to `up`.
WorldRotation turn_to(WorldVector up) {
  if (up.z < -0.999999) return {1, 0, 0, 0};
  return normalized({-up.y, up.x, 0, 1 + up.z});
}

Site make_site(const StarSystem& system, const std::string& name, bool is_planet,
               std::uint64_t seed) {
  Prng prng(seed_of(system.name, name, seed));
  const double turn = prng.between(0, 2 * std::numbers::pi);
  const double away = 1e10 * std::pow(40.0, prng.unit());
  Site site{.name = name, .is_planet = is_planet, .position = {}, .zones = {}};
  site.position = {away * std::cos(turn), away * std::sin(turn), away * prng.between(-0.05, 0.05)};
  site.radius = is_planet ? prng.between(kPlanetRadiusMin, kPlanetRadiusMax) : kStationRadius;
  // A planet turns once in six hours to three days.
  site.spin = is_planet ? 2 * std::numbers::pi / (3600 * prng.between(6, 72)) : kStationSpin;
  return site;
}

void add_zone(Site& site, const std::string& name, const LogEvent& event, std::uint64_t seed) {
  const auto same = [&](const Zone& zone) { return zone.name == name; };
  if (std::any_of(site.zones.begin(), site.zones.end(), same)) return;
  Prng prng(seed_of(site.name, name, seed));
  const double degree = std::numbers::pi / 180;
  const WorldVector up =
      event.spot ? direction_of(event.spot->latitude * degree, event.spot->longitude * degree)
                 : direction_of(prng.between(-1, 1), prng.between(0, 6.28));
  site.zones.push_back({.name = name, .pose = {WorldPosition{} + up * site.radius, turn_to(up)}});
}

bool names_planet(LogEventKind kind) {
  return kind == LogEventKind::approach_body || kind == LogEventKind::touchdown ||
         kind == LogEventKind::liftoff;
}

// What is a planet has to be known before anything is made of the name.
void add_planets(StarMap& map, const std::vector<LogEvent>& log, std::uint64_t seed) {
  for (const LogEvent& event : log) {
    if (event.system.empty()) continue;
    std::uint32_t at = find_system(map, event.system);
    if (at == map.systems.size()) map.systems.push_back({.name = event.system, .sites = {}});
    StarSystem& system = map.systems[at];
    if (!names_planet(event.kind) || event.body.empty()) continue;
    if (find_site(system, event.body) == kNoSite) {
      system.sites.push_back(make_site(system, event.body, true, seed));
    }
  }
}

void add_zones_and_stations(StarMap& map, const std::vector<LogEvent>& log, std::uint64_t seed) {
  for (const LogEvent& event : log) {
    if (event.system.empty()) continue;
    StarSystem& system = map.systems[find_system(map, event.system)];
    const std::uint32_t body = find_site(system, event.body);
    const bool on_planet = body != kNoSite && system.sites[body].is_planet;
    if (on_planet && event.spot) add_zone(system.sites[body], zone_name(event), event, seed);
    if (on_planet && !event.station.empty()) {
      add_zone(system.sites[body], event.station, event, seed);
      continue;
    }
    for (const std::string& name : {event.station, event.body}) {
      if (name.empty() || on_planet || find_site(system, name) != kNoSite) continue;
      system.sites.push_back(make_site(system, name, false, seed));
    }
  }
}

}  // namespace

StarMap make_star_map(const std::vector<LogEvent>& log, std::uint64_t seed) {
  StarMap map;
  add_planets(map, log, seed);
  add_zones_and_stations(map, log, seed);
  for (StarSystem& system : map.systems) {
    for (Site& site : system.sites) {
      if (site.is_planet && site.zones.empty()) add_zone(site, "", {}, seed);
    }
    for (std::uint32_t i = 0; i < kScenery; ++i) {
      system.sites.push_back(make_site(system, "scenery " + std::to_string(i), true, seed));
      add_zone(system.sites.back(), "", {}, seed);
    }
  }
  return map;
}

std::uint32_t find_system(const StarMap& map, const std::string& name) {
  const auto found = std::find_if(map.systems.begin(), map.systems.end(),
                                  [&](const StarSystem& system) { return system.name == name; });
  return static_cast<std::uint32_t>(found - map.systems.begin());
}

std::uint32_t find_site(const StarSystem& system, const std::string& name) {
  const auto found = std::find_if(system.sites.begin(), system.sites.end(),
                                  [&](const Site& site) { return site.name == name; });
  if (found == system.sites.end()) return kNoSite;
  return static_cast<std::uint32_t>(found - system.sites.begin());
}

std::string zone_name(const LogEvent& event) {
  if (!event.spot) return {};
  // A fiftieth of a degree.
  return text_of("%.2f/%.2f", std::round(event.spot->latitude * 50) / 50,
                 std::round(event.spot->longitude * 50) / 50);
}

Place arrival_in(std::uint32_t system) {
  return {.system = system, .at = {kArrival, 0, 0}, .near = 1e8};
}

Place above_zone(const StarMap& map, std::uint32_t system, std::uint32_t site, std::uint32_t zone,
                 double height) {
  const Zone& over = map.systems[system].sites[site].zones[zone];
  return {.system = system,
          .site = site,
          .at = to_outer(over.pose, WorldPosition{0, 0, height}),
          .near = height};
}

Place orbit_of(const StarMap& map, std::uint32_t system, std::uint32_t site, std::uint32_t zone) {
  const double radius = map.systems[system].sites[site].radius;
  return above_zone(map, system, site, zone, kOrbitHeight * radius);
}

Place ground_of(const StarMap& map, std::uint32_t system, std::uint32_t site, std::uint32_t zone) {
  Place place = above_zone(map, system, site, zone, 5);
  place.near = 50;
  return place;
}

Place bay_of(std::uint32_t system, std::uint32_t site) {
  return {.system = system, .site = site, .at = {0, 0, 5}, .near = 30};
}

Place outside_of(std::uint32_t system, std::uint32_t site, double distance) {
  return {.system = system, .site = site, .at = {0, 0, distance}, .near = distance};
}

Pose site_pose(const Site& site, double seconds) {
  const double half = site.spin * seconds / 2;
  return {site.position, {0, 0, std::sin(half), std::cos(half)}};
}

}  // namespace nf::bench
