#include "tools/nearfield/flight.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tools/nearfield/vector_math.h"

namespace nf {
namespace {

// Points that a constant speed reaches at the same moment are one: times must ascend.
std::vector<TracePoint> timed_by_speed(const std::vector<TracePoint>& trace, double speed) {
  std::vector<TracePoint> timed;
  double travelled = 0;
  for (const TracePoint& point : trace) {
    if (!timed.empty()) travelled += distance(timed.back().position, point.position);
    const double seconds = travelled / speed;
    if (!timed.empty() && seconds <= timed.back().seconds) continue;
    timed.push_back({.seconds = seconds, .position = point.position});
  }
  return timed;
}

void cut_at(std::vector<TracePoint>& points, double seconds) {
  if (points.back().seconds <= seconds) return;
  std::size_t hint = 0;
  const WorldPosition end = sample_trace(points, seconds, hint).position;
  while (points.size() > 1 && points.back().seconds >= seconds) points.pop_back();
  if (seconds > points.back().seconds) points.push_back({.seconds = seconds, .position = end});
}

// By how much the way from one to the other may be too long since both are doubles.
double rounding_of(WorldPosition a, WorldPosition b) {
  double largest = 0;
  for (const double at : {a.x, a.y, a.z, b.x, b.y, b.z}) largest = std::max(largest, std::abs(at));
  return 2 * std::numeric_limits<double>::epsilon() * largest;
}

}  // namespace

double Flight::metres_until(double moment) const {
  double travelled = 0;
  for (std::size_t i = 1; i < points.size() && points[i - 1].seconds < moment; ++i) {
    const double step = distance(points[i - 1].position, points[i].position);
    const double seconds_of_step = points[i].seconds - points[i - 1].seconds;
    travelled += step * std::min(1.0, (moment - points[i - 1].seconds) / seconds_of_step);
  }
  return travelled;
}

double Flight::speed_max() const {
  double fastest = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const double metres = distance(points[i - 1].position, points[i].position);
    const double exact = metres - rounding_of(points[i - 1].position, points[i].position);
    fastest = std::max(fastest, exact / (points[i].seconds - points[i - 1].seconds));
  }
  return fastest;
}

TraceSample Flight::at(double moment, std::size_t& hint) const {
  // A trace stands still before its first point and after its last one.
  constexpr double kMoment = 1e-6;
  return sample_trace(points, std::max(moment, kMoment), hint);
}

Flight map_trace(std::vector<TracePoint> trace, const TraceMapping& mapping) {
  const double start = trace.front().seconds;
  for (TracePoint& point : trace) {
    point.seconds -= start;
    const WorldVector from_zero = point.position - WorldPosition{};
    point.position = WorldPosition{} + sum(mapping.origin, scaled(from_zero, mapping.scale));
  }
  if (mapping.speed) trace = timed_by_speed(trace, *mapping.speed);
  if (mapping.seconds_max) cut_at(trace, *mapping.seconds_max);
  return {.name = "trace", .points = std::move(trace)};
}

Result<Flight> load_trace_flight(const std::string& path, const TraceMapping& mapping,
                                 std::string& detail) {
  Result<std::vector<TracePoint>> trace = read_trace(path, detail);
  if (!trace) return trace.error();
  Flight flight = map_trace(std::move(*trace), mapping);
  flight.name = "trace " + path;
  return flight;
}

}  // namespace nf
