#include <cmath>

#include <algorithm>

#include "core/base/checked.h"
#include "core/base/radix_sort.h"
#include "core/world/world_tables.h"

namespace nf {
namespace {

constexpr std::uint16_t kAssetKindMax = 15;
constexpr std::uint16_t kCodecMax = 2;
constexpr std::uint64_t kRunsAtMin = 4096;  // behind the header
constexpr ContainerFlags kFlagsAll =
    ContainerFlags::shared | ContainerFlags::moves | ContainerFlags::template_root;

Error container_error(ErrorCode code, std::size_t id) {
  return {
      .code = code, .subject_kind = Subject::container, .subject = static_cast<std::uint32_t>(id)};
}
Error asset_error(ErrorCode code, std::size_t id) {
  return {.code = code, .subject_kind = Subject::asset, .subject = static_cast<std::uint32_t>(id)};
}
Error chunk_error(ErrorCode code, std::size_t id) {
  return {.code = code, .subject_kind = Subject::chunk, .subject = static_cast<std::uint32_t>(id)};
}
Error gate_error(ErrorCode code, std::size_t id) {
  return {.code = code, .subject_kind = Subject::gate, .subject = static_cast<std::uint32_t>(id)};
}

// ---- lengths and prefix arrays ----

bool lengths_agree(const WorldTables& world) {
  const ContainerTable& c = world.containers;
  const std::size_t n = c.parent.size();
  const bool containers =
      c.path_hash.size() == n && c.subtree_end.size() == n && c.position.size() == n &&
      c.rotation.size() == n && c.bounds_center.size() == n && c.bounds_half_extent.size() == n &&
      c.bounds_kind.size() == n && c.flags.size() == n && c.refinement.size() == n &&
      c.load_distance.size() == n && c.activation_cost.size() == n && c.raw_size.size() == n &&
      c.run_at.size() == n && c.run_size.size() == n && c.first_asset.size() == n + 1 &&
      c.first_chunk.size() == n + 1 && c.first_dependency.size() == n + 1;
  const AssetTable& a = world.assets;
  const std::size_t assets = a.name_hash.size();
  const ChunkTable& k = world.chunks;
  const std::size_t chunks = k.checksum.size();
  const GateTable& g = world.gates;
  const std::size_t gates = g.container.size();
  return g.name_hash.size() == gates && g.target.size() == gates && g.position.size() == gates &&
         g.target_position.size() == gates && g.radius.size() == gates &&
         g.lead_time.size() == gates && containers && a.raw_at.size() == assets &&
         a.raw_size.size() == assets && a.kind.size() == assets && k.stored_at.size() == chunks &&
         k.stored_size.size() == chunks && k.raw_at.size() == chunks &&
         k.raw_size.size() == chunks && k.codec.size() == chunks;
}

bool sizes_allowed(const WorldTables& world) {
  return world.containers.parent.size() >= 1 && world.containers.parent.size() <= kContainersMax &&
         world.assets.name_hash.size() <= kAssetsMax &&
         world.chunks.checksum.size() <= kChunksMax &&
         world.dependencies.size() <= kDependenciesMax && world.gates.container.size() <= kGatesMax;
}

Error check_prefix(const Array<std::uint32_t>& first, std::size_t total) {
  if (first[0] != 0) return container_error(ErrorCode::field_out_of_range, 0);
  for (std::size_t i = 1; i < first.size(); ++i) {
    if (first[i] < first[i - 1]) return container_error(ErrorCode::field_out_of_range, i - 1);
  }
  if (first[first.size() - 1] != total) {
    return container_error(ErrorCode::field_out_of_range, first.size() - 2);
  }
  return {};
}

// ---- containers ----

// Walks depth first with the ends of the open subtrees on a stack.
Error check_tree(const ContainerTable& table) {
  std::uint32_t open[kTreeDepthMax + 1];  // the containers whose subtrees we are in
  std::uint32_t depth = 0;                // how many
  const std::uint32_t count = table.count();
  for (std::uint32_t i = 0; i < count; ++i) {
    while (depth > 0 && table.subtree_end[open[depth - 1]] <= i) --depth;
    const bool is_root = i == 0;
    if (!is_root && depth == 0) return container_error(ErrorCode::tree_malformed, i);
    const std::uint32_t parent = is_root ? ContainerId::none_value : open[depth - 1];
    const std::uint32_t end_max = is_root ? count : table.subtree_end[parent];
    const std::uint32_t end = table.subtree_end[i];
    if (table.parent[i] != parent || end <= i || end > end_max || (is_root && end != count) ||
        depth > kTreeDepthMax) {
      return container_error(ErrorCode::tree_malformed, i);
    }
    open[depth++] = i;
  }
  return {};
}

bool finite(LocalVector v) {
  return std::isfinite(v.x) && std::isfinite(v.y) && std::isfinite(v.z);
}

bool length_sane(float length) {
  return std::isfinite(length) && length >= 0;
}

bool pose_sane(const WorldPosition& at, const Rotation& r) {
  const auto square = [](float v) { return static_cast<double>(v) * static_cast<double>(v); };
  const double length = std::sqrt(square(r.x) + square(r.y) + square(r.z) + square(r.w));
  return near_enough(at) && length >= 0.999 && length <= 1.001;
}

bool bounds_sane(const ContainerTable& table, std::size_t i) {
  const LocalVector half = table.bounds_half_extent[i];
  const BoundsKind kind = table.bounds_kind[i];
  if (!finite(table.bounds_center[i]) || !finite(half)) return false;
  if (half.x < 0 || half.y < 0 || half.z < 0) return false;
  if (kind > BoundsKind::box) return false;
  if (kind == BoundsKind::sphere && !(half.x == half.y && half.y == half.z)) return false;
  if (kind != BoundsKind::none && has(table.flags[i], ContainerFlags::shared)) return false;
  return length_sane(table.load_distance[i]);
}

// `in_template`: some ancestor is a template's root.
bool flags_sane(const ContainerTable& table, std::size_t i, bool in_template) {
  const ContainerFlags flags = table.flags[i];
  if (flags > kFlagsAll) return false;
  const bool moves = has(flags, ContainerFlags::moves);
  const bool is_template = has(flags, ContainerFlags::template_root);
  if ((moves || is_template) && (i == 0 || has(flags, ContainerFlags::shared))) return false;
  return !is_template || !in_template;
}

// A finer level is in the frame of what it refines, and measured from the bounds of that: it is
// there whenever that is, neither moved nor spawned by itself.
bool refinement_sane(const ContainerTable& table, std::size_t i) {
  if (table.refinement[i] == Refinement::none) return true;
  if (table.refinement[i] > Refinement::replace || i == 0) return false;
  return table.bounds_kind[i] != BoundsKind::none &&
         table.bounds_kind[table.parent[i]] != BoundsKind::none &&
         !has(table.flags[i], ContainerFlags::moves) &&
         !has(table.flags[i], ContainerFlags::template_root);
}

// The tree and the bounds are sound. What is shared has no bounds, so that it has no part in a
// refinement.
Error check_motion(const ContainerTable& table) {
  std::size_t template_end = 0;  // of the last template that was entered
  for (std::size_t i = 0; i < table.count(); ++i) {
    if (!flags_sane(table, i, i < template_end) || !refinement_sane(table, i)) {
      return container_error(ErrorCode::field_out_of_range, i);
    }
    if (has(table.flags[i], ContainerFlags::template_root)) template_end = table.subtree_end[i];
  }
  return {};
}

Error check_poses(const ContainerTable& table) {
  for (std::size_t i = 0; i < table.count(); ++i) {
    if (!pose_sane(table.position[i], table.rotation[i]) || !bounds_sane(table, i)) {
      return container_error(ErrorCode::field_out_of_range, i);
    }
  }
  return {};
}

// Names the later of two containers with the same path. Only run on tables that have such a pair,
// or two paths whose hashes agree in their low half.
Error find_equal_paths(const ContainerTable& table) {
  Result<Array<std::uint32_t>> order = Array<std::uint32_t>::make(table.count());
  if (!order) return order.error();
  for (std::uint32_t i = 0; i < table.count(); ++i) (*order)[i] = i;
  std::sort(order->begin(), order->end(), [&table](std::uint32_t a, std::uint32_t b) {
    if (table.path_hash[a] != table.path_hash[b]) return table.path_hash[a] < table.path_hash[b];
    return a < b;
  });
  for (std::size_t i = 1; i < order->size(); ++i) {
    const std::uint32_t later = (*order)[i];
    if (table.path_hash[(*order)[i - 1]] == table.path_hash[later]) {
      return container_error(ErrorCode::name_duplicate, later);
    }
  }
  return {};
}

// Sorts the low halves of the hashes alone, which is the least to move for the common answer.
Error check_path_hashes(const ContainerTable& table) {
  Result<Array<std::uint64_t>> lows = Array<std::uint64_t>::make(table.count());
  if (!lows) return lows.error();
  for (std::size_t i = 0; i < table.count(); ++i) (*lows)[i] = table.path_hash[i].low;
  Result<Array<std::uint64_t>> scratch = Array<std::uint64_t>::make(table.count());
  if (!scratch) return scratch.error();
  radix_sort(lows->span(), scratch->span(), [](std::uint64_t low) { return low; });
  if (std::adjacent_find(lows->begin(), lows->end()) == lows->end()) return {};
  return find_equal_paths(table);
}

// Runs start on a multiple of 4096, in the order of the containers, and never overlap.
Error check_runs(const ContainerTable& table) {
  std::uint64_t end_before = kRunsAtMin;
  for (std::size_t i = 0; i < table.count(); ++i) {
    const std::uint64_t at = table.run_at[i].value;
    const std::uint64_t size = table.run_size[i];
    if (table.first_chunk[i] == table.first_chunk[i + 1]) {
      if (at != 0) return container_error(ErrorCode::field_out_of_range, i);
      continue;
    }
    std::uint64_t end = 0;
    if (at % kRunAlignment != 0 || at < kRunsAtMin || !checked_add(at, size, end)) {
      return container_error(ErrorCode::field_out_of_range, i);
    }
    if (at < end_before) return container_error(ErrorCode::runs_overlap, i);
    end_before = end;
  }
  return {};
}

// ---- chunks, assets, dependencies, gates ----

bool chunk_sane(const ChunkTable& table, std::size_t i) {
  const std::uint32_t stored = table.stored_size[i];
  const std::uint32_t raw = table.raw_size[i];
  if (raw > kChunkRawSizeMax || stored == 0 || stored > raw) return false;  // so raw is not 0
  return table.codec[i] <= kCodecMax && (table.codec[i] != 0 || stored == raw);
}

Error check_chunks(const WorldTables& world) {
  const ContainerTable& containers = world.containers;
  const ChunkTable& chunks = world.chunks;
  for (std::size_t c = 0; c < containers.count(); ++c) {
    std::uint64_t stored = 0;
    std::uint64_t raw = 0;
    for (std::size_t i = containers.first_chunk[c]; i < containers.first_chunk[c + 1]; ++i) {
      if (!chunk_sane(chunks, i) || chunks.stored_at[i] != stored || chunks.raw_at[i] != raw) {
        return chunk_error(ErrorCode::field_out_of_range, i);
      }
      stored += chunks.stored_size[i];
      raw += chunks.raw_size[i];
      if (raw > kContainerRawSizeMax) return container_error(ErrorCode::field_out_of_range, c);
    }
    if (containers.run_size[c] != stored || containers.raw_size[c] != raw) {
      return container_error(ErrorCode::field_out_of_range, c);
    }
  }
  return {};
}

Error check_assets(const WorldTables& world) {
  const ContainerTable& containers = world.containers;
  const AssetTable& assets = world.assets;
  for (std::size_t c = 0; c < containers.count(); ++c) {
    const std::uint64_t limit = containers.raw_size[c];
    for (std::size_t i = containers.first_asset[c]; i < containers.first_asset[c + 1]; ++i) {
      if (!range_inside(assets.raw_at[i], assets.raw_size[i], limit) ||
          assets.kind[i] > kAssetKindMax) {
        return asset_error(ErrorCode::field_out_of_range, i);
      }
      if (i > containers.first_asset[c] && assets.name_hash[i - 1] >= assets.name_hash[i]) {
        const bool equal = assets.name_hash[i - 1] == assets.name_hash[i];
        return asset_error(equal ? ErrorCode::name_duplicate : ErrorCode::order_wrong, i);
      }
    }
  }
  return {};
}

Error check_dependencies(const WorldTables& world) {
  const ContainerTable& containers = world.containers;
  for (std::uint32_t c = 0; c < containers.count(); ++c) {
    const bool is_shared = has(containers.flags[c], ContainerFlags::shared);
    const std::uint32_t first = containers.first_dependency[c];
    for (std::uint32_t i = first; i < containers.first_dependency[c + 1]; ++i) {
      const std::uint32_t on = world.dependencies[i];
      if (on >= containers.count() || !has(containers.flags[on], ContainerFlags::shared) ||
          (is_shared && on >= c)) {
        return container_error(ErrorCode::dependency_invalid, c);
      }
      if (i > first && world.dependencies[i - 1] >= on) {
        return container_error(ErrorCode::order_wrong, c);
      }
    }
  }
  return {};
}

Error check_gates(const WorldTables& world) {
  const ContainerTable& containers = world.containers;
  const GateTable& gates = world.gates;
  for (std::size_t i = 0; i < gates.count(); ++i) {
    const std::uint32_t stands_in = gates.container[i];
    if (stands_in >= containers.count() ||
        has(containers.flags[stands_in], ContainerFlags::shared) ||
        !near_enough(gates.position[i]) || !near_enough(gates.target_position[i]) ||
        !length_sane(gates.radius[i]) || !length_sane(gates.lead_time[i])) {
      return gate_error(ErrorCode::field_out_of_range, i);
    }
    if (i == 0 || gates.container[i - 1] < stands_in) continue;
    if (gates.container[i - 1] > stands_in || gates.name_hash[i - 1] > gates.name_hash[i]) {
      return gate_error(ErrorCode::order_wrong, i);
    }
    if (gates.name_hash[i - 1] == gates.name_hash[i]) {
      return gate_error(ErrorCode::name_duplicate, i);
    }
  }
  return {};
}

}  // namespace

Result<void> check_world(const WorldTables& world) {
  if (!lengths_agree(world)) return Error{.code = ErrorCode::invalid_argument};
  if (!sizes_allowed(world)) return Error{.code = ErrorCode::field_out_of_range};
  const ContainerTable& containers = world.containers;
  Error error = check_prefix(containers.first_asset, world.assets.name_hash.size());
  if (!error) error = check_prefix(containers.first_chunk, world.chunks.checksum.size());
  if (!error) error = check_prefix(containers.first_dependency, world.dependencies.size());
  if (!error) error = check_tree(containers);
  if (!error) error = check_poses(containers);
  if (!error) error = check_motion(containers);
  if (!error) error = check_path_hashes(containers);
  if (!error) error = check_runs(containers);
  if (!error) error = check_chunks(world);
  if (!error) error = check_assets(world);
  if (!error) error = check_dependencies(world);
  if (!error) error = check_gates(world);
  if (error) return error;
  return {};
}

}  // namespace nf
