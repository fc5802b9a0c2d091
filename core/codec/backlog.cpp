#include "core/codec/backlog.h"

#include <algorithm>

#include "core/base/assert.h"

namespace nf {

Backlog::Backlog(std::uint32_t jobs_max)
    : keys_(std::make_unique<Key[]>(jobs_max)), jobs_(std::make_unique<DecodeJob[]>(jobs_max)) {
  free_.reserve(jobs_max);
  for (std::uint32_t place = jobs_max; place-- > 0;) free_.push_back(place);
}

void Backlog::push(const DecodeJob& job) {
  NF_ASSERT(!free_.empty());
  const std::uint32_t place = free_.back();
  free_.pop_back();
  jobs_[place] = job;
  const std::uint32_t used = places_used_.load(std::memory_order_relaxed);
  places_used_.store(std::max(used, place + 1), std::memory_order_release);
  keys_[place].deadline_ns.store(job.deadline.ns, std::memory_order_relaxed);
  keys_[place].order.store(++pushed_, std::memory_order_release);
}

// A key that is used again while somebody looks may be chosen by its old deadline. What is taken is
// the job that was seen or none, because no two jobs have the same number.
Backlog::Taken Backlog::take() {
  for (;;) {
    const std::uint32_t places = places_used_.load(std::memory_order_acquire);
    std::uint32_t best = 0;
    std::uint64_t best_order = 0;
    std::int64_t best_deadline_ns = 0;
    for (std::uint32_t place = 0; place < places; ++place) {
      const std::uint64_t order = keys_[place].order.load(std::memory_order_acquire);
      if (order == 0) continue;
      const std::int64_t deadline_ns = keys_[place].deadline_ns.load(std::memory_order_relaxed);
      if (best_order != 0 && (deadline_ns > best_deadline_ns ||
                              (deadline_ns == best_deadline_ns && order > best_order))) {
        continue;
      }
      best = place;
      best_order = order;
      best_deadline_ns = deadline_ns;
    }
    if (best_order == 0) continue;  // others took what was there when it came by
    if (keys_[best].order.compare_exchange_strong(best_order, 0, std::memory_order_acq_rel)) {
      return {.job = jobs_[best], .place = best};
    }
  }
}

}  // namespace nf
