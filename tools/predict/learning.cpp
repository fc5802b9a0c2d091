#include "tools/predict/learning.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "core/interest/need_forecast.h"
#include "core/world/vector_math.h"
#include "tools/predict/blend_fit.h"
#include "tools/predict/near_boxes.h"
#include "tools/predict/scenario.h"

namespace nf::predict {
namespace {

constexpr double kStep = 0.1;            // seconds between updates, as in the evaluation
constexpr std::size_t kMomentSteps = 2;  // between moments: kLearntSpacing
constexpr double kNearSeconds = 3.5;     // of travel: what is farther is not asked for
constexpr std::uint32_t kOutcomesPerUpdate = 2;
constexpr std::size_t kOutcomesMax = 60'000;
constexpr float kLengthMax = 1e3F;  // in fast travel; beyond it somebody jumped

struct Group {
  std::size_t first = 0, last = 0;  // segments
  std::vector<LearntMoment> moments;
  std::vector<Outcome> outcomes;
};

std::vector<Group> groups_of(const std::vector<Segment>& segments) {
  std::vector<Group> groups;
  for (std::size_t first = 0; first < segments.size();) {
    std::size_t last = first + 1;
    while (last < segments.size() && segments[last].group == segments[first].group &&
           segments[last].kind == segments[first].kind) {
      ++last;
    }
    groups.push_back({.first = first, .last = last, .moments = {}, .outcomes = {}});
    first = last;
  }
  return groups;
}

std::vector<WorldPosition> path_of(const Segment& segment) {
  std::vector<WorldPosition> path;
  std::size_t hint = 0;
  const auto steps = static_cast<std::size_t>(segment.seconds() / kStep);
  for (std::size_t i = 0; i <= steps; ++i) {
    path.push_back(sample_trace(segment.points, static_cast<double>(i) * kStep, hint).position);
  }
  return path;
}

std::size_t steps_until(std::size_t horizon) {
  return static_cast<std::size_t>(
      std::lround(static_cast<double>(kHorizonSeconds[horizon]) / kStep));
}

bool is_usable(const LearntMoment& moment) {
  const auto held = [](float length) { return std::abs(length) <= kLengthMax; };
  return std::all_of(moment.way.begin(), moment.way.end(), held) &&
         std::all_of(moment.after.begin(), moment.after.end(), held);
}

// All moments of a segment of which both the way and what came after are known.
void add_moments(const Segment& segment, std::vector<LearntMoment>& moments) {
  if (!(segment.vstar > 0)) return;
  const std::vector<WorldPosition> path = path_of(segment);
  Track track;
  track.fast_speed = segment.vstar;
  track.steps = kStepsKnown;
  Axes axes;
  const double fast = 1 / segment.vstar;
  for (std::size_t i = 0; i + steps_until(kHorizons - 1) < path.size(); ++i) {
    add_sample(track, static_cast<double>(i) * kStep, path[i]);
    if (i % kMomentSteps != 0) continue;
    axes = axes_of(track, kLearntSpacing, axes);
    if (seconds_kept(track) < kWaySpacings.back() * kLearntSpacing) continue;
    LearntMoment moment{.way = way_of(track, axes, kLearntSpacing), .after = {}};
    for (float& one : moment.way) one *= static_cast<float>(fast);
    for (std::size_t h = 0; h < kHorizons; ++h) {
      const WorldVector came = along(axes, path[i + steps_until(h)] - path[i]) * fast;
      moment.after[3 * h] = static_cast<float>(came.x);
      moment.after[3 * h + 1] = static_cast<float>(came.y);
      moment.after[3 * h + 2] = static_cast<float>(came.z);
    }
    if (is_usable(moment)) moments.push_back(moment);
  }
}

// As many of each group as fit, if all have as many; evenly over its time.
void choose_moments(std::vector<Group>& groups, std::uint32_t moments_max) {
  std::vector<std::size_t> counts;
  counts.reserve(groups.size());
  for (const Group& group : groups) counts.push_back(group.moments.size());
  std::sort(counts.begin(), counts.end());
  std::size_t left = moments_max, each = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    each = left / (counts.size() - i);
    left -= std::min(counts[i], each);
  }
  for (Group& group : groups) {
    const std::size_t all = group.moments.size();
    if (all <= each) continue;
    std::vector<LearntMoment> chosen;
    chosen.reserve(each);
    for (std::size_t i = 0; i < each; ++i)
      chosen.push_back(group.moments[(2 * i + 1) * all / (2 * each)]);
    group.moments = std::move(chosen);
  }
}

// Those of all groups but one.
std::vector<LearntMoment> moments_without(const std::vector<Group>& groups, const Group* left_out) {
  std::vector<LearntMoment> moments;
  for (const Group& group : groups) {
    if (&group != left_out) {
      moments.insert(moments.end(), group.moments.begin(), group.moments.end());
    }
  }
  return moments;
}

// When each container is required next, in one scenario.
class NextNeeds {
 public:
  explicit NextNeeds(const Scenario& scenario)
      : from_(scenario.containers.size()), end_(scenario.seconds()) {
    for (const Need& need : scenario.needs) from_[need.container].push_back(need.from);
  }

