// What begins and what ends to be wanted: bubbles, forecasts, pins, and what those depend on.
#include <algorithm>
#include <bit>
#include <utility>

#include "core/base/assert.h"
#include "core/base/planted_bug.h"
#include "core/stream/streamer_impl.h"

namespace nf {
namespace {

constexpr std::size_t kRecordsAhead = 8;  // fetched before they are looked at

}  // namespace

// Nearly everything that is wanted is resident and was wanted before: of that nothing is told.
void StreamerImpl::mark_wanted(Time now) {
  wanted_ = interest_.find_wanted(
      world_, now, {.containers = active_.settled().words(), .inside = active_.inside().words()});
  world_.forget_changes();
  unlisted_.clear();
  const double intended_max = options_.intent_share * static_cast<double>(options_.active_max);
  std::uint32_t intended = 0;
  begin_slots();
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    const Wanted& wanted = wanted_[i];
    const ActiveSlot soon =
        active_.find(wanted_[std::min(i + kRecordsAhead, wanted_.size() - 1)].id);
    if (soon.valid()) active_.prefetch(soon);
    const std::uint8_t brief = active_.brief(wanted.id);
    if (wanted.keep_only && (brief & kBriefListed) == 0) continue;
    if (leaves_slots_ && !wanted.inside && (brief & kBriefListed) == 0) {
      ++stats_.overflows;
      continue;
    }
    if (wanted.by_intent && ++intended > intended_max) {
      ++stats_.overflows;
      if ((brief & kBriefListed) != 0) unlisted_.push_back(wanted.id);
      continue;
    }
    constexpr std::uint8_t settled = kBriefListed | kBriefAnnounced;
    const std::uint8_t stands =
        settled | (wanted.inside ? kBriefInside : 0) | (wanted.by_intent ? kBriefByIntent : 0);
    if (brief != stands) list(wanted, now);
  }
  note_dropped(now);
  // What is pinned now begins to be wanted before anything ends to be: a container that two share
  // must not leave and come back.
  for (const ActiveSlot slot : touched_) {
    if (active_[slot].pins > 0) reconsider(slot, now);
  }
  unlist_missing(now);
  for (const ActiveSlot slot : touched_) {
    active_[slot].touched = false;
    reconsider(slot, now);
    if (!active_[slot].wanted) look_before_sleep(slot);
  }
  touched_.clear();
}

// Of what is cached. One whose pin has just gone may hold what it depends on until it is
// reconsidered later in the frame.
bool StreamerImpl::can_be_spared(const ActiveContainer& container) const {
  return !container.pending && container.pins == 0 && !container.holds && !container.touched;
}

// None if too many are active and none of them can be spared.
ActiveSlot StreamerImpl::activate(ContainerId id, bool shared) {
  const ActiveSlot slot = active_.activate(id, shared);
  if (slot.valid()) return slot;
  ActiveSlot spare = active_.oldest_cached();
  while (spare.valid() && !can_be_spared(active_[spare])) spare = active_[spare].newer;
  if (!spare.valid()) return spare;
  evict(spare);
  // The slot stays where it stands on the list, whoever has it.
  const bool on_list = std::exchange(active_[spare].maybe_dormant, false);
  active_.deactivate(spare);
  const ActiveSlot again = active_.activate(id, shared);
  NF_ASSERT(again == spare);
  active_[again].maybe_dormant = on_list;
  return again;
}

// Likewise; what is only to leave makes room, too. Between frames it cannot: that would be an
// event.
ActiveSlot StreamerImpl::activate_in_frame(ContainerId id, bool shared, Time now) {
  for (;;) {
    const ActiveSlot slot = activate(id, shared);
    if (slot.valid() || !hasten_leaving(now)) return slot;
  }
}

// Not if too many containers are active.
void StreamerImpl::list(const Wanted& wanted, Time now) {
  ActiveSlot slot = active_.find(wanted.id);
  if (!slot.valid()) slot = activate_in_frame(wanted.id, false, now);
  if (!slot.valid()) {
    ++stats_.overflows;
    if (wanted.inside) note_no_slot(wanted.id, now);
    return;
  }
  ActiveContainer& container = active_[slot];
  container.needed_at = rank_of(wanted, now);
  // What depends on it may need it sooner, and not later.
  if constexpr (planted_bug != kNeedPutOff) container.needed_frame = frame_;
  active_.set_inside(slot, wanted.inside);
  container.only_reachable = wanted.only_reachable();
  active_.set_by_intent(slot, wanted.by_intent);
  if (!wanted.by_intent) claim(container);
  const bool may_be_late = wanted.inside && !container.announced;
  const Time dropped_since = may_be_late ? dropped_needs_.take(wanted.id) : Time::never();
  if (wanted.inside) {
    container.needed_since = std::min(container.needed_since, dropped_since);
    note_needed(container, now);
    container.postponed = false;
    // A forecast that is made anew says `now` of what was needed before: that keeps its place.
    container.needed_at = std::min(container.needed_at, container.needed_since);
  } else {
    close_need(container, now);
  }
  if (wanted.keep_only) note_only_kept(slot, now);
  if (!container.listed) {
    active_.set_listed(slot, true);
    reconsider(slot, now);
  }
  if (dropped_since != Time::never()) note_was_dropped(slot, dropped_since);
}

