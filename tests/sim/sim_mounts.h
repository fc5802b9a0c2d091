// The archives that a session has mounted, under the numbering that the streamer gives them: what
// each container is, and whose bytes a read fetches.
//
// Borrows the worlds. One owner, no thread of its own.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <nearfield/types.h>

#include "core/world/world.h"
#include "tests/sim/sim_world.h"

namespace nf::sim {

class SimMounts {
 public:
  void add(const SimWorld& world);

  std::uint32_t count() const { return places_.container_count(); }
  std::span<const std::byte> raw(ContainerId id) const;
  bool shared(ContainerId id) const;
  std::uint32_t activation_cost(ContainerId id) const;  // 0: unknown
  // The container whose run lies at this place of a file.
  ContainerId container_at(FileId file, FileOffset at) const;

  template <class Visit>
  void for_each_dependency(ContainerId id, Visit visit) const {
    for (const ContainerId on : places_.dependencies(id)) visit(on);
  }

 private:
  World places_;
  std::vector<const SimWorld*> worlds_;  // by file
};

}  // namespace nf::sim
