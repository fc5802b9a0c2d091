#include "tools/nearfield/route.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

#include "core/base/assert.h"
#include "tools/nearfield/nearest_set.h"
#include "tools/nearfield/vector_math.h"
#include "tools/nearfield/world_shape.h"

namespace nf {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kPointEveryMin = 1.0 / 60, kPointEveryMax = 0.25;  // seconds of flight
constexpr double kPointsALeg = 16;                                  // or more
constexpr double kTurnMax =
    2;  // seconds over which a corner is rounded; at most a quarter of a leg

constexpr double kStrideSeconds = 1;  // a tour's next stop is at least this far away

// From one place to another: straight, or along a sphere with the height changing evenly.
struct Leg {
  WorldPosition from, to;
  bool curved = false;
  WorldPosition center;
  double length = 0;
};

Leg make_leg(WorldPosition from, WorldPosition to, std::optional<WorldPosition> center) {
  Leg leg{.from = from, .to = to, .curved = false, .center = {}, .length = distance(from, to)};
  if (!center) return leg;
  const WorldVector a = from - *center, b = to - *center;
  const double angle = std::atan2(length(cross(a, b)), dot(a, b));
  // Opposite ends have no one arc between them.
  if (angle < 1e-9 || angle > 0.999 * kPi) return leg;
  leg.curved = true;
  leg.center = *center;
  leg.length = std::hypot(angle * (length(a) + length(b)) / 2, length(b) - length(a));
  return leg;
}

WorldPosition point_on(const Leg& leg, double part) {
  if (!leg.curved) return leg.from + scaled(leg.to - leg.from, part);
  const WorldVector a = leg.from - leg.center, b = leg.to - leg.center;
  const double angle = std::atan2(length(cross(a, b)), dot(a, b));
  const WorldVector direction = sum(scaled(unit(a), std::sin((1 - part) * angle) / std::sin(angle)),
                                    scaled(unit(b), std::sin(part * angle) / std::sin(angle)));
  const double radius = length(a) + (length(b) - length(a)) * part;
  return leg.center + scaled(direction, radius);
}

// The legs of a route, one after the other; none: it is over.
using Legs = std::function<std::optional<Leg>()>;

struct Walk {
  std::vector<WorldPosition> points;
  double leg_points = 0;  // a leg has, on average
};

// Points at even distances along the legs.
Walk walk_legs(const Legs& next_leg, double step, std::size_t count) {
  std::vector<WorldPosition> points;
  std::size_t legs = 0;
  double into_leg = 0;  // of the next point
  std::size_t empty_legs = 0;
  while (points.size() < count) {
    const std::optional<Leg> leg = next_leg();
    if (!leg) break;
    ++legs;
    // All leaves in one place: a route that never gets anywhere must still end.
    empty_legs = leg->length > 0 ? 0 : empty_legs + 1;
    if (empty_legs > 1000) break;
    while (into_leg <= leg->length && points.size() < count) {
      points.push_back(point_on(*leg, leg->length > 0 ? into_leg / leg->length : 0));
      if (leg->length == 0) break;
      into_leg += step;
    }
    into_leg = std::max(0.0, into_leg - leg->length);
  }
  const double leg_points =
      static_cast<double>(points.size()) / static_cast<double>(std::max<std::size_t>(legs, 1));
  return {std::move(points), leg_points};
}

// The mean over `half` points on each side, fewer near the ends, which stay where they are.
std::vector<WorldPosition> averaged(const std::vector<WorldPosition>& points, std::size_t half) {
  std::vector<WorldPosition> result(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t reach = std::min({half, i, points.size() - 1 - i});
    WorldVector
        total;  // from the middle point: coordinates of planets are large, differences are not
    for (std::size_t j = i - reach; j <= i + reach; ++j) total = sum(total, points[j] - points[i]);
    result[i] = points[i] + scaled(total, 1 / static_cast<double>(2 * reach + 1));
  }
  return result;
}

Flight fly_legs(const std::function<Legs()>& begin, const RouteOptions& options) {
  // Once in large steps, to know how long the legs are.
  const auto count = [&](double every) {
    return static_cast<std::size_t>(options.seconds / every) + 1;
  };
  double every = kPointEveryMax;
  Walk walk = walk_legs(begin(), options.speed * every, count(every));
  const double leg_seconds = walk.leg_points * every;
  every = std::clamp(leg_seconds / kPointsALeg, kPointEveryMin, kPointEveryMax);
  if (every < kPointEveryMax) walk = walk_legs(begin(), options.speed * every, count(every));

  // Twice: once rounds a corner into two bends, the second time bends become curves.
  const double turn_seconds = std::min(leg_seconds / 4, kTurnMax);
  const std::size_t half = static_cast<std::size_t>(turn_seconds / every / 2);
  const std::vector<WorldPosition> points = averaged(averaged(walk.points, half), half);
  Flight flight{.name = std::string("route ") + route_name(options.kind), .points = {}};
  for (std::size_t i = 0; i < points.size(); ++i) {
    flight.points.push_back({.seconds = static_cast<double>(i) * every, .position = points[i]});
  }
  return flight;
}

// The stops of a tour: always the nearest leaf that was not passed yet. What lies within `stride`
// of a stop is passed with it. After the last stop it begins again.
class TourStops {
 public:
  TourStops(const WorldShape& shape, double stride)
      : centers_(shape.centers()), stride_(stride), rest_(centers_) {
    stops_.push_back(rest_.take_nearest(centers_[shape.crowded_leaf()]));
  }

