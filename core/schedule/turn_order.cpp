#include "core/schedule/turn_order.h"

#include <algorithm>

#include "core/base/assert.h"

namespace nf {
namespace {

bool needed_before(const Waiting& a, const Waiting& b) {
  return a.needed_at != b.needed_at ? a.needed_at < b.needed_at : a.tie < b.tie;
}

bool takes_a_turn(const Ask& ask) {
  return ask.size.value > 0 && ask.payer != kNobody;
}

}  // namespace

Result<TurnOrder> TurnOrder::make(std::uint32_t observers_max, std::uint32_t asks_max) {
  TurnOrder made;
  Result<Array<std::uint32_t>> ends = Array<std::uint32_t>::make(observers_max);
  if (!ends) return ends.error();
  Result<Array<Waiting>> queued = Array<Waiting>::make(asks_max);
  if (!queued) return queued.error();
  Result<Array<Queue>> queues = Array<Queue>::make(observers_max);
  if (!queues) return queues.error();
  made.ends_ = std::move(*ends);
  made.queued_ = std::move(*queued);
  made.queues_ = std::move(*queues);
  return made;
}

// By counting them; answers how many observers there are, those without any among them.
std::uint32_t TurnOrder::sort_by_payer(std::span<const Ask> asks) {
  std::uint32_t payers = 0;
  for (const Ask& ask : asks) {
    if (takes_a_turn(ask)) payers = std::max(payers, ask.payer + 1);
  }
  NF_ASSERT(payers <= ends_.size() && asks.size() <= queued_.size());
  const std::span<std::uint32_t> places = ends_.span().first(payers);
  std::fill(places.begin(), places.end(), 0u);
  for (const Ask& ask : asks) {
    if (takes_a_turn(ask)) ++places[ask.payer];
  }
  std::uint32_t before = 0;
  for (std::uint32_t& place : places) {
    const std::uint32_t here = place;
    place = before;
    before += here;
  }
  for (std::uint32_t i = 0; i < asks.size(); ++i) {
    if (!takes_a_turn(asks[i])) continue;
    queued_[places[asks[i].payer]++] = {
        .needed_at = asks[i].needed_at, .tie = asks[i].id, .slot = i};
  }
  return payers;
}

// What is served already has its turn, and so has what comes before it.
void TurnOrder::serve_begun(std::span<Ask> asks, Queue& queue, FairShares& shares) {
  std::uint32_t begun = 0;
  for (std::uint32_t i = queue.first; i < queue.end; ++i) begun += asks[queued_[i].slot].begun;
  if (begun == 0) return;
  std::sort(queued_.begin() + queue.first, queued_.begin() + queue.end, needed_before);
  queue.sorted = true;
  for (; begun > 0; ++queue.first) {
    Ask& ask = asks[queued_[queue.first].slot];
    ask.turn = shares.take_turn(queue.payer, ask.size);
    begun -= ask.begun;
  }
}

// Most are asked this once and never served in the frame.
void TurnOrder::find_next(std::span<const Ask> asks, Queue& queue, FairShares& shares) {
  Waiting* const first = queued_.begin() + queue.first;
  if (!queue.sorted) {
    std::iter_swap(first, std::min_element(first, queued_.begin() + queue.end, needed_before));
  }
  queue.turn = shares.next_turn(queue.payer);
  queue.tie = asks[first->slot].tie;
}

void TurnOrder::plan(std::span<Ask> asks, std::size_t count, FairShares& shares) {
  bool some_begun = false;
  for (Ask& ask : asks) {
    if (ask.size.value == 0) continue;
    if (ask.payer == kNobody) ask.turn = 0;
    some_begun |= ask.begun;
  }
  const std::uint32_t payers = sort_by_payer(asks);
  std::uint32_t queues = 0;
  for (std::uint32_t payer = 0; payer < payers; ++payer) {
    Queue queue{.first = payer == 0 ? 0 : ends_[payer - 1], .end = ends_[payer], .payer = payer};
    if (some_begun) serve_begun(asks, queue, shares);
    if (queue.first == queue.end) continue;
    find_next(asks, queue, shares);
    queues_[queues++] = queue;
  }
  const auto later = [](const Queue& a, const Queue& b) {
    return a.turn != b.turn ? a.turn > b.turn : a.tie > b.tie;
  };
  Queue* end = queues_.begin() + queues;
  std::make_heap(queues_.begin(), end, later);
  for (; count > 0 && end != queues_.begin(); --count) {
    std::pop_heap(queues_.begin(), end, later);
    Queue& next = end[-1];
    Ask& ask = asks[queued_[next.first].slot];
    ask.turn = shares.take_turn(next.payer, ask.size);
    if (++next.first == next.end) {
      --end;
      continue;
    }
    if (!next.sorted) {
      std::sort(queued_.begin() + next.first, queued_.begin() + next.end, needed_before);
      next.sorted = true;
    }
    find_next(asks, next, shares);
    std::push_heap(queues_.begin(), end, later);
  }
}

}  // namespace nf
