// IntentAccount: what is loaded only because some intent wants it may hold no more than a share of
// the containers' memory, and of the loads that are on their way at one time.
//
// Thread: the owner's. Allocates in `create` only. Pure: counts, and nothing else.
//
// Memory is on the account from the start of a load until it is given back, or until somebody else
// wants what is in it: from then on it is theirs. What was in memory before an intent came to want
// it never comes onto the account.
#pragma once

#include <algorithm>
#include <cstdint>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/residency/span_allocator.h"

namespace nf {

struct IntentLimits {
  double share = 0;  // of both; 0: nothing is loaded for intents
  Bytes capacity;    // of the containers' memory
  Bytes granule;     // that sizes are rounded up to
  std::uint32_t loads_max = 0;
};

class IntentAccount {
 public:
  static Result<IntentAccount> create(const IntentLimits& limits);

  bool empty() const { return memory_.value == 0; }
  Bytes memory() const { return memory_; }
  Bytes memory_max() const { return memory_max_; }
  std::uint32_t loads() const { return loads_; }

  // What may start beside what is there already.
  std::uint32_t loads_left() const { return loads_max_ - std::min(loads_, loads_max_); }
  Bytes memory_left() const { return memory_max_ - std::min(memory_, memory_max_); }
  // What a container of this decoded size takes.
  Bytes memory_for(std::uint64_t size) const;

  void start_load(Bytes memory);
  void end_load();
  void give_back(Bytes memory) { memory_ -= memory; }
  // Nobody waits for the load any more: it stays on the account until its memory is ours again.
  void abandon_load(const SpanAllocator::Span& memory);
  // Of a load that was abandoned; whether it was on the account.
  bool end_abandoned(const SpanAllocator::Span& memory);

 private:
  Bytes memory_max_;
  Bytes granule_;
  std::uint32_t loads_max_ = 0;
  Bytes memory_;
  std::uint32_t loads_ = 0;
  Array<std::uint32_t> abandoned_;  // blocks of their memory
  std::uint32_t abandoned_count_ = 0;
};

}  // namespace nf