  std::array<Came, kHorizons> came(std::uint32_t container, double seconds) const {
    const std::vector<double>& from = from_[container];
    const auto next = std::upper_bound(from.begin(), from.end(), seconds);
    std::array<Came, kHorizons> came;
    for (std::size_t h = 0; h < kHorizons; ++h) {
      const double until = seconds + static_cast<double>(kHorizonSeconds[h]);
      const bool needed = next != from.end() && *next <= until;
      came[h] = needed ? Came::needed : until <= end_ ? Came::unneeded : Came::unknown;
    }
    return came;
  }

 private:
  std::vector<std::vector<double>> from_;  // by container, ascending
  double end_ = 0;
};

struct Asking {
  NeedForecast& forecast;
  Prng& chance;
  double share = 1;  // of updates of which outcomes are kept
  std::uint32_t group = 0;
  std::vector<Outcome>& outcomes;
};

// Leads the forecast over a segment as the policy does, and keeps some of what it said.
void ask_along(const Scenario& scenario, Asking& asking) {
  const NextNeeds next(scenario);
  NearBoxes boxes;
  const double vstar = std::max(scenario.trace.vstar, 1e-12);
  boxes.begin(kNearSeconds * vstar, vstar);
  std::uint32_t known = 0;
  std::vector<const NearBoxes::Box*> near;
  for (std::size_t update = 0; update < scenario.path.size(); ++update) {
    const double seconds = static_cast<double>(update) * scenario.trace.dt;
    for (; known < scenario.announced[update]; ++known) {
      const ContainerInfo& info = scenario.containers[known];
      boxes.add({.box = info.box, .reach = scenario.reach[info.level], .id = known});
    }
    asking.forecast.observe(seconds, scenario.path[update]);
    near.clear();
    for (const NearBoxes::Box& box : boxes.around(scenario.path[update])) {
      if (distance_to(box.box, scenario.path[update]) <= box.reach) continue;
      const NeedPlace place{box.box.low, box.box.high, box.reach};
      if (!asking.forecast.may_reach(place)) continue;
      near.push_back(&box);
      asking.forecast.until(place);
    }
    if (near.empty() || !asking.chance.chance(asking.share)) continue;
    for (std::uint32_t kept = 0; kept < kOutcomesPerUpdate; ++kept) {
      const NearBoxes::Box& box = *near[asking.chance.below(near.size())];
      asking.outcomes.push_back(
          {.input = asking.forecast.input({box.box.low, box.box.high, box.reach}),
           .came = next.came(box.id, seconds),
           .group = asking.group});
    }
  }
}

double updates_of(const std::vector<Segment>& segments) {
  double seconds = 0;
  for (const Segment& segment : segments) seconds += segment.seconds();
  return seconds / kStep;
}

void gather_outcomes(const std::vector<Segment>& segments, const std::vector<Group>& groups,
                     std::uint32_t number, const LearningOptions& options, Group& group) {
  const LearntWays ways(moments_without(groups, &group));
  NeedForecast forecast({.fast_speed = segments[group.first].vstar, .learnt = &ways});
  Prng chance(options.seed ^ (0x9E3779B97F4A7C15ull * (number + 1)));
  const double asked = kOutcomesPerUpdate * updates_of(segments);
  Asking asking{.forecast = forecast,
                .chance = chance,
                .share = std::min(1.0, static_cast<double>(kOutcomesMax) / asked),
                .group = number,
                .outcomes = group.outcomes};
  for (std::size_t i = group.first; i < group.last; ++i) {
    forecast.end_run();
    ask_along(build_scenario(segments[i], {.seed = options.seed}), asking);
  }
}

}  // namespace

Learnt learn(const std::vector<Segment>& segments, const LearningOptions& options) {
  Learnt learnt;
  std::vector<Group> groups = groups_of(segments);
  std::atomic<std::uint64_t> done = 0;
  const std::uint64_t all = 2 * groups.size() + kHorizons;
  Workers workers(options.threads,
                  [&] { return !options.progress || options.progress(done++, all); });
  learnt.stopped = !workers.run(groups.size(), [&](std::size_t i) {
    for (std::size_t at = groups[i].first; at < groups[i].last; ++at) {
      add_moments(segments[at], groups[i].moments);
    }
  });
  if (learnt.stopped) return learnt;
  ModelOrigin& origin = learnt.model.origin;
  origin = {.seed = options.seed, .groups = groups.size(), .segments = segments.size()};
  for (const Group& group : groups) origin.candidates += group.moments.size();
  for (const Segment& segment : segments) origin.seconds += segment.seconds();
  choose_moments(groups, options.moments_max);
  learnt.stopped = !workers.run(groups.size(), [&](std::size_t i) {
    gather_outcomes(segments, groups, static_cast<std::uint32_t>(i), options, groups[i]);
  });
  if (learnt.stopped) return learnt;
  std::vector<Outcome> outcomes;
  for (const Group& group : groups) {
    outcomes.insert(outcomes.end(), group.outcomes.begin(), group.outcomes.end());
  }
  origin.outcomes = outcomes.size();
  const BlendFit fit = fit_blend(outcomes, static_cast<std::uint32_t>(groups.size()), workers);
  learnt.stopped = fit.stopped;
  learnt.loss_untrained = fit.loss_untrained;
  learnt.loss = fit.loss;
  learnt.model.weights = fit.weights;
  learnt.model.moments = moments_without(groups, nullptr);
  return learnt;
}

}  // namespace nf::predict
