// What is derived from an archive's tables once: which containers are finer levels of which, what
// those need, and what those need that are spawned.
#include <algorithm>

#include "core/base/assert.h"
#include "core/world/mount.h"

namespace nf {
namespace {

struct Link {
  std::uint32_t parent = 0;
  std::uint32_t finer = 0;
};

// What the list says of this number; empty if it is not among the keys.
std::span<const std::uint32_t> look_up(std::span<const std::uint32_t> keys,
                                       std::span<const std::uint32_t> first,
                                       std::span<const std::uint32_t> values, std::uint32_t key) {
  const auto at = std::lower_bound(keys.begin(), keys.end(), key);
  if (at == keys.end() || *at != key) return {};
  const auto index = static_cast<std::size_t>(at - keys.begin());
  return values.subspan(first[index], first[index + 1] - first[index]);
}

}  // namespace

Levels Levels::of(const WorldTables& tables) {
  const ContainerTable& table = tables.containers;
  Levels levels;
  std::vector<Link> links;
  levels.first_need.push_back(0);
  // Parents come before their children, so what a parent needs is known already.
  for (std::uint32_t id = 0; id < table.count(); ++id) {
    if (table.refinement[id] == Refinement::none) continue;
    const std::uint32_t parent = table.parent[id];
    links.push_back({.parent = parent, .finer = id});
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
  std::stable_sort(links.begin(), links.end(),
                   [](const Link& a, const Link& b) { return a.parent < b.parent; });
  for (const Link& link : links) {
    if (levels.parents.empty() || levels.parents.back() != link.parent) {
      levels.parents.push_back(link.parent);
      levels.first_finer.push_back(static_cast<std::uint32_t>(levels.finer.size()));
    }
    levels.finer.push_back(link.finer);
  }
  levels.first_finer.push_back(static_cast<std::uint32_t>(levels.finer.size()));
  return levels;
}

std::span<const std::uint32_t> Levels::finer_than(std::uint32_t parent) const {
  return look_up(parents, first_finer, finer, parent);
}

std::span<const std::uint32_t> Levels::needs_of(std::uint32_t id) const {
  return look_up(ids, first_need, needs, id);
}

void Templates::find_needs(const WorldTables& tables, const Levels& levels) {
  const ContainerTable& table = tables.containers;
  first_need.push_back(0);
  for (const TemplateBody& body : bodies) {
    if (body.enclosing != TemplateBody::kNone) continue;
    for (std::uint32_t id = body.local; id < body.subtree_end; ++id) {
      std::vector<std::uint32_t> own{id};
      const auto add = [&own, &table, &tables](std::uint32_t of) {
        const std::uint32_t first = table.first_dependency[of];
        const std::uint32_t count = table.first_dependency[of + 1] - first;
        const auto more = tables.dependencies.span().subspan(first, count);
        own.insert(own.end(), more.begin(), more.end());
      };
      add(id);
      // Up to the coarsest: each spawned one, and the template's that has its bytes.
      for (std::uint32_t at = id; table.refinement[at] != Refinement::none;) {
        at = table.parent[at];
        own.push_back(at);
        own.push_back(at | ContainerList::kOfSpawned);
        add(at);
      }
      const std::span<const std::uint32_t> of_template = levels.needs_of(id);
      own.insert(own.end(), of_template.begin(), of_template.end());
      std::sort(own.begin(), own.end());
      own.erase(std::unique(own.begin(), own.end()), own.end());
      ids.push_back(id);
      needs.insert(needs.end(), own.begin(), own.end());
      first_need.push_back(static_cast<std::uint32_t>(needs.size()));
    }
  }
}

std::span<const TemplateBody> Templates::bodies_of(std::uint32_t root) const {
  const auto before = [](const TemplateBody& body, std::uint32_t local) {
    return body.local < local;
  };
  const auto first = std::lower_bound(bodies.begin(), bodies.end(), root, before);
  NF_ASSERT(first != bodies.end() && first->local == root);
  return {first, std::lower_bound(first, bodies.end(), first->subtree_end, before)};
}

std::span<const std::uint32_t> Templates::needs_of(std::uint32_t id) const {
  return look_up(ids, first_need, needs, id);
}

}  // namespace nf
