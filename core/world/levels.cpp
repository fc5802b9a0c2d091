// Which containers are finer levels of which, and what they need.
#include <algorithm>

#include "core/world/world.h"

namespace nf {

Levels Levels::of(const WorldTables& tables) {
  const ContainerTable& table = tables.containers;
  Levels levels;
  levels.first_need.push_back(0);
  // Parents come before their children, so what a parent needs is known already.
  for (std::uint32_t id = 0; id < table.count(); ++id) {
    if (table.refinement[id] == Refinement::none) continue;
    const std::uint32_t parent = table.parent[id];
    levels.links.push_back({.parent = parent, .finer = id});
    std::vector<std::uint32_t> needs{parent};
    const auto add = [&needs](std::span<const std::uint32_t> more) {
      needs.insert(needs.end(), more.begin(), more.end());
    };
    const auto own = [&](std::uint32_t of) {
      const std::uint32_t first = table.first_dependency[of];
      return tables.dependencies.span().subspan(first, table.first_dependency[of + 1] - first);
    };
    add(own(id));
    add(table.refinement[parent] == Refinement::none ? own(parent) : levels.needs_of(parent));
    std::sort(needs.begin(), needs.end());
    needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
    levels.ids.push_back(id);
    levels.needs.insert(levels.needs.end(), needs.begin(), needs.end());
    levels.first_need.push_back(static_cast<std::uint32_t>(levels.needs.size()));
  }
  std::stable_sort(levels.links.begin(), levels.links.end(),
                   [](const Link& a, const Link& b) { return a.parent < b.parent; });
  return levels;
}

std::span<const Levels::Link> Levels::finer_than(std::uint32_t parent) const {
  const auto [first, last] =
      std::equal_range(links.begin(), links.end(), Link{.parent = parent, .finer = 0},
                       [](const Link& a, const Link& b) { return a.parent < b.parent; });
  return {first, last};
}

std::span<const std::uint32_t> Levels::needs_of(std::uint32_t id) const {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at == ids.end() || *at != id) return {};
  const auto index = static_cast<std::size_t>(at - ids.begin());
  return std::span(needs).subspan(first_need[index], first_need[index + 1] - first_need[index]);
}

}  // namespace nf