// What was listed and is wanted no more.
void StreamerImpl::unlist_missing(Time now) {
  active_.listed().for_each_word([this](std::size_t at, std::uint64_t listed) {
    for (std::uint64_t rest = listed & ~interest_.wanted_word(at); rest != 0; rest &= rest - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(rest));
      unlisted_.push_back({static_cast<std::uint32_t>(at * 64 + bit)});
    }
  });
  for (const ContainerId id : unlisted_) unlist(active_.find(id), now);
}

void StreamerImpl::unlist(ActiveSlot slot, Time now) {
  active_.set_listed(slot, false);
  active_.set_inside(slot, false);
  active_.set_by_intent(slot, false);
  close_need(active_[slot], now);
  reconsider(slot, now);
}

// The observer is there: from now on a container that is not resident is late.
void StreamerImpl::note_needed(ActiveContainer& container, Time now) {
  if (!container.announced && container.needed_since == Time::never()) container.needed_since = now;
  mark_used(container);
}

// The observer is there no more: what was needed and never came was late until now.
void StreamerImpl::close_need(ActiveContainer& container, Time now) {
  if (container.needed_since == Time::never()) return;
  const ActiveSlot slot = active_.find(container.id);
  if constexpr (planted_bug != kNeverCameUncounted) {
    count_late(now - container.needed_since, cause_of(slot, container.needed_since, now, true));
  }
  container.needed_since = Time::never();
}

// Its bytes, and those of what it depends on, were not read in vain.
void StreamerImpl::mark_used(ActiveContainer& container) {
  if (container.ever_needed) return;
  container.ever_needed = true;
  for (const ContainerId dependency : world_.dependencies(container.id)) {
    const ActiveSlot slot = active_.find(dependency);
    if (slot.valid()) active_[slot].ever_needed = true;
  }
}

// Draws the consequences of a change in `listed` or `pins`.
void StreamerImpl::reconsider(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  const bool direct = container.listed || container.pins > 0;
  if (container.pins > 0) {
    container.postponed = false;
    claim(container);
    mark_used(container);
  }
  if (direct) update_wanted(slot, now);  // first: what is cached may be pushed out below
  if (direct && !container.holds && !container.postponed) hold_dependencies(slot, now);
  if (direct) return;
  update_wanted(slot, now);  // leaves before what it depends on does
  if (container.holds && !container.lingers) release_dependencies(slot, now);
}

// All of them or none: what finds no room is tried again next frame.
void StreamerImpl::hold_dependencies(ActiveSlot slot, Time now) {
  const ContainerId id = active_[slot].id;
  const ContainerList dependencies = world_.dependencies(id);
  for (std::size_t i = 0; i < dependencies.size(); ++i) {
    // Each is wanted before the next is looked for, which may push out what is only cached.
    const ActiveSlot held = activate_in_frame(dependencies[i], true, now);
    if (!held.valid()) {
      ++stats_.overflows;
      slots_short_ |= is_needed(active_[slot]);
      while (i-- > 0) drop_user(active_.find(dependencies[i]), now);
      return;
    }
    ++active_[held].users;
    if (active_[slot].ever_needed) active_[held].ever_needed = true;
    if (!only_intended(active_[slot])) take_off_account(active_[held]);
    update_wanted(held, now);
  }
  active_[slot].holds = true;
}

void StreamerImpl::drop_user(ActiveSlot held, Time now) {
  NF_ASSERT(held.valid() && active_[held].users > 0);
  --active_[held].users;
  update_wanted(held, now);
}

void StreamerImpl::release_dependencies(ActiveSlot slot, Time now) {
  const ContainerId id = active_[slot].id;
  active_[slot].holds = active_[slot].rests = false;
  for (const ContainerId dependency : world_.dependencies(id)) {
    drop_user(active_.find(dependency), now);
  }
}

void StreamerImpl::update_wanted(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  const bool wanted = container.listed || container.pins > 0 || container.users > 0;
  if (wanted == container.wanted) return;
  container.wanted = wanted;
  if (wanted) {
    if (container.cached) active_.remove_cached(slot);
    if (container.lingers) active_.remove_lingering(slot);
    if (!container.announced) begin_history(slot, now);
    make_pending(slot);
    return;
  }
  close_need(container, now);
  if (container.load.valid()) abandon_load(container);
  container.postponed = false;
  container.failure = {};
  container.failures = 0;
  if (container.announced && linger(slot, now)) return;
  if (container.announced) leave_at_once(slot);
  rest(slot);
}

void StreamerImpl::make_pending(ActiveSlot slot) {
  ActiveContainer& container = active_[slot];
  if (container.pending || container.announced) return;
  container.pending = true;
  pending_.push_back(slot);
}

