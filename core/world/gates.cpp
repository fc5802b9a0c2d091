#include "core/world/gates.h"

#include <algorithm>

namespace nf {
namespace {

constexpr double kLeadTimeMax = 1e9;  // seconds: what a Duration holds

// The first container of its mount above, its number in the archive's table below.
GateId id_of(const Mount& mount, std::size_t local) {
  return {(std::uint64_t{mount.range.first.value} << 32) | local};
}

std::uint32_t local_of(GateId id) {
  return static_cast<std::uint32_t>(id.value);
}

const Mount* mount_of(const World& world, GateId id) {
  const ContainerId first{static_cast<std::uint32_t>(id.value >> 32)};
  for (const Mount& mount : world.mounts()) {
    if (mount.range.first == first && local_of(id) < mount.tables->gates.count()) return &mount;
  }
  return nullptr;
}

}  // namespace

GateRange gates_of(const World& world, ContainerId container) {
  if (container.value >= world.container_count()) return {};
  const Mount& mount = world.mount_of(container);
  const Array<std::uint32_t>& owners = mount.tables->gates.container;
  const std::uint32_t local = container.value - mount.range.first.value;
  const auto [first, last] = std::equal_range(owners.begin(), owners.end(), local);
  if (first == last) return {};
  return {.first = id_of(mount, static_cast<std::size_t>(first - owners.begin())),
          .count = static_cast<std::uint32_t>(last - first)};
}

GateId find_gate(const World& world, ContainerId container, std::uint64_t name_hash) {
  const GateRange range = gates_of(world, container);
  if (range.empty()) return GateId::none();
  const Mount& mount = world.mount_of(container);
  const std::uint64_t* const names = mount.tables->gates.name_hash.begin();
  const std::uint64_t* const first = names + local_of(range.first);
  const std::uint64_t* const last = first + range.count;
  const std::uint64_t* const found = std::lower_bound(first, last, name_hash);
  if (found == last || *found != name_hash) return GateId::none();
  return id_of(mount, static_cast<std::size_t>(found - names));
}

GateView view_gate(const World& world, GateId id) {
  const Mount* const mount = mount_of(world, id);
  if (mount == nullptr) return {};
  const GateTable& table = mount->tables->gates;
  const std::uint32_t gate = local_of(id);
  const double lead_time = std::clamp(double{table.lead_time[gate]}, 0.0, kLeadTimeMax);
  return {.container = {mount->range.first.value + table.container[gate]},
          .position = table.position[gate],
          .radius = table.radius[gate],
          .lead_time = Duration::from_seconds(lead_time),
          .target = world.find(table.target[gate]),
          .target_path = table.target[gate],
          .target_position = table.target_position[gate]};
}

}  // namespace nf
