#include "bench/replay/replay_rows.h"

#include "tools/nearfield/late_cause.h"
#include "tools/nearfield/percentile.h"

namespace nf::bench {
namespace {

double mebibytes(Bytes size) {
  return static_cast<double>(size.value) * 0x1p-20;
}

}  // namespace

std::vector<Figure> rows_of(const std::string& name, const ReplayFigures& figures) {
  std::vector<Figure> rows;
  const auto one = [&](const std::string& of, const char* unit, double value) {
    rows.push_back(
        {.name = name + ", " + of, .unit = unit, .better = Better::lower, .ours = {value}});
  };
  const auto count = [&](const std::string& of, std::uint64_t value) {
    one(of, "count", static_cast<double>(value));
  };
  count("late arrivals", figures.late);
  one("lateness p50 of those that came", "ms", percentile(figures.lateness, 0.5));
  one("lateness p99 of those that came", "ms", percentile(figures.lateness, 0.99));
  one("lateness worst of those that came", "ms", percentile(figures.lateness, 1));
  for (std::size_t i = 0; i < kLateCauses; ++i) {
    if (figures.late_by_cause[i] == 0) continue;
    count(std::string("late: ") + words_of(static_cast<LateCause>(i)).label,
          figures.late_by_cause[i]);
  }
  count("arrivals", figures.arrivals);
  one("read", "MB", static_cast<double>(figures.read.value) * 1e-6);
  one("read in vain", "MB", static_cast<double>(figures.wasted.value) * 1e-6);
  one("peak memory", "MiB", mebibytes(figures.memory_peak));
  one("loading screen p50", "s", percentile(figures.screens, 0.5));
  one("loading screen worst", "s", percentile(figures.screens, 1));
  count("dropped at a limit", figures.overflows);
  count("failures", figures.failures);
  one("update() p99 of its processor time", "us",
      static_cast<double>(figures.update_times.percentile(0.99)) * 1e-3);
  return rows;
}

}  // namespace nf::bench
