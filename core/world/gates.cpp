#include "core/world/gates.h"

#include <algorithm>

namespace nf {
namespace {

constexpr double kLeadTimeMax = 1e9;  // seconds: what a Duration holds

// Above the first container of its mount, or the spawned one that has it; below its number in the
// archive's table.
GateId id_of(const World& world, ContainerId container, const Mount& mount, std::size_t local) {
  const ContainerId above = world.is_spawned(container) ? container : mount.range.first;
  return {(std::uint64_t{above.value} << 32) | local};
}

struct Owner {
  const Mount* mount = nullptr;  // none: there is no such gate
  ContainerId container;
};

Owner owner_of(const World& world, GateId id) {
  const ContainerId above{static_cast<std::uint32_t>(id.value >> 32)};
  const std::uint32_t gate = gate_in_archive(id);
  if (world.is_spawned(above)) {
    if (!world.exists(above)) return {};
    const auto [mount, local] = world.origin(above);
    const Array<std::uint32_t>& owners = mount->tables->gates.container;
    if (gate >= owners.size() || owners[gate] != local) return {};
    return {.mount = mount, .container = above};
  }
  for (const Mount& mount : world.mounts()) {
    if (mount.range.first != above || mount.closing) continue;
    const Array<std::uint32_t>& owners = mount.tables->gates.container;
    if (gate < owners.size()) return {.mount = &mount, .container = {above.value + owners[gate]}};
  }
  return {};
}

}  // namespace

GateRange gates_of(const World& world, ContainerId container) {
  if (!world.exists(container)) return {};
  const auto [mount, local] = world.origin(container);
  const Array<std::uint32_t>& owners = mount->tables->gates.container;
  const auto [first, last] = std::equal_range(owners.begin(), owners.end(), local);
  if (first == last) return {};
  const auto first_gate = static_cast<std::size_t>(first - owners.begin());
  return {.first = id_of(world, container, *mount, first_gate),
          .count = static_cast<std::uint32_t>(last - first)};
}

GateId find_gate(const World& world, ContainerId container, std::uint64_t name_hash) {
  const GateRange range = gates_of(world, container);
  if (range.empty()) return GateId::none();
  const Mount& mount = world.mount_of(container);
  const std::uint64_t* const names = mount.tables->gates.name_hash.begin();
  const std::uint64_t* const first = names + gate_in_archive(range.first);
  const std::uint64_t* const last = first + range.count;
  const std::uint64_t* const found = std::lower_bound(first, last, name_hash);
  if (found == last || *found != name_hash) return GateId::none();
  return id_of(world, container, mount, static_cast<std::size_t>(found - names));
}

GateView view_gate(const World& world, GateId id) {
  const auto [mount, container] = owner_of(world, id);
  if (mount == nullptr) return {};
  const GateTable& table = mount->tables->gates;
  const std::uint32_t gate = gate_in_archive(id);
  const double lead_time = std::clamp(double{table.lead_time[gate]}, 0.0, kLeadTimeMax);
  const ContainerId target = world.find(table.target[gate]);
  return {.container = container,
          .position = table.position[gate],
          .radius = table.radius[gate],
          .lead_time = Duration::from_seconds(lead_time),
          .target = world.has_frame(target) ? target : ContainerId::none(),
          .target_path = table.target[gate],
          .target_position = table.target_position[gate]};
}

}  // namespace nf
