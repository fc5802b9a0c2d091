// Nine bugs that a build can be given on purpose (-DNF_PLANTED_BUG=n), so that a test shows that
// the simulator finds each of them. 0, the default, is the program as it is meant.
//
// Used as `if constexpr (planted_bug == kCompletionMatchedBySlotOnly)`: both sides are compiled,
// the wrong one is never in a normal build.
#pragma once

#ifndef NF_PLANTED_BUG
#define NF_PLANTED_BUG 0
#endif

namespace nf {

// A cancelled load gives its buffer back at once.
inline constexpr int kBufferReturnedOnCancel = 1;
// A completion is matched without a look at its generation.
inline constexpr int kCompletionMatchedBySlotOnly = 2;
// The bytes that a short read did not bring are never read.
inline constexpr int kShortReadCountedComplete = 3;
// Whatever the disk gave is decoded.
inline constexpr int kChecksumUnchecked = 4;
// A load that is out of time gives its staging back at once.
inline constexpr int kBufferReturnedOnTimeout = 5;
// EINTR, EAGAIN and ECANCELED fail the read.
inline constexpr int kTransientErrorFinal = 6;
// Reads that wait at the device are not told that they are needed sooner.
inline constexpr int kNeededSoonerUntold = 7;
// What waits gets new deadlines and keeps its old order.
inline constexpr int kOrderNotRestored = 8;
// Of several pins the last one counts.
inline constexpr int kLastPinCounts = 9;

constexpr int planted_bug = NF_PLANTED_BUG;

}  // namespace nf
