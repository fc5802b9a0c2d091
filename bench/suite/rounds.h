// Rounds: contestants take their samples in turn, in an order that differs from round to round, so
// that neither the noise of the machine nor what the one before left behind meets always the same.
//
// The caller's thread. Pure but for what the contestants do.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nf::bench {

// Round 0: 0 1 2; round 1: 2 1 0; round 2: 1 2 0; round 3: 0 2 1; ...
inline std::vector<std::size_t> order_of_round(std::size_t contestants, std::uint32_t round) {
  // Two turned round are the same as two turned about.
  const std::uint32_t turn = contestants > 2 ? round / 2 : 0;
  std::vector<std::size_t> order;
  order.reserve(contestants);
  for (std::size_t i = 0; i < contestants; ++i) order.push_back((i + turn) % contestants);
  if (round % 2 == 1) std::reverse(order.begin(), order.end());
  return order;
}

// Calls `take(contestant, round)` for all of them in every round.
template <class Take>
void take_in_turn(std::size_t contestants, std::uint32_t rounds, const Take& take) {
  for (std::uint32_t round = 0; round < rounds; ++round) {
    for (const std::size_t contestant : order_of_round(contestants, round)) {
      take(contestant, round);
    }
  }
}

}  // namespace nf::bench
