#include <algorithm>
#include <cmath>
#include <numbers>

#include "formats/import/generate_plan.h"

namespace nf {

namespace {

constexpr double kSpeed = 250;         // metres a second
constexpr double kHeight = 60;         // metres over the ground
constexpr double kStep = 0.1;          // seconds
constexpr double kTransitSpeed = 9e3;  // mean, from body to body
constexpr double kTransitSecondsMin = 20;
constexpr std::size_t kZonesABody = 5;
constexpr std::size_t kBodiesMax = 3;
constexpr double kEndSpeed = 5;  // at the end, low over the last zone
constexpr double kTourSecondsMin = 20;

WorldPosition mixed(WorldPosition a, WorldPosition b, double t) {
  return {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.z + (b.z - a.z) * t};
}

double length(WorldVector v) {
  return std::hypot(v.x, v.y, v.z);
}

class Tour {
 public:
  std::vector<RoutePoint> take() { return std::move(points_); }

  void start(WorldPosition at) { points_.push_back({.seconds = 0, .position = at}); }

  // Moves on in even steps; `place` takes 0 to 1.
  template <class Place>
  void move(double seconds, Place place) {
    const auto steps = static_cast<int>(std::ceil(seconds / kStep));
    const double from = points_.back().seconds;
    for (int i = 1; i <= steps; ++i) {
      const double part = static_cast<double>(i) / steps;
      points_.push_back({.seconds = from + seconds * part, .position = place(part)});
    }
  }

  WorldPosition here() const { return points_.back().position; }

 private:
  std::vector<RoutePoint> points_;
};

// Over the ground from here to there: on the great circle, the height changing evenly.
void fly_over(Tour& tour, WorldPosition center, WorldPosition to) {
  const WorldVector a = tour.here() - center;
  const WorldVector b = to - center;
  const double a_length = length(a);
  const double b_length = length(b);
  const double cosine = (a.x * b.x + a.y * b.y + a.z * b.z) / (a_length * b_length);
  const double angle = std::acos(std::clamp(cosine, -1.0, 1.0));
  if (angle < 1e-9) return;
  tour.move(angle * a_length / kSpeed, [&](double t) {
    const double u = std::sin((1 - t) * angle) / std::sin(angle) / a_length;
    const double v = std::sin(t * angle) / std::sin(angle) / b_length;
    const double r = a_length + (b_length - a_length) * t;
    return center +
           WorldVector{(a.x * u + b.x * v) * r, (a.y * u + b.y * v) * r, (a.z * u + b.z * v) * r};
  });
}

// Sets out and arrives at kSpeed; in between the speed swells and ebbs as a cosine does.
void fly_across(Tour& tour, WorldPosition to) {
  const WorldPosition from = tour.here();
  const double distance = length(to - from);
  const double seconds = std::max(kTransitSecondsMin, distance / kTransitSpeed);
  const double even = std::min(kSpeed * seconds / distance, 1.0);
  tour.move(seconds, [&](double t) {
    const double swell = t - std::sin(2 * std::numbers::pi * t) / (2 * std::numbers::pi);
    return mixed(from, to, even * t + (1 - even) * swell);
  });
}

// Slows down evenly to a walk.
void land(Tour& tour, WorldPosition to) {
  const WorldPosition from = tour.here();
  const double distance = length(to - from);
  const double seconds = std::max(2 * distance / (kSpeed + kEndSpeed), 1.0);
  const double swift = kSpeed / (kSpeed + kEndSpeed) * 2;
  tour.move(seconds, [&](double t) { return mixed(from, to, swift * t + (1 - swift) * t * t); });
}

WorldPosition over(const PlanContainer& zone, WorldPosition center, double height) {
  const WorldVector up = zone.world_position - center;
  const double lift = height / length(up);
  return zone.world_position + WorldVector{up.x * lift, up.y * lift, up.z * lift};
}

// A place at the height of `to`, `seconds` of flight away over the ground.
WorldPosition away_from(WorldPosition to, WorldPosition center, double seconds) {
  const WorldVector up = to - center;
  const double radius = length(up);
  // Across: the axis that lies flattest, made level.
  const WorldVector axis =
      std::abs(up.x) < std::abs(up.y) ? WorldVector{1, 0, 0} : WorldVector{0, 1, 0};
  const double along = (axis.x * up.x + axis.y * up.y + axis.z * up.z) / (radius * radius);
  const WorldVector level = {axis.x - up.x * along, axis.y - up.y * along, axis.z - up.z * along};
  const double angle = std::min(seconds * kSpeed / radius, 0.5 * std::numbers::pi);
  const double u = std::cos(angle);
  const double v = std::sin(angle) * radius / length(level);
  return center +
         WorldVector{up.x * u + level.x * v, up.y * u + level.y * v, up.z * u + level.z * v};
}

// `approach`: seconds over the ground before the first zone.
std::vector<RoutePoint> fly_tour(const WorldPlan& plan, double approach) {
  const auto& all = plan.containers;
  Tour tour;
  std::size_t zone = 0;
  WorldPosition last_center;
  for (std::size_t bodies = 0; bodies < kBodiesMax && zone < plan.zones.size(); ++bodies) {
    const std::uint32_t body = all[plan.zones[zone]].parent;
    const WorldPosition center = all[body].world_position;
    last_center = center;
    std::size_t visited = 0;
    for (; zone < plan.zones.size() && all[plan.zones[zone]].parent == body; ++zone, ++visited) {
      if (visited >= kZonesABody) continue;
      const WorldPosition at = over(all[plan.zones[zone]], center, kHeight);
      if (bodies == 0 && visited == 0) {
        tour.start(approach > 0 ? away_from(at, center, approach) : at);
        if (approach > 0) fly_over(tour, center, at);
      } else if (visited == 0) {
        // Up first: a straight line from zone to zone could pass through the ground.
        fly_across(tour, over(all[plan.zones[zone]], center, all[body].body_radius * 0.5));
        fly_across(tour, at);
      } else {
        fly_over(tour, center, at);
      }
    }
    const bool more = bodies + 1 < kBodiesMax && zone < plan.zones.size();
    if (!more) break;
    const WorldVector out = tour.here() - center;
    const double lift = all[body].body_radius * 0.5 / length(out);
    fly_across(tour, tour.here() + WorldVector{out.x * lift, out.y * lift, out.z * lift});
  }
  const WorldVector up = tour.here() - last_center;
  const double sink = (kHeight - 8) / length(up);
  land(tour, tour.here() + WorldVector{-up.x * sink, -up.y * sink, -up.z * sink});
  return tour.take();
}

}  // namespace

std::vector<RoutePoint> plan_tour(const WorldPlan& plan) {
  std::vector<RoutePoint> tour = fly_tour(plan, 0);
  const double missing = tour.empty() ? 0 : kTourSecondsMin - tour.back().seconds;
  // A small world has one zone or two: the tour begins outside and comes in.
  return missing > 0 ? fly_tour(plan, missing) : tour;
}

}  // namespace nf
