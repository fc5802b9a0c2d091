// TurnOrder: which of all that observers wait for is served first, by their turns.
//
// However much waits, a frame takes no more than a few hundred. So an observer's own are put in
// order only where its turns come among the first; of all others it is enough to know which is
// first.
//
// Thread: the owner's. Allocates in `make` only. Pure: the same asks and shares give the same
// turns.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/schedule/fair_shares.h"
#include "core/schedule/read_plan.h"

namespace nf {

inline constexpr std::uint32_t kNobody = ~0u;

// Something to be read, on the account of an observer.
struct Ask {
  Time needed_at;
  Turn turn = kNoTurn;  // what `plan` answers
  Bytes size;
  std::uint32_t id = 0;     // among an observer's own: smaller first if needed at the same time
  std::uint32_t tie = 0;    // among those whose turns are equal: likewise
  std::uint32_t payer = 0;  // kNobody: nobody pays, and it goes before all others
  bool begun = false;       // is served already, and gets a turn whatever comes first
};

class TurnOrder {
 public:
  static Result<TurnOrder> make(std::uint32_t observers_max, std::uint32_t asks_max);

  // Each observer's own in the order of need. Gives turns, by `shares` and in a round that has just
  // begun, to all that is begun and to the first `count` of the others; there may be more of them.
  // What has none comes later than all that has one. What has no size needs none.
  void plan(std::span<Ask> asks, std::size_t count, FairShares& shares);

 private:
  // What an observer waits for and has no turn yet: a stretch of queued_ whose first is next.
  struct Queue {
    Turn turn = 0;
    std::uint32_t tie = 0;
    std::uint32_t first = 0;
    std::uint32_t end = 0;
    std::uint32_t payer = 0;
    bool sorted = false;
  };

  std::uint32_t sort_by_payer(std::span<const Ask> asks);
  void serve_begun(std::span<Ask> asks, Queue& queue, FairShares& shares);
  void find_next(std::span<const Ask> asks, Queue& queue, FairShares& shares);

  Array<std::uint32_t> ends_;  // by observer, of its stretch of queued_
  Array<Waiting> queued_;      // by observer; `slot` is the place among the asks
  Array<Queue> queues_;        // a heap: the lowest turn first
};

}  // namespace nf
