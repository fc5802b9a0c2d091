// WorkLedger: how many decode jobs nobody has claimed, and which workers of the engine's job system
// have nothing to do, in one word, so that no job is left without a worker and no worker looks at
// the pool after it was counted as idle.
//
// Any thread; nobody waits. Whoever claims takes a job from the Backlog.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

namespace nf {

class WorkLedger {
 public:
  static constexpr std::uint32_t kIdleMax = 40;
  static constexpr std::uint32_t kJobsMax = (1u << 24) - 1;
  static constexpr std::uint32_t kNobody = ~0u;

  // The workers [0, idle) are there to be woken; workers that wait by themselves do not count.
  explicit WorkLedger(std::uint32_t idle)
      : workers_(((std::uint64_t{1} << idle) - 1) << kJobBits), word_(workers_) {}

  // There is one job more in the backlog. The idle worker that is woken for it and has claimed it,
  // or nobody: then it is there to be claimed.
  std::uint32_t add_job() {
    std::uint64_t seen = word_.load();
    for (;;) {
      const std::uint64_t idle = seen >> kJobBits;
      const std::uint64_t lowest = idle & (~idle + 1);
      const std::uint64_t next = idle == 0 ? seen + 1 : seen - (lowest << kJobBits);
      if (!word_.compare_exchange_weak(seen, next)) continue;
      return idle == 0 ? kNobody : static_cast<std::uint32_t>(std::countr_zero(idle));
    }
  }

  // False: there is none.
  bool claim() {
    for (std::uint64_t seen = word_.load(); (seen & kJobMask) != 0;) {
      if (word_.compare_exchange_weak(seen, seen - 1)) return true;
    }
    return false;
  }

  // For a woken worker that has done its job. False: it is idle from now on, and may be woken or,
  // with the whole pool, destroyed before this returns.
  bool claim_or_rest(std::uint32_t worker) {
    const std::uint64_t mine = std::uint64_t{1} << (kJobBits + worker);
    std::uint64_t seen = word_.load();
    for (;;) {
      const bool claims = (seen & kJobMask) != 0;
      if (word_.compare_exchange_weak(seen, claims ? seen - 1 : seen + mine)) return claims;
    }
  }

  std::uint32_t unclaimed() const { return static_cast<std::uint32_t>(word_.load() & kJobMask); }
  bool all_idle() const { return (word_.load() & ~kJobMask) == workers_; }

 private:
  static constexpr std::uint32_t kJobBits = 24;
  static constexpr std::uint64_t kJobMask = (std::uint64_t{1} << kJobBits) - 1;

  const std::uint64_t workers_;  // a bit for each, above the count of jobs
  std::atomic<std::uint64_t> word_;
};

}  // namespace nf
