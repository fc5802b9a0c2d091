// WakeSignal: lets threads sleep until work was published, without a lock that the publisher
// would have to take. An event count: the waiter notes `ticket`, looks for work, and sleeps only
// while nobody has called `notify` since.
//
// Any number of threads on both sides. `notify` never blocks: one atomic addition, and a system
// call only if somebody sleeps. (std::counting_semaphore of libstdc++ 12 can miss a wake-up, PR
// 104928.)
#pragma once

#include <atomic>
#include <cstdint>

#include <nearfield/types.h>

namespace nf {

class WakeSignal {
 public:
  std::uint32_t ticket() const { return value_.load(std::memory_order_acquire); }
  void notify_one() { notify(1); }
  void notify_all() { notify(INT32_MAX); }
  // Returns when `notify` was called after `ticket`, or the time is over, or for no reason.
  void wait(std::uint32_t ticket) { wait_on(ticket, nullptr); }
  void wait(std::uint32_t ticket, Duration timeout) { wait_on(ticket, &timeout); }

 private:
  void notify(int count);
  void wait_on(std::uint32_t ticket, const Duration* timeout);

  std::atomic<std::uint32_t> value_{0};
  std::atomic<std::uint32_t> sleepers_{0};
};

}  // namespace nf
