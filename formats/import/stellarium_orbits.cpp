#include "formats/import/stellarium_orbits.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nf {

namespace {

constexpr double kHalfTurn = 180 * kDegree;
constexpr double kObliquity = 23.4392911 * kDegree;  // of the ecliptic, J2000
constexpr double kGauss = 0.01720209895;             // radians a day at one astronomical unit
constexpr int kIterationsMax = 100;
constexpr double kEnough = 1e-14;

struct PlanePoint {
  double x = 0;  // towards the pericenter
  double y = 0;
};

PlanePoint on_ellipse(const OrbitElements& orbit, double mean_anomaly) {
  const double e = orbit.eccentricity;
  const double semi_major = orbit.pericenter_distance / (1 - e);
  const double mean = std::remainder(mean_anomaly, 2 * kHalfTurn);
  // From the apocenter Newton's steps approach the root from one side, however long the ellipse.
  double anomaly = e < 0.8 ? mean : std::copysign(kHalfTurn, mean);
  for (int i = 0; i < kIterationsMax; ++i) {
    const double step = (anomaly - e * std::sin(anomaly) - mean) / (1 - e * std::cos(anomaly));
    anomaly -= step;
    if (std::fabs(step) < kEnough) break;
  }
  return {semi_major * (std::cos(anomaly) - e),
          semi_major * std::sqrt(1 - e * e) * std::sin(anomaly)};
}

PlanePoint on_hyperbola(const OrbitElements& orbit, double mean_anomaly) {
  const double e = orbit.eccentricity;
  const double semi_major = orbit.pericenter_distance / (e - 1);
  double anomaly = std::asinh(mean_anomaly / e);
  for (int i = 0; i < kIterationsMax; ++i) {
    const double step =
        (e * std::sinh(anomaly) - anomaly - mean_anomaly) / (e * std::cosh(anomaly) - 1);
    anomaly -= step;
    if (std::fabs(step) < kEnough * std::max(1.0, std::fabs(anomaly))) break;
  }
  return {semi_major * (e - std::cosh(anomaly)),
          semi_major * std::sqrt(e * e - 1) * std::sinh(anomaly)};
}

// t + t^3 / 3 = m for t, the tangent of half the true anomaly.
PlanePoint on_parabola(const OrbitElements& orbit, double mean_anomaly) {
  const double half = 1.5 * mean_anomaly;
  const double root = std::cbrt(half + std::copysign(std::sqrt(half * half + 1), half));
  const double tangent = root - 1 / root;
  return {orbit.pericenter_distance * (1 - tangent * tangent),
          orbit.pericenter_distance * 2 * tangent};
}

struct NamedElements {
  std::string_view name;
  OrbitElements orbit;
};

constexpr NamedElements planet(std::string_view name, double semi_major_axis, double eccentricity,
                               double inclination, double mean_longitude,
                               double longitude_of_pericenter, double ascending_node,
                               double degrees_a_century) {
  return {name,
          {.pericenter_distance = semi_major_axis * kAstronomicalUnit * (1 - eccentricity),
           .eccentricity = eccentricity,
           .inclination = inclination * kDegree,
           .ascending_node = ascending_node * kDegree,
           .argument_of_pericenter = (longitude_of_pericenter - ascending_node) * kDegree,
           .mean_motion = degrees_a_century * kDegree / 36'525,
           .mean_anomaly = (mean_longitude - longitude_of_pericenter) * kDegree,
           .epoch = kJ2000}};
}

constexpr std::array kPlanets = {
    planet("Mercury", 0.38709927, 0.20563593, 7.00497902, 252.25032350, 77.45779628, 48.33076593,
           149472.67411175),
    planet("Venus", 0.72333566, 0.00677672, 3.39467605, 181.97909950, 131.60246718, 76.67984255,
           58517.81538729),
    planet("Earth", 1.00000261, 0.01671123, -0.00001531, 100.46457166, 102.93768193, 0,
           35999.37244981),
    planet("Mars", 1.52371034, 0.09339410, 1.84969142, -4.55343205, -23.94362959, 49.55953891,
           19140.30268499),
    planet("Jupiter", 5.20288700, 0.04838624, 1.30439695, 34.39644051, 14.72847983, 100.47390909,
           3034.74612775),
    planet("Saturn", 9.53667594, 0.05386179, 2.48599187, 49.95424423, 92.59887831, 113.66242448,
           1222.49362201),
    planet("Uranus", 19.18916464, 0.04725744, 0.77263783, 313.23810451, 170.95427630, 74.01692503,
           428.48202785),
    planet("Neptune", 30.06992276, 0.00859048, 1.77004347, -55.12002969, 44.96476227, 131.78422574,
           218.45945325),
    planet("Pluto", 39.48211675, 0.24882730, 17.14001206, 238.92903833, 224.06891629, 110.30393684,
           145.20780515),
};

struct NamedMass {
  std::string_view name;
  double mass_parameter;  // km^3 / s^2, of the planet and its moons
};
constexpr std::array kMasses = {
    NamedMass{"Earth", 403'503.2},       NamedMass{"Mars", 42'828.4},
    NamedMass{"Jupiter", 126'712'764.8}, NamedMass{"Saturn", 37'940'585.2},
    NamedMass{"Uranus", 5'794'548.6},    NamedMass{"Neptune", 6'836'527.1},
};

}  // namespace

