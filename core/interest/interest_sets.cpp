#include "core/interest/interest_sets.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/planted_bug.h"

namespace nf {
namespace {

bool before(const Bind& a, const Bind& b) {
  return a.observer != b.observer ? a.observer < b.observer : a.container < b.container;
}

}  // namespace

std::uint32_t InterestSets::order_for(std::uint32_t count) {
  return BuddyPool::order_of((count + kSmallest - 1) / kSmallest);
}

Result<InterestSets> InterestSets::make(const InterestSetsOptions& options) {
  const std::uint32_t order = order_for(options.set_mean * kSetsInOne);
  const std::uint32_t pieces = options.observers_max / kSetsInOne + 2;
  Result<BuddyPool> pool = BuddyPool::make(pieces, order);
  if (!pool) return pool.error();
  InterestSets made;
  made.options_ = options;
  made.pool_ = std::move(*pool);
  const std::uint32_t count = options.observers_max;
  const std::size_t ids = (std::size_t{pieces} << order) * kSmallest;
  Error error;
  const auto allocate = [&error](auto& array, std::size_t size) {
    auto allocated = std::decay_t<decltype(array)>::make(size);
    if (allocated) {
      array = std::move(*allocated);
    } else {
      error = allocated.error();
    }
  };
  allocate(made.sets_, count);
  allocate(made.departed_, count);
  allocate(made.marked_, count);
  allocate(made.starved_, count);
  allocate(made.ids_, ids);
  allocate(made.near_, options.near_max);
  allocate(made.merged_, kSmallest << order);
  allocate(made.bound_, options.binds_max);
  allocate(made.unbound_, options.binds_max);
  if (error) return error;
  made.on_ = true;
  return made;
}

ContainerId* InterestSets::ids_of(const Set& set) {
  return ids_.begin() + std::size_t{set.granule} * kSmallest;
}

void InterestSets::join(std::uint32_t slot, ObserverId id) {
  if (!on_) return;
  NF_ASSERT(sets_[slot].count == 0);
  sets_[slot].observer = id;
  slots_used_ = std::max(slots_used_, slot + 1);
  mark(slot);
}

// Nothing is bound while somebody departed waits to be told, so these are never more than there are
// observers.
void InterestSets::leave(std::uint32_t slot) {
  if (!on_) return;
  Set& set = sets_[slot];
  if (set.count > 0 && planted_bug != kDepartedStayBound) {
    NF_ASSERT(departed_count_ < departed_.size());
    departed_[departed_count_++] = set;
  } else {
    release(set);
  }
  starve(slot, false);
  // It stays on the lists, for who comes next.
  const bool marked = set.marked, on_starved = set.on_starved;
  set = {};
  set.marked = marked;
  set.on_starved = on_starved;
}

void InterestSets::mark(std::uint32_t slot) {
  if (!on_ || sets_[slot].marked) return;
  NF_ASSERT(marked_count_ < marked_.size());
  sets_[slot].marked = true;
  marked_[marked_count_++] = slot;
}

std::span<const ContainerId> InterestSets::of(std::uint32_t slot) const {
  if (!on_) return {};
  const Set& set = sets_[slot];
  return {ids_.begin() + std::size_t{set.granule} * kSmallest, set.count};
}

bool InterestSets::still_binds(ContainerRange gone) const {
  const auto binds = [&](const Set& set) {
    const ContainerId* const ids = ids_.begin() + std::size_t{set.granule} * kSmallest;
    const ContainerId* const at = std::lower_bound(ids, ids + set.count, gone.first);
    return at != ids + set.count && gone.contains(*at);
  };
  return std::any_of(departed_.begin(), departed_.begin() + departed_count_, binds) ||
         std::any_of(marked_.begin(), marked_.begin() + marked_count_,
                     [&](std::uint32_t slot) { return binds(sets_[slot]); });
}

// Who found no room tries again once there is a longer piece than it has.
void InterestSets::mark_starved() {
  if (!room_came_back_) return;
  room_came_back_ = false;
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < starved_count_; ++i) {
    const std::uint32_t slot = starved_[i];
    Set& set = sets_[slot];
    if (set.starved && longest_for(set) <= set.capacity) {
      starved_[kept++] = slot;
      continue;
    }
    if (set.starved) mark(slot);
    starve(slot, false);
    set.on_starved = false;
  }
  starved_count_ = kept;
}

