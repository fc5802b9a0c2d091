#include "tools/predict/scenario.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <unordered_map>

#include "tools/predict/boxes.h"

namespace nf::predict {
namespace {

constexpr double kLookEdges = 0.5;  // of a level's boxes: how far one goes until it is looked again
constexpr int kHalvings = 48;

// FNV-1a (Fowler, Noll, Vo): the same everywhere, unlike std::hash.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return hash;
}

struct CellHash {
  std::size_t operator()(const GridCell& cell) const { return predict::hash_of(cell, 0); }
};

struct Step {  // straight from one place to another
  WorldPosition from, to;
  double start = 0, seconds = 0, length = 0;

  double distance(const WorldBox& box, double part) const {
    return distance_to(box, from + (to - from) * part);
  }
};

// Where between `out` (beyond reach) and `in` (within) the reach is crossed.
double crossing(const Step& step, const WorldBox& box, double reach, double out, double in) {
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (out + in) / 2;
    (step.distance(box, middle) > reach ? out : in) = middle;
  }
  return in;
}

// Where along the step the box is nearest.
double nearest_part(const Step& step, const WorldBox& box) {
  double low = 0, high = 1;
  for (int i = 0; i < kHalvings; ++i) {
    const double a = low + (high - low) / 3, b = high - (high - low) / 3;
    if (step.distance(box, a) <= step.distance(box, b)) {
      high = b;
    } else {
      low = a;
    }
  }
  return (low + high) / 2;
}

class Builder {
 public:
  Builder(const GridWorld& world, Scenario& scenario) : world_(world), scenario_(scenario) {}

  void begin() {
    for (std::uint32_t level = 0; level < kGridLevels; ++level) look(level, 0);
    for (const std::vector<std::uint32_t>& near : near_) {
      for (const std::uint32_t id : near) {
        if (distance(id, scenario_.path[0]) <= reach(id)) enter(id, 0);
      }
    }
    scenario_.announced.push_back(static_cast<std::uint32_t>(scenario_.containers.size()));
  }

  void go(std::size_t update) {
    Step step{.from = scenario_.path[update - 1],
              .to = scenario_.path[update],
              .start = static_cast<double>(update - 1) * scenario_.trace.dt,
              .seconds = scenario_.trace.dt};
    step.length = length(step.to - step.from);
    for (std::uint32_t level = 0; level < kGridLevels; ++level) {
      if (length(step.to - looked_from_[level]) > slack(level)) {
        scenario_.path[update] = step.to;
        look(level, update, step.length);
      }
    }
    scenario_.announced.push_back(static_cast<std::uint32_t>(scenario_.containers.size()));
    if (step.length == 0) return;
    for (const std::vector<std::uint32_t>& near : near_) {
      for (const std::uint32_t id : near) cross(step, id);
    }
  }

  void end() {
    const double seconds = scenario_.seconds();
    for (std::uint32_t id = 0; id < entered_.size(); ++id) {
      if (entered_[id] >= 0) leave(id, seconds);
    }
    std::sort(scenario_.needs.begin(), scenario_.needs.end(), [](const Need& a, const Need& b) {
      return a.from != b.from ? a.from < b.from : a.container < b.container;
    });
    std::vector<std::uint32_t>& ends = scenario_.needs_by_end;
    for (std::uint32_t i = 0; i < scenario_.needs.size(); ++i) ends.push_back(i);
    std::stable_sort(ends.begin(), ends.end(), [&](std::uint32_t a, std::uint32_t b) {
      return scenario_.needs[a].to < scenario_.needs[b].to;
    });
  }

 private:
  double slack(std::uint32_t level) const { return kLookEdges * world_.edge(level); }
  double reach(std::uint32_t id) const { return scenario_.reach[scenario_.containers[id].level]; }
  double distance(std::uint32_t id, WorldPosition place) const {
    return distance_to(scenario_.containers[id].box, place);
  }

  // Announces what is near, and lists what may be reached before the next look.
  void look(std::uint32_t level, std::size_t update, double stepped = 0) {
    const WorldPosition place = scenario_.path[update];
    looked_from_[level] = place;
    near_[level].clear();
    const double reach = world_.reach(level);
    const double listed = reach + 2 * slack(level) + stepped;
    const double known = std::max(listed, reach + kAnnounceSeconds * world_.vstar() + slack(level));
    const WorldVector around{known, known, known};
    const GridCell low = world_.cell_at(level, place + around * -1);
    const GridCell high = world_.cell_at(level, place + around);
    for (std::int64_t x = low.x; x <= high.x; ++x) {
      for (std::int64_t y = low.y; y <= high.y; ++y) {
        for (std::int64_t z = low.z; z <= high.z; ++z) {
          see({.level = level, .x = x, .y = y, .z = z}, place, known, listed);
        }
      }
    }
  }

  void see(const GridCell& cell, WorldPosition place, double known, double listed) {
    const WorldBox box = world_.box(cell);
    const double away = distance_to(box, place);
    if (away > known) return;
    const auto [found, is_new] = ids_.try_emplace(cell, kEmpty);
    if (is_new) {
      if (const double bytes = world_.bytes(cell); bytes > 0) {
        found->second = static_cast<std::uint32_t>(scenario_.containers.size());
        scenario_.containers.push_back({.level = cell.level, .box = box, .bytes = bytes});
        entered_.push_back(-1);
      }
    }
    if (found->second != kEmpty && away <= listed) near_[cell.level].push_back(found->second);
  }

