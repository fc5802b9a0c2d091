#include "core/residency/intent_account.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/checked.h"

namespace nf {

Result<IntentAccount> IntentAccount::create(const IntentLimits& limits) {
  // False for what is not a number.
  if (!(limits.share >= 0 && limits.share <= 1)) return Error{.code = ErrorCode::invalid_argument};
  IntentAccount account;
  account.granule_ = limits.granule;
  if (limits.share == 0) return account;
  const double memory = limits.share * static_cast<double>(limits.capacity.value);
  const double loads = limits.share * static_cast<double>(limits.loads_max);
  account.memory_max_ = std::min(Bytes{static_cast<std::uint64_t>(memory)}, limits.capacity);
  account.loads_max_ = std::max(1u, static_cast<std::uint32_t>(loads));
  auto abandoned = Array<std::uint32_t>::make(limits.loads_max);
  if (!abandoned) return abandoned.error();
  account.abandoned_ = std::move(*abandoned);
  return account;
}

Bytes IntentAccount::memory_for(std::uint64_t size) const {
  return {align_up(size, granule_.value)};
}

void IntentAccount::start_load(Bytes memory) {
  memory_ += memory;
  ++loads_;
}

void IntentAccount::end_load() {
  NF_ASSERT(loads_ > 0);
  --loads_;
}

void IntentAccount::abandon_load(const SpanAllocator::Span& memory) {
  NF_ASSERT(abandoned_count_ < abandoned_.size());
  abandoned_[abandoned_count_++] = memory.block;
}

bool IntentAccount::end_abandoned(const SpanAllocator::Span& memory) {
  for (std::uint32_t i = 0; i < abandoned_count_; ++i) {
    if (abandoned_[i] != memory.block) continue;
    abandoned_[i] = abandoned_[--abandoned_count_];
    end_load();
    give_back(Bytes{memory.size});
    return true;
  }
  return false;
}

}  // namespace nf
