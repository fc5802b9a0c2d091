// Traces: recorded movement, `t_seconds,x,y,z` a line, metres in the world's root frame.
//
// A heading may name the four columns, and then gives their order; a heading of other words stands
// over columns in that order. Times ascend, strictly. Blank lines, lines that start with # and
// spaces around numbers mean nothing. The error's subject is the line; `detail` is a sentence that
// names line, column and cause. Pure but for `read_trace`; any thread.
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

Result<std::vector<TracePoint>> parse_trace(std::string_view text, std::string& detail);
Result<std::vector<TracePoint>> parse_trace(std::string_view text);
// A folder is refused as one that cannot be opened.
Result<std::vector<TracePoint>> read_trace(const std::string& path, std::string& detail);

// Position and velocity at a moment, linear between points, clamped to the ends.
struct TraceSample {
  WorldPosition position;
  WorldVector velocity;
};
TraceSample sample_trace(const std::vector<TracePoint>& trace, double seconds, std::size_t& hint);

}  // namespace nf
