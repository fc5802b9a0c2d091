// Segments: recorded movement of one kind, cut where it is broken and chosen by a seed.
//
// Main thread; reads files. The caller owns everything. Refuses with a sentence.
//
// A folder with an index.csv (columns file, kind, group, vmax: metres a second without teleports)
// says of each file what it is; without one a trace's kind is the folder it lies in, and every file
// is a group of its own. Groups are the sessions, matches and tracks that were recorded: one is
// never on both sides of a split.
//
// Kinds that are confined to a small place (an arena, a room) would have all of it near all the
// time. They play in slow motion, so that what they cross takes kSlowSeconds at their fast speed,
// but at most kSlowMax times as slowly (kSlowMaxDeep in a world that is not flat, where more is
// near): to the mover that is a world with smaller cells, and the bytes that it needs in a second
// of its slow time stay comparable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/result.h>

#include "formats/trace/trace.h"

namespace nf::predict {

inline constexpr double kSlowSeconds = 48;
inline constexpr double kSlowMax = 4;
inline constexpr double kSlowMaxDeep = 8;

struct TraceFile {
  std::string path;
  std::string kind;
  std::string group;
  double vmax = 0;  // as the index has it; 0: not known
};

struct Segment {
  std::string kind;
  std::string group;
  double slow = 1;   // how many times as long as it was recorded it takes
  double vstar = 0;  // the mover's fast speed, in slow motion
  bool flat = false;
  std::vector<TracePoint> points;  // from 0 seconds, in slow motion; two or more

  double seconds() const { return points.back().seconds; }
};

// The recordings of one kind.
struct KindTraces {
  std::string kind;
  std::vector<Segment> segments;  // by group, then by file and time
  std::size_t files = 0;
  std::string skipped;  // why there are none: a sentence; empty otherwise
};

// Sorted by kind, then by path. An empty list of kinds: all.
Result<std::vector<TraceFile>> list_traces(const std::string& folder,
                                           const std::vector<std::string>& kinds,
                                           std::string& detail);

struct RecordedTrace {
  TraceFile file;
  std::vector<TracePoint> points;
};
// Those of one kind, cut; the pure half of it.
KindTraces cut_traces(std::vector<RecordedTrace> traces);
Result<KindTraces> load_kind(const std::vector<TraceFile>& files, std::string& detail);

struct SegmentChoice {
  double seconds = 1800;  // in all, in slow motion
  std::uint64_t seed = 1;
};
// Spread over the groups: each in turn gives a piece, in an order drawn from the seed. Those of one
// group follow one another.
std::vector<Segment> choose_segments(const KindTraces& traces, const SegmentChoice& choice);

}  // namespace nf::predict
