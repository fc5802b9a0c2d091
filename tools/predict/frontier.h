// Frontier: what each policy makes of the same bytes. Late seconds an hour against bytes read, over
// the knob; read off where a policy may read so many times what the oracle does.
//
// Pure; any thread.
//
// Between two knobs the curve is taken for straight, along the lower monotone envelope: a knob that
// reads more and is later than another one is never chosen. The convex envelope would be lower
// still, but only by mixing knobs that lie far apart, which no engine does. Below its first point a
// policy cannot run at all and counts as `none`, whatever it costs.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tools/predict/evaluation.h"

namespace nf::predict {

inline constexpr std::array<double, 4> kCaps = {1.05, 1.10, 1.20, 1.35};
inline constexpr const char* kPooled = "pooled";

// All per hour of (slowed) movement.
struct Figures {
  double knob = 0;
  double late = 0, late_wall = 0;  // seconds
  double hitches = 0;
  double gb_read = 0, gb_wasted = 0;
  double peak_mb = 0;           // at most, not an hour
  double lateness_p999_ms = 0;  // of all arrivals
  double us_per_update = 0, us_per_update_p99 = 0;
  double cap = 0;  // bytes read, in the oracle's
};

struct Row {
  std::string kind;
  std::string policy;
  Figures figures;
  double gain = 0;        // over margin at that cap: 0 as margin, 1 as the oracle
  bool read_off = false;  // at a cap, between two knobs; else it ran like that
  bool runs = true;       // false: it cannot run within the cap, and the figures are those of none
  std::size_t traces = 0;
  double hours = 0;
};

Figures figures_of(const RunResult& result, double knob);

// The envelope: by cap, each later point with less lateness.
std::vector<Figures> envelope_of(std::vector<Figures> points);
// On it, at `cap`; beyond its end the last point. False: it begins later.
bool read_off(const std::vector<Figures>& envelope, double cap, Figures& figures);
double gain_of(double late, double late_margin, double late_oracle);

// The rows of a kind: first each knob as it ran, then each policy at each of kCaps. Needs none,
// margin and oracle among its runs.
std::vector<Row> rows_of(const KindResult& kind);
// One row for each policy and cap over rows of several kinds, all kinds counting alike.
std::vector<Row> pooled_rows(const std::vector<Row>& rows);

}  // namespace nf::predict
