#include "core/schedule/fair_shares.h"

#include <algorithm>
#include <utility>

namespace nf {
namespace {

constexpr Turn kTurnMax = (Turn{1} << 60) - 1;

}  // namespace

Result<FairShares> FairShares::make(std::uint32_t observers_max) {
  Result<Array<Account>> accounts = Array<Account>::make(observers_max);
  if (!accounts) return accounts.error();
  FairShares made;
  made.accounts_ = std::move(*accounts);
  return made;
}

void FairShares::join(std::uint32_t observer, float weight) {
  const double counted = std::clamp(static_cast<double>(weight), kWeightMin, kWeightMax);
  accounts_[observer] = {.turns_a_byte = 1 / counted};
}

FairShares::Account& FairShares::planned_in_round(std::uint32_t observer) {
  Account& account = accounts_[observer];
  if (account.round != round_) {
    account.served_to = std::max(account.served_to, now_);
    account.planned = account.served_to;
    account.round = round_;
  }
  return account;
}

Turn FairShares::length_of(const Account& account, Bytes size) {
  // Rounded up; std::ceil is a call without an instruction set newer than the first x86-64.
  const double length = static_cast<double>(size.value) * account.turns_a_byte;
  const auto whole = static_cast<Turn>(length);
  return static_cast<double>(whole) < length ? whole + 1 : whole;
}

Turn FairShares::next_turn(std::uint32_t observer) {
  return planned_in_round(observer).planned;
}

Turn FairShares::take_turn(std::uint32_t observer, Bytes size) {
  Account& account = planned_in_round(observer);
  const Turn turn = account.planned;
  account.planned += length_of(account, size);
  return turn;
}

void FairShares::give_back(std::uint32_t observer, Bytes size) {
  Account& account = planned_in_round(observer);
  account.planned -= length_of(account, size);
}

void FairShares::charge(std::uint32_t observer, Turn turn, Bytes size) {
  Account& account = accounts_[observer];
  account.served_to += length_of(account, size);
  latest_ = std::max(latest_, turn);
}

void FairShares::refund(std::uint32_t observer, Bytes size) {
  Account& account = accounts_[observer];
  account.served_to -= std::min(account.served_to, length_of(account, size));
}

Time FairShares::time_of(Turn turn) {
  return {static_cast<std::int64_t>(std::min(turn, kTurnMax)) - (std::int64_t{1} << 60)};
}

}  // namespace nf
