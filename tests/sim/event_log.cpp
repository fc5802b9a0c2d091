#include "tests/sim/event_log.h"

#include <numeric>
#include <span>
#include <utility>

namespace nf::sim {

namespace {

// All of it, each list under a number of its own: when and how late are events, too.
void note(Stage& stage, const FrameEvents& events) {
  std::uint64_t list = 0;
  const auto begin = [&](std::size_t count) { stage.note(++list << 32 | count); };
  const auto note_all = [&](std::span<const ContainerId> ids) {
    begin(ids.size());
    for (const ContainerId id : ids) stage.note(id.value);
  };
  const auto note_binds = [&](std::span<const Bind> binds) {
    begin(binds.size());
    for (const Bind& bind : binds) {
      stage.note(bind.observer.value);
      stage.note(bind.container.value);
    }
  };
  stage.note(static_cast<std::uint64_t>(stage.now.ns));
  note_all(events.arrived);
  for (const Duration late : events.lateness) stage.note(static_cast<std::uint64_t>(late.ns));
  for (const LateCause cause : events.causes) stage.note(static_cast<std::uint64_t>(cause));
  note_all(events.leaving);
  note_all(events.failed);
  note_all(events.shown);
  note_all(events.hidden);
  note_binds(events.bound);
  note_binds(events.unbound);
}

}  // namespace

void EventLog::take(Stage& stage, const FrameEvents& events) {
  note(stage, events);
  const std::uint64_t overflows = stage.streamer->stats().overflows;
  // A list that was cut stays cut until it is collected anew, and counts only then.
  const bool grew = overflows > std::exchange(overflows_, overflows);
  stage.dropped = grew || !stage.plan.lists_hold_all();
  stage.check(events.lateness.size() == events.arrived.size(),
              "lateness is not parallel to arrivals");
  bool told = events.causes.size() == events.arrived.size();
  for (std::size_t i = 0; told && i < events.causes.size(); ++i) {
    told = (events.causes[i] == LateCause::none) == (events.lateness[i] == Duration{});
  }
  stage.check(told, "what was late came without a cause, or what was not with one");
  // What leaves does so before anything arrives: memory is taken from one for the other.
  for (const ContainerId id : events.leaving) {
    stage.check(stage.resident[id.value], "a container left that was not there");
    stage.check(!stage.pinned.contains(id) || !stage.mounts.exists(id), "a container left its pin");
    stage.resident[id.value] = false;
    check_dependents(stage, id);
  }
  for (const ContainerId id : events.arrived) take_arrival(stage, id);
  stage.result.arrivals += events.arrived.size();
  stage.result.failures += events.failed.size();
}

void EventLog::take_arrival(Stage& stage, ContainerId id) {
  stage.check(!stage.resident[id.value], "a container arrived twice");
  stage.resident[id.value] = true;
  // What was taken away arrives nevertheless if a pin held it, and no further one can.
  if (!stage.mounts.exists(id)) return;
  const Pin pin = stage.streamer->pin(id);
  stage.check(pin.resident(), "a container arrived and is not resident");
  for (std::uint32_t i = 0; i < pin.asset_count(); ++i) {
    stage.check(stage.mounts.decodes_to(id, pin.asset(i).bytes), "wrong bytes were delivered");
  }
  if (stage.mounts.is_dependency(id)) return;
  stage.mounts.for_each_dependency(id, [&](ContainerId on) {
    stage.check(stage.resident[on.value], "a container arrived before what it depends on");
  });
}

// What depends on it went before it.
void EventLog::check_dependents(Stage& stage, ContainerId left) {
  for (std::uint32_t id = 0; id < stage.resident.size(); ++id) {
    if (!stage.resident[id] || stage.mounts.is_dependency({id})) continue;
    stage.mounts.for_each_dependency({id}, [&](ContainerId on) {
      stage.check(on != left, "a container left before what depends on it");
    });
  }
}

void EventLog::check(Stage& stage) {
  const Stats stats = stage.streamer->stats();
  const std::uint64_t budget = stage.plan.streamer.memory_budget.value;
  stage.check(stats.memory.value <= budget && stats.memory_peak.value <= budget,
              "the memory budget was exceeded");
  stage.result.retries = stats.retries;
  const std::uint64_t told =
      std::accumulate(stats.late_by_cause.begin() + 1, stats.late_by_cause.end(), std::uint64_t{0});
  stage.check(told == stats.late_arrivals, "not all that was late has a cause");
  std::uint64_t held = 0;
  const bool lingers = stage.plan.streamer.leaving_cost_max != ~0u;
  for (std::uint32_t id = 0; id < stage.resident.size(); ++id) {
    const Residency state = stage.streamer->state({id});
    // What is to leave is still there; what left and is still in memory looks the same.
    const bool agrees = stage.resident[id] ? state == Residency::resident ||
                                                 (lingers && state == Residency::leaving)
                                           : state != Residency::resident;
    stage.check(agrees, "a container came or went without an event");
    if (stage.resident[id]) held += stage.mounts.size_in_memory({id});
  }
  stage.check(held <= stats.memory.value, "more is there than memory is said to hold");
  if (!stage.plan.reads_are_honest()) return;
  stage.check(stats.retries == 0, "a read was repeated although the disk is honest");
  const DeviceFaults& faults = stage.plan.faults();
  if (faults.hang > 0 || faults.slow > 0) return;
  stage.check(stage.result.failures == 0, "a container failed under transient faults only");
}

}  // namespace nf::sim
