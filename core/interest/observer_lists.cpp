#include "core/interest/observer_lists.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/assert.h"

namespace nf {
namespace {

std::uint32_t order_for(std::uint32_t count) {
  return BuddyPool::order_of((count + ObserverLists::kSmallest - 1) / ObserverLists::kSmallest);
}

}  // namespace

void ObserverList::assign(const Collection& collection, double odometer) {
  count = static_cast<std::uint32_t>(collection.candidates.size());
  NF_ASSERT(count <= capacity);
  listed = collection.listed_count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Candidate& candidate = collection.candidates[i];
    ids[i] = candidate.id;
    needs[i] = candidate.need;
    nearness[i] = candidate.standing.nearness;
    check_at[i] = odometer + candidate.standing.slack;
  }
}

double ObserverList::next_check() const {
  double next = std::numeric_limits<double>::infinity();
  for (std::uint32_t i = 0; i < count; ++i) next = std::min(next, check_at[i]);
  return next;
}

void ObserverList::swap(std::uint32_t a, std::uint32_t b) {
  std::swap(ids[a], ids[b]);
  std::swap(needs[a], needs[b]);
  std::swap(nearness[a], nearness[b]);
  std::swap(check_at[a], check_at[b]);
}

Result<ObserverLists> ObserverLists::make(std::uint32_t lists_max, std::uint32_t candidates_max) {
  const std::uint32_t order = order_for(candidates_max);
  Result<BuddyPool> pool = BuddyPool::make(lists_max, order);
  if (!pool) return pool.error();
  const std::size_t count = (std::size_t{lists_max} << order) * kSmallest;
  Result<Array<ContainerId>> ids = Array<ContainerId>::make(count);
  if (!ids) return ids.error();
  Result<Array<Need>> needs = Array<Need>::make(count);
  if (!needs) return needs.error();
  Result<Array<Nearness>> nearness = Array<Nearness>::make(count);
  if (!nearness) return nearness.error();
  Result<Array<double>> check_at = Array<double>::make(count);
  if (!check_at) return check_at.error();

  ObserverLists lists;
  lists.pool_ = std::move(*pool);
  lists.ids_ = std::move(*ids);
  lists.needs_ = std::move(*needs);
  lists.nearness_ = std::move(*nearness);
  lists.check_at_ = std::move(*check_at);
  return lists;
}

bool ObserverLists::resize(ObserverList& list, std::uint32_t count) {
  list.count = list.listed = 0;
  const std::uint32_t order = order_for(count);
  if (list.capacity == kSmallest << order) return true;
  release(list);
  const std::uint32_t granule = pool_.take(order);
  if (granule == BuddyPool::kNone) return false;
  const std::size_t first = std::size_t{granule} * kSmallest;
  list.first = granule;
  list.capacity = kSmallest << order;
  list.ids = ids_.begin() + first;
  list.needs = needs_.begin() + first;
  list.nearness = nearness_.begin() + first;
  list.check_at = check_at_.begin() + first;
  return true;
}

std::uint32_t ObserverLists::longest_free() const {
  const std::uint32_t order = pool_.order_longest_free();
  return order == BuddyPool::kNone ? 0 : kSmallest << order;
}

void ObserverLists::release(ObserverList& list) {
  if (list.capacity > 0) pool_.give_back(list.first, order_for(list.capacity));
  list = {};
}

}  // namespace nf
