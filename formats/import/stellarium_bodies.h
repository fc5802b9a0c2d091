// stellarium_bodies: the bodies that Stellarium's ssystem_*.ini describe: size, orbit, axis, files.
//
// Pure functions, any thread. Strict about what is read: a number that is none, a negative size, an
// orbit that leads nowhere are errors that name the line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/result.h>

#include "formats/import/stellarium_orbits.h"

namespace nf {

enum class OrbitKind : std::uint8_t {
  none,      // the centre of the system
  elements,  // about the parent, in the plane of its equator, or of the ecliptic about the star
  program,   // "..._special": computed by the program, not described in the package
};

struct StellariumBody {
  std::string name;
  std::string parent;  // a body's name; empty: the star's
  std::string type;    // "planet", "moon", "comet" ...
  std::uint32_t line = 0;
  double radius = 0;  // metres
  OrbitKind orbit_kind = OrbitKind::none;
  OrbitElements orbit;
  double period = 0;  // days, negative if it goes round backwards; 0: not given
  // Where it is turned to at J2000: by its north pole, or by the tilt against its parent's equator.
  bool has_pole = false;
  double pole_right_ascension = 0;
  double pole_declination = 0;
  double spin = 0;       // of the prime meridian from the node
  double spin_rate = 0;  // radians a day; 0: not given
  double tilt = 0;       // without a pole
  double ascending_node = 0;
  std::string texture, normals, ring_texture, model;  // files' names; empty: none
};

inline constexpr std::size_t kStellariumBodiesMax = 100'000;

// Appends the bodies of one file. Hidden ones (the program's own observers) are left out.
// The error's subject is the line; `problem` says what is wrong with it.
Result<void> parse_bodies(std::string_view ini, std::vector<StellariumBody>& bodies,
                          std::string& problem);

// "+20d11'27"" or "46.2", degrees, with E, W, N or S behind it or not. False if it is neither.
bool parse_angle(std::string_view text, double& radians);

}  // namespace nf
