// StarMap: the star systems that a log tells of, made up from its names and a seed: planets that
// turn, landing zones on them, stations. The log says what there is, chance where and how large.
//
// Plain data; pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/types.h>

#include "bench/replay/jump_log.h"
#include "core/world/pose.h"

namespace nf::bench {

struct Zone {
  std::string name;  // of the station there, or where it is in degrees
  Pose pose;         // in the planet's frame, z upwards; its origin is on the ground
};

// A thing that somebody can be at.
struct Site {
  std::string name;
  bool is_planet = false;
  WorldPosition position;   // in the system's frame
  double radius = 0;        // metres
  double spin = 0;          // radians a second about z
  std::vector<Zone> zones;  // of a planet
};

struct StarSystem {
  std::string name;
  std::vector<Site> sites;
};

struct StarMap {
  std::vector<StarSystem> systems;  // in the order in which the log names them
};

inline constexpr std::uint32_t kNoSite = ~0u;

// Where somebody can be: a point of a site's frame, or of the system's.
struct Place {
  std::uint32_t system = 0;
  std::uint32_t site = kNoSite;
  WorldPosition at;
  double near = 1;  // metres from here over which one comes to rest

  friend bool operator==(const Place& a, const Place& b) {
    return a.system == b.system && a.site == b.site && a.at.x == b.at.x && a.at.y == b.at.y &&
           a.at.z == b.at.z;
  }
};

StarMap make_star_map(const std::vector<LogEvent>& log, std::uint64_t seed);
// None of that name: kNoSite, or the number of systems.
std::uint32_t find_system(const StarMap& map, const std::string& name);
std::uint32_t find_site(const StarSystem& system, const std::string& name);

// "12.34/-5.60": where a log sets down, to some hundreds of metres; empty without a spot.
std::string zone_name(const LogEvent& event);

Place arrival_in(std::uint32_t system);  // where one comes out of a jump
Place orbit_of(const StarMap& map, std::uint32_t system, std::uint32_t site, std::uint32_t zone);
Place above_zone(const StarMap& map, std::uint32_t system, std::uint32_t site, std::uint32_t zone,
                 double height);
Place ground_of(const StarMap& map, std::uint32_t system, std::uint32_t site, std::uint32_t zone);
Place bay_of(std::uint32_t system, std::uint32_t site);
Place outside_of(std::uint32_t system, std::uint32_t site, double distance);

Pose site_pose(const Site& site, double seconds);  // in the system's frame

}  // namespace nf::bench
