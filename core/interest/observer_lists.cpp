#include "core/interest/observer_lists.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "core/base/assert.h"

namespace nf {
namespace {

// Pieces of 2^order granules.
std::uint32_t order_for(std::uint32_t count) {
  const std::uint32_t granules = (count + ObserverLists::kSmallest - 1) / ObserverLists::kSmallest;
  return static_cast<std::uint32_t>(std::bit_width(std::max(granules, 1u) - 1));
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
  const std::size_t granules = std::size_t{lists_max} << order;
  const std::size_t count = granules * kSmallest;
  if (order >= kOrders || count > kNone) return Error{.code = ErrorCode::limit_exceeded};
  Result<Array<ContainerId>> ids = Array<ContainerId>::make(count);
  if (!ids) return ids.error();
  Result<Array<Need>> needs = Array<Need>::make(count);
  if (!needs) return needs.error();
  Result<Array<Nearness>> nearness = Array<Nearness>::make(count);
  if (!nearness) return nearness.error();
  Result<Array<double>> check_at = Array<double>::make(count);
  if (!check_at) return check_at.error();
  Result<Array<Link>> links = Array<Link>::make(granules);
  if (!links) return links.error();
  Result<Array<std::uint8_t>> free_order = Array<std::uint8_t>::make(granules);
  if (!free_order) return free_order.error();

  ObserverLists lists;
  lists.order_max_ = order;
  lists.ids_ = std::move(*ids);
  lists.needs_ = std::move(*needs);
  lists.nearness_ = std::move(*nearness);
  lists.check_at_ = std::move(*check_at);
  lists.links_ = std::move(*links);
  lists.free_order_ = std::move(*free_order);
  lists.free_.fill(kNone);
  // Backwards, so that the first is taken first.
  for (std::uint32_t i = lists_max; i-- > 0;) lists.put(i << order, order);
  return lists;
}

bool ObserverLists::resize(ObserverList& list, std::uint32_t count) {
  list.count = list.listed = 0;
  const std::uint32_t order = order_for(count);
  NF_ASSERT(order <= order_max_);
  if (list.capacity == kSmallest << order) return true;
  release(list);
  std::uint32_t from = order;
  while (from <= order_max_ && free_[from] == kNone) ++from;
  if (from > order_max_) return false;
  const std::uint32_t granule = free_[from];
  unlink(granule, from);
  // The upper halves stay free.
  while (from > order) {
    --from;
    put(granule + (1u << from), from);
  }
  take(list, granule, order);
  return true;
}

std::uint32_t ObserverLists::longest_free() const {
  for (std::uint32_t order = order_max_ + 1; order-- > 0;) {
    if (free_[order] != kNone) return kSmallest << order;
  }
  return 0;
}

void ObserverLists::take(ObserverList& list, std::uint32_t granule, std::uint32_t order) {
  const std::size_t first = std::size_t{granule} * kSmallest;
  list.first = granule;
  list.capacity = kSmallest << order;
  list.ids = ids_.begin() + first;
  list.needs = needs_.begin() + first;
  list.nearness = nearness_.begin() + first;
  list.check_at = check_at_.begin() + first;
}

// Joins the piece with its other half as long as that is free and whole.
void ObserverLists::release(ObserverList& list) {
  if (list.capacity == 0) {
    list = {};
    return;
  }
  std::uint32_t granule = list.first;
  std::uint32_t order = order_for(list.capacity);
  for (; order < order_max_; ++order) {
    const std::uint32_t other = granule ^ (1u << order);
    if (free_order_[other] != order + 1) break;
    unlink(other, order);
    granule = std::min(granule, other);
  }
  put(granule, order);
  list = {};
}

void ObserverLists::put(std::uint32_t granule, std::uint32_t order) {
  const std::uint32_t after = free_[order];
  links_[granule] = {.before = kNone, .after = after};
  if (after != kNone) links_[after].before = granule;
  free_[order] = granule;
  free_order_[granule] = static_cast<std::uint8_t>(order + 1);
}

void ObserverLists::unlink(std::uint32_t granule, std::uint32_t order) {
  const Link link = links_[granule];
  if (link.before == kNone) {
    free_[order] = link.after;
  } else {
    links_[link.before].after = link.after;
  }
  if (link.after != kNone) links_[link.after].before = link.before;
  free_order_[granule] = 0;
}

}  // namespace nf
