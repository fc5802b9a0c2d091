// ReadWorth: whether a container is worth its bytes now, from when it is likely to be needed.
//
// Pure; any thread. Seconds, bytes.
//
// To read now risks bytes in vain, if it is never needed; to wait risks lateness, if it is needed
// before it can be there. What is read ahead is worth the lateness that it saves for each byte,
// against the chance that the byte is for nothing: certain needs are read early, doubtful ones at
// the last moment, and small ones sooner than large ones, since each costs the same way round.
#pragma once

#include <array>

#include "core/predict/futures.h"

namespace nf {

// How likely something is needed until each horizon; does not fall.
struct NeedUntil {
  std::array<float, kHorizons> seconds{};
  std::array<float, kHorizons> probability{};
};

// What the reads of one container cost on this device.
struct ReadCost {
  double bytes = 0;
  double bytes_per_second = 1;
  double overhead = 0;  // seconds beside the bytes: latency, decoding, what is queued before it
};

// The probability that it is needed, each moment weighing less the longer after `ready` it is:
// a third after `patience`.
float weighed_need(const NeedUntil& need, double ready, double patience);

// In times of what a byte costs: 1 is read by somebody to whom a second of lateness is worth the
// bytes that the disk reads in it. `ready`: seconds from now until it could be there.
float read_worth(const NeedUntil& need, const ReadCost& cost, double ready);

// What to read first of all that is worth reading, in (0, 1).
float read_urgency(const NeedUntil& need, double ready);
// What to keep rather, in (0, 1): the likelier and the sooner it is needed.
float keep_worth(const NeedUntil& need);

}  // namespace nf
