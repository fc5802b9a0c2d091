// What an engine states about its observers and its frames.
// Plain values; any thread.
#pragma once

#include <nearfield/types.h>

namespace nf {

struct Motion {
  WorldPosition position;
  WorldVector velocity = {};  // metres a second, as seen in the frame
  // The container whose frame both are in: of the ship that the player walks in, of the planet that
  // it flies over. None: the root frame. May change with any motion; that is no jump.
  ContainerId frame = {};
};

// Where a container's frame is in its parent's, and how it moves there.
struct FrameMotion {
  WorldPosition position;       // of its origin
  WorldRotation rotation = {};  // of its axes; a unit quaternion
  WorldVector velocity = {};    // metres a second
  WorldVector spin = {};  // radians a second about this axis; both zero: measured between calls
};

struct Observer {
  Motion motion;
  float bubble_scale = 1;  // multiplies every load distance
  // Its share of the disk against that of others, while the disk cannot serve all in time; more
  // than 0. Differences beyond a thousandfold from 1 count as that.
  float weight = 1;
  // Metres a second, in the frame of its motion, that it never exceeds but for jumps; 0: not known.
  // Where it is stated, all that the observer could reach within StreamerOptions::lookahead is
  // wanted, with the time of the earliest moment, so that no turn surprises. What the disk can keep
  // up with then is what `nearfield certify` answers. In a frame that moves, what other frames' own
  // motion adds is foretold from their velocity and spin as of now.
  double speed_max = 0;
};

// What an observer is about to do that its motion does not foretell: a jump that is spooling up, a
// respawn, a fast travel. It will be at `position` of `frame`'s frame, moving like `velocity`,
// `in` from now, with this probability. What that place needs is loaded ahead, within a share of
// the Streamer's own (StreamerOptions::intent_share), and counts as needed only once the observer
// is there.
struct Intent {
  ContainerId frame;  // none: the root frame
  WorldPosition position;
  WorldVector velocity;
  Duration in;            // a day at most
  float probability = 1;  // 0: nothing is loaded for it, and what was is given up
};

// Stays what it was if it is none any more: withdrawn, or expired.
using IntentId = Id<struct IntentTag, std::uint64_t>;  // slot in the low half, generation above

// An intent whose time has come lives on for this long, so that an observer that arrives late finds
// all of it; then it expires.
inline constexpr Duration kIntentGrace = {5'000'000'000};

}  // namespace nf
