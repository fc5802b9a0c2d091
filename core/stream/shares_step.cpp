// Fair shares: in which order containers load while observers compete for the disk.
//
// They do while something that is needed already is not there, and what is urgent is more than the
// disk takes at once. Then what is urgent is put in the order of turns (FairShares), each container
// on the account of the one observer that needs it and whose turn comes first: what many need they
// pay for in turn. Otherwise nothing here does anything, and the order is that of need.
#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/planted_bug.h"
#include "core/stream/streamer_impl.h"

namespace nf {

Result<void> StreamerImpl::reserve_shares() {
  constexpr std::size_t kPortion = 256;
  Result<FairShares> shares = FairShares::make(options_.observers_max);
  if (!shares) return shares.error();
  Result<Array<std::uint32_t>> urgent_at = Array<std::uint32_t>::make(options_.active_max);
  if (!urgent_at) return urgent_at.error();
  Result<Array<ObserverNeed>> needs = Array<ObserverNeed>::make(kPortion);
  if (!needs) return needs.error();
  shares_ = std::move(*shares);
  urgent_at_ = std::move(*urgent_at);
  needs_ = std::move(*needs);
  urgent_.reserve(options_.active_max);
  turns_.reserve(options_.active_max);
  load_turns_.resize(options_.loads_max, kNoTurn);
  load_payers_.resize(options_.loads_max);
  accounts_.resize(options_.observers_max);
  if (options_.count_shares) started_.reserve(options_.loads_max);
  return {};
}

void StreamerImpl::share_out(Time now) {
  sharing_ = false;
  if (!somebody_waits_ || interest_.observer_count() < 2) return;
  if (planted_bug == kSharesIgnored) return;
  if (gather_urgent(now) <= device_->limits().in_flight_max) return;
  sharing_ = true;
  shares_.begin_round();
  find_payers(now + kUrgentWithin);
  take_turns();
}

// All that is needed soon, is not handed out and has no turn yet; returns the bytes of what is
// needed soon and is not in memory.
Bytes StreamerImpl::gather_urgent(Time now) {
  urgent_.clear();
  Bytes bytes;
  Turn served = kNoTurn;
  const Time until = now + kUrgentWithin;
  const auto gather = [&](ActiveSlot slot, std::uint32_t candidate) {
    const ActiveContainer& container = active_[slot];
    // What is only intended, or reachable, is behind what somebody needs.
    if (container.needed_at > until || only_intended(container)) return;
    if (only_reachable(container)) return;
    std::uint32_t local = 0;
    const ContainerTable& table = table_of(container.id, local);
    const Bytes size{container.in_memory ? 0 : table.run_size[local]};
    bytes += size;
    if (container.load.valid() && load_turns_[container.load.value] != kNoTurn) return;
    urgent_at_[slot.value] = static_cast<std::uint32_t>(urgent_.size());
    urgent_.push_back({.slot = slot,
                       .candidate = candidate,
                       .payer = kNobody,
                       .turn = 0,
                       .needed_at = container.needed_at,
                       .size = size});
  };
  for (std::uint32_t i = 0; i < candidates_.size(); ++i) {
    gather(ActiveSlot{candidates_[i].slot}, i);
  }
  for (const ActiveSlot slot : pending_) {
    const LoadId load = active_[slot].load;
    if (!load.valid()) continue;
    gather(slot, kNobody);
    if (load_payers_[load.value].valid()) served = std::min(served, load_turns_[load.value]);
  }
  shares_.serve(served);
  // Those wait for what they depend on, and say who needs that.
  for (const Waiting& ready : ready_) gather(ActiveSlot{ready.slot}, kNobody);
  return bytes;
}

StreamerImpl::Urgent* StreamerImpl::find_urgent(ContainerId id) {
  const ActiveSlot slot = active_.find(id);
  if (!slot.valid()) return nullptr;
  const std::uint32_t at = urgent_at_[slot.value];
  return at < urgent_.size() && urgent_[at].slot == slot ? &urgent_[at] : nullptr;
}

// Puts it on this observer's account, unless the one that has it would be served sooner.
void StreamerImpl::claim(Urgent& urgent, std::uint32_t observer) {
  if (urgent.payer == observer) return;
  if (urgent.payer != kNobody) {
    shares_.give_back(urgent.payer, urgent.size);
    if (shares_.next_turn(urgent.payer) <= shares_.next_turn(observer)) observer = urgent.payer;
  }
  urgent.payer = observer;
  (void)shares_.take_turn(observer, urgent.size);
}

void StreamerImpl::find_payers(Time until) {
  asked_.clear();
  for (const Urgent& urgent : urgent_) {
    if (active_[urgent.slot].listed) asked_.add(active_[urgent.slot].id);
  }
  NeedCursor cursor;
  std::size_t count = needs_.size();
  while (count == needs_.size()) {
    count = interest_.find_needs(asked_, until, cursor, needs_.span());
    for (const ObserverNeed& need : needs_.span().first(count)) {
      if (Urgent* const urgent = find_urgent(need.container)) claim(*urgent, need.observer);
    }
  }
  for (const Urgent& urgent : urgent_) {
    if (urgent.payer == kNobody || !active_[urgent.slot].holds) continue;
    for (const ContainerId dependency : world_.dependencies(active_[urgent.slot].id)) {
      if (Urgent* const needed = find_urgent(dependency)) claim(*needed, urgent.payer);
    }
  }
}

// Each observer's own in the order of need. What is on its way without a turn gets one at once, or
// it would stand behind all that have.
void StreamerImpl::take_turns() {
  turns_.clear();
  for (std::uint32_t i = 0; i < urgent_.size(); ++i) {
    const Urgent& urgent = urgent_[i];
    if (urgent.size.value == 0) continue;
    turns_.push_back(
        {.needed_at = urgent.needed_at, .tie = active_[urgent.slot].id.value, .slot = i});
  }
  order_by_need(turns_, turns_.size());
  shares_.begin_round();
  for (const Waiting& next : turns_) {
    Urgent& urgent = urgent_[next.slot];
    // What nobody needs is pinned: the engine's own comes first, and costs nobody anything.
    urgent.turn = urgent.payer == kNobody ? 0 : shares_.take_turn(urgent.payer, urgent.size);
    if (urgent.candidate == kNobody) {
      begin_turn(urgent);
    } else {
      candidates_[urgent.candidate].needed_at = FairShares::time_of(urgent.turn);
    }
  }
}

// A load that began keeps its turn to the end.
void StreamerImpl::begin_turn(const Urgent& urgent) {
  const LoadId load = active_[urgent.slot].load;
  load_turns_[load.value] = urgent.turn;
  loads_.set_needed_at(load, FairShares::time_of(urgent.turn));
  if (urgent.payer == kNobody) return;
  load_payers_[load.value] = accounts_[urgent.payer].observer;
  shares_.charge(urgent.payer, urgent.turn, urgent.size);
}

void StreamerImpl::note_start(ActiveSlot slot) {
  const LoadId load = active_[slot].load;
  if (!load.valid()) return;
  load_turns_[load.value] = kNoTurn;
  load_payers_[load.value] = ObserverId::none();
  const Urgent* const urgent = sharing_ ? find_urgent(active_[slot].id) : nullptr;
  if (urgent != nullptr) {
    begin_turn(*urgent);
  } else if (options_.count_shares) {
    started_.push_back(slot);
  }
}

// Of what began without a turn, where shares are counted: who would have been served for it.
void StreamerImpl::attribute_started() {
  if (started_.empty()) return;
  urgent_.clear();
  for (const ActiveSlot slot : started_) {
    if (!active_[slot].load.valid()) continue;  // gave way to another one at once
    urgent_at_[slot.value] = static_cast<std::uint32_t>(urgent_.size());
    std::uint32_t local = 0;
    const ContainerTable& table = table_of(active_[slot].id, local);
    urgent_.push_back({.slot = slot,
                       .candidate = kNobody,
                       .payer = kNobody,
                       .turn = 0,
                       .needed_at = active_[slot].needed_at,
                       .size = Bytes{table.run_size[local]}});
  }
  started_.clear();
  shares_.begin_round();
  find_payers(Time::never() - Duration{1});
  for (const Urgent& urgent : urgent_) {
    if (urgent.payer == kNobody) continue;
    load_payers_[active_[urgent.slot].load.value] = accounts_[urgent.payer].observer;
  }
}

void StreamerImpl::open_account(ObserverId id, float weight) {
  const auto slot = static_cast<std::uint32_t>(id.value);
  shares_.join(slot, weight);
  accounts_[slot] = {.observer = id, .read = {}};
}

void StreamerImpl::credit(const LoadEnd& end) {
  const ObserverId payer = load_payers_[end.load.value];
  if (!payer.valid()) return;
  const auto slot = static_cast<std::uint32_t>(payer.value);
  if (accounts_[slot].observer != payer) return;  // it is gone, and another one has its place
  accounts_[slot].read += end.bytes_read;
  if (load_turns_[end.load.value] == kNoTurn) return;
  std::uint32_t local = 0;
  const Bytes size{table_of(end.container, local).run_size[local]};
  shares_.refund(slot, size - std::min(size, end.bytes_read));
}

}  // namespace nf
