#include "tools/predict/frontier.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "core/base/assert.h"

namespace nf::predict {
namespace {

// Lateness of the slowest of a thousand arrivals, most of which are not late at all.
double lateness_p999(const RunResult& result) {
  const auto beyond = static_cast<std::size_t>(static_cast<double>(result.arrivals) * 0.001);
  if (result.lateness.size() <= beyond) return 0;
  std::vector<double> late = result.lateness;
  const auto at = late.begin() + static_cast<std::ptrdiff_t>(beyond);
  std::nth_element(late.begin(), at, late.end(), std::greater<>());
  return *at;
}

Figures between(const Figures& a, const Figures& b, double part) {
  const auto mix = [part](double x, double y) { return x + (y - x) * part; };
  Figures mixed;
  for (double Figures::* field :
       {&Figures::knob, &Figures::late, &Figures::late_wall, &Figures::hitches, &Figures::gb_read,
        &Figures::gb_wasted, &Figures::peak_mb, &Figures::lateness_p999_ms, &Figures::us_per_update,
        &Figures::us_per_update_p99, &Figures::cap}) {
    mixed.*field = mix(a.*field, b.*field);
  }
  return mixed;
}

struct Curve {
  std::string policy;
  std::vector<Figures> points;
};

std::vector<Curve> curves_of(const KindResult& kind, double oracle_gb) {
  std::vector<Curve> curves;
  for (const KnobResult& run : kind.runs) {
    if (curves.empty() || curves.back().policy != run.policy) curves.push_back({run.policy, {}});
    Figures figures = figures_of(run.result, run.knob);
    figures.cap = oracle_gb > 0 ? figures.gb_read / oracle_gb : 1;
    curves.back().points.push_back(figures);
  }
  return curves;
}

const Curve& curve_named(const std::vector<Curve>& curves, const char* policy) {
  const auto found = std::find_if(curves.begin(), curves.end(),
                                  [&](const Curve& curve) { return curve.policy == policy; });
  NF_ASSERT(found != curves.end());
  return *found;
}

// What is compared with: the late seconds of none, margin and oracle.
struct Yardsticks {
  Figures none;
  std::vector<Figures> margin;
  double oracle_late = 0;

  double margin_late(double cap) const {
    Figures figures;
    return read_off(margin, cap, figures) ? figures.late : none.late;
  }
};

}  // namespace

Figures figures_of(const RunResult& result, double knob) {
  const double hours = std::max(result.seconds / 3600, 1e-9);
  return {.knob = knob,
          .late = result.late_seconds / hours,
          .late_wall = result.late_wall_seconds / hours,
          .hitches = static_cast<double>(result.hitches) / hours,
          .gb_read = result.bytes_read / 1e9 / hours,
          .gb_wasted = result.bytes_vain / 1e9 / hours,
          .peak_mb = result.memory_peak / 1e6,
          .lateness_p999_ms = lateness_p999(result) * 1e3,
          .us_per_update = static_cast<double>(result.update_time.percentile(0.5)) / 1e3,
          .us_per_update_p99 = static_cast<double>(result.update_time.percentile(0.99)) / 1e3};
}

std::vector<Figures> envelope_of(std::vector<Figures> points) {
  std::stable_sort(points.begin(), points.end(), [](const Figures& a, const Figures& b) {
    return a.cap != b.cap ? a.cap < b.cap : a.late < b.late;
  });
  std::vector<Figures> envelope;
  for (const Figures& point : points) {
    if (envelope.empty() || point.late < envelope.back().late) envelope.push_back(point);
  }
  return envelope;
}

bool read_off(const std::vector<Figures>& envelope, double cap, Figures& figures) {
  if (envelope.empty() || envelope.front().cap > cap) return false;
  std::size_t after = 0;
  while (after < envelope.size() && envelope[after].cap <= cap) ++after;
  figures = envelope[after - 1];
  if (after < envelope.size()) {
    const Figures& next = envelope[after];
    figures = between(figures, next, (cap - figures.cap) / (next.cap - figures.cap));
  }
  figures.cap = cap;
  return true;
}

double gain_of(double late, double late_margin, double late_oracle) {
  const double room = late_margin - late_oracle;
  // Where margin is as good as the oracle there is nothing to gain, but something to lose.
  constexpr double kLeast = 1e-9;
  if (room > kLeast) return (late_margin - late) / room;
  return late <= late_margin + kLeast ? 1 : (late_margin - late) / std::max(late_margin, kLeast);
}

std::vector<Row> rows_of(const KindResult& kind) {
  const auto oracle = std::find_if(kind.runs.begin(), kind.runs.end(),
                                   [](const KnobResult& run) { return run.policy == "oracle"; });
  NF_ASSERT(oracle != kind.runs.end());
  const Figures best = figures_of(oracle->result, oracle->knob);
  const std::vector<Curve> curves = curves_of(kind, best.gb_read);
  Yardsticks sticks;
  sticks.none = curve_named(curves, "none").points.front();
  sticks.oracle_late = best.late;
  sticks.margin = envelope_of(curve_named(curves, "margin").points);
  std::vector<Row> rows;
  const auto add = [&](const std::string& policy, const Figures& figures) -> Row& {
    rows.push_back(
        {.kind = kind.kind,
         .policy = policy,
         .figures = figures,
         .gain = gain_of(figures.late, sticks.margin_late(figures.cap), sticks.oracle_late),
         .traces = kind.segments,
         .hours = kind.hours});
    return rows.back();
  };
  for (const Curve& curve : curves) {
    for (const Figures& figures : curve.points) add(curve.policy, figures);
  }
  for (const double cap : kCaps) {
    for (const Curve& curve : curves) {
      Figures figures;
      const bool runs = read_off(envelope_of(curve.points), cap, figures);
      if (!runs) figures = sticks.none;
      figures.cap = cap;
      Row& row = add(curve.policy, figures);
      row.read_off = true;
      row.runs = runs;
    }
  }
  return rows;
}

std::vector<Row> pooled_rows(const std::vector<Row>& rows) {
  std::vector<Row> pooled;
  for (const double cap : kCaps) {
    std::map<std::string, std::vector<const Row*>> by_policy;
    std::vector<std::string> order;
    for (const Row& row : rows) {
      if (!row.read_off || row.figures.cap != cap) continue;
      if (by_policy[row.policy].empty()) order.push_back(row.policy);
      by_policy[row.policy].push_back(&row);
    }
    const auto mean = [&](const std::string& policy, double Figures::* field) {
      double sum = 0;
      for (const Row* row : by_policy[policy]) sum += row->figures.*field;
      return sum / static_cast<double>(by_policy[policy].size());
    };
    for (const std::string& policy : order) {
      Row row{.kind = kPooled, .policy = policy, .figures = {}, .read_off = true};
      for (double Figures::* field :
           {&Figures::late, &Figures::late_wall, &Figures::hitches, &Figures::gb_read,
            &Figures::gb_wasted, &Figures::lateness_p999_ms, &Figures::us_per_update,
            &Figures::us_per_update_p99}) {
        row.figures.*field = mean(policy, field);
      }
      for (const Row* part : by_policy[policy]) {
        row.figures.peak_mb = std::max(row.figures.peak_mb, part->figures.peak_mb);
        row.traces += part->traces;
        row.hours += part->hours;
        row.runs = row.runs && part->runs;
      }
      row.figures.cap = cap;
      row.gain =
          gain_of(row.figures.late, mean("margin", &Figures::late), mean("oracle", &Figures::late));
      pooled.push_back(row);
    }
  }
  return pooled;
}

}  // namespace nf::predict
