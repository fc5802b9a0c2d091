// What leaves: when the engine is told so, within the frame's budget, and what that work costs it.
//
// A container that is wanted no more and was announced *lingers* until its turn comes: it keeps its
// memory and what it depends on, and is shown as before. If it is wanted again meanwhile, nothing
// happened. Without a budget that is until later in the same frame, so that what depends on others
// always leaves before them.
#include <algorithm>

#include "core/base/assert.h"
#include "core/stream/streamer_impl.h"

namespace nf {
namespace {

constexpr std::uint32_t kUnlimited = ~0u;
constexpr std::uint32_t kLeaveMax = 512;  // in one frame, however little each of them costs
constexpr std::int64_t kMicrosecond = 1000;

}  // namespace

// False: it has to leave at once.
bool StreamerImpl::linger(ActiveSlot slot, Time now) {
  if (!active_[slot].holds && !hold_resident(slot, now)) return false;
  active_.append_lingering(slot);
  return true;
}

// What only others wanted counted on them to hold what it depends on; now it has to do so itself,
// or that could leave before it. Nothing is loaded for this.
bool StreamerImpl::hold_resident(ActiveSlot slot, Time now) {
  const ContainerList dependencies = world_.dependencies(active_[slot].id);
  for (const ContainerId dependency : dependencies) {
    const ActiveSlot held = active_.find(dependency);
    if (!held.valid() || !active_[held].announced) return false;
  }
  for (const ContainerId dependency : dependencies) {
    const ActiveSlot held = active_.find(dependency);
    ++active_[held].users;
    update_wanted(held, now);
  }
  active_[slot].holds = true;
  return true;
}

void StreamerImpl::let_leave(Time now) {
  if (options_.leaving_cost_max == kUnlimited) {
    while (active_.oldest_lingering().valid()) stop_lingering(active_.oldest_lingering(), now);
    return;
  }
  const std::int64_t most = options_.leaving_cost_max * kMicrosecond;
  std::int64_t spent = 0;
  for (std::uint32_t i = 0; i < kLeaveMax; ++i) {
    const ActiveSlot slot = active_.oldest_lingering();
    if (!slot.valid()) return;
    const Duration cost = activation_cost(active_[slot].id, Activation::leaving);
    if (spent > 0 && spent + cost.ns > most) return;
    spent += cost.ns;
    stop_lingering(slot, now);
  }
}

// Of what ended to be wanted since.
void StreamerImpl::let_rest_leave(Time now) {
  if (options_.leaving_cost_max == kUnlimited) let_leave(now);
}

// What it depends on lingers behind it.
void StreamerImpl::stop_lingering(ActiveSlot slot, Time now) {
  ActiveContainer& container = active_[slot];
  NF_ASSERT(!container.wanted);
  active_.remove_lingering(slot);
  leave(slot);
  rest(slot);
  if (container.holds) release_dependencies(slot, now);
}

// Lets one of them go before its turn. False: there is none.
bool StreamerImpl::hasten_leaving(Time now) {
  const ActiveSlot slot = active_.oldest_lingering();
  // What was pinned since the last frame stays.
  if (!slot.valid() || active_[slot].touched) return false;
  if (options_.leaving_cost_max != kUnlimited) ++stats_.leavings_hastened;
  stop_lingering(slot, now);
  return true;
}

// Nobody wants it and the engine knows, or never heard of it.
void StreamerImpl::rest(ActiveSlot slot) {
  ActiveContainer& container = active_[slot];
  look_before_sleep(slot);
  note_unused(container.id);
  if (!container.memory.valid()) container.in_memory = false;
  if (!container.in_memory) return;
  if (container.on_account) {
    evict(slot);  // of no use to anybody but the intent that has gone
  } else {
    active_.append_cached(slot);
  }
}

void StreamerImpl::leave_at_once(ActiveSlot slot) {
  if (options_.leaving_cost_max != kUnlimited) ++stats_.leavings_hastened;
  leave(slot);
}

void StreamerImpl::leave(ActiveSlot slot) {
  active_.set_announced(slot, false);
  const ContainerId id = active_[slot].id;
  note_level(id);
  active_[slot].shown = false;  // what leaves is hidden by that
  if (gathering_) {             // what came and went while wait() ran is no event
    std::erase(shown_, id);
    std::erase(hidden_, id);
    const auto came = std::find(arrived_.begin(), arrived_.end(), id);
    if (came != arrived_.end()) {
      causes_.erase(causes_.begin() + (came - arrived_.begin()));
      lateness_.erase(lateness_.begin() + (came - arrived_.begin()));
      arrived_.erase(came);
      return;
    }
  }
  leaving_.push_back(id);
}

void StreamerImpl::report_cost(ContainerId id, Activation what, Duration measured) {
  if (id.value >= world_.container_count()) return;
  // What leaves may be gone by now; of what arrived and is, nothing is known any more.
  if (what == Activation::arrival && !world_.exists(id)) return;
  costs_.report(id, what, measured, foretold_cost(id, what));
}

Duration StreamerImpl::activation_cost(ContainerId id, Activation what) const {
  return costs_.expected(id, what, foretold_cost(id, what));
}

// Authors say what arriving costs.
ForetoldCost StreamerImpl::foretold_cost(ContainerId id, Activation what) const {
  if (what == Activation::leaving) return {.microseconds = options_.leaving_cost_default};
  std::uint32_t local = 0;
  // The author's is for the bytes, which the template's container brings.
  const std::uint32_t cost = world_.is_spawned(id) ? 0 : table_of(id, local).activation_cost[local];
  if (cost == 0) return {.microseconds = options_.arrival_cost_default};
  return {.microseconds = cost, .by_author = true};
}

}  // namespace nf
