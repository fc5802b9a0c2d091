// Bugs that a build can be given on purpose (-DNF_PLANTED_BUG=n), so that a test shows that
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
// An eye stays where it was when its body turns or flies on and the observer stands.
inline constexpr int kEyeKeptWhenBodyMoves = 10;
// Finer levels are shown as soon as one of them has arrived.
inline constexpr int kLevelShownAlone = 11;
// A body that leaves its box is not reported to those whose reach it may come into.
inline constexpr int kBodyLeavesBoxUntold = 12;
// Of an observer that goes, what it wants in other bodies is wanted for ever.
inline constexpr int kDerivedEyesKept = 13;
// An observer that goes on in another frame is not looked at there.
inline constexpr int kCrossingUnseen = 14;
// What a level that is only kept depends on is only kept, whoever needs it.
inline constexpr int kNeedPutOff = 15;
// Memory of a load that nobody wants any more is lost.
inline constexpr int kAbandonedMemoryLost = 16;
// One whose motion foretells nothing counts as standing.
inline constexpr int kRestlessAtRest = 17;
// A level of a level is placed where the coarsest is.
inline constexpr int kLevelsPlacedWithCoarsest = 18;
// What more than a thousand observers want is not wanted.
inline constexpr int kLateEyesUnmerged = 19;
// Nobody is told of an observer that goes what it is not bound to any more.
inline constexpr int kDepartedStayBound = 20;
// The numbers of what was despawned are given again while some of it is still there.
inline constexpr int kNumbersGivenTooSoon = 21;
// What is attached elsewhere is not looked for there.
inline constexpr int kAttachedUnseen = 22;
// What only intents want takes as much memory as there is.
inline constexpr int kIntentShareIgnored = 23;
// A load that only intents wanted counts as on its way for ever.
inline constexpr int kIntentLoadNeverOver = 24;
// What fails again is not told as failed.
inline constexpr int kFailureToldOnce = 25;
// What was needed and never came does not count as late.
inline constexpr int kNeverCameUncounted = 26;
// What waits for its turn in the frames' budget is said to wait for the disk.
inline constexpr int kTurnBlamedOnDisk = 27;

inline constexpr int planted_bug_last = 27;
// Not for the seeds, but for tests/sim/share_test.cpp: whoever asked first is served first, however
// much that is.
inline constexpr int kSharesIgnored{100};

constexpr int planted_bug = NF_PLANTED_BUG;

}  // namespace nf
