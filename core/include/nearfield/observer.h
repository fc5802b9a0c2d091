// What an engine states about its observers and its frames.
// Plain values; any thread.
#pragma once

#include <nearfield/types.h>

namespace nf {

struct Motion {
  WorldPosition position;
  WorldVector velocity;  // metres a second, as seen in the frame
  // The container whose frame both are in: of the ship that the player walks in, of the planet that
  // it flies over. None: the root frame. May change with any motion; that is no jump.
  ContainerId frame = {};
};

// Where a container's frame is in its parent's, and how it moves there.
struct FrameMotion {
  WorldPosition position;  // of its origin
  WorldRotation rotation;  // of its axes; a unit quaternion
  WorldVector velocity;    // metres a second
  WorldVector spin;        // radians a second about this axis; both zero: measured between calls
};

struct Observer {
  Motion motion;
  float bubble_scale = 1;  // multiplies every load distance
};

}  // namespace nf
