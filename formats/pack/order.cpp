#include "formats/pack/order.h"

#include <algorithm>
#include <array>
#include <queue>
#include <tuple>

#include "formats/pack/check_source.h"
#include "formats/pack/dependency_closure.h"

namespace nf {

namespace {

WorldPosition center_in_parent(const SourceContainer& c) {
  // v + 2 u x (u x v + w v) turns v by the unit quaternion (u, w).
  const double x = static_cast<double>(c.bounds_center.x);
  const double y = static_cast<double>(c.bounds_center.y);
  const double z = static_cast<double>(c.bounds_center.z);
  const double ux = static_cast<double>(c.rotation.x), uy = static_cast<double>(c.rotation.y);
  const double uz = static_cast<double>(c.rotation.z), w = static_cast<double>(c.rotation.w);
  const double tx = uy * z - uz * y + w * x;
  const double ty = uz * x - ux * z + w * y;
  const double tz = ux * y - uy * x + w * z;
  return {c.position.x + x + 2 * (uy * tz - uz * ty), c.position.y + y + 2 * (uz * tx - ux * tz),
          c.position.z + z + 2 * (ux * ty - uy * tx)};
}

struct Sibling {
  bool placed = false;  // what has no place comes first, by name
  std::uint64_t along = 0;
  std::uint32_t id = 0;
};

// Positions along the curve through the siblings' own box, one scale for all axes.
void place_on_curve(const SourceWorld& source, std::vector<Sibling>& siblings) {
  std::array<double, 3> low = {1e300, 1e300, 1e300};
  std::array<double, 3> high = {-1e300, -1e300, -1e300};
  const auto at = [&](const Sibling& s) {
    const WorldPosition p = center_in_parent(source.containers[s.id]);
    return std::array<double, 3>{p.x, p.y, p.z};
  };
  for (const Sibling& sibling : siblings) {
    if (!sibling.placed) continue;
    const std::array<double, 3> p = at(sibling);
    for (std::size_t i = 0; i < 3; ++i) {
      low[i] = std::min(low[i], p[i]);
      high[i] = std::max(high[i], p[i]);
    }
  }
  const double side = std::max({high[0] - low[0], high[1] - low[1], high[2] - low[2]});
  if (!(side > 0)) return;
  constexpr double kCells = (1u << kHilbertSideBits) - 1;
  for (Sibling& sibling : siblings) {
    if (!sibling.placed) continue;
    const std::array<double, 3> p = at(sibling);
    std::array<std::uint32_t, 3> cell = {};
    for (std::size_t i = 0; i < 3; ++i)
      cell[i] = static_cast<std::uint32_t>((p[i] - low[i]) / side * kCells);
    sibling.along = hilbert_position(cell[0], cell[1], cell[2]);
  }
}

// Siblings of one parent, `before` ahead of `after`.
struct Constraint {
  std::uint32_t parent = 0;
  std::uint32_t before = 0;
  std::uint32_t after = 0;
  friend auto operator<=>(const Constraint&, const Constraint&) = default;
};

std::vector<std::uint32_t> depths(const SourceWorld& source) {
  std::vector<std::uint32_t> depth(source.containers.size(), 0);
  for (std::uint32_t id = 1; id < depth.size(); ++id)
    depth[id] = depth[source.containers[id].parent] + 1;
  return depth;
}

// What each dependency between shared containers asks of the siblings above both.
Result<std::vector<Constraint>> find_constraints(const SourceWorld& source, std::string& detail) {
  const std::vector<std::uint32_t> depth = depths(source);
  const auto parent = [&](std::uint32_t id) { return source.containers[id].parent; };
  std::vector<Constraint> constraints;
  for (std::uint32_t id = 0; id < source.containers.size(); ++id) {
    if (!source.containers[id].shared) continue;
    for (const std::uint32_t on : source.containers[id].dependencies) {
      std::uint32_t after = id;
      std::uint32_t before = on;
      while (depth[after] > depth[before] && parent(after) != before) after = parent(after);
      while (depth[before] > depth[after] && parent(before) != after) before = parent(before);
      if (depth[after] > depth[before]) continue;  // an ancestor is always ahead
      if (depth[before] > depth[after]) {
        detail = "container " + source_path(source, id) + " depends on " + source_path(source, on) +
                 ", which lies inside it";
        return Error{.code = ErrorCode::dependency_invalid,
                     .subject_kind = Subject::container,
                     .subject = id};
      }
      while (parent(before) != parent(after)) {
        before = parent(before);
        after = parent(after);
      }
      constraints.push_back({.parent = parent(before), .before = before, .after = after});
    }
  }
  std::sort(constraints.begin(), constraints.end());
  constraints.erase(std::unique(constraints.begin(), constraints.end()), constraints.end());
  return constraints;
}

using ConstraintSpan = std::span<const Constraint>;

// Kahn's topological sort (1962) that takes the first in the wished order among those that may go.
Result<void> sort_siblings(const SourceWorld& source, ConstraintSpan constraints,
                           std::vector<Sibling>& siblings, std::string& detail) {
  const auto later = [&](std::size_t a, std::size_t b) {
    const Sibling& x = siblings[a];
    const Sibling& y = siblings[b];
    const std::string& x_name = source.containers[x.id].name;
    const std::string& y_name = source.containers[y.id].name;
    return std::tie(x.placed, x.along, x_name) > std::tie(y.placed, y.along, y_name);
  };
  std::sort(siblings.begin(), siblings.end(),
            [](const Sibling& a, const Sibling& b) { return a.id < b.id; });
  const auto index_of = [&](std::uint32_t id) {
    const auto found =
        std::lower_bound(siblings.begin(), siblings.end(), id,
                         [](const Sibling& s, std::uint32_t value) { return s.id < value; });
    return static_cast<std::size_t>(found - siblings.begin());
  };
  std::vector<std::uint32_t> waits_for(siblings.size(), 0);
  for (const Constraint& c : constraints) ++waits_for[index_of(c.after)];
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> ready(later);
  for (std::size_t i = 0; i < siblings.size(); ++i) {
    if (waits_for[i] == 0) ready.push(i);
  }
  std::vector<Sibling> sorted;
  sorted.reserve(siblings.size());
  while (!ready.empty()) {
    const std::size_t next = ready.top();
    ready.pop();
    sorted.push_back(siblings[next]);
    const Constraint from{.parent = source.containers[siblings[next].id].parent,
                          .before = siblings[next].id,
                          .after = 0};
    for (auto c = std::lower_bound(constraints.begin(), constraints.end(), from);
         c != constraints.end() && c->before == from.before; ++c) {
      const std::size_t after = index_of(c->after);
      if (--waits_for[after] == 0) ready.push(after);
    }
  }
  if (sorted.size() == siblings.size()) {
    siblings = std::move(sorted);
    return {};
  }
  const auto stuck =
      std::find_if(waits_for.begin(), waits_for.end(), [](auto n) { return n != 0; });
  const std::uint32_t id = siblings[static_cast<std::size_t>(stuck - waits_for.begin())].id;
  detail = "the shared containers in " + source_path(source, id) +
           " and in a container beside it depend on each other's members, so that neither can come "
           "first; put them under one parent";
  return Error{
      .code = ErrorCode::dependency_invalid, .subject_kind = Subject::container, .subject = id};
}

Result<void> number_depth_first(const SourceWorld& source,
                                const std::vector<Constraint>& constraints, PackOrder& order,
                                std::string& detail) {
  const auto count = static_cast<std::uint32_t>(source.containers.size());
  std::vector<std::vector<Sibling>> children(count);
  for (std::uint32_t id = 1; id < count; ++id) {
    const SourceContainer& c = source.containers[id];
    children[c.parent].push_back(
        {.placed = c.bounds_kind != BoundsKind::none, .along = 0, .id = id});
  }
  auto constraint = constraints.begin();
  for (std::uint32_t parent = 0; parent < count; ++parent) {
    const auto first = constraint;
    while (constraint != constraints.end() && constraint->parent == parent) ++constraint;
    if (children[parent].size() < 2) continue;
    place_on_curve(source, children[parent]);
    if (const Result<void> sorted =
            sort_siblings(source, ConstraintSpan(first, constraint), children[parent], detail);
        !sorted)
      return sorted;
  }
  order.source_of.reserve(count);
  order.number_of.assign(count, 0);
  std::vector<std::uint32_t> pending = {0};
  while (!pending.empty()) {
    const std::uint32_t id = pending.back();
    pending.pop_back();
    order.number_of[id] = static_cast<std::uint32_t>(order.source_of.size());
    order.source_of.push_back(id);
    for (std::size_t i = children[id].size(); i-- > 0;) pending.push_back(children[id][i].id);
  }
  order.subtree_end.assign(count, 0);
  for (std::uint32_t number = count; number-- > 0;) {
    std::uint32_t& end = order.subtree_end[number];
    end = std::max(end, number + 1);
    const std::uint32_t parent = source.containers[order.source_of[number]].parent;
    if (number == 0) continue;
    std::uint32_t& parent_end = order.subtree_end[order.number_of[parent]];
    parent_end = std::max(parent_end, end);
  }
  return {};
}

}  // namespace

std::uint64_t hilbert_position(std::uint32_t x, std::uint32_t y, std::uint32_t z) {
  std::array<std::uint32_t, 3> axes = {x, y, z};
  constexpr std::uint32_t kTop = 1u << (kHilbertSideBits - 1);
  for (std::uint32_t bit = kTop; bit > 1; bit >>= 1) {
    const std::uint32_t below = bit - 1;
    for (std::uint32_t& axis : axes) {
      if ((axis & bit) != 0) {
        axes[0] ^= below;
      } else {
        const std::uint32_t swapped = (axes[0] ^ axis) & below;
        axes[0] ^= swapped;
        axis ^= swapped;
      }
    }
  }
  axes[1] ^= axes[0];
  axes[2] ^= axes[1];
  std::uint32_t gray = 0;
  for (std::uint32_t bit = kTop; bit > 1; bit >>= 1) {
    if ((axes[2] & bit) != 0) gray ^= bit - 1;
  }
  std::uint64_t position = 0;
  for (std::uint32_t bit = kTop; bit != 0; bit >>= 1) {
    for (const std::uint32_t axis : axes)
      position = position << 1 | (((axis ^ gray) & bit) != 0 ? 1 : 0);
  }
  return position;
}

Result<PackOrder> order_world(const SourceWorld& source, std::string& detail) {
  PackOrder order;
  const Result<std::vector<std::uint32_t>> sorted = sort_shared(source, detail);
  if (!sorted) return sorted.error();
  const Result<std::vector<Constraint>> constraints = find_constraints(source, detail);
  if (!constraints) return constraints.error();
  if (const Result<void> numbered = number_depth_first(source, *constraints, order, detail);
      !numbered)
    return numbered.error();
  Result<std::vector<std::vector<std::uint32_t>>> closed =
      close_dependencies(source, *sorted, order.number_of, detail);
  if (!closed) return closed.error();
  order.dependencies = std::move(*closed);
  return order;
}

}  // namespace nf
