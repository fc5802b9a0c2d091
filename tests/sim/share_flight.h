// Observers that compete for a simulated disk: each flies along a lane of containers, all alike.
//
// Test code, one thread. A function of its options.
#pragma once

#include <cstdint>
#include <vector>

#include <nearfield/types.h>

#include "core/io/sim_device.h"

namespace nf::sim {

struct ShareFlyer {
  std::uint32_t lane = 0;
  double speed = 1;   // metres a second, to and fro along the lane
  double start = 0;   // metres along it
  double reach = 20;  // metres from where a container is needed
  float weight = 1;
};

struct ShareFlightOptions {
  std::uint64_t seed = 1;
  std::vector<ShareFlyer> flyers;
  std::vector<std::uint32_t> lanes;  // containers of each
  double spacing = 10;               // metres between containers of a lane
  Bytes container_size = {64 << 10};
  DeviceModel disk;
  Bytes in_flight_max = {256 << 10};
  Bytes staging = {4 << 20};
  double seconds = 30;
  double settle_seconds = 0;  // not counted: what is needed at the start has to come first
};

struct ShareOfFlyer {
  Bytes delivered;           // of containers of its lane that arrived
  Bytes read;                // on its account
  Duration longest_wait;     // for something it was within reach of, there in the end or not
  std::uint64_t needed = 0;  // containers it came within reach of
};

struct ShareFlight {
  std::vector<ShareOfFlyer> flyers;
  std::uint64_t event_hash = 0;
  std::uint64_t late = 0;
};

ShareFlight fly_shares(const ShareFlightOptions& options);

// A hundred who walk and one who rushes through dense regions, on a disk that could serve the
// hundred alone. The last flyer is the one that rushes.
ShareFlightOptions greedy_flight(std::uint64_t seed);
// How long one of the hundred may wait.
inline constexpr Duration kQuietWaitMax = {400'000'000};

}  // namespace nf::sim
