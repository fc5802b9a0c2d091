// Memory and events: what starts to load, what makes room for it, what is handed out.
#include <algorithm>

#include "core/base/assert.h"
#include "core/stream/streamer_impl.h"

namespace nf {
namespace {

constexpr std::uint32_t kEvictionsPerLoadMax = 64;
// Looked at in one frame, in the order of need; far more than any frame's budget lets through.
constexpr std::size_t kHandOutMax = 2048;
// Something wanted is given up only for what is needed clearly sooner, or the two would take turns.
constexpr Duration kEvictionMargin = {1'000'000'000};

}  // namespace

void StreamerImpl::start_loads(Time now) {
  order_by_need(candidates_, options_.loads_max);
  const std::size_t count = std::min<std::size_t>(candidates_.size(), options_.loads_max);
  for (std::size_t i = 0; i < count; ++i) {
    const bool urgent = candidates_[i].needed_at <= now + kUrgentWithin;
    if (!loads_.can_start(urgent)) break;
    if (!start_load({candidates_[i].slot}, now)) break;  // nothing less urgent may take its memory
  }
}

bool StreamerImpl::start_load(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  std::uint32_t local = 0;
  const ContainerTable& table = table_of(container.id, local);
  const std::uint64_t raw_size = table.raw_size[local];
  if (raw_size > memory_spans_.capacity().value) {
    fail(container,
         Error{.code = ErrorCode::limit_exceeded,
               .subject_kind = Subject::container,
               .subject = container.id.value},
         now);
    return true;
  }
  const SpanAllocator::Span memory = make_room(raw_size, container.needed_at);
  if (!memory.valid()) return false;
  const Mount& mount = world_.mount_of(container.id);
  container.memory = memory;
  container.failure = {};
  container.load = loads_.start({.owner = slot,
                                 .container = container.id,
                                 .chunks = &mount.tables->chunks,
                                 .first_chunk = table.first_chunk[local],
                                 .end_chunk = table.first_chunk[local + 1],
                                 .file = mount.file,
                                 .run_at = table.run_at[local],
                                 .raw = memory_.bytes().subspan(memory.at, raw_size),
                                 .memory = memory,
                                 .needed_at = container.needed_at},
                                now);
  const Bytes used = loads_.staging_size() + memory_spans_.used();
  stats_.memory_peak = std::max(stats_.memory_peak, used);
  return true;
}

// Memory for something needed at `needed_at`: free, or taken from what left first, or from what is
// needed clearly later.
SpanAllocator::Span StreamerImpl::make_room(std::uint64_t size, Time needed_at) {
  for (std::uint32_t evicted = 0; evicted <= kEvictionsPerLoadMax; ++evicted) {
    const SpanAllocator::Span memory = memory_spans_.allocate(size);
    if (memory.valid()) return memory;
    const ActiveSlot cached = active_.oldest_cached();
    const ActiveSlot victim = cached.valid() ? cached : find_victim(needed_at);
    if (!victim.valid()) return {};
    evict(victim);
  }
  return {};
}

// Of what is listed but not needed yet: what is needed last.
ActiveSlot StreamerImpl::find_victim(Time needed_at) const {
  if (needed_at == Time::never()) return ActiveSlot::none();
  ActiveSlot latest;
  Time latest_at = needed_at + kEvictionMargin;
  for (const Wanted& wanted : wanted_) {
    const Time at = wanted.keep_only ? Time::never() : wanted.needed_at;
    if (wanted.inside || at <= latest_at) continue;
    const ActiveSlot slot = active_.find(wanted.id);
    if (!slot.valid()) continue;
    const ActiveContainer& container = active_[slot];
    if (!container.in_memory || !container.memory.valid() || container.pins > 0 ||
        container.users > 0) {
      continue;
    }
    latest = slot;
    latest_at = at;
  }
  return latest;
}

void StreamerImpl::evict(ActiveSlot slot) {
  ActiveContainer& container = active_[slot];
  NF_ASSERT(container.pins == 0 && container.users == 0 && container.memory.valid());
  if (container.announced) leave(slot);
  if (container.cached) active_.remove_cached(slot);
  if (!container.ever_needed) stats_.bytes_wasted += Bytes{container.bytes_read};
  memory_spans_.free(container.memory);
  container.memory = {};
  container.in_memory = false;
  container.ever_needed = false;
  if (container.wanted) {
    make_pending(slot);
  } else {
    look_before_sleep(slot);
  }
}

void StreamerImpl::leave(ActiveSlot slot) {
  active_.set_announced(slot, false);
  leaving_.push_back(active_[slot].id);
}

bool StreamerImpl::dependencies_announced(const ActiveContainer& container) const {
  const std::uint32_t first = world_.mount_of(container.id).range.first.value;
  for (const std::uint32_t dependency : world_.dependencies(container.id)) {
    const ActiveSlot slot = active_.find({first + dependency});
    const bool held = slot.valid() && active_[slot].wanted;
    // A shared container that nobody holds directly comes without what it depends on.
    if (container.holds ? !held || !active_[slot].announced : held && !active_[slot].announced) {
      return false;
    }
  }
  return true;
}

void StreamerImpl::hand_out(Time now) {
  order_by_need(ready_, kHandOutMax);
  std::uint64_t spent = 0;
  std::size_t kept = 0;
  const std::size_t count = std::min(ready_.size(), kHandOutMax);
  for (const Candidate& candidate : std::span(ready_).first(count)) {
    const ActiveSlot slot{candidate.slot};
    const ActiveContainer& container = active_[slot];
    const std::uint32_t cost = arrival_cost(container.id);
    const bool affordable = spent == 0 || spent + cost <= options_.arrival_cost_max;
    if (!container.in_memory || !affordable || !dependencies_announced(container)) {
      if (container.in_memory) ready_[kept++] = candidate;
      continue;
    }
    spent += cost;
    announce(slot, now);
  }
  ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(kept),
               ready_.begin() + static_cast<std::ptrdiff_t>(count));
}

std::uint32_t StreamerImpl::arrival_cost(ContainerId id) const {
  std::uint32_t local = 0;
  const std::uint32_t cost = table_of(id, local).activation_cost[local];
  return cost == 0 ? options_.arrival_cost_default : cost;
}

void StreamerImpl::announce(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  const Duration late =
      container.needed_since == Time::never() ? Duration{} : now - container.needed_since;
  active_.set_announced(slot, true);
  container.needed_since = Time::never();
  arrived_.push_back(container.id);
  lateness_.push_back(late);
  ++stats_.arrivals;
  if (late.ns > 0) count_late(late);
}

void StreamerImpl::count_late(Duration late) {
  ++stats_.late_arrivals;
  stats_.lateness_total = stats_.lateness_total + late;
  stats_.lateness_max = std::max(stats_.lateness_max, late);
}

}  // namespace nf
