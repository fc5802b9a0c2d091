// The runtime without fair shares (core/base/planted_bug.h): exit 1 if one who rushes then delays
// those who walk, as it should.
#include <cstddef>

#include "tests/sim/share_flight.h"

int main() {
  const nf::sim::ShareFlight flight = nf::sim::fly_shares(nf::sim::greedy_flight(1));
  for (std::size_t i = 0; i + 1 < flight.flyers.size(); ++i) {
    if (flight.flyers[i].longest_wait > nf::sim::kQuietWaitMax) return 1;
  }
  return 0;
}
