#include "core/interest/buddy_pool.h"

#include <utility>

#include "core/base/assert.h"

namespace nf {

Result<BuddyPool> BuddyPool::make(std::uint32_t pieces, std::uint32_t order_max) {
  if (order_max >= kOrders || (std::uint64_t{pieces} << order_max) >= kNone) {
    return Error{.code = ErrorCode::limit_exceeded};
  }
  const std::size_t granules = std::size_t{pieces} << order_max;
  Result<Array<Link>> links = Array<Link>::make(granules);
  if (!links) return links.error();
  Result<Array<std::uint8_t>> free_order = Array<std::uint8_t>::make(granules);
  if (!free_order) return free_order.error();
  BuddyPool pool;
  pool.order_max_ = order_max;
  pool.links_ = std::move(*links);
  pool.free_order_ = std::move(*free_order);
  pool.free_.fill(kNone);
  // Backwards, so that the first is taken first.
  for (std::uint32_t i = pieces; i-- > 0;) pool.put(i << order_max, order_max);
  return pool;
}

std::uint32_t BuddyPool::take(std::uint32_t order) {
  std::uint32_t from = order_shortest_free(order);
  if (from == kNone) return kNone;
  const std::uint32_t granule = free_[from];
  unlink(granule, from);
  // The upper halves stay free.
  while (from > order) {
    --from;
    put(granule + (1u << from), from);
  }
  return granule;
}

// Joins the piece with its other half as long as that is free and whole.
void BuddyPool::give_back(std::uint32_t granule, std::uint32_t order) {
  for (; order < order_max_; ++order) {
    const std::uint32_t other = granule ^ (1u << order);
    if (free_order_[other] != order + 1) break;
    unlink(other, order);
    granule = std::min(granule, other);
  }
  put(granule, order);
}

std::uint32_t BuddyPool::order_if_given_back(std::uint32_t granule, std::uint32_t order) const {
  while (order < order_max_ && free_order_[granule ^ (1u << order)] == order + 1) {
    granule &= ~(1u << order);
    ++order;
  }
  return order;
}

std::uint32_t BuddyPool::order_shortest_free(std::uint32_t order) const {
  NF_ASSERT(order <= order_max_);
  while (order <= order_max_ && free_[order] == kNone) ++order;
  return order <= order_max_ ? order : kNone;
}

std::uint32_t BuddyPool::order_longest_free() const {
  for (std::uint32_t order = order_max_ + 1; order-- > 0;) {
    if (free_[order] != kNone) return order;
  }
  return kNone;
}

void BuddyPool::put(std::uint32_t granule, std::uint32_t order) {
  const std::uint32_t after = free_[order];
  links_[granule] = {.before = kNone, .after = after};
  if (after != kNone) links_[after].before = granule;
  free_[order] = granule;
  free_order_[granule] = static_cast<std::uint8_t>(order + 1);
}

void BuddyPool::unlink(std::uint32_t granule, std::uint32_t order) {
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
