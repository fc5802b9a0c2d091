// Movement and scenarios made up for tests: no recording is needed.
//
// Pure; any thread.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "tools/predict/scenario.h"
#include "tools/predict/segments.h"

namespace nf::predict {

// Goes on at `speed` metres a second and turns now and then, by a seed.
inline std::vector<TracePoint> wander(double seconds, double speed, std::uint64_t seed) {
  Prng chance(seed);
  std::vector<TracePoint> points;
  WorldPosition at;
  double heading = chance.unit() * 6.28;
  constexpr double kStep = 0.05;
  for (double t = 0; t < seconds; t += kStep) {
    points.push_back({t, at});
    if (chance.chance(0.02)) heading += chance.between(-2, 2);
    at.x += std::cos(heading) * speed * kStep;
    at.y += std::sin(heading) * speed * kStep;
  }
  return points;
}

inline Segment made_segment(double seconds, std::uint64_t seed, const std::string& group = "a") {
  return {.kind = "made_up",
          .group = group,
          .slow = 1,
          .vstar = 10,
          .flat = true,
          .points = wander(seconds, 10, seed)};
}

// A scenario by hand: containers of a size, each required from when to when.
struct MadeNeed {
  double bytes = 0;
  double from = 0, to = 0;
};
inline Scenario made_scenario(double seconds, const std::vector<MadeNeed>& made) {
  Scenario scenario;
  scenario.trace = {.map = "m",
                    .dt = 0.1,
                    .bytes_per_second = 1000,
                    .pipeline_seconds = 0.1,
                    .memory = 1e9,
                    .vstar = 1,
                    .flat = true,
                    .levels = 1};
  scenario.reach = {1};
  const auto updates = static_cast<std::size_t>(std::lround(seconds / 0.1)) + 1;
  scenario.path.resize(updates);
  for (const MadeNeed& need : made) {
    const auto id = static_cast<std::uint32_t>(scenario.containers.size());
    const double x = 10.0 * id;
    scenario.containers.push_back({0, {{x, 0, 0}, {x + 1, 1, 1}}, need.bytes});
    scenario.needs.push_back({id, need.from, need.to});
    scenario.needs_by_end.push_back(id);
    scenario.required_bytes_max += need.bytes;
  }
  scenario.announced.assign(updates, static_cast<std::uint32_t>(scenario.containers.size()));
  std::sort(scenario.needs.begin(), scenario.needs.end(),
            [](const Need& a, const Need& b) { return a.from < b.from; });
  std::sort(scenario.needs_by_end.begin(), scenario.needs_by_end.end(),
            [&](std::uint32_t a, std::uint32_t b) {
              return scenario.needs[a].to < scenario.needs[b].to;
            });
  return scenario;
}

}  // namespace nf::predict
