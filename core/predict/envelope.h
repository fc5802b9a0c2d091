// MotionEnvelope: the most that an observer moves, as the engine states it, and how far ahead of
// that containers are wanted.
//
// Plain values, any thread. With an envelope nothing is needed sooner than the observer could be
// there at its full speed, and everything that it could reach within the lookahead is wanted,
// whatever else is foretold of it.
#pragma once

#include <nearfield/types.h>

namespace nf {

struct MotionEnvelope {
  double speed_max = 0;  // metres a second, in the observer's frame; 0: not stated

  bool stated() const { return speed_max > 0; }
};

inline constexpr double kEnvelopeSpeedMax = 1e12;
// A list is collected anew before the observer has gone farther than its full speed takes it in
// this time. So much beyond the lookahead it reaches, so that in every frame it holds all that can
// be reached within the lookahead.
inline constexpr Duration kEnvelopeMargin = {100'000'000};
// Of what nothing but the envelope says that it may be needed.
inline constexpr float kEnvelopeProbability = 0.05f;

constexpr Duration envelope_wanted(Duration lookahead) {
  return lookahead + kEnvelopeMargin;
}
// What was wanted is kept as far as this, so that nobody who walks to and fro makes a load begin
// again and again: between leaving and being wanted once more lies as long as the lookahead.
constexpr Duration envelope_kept(Duration lookahead) {
  return envelope_wanted(lookahead) + Duration{lookahead.ns / 2};
}

}  // namespace nf
