#include "tests/sim/sim_mounts.h"

#include <algorithm>
#include <cstring>

#include "core/base/assert.h"
#include "core/base/checked.h"

namespace nf::sim {

// On it and on all that it needs itself.
void SimMounts::depend(Entry& entry, ContainerId on) {
  std::vector<ContainerId>& all = entry.dependencies;
  all.push_back(on);
  const std::vector<ContainerId>& further = entries_[on.value].dependencies;
  all.insert(all.end(), further.begin(), further.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
}

void SimMounts::add(const SimWorld& world, FileId file, ContainerRange range) {
  entries_.resize(std::max<std::size_t>(entries_.size(), range.last.value));
  files_[file.value] = {.world = &world, .first = range.first};
  const ContainerTable& table = world.tables.containers;
  std::uint32_t template_end = 0;
  for (std::uint32_t local = 0; local < table.count(); ++local) {
    Entry entry{.world = &world, .local = local, .exists = true, .dependencies = {}};
    if (has(table.flags[local], ContainerFlags::template_root)) {
      template_end = table.subtree_end[local];
    }
    entry.is_dependency = has(table.flags[local], ContainerFlags::shared) || local < template_end;
    for (std::uint32_t i = table.first_dependency[local]; i < table.first_dependency[local + 1];
         ++i) {
      depend(entry, {range.first.value + world.tables.dependencies[i]});
    }
    if (table.refinement[local] != Refinement::none) {
      depend(entry, {range.first.value + table.parent[local]});
    }
    entries_[range.first.value + local] = entry;
  }
}

void SimMounts::spawn(ContainerId template_root, ContainerId first) {
  for (std::uint32_t i = 0; i < subtree_count(template_root); ++i) {
    const ContainerId of{template_root.value + i};
    const Entry& from = entries_[of.value];
    Entry entry{.world = from.world,
                .local = from.local,
                .exists = true,
                .spawned = true,
                .dependencies = {}};
    depend(entry, of);
    if (table(of).refinement[from.local] != Refinement::none) {
      const std::uint32_t up = from.local - table(of).parent[from.local];
      depend(entry, {first.value + i - up});
    }
    entries_[first.value + i] = entry;
  }
}

void SimMounts::remove(ContainerRange range) {
  for (ContainerId id = range.first; id < range.last; ++id.value) entries_[id.value].exists = false;
}

std::span<const std::byte> SimMounts::raw(ContainerId id) const {
  const Entry& entry = entries_[id.value];
  if (entry.world == nullptr) return {};
  return entry.world->raw[entry.local];
}

bool SimMounts::decodes_to(ContainerId id, std::span<const std::byte> bytes) const {
  const std::span<const std::byte> expected = raw(id);
  if (bytes.size() != expected.size()) return false;
  return bytes.empty() || std::memcmp(bytes.data(), expected.data(), bytes.size()) == 0;
}

std::uint64_t SimMounts::size_in_memory(ContainerId id) const {
  return entries_[id.value].spawned ? 0 : raw(id).size();
}

std::uint64_t SimMounts::room_in_memory(ContainerId id) const {
  return align_up(size_in_memory(id), kGranule);
}

std::uint64_t SimMounts::stored_size(ContainerId id) const {
  return table(id).run_size[entries_[id.value].local];
}

void SimMounts::mark_with_dependencies(ContainerId id, std::vector<bool>& set) const {
  set[id.value] = true;
  for_each_dependency(id, [&](ContainerId on) { set[on.value] = true; });
}

bool SimMounts::is_template(ContainerId id) const {
  const Entry& entry = entries_[id.value];
  return entry.exists && !entry.spawned &&
         has(table(id).flags[entry.local], ContainerFlags::template_root);
}

std::uint32_t SimMounts::subtree_count(ContainerId id) const {
  const std::uint32_t local = entries_[id.value].local;
  return table(id).subtree_end[local] - local;
}

std::uint32_t SimMounts::activation_cost(ContainerId id) const {
  const Entry& entry = entries_[id.value];
  return entry.spawned ? 0 : table(id).activation_cost[entry.local];
}

ContainerId SimMounts::container_at(FileId file, FileOffset at) const {
  const File& known = files_.at(file.value);
  const auto& runs = known.world->runs;
  const auto after =
      std::upper_bound(runs.begin(), runs.end(), at,
                       [](FileOffset wanted, const auto& run) { return wanted < run.first; });
  NF_ASSERT(after != runs.begin());
  return {known.first.value + std::prev(after)->second};
}

}  // namespace nf::sim
