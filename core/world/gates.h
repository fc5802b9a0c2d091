// Gates of the mounted archives: which a container has, and where each leads.
//
// Pure: reads a World and keeps nothing, so that a target is resolved by its path over what is
// mounted when it is asked for, at the cost of a search in each mount. A gate to an archive that is
// mounted later leads there from then on, and one whose archive went leads nowhere.
#pragma once

#include <cstdint>

#include <nearfield/gate.h>

#include "core/world/world.h"

namespace nf {

// The gate's number in its archive's table, whatever that is mounted as.
constexpr std::uint32_t gate_in_archive(GateId id) {
  return static_cast<std::uint32_t>(id.value);
}

// Empty for a container that has none, and for an id of no container.
GateRange gates_of(const World& world, ContainerId container);
// By the hash of its name; none if the container has no gate of that name.
GateId find_gate(const World& world, ContainerId container, std::uint64_t name_hash);
// Without a container for an id of no gate.
GateView view_gate(const World& world, GateId id);

}  // namespace nf
