// A match as a server sees it: many objects on one clock, each there for a while. Recorded as
// t_seconds, id, x, y, z, metres.
//
// Pure; any thread. Refuses a recording with a sentence that names file and line, as BadInput.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/observer.h>
#include <nearfield/types.h>

#include "formats/trace/trace.h"

namespace nf::bench {

// One object from when it appears until it vanishes: somebody who is away for longer than
// kAwaySeconds, or is elsewhere all of a sudden, vanishes and appears anew.
struct Track {
  std::vector<TracePoint> points;  // at least one; ascending by time
  bool again = false;              // of somebody who was there before

  double begin() const { return points.front().seconds; }
  double end() const { return points.back().seconds; }
};

struct Match {
  std::vector<Track> tracks;  // ascending by begin
  WorldPosition low, high;    // the corners of the box that holds all points
  double end = 0;             // seconds; it begins at 0
};

inline constexpr double kAwaySeconds = 10;
inline constexpr double kTrackSpeedMax = 2000;  // metres a second; beyond, it is a jump
inline constexpr std::size_t kMatchRowsMax = 20'000'000;

Match parse_match(const std::string& file, std::string_view text);

// How many of these spans of time have a moment in common, at most; both ends belong to a span.
struct TimeSpan {
  double begin = 0, end = 0;  // seconds
};
std::uint32_t most_at_once(const std::vector<TimeSpan>& spans);

// Linear between two points.
Motion motion_of(const Track& track, double seconds, std::size_t& hint);

}  // namespace nf::bench
