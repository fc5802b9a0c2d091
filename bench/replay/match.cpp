#include "bench/replay/match.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "bench/replay/csv_table.h"
#include "core/world/vector_math.h"

namespace nf::bench {
namespace {

enum Column : std::size_t { kSeconds, kId, kX, kY, kZ };
constexpr double kPlaceMax = 1e9;  // metres

TracePoint point_of(const CsvTable& table) {
  const TracePoint point{.seconds = table.number(kSeconds),
                         .position = {table.number(kX), table.number(kY), table.number(kZ)}};
  if (point.seconds < 0 || point.seconds > 1e6) {
    table.refuse("t_seconds is not within 0 and 1,000,000");
  }
  if (largest_coordinate(point.position) > kPlaceMax) table.refuse("the place is too far away");
  return point;
}

bool goes_on(const TracePoint& before, const TracePoint& after) {
  const double took = after.seconds - before.seconds;
  return took <= kAwaySeconds &&
         length(after.position - before.position) <= kTrackSpeedMax * std::max(took, 0.01);
}

void widen(Match& match, WorldPosition at, bool first) {
  if (first) match.low = match.high = at;
  match.low = {std::min(match.low.x, at.x), std::min(match.low.y, at.y),
               std::min(match.low.z, at.z)};
  match.high = {std::max(match.high.x, at.x), std::max(match.high.y, at.y),
                std::max(match.high.z, at.z)};
}

}  // namespace

Match parse_match(const std::string& file, std::string_view text) {
  CsvTable table(file, text, {"t_seconds", "id", "x", "y", "z"});
  Match match;
  std::map<std::uint32_t, std::size_t> track_of;  // by id: the one that goes on
  std::size_t rows = 0;
  while (table.next_line()) {
    if (rows++ == kMatchRowsMax) table.refuse("there are more than 20,000,000 rows");
    const TracePoint point = point_of(table);
    if (point.seconds < match.end) table.refuse("t_seconds is before that of the row above");
    match.end = point.seconds;
    widen(match, point.position, rows == 1);
    const auto [found, is_new] = track_of.emplace(table.count(kId), match.tracks.size());
    if (is_new || !goes_on(match.tracks[found->second].points.back(), point)) {
      found->second = match.tracks.size();
      match.tracks.push_back({.points = {point}, .again = !is_new});
      continue;
    }
    std::vector<TracePoint>& points = match.tracks[found->second].points;
    if (points.back().seconds == point.seconds) table.refuse("the object is in two places at once");
    points.push_back(point);
  }
  if (rows == 0) table.refuse("there is no row below the heading");
  return match;
}

std::uint32_t most_at_once(const std::vector<TimeSpan>& spans) {
  std::vector<double> begins, ends;
  for (const TimeSpan& span : spans) {
    begins.push_back(span.begin);
    ends.push_back(span.end);
  }
  std::sort(begins.begin(), begins.end());
  std::sort(ends.begin(), ends.end());
  std::size_t most = 0, over = 0;
  for (std::size_t begun = 0; begun < begins.size(); ++begun) {
    while (ends[over] < begins[begun]) ++over;
    most = std::max(most, begun + 1 - over);
  }
  return static_cast<std::uint32_t>(most);
}

Motion motion_of(const Track& track, double seconds, std::size_t& hint) {
  const TraceSample sample = sample_trace(track.points, seconds, hint);
  return {.position = sample.position, .velocity = sample.velocity};
}

}  // namespace nf::bench
