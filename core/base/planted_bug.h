// Six bugs that a build can be given on purpose (-DNF_PLANTED_BUG=n), so that a test shows that the
// simulator finds each of them. 0, the default, is the program as it is meant.
//
// Used as `if constexpr (planted_bug == kCompletionMatchedBySlotOnly)`: both sides are compiled, the
// wrong one is never in a normal build.
#pragma once

#ifndef NF_PLANTED_BUG
#define NF_PLANTED_BUG 0
#endif

namespace nf {

inline constexpr int kBufferReturnedOnCancel = 1;       // a cancelled load gives its buffer back at once
inline constexpr int kCompletionMatchedBySlotOnly = 2;  // the generation is not looked at
inline constexpr int kShortReadCountedComplete = 3;     // the bytes that did not come are never read
inline constexpr int kChecksumUnchecked = 4;            // whatever the disk gave is decoded
inline constexpr int kBufferReturnedOnTimeout = 5;      // a load out of time gives its staging back at once
inline constexpr int kTransientErrorFinal = 6;          // EINTR, EAGAIN, ECANCELED fail the read

constexpr int planted_bug = NF_PLANTED_BUG;

}  // namespace nf
