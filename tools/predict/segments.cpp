#include "tools/predict/segments.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/base/prng.h"
#include "core/world/vector_math.h"
#include "tools/nearfield/percentile.h"

namespace nf::predict {
namespace {

constexpr double kSegmentSecondsMin = 20;  // in slow motion
constexpr double kSparseSeconds = 15;      // between samples: nothing can be told of such a trace
constexpr double kGapSeconds = 2;          // at least
constexpr double kGapSteps = 8;            // of the usual step
constexpr double kSpeedSeconds = 0.2;      // over which a speed is measured, at least
constexpr double kFastPart = 0.95;         // of the time a mover is no faster than its fast speed
// Of a kind's fast speed: who mostly stands is not taken for a very slow mover.
constexpr double kVstarLeast = 0.25;
constexpr double kVmaxSlack = 1.05;  // beyond it a step is a jump
constexpr double kJumpFactor = 4;    // of the 99.5th percentile, where no index says more
constexpr double kJumpPart = 0.995;
// Kinds that fly, by name; others do if they use more height than so many seconds of travel.
constexpr std::array<std::string_view, 3> kFliers = {"flight", "drone", "space"};
constexpr double kGroundSeconds = 5;
constexpr double kPiecesPerKind = 12;  // about so many pieces, of different groups, are taken
constexpr double kPieceSecondsMin = 60, kPieceSecondsMax = 600;

double step_seconds(const std::vector<TracePoint>& points, std::size_t i) {
  return points[i + 1].seconds - points[i].seconds;
}
double step_speed(const std::vector<TracePoint>& points, std::size_t i) {
  return length(points[i + 1].position - points[i].position) / step_seconds(points, i);
}

double usual_step(const std::vector<TracePoint>& points) {
  std::vector<double> steps;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) steps.push_back(step_seconds(points, i));
  return percentile(std::move(steps), 0.5);
}

// What is faster than this has not moved but jumped.
double jump_speed(const std::vector<RecordedTrace>& traces) {
  double vmax = 0;
  std::vector<double> speeds;
  for (const RecordedTrace& trace : traces) {
    vmax = std::max(vmax, trace.file.vmax);
    for (std::size_t i = 0; i + 1 < trace.points.size(); ++i) {
      speeds.push_back(step_speed(trace.points, i));
    }
  }
  if (vmax > 0) return vmax * kVmaxSlack;
  return percentile(std::move(speeds), kJumpPart) * kJumpFactor;
}

using Part = std::vector<TracePoint>;

std::vector<Part> cut(const std::vector<TracePoint>& points, double jump) {
  const double gap = std::max(kGapSeconds, kGapSteps * usual_step(points));
  std::vector<Part> parts(1);
  for (std::size_t i = 0; i < points.size(); ++i) {
    parts.back().push_back(points[i]);
    if (i + 1 == points.size()) break;
    if (step_seconds(points, i) > gap || step_speed(points, i) > jump) parts.emplace_back();
  }
  return parts;
}

void add_speeds(const Part& part, std::vector<double>& speeds) {
  std::size_t from = 0;
  for (std::size_t i = 1; i < part.size(); ++i) {
    const double seconds = part[i].seconds - part[from].seconds;
    if (seconds < kSpeedSeconds) continue;
    const double speed = length(part[i].position - part[from].position) / seconds;
    // Long steps stand for many short ones.
    const auto times = static_cast<std::size_t>(std::clamp(seconds / kSpeedSeconds, 1.0, 100.0));
    speeds.insert(speeds.end(), times, speed);
    from = i;
  }
}

struct Extent {
  double across = 0;  // the longer side, from above
  double high = 0;
};

Extent extent_of(const std::vector<Part>& parts) {
  WorldPosition low{1e300, 1e300, 1e300}, high{-1e300, -1e300, -1e300};
  for (const Part& part : parts) {
    for (const TracePoint& point : part) {
      low = {std::min(low.x, point.position.x), std::min(low.y, point.position.y),
             std::min(low.z, point.position.z)};
      high = {std::max(high.x, point.position.x), std::max(high.y, point.position.y),
              std::max(high.z, point.position.z)};
    }
  }
  return {.across = std::max(high.x - low.x, high.y - low.y), .high = high.z - low.z};
}

struct CutTrace {
  const TraceFile* file = nullptr;
  std::vector<Part> parts;
  double fast = 0;
  Extent extent;
};

struct KindFigures {
  double fast = 0;  // speed, as recorded
  double slow = 1;
  bool flat = false;
};

bool flies_by_name(std::string_view kind) {
  return std::any_of(kFliers.begin(), kFliers.end(),
                     [kind](std::string_view word) { return kind.starts_with(word); });
}

KindFigures figures_of(const std::vector<CutTrace>& cut_traces, std::vector<double> speeds) {
  KindFigures kind;
  kind.fast = percentile(std::move(speeds), kFastPart);
  if (!(kind.fast > 0)) return kind;
  std::vector<double> across, high;
  for (const CutTrace& trace : cut_traces) {
    across.push_back(trace.extent.across / kind.fast);
    high.push_back(trace.extent.high / kind.fast);
  }
  const double seconds = std::max(percentile(std::move(across), 0.5), 1e-9);
  const double slow = std::round(kSlowSeconds / seconds);
  kind.slow = std::clamp(slow, 1.0, kSlowMax);
  kind.flat = !flies_by_name(cut_traces.front().file->kind) &&
              percentile(std::move(high), 0.5) * kind.slow < kGroundSeconds;
  if (!kind.flat) kind.slow = std::clamp(slow, 1.0, kSlowMaxDeep);
  return kind;
}

Segment slowed(const Part& part, const CutTrace& trace, const KindFigures& kind) {
  Segment segment{.kind = trace.file->kind,
                  .group = trace.file->group,
                  .slow = kind.slow,
                  .vstar = std::max(trace.fast, kVstarLeast * kind.fast) / kind.slow,
                  .flat = kind.flat,
                  .points = part};
  const double start = part.front().seconds;
  for (TracePoint& point : segment.points) point.seconds = (point.seconds - start) * kind.slow;
  return segment;
}

struct Piece {
  const Segment* whole = nullptr;
  double from = 0, seconds = 0;
};

Segment segment_of(const Piece& piece) {
  const Segment& whole = *piece.whole;
  Segment segment{.kind = whole.kind,
                  .group = whole.group,
                  .slow = whole.slow,
                  .vstar = whole.vstar,
                  .flat = whole.flat,
                  .points = {}};
  const double to = std::min(piece.from + piece.seconds, whole.seconds());
  std::size_t hint = 0;
  const auto add = [&](double when) {
    const WorldPosition place = sample_trace(whole.points, when, hint).position;
    segment.points.push_back({when - piece.from, place});
  };
  add(piece.from);
  for (const TracePoint& point : whole.points) {
    if (point.seconds > piece.from && point.seconds < to) {
      segment.points.push_back({point.seconds - piece.from, point.position});
    }
  }
  add(to);
  return segment;
}

template <class T>
void shuffle(std::vector<T>& list, Prng& chance) {
  for (std::size_t left = list.size(); left > 1; --left) {
    std::swap(list[left - 1], list[chance.below(left)]);
  }
}

}  // namespace