// Nobody starves for whom there is no longer piece.
void InterestSets::starve(std::uint32_t slot, bool starved) {
  Set& set = sets_[slot];
  starved &= set.capacity < kSmallest << pool_.order_max();
  if (starved && !set.starved) ++starving_;
  if (!starved && set.starved) --starving_;
  set.starved = starved;
  if (!starved || set.on_starved) return;
  set.on_starved = true;
  starved_[starved_count_++] = slot;
}

void InterestSets::begin() {
  bound_count_ = unbound_count_ = 0;
  next_ = kept_ = 0;
  slack_taken_ = false;
  if (!on_) return;
  mark_starved();
  std::sort(marked_.begin(), marked_.begin() + marked_count_,
            [this](std::uint32_t a, std::uint32_t b) {
              return std::pair(sets_[a].observer, a) < std::pair(sets_[b].observer, b);
            });
  told_all_ = unbind_departed();
}

// False if some of it has to wait.
bool InterestSets::unbind_departed() {
  const auto in_order = [](const Set& a, const Set& b) { return a.observer < b.observer; };
  std::sort(departed_.begin(), departed_.begin() + departed_count_, in_order);
  std::uint32_t done = 0;
  for (; done < departed_count_; ++done) {
    Set& set = departed_[done];
    const ContainerId* const ids = ids_of(set);
    std::uint32_t told = 0;
    while (told < set.count && tell(unbound_, unbound_count_, set, ids[told])) ++told;
    if (told < set.count) {
      std::copy(ids + told, ids + set.count, ids_of(set));
      set.count -= told;
      break;
    }
    release(set);
  }
  std::copy(departed_.begin() + done, departed_.begin() + departed_count_, departed_.begin());
  departed_count_ -= done;
  return departed_count_ == 0;
}

bool InterestSets::next_marked(std::uint32_t& slot) {
  while (told_all_ && next_ < marked_count_) {
    slot = marked_[next_++];
    sets_[slot].marked = false;
    if (sets_[slot].observer.valid()) return true;
  }
  return false;
}

// While its set changes, an observer is bound to what it was and to what it will be: room is made
// for both. Where there is none, it lets go first, and takes the rest in the next round.
void InterestSets::compare(std::uint32_t slot, std::size_t near_count) {
  Set& set = sets_[slot];
  const std::span<NearContainer> near = near_.span().first(near_count);
  std::sort(near.begin(), near.end(),
            [](const NearContainer& a, const NearContainer& b) { return a.id < b.id; });
  make_room(set, set.count + count_new(set, near));
  const Outcome outcome = merge(set, near);
  told_all_ = outcome.told_all;
  const bool is_short = !outcome.fits && outcome.unbound == 0 && outcome.told_all;
  starve(slot, is_short);
  if (is_short) {
    ++overflows_;
    return;
  }
  if (outcome.fits && outcome.told_all) {
    if (starving_ > 0) give_back_slack(set);
    return;
  }
  set.marked = true;
  marked_[kept_++] = slot;
}

std::uint32_t InterestSets::count_new(const Set& set, std::span<const NearContainer> near) {
  const ContainerId* const ids = ids_of(set);
  std::uint32_t count = 0;
  std::uint32_t at = 0;
  for (const NearContainer& container : near) {
    while (at < set.count && ids[at] < container.id) ++at;
    const bool was_bound = at < set.count && ids[at] == container.id;
    if (!was_bound && container.nearness == Nearness::inside) ++count;
  }
  return count;
}

// A piece that holds `count`, or the longest there is; one that is much too long is exchanged.
void InterestSets::make_room(Set& set, std::uint32_t count) {
  if (count == 0) return release(set);
  std::uint32_t order = std::min(order_for(count), pool_.order_max());
  if (set.capacity > (kSmallest << order) * kSetsInOne) return shorten(set, order);
  if (std::min(count, kSmallest << order) <= set.capacity) return;
  const std::uint32_t order_wanted = order;
  const std::uint32_t granule = take_up_to(set, order);
  if (granule == BuddyPool::kNone) return join_neighbours(set, order_wanted);
  if (kSmallest << order > set.capacity) return move_to(set, granule, order);
  pool_.give_back(granule, order);
  join_neighbours(set, order_wanted);
}

void InterestSets::move_to(Set& set, std::uint32_t granule, std::uint32_t order) {
  Set moved = set;
  moved.granule = granule;
  moved.capacity = kSmallest << order;
  std::copy_n(ids_of(set), set.count, ids_of(moved));
  release(set);
  set = moved;
}

// A piece of this order, or the longest that there is.
std::uint32_t InterestSets::take_up_to(const Set& asker, std::uint32_t& order) {
  std::uint32_t granule = pool_.take(order);
  if (granule == BuddyPool::kNone && !slack_taken_) {
    take_slack(asker);
    granule = pool_.take(order);
  }
  while (granule == BuddyPool::kNone && order > 0) granule = pool_.take(--order);
  return granule;
}

