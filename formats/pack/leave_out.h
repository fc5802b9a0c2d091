// leave_out: a world without what an archive is not to hold, such as a server's without textures.
//
// One owner; changes the world it is given and loads nothing. Containers go with their subtrees and
// all that is in them; the root stays. A dependency on a container that goes is dropped; a gate
// that leads to one stays and leads outside.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/types.h>

#include "formats/pack/source_world.h"

namespace nf {

struct LeaveOutRules {
  std::vector<std::string> tags;  // containers and assets that carry any of them
  std::vector<AssetKind> kinds;   // assets of these kinds
};

struct LeaveOutReport {
  std::uint64_t containers = 0;
  std::uint64_t assets = 0;               // those of the containers included
  Bytes size;                             // of these assets, by their size hints
  std::uint64_t dependencies = 0;         // of containers that stay
  std::vector<std::string> unknown_tags;  // asked for, and nothing in the world carries them
};

LeaveOutReport leave_out(SourceWorld& source, const LeaveOutRules& rules);

}  // namespace nf
