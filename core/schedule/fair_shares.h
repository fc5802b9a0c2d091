// FairShares: whose turn it is when the disk cannot serve all in time.
//
// Each observer has a turn, a number that grows by the bytes that were read for it over its weight;
// the lowest turn is served next. One that asked for nothing meanwhile does not fall behind the
// others: what it did not use is not saved up for it.
// Method: start-time fair queueing (Goyal, Vin, Cheng, "Start-time fair queueing: a scheduling
// algorithm for integrated services packet switching networks", 1996).
//
// Thread: the owner's. Allocates in `make` only. Pure: the same calls give the same turns.
#pragma once

#include <algorithm>
#include <cstdint>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"

namespace nf {

// Bytes over weight, since the beginning. Lower comes first.
using Turn = std::uint64_t;
inline constexpr Turn kNoTurn = ~Turn{0};

class FairShares {
 public:
  // Weights beyond these count as these, so that turns last for a petabyte at the least weight.
  static constexpr double kWeightMin = 1.0 / 1024;
  static constexpr double kWeightMax = 1024;

  static Result<FairShares> make(std::uint32_t observers_max);

  void join(std::uint32_t observer, float weight);

  // The earliest turn of what began and is not there yet; kNoTurn: all is.
  void serve(Turn earliest) { now_ = std::max(now_, std::min(earliest, latest_)); }

  // In a round turns are planned; only `charge` makes some of it true.
  void begin_round() { ++round_; }
  // When the observer would be served if it asked for something now.
  Turn next_turn(std::uint32_t observer);
  // It asks for this much: the answer is when it begins. What it asks for after that begins later.
  Turn take_turn(std::uint32_t observer, Bytes size);
  // It does not ask for as much after all.
  void give_back(std::uint32_t observer, Bytes size);

  // What was planned for `turn` has begun.
  void charge(std::uint32_t observer, Turn turn, Bytes size);
  // So much of what it was charged was not read in the end.
  void refund(std::uint32_t observer, Bytes size);

  // The place of a turn among the times that reads are ordered by: before all that are not shared
  // out, whatever clock those are on.
  static Time time_of(Turn turn);

 private:
  struct Account {
    Turn served_to = 0;  // its next turn, by what it was charged
    Turn planned = 0;    // the same by what was planned in `round`
    std::uint64_t round = 0;
    double turns_a_byte = 1;
  };

  Account& planned_in_round(std::uint32_t observer);
  static Turn length_of(const Account& account, Bytes size);

  Array<Account> accounts_;
  Turn now_ = 0;     // the turn that is served: nobody asks for an earlier one
  Turn latest_ = 0;  // that began
  std::uint64_t round_ = 0;
};

}  // namespace nf
