// Backlog: decode jobs that nobody has taken yet, the most urgent first.
//
// Thread: the owner calls `push` and `release`; `take` is for any thread, and neither locks nor
// waits: it looks at the keys of all places that were ever used, at most `jobs_max` and about a
// nanosecond each, beside a fraction of a millisecond that a job takes, and tries again only if
// somebody else took the one it chose.
// Memory: allocates in its constructor alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/codec/decode_pool.h"

namespace nf {

class Backlog {
 public:
  struct Taken {
    DecodeJob job;
    std::uint32_t place = 0;  // to be released by the owner
  };

  // At most `jobs_max` are pushed and not released.
  explicit Backlog(std::uint32_t jobs_max);

  void push(const DecodeJob& job);
  void release(std::uint32_t place) { free_.push_back(place); }

  // The one with the earliest deadline, and among equals the one that was pushed first. Only for
  // those who have claimed one (WorkLedger): there must be a job for everybody who is in here.
  Taken take();

 private:
  struct Key {
    std::atomic<std::uint64_t> order{0};  // 0: nothing to take; else counts the jobs pushed
    std::atomic<std::int64_t> deadline_ns{0};
  };

  std::unique_ptr<Key[]> keys_;  // by place, as are the jobs
  std::unique_ptr<DecodeJob[]> jobs_;
  std::atomic<std::uint32_t> places_used_{0};  // all others have never held a job
  std::vector<std::uint32_t> free_;            // the owner's
  std::uint64_t pushed_ = 0;                   // the owner's
};

}  // namespace nf
