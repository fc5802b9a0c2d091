// Slots: who is active while more is wanted than StreamerOptions::active_max.
//
// What is listed takes its slot in the order of the ids, which says nothing about need. So where
// something that is needed found none, what is needed last gives up as many as were missing, and
// until all have theirs nothing that is not needed takes one.
#include <algorithm>
#include <utility>

#include "core/stream/streamer_impl.h"

namespace nf {

void StreamerImpl::begin_slots() {
  leaves_slots_ = std::exchange(slots_short_, false);
  without_slot_ = 0;
}

// It is needed, and too many are active.
void StreamerImpl::note_no_slot(ContainerId id, Time now) {
  slots_short_ = true;
  ++without_slot_;
  dropped_needs_.note(id, now);
}

// By an observer that is there, or by the engine.
bool StreamerImpl::is_needed(const ActiveContainer& container) const {
  return container.inside || container.pins > 0;
}

// For what is needed, and what that depends on.
std::size_t StreamerImpl::slots_missing() const {
  std::size_t missing = without_slot_;
  for (const ActiveSlot slot : pending_) {
    const ActiveContainer& container = active_[slot];
    if (container.holds || container.postponed || !is_needed(container)) continue;
    for (const ContainerId dependency : world_.dependencies(container.id)) {
      if (!active_.find(dependency).valid()) ++missing;
    }
  }
  return missing;
}

// For the next frame: what had a slot must leave first.
void StreamerImpl::give_up_slots(Time now) {
  victims_.clear();
  wanted_ = interest_.all_wanted();
  for (const Wanted& wanted : wanted_) {
    const ActiveSlot slot = active_.find(wanted.id);
    if (wanted.inside || !slot.valid() || !active_[slot].listed) continue;
    if (active_[slot].pins > 0 || active_[slot].users > 0) continue;
    victims_.push_back({.needed_at = given_up_for(wanted), .slot = slot});
  }
  const std::size_t count = std::min(slots_missing(), victims_.size());
  std::partial_sort(victims_.begin(), victims_.begin() + static_cast<std::ptrdiff_t>(count),
                    victims_.end(), [](const Victim& a, const Victim& b) {
                      return a.needed_at != b.needed_at ? a.needed_at > b.needed_at
                                                        : a.slot > b.slot;
                    });
  for (const Victim& victim : std::span(victims_).first(count)) unlist(victim.slot, now);
  // What is not on this list may sleep when the frame ends.
  std::erase_if(pending_, [this](ActiveSlot slot) {
    if (!active_[slot].wanted) active_[slot].pending = false;
    return !active_[slot].pending;
  });
}

}  // namespace nf
