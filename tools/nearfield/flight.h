// Flight: where the observer is at each moment. A recorded trace, or a route made for a world;
// either way a list of points in time.
//
// Pure but for reading the trace's file; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "formats/trace/trace.h"

namespace nf {

struct Flight {
  std::string name;                // "route tour", "trace flight.csv"
  std::vector<TracePoint> points;  // at least one; the first at 0 seconds

  double seconds() const { return points.back().seconds; }
  double metres() const { return metres_until(seconds()); }
  double metres_until(double moment) const;  // of the way, along its points
  // Metres a second, of its fastest leg; but for what its coordinates are rounded to.
  double speed_max() const;
  // Clamped to the ends; at the start with the velocity that it begins with. `hint` starts at 0.
  TraceSample at(double seconds, std::size_t& hint) const;
};

struct TraceMapping {
  WorldVector origin;           // where the trace's 0,0,0 is in the world
  double scale = 1;             // metres of world for a metre of trace
  std::optional<double> speed;  // metres a second, instead of the trace's own timing
  std::optional<double> seconds_max;
};

// On failure `detail` says where and why, without the path.
Result<Flight> load_trace_flight(const std::string& path, const TraceMapping& mapping,
                                 std::string& detail);
Flight map_trace(std::vector<TracePoint> trace, const TraceMapping& mapping);

}  // namespace nf