Turn turn_about_x(double angle) {
  return {.x = std::sin(angle / 2), .y = 0, .z = 0, .w = std::cos(angle / 2)};
}

Turn turn_about_z(double angle) {
  return {.x = 0, .y = 0, .z = std::sin(angle / 2), .w = std::cos(angle / 2)};
}

Turn operator*(const Turn& a, const Turn& b) {
  return {.x = a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
          .y = a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
          .z = a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w,
          .w = a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z};
}

Turn inverse(const Turn& turn) {
  return {.x = -turn.x, .y = -turn.y, .z = -turn.z, .w = turn.w};
}

WorldPosition turned(const Turn& turn, const WorldPosition& at) {
  const Turn point = {.x = at.x, .y = at.y, .z = at.z, .w = 0};
  const Turn out = turn * point * inverse(turn);
  return {out.x, out.y, out.z};
}

Rotation to_rotation(const Turn& turn) {
  return {static_cast<float>(turn.x), static_cast<float>(turn.y), static_cast<float>(turn.z),
          static_cast<float>(turn.w)};
}

Turn equator_of_pole(double right_ascension, double declination) {
  return turn_about_x(-kObliquity) * turn_about_z(right_ascension + kHalfTurn / 2) *
         turn_about_x(kHalfTurn / 2 - declination);
}

WorldPosition position_at(const OrbitElements& orbit, double julian_day) {
  const double mean = orbit.mean_anomaly + orbit.mean_motion * (julian_day - orbit.epoch);
  const PlanePoint at = orbit.eccentricity < 1   ? on_ellipse(orbit, mean)
                        : orbit.eccentricity > 1 ? on_hyperbola(orbit, mean)
                                                 : on_parabola(orbit, mean);
  const Turn plane = turn_about_z(orbit.ascending_node) * turn_about_x(orbit.inclination) *
                     turn_about_z(orbit.argument_of_pericenter);
  return turned(plane, {at.x, at.y, 0});
}

double solar_mean_motion(double semi_major_axis) {
  const double axis = std::fabs(semi_major_axis) / kAstronomicalUnit;
  return kGauss / (axis * std::sqrt(axis));
}

double parabolic_mean_motion(double pericenter_distance) {
  return solar_mean_motion(pericenter_distance) / std::sqrt(2.0);
}

const OrbitElements* planet_elements(std::string_view name) {
  const auto found = std::find_if(kPlanets.begin(), kPlanets.end(),
                                  [&](const NamedElements& p) { return p.name == name; });
  return found == kPlanets.end() ? nullptr : &found->orbit;
}

double moon_distance(std::string_view planet, double mean_motion) {
  constexpr double kSecondsADay = 86'400;
  const auto found = std::find_if(kMasses.begin(), kMasses.end(),
                                  [&](const NamedMass& mass) { return mass.name == planet; });
  if (found == kMasses.end() || mean_motion == 0) return 0;
  const double a_second = mean_motion / kSecondsADay;
  return std::cbrt(found->mass_parameter * 1e9 / (a_second * a_second));
}

}  // namespace nf
