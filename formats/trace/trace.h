// Traces: recorded movement, `t_seconds,x,y,z` a line, metres in the world's root frame.
//
// A first line that is not numbers is a heading. Times ascend, strictly. Blank lines may follow the
// last point and stand nowhere else. The error's subject is the line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

struct TracePoint {
  double seconds = 0;
  WorldPosition position;
};

inline constexpr std::size_t kTracePointsMax = 50'000'000;

Result<std::vector<TracePoint>> parse_trace(std::string_view text);
Result<std::vector<TracePoint>> read_trace(const std::string& path);

// Position and velocity at a moment, linear between points, clamped to the ends.
struct TraceSample {
  WorldPosition position;
  WorldVector velocity;
};
TraceSample sample_trace(const std::vector<TracePoint>& trace, double seconds, std::size_t& hint);

}  // namespace nf
