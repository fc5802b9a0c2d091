#include "tools/predict/lateness_bound.h"

#include <algorithm>
#include <functional>
#include <set>

namespace nf::predict {
namespace {

// Late seconds between two moments while the same containers are required: `sizes` are theirs, the
// largest first, `sum` all of them.
double late_between(double from, double to, const std::multiset<double, std::greater<>>& sizes,
                    double sum, const Scenario& scenario, const DiskModel& disk) {
  double late = 0, lacking = sum;
  for (const double size : sizes) {
    // Until then more is lacking than those before this one hold.
    const double until = scenario.trace.pipeline_seconds + lacking / disk.bytes_per_second;
    if (until <= from) break;
    late += std::min(until, to) - from;
    lacking -= size;
  }
  return late;
}

}  // namespace

double late_seconds_at_least(const Scenario& scenario, const DiskModel& disk) {
  std::vector<bool> there(scenario.containers.size());
  for (const Need& need : scenario.needs) {
    if (need.from <= 0) there[need.container] = true;
  }
  std::multiset<double, std::greater<>> sizes;
  double sum = 0, late = 0, now = 0;
  std::size_t begun = 0, ended = 0;
  while (ended < scenario.needs.size()) {
    const Need& first_end = scenario.needs[scenario.needs_by_end[ended]];
    const bool begins = begun < scenario.needs.size() && scenario.needs[begun].from <= first_end.to;
    const Need& need =
        begins ? scenario.needs[begun++] : scenario.needs[scenario.needs_by_end[ended++]];
    const double when = begins ? need.from : need.to;
    late += late_between(now, when, sizes, sum, scenario, disk);
    now = when;
    if (there[need.container]) continue;
    const double size = scenario.containers[need.container].bytes;
    sum += begins ? size : -size;
    if (begins) {
      sizes.insert(size);
    } else {
      sizes.erase(sizes.find(size));
    }
  }
  return late;
}

}  // namespace nf::predict
