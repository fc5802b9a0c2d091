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
  Result<TurnOrder> turn_order = TurnOrder::make(options_.observers_max, options_.active_max);
  if (!turn_order) return turn_order.error();
  turn_order_ = std::move(*turn_order);
  underway_.reserve(options_.loads_max);
  urgent_.reserve(options_.active_max);
  asks_.reserve(options_.active_max);
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
  gather_begun(now);
  if (urgent_bytes_ <= device_->limits().in_flight_max) return;
  sharing_ = true;
  shares_.begin_round();
  find_payers(now + kUrgentWithin);
  take_turns();
}

// What is only intended, or reachable, is behind what somebody needs.
bool StreamerImpl::may_share(const ActiveContainer& container, Time now) const {
  return container.needed_at <= now + kUrgentWithin && !only_intended(container) &&
         !only_reachable(container);
}

// To what waits, which sort_out found: what else is needed soon, is not handed out and has no turn
// yet.
void StreamerImpl::gather_begun(Time now) {
  Turn served = kNoTurn;
  for (const ActiveSlot slot : underway_) {
    const ActiveContainer& container = active_[slot];
    if (!container.load.valid()) continue;
    const Turn turn = load_turns_[container.load.value];
    if (load_payers_[container.load.value].valid()) served = std::min(served, turn);
    if (!may_share(container, now)) continue;
    const Bytes size{container.stored_size};
    if (turn == kNoTurn) {
      add_urgent({.slot = slot}, size);
    } else {
      urgent_bytes_ += size;
    }
  }
  shares_.serve(served);
  // Those wait for what they depend on, and say who needs that.
  for (const Waiting& ready : ready_) {
    const ActiveSlot slot{ready.slot};
    if (may_share(active_[slot], now)) add_urgent({.slot = slot}, Bytes{});
  }
}

void StreamerImpl::clear_urgent() {
  urgent_.clear();
  asks_.clear();
  urgent_bytes_ = {};
}

void StreamerImpl::add_urgent(const Urgent& urgent, Bytes size) {
  const ActiveContainer& container = active_[urgent.slot];
  urgent_bytes_ += size;
  urgent_at_[urgent.slot.value] = static_cast<std::uint32_t>(urgent_.size());
  urgent_.push_back(urgent);
  asks_.push_back({.needed_at = container.needed_at,
                   .size = size,
                   .id = container.id.value,
                   .tie = tie_of(container),
                   .payer = kNobody,
                   .begun = urgent.candidate == kNoCandidate});
}

Ask* StreamerImpl::find_ask(ContainerId id) {
  const ActiveSlot slot = active_.find(id);
  if (!slot.valid()) return nullptr;
  const std::uint32_t at = urgent_at_[slot.value];
  return at < urgent_.size() && urgent_[at].slot == slot ? &asks_[at] : nullptr;
}

// Puts it on this observer's account, unless the one that has it would be served sooner.
void StreamerImpl::claim(Ask& ask, std::uint32_t observer) {
  if (ask.payer == observer) return;
  if (ask.payer != kNobody) {
    shares_.give_back(ask.payer, ask.size);
    if (shares_.next_turn(ask.payer) <= shares_.next_turn(observer)) observer = ask.payer;
  }
  ask.payer = observer;
  (void)shares_.take_turn(observer, ask.size);
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
      if (Ask* const ask = find_ask(need.container)) claim(*ask, need.observer);
    }
  }
  for (std::size_t i = 0; i < urgent_.size(); ++i) {
    const ActiveSlot slot = urgent_[i].slot;
    if (asks_[i].payer == kNobody || !active_[slot].holds || active_[slot].rests) continue;
    for (const ContainerId dependency : world_.dependencies(active_[slot].id)) {
      if (Ask* const needed = find_ask(dependency)) claim(*needed, asks_[i].payer);
    }
  }
}

// What is on its way without a turn gets one at once, or it would stand behind all that have. What
// pins alone want has none to pay: the engine's own comes first, and costs nobody anything.
void StreamerImpl::take_turns() {
  shares_.begin_round();
  turn_order_.plan(asks_, options_.loads_max, shares_);
  for (std::size_t i = 0; i < urgent_.size(); ++i) {
    if (asks_[i].size.value == 0) continue;
    if (asks_[i].begun) {
      begin_turn(urgent_[i].slot, asks_[i]);
    } else {
      candidates_[urgent_[i].candidate].needed_at = FairShares::time_of(asks_[i].turn);
    }
  }
}

// A load that began keeps its turn to the end.
void StreamerImpl::begin_turn(ActiveSlot slot, const Ask& ask) {
  const LoadId load = active_[slot].load;
  load_turns_[load.value] = ask.turn;
  loads_.set_needed_at(load, FairShares::time_of(ask.turn));
  if (ask.payer == kNobody) return;
  load_payers_[load.value] = accounts_[ask.payer].observer;
  shares_.charge(ask.payer, ask.turn, ask.size);
}

void StreamerImpl::note_start(ActiveSlot slot) {
  const LoadId load = active_[slot].load;
  if (!load.valid()) return;
  load_turns_[load.value] = kNoTurn;
  load_payers_[load.value] = ObserverId::none();
  const Ask* const ask = sharing_ ? find_ask(active_[slot].id) : nullptr;
  if (ask != nullptr) {
    begin_turn(slot, *ask);
  } else if (options_.count_shares) {
    started_.push_back(slot);
  }
}

// Of what began without a turn, where shares are counted: who would have been served for it.
void StreamerImpl::attribute_started() {
  if (started_.empty()) return;
  clear_urgent();
  for (const ActiveSlot slot : started_) {
    if (!active_[slot].load.valid()) continue;  // gave way to another one at once
    std::uint32_t local = 0;
    const ContainerTable& table = table_of(active_[slot].id, local);
    add_urgent({.slot = slot}, Bytes{table.run_size[local]});
  }
  started_.clear();
  shares_.begin_round();
  find_payers(Time::never() - Duration{1});
  for (std::size_t i = 0; i < urgent_.size(); ++i) {
    if (asks_[i].payer == kNobody) continue;
    load_payers_[active_[urgent_[i].slot].load.value] = accounts_[asks_[i].payer].observer;
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