KindTraces cut_traces(std::vector<RecordedTrace> traces) {
  KindTraces cut_kind;
  if (traces.empty()) return cut_kind;
  cut_kind.kind = traces.front().file.kind;
  cut_kind.files = traces.size();
  std::erase_if(traces, [](const RecordedTrace& trace) {
    return trace.points.size() < 2 || usual_step(trace.points) > kSparseSeconds;
  });
  const double jump = jump_speed(traces);
  std::vector<CutTrace> all;
  std::vector<double> speeds;
  for (const RecordedTrace& trace : traces) {
    CutTrace one{.file = &trace.file, .parts = cut(trace.points, jump), .fast = 0, .extent = {}};
    std::vector<double> own;
    for (const Part& part : one.parts) add_speeds(part, own);
    speeds.insert(speeds.end(), own.begin(), own.end());
    one.fast = percentile(std::move(own), kFastPart);
    one.extent = extent_of(one.parts);
    all.push_back(std::move(one));
  }
  const KindFigures kind = figures_of(all, std::move(speeds));
  if (!(kind.fast > 0)) {
    cut_kind.skipped = traces.empty() ? "its samples are more than 15 s apart" : "nothing moves";
    return cut_kind;
  }
  for (const CutTrace& trace : all) {
    for (const Part& part : trace.parts) {
      const double seconds = (part.back().seconds - part.front().seconds) * kind.slow;
      if (part.size() < 2 || seconds < kSegmentSecondsMin) continue;
      cut_kind.segments.push_back(slowed(part, trace, kind));
    }
  }
  if (cut_kind.segments.empty()) cut_kind.skipped = "no unbroken piece of it is 20 s long";
  std::stable_sort(cut_kind.segments.begin(), cut_kind.segments.end(),
                   [](const Segment& a, const Segment& b) { return a.group < b.group; });
  return cut_kind;
}

std::vector<Segment> choose_segments(const KindTraces& traces, const SegmentChoice& choice) {
  const double piece_max =
      std::clamp(choice.seconds / kPiecesPerKind, kPieceSecondsMin, kPieceSecondsMax);
  std::map<std::string, std::vector<Piece>> by_group;
  for (const Segment& segment : traces.segments) {
    const double count = std::max(1.0, std::floor(segment.seconds() / piece_max));
    const double each = segment.seconds() / count;
    for (double i = 0; i < count; ++i) {
      by_group[segment.group].push_back({&segment, i * each, std::min(each, piece_max)});
    }
  }
  Prng chance(choice.seed);
  std::vector<std::vector<Piece>> groups;
  for (auto& [name, pieces] : by_group) {
    shuffle(pieces, chance);
    groups.push_back(std::move(pieces));
  }
  shuffle(groups, chance);
  std::vector<std::vector<Piece>> chosen(groups.size());
  double left = choice.seconds;
  bool any = true;
  for (std::size_t turn = 0; any; ++turn) {
    any = false;
    for (std::size_t group = 0; group < groups.size(); ++group) {
      if (turn >= groups[group].size() || left < kSegmentSecondsMin) continue;
      any = true;
      Piece piece = groups[group][turn];
      piece.seconds = std::min(piece.seconds, left);
      chosen[group].push_back(piece);
      left -= piece.seconds;
    }
  }
  std::vector<Segment> segments;
  for (const std::vector<Piece>& pieces : chosen) {
    for (const Piece& piece : pieces) segments.push_back(segment_of(piece));
  }
  return segments;
}

}  // namespace nf::predict
