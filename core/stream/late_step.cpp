// What is late and why: the few times in a container's history that tell it, noted where they pass.
#include <algorithm>
#include <utility>

#include "core/base/planted_bug.h"
#include "core/stream/streamer_impl.h"

namespace nf {

void StreamerImpl::begin_history(ActiveSlot slot, Time now) {
  active_.history(slot) = {.wanted_since = now, .memory_short = memory_short_};
  // What is still in memory has nothing to wait for but its turn.
  if (active_[slot].in_memory) note_in_memory(slot, now);
}

// What is not loaded for this long is wanted from when it is needed again.
void StreamerImpl::note_only_kept(ActiveSlot slot, Time now) {
  const ActiveContainer& container = active_[slot];
  const bool underway = container.load.valid() || container.in_memory || container.announced;
  if (!underway && container.pins == 0 && container.users == 0) begin_history(slot, now);
}

void StreamerImpl::note_in_memory(ActiveSlot slot, Time now) {
  ArrivalHistory& history = active_.history(slot);
  history.load_at = history.read_at = history.ready_at = now;
  history.memory_short = memory_short_ - history.memory_short;
}

void StreamerImpl::note_load(ActiveSlot slot, Time now) {
  ArrivalHistory& history = active_.history(slot);
  const bool first = history.load_at == Time::never() && history.failed_since == Time::never();
  if (first) history.memory_short = memory_short_ - history.memory_short;
  history.load_at = now;
  history.read_at = history.ready_at = Time::never();
}

void StreamerImpl::note_loaded(ActiveSlot slot, const LoadEnd& end, Time now) {
  if constexpr (planted_bug == kTurnBlamedOnDisk) return;
  ArrivalHistory& history = active_.history(slot);
  history.read_at = end.read_at;
  history.ready_at = now;
  std::uint32_t local = 0;
  const ContainerTable& table = table_of(end.container, local);
  const Bytes stored{table.run_size[local]}, raw{table.raw_size[local]};
  // The first read of all is what is known of the disk; of decoding, nothing is expected before.
  reading_.add({.size = stored, .from = history.load_at, .until = end.read_at, .alone = end.alone});
  history.bare_read = reading_.expected(stored);
  history.bare_decode = decoding_.expected(raw);
  decoding_.add({.size = raw, .from = end.read_at, .until = now, .alone = end.alone});
}

void StreamerImpl::note_failed(ActiveSlot slot, Time now) {
  ArrivalHistory& history = active_.history(slot);
  if (history.failed_since == Time::never()) {
    if (history.load_at == Time::never()) {
      history.memory_short = memory_short_ - history.memory_short;
    }
    history.failed_since = std::min(history.load_at, now);
  }
  history.load_at = history.read_at = Time::never();
}

void StreamerImpl::note_no_memory(ActiveSlot slot, Time now) {
  ArrivalHistory& history = active_.history(slot);
  if (history.memory_since == Time::never()) history.memory_since = now;
}

// Its load, or what came of it, is gone. What was ready waited for nothing until now; what has no
// bytes is ready again.
void StreamerImpl::note_given_up(ActiveSlot slot, Time now) {
  ArrivalHistory& history = active_.history(slot);
  if (history.ready_at != Time::never()) {
    begin_history(slot, now);
  } else {
    history.load_at = history.read_at = history.failed_since = Time::never();
    history.memory_short = memory_short_;
  }
  note_no_memory(slot, now);
}

// For how long something found no memory: what wants to start meanwhile waits for the same.
void StreamerImpl::add_memory_short(Time now) {
  if (memory_was_short_) memory_short_ = memory_short_ + (now - starts_at_);
  starts_at_ = now;
}

// Of what is needed since then, and came at `until` or has not yet.
LateCause StreamerImpl::cause_of(ActiveSlot slot, Time needed_since, Time until,
                                 bool asks_dependencies) const {
  const ActiveContainer& container = active_[slot];
  ArrivalHistory history = active_.history(slot);
  const bool loaded = history.ready_at != Time::never();
  if (container.load.valid() && loads_.decoding(container.load)) {
    history.read_at = loads_.read_at(container.load);
  }
  std::uint32_t local = 0;
  const ContainerTable& table = table_of(container.id, local);
  const bool begun = history.load_at != Time::never() || history.failed_since != Time::never();
  LateCase late{
      .needed_since = needed_since,
      .until = until,
      .bare_read = loaded ? history.bare_read : reading_.expected(Bytes{table.run_size[local]}),
      .bare_decode =
          loaded ? history.bare_decode : decoding_.expected(Bytes{table.raw_size[local]}),
      .memory_short = begun ? history.memory_short : memory_short_ - history.memory_short};
  if (!asks_dependencies) {
    // What needs it did not hold it before: only without memory or slots does it not.
    const Duration unheld = std::max(history.wanted_since - needed_since, Duration{});
    late.memory_short = late.memory_short + unheld;
    return find_cause(history, late);
  }
  ActiveSlot last;
  for (const ContainerId dependency : world_.dependencies(container.id)) {
    const ActiveSlot held = active_.find(dependency);
    const bool there = held.valid() && active_[held].announced;
    const Time at = there ? active_.history(held).announced_at : Time::never();
    if (at <= late.dependencies_at) continue;
    late.dependencies_at = at;
    last = held;
  }
  if (last.valid() && active_[last].wanted) {
    const Time came = std::clamp(late.dependencies_at, needed_since, until);
    late.dependency = cause_of(last, needed_since, std::max(came, needed_since), false);
  }
  return find_cause(history, late);
}

LateCause StreamerImpl::cause(ContainerId id) const {
  const ActiveContainer* container = find_active(id);
  if (container == nullptr || container->needed_since == Time::never()) {
    return dropped_needs_.holds(id) ? LateCause::memory : LateCause::none;
  }
  const Time now = std::max(now_, container->needed_since);
  return cause_of(active_.find(id), container->needed_since, now, true);
}

// What somebody is inside of and no list had room for: from now on this alone knows since when.
void StreamerImpl::note_dropped(Time now) {
  const DroppedInside dropped = interest_.dropped_inside();
  for (const ContainerId id : dropped.ids) {
    const ActiveSlot slot = active_.find(id);
    Time since = now;
    if (slot.valid()) {
      since = std::min(since, std::exchange(active_[slot].needed_since, Time::never()));
    }
    dropped_needs_.note(id, since);
  }
  dropped_needs_.note_unnamed(dropped.more);
}

// It was needed since then, and nothing but a limit kept it from being wanted.
void StreamerImpl::note_was_dropped(ActiveSlot slot, Time since) {
  ArrivalHistory& history = active_.history(slot);
  if (history.wanted_since <= since) return;  // by others
  const Duration dropped = history.wanted_since - since;
  history.wanted_since = since;
  const bool begun = history.load_at != Time::never();
  history.memory_short = begun ? history.memory_short + dropped : history.memory_short - dropped;
}

// What is needed no more was late until now.
void StreamerImpl::end_dropped(Time now) {
  dropped_needs_.end_frame(
      [this](ContainerId id) {
        const ActiveContainer* const container = find_active(id);
        return container != nullptr && container->announced;
      },
      [this, now](Time since) {
        if constexpr (planted_bug != kNeverCameUncounted)
          count_late(now - since, LateCause::memory);
      });
}

void StreamerImpl::count_late(Duration late, LateCause cause) {
  ++stats_.late_arrivals;
  ++stats_.late_by_cause[static_cast<std::size_t>(cause)];
  stats_.lateness_total = stats_.lateness_total + late;
  stats_.lateness_max = std::max(stats_.lateness_max, late);
}

}  // namespace nf