  void cross(const Step& step, std::uint32_t id) {
    const WorldBox& box = scenario_.containers[id].box;
    const double limit = reach(id);
    const double end = distance_to(box, step.to);
    const bool was = entered_[id] >= 0, is = end <= limit;
    const auto when = [&](double part) { return step.start + part * step.seconds; };
    if (was && !is) {
      leave(id, when(crossing(step, box, limit, 1, 0)));
    } else if (!was && is) {
      enter(id, when(crossing(step, box, limit, 0, 1)));
    } else if (!was && end < limit + step.length) {
      const double nearest = nearest_part(step, box);
      if (step.distance(box, nearest) > limit) return;
      enter(id, when(crossing(step, box, limit, 0, nearest)));
      leave(id, when(crossing(step, box, limit, 1, nearest)));
    }
  }

  void enter(std::uint32_t id, double seconds) {
    entered_[id] = seconds;
    required_bytes_ += scenario_.containers[id].bytes;
    scenario_.required_bytes_max = std::max(scenario_.required_bytes_max, required_bytes_);
  }
  void leave(std::uint32_t id, double seconds) {
    scenario_.needs.push_back({.container = id, .from = entered_[id], .to = seconds});
    entered_[id] = -1;
    required_bytes_ -= scenario_.containers[id].bytes;
  }

  static constexpr std::uint32_t kEmpty = ~0u;

  const GridWorld& world_;
  Scenario& scenario_;
  std::unordered_map<GridCell, std::uint32_t, CellHash> ids_;
  std::vector<std::uint32_t> near_[kGridLevels];
  WorldPosition looked_from_[kGridLevels];
  std::vector<double> entered_;  // by container: since when it is required; negative: it is not
  double required_bytes_ = 0;
};

}  // namespace

GridWorld world_of(const Segment& segment, const ScenarioOptions& options) {
  return GridWorld({.seed = options.seed ^ hash_of(segment.group),
                    .vstar = segment.vstar,
                    .flat = segment.flat});
}

Scenario build_scenario(const Segment& segment, const ScenarioOptions& options) {
  Scenario scenario;
  scenario.trace = {.map = segment.group,
                    .dt = options.dt,
                    .bytes_per_second = 0,
                    .pipeline_seconds = options.pipeline_seconds,
                    .memory = 0,
                    .vstar = segment.vstar,
                    .flat = segment.flat,
                    .levels = kGridLevels};
  const GridWorld world = world_of(segment, options);
  for (std::uint32_t level = 0; level < kGridLevels; ++level) {
    scenario.reach.push_back(world.reach(level));
  }
  const auto updates = static_cast<std::size_t>(segment.seconds() / options.dt + 1e-9) + 1;
  std::size_t hint = 0;
  for (std::size_t update = 0; update < updates; ++update) {
    const double seconds = static_cast<double>(update) * options.dt;
    scenario.path.push_back(sample_trace(segment.points, seconds, hint).position);
  }
  Builder builder(world, scenario);
  builder.begin();
  for (std::size_t update = 1; update < updates; ++update) builder.go(update);
  builder.end();
  return scenario;
}

std::vector<double> demand_by_window(const Scenario& scenario, double memory,
                                     double window_seconds) {
  std::vector<double> windows(
      static_cast<std::size_t>(std::max(1.0, std::floor(scenario.seconds() / window_seconds))));
  constexpr double kNotThere = -1, kRequired = 1e300;
  std::vector<double> left_at(scenario.containers.size(), kNotThere);
  std::set<std::pair<double, std::uint32_t>> leaving;  // by when it was required last
  double held = 0;
  std::size_t end = 0;
  const auto settle = [&](double seconds) {
    for (; end < scenario.needs_by_end.size(); ++end) {
      const Need& need = scenario.needs[scenario.needs_by_end[end]];
      if (need.to > seconds) return;
      left_at[need.container] = need.to;
      leaving.insert({need.to, need.container});
    }
  };
  for (const Need& need : scenario.needs) {
    settle(need.from);
    double& left = left_at[need.container];
    if (left == kNotThere) {
      const double bytes = scenario.containers[need.container].bytes;
      held += bytes;
      const auto window = static_cast<std::size_t>(need.from / window_seconds);
      if (need.from > 0 && window < windows.size()) windows[window] += bytes;
    } else {
      leaving.erase({left, need.container});
    }
    left = kRequired;
    while (held > memory && !leaving.empty()) {
      const std::uint32_t id = leaving.begin()->second;
      leaving.erase(leaving.begin());
      left_at[id] = kNotThere;
      held -= scenario.containers[id].bytes;
    }
  }
  return windows;
}

double size_disk(const Scenario& scenario, const DiskSizing& sizing) {
  std::vector<double> windows =
      demand_by_window(scenario, scenario.trace.memory, sizing.window_seconds);
  std::sort(windows.begin(), windows.end(), std::greater<>());
  const double part = sizing.busiest_part * static_cast<double>(windows.size());
  const auto count = static_cast<std::size_t>(std::max(1.0, std::ceil(part)));
  const double busy =
      std::accumulate(windows.begin(), windows.begin() + static_cast<std::ptrdiff_t>(count), 0.0) /
      static_cast<double>(count);
  // Nothing is asked of some disks: any will do then.
  constexpr double kLeast = 1e6;
  return std::max(busy / sizing.window_seconds / sizing.rho, kLeast);
}

}  // namespace nf::predict