// What the set would have with what is free beside its own piece, or elsewhere.
std::uint32_t InterestSets::longest_for(const Set& set) const {
  const std::uint32_t free = pool_.order_longest_free();
  std::uint32_t longest = free == BuddyPool::kNone ? 0 : kSmallest << free;
  if (set.capacity > 0) {
    const std::uint32_t own = pool_.order_if_given_back(set.granule, order_for(set.capacity));
    longest = std::max(longest, kSmallest << own);
  }
  return longest;
}

// A longer piece, up to this order, of its own and what is free beside it.
void InterestSets::join_neighbours(Set& set, std::uint32_t order) {
  if (set.capacity == 0) return;
  const std::uint32_t own = order_for(set.capacity);
  order = std::min(order, pool_.order_if_given_back(set.granule, own));
  if (order <= own) return;
  std::copy_n(ids_of(set), set.count, merged_.begin());
  pool_.give_back(set.granule, own);
  set.granule = pool_.take(order);
  set.capacity = kSmallest << order;
  std::copy_n(merged_.begin(), set.count, ids_of(set));
}

// From all others that half of their piece would do for. Those that are yet to be compared, now or
// later, give theirs back then, while somebody starves.
void InterestSets::take_slack(const Set& asker) {
  slack_taken_ = true;
  for (Set& set : sets_.span().first(slots_used_)) {
    if (&set != &asker && !set.marked) give_back_slack(set);
  }
}

void InterestSets::give_back_slack(Set& set) {
  if (set.count == 0) return release(set);
  const std::uint32_t enough = order_for(set.count);
  if (kSmallest << enough < set.capacity) shorten(set, enough);
}

// Elsewhere, if its own piece need not be split for it.
void InterestSets::shorten(Set& set, std::uint32_t order) {
  std::uint32_t own = order_for(set.capacity);
  if (pool_.order_shortest_free(order) < own) return move_to(set, pool_.take(order), order);
  while (own > order) {
    --own;
    pool_.give_back(set.granule + (1u << own), own);
  }
  set.capacity = kSmallest << order;
  room_came_back_ = true;
}

void InterestSets::release(Set& set) {
  if (set.capacity > 0) {
    pool_.give_back(set.granule, order_for(set.capacity));
    room_came_back_ = true;
  }
  set.granule = set.count = set.capacity = 0;
}

bool InterestSets::tell(Array<Bind>& told, std::uint32_t& count, const Set& set, ContainerId id) {
  if (count == options_.binds_max) return false;
  told[count++] = {.observer = set.observer, .container = id};
  return true;
}

// Both ascend. What cannot be told stays as it was.
InterestSets::Outcome InterestSets::merge(Set& set, std::span<const NearContainer> near) {
  Outcome outcome;
  ContainerId* const ids = ids_of(set);
  std::uint32_t room = set.capacity - set.count;
  std::uint32_t count = 0;
  std::uint32_t at = 0;
  const auto keep_or_unbind = [&](ContainerId id, bool keep) {
    if (!keep && tell(unbound_, unbound_count_, set, id)) {
      ++outcome.unbound;
      return;
    }
    outcome.told_all &= keep;
    merged_[count++] = id;
  };
  for (const NearContainer& container : near) {
    while (at < set.count && ids[at] < container.id) keep_or_unbind(ids[at++], false);
    if (at < set.count && ids[at] == container.id) {
      keep_or_unbind(ids[at++], container.nearness != Nearness::outside);
    } else if (container.nearness != Nearness::inside) {
      continue;
    } else if (room == 0) {
      outcome.fits = false;
    } else if (tell(bound_, bound_count_, set, container.id)) {
      merged_[count++] = container.id;
      --room;
    } else {
      outcome.told_all = false;
    }
  }
  while (at < set.count) keep_or_unbind(ids[at++], false);
  std::copy_n(merged_.begin(), count, ids);
  set.count = count;
  return outcome;
}

InterestChanges InterestSets::finish() {
  if (!on_) return {};
  // What had no turn keeps its place.
  std::copy(marked_.begin() + next_, marked_.begin() + marked_count_, marked_.begin() + kept_);
  marked_count_ = kept_ + (marked_count_ - next_);
  std::sort(unbound_.begin(), unbound_.begin() + unbound_count_, before);
  return {.bound = bound_.span().first(bound_count_),
          .unbound = unbound_.span().first(unbound_count_)};
}

}  // namespace nf
