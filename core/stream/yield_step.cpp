// Who gives up what they hold for something that must have memory and found none.
//
// What others hold cannot be taken before they let go of it, and some that hold much have no memory
// of their own. So what all of them together would let go of is reckoned first: where that is not
// enough, nobody gives up anything, and prefetch goes on. Else those give up theirs that are needed
// last, and no more of them than it takes.
#include <algorithm>

#include "core/stream/streamer_impl.h"

namespace nf {

// Needed clearly later than something that is needed then; the last of them last.
std::span<const StreamerImpl::Victim> StreamerImpl::later_victims(Time needed_at) {
  find_victims();
  const auto first =
      std::partition_point(victims_.begin(), victims_.end(), [needed_at](const Victim& victim) {
        return victim.needed_at <= needed_at + kEvictionMargin;
      });
  return std::span(victims_).subspan(static_cast<std::size_t>(first - victims_.begin()));
}

// What is free or on its way to be, but for what others wait for.
std::uint64_t StreamerImpl::coming_free() const {
  const Bytes free = memory_spans_.capacity() - memory_spans_.used();
  const Bytes coming =
      free + active_.cached_bytes() + active_.lingering_bytes() + loads_.abandoned_memory();
  return coming > awaited_ ? (coming - awaited_).value : 0;
}

// If all who can wait gave up everything. Leaves in `others_` how many need what these depend on,
// beside them.
std::uint64_t StreamerImpl::obtainable_for(Time needed_at) {
  std::uint64_t bytes = coming_free();
  const std::span<const Victim> later = later_victims(needed_at);
  const auto for_each_held = [&](auto&& look_at) {
    for (const Victim& victim : later) {
      const ActiveContainer& container = active_[victim.slot];
      if (!container.holds) continue;
      for (const ContainerId dependency : world_.dependencies(container.id)) {
        look_at(active_.find(dependency));
      }
    }
  };
  for_each_held(
      [&](ActiveSlot held) { others_[held.value] = active_[held].users + active_[held].pins; });
  for_each_held([&](ActiveSlot held) {
    if (--others_[held.value] == 0) bytes += active_[held].memory.size;
  });
  for (const Victim& victim : later) bytes += active_[victim.slot].memory.size;
  return bytes;
}

// Of those asked about in a frame each is needed later than the one before, and may take from
// fewer.
bool StreamerImpl::could_fit(ActiveSlot slot) {
  const ActiveContainer& container = active_[slot];
  const std::uint64_t size = raw_size_of(container.id);
  if (size > obtainable_) return false;
  obtainable_ = obtainable_for(container.needed_at);
  return size <= obtainable_;
}

// Whether giving it up frees anything, once all have given up what is needed later than it.
bool StreamerImpl::lets_go(const ActiveContainer& container) const {
  if (container.memory.valid()) return true;
  if (!container.holds) return false;
  for (const ContainerId dependency : world_.dependencies(container.id)) {
    const ActiveSlot held = active_.find(dependency);
    if (others_[held.value] == 0 && active_[held].memory.valid()) return true;
  }
  return false;
}

// For something that could fit, as was just asked. What is free but in pieces is helped by any of
// them: one in each frame.
void StreamerImpl::let_later_yield(ActiveSlot slot, Time now) {
  const std::uint64_t size = raw_size_of(active_[slot].id);
  bool in_pieces = (memory_spans_.capacity() - memory_spans_.used()).value >= size;
  const std::span<const Victim> later = later_victims(active_[slot].needed_at);
  for (auto victim = later.rbegin(); victim != later.rend(); ++victim) {
    while (coming_free() < size && hasten_leaving(now)) {
    }
    if (coming_free() >= size && !in_pieces) return;
    if (!lets_go(active_[victim->slot])) continue;
    give_up(victim->slot, now);
    in_pieces = false;
  }
}

}  // namespace nf
