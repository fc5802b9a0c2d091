#include "tests/sim/costs.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace nf::sim {
namespace {

// What no engine measures is among them.
Duration draw_cost(Prng& prng) {
  const std::array<double, 5> seconds = {-1, 0, prng.between(0, 0.001), prng.between(0, 0.01), 1e9};
  return Duration::from_seconds(seconds[prng.below(seconds.size())]);
}

// In the absence of any report.
Duration stated(const ForetoldCost& cost) {
  return {cost.microseconds * std::int64_t{1000}};
}

ForetoldCost foretold(const Stage& stage, ContainerId id, Activation what) {
  const StreamerOptions& options = stage.plan.streamer;
  if (what == Activation::leaving) return {.microseconds = options.leaving_cost_default};
  const std::uint32_t cost = stage.mounts.activation_cost(id);
  if (cost == 0) return {.microseconds = options.arrival_cost_default};
  return {.microseconds = cost, .by_author = true};
}

}  // namespace

// Ids are given again.
void Costs::forget_what_was(const Stage& stage) {
  existed_.resize(stage.mounts.count());
  for (std::uint32_t id = 0; id < existed_.size(); ++id) {
    const bool exists = stage.mounts.exists({id});
    if (exists && !existed_[id]) known_.forget({{id}, {id + 1}});
    existed_[id] = exists;
  }
}

// Whether what came or went fits into the frame, but for `beyond` of them; one alone always does.
bool Costs::within(const Stage& stage, std::span<const ContainerId> ids, Activation what,
                   std::uint64_t beyond) {
  const StreamerOptions& options = stage.plan.streamer;
  costs_.clear();
  for (const ContainerId id : ids) {
    const ForetoldCost before = foretold(stage, id, what);
    const Duration cost =
        stage.plan.reports_costs ? known_.expected(id, what, before) : stated(before);
    if (cost > Duration{}) costs_.push_back(cost.ns);
  }
  if (costs_.size() <= beyond + 1) return true;
  std::sort(costs_.begin(), costs_.end());
  costs_.resize(costs_.size() - beyond);
  const std::uint32_t most =
      what == Activation::arrival ? options.arrival_cost_max : options.leaving_cost_max;
  return std::accumulate(costs_.begin(), costs_.end(), std::int64_t{0}) <=
         most * std::int64_t{1000};
}

// By one that finds no memory or fails, and is tried again: where frames are long, in each of them.
// One without bytes is never queued: it is ready, and waits for what it depends on alone.
bool Costs::is_asked_for(const Stage& stage, ContainerId id) {
  for (std::uint32_t other = 0; other < stage.resident.size(); ++other) {
    if (!stage.mounts.exists({other}) || stage.mounts.is_dependency({other})) continue;
    const Residency state = stage.streamer->state({other});
    const bool is_ready = state == Residency::decoding && stage.mounts.size_in_memory({other}) == 0;
    if (state != Residency::queued && state != Residency::failed && !is_ready) continue;
    bool asks = false;
    stage.mounts.for_each_dependency({other}, [&](ContainerId on) { asks |= on == id; });
    if (asks) return true;
  }
  return false;
}

void Costs::check(Stage& stage, const FrameEvents& events) {
  forget_what_was(stage);
  const std::uint64_t hastened = stage.streamer->stats().leavings_hastened;
  const std::uint64_t beyond = hastened - std::exchange(hastened_, hastened);
  if (stage.plan.streamer.leaving_cost_max == ~0u) {
    stage.check(hastened == 0, "a leaving was hastened although nothing holds it back");
  }
  const bool one_step = !std::exchange(stage.waited, false);
  stage.stepped = false;
  if (one_step) {
    stage.check(within(stage, events.arrived, Activation::arrival, 0),
                "more arrived than the frame's budget allows");
    stage.check(within(stage, events.leaving, Activation::leaving, beyond),
                "more left than the frame's budget allows");
  }
  some_linger_ = false;
  frames_.resize(stage.resident.size());
  for (std::uint32_t id = 0; id < frames_.size(); ++id) {
    const bool lingers = stage.resident[id] && stage.streamer->state({id}) == Residency::leaving &&
                         stage.plan.streamer.leaving_cost_max != ~0u;
    some_linger_ = some_linger_ || lingers;
    // It may have been wanted for a moment in the middle of a frame.
    frames_[id] = lingers && events.leaving.empty() && one_step ? frames_[id] + 1 : 0;
    if (frames_[id] == 3 && is_asked_for(stage, {id})) frames_[id] = 0;
    stage.check(frames_[id] < 3, "what is to leave waits for nothing");
  }
}

void Costs::act(Stage& stage, const FrameEvents& events) {
  if (!stage.plan.reports_costs) return;
  const auto report = [&](ContainerId id, Activation what) {
    if (!stage.prng.chance(0.5)) return;
    const Duration cost = draw_cost(stage.prng);
    stage.streamer->report_cost(id, what, cost);
    const bool known = what == Activation::leaving || stage.mounts.exists(id);
    if (known) known_.report(id, what, cost, foretold(stage, id, what));
  };
  for (const ContainerId id : events.arrived) report(id, Activation::arrival);
  for (const ContainerId id : events.leaving) report(id, Activation::leaving);
  if (stage.prng.chance(0.1)) {
    stage.streamer->report_cost(ContainerId::none(), Activation::arrival, draw_cost(stage.prng));
  }
}

}  // namespace nf::sim