// Looks at everything that is wanted and not there yet.
void StreamerImpl::sort_pending(Time now) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < pending_.size(); ++i) {  // holding dependencies may append
    const ActiveSlot slot = pending_[i];
    active_.prefetch(pending_[std::min(i + kRecordsAhead, pending_.size() - 1)]);
    ActiveContainer& container = active_[slot];
    if (!container.wanted || container.announced) {
      container.pending = false;
      continue;
    }
    pending_[kept++] = slot;
    const bool direct = container.listed || container.pins > 0;
    if (may_come_back(container, now)) container.postponed = false;
    const bool may_hold = !container.postponed && (!leaves_slots_ || is_needed(container));
    if (direct && !container.holds && may_hold) hold_dependencies(slot, now);
    if (container.pins > 0) {
      // By a bubble, or by what depends on it and came before it in this list.
      const bool needed = container.listed || container.needed_frame == frame_;
      container.needed_at =
          needed ? std::min(container.needed_at, container.pinned_at) : container.pinned_at;
      container.needed_frame = frame_;
    }
    if (direct) pass_need_on(container);
  }
  pending_.resize(kept);
  if (slots_short_) give_up_slots(now);
  candidates_.clear();
  ready_.clear();
  underway_.clear();
  clear_urgent();
  somebody_waits_ = false;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    active_.prefetch(pending_[std::min(i + kRecordsAhead, pending_.size() - 1)]);
    sort_out(pending_[i], now);
  }
}

// Of what is pending, once what waits for it has passed its need on.
bool StreamerImpl::only_reachable(const ActiveContainer& container) const {
  return container.only_reachable && container.pins == 0;
}

// What a container depends on is needed when it is. What is there stays, while it is held.
void StreamerImpl::pass_need_on(ActiveContainer& container) {
  if (container.rests) return;
  container.rests = container.holds;
  const bool claimed = !only_intended(container);
  const bool reachable = only_reachable(container);
  for (const ContainerId dependency : world_.dependencies(container.id)) {
    const ActiveSlot slot = active_.find(dependency);
    if (slot.valid() && active_[slot].announced) continue;
    container.rests = false;
    if (!slot.valid()) continue;
    ActiveContainer& held = active_[slot];
    (claimed ? held.claimed_frame : held.intended_frame) = frame_;
    const bool is_first = held.needed_frame != frame_;
    held.only_reachable = reachable && (is_first || held.only_reachable);
    held.needed_at = is_first ? container.needed_at : std::min(held.needed_at, container.needed_at);
    held.needed_frame = frame_;
  }
}

// Shared containers first among equals: what depends on them cannot be handed out before they are.
std::uint32_t StreamerImpl::tie_of(const ActiveContainer& container) {
  return container.shared ? container.id.value : container.id.value | 0x8000'0000u;
}

// Puts a pending container where it belongs this frame.
void StreamerImpl::sort_out(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  if (container.load.valid()) {
    somebody_waits_ |= container.needed_at <= now;
    underway_.push_back(slot);
    if (load_turns_[container.load.value] == kNoTurn) {
      loads_.set_needed_at(container.load, container.needed_at);
    }
    return;
  }
  if (!container.in_memory && !container.failure && !container.has_bytes) find_bytes(slot, now);
  const Waiting candidate{
      .needed_at = container.needed_at, .tie = tie_of(container), .slot = slot.value};
  if (container.in_memory) {
    ready_.push_back(candidate);
  } else if (may_start(container, now)) {
    somebody_waits_ |= container.needed_at <= now;
    if (may_share(container, now)) {
      add_urgent({.slot = slot, .candidate = static_cast<std::uint32_t>(candidates_.size())},
                 Bytes{container.stored_size});
    }
    candidates_.push_back(candidate);
  }
}

// What has none is there as soon as it is wanted.
void StreamerImpl::find_bytes(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  std::uint32_t local = 0;
  const ContainerTable& table = table_of(container.id, local);
  container.has_bytes = raw_size_of(container.id) > 0;
  container.stored_size = table.run_size[local];
  if (container.has_bytes) return;
  container.in_memory = true;
  note_in_memory(slot, now);
}

// Not what is only kept; not before its time; never beside reads of its own that still hang.
bool StreamerImpl::may_start(const ActiveContainer& container, Time now) const {
  if (container.needed_at == Time::never() || container.postponed) return false;
  if (!container.failure) return true;
  return now >= container.retry_at && !loads_.draining(container.id);
}

// Something may have become dormant; whether it has is seen when the frame ends.
void StreamerImpl::look_before_sleep(ActiveSlot slot) {
  if (active_[slot].maybe_dormant) return;
  active_[slot].maybe_dormant = true;
  maybe_dormant_.push_back(slot);
}

// Forgets what nobody wants and nothing is in memory of.
void StreamerImpl::let_sleep() {
  std::size_t kept = 0;
  for (const ActiveSlot slot : maybe_dormant_) {
    ActiveContainer& container = active_[slot];
    if (container.pending && !container.wanted) {
      maybe_dormant_[kept++] = slot;  // still on a list, until the next frame
      continue;
    }
    container.maybe_dormant = false;
    if (container.wanted || container.in_memory || container.load.valid() || container.pins > 0) {
      continue;
    }
    note_unused(container.id);
    active_.deactivate(slot);
  }
  maybe_dormant_.resize(kept);
}

}  // namespace nf
