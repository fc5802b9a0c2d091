// Memory and events: what starts to load, what makes room for it, what is handed out. Who else lets
// go of what they depend on: yield_step.cpp.
#include <algorithm>

#include "core/base/assert.h"
#include "core/stream/streamer_impl.h"

namespace nf {
namespace {

// What was abandoned is counted on for so many times what reading it takes by itself, as it may
// stand behind others, and for so much more, as disks have their moments.
constexpr std::int64_t kReadsAwaited = 4;
constexpr Duration kAwaitedMore = {100'000'000};
// Looked at in one frame, in the order of need; far more than any frame's budget lets through.
constexpr std::size_t kHandOutMax = 512;
// What gave up its memory, or found none, lets go of its dependencies and comes back after this,
// and after a whole frame: see may_come_back.
constexpr Duration kPostponement = {1'000'000'000};
// Where memory is short, what nobody foretells stands behind all that somebody does.
constexpr Duration kOnlyReachableAfter = {3600ll * 1'000'000'000};

// When it counts as needed by those who divide the memory.
Time memory_needed_at(Time needed_at, bool only_reachable) {
  return only_reachable ? needed_at + kOnlyReachableAfter : needed_at;
}

bool is_announced(const ActiveContainer& container) {
  return container.announced;
}

// By the end of this frame.
bool may_be_announced(const ActiveContainer& container) {
  return container.announced || container.in_memory;
}

}  // namespace

void StreamerImpl::start_loads(Time now) {
  victims_known_ = false;
  awaited_ = {};
  obtainable_ = ~std::uint64_t{0};
  admit_intended(now);
  if (memory_was_short_) {
    for (Waiting& candidate : candidates_) {
      const bool reachable = only_reachable(active_[ActiveSlot{candidate.slot}]);
      candidate.needed_at = memory_needed_at(candidate.needed_at, reachable);
    }
  }
  order_by_need(candidates_, options_.loads_max);
  more_to_start_ = false;
  loads_.let_pass(Time::never());
  add_memory_short(now);
  bool memory_short = false, later_yielded = false;
  const std::size_t count = std::min<std::size_t>(candidates_.size(), options_.loads_max);
  for (std::size_t i = 0; i < count; ++i) {
    const ActiveSlot slot{candidates_[i].slot};
    const bool urgent =
        candidates_[i].needed_at <= now + kUrgentWithin && !only_reachable(active_[slot]);
    // Where something more urgent found no memory, prefetch must not take what comes free.
    if (memory_short && !urgent) break;
    if (!loads_.can_start(urgent)) {
      more_to_start_ = true;
      if (urgent) loads_.let_pass(candidates_[i].needed_at);
      break;
    }
    if (!active_[slot].wanted || active_[slot].postponed) continue;  // changed since it was listed
    const bool intended = only_intended(active_[slot]);
    if (intended && memory_short) continue;
    const Bytes awaited = awaited_;
    if (start_load(slot, now)) {
      note_start(slot);
      continue;
    }
    if (intended) {
      postpone(slot, now);
      continue;
    }
    const bool waits = awaited_ != awaited;
    const bool stays = urgent || active_[slot].pins > 0;
    note_no_memory(slot, now);
    const bool asks = stays && !waits && !(memory_short && (!urgent || later_yielded));
    // What has no room beside what must stay is not helped by anybody.
    if (asks && !could_fit(slot)) continue;
    if (!memory_short && !only_reachable(active_[slot])) {
      let_intended_yield(active_[slot].needed_at, now);
    }
    if (asks && urgent && !later_yielded) {
      later_yielded = true;
      let_later_yield(slot, now);
    }
    memory_short = true;
    if (!stays) postpone(slot, now);
  }
  attribute_started();
  memory_was_short_ = memory_short;
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
  const bool intended = only_intended(container);
  const Time needed_at = memory_needed_at(container.needed_at, only_reachable(container));
  const SpanAllocator::Span memory =
      intended ? make_room_for_intended(raw_size, now) : make_room(raw_size, needed_at, now);
  if (!memory.valid()) return false;
  container.on_account = intended;
  if (intended) intent_account_.start_load(Bytes{memory.size});
  const Mount& mount = world_.mount_of(container.id);
  container.memory = memory;
  container.failure = {};
  note_load(slot, now);
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

// Memory for something needed at `needed_at`: free, or made free.
SpanAllocator::Span StreamerImpl::make_room(std::uint64_t size, Time needed_at, Time now) {
  SpanAllocator::Span memory = memory_spans_.allocate(size);
  if (memory.valid()) return memory;
  const bool was_free_in_pieces = (memory_spans_.capacity() - memory_spans_.used()).value >= size;
  memory = evict_for(size, needed_at, now);
  if (!memory.valid() && was_free_in_pieces) ++stats_.refused_by_fragmentation;
  return memory;
}

// Takes it from what left first, from what is to leave, or from what is needed clearly later.
// Nothing is given up if all of that together with what is free would not be enough.
SpanAllocator::Span StreamerImpl::evict_for(std::uint64_t size, Time needed_at, Time now) {
  const Bytes free = memory_spans_.capacity() - memory_spans_.used();
  // What lingers keeps others, which cannot be counted before it left.
  const auto unwanted = [&] {
    return (free + active_.cached_bytes() + active_.lingering_bytes()).value;
  };
  const bool urgent = needed_at <= now + kUrgentWithin;
  std::uint64_t there = 0;  // of victims that give their memory back at once
  while (urgent && unwanted() < size && hasten_leaving(now)) {
  }
  std::uint64_t reclaimable = unwanted();
  if (reclaimable < size) {
    find_victims();
    for (const Victim& victim : victims_) {
      if (victim.needed_at <= needed_at + kEvictionMargin) continue;
      reclaimable += victim.size;
      if (active_[victim.slot].in_memory) there += victim.size;
    }
    if (reclaimable < size) return {};
  }
  // What is needed already is late while it waits for reads.
  const bool at_once = needed_at <= now && unwanted() + there >= size;
  for (std::uint32_t evicted = 0; evicted < kEvictionsPerLoadMax; ++evicted) {
    const SpanAllocator::Span memory = evict_cached_for(size, evicted, now);
    if (memory.valid()) return memory;
    if (hasten_leaving(now)) continue;
    ActiveSlot victim = at_once ? take_victim_there(needed_at) : ActiveSlot::none();
    if (!victim.valid()) {
      if (waits_for_abandoned(size)) return {};
      victim = take_victim(needed_at);
    }
    if (!victim.valid()) return {};
    give_up(victim, now);
    const SpanAllocator::Span freed = memory_spans_.allocate(size);
    if (freed.valid()) return freed;
  }
  return {};
}

// From what nobody wants any more, what left first before others; counts what it took.
SpanAllocator::Span StreamerImpl::evict_cached_for(std::uint64_t size, std::uint32_t& evicted,
                                                   Time now) {
  SpanAllocator::Span memory;
  while (!memory.valid() && evicted < kEvictionsPerLoadMax) {
    const ActiveSlot oldest = active_.oldest_cached();
    if (!oldest.valid()) break;
    give_up(oldest, now);
    ++evicted;
    memory = memory_spans_.allocate(size);
  }
  return memory;
}

// Whether the reads of loads that were abandoned give back enough, beside what they give back for
// others that found no memory before in this frame. Nobody asks who it was given up for; those who
// need it soonest find it.
bool StreamerImpl::waits_for_abandoned(std::uint64_t size) {
  const Bytes coming = loads_.abandoned_memory();
  const Bytes free = memory_spans_.capacity() - memory_spans_.used();
  if (coming.value == 0 || free + coming < awaited_ + Bytes{size}) return false;
  awaited_ += Bytes{size};
  return true;
}

// Gives way to what is needed clearly before this.
Time StreamerImpl::given_up_for(const Wanted& wanted) const {
  Time needed_at = rank_of(wanted, now_);
  if (wanted.only_reachable()) needed_at = memory_needed_at(needed_at, !wanted.keep_only);
  // No margin for what only intents want, so that observers' needs are not kept waiting by it.
  if (wanted.by_intent && !wanted.keep_only) needed_at = needed_at + kEvictionMargin + 1_ns;
  return needed_at;
}

// What is listed and not needed yet, with memory or with what it depends on: what is needed last
// comes last.
void StreamerImpl::find_victims() {
  if (victims_known_) return;
  victims_known_ = true;
  victims_.clear();
  wanted_ = interest_.all_wanted();
  for (const Wanted& wanted : wanted_) {
    if (wanted.inside) continue;
    const ActiveSlot slot = active_.find(wanted.id);
    if (!slot.valid()) continue;
    const ActiveContainer& container = active_[slot];
    // What a limit dropped, or only hysteresis would keep, is not wanted: see mark_wanted.
    if (!container.listed || container.pins > 0 || container.users > 0) continue;
    const bool holds = container.holds && !world_.dependencies(wanted.id).empty();
    if (!container.memory.valid() && !holds) continue;
    victims_.push_back(
        {.needed_at = given_up_for(wanted), .slot = slot, .size = container.memory.size});
  }
  std::sort(victims_.begin(), victims_.end(), [](const Victim& a, const Victim& b) {
    return a.needed_at != b.needed_at ? a.needed_at < b.needed_at : a.slot < b.slot;
  });
  victims_left_ = victims_.size();
}

ActiveSlot StreamerImpl::take_victim(Time needed_at) {
  find_victims();
  while (victims_left_ > 0) {
    Victim& victim = victims_[victims_left_ - 1];
    if (needed_at == Time::never() || victim.needed_at <= needed_at + kEvictionMargin) break;
    --victims_left_;
    victim.size = 0;
    if (active_[victim.slot].memory.valid()) return victim.slot;  // else it went already
  }
  return ActiveSlot::none();
}

// Of those in memory: none of them has to be waited for.
ActiveSlot StreamerImpl::take_victim_there(Time needed_at) {
  find_victims();
  for (auto victim = victims_.rbegin(); victim != victims_.rend(); ++victim) {
    if (victim->needed_at <= needed_at + kEvictionMargin) break;
    const ActiveContainer& container = active_[victim->slot];
    if (!container.memory.valid() || !container.in_memory) continue;
    victim->size = 0;
    return victim->slot;
  }
  return ActiveSlot::none();
}

// Takes the memory of something that is cached, or wanted later, and what it holds. What is still
// on its way gives its memory back when its reads do.
void StreamerImpl::give_up(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  if (container.load.valid()) {
    abandon_load(container);
  } else if (container.memory.valid()) {
    evict(slot);
  } else if (container.announced) {
    leave_at_once(slot);
  }
  if (!container.wanted) return;
  note_given_up(slot, now);
  make_pending(slot);
  postpone(slot, now);
}

void StreamerImpl::evict(ActiveSlot slot) {
  ActiveContainer& container = active_[slot];
  NF_ASSERT(container.pins == 0 && container.users == 0 && container.memory.valid());
  if (container.announced) leave_at_once(slot);
  if (container.cached) active_.remove_cached(slot);
  if (!container.ever_needed) stats_.bytes_wasted += Bytes{container.bytes_read};
  if (container.on_account && !container.ever_needed) {
    stats_.intent_bytes_wasted += Bytes{container.bytes_read};
  }
  take_off_account(container);
  memory_spans_.free(container.memory);
  container.memory = {};
  container.in_memory = false;
  container.ever_needed = false;
  if (!container.wanted) look_before_sleep(slot);
}

// Lets go of the dependencies of something that cannot be served now, so that their memory can be.
void StreamerImpl::postpone(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  const Time again = now + kPostponement;
  // What failed is not tried the sooner for that.
  container.retry_at = container.failure ? std::max(container.retry_at, again) : again;
  container.postponed = true;
  if (container.holds) release_dependencies(slot, now);
}

// However long frames are, there is one in which others find what it let go of.
bool StreamerImpl::may_come_back(const ActiveContainer& container, Time now) const {
  return now >= container.retry_at && frame_before_ + kPostponement > container.retry_at;
}

// How long the memory of a load that is abandoned is counted on; a read that hangs holds up what
// needs memory for so long only. Where nothing was ever read there is nothing to take instead.
Duration StreamerImpl::awaited_for(Bytes stored) const {
  const Duration bare = reading_.expected(stored);
  if (bare == Duration{}) return options_.read_timeout;
  return std::min(Duration{bare.ns * kReadsAwaited} + kAwaitedMore, options_.read_timeout);
}

void StreamerImpl::abandon_load(ActiveContainer& container) {
  const LoadId load = container.load;
  abandon_intended(container);
  container.load = LoadId::none();
  container.memory = {};  // comes back with the end of the load
  container.ever_needed = false;
  loads_.abandon(load, *device_, now_ + awaited_for(Bytes{container.stored_size}));
}

// The failure of something it depends on, if there is one; what depends on it cannot be handed out.
Error StreamerImpl::dependency_failure(const ActiveContainer& container) const {
  for (const ContainerId dependency : world_.dependencies(container.id)) {
    const ActiveSlot slot = active_.find(dependency);
    if (slot.valid() && active_[slot].failure) return active_[slot].failure;
  }
  return {};
}

bool StreamerImpl::dependencies_are(const ActiveContainer& container,
                                    bool (*there)(const ActiveContainer&)) const {
  const ContainerList dependencies = world_.dependencies(container.id);
  const bool direct = container.listed || container.pins > 0;
  if (direct && !container.holds && !dependencies.empty()) return false;
  for (const ContainerId dependency : dependencies) {
    const ActiveSlot slot = active_.find(dependency);
    // A shared container that nobody wants directly comes without what nobody holds.
    const bool held = slot.valid() && active_[slot].wanted;
    if (held ? !there(active_[slot]) : container.holds) return false;
  }
  return true;
}

// What waits for something that is not in memory either must not stand before what can go.
void StreamerImpl::leave_only_ready() {
  std::erase_if(ready_, [this](const Waiting& candidate) {
    return !dependencies_are(active_[ActiveSlot{candidate.slot}], may_be_announced);
  });
}

void StreamerImpl::hand_out(Time now) {
  if (ready_.size() > kHandOutMax) leave_only_ready();
  order_by_need(ready_, kHandOutMax);
  more_to_hand_out_ = ready_.size() > kHandOutMax;
  const std::int64_t most = options_.arrival_cost_max * std::int64_t{1000};
  std::int64_t spent = 0;
  const std::size_t count = std::min(ready_.size(), kHandOutMax);
  for (const Waiting& candidate : std::span(ready_).first(count)) {
    const ActiveSlot slot{candidate.slot};
    const ActiveContainer& container = active_[slot];
    // What starts to load may have taken its memory, or that of the last one that wanted it.
    if (!container.wanted || !container.in_memory) continue;
    if (!dependencies_are(container, is_announced)) continue;
    const Duration cost = activation_cost(container.id, Activation::arrival);
    if (spent > 0 && spent + cost.ns > most) {
      more_to_hand_out_ = true;
      break;
    }
    spent += cost.ns;
    announce(slot, now);
  }
}

void StreamerImpl::announce(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  // What a pin holds, or others, comes even if a limit dropped it.
  const Time dropped_since = dropped_needs_.take_noted(container.id);
  if (dropped_since != Time::never()) note_was_dropped(slot, dropped_since);
  const Time since = std::min(container.needed_since, dropped_since);
  const Duration late = since == Time::never() ? Duration{} : now - since;
  const LateCause cause = late > Duration{} ? cause_of(slot, since, now, true) : LateCause::none;
  active_.set_announced(slot, true);
  active_.history(slot).announced_at = now;
  container.needed_since = Time::never();
  note_level(container.id);
  arrived_.push_back(container.id);
  lateness_.push_back(late);
  causes_.push_back(cause);
  ++stats_.arrivals;
  if (late.ns > 0) count_late(late, cause);
}

}  // namespace nf