  std::uint32_t here() const { return here_; }
  // False: there is nothing but the first stop.
  bool move_on() {
    const WorldPosition from = centers_[stops_[at_]];
    if (at_ + 1 == stops_.size()) {
      while (rest_.left() > 0 && at_ + 1 == stops_.size()) {
        const std::uint32_t leaf = rest_.take_nearest(from);
        if (distance(from, centers_[leaf]) >= stride_) stops_.push_back(leaf);
      }
    }
    if (stops_.size() == 1) return false;
    at_ = (at_ + 1) % stops_.size();
    here_ = stops_[at_];
    return true;
  }
  std::uint32_t first() const { return stops_.front(); }

 private:
  const std::vector<WorldPosition>& centers_;
  double stride_;
  NearestSet rest_;
  std::vector<std::uint32_t> stops_;
  std::size_t at_ = 0;
  std::uint32_t here_ = 0;
};

// None if all leaves are within `stride` of one.
std::optional<Legs> tour_legs(WorldShape& shape, double stride) {
  if (!TourStops(shape, stride).move_on()) return std::nullopt;
  const auto stops = std::make_shared<TourStops>(shape, stride);
  return [stops, &shape, from = stops->first()]() mutable -> std::optional<Leg> {
    stops->move_on();
    const std::uint32_t to = stops->here();
    const Leg leg =
        make_leg(shape.centers()[from], shape.centers()[to], shape.shell_center(from, to));
    from = to;
    return leg;
  };
}

std::uint32_t farthest_from(const WorldShape& shape, WorldPosition place) {
  std::uint32_t best = 0;
  for (std::uint32_t i = 1; i < shape.centers().size(); ++i) {
    if (distance(place, shape.centers()[i]) > distance(place, shape.centers()[best])) best = i;
  }
  return best;
}

WorldPosition middle_of(const WorldShape& shape) {
  WorldVector total;
  const WorldPosition origin = shape.centers()[0];
  for (const WorldPosition& center : shape.centers()) total = sum(total, center - origin);
  return origin + scaled(total, 1 / static_cast<double>(shape.centers().size()));
}

// There and back, until time is up.
Legs line_legs(WorldShape& shape, const World& world) {
  const std::uint32_t a = farthest_from(shape, middle_of(shape));
  const std::uint32_t b = farthest_from(shape, shape.centers()[a]);
  WorldPosition from = shape.centers()[a], to = shape.centers()[b];
  if (distance(from, to) == 0) {
    // One place only: fly in from outside and out again.
    const Place& place = world.place(shape.leaves()[a]);
    const double reach =
        2.0 * (static_cast<double>(place.load_distance) +
               length({place.half_extent.x, place.half_extent.y, place.half_extent.z}));
    from = from + WorldVector{-reach, 0, 0};
    to = to + WorldVector{reach, 0, 0};
  }
  const Leg there = make_leg(from, to, shape.shell_center(a, b));
  const Leg back = make_leg(to, from, shape.shell_center(a, b));
  return [there, back, forth = false]() mutable -> std::optional<Leg> {
    forth = !forth;
    return forth ? there : back;
  };
}

// A circle as many short legs: around the sphere that the containers lie on, or around their middle
// at half the distance of the farthest.
Legs orbit_legs(WorldShape& shape, const World& world) {
  const std::uint32_t a = farthest_from(shape, middle_of(shape));
  const std::uint32_t b = farthest_from(shape, shape.centers()[a]);
  const std::optional<WorldPosition> shell = shape.shell_center(a, b);
  const WorldPosition center = shell ? *shell : middle_of(shape);
  const WorldVector out = shape.centers()[shell ? 0 : a] - center;
  double radius = length(out) * (shell ? 1.0 : 0.5);
  if (radius == 0)
    radius = 2.0 * static_cast<double>(world.place(shape.leaves()[0]).load_distance) + 1;

  // The plane: through the leaf that is farthest from the first direction's line.
  const WorldVector u = unit(out);
  WorldVector across;
  for (const WorldPosition& leaf : shape.centers()) {
    const WorldVector v = leaf - center;
    const WorldVector side = sum(v, scaled(u, -dot(v, u)));
    if (length(side) > length(across)) across = side;
  }
  if (length(across) <= 1e-9 * radius)
    across = cross(u, std::abs(u.z) < 0.9 ? WorldVector{0, 0, 1} : WorldVector{1, 0, 0});
  const WorldVector w = unit(across);
  constexpr int kLegs = 720;
  const auto at = [=](int i) {
    const double angle = 2 * kPi * i / kLegs;
    return center + sum(scaled(u, radius * std::cos(angle)), scaled(w, radius * std::sin(angle)));
  };
  return [=, i = 0]() mutable -> std::optional<Leg> {
    const Leg leg = make_leg(at(i % kLegs), at((i + 1) % kLegs), center);
    ++i;
    return leg;
  };
}

}  // namespace

const char* route_name(RouteKind kind) {
  switch (kind) {
    case RouteKind::tour: return "tour";
    case RouteKind::line: return "line";
    case RouteKind::orbit: return "orbit";
  }
  return "";
}

std::optional<RouteKind> find_route(const std::string& name) {
  for (const RouteKind kind : {RouteKind::tour, RouteKind::line, RouteKind::orbit}) {
    if (name == route_name(kind)) return kind;
  }
  return std::nullopt;
}

std::optional<Flight> make_route(const World& world, const RouteOptions& options) {
  NF_ASSERT(options.speed > 0 && options.seconds >= 0);
  WorldShape shape(world);
  if (shape.leaves().empty()) return std::nullopt;

  const auto begin = [&]() -> Legs {
    if (options.kind == RouteKind::orbit) return orbit_legs(shape, world);
    std::optional<Legs> tour;
    if (options.kind == RouteKind::tour) tour = tour_legs(shape, options.speed * kStrideSeconds);
    return tour ? *tour : line_legs(shape, world);
  };
  Flight flight = fly_legs(begin, options);
  if (flight.points.empty())
    flight.points.push_back({.seconds = 0, .position = shape.centers()[0]});
  return flight;
}

}  // namespace nf
