// The middle of a frame: what is wanted, what leaves, what starts to load, what is handed out.
#include <algorithm>

#include "core/base/assert.h"
#include "core/stream/streamer_impl.h"

namespace nf {
namespace {

constexpr std::uint32_t kEvictionsPerLoadMax = 64;
// Something wanted is given up only for what is needed clearly sooner, or the two would take turns.
constexpr Duration kEvictionMargin = {1'000'000'000};

// Shared containers first: what depends on them cannot be handed out before they are.
std::uint32_t tie_of(const ActiveContainer& container) {
  return container.shared ? container.id.value : container.id.value | 0x8000'0000u;
}

}  // namespace

void StreamerImpl::mark_wanted(Time now) {
  for (const Wanted& wanted : interest_.find_wanted(world_, now)) {
    ActiveSlot slot = active_.find(wanted.id);
    if (wanted.keep_only && !(slot.valid() && active_[slot].wanted)) continue;
    if (!slot.valid()) slot = active_.activate(wanted.id, false);
    if (!slot.valid()) continue;  // active_max reached
    ActiveContainer& container = active_[slot];
    container.wanted_frame = frame_;
    container.needed_frame = frame_;
    container.needed_at = wanted.keep_only ? Time::never() : wanted.needed_at;
    container.inside = wanted.inside;
    if (wanted.inside) note_needed(container, now);
  }
}

// The observer is there: from now on a container that is not resident is late.
void StreamerImpl::note_needed(ActiveContainer& container, Time now) {
  if (!container.announced && container.needed_since == Time::never()) container.needed_since = now;
  if (container.ever_needed) return;
  container.ever_needed = true;
  const std::uint32_t first = world_.mount_of(container.id).range.first.value;
  for (const std::uint32_t dependency : world_.dependencies(container.id)) {
    const ActiveSlot slot = active_.find({first + dependency});
    if (slot.valid()) active_[slot].ever_needed = true;
  }
}

void StreamerImpl::sweep(Time now) {
  // What begins to be wanted holds its dependencies before what ends to be wanted lets go of them, so
  // that a container which two share does not leave and come back. Holding may append to the active
  // set; what is appended is visited as well.
  for (std::size_t i = 0; i < active_.active().size(); ++i) begin_want(active_.active()[i], now);
  for (std::size_t i = 0; i < active_.active().size(); ++i) {
    const ActiveSlot slot = active_.active()[i];
    const bool direct = active_[slot].wanted_frame == frame_ || active_[slot].pins > 0;
    if (!direct && active_[slot].holds) release_dependencies(slot, now);
    update_wanted(slot, now);
  }
  candidates_.clear();
  ready_.clear();
  for (std::size_t i = active_.active().size(); i-- > 0;) sort_out(active_.active()[i], now);
}

void StreamerImpl::begin_want(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  const bool marked = container.wanted_frame == frame_;
  if (!marked) container.inside = false;
  if (!marked && container.pins == 0) return;
  if (container.pins > 0) {
    container.ever_needed = true;
    container.needed_at =
        marked ? std::min(container.needed_at, container.pinned_at) : container.pinned_at;
    container.needed_frame = frame_;
  }
  if (!container.holds) hold_dependencies(slot, now);
  if (!container.announced) pass_need_on(container);
}

void StreamerImpl::hold_dependencies(ActiveSlot slot, Time now) {
  const ContainerId id = active_[slot].id;
  const std::uint32_t first = world_.mount_of(id).range.first.value;
  const std::span<const std::uint32_t> dependencies = world_.dependencies(id);
  for (const std::uint32_t dependency : dependencies) {
    // No room for all of them: hold none, and try again next frame.
    if (!active_.activate({first + dependency}, true).valid()) return;
  }
  for (const std::uint32_t dependency : dependencies) {
    const ActiveSlot held = active_.find({first + dependency});
    ++active_[held].users;
    if (active_[slot].ever_needed) active_[held].ever_needed = true;
    update_wanted(held, now);
  }
  active_[slot].holds = true;
}

void StreamerImpl::release_dependencies(ActiveSlot slot, Time now) {
  const ContainerId id = active_[slot].id;
  active_[slot].holds = false;
  update_wanted(slot, now);  // leaves before what it depends on does
  const std::uint32_t first = world_.mount_of(id).range.first.value;
  for (const std::uint32_t dependency : world_.dependencies(id)) {
    const ActiveSlot held = active_.find({first + dependency});
    NF_ASSERT(held.valid() && active_[held].users > 0);
    --active_[held].users;
    update_wanted(held, now);
  }
}

// What a container depends on is needed when it is.
void StreamerImpl::pass_need_on(const ActiveContainer& container) {
  const std::uint32_t first = world_.mount_of(container.id).range.first.value;
  for (const std::uint32_t dependency : world_.dependencies(container.id)) {
    const ActiveSlot slot = active_.find({first + dependency});
    if (!slot.valid()) continue;
    ActiveContainer& held = active_[slot];
    held.needed_at = held.needed_frame == frame_ ? std::min(held.needed_at, container.needed_at)
                                                 : container.needed_at;
    held.needed_frame = frame_;
  }
}

void StreamerImpl::update_wanted(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  const bool wanted = container.wanted_frame == frame_ || container.pins > 0 || container.users > 0;
  if (wanted == container.wanted) return;
  container.wanted = wanted;
  if (wanted) {
    if (container.cached) active_.remove_cached(slot);
    return;
  }
  if (container.needed_since != Time::never()) {  // it was needed and never came
    ++stats_.late_arrivals;
    stats_.lateness_total = stats_.lateness_total + (now - container.needed_since);
    stats_.lateness_max = std::max(stats_.lateness_max, now - container.needed_since);
    container.needed_since = Time::never();
  }
  if (container.announced) leave(container);
  if (container.load.valid()) {
    const LoadId load = container.load;
    container.load = LoadId::none();
    container.memory = {};  // comes back with the end of the load
    container.ever_needed = false;
    loads_.abandon(load, *device_);
  }
  container.failure = {};
  container.failures = 0;
  if (!container.memory.valid()) container.in_memory = false;
  if (container.in_memory) active_.append_cached(slot);
}

void StreamerImpl::leave(ActiveContainer& container) {
  container.announced = false;
  leaving_.push_back(container.id);
}

// Puts an active container where it belongs this frame.
void StreamerImpl::sort_out(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  if (!container.wanted) {
    if (!container.in_memory && !container.load.valid() && container.pins == 0)
      active_.deactivate(slot);
    return;
  }
  if (container.announced) return;
  if (container.load.valid()) {
    loads_.set_needed_at(container.load, container.needed_at);
    return;
  }
  if (!container.in_memory && !container.failure) {
    std::uint32_t local = 0;
    const ContainerTable& table = table_of(container.id, local);
    container.in_memory = table.raw_size[local] == 0;  // nothing to fetch
  }
  const Candidate candidate{
      .needed_at = container.needed_at, .tie = tie_of(container), .slot = slot.value};
  if (container.in_memory) {
    ready_.push_back(candidate);
  } else if (container.needed_at != Time::never() &&
             (!container.failure || now >= container.retry_at)) {
    candidates_.push_back(candidate);
  }
}

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

ActiveSlot StreamerImpl::find_victim(Time needed_at) const {
  if (needed_at == Time::never()) return ActiveSlot::none();
  ActiveSlot latest;
  Time latest_at = needed_at + kEvictionMargin;
  for (const ActiveSlot slot : active_.active()) {
    const ActiveContainer& container = active_[slot];
    if (!container.in_memory || !container.memory.valid() || container.inside ||
        container.pins > 0 || container.users > 0 || container.needed_at <= latest_at) {
      continue;
    }
    latest = slot;
    latest_at = container.needed_at;
  }
  return latest;
}

void StreamerImpl::evict(ActiveSlot slot) {
  ActiveContainer& container = active_[slot];
  NF_ASSERT(container.pins == 0 && container.users == 0 && container.memory.valid());
  if (container.announced) leave(container);
  if (container.cached) active_.remove_cached(slot);
  if (!container.ever_needed) stats_.bytes_wasted += Bytes{container.bytes_read};
  memory_spans_.free(container.memory);
  container.memory = {};
  container.in_memory = false;
  container.ever_needed = false;
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
  order_by_need(ready_, ready_.size());
  std::uint64_t spent = 0;
  std::size_t kept = 0;
  for (const Candidate& candidate : ready_) {
    ActiveContainer& container = active_[ActiveSlot{candidate.slot}];
    const std::uint32_t cost = arrival_cost(container.id);
    const bool affordable = spent == 0 || spent + cost <= options_.arrival_cost_max;
    if (!container.in_memory || !affordable || !dependencies_announced(container)) {
      if (container.in_memory) ready_[kept++] = candidate;
      continue;
    }
    spent += cost;
    announce(container, now);
  }
  ready_.resize(kept);
}

std::uint32_t StreamerImpl::arrival_cost(ContainerId id) const {
  std::uint32_t local = 0;
  const std::uint32_t cost = table_of(id, local).activation_cost[local];
  return cost == 0 ? options_.arrival_cost_default : cost;
}

void StreamerImpl::announce(ActiveContainer& container, Time now) {
  const Duration late =
      container.needed_since == Time::never() ? Duration{} : now - container.needed_since;
  container.announced = true;
  container.needed_since = Time::never();
  arrived_.push_back(container.id);
  lateness_.push_back(late);
  ++stats_.arrivals;
  if (late.ns == 0) return;
  ++stats_.late_arrivals;
  stats_.lateness_total = stats_.lateness_total + late;
  stats_.lateness_max = std::max(stats_.lateness_max, late);
}

}  // namespace nf
