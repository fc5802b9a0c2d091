// stellarium_orbits: where a body of a solar system is at an instant, and how it is turned.
//
// Pure functions, any thread. Metres, days, radians; instants are Julian days (TT). Axes of the
// root are those of the ecliptic and equinox of J2000.
#pragma once

#include <string_view>

#include <nearfield/types.h>

namespace nf {

inline constexpr double kJ2000 = 2'451'545.0;
inline constexpr double kAstronomicalUnit = 149'597'870'700.0;
inline constexpr double kDegree = 3.14159265358979323846 / 180;

// A unit quaternion in doubles: takes directions of a frame to those of the frame it stands in.
struct Turn {
  double x = 0, y = 0, z = 0, w = 1;
};
Turn turn_about_x(double angle);
Turn turn_about_z(double angle);
Turn operator*(const Turn& outer, const Turn& inner);  // inner first
Turn inverse(const Turn& turn);
WorldPosition turned(const Turn& turn, const WorldPosition& at);
Rotation to_rotation(const Turn& turn);

// Axes of a body's equator by its north pole (right ascension and declination): x is the node of
// its equator on that of J2000, as in Archinal et al., "Report of the IAU Working Group on
// Cartographic Coordinates and Rotational Elements: 2015", figure 1. The prime meridian is reached
// by a further turn about z.
Turn equator_of_pole(double right_ascension, double declination);

// Conic about the parent, in the plane of reference that the parent's axes give.
struct OrbitElements {
  double pericenter_distance = 0;
  double eccentricity = 0;
  double inclination = 0;
  double ascending_node = 0;
  double argument_of_pericenter = 0;
  double mean_motion = 0;   // radians a day; negative: backwards
  double mean_anomaly = 0;  // at `epoch`
  double epoch = kJ2000;
};

// Kepler's equation, by Newton's method from where it converges for any mean anomaly (Danby,
// "Fundamentals of Celestial Mechanics", chapter 6); Barker's equation for a parabola.
WorldPosition position_at(const OrbitElements& orbit, double julian_day);

// Mean motion about the sun by Gauss's constant, from the semi-major axis in metres (of either
// sign), or from the pericenter distance of a parabola.
double solar_mean_motion(double semi_major_axis);
double parabolic_mean_motion(double pericenter_distance);

// Mean elements of a planet by its English name; null if it is none. Rounded elements for 1800 to
// 2050 at J2000: Standish and Williams, "Approximate Positions of the Planets", table 1. Good to
// minutes of arc: a likeness to stream, not an almanac.
const OrbitElements* planet_elements(std::string_view name);

// Metres from a planet, by its English name, at which a moon goes round it with that mean motion
// (Kepler's third law; mass parameters of the planets' systems as in JPL's ephemeris DE430); 0 if
// the planet is not known.
double moon_distance(std::string_view planet, double mean_motion);

}  // namespace nf
