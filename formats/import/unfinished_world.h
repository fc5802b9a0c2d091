// unfinished_world: the mark of a folder that `generate` has begun to fill. It goes when the world
// is whole, and nothing is packed from a folder that has it.
// A constant; any thread.
#pragma once

namespace nf {

inline constexpr const char* kUnfinishedMarker = "unfinished_world.txt";
inline constexpr const char* kUnfinishedText =
    "nearfield generate is filling this folder, or was stopped: it is not a whole world.\n";

}  // namespace nf
