// When a moving sphere that grows first comes near a place.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/interest/wanted.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr int kAdvancesMax = 32;
constexpr double kTouch = 1e-3;  // metres: nearer is contact

// The growing sphere as seen from the place: its centre, and the radius at which they touch.
struct Approach {
  WorldVector from;
  WorldVector velocity;
  double radius = 0;
  double radius_rate = 0;
  double seconds = 0;  // how long it lasts

  WorldVector at(double t) const { return from + velocity * t; }
  double radius_at(double t) const { return radius + radius_rate * t; }
};

// Smallest root of a*t^2 + 2*b*t + c that lies after `start`, where the polynomial is positive.
double first_root_after(double start, double a, double b, double c) {
  const double under_root = b * b - a * c;
  if (under_root < 0) return kNever;
  // The form that adds numbers of one sign, and Vieta's rule for the other root.
  const double sum = b >= 0 ? -(b + std::sqrt(under_root)) : -b + std::sqrt(under_root);
  const double root = a != 0 ? sum / a : kNever;
  const double other = sum != 0 ? c / sum : kNever;
  const double low = std::min(root, other);
  const double high = std::max(root, other);
  if (low >= start) return low;
  return high >= start ? high : kNever;
}

// Seconds until |from + velocity * t| <= radius + radius_rate * t. Solved around the moment of
// closest approach: around t = 0 the squares of planetary distances would swallow the radius.
double time_to_center(const Approach& approach) {
  if (dot(approach.from, approach.from) <= approach.radius * approach.radius) return 0;
  const double speed_squared = dot(approach.velocity, approach.velocity);
  const double closest = speed_squared > 0
                             ? std::clamp(-dot(approach.from, approach.velocity) / speed_squared,
                                          0.0, approach.seconds)
                             : 0;
  const WorldVector from = approach.at(closest);
  const double radius = approach.radius_at(closest);
  const double a = speed_squared - approach.radius_rate * approach.radius_rate;
  const double b = dot(from, approach.velocity) - radius * approach.radius_rate;
  const double c = dot(from, from) - radius * radius;
  const double root = first_root_after(-closest, a, b, c);
  const double t = std::max(0.0, closest + root);
  return t <= approach.seconds ? t : kNever;
}

double outside(double coordinate, double half) {
  return coordinate - std::clamp(coordinate, -half, half);
}

// From a point inside the box to itself, else from the nearest point of the box to it.
WorldVector outside(WorldVector point, WorldVector half) {
  return {outside(point.x, half.x), outside(point.y, half.y), outside(point.z, half.z)};
}

// The gap is a convex function of time, so a Newton step from where it is open never passes the
// first contact, and where it no longer closes there is none. A graze that is not decided after
// all steps counts as contact: wanted in vain is the lesser harm.
double time_to_box(const Approach& approach, WorldVector half, double touch) {
  Approach around = approach;
  around.radius += length(half);
  double t = time_to_center(around);
  for (int step = 0; step < kAdvancesMax && t <= approach.seconds; ++step) {
    const WorldVector apart = outside(approach.at(t), half);
    const double distance = length(apart);
    const double gap = distance - approach.radius_at(t);
    if (gap <= touch || distance <= 0) return t;
    const double closing = approach.radius_rate - dot(apart, approach.velocity) / distance;
    if (!(closing > 0)) return kNever;
    t += gap / closing;
  }
  return t;
}

}  // namespace

Time first_contact(const Place& place, double reach, const ForecastPiece& piece) {
  if (place.kind == BoundsKind::none) return Time::never();
  if (piece.spread_rate == 0 && dot(piece.velocity, piece.velocity) == 0) {
    return distance_to(place, piece.start) <= reach + piece.spread ? piece.from : Time::never();
  }
  Approach approach{.from = piece.start - place.center,
                    .velocity = piece.velocity,
                    .radius = reach + piece.spread,
                    .radius_rate = piece.spread_rate,
                    .seconds = piece.length.seconds()};
  double t = kNever;
  if (place.kind == BoundsKind::sphere) {
    approach.radius += static_cast<double>(place.half_extent.x);
    t = time_to_center(approach);
  } else {
    const WorldRotation into_box = inverse(to_world(place.rotation));
    approach.from = rotate(into_box, approach.from);
    approach.velocity = rotate(into_box, approach.velocity);
    const double rounding = 16 * std::numeric_limits<double>::epsilon() *
                            (largest_coordinate(piece.start) + largest_coordinate(place.center));
    t = time_to_box(approach, to_world(place.half_extent), kTouch + rounding);
  }
  return t <= approach.seconds ? piece.from + Duration::from_seconds(t) : Time::never();
}

}  // namespace nf
