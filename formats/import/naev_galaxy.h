// naev_galaxy: Naev's star systems, their jumps and what stands in them, from dat/ssys and
// dat/assets.
//
// Pure functions, any thread. Lengths are as Naev has them: units of its galaxy map between
// systems, and within a system units that are drawn as a pixel each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/result.h>

namespace nf {

struct NaevPoint {
  double x = 0;
  double y = 0;
};

struct NaevJump {
  std::string target;  // a system's name
  bool on_rim = true;  // on the system's radius, in the direction of the target
  NaevPoint at;        // else
};

struct NaevSystem {
  std::string name;
  NaevPoint on_map;
  double radius = 0;
  std::vector<std::string> spobs;  // names; some stand for no place
  std::vector<NaevJump> jumps;
};

// A planet, a station, a rock: something that stands still in one system.
struct NaevSpob {
  std::string name;
  bool has_place = false;
  NaevPoint at;
  std::string space_picture;  // file names; empty: none
  std::string exterior_picture;
};

// The error's subject is a line if the XML itself is at fault. `problem` says what is wrong.
Result<NaevSystem> parse_naev_system(std::string_view xml, std::string& problem);
Result<NaevSpob> parse_naev_spob(std::string_view xml, std::string& problem);

// Where the jump stands in the system.
NaevPoint place_of(const NaevJump& jump, const NaevSystem& system, const NaevSystem& target);

}  // namespace nf
