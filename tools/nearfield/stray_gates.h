// Gates that lead to no container of their archive: to one that is to be mounted beside it, or,
// where somebody erred, to nothing. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include <nearfield/archive.h>

namespace nf {

struct StrayGates {
  std::uint64_t count = 0;
  std::uint32_t first = 0;  // its number in the archive
};

StrayGates find_stray_gates(const WorldTables& world);
// A sentence that names the first and where it stands; empty if there is none.
std::string stray_gates_note(const Archive& archive);

}  // namespace nf
