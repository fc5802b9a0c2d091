#include "tests/sim/sim_world.h"

#include <algorithm>
#include <span>

#include "core/base/assert.h"
#include "core/base/checked.h"
#include "core/codec/codec.h"

namespace nf::sim {
namespace {

// Bytes that compress a little: short runs of random values.
std::vector<std::byte> make_bytes(Prng& prng, std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::size_t at = 0;
  while (at < size) {
    const auto value = static_cast<std::byte>(prng.next());
    const std::size_t end = std::min(size, at + 1 + prng.below(12));
    while (at < end) bytes[at++] = value;
  }
  return bytes;
}

// Encodes one container's chunks behind what is in the file already.
void add_run(SimWorld& world, std::uint32_t id, const DraftContainer& draft, std::uint32_t& chunk,
             Prng& prng, ChunkEncoder& encoder) {
  ContainerTable& table = world.tables.containers;
  ChunkTable& chunks = world.tables.chunks;
  if (draft.chunk_sizes.empty()) return;
  world.file.resize(align_up(world.file.size(), kRunAlignment));
  table.run_at[id] = {world.file.size()};
  world.runs.emplace_back(table.run_at[id], id);
  for (const std::uint32_t size : draft.chunk_sizes) {
    const std::vector<std::byte> raw = make_bytes(prng, size);
    const Codec codec = prng.chance(0.3) ? Codec::zstd : Codec::lz4;
    std::span<const std::byte> stored = encoder.encode(codec, 3, raw);
    chunks.codec[chunk] = static_cast<std::uint16_t>(stored.empty() ? Codec::store : codec);
    if (stored.empty()) stored = raw;
    chunks.checksum[chunk] = hash64(stored);
    chunks.stored_at[chunk] = table.run_size[id];
    chunks.stored_size[chunk] = static_cast<std::uint32_t>(stored.size());
    chunks.raw_at[chunk] = table.raw_size[id];
    chunks.raw_size[chunk] = size;
    table.run_size[id] += static_cast<std::uint32_t>(stored.size());
    table.raw_size[id] += size;
    world.file.insert(world.file.end(), stored.begin(), stored.end());
    world.raw[id].insert(world.raw[id].end(), raw.begin(), raw.end());
    ++chunk;
  }
}

WorldCounts count(const Draft& draft) {
  WorldCounts counts{.containers = static_cast<std::uint32_t>(draft.containers.size())};
  for (const DraftContainer& container : draft.containers) {
    counts.chunks += static_cast<std::uint32_t>(container.chunk_sizes.size());
    counts.dependencies += static_cast<std::uint32_t>(container.dependencies.size());
    counts.assets += container.chunk_sizes.empty() ? 0 : 1;
  }
  counts.gates = static_cast<std::uint32_t>(draft.gates.size());
  return counts;
}

std::uint32_t subtree_end(const std::vector<DraftContainer>& drafts, std::uint32_t id) {
  std::uint32_t end = id + 1;
  while (end < drafts.size() && drafts[end].parent != ContainerId::none_value &&
         drafts[end].parent >= id)
    ++end;
  return end;
}

void fill_place(ContainerTable& table, std::uint32_t id, const DraftContainer& draft) {
  table.path_hash[id] = path_hash(draft.path);
  table.parent[id] = draft.parent;
  table.flags[id] = draft.flags;
  table.refinement[id] = draft.refinement;
  table.position[id] = draft.position;
  table.rotation[id] = draft.rotation;
  table.bounds_kind[id] = draft.kind;
  table.bounds_center[id] = draft.bounds_center;
  table.bounds_half_extent[id] = draft.half_extent;
  table.load_distance[id] = draft.load_distance;
}

void fill_gates(GateTable& table, const Draft& draft) {
  for (std::size_t i = 0; i < draft.gates.size(); ++i) {
    const DraftGate& gate = draft.gates[i];
    table.container[i] = gate.container;
    table.name_hash[i] = asset_id("gate").value;
    table.target[i] = path_hash(draft.containers[gate.target].path);
    table.position[i] = gate.position;
    table.target_position[i] = gate.target_position;
    table.radius[i] = gate.radius;
    table.lead_time[i] = gate.lead_time;
  }
}

}  // namespace

SimWorld make_sim_world(const Draft& draft, Prng& prng) {
  const std::vector<DraftContainer>& drafts = draft.containers;
  SimWorld world;
  world.extent = draft.extent;
  world.raw.resize(drafts.size());
  world.file.resize(kRunAlignment);  // where an archive has its header
  Result<WorldTables> tables = make_world_tables(count(draft));
  NF_ASSERT(tables);
  world.tables = std::move(*tables);
  ContainerTable& table = world.tables.containers;
  ChunkEncoder encoder;
  std::uint32_t chunk = 0, asset = 0, dependency = 0;
  for (std::uint32_t id = 0; id < drafts.size(); ++id) {
    fill_place(table, id, drafts[id]);
    table.subtree_end[id] = subtree_end(drafts, id);
    table.activation_cost[id] = static_cast<std::uint32_t>(prng.below(3) * 300);
    table.first_chunk[id] = chunk;
    table.first_asset[id] = asset;
    table.first_dependency[id] = dependency;
    for (const std::uint32_t needed : drafts[id].dependencies)
      world.tables.dependencies[dependency++] = needed;
    add_run(world, id, drafts[id], chunk, prng, encoder);
    if (!drafts[id].chunk_sizes.empty()) {
      world.tables.assets.name_hash[asset] = asset_id("all");
      world.tables.assets.raw_size[asset] = table.raw_size[id];
      ++asset;
    }
    world.raw_total += table.raw_size[id];
    world.raw_largest = std::max<std::uint64_t>(world.raw_largest, table.raw_size[id]);
  }
  const auto last = drafts.size();
  table.first_chunk[last] = chunk;
  table.first_asset[last] = asset;
  table.first_dependency[last] = dependency;
  fill_gates(world.tables.gates, draft);
  // A last read of whole pages must not run into the end of the file.
  world.file.resize(align_up(world.file.size(), kRunAlignment) + kRunAlignment);
  NF_ASSERT(check_world(world.tables));
  return world;
}

}  // namespace nf::sim
