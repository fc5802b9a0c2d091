// ContainerView of the World's containers, and where their frames are.
//
// Pure: reads a World and keeps nothing.
#pragma once

#include <nearfield/container.h>
#include <nearfield/result.h>

#include "core/world/world.h"

namespace nf {

// Without an id for what is no container, or was taken away.
ContainerView view_container(const World& world, ContainerId id);
// Where the frame of a container is in that of another; none: the root frame. not_found if one of
// them has no frame, or they are in different spaces.
Result<FrameMotion> frame_in(const World& world, ContainerId id, ContainerId in);

}  // namespace nf
