#include "tests/sim/sim_mounts.h"

#include <algorithm>

#include "core/base/assert.h"

namespace nf::sim {

void SimMounts::add(const SimWorld& world) {
  const FileId file{static_cast<std::uint32_t>(worlds_.size())};
  NF_ASSERT(places_.mount(world.tables, file).has_value());
  worlds_.push_back(&world);
}

std::span<const std::byte> SimMounts::raw(ContainerId id) const {
  const Mount& mount = places_.mount_of(id);
  return worlds_[mount.file.value]->raw[id.value - mount.range.first.value];
}

bool SimMounts::shared(ContainerId id) const {
  return places_.mount_of(id).tables->containers.flags[places_.local_id(id)] ==
         ContainerFlags::shared;
}

std::uint32_t SimMounts::activation_cost(ContainerId id) const {
  return places_.mount_of(id).tables->containers.activation_cost[places_.local_id(id)];
}

ContainerId SimMounts::container_at(FileId file, FileOffset at) const {
  const auto& runs = worlds_[file.value]->runs;
  const auto after =
      std::upper_bound(runs.begin(), runs.end(), at,
                       [](FileOffset wanted, const auto& run) { return wanted < run.first; });
  NF_ASSERT(after != runs.begin());
  return {places_.mounts()[file.value].range.first.value + std::prev(after)->second};
}

}  // namespace nf::sim
