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
  // It stays on the lists, for who comes next.
  const bool marked = set.marked, starved = set.starved;
  set = {};
  set.marked = marked;
  set.starved = starved;
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

// Who found no room tries again once somebody gave some back.
void InterestSets::mark_starved() {
  if (!room_came_back_) return;
  room_came_back_ = false;
  for (std::uint32_t i = 0; i < starved_count_; ++i) {
    sets_[starved_[i]].starved = false;
    mark(starved_[i]);
  }
  starved_count_ = 0;
}

void InterestSets::begin() {
  bound_count_ = unbound_count_ = 0;
  next_ = kept_ = 0;
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
  if (outcome.fits && outcome.told_all) return;
  if (!outcome.fits && outcome.unbound == 0 && outcome.told_all) {
    ++overflows_;
    if (!set.starved) starved_[starved_count_++] = slot;
    set.starved = true;
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
  std::uint32_t order = std::min(order_for(count), pool_.order_max());
  const bool too_long = set.capacity > (kSmallest << order) * kSetsInOne;
  if (count == 0 ? set.capacity == 0 : count <= set.capacity && !too_long) return;
  if (count == 0) return release(set);
  std::uint32_t granule = pool_.take(order);
  while (granule == BuddyPool::kNone && order > 0) granule = pool_.take(--order);
  if (granule == BuddyPool::kNone) return;
  const std::uint32_t got = kSmallest << order;
  const bool is_better = count > set.capacity ? got > set.capacity : got < set.capacity;
  if (got < set.count || !is_better) {
    pool_.give_back(granule, order);
    return;
  }
  Set moved = set;
  moved.granule = granule;
  moved.capacity = got;
  std::copy_n(ids_of(set), set.count, ids_of(moved));
  release(set);
  set = moved;
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
