#include "tests/sim/sim_world.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "core/base/assert.h"
#include "core/base/checked.h"
#include "core/base/prng.h"
#include "core/codec/codec.h"

namespace nf::sim {
namespace {

struct DraftContainer {
  std::string path;
  std::uint32_t parent = ContainerId::none_value;
  bool shared = false;
  std::vector<std::uint32_t> dependencies{};
  std::vector<std::uint32_t> chunk_sizes{};
};

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

// Depth first: root, shared containers, then zones with rooms in them.
std::vector<DraftContainer> draft_tree(Prng& prng) {
  std::vector<DraftContainer> drafts(1);
  const std::uint32_t shared = static_cast<std::uint32_t>(prng.below(6));
  for (std::uint32_t i = 0; i < shared; ++i) {
    DraftContainer draft{.path = "shared" + std::to_string(i), .parent = 0, .shared = true};
    // Complete lists: what a dependency depends on comes along.
    if (i > 0 && prng.chance(0.3)) {
      const std::uint32_t other = 1 + static_cast<std::uint32_t>(prng.below(i));
      draft.dependencies = drafts[other].dependencies;
      draft.dependencies.push_back(other);
    }
    drafts.push_back(draft);
  }
  const std::uint32_t zones = 1 + static_cast<std::uint32_t>(prng.below(6));
  for (std::uint32_t zone = 0; zone < zones; ++zone) {
    const auto zone_id = static_cast<std::uint32_t>(drafts.size());
    drafts.push_back({.path = "zone" + std::to_string(zone), .parent = 0});
    const std::uint32_t rooms = static_cast<std::uint32_t>(prng.below(7));
    for (std::uint32_t room = 0; room < rooms; ++room) {
      drafts.push_back(
          {.path = drafts[zone_id].path + "/room" + std::to_string(room), .parent = zone_id});
    }
  }
  for (DraftContainer& draft : drafts) {
    if (!draft.shared) {
      for (std::uint32_t i = 1; i <= shared; ++i) {
        if (!prng.chance(0.25)) continue;
        draft.dependencies.push_back(i);
        for (const std::uint32_t further : drafts[i].dependencies)
          draft.dependencies.push_back(further);
      }
      std::sort(draft.dependencies.begin(), draft.dependencies.end());
      draft.dependencies.erase(std::unique(draft.dependencies.begin(), draft.dependencies.end()),
                               draft.dependencies.end());
    }
    const std::uint64_t chunks = prng.chance(0.15) ? 0 : 1 + prng.below(prng.chance(0.2) ? 8 : 3);
    for (std::uint64_t i = 0; i < chunks; ++i) {
      draft.chunk_sizes.push_back(
          1 + static_cast<std::uint32_t>(prng.below(prng.chance(0.5) ? 700 : 4000)));
    }
  }
  return drafts;
}

void place(ContainerTable& table, std::uint32_t id, const DraftContainer& draft, double extent,
           Prng& prng) {
  table.rotation[id] = {};
  if (id == 0 || draft.shared) return;
  const double reach = draft.parent == 0 ? extent : extent * 0.2;
  table.position[id] = {prng.between(-reach, reach), prng.between(-reach, reach),
                        prng.between(-reach, reach) * 0.2};
  const double angle = prng.between(0, 3.14);
  table.rotation[id] = {0, 0, static_cast<float>(std::sin(angle / 2)),
                        static_cast<float>(std::cos(angle / 2))};
  const auto size = static_cast<float>(prng.between(0.01, draft.parent == 0 ? 0.3 : 0.1) * extent);
  const bool box = prng.chance(0.5);
  table.bounds_kind[id] = box ? BoundsKind::box : BoundsKind::sphere;
  table.bounds_half_extent[id] =
      box ? LocalVector{size, size * 0.5f, size * 0.25f} : LocalVector{size, size, size};
  table.load_distance[id] = static_cast<float>(prng.between(0.01, 0.3) * extent);
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
    chunks.stored_at[chunk] = static_cast<std::uint32_t>(table.run_size[id]);
    chunks.stored_size[chunk] = static_cast<std::uint32_t>(stored.size());
    chunks.raw_at[chunk] = static_cast<std::uint32_t>(table.raw_size[id]);
    chunks.raw_size[chunk] = size;
    table.run_size[id] += stored.size();
    table.raw_size[id] += size;
    world.file.insert(world.file.end(), stored.begin(), stored.end());
    world.raw[id].insert(world.raw[id].end(), raw.begin(), raw.end());
    ++chunk;
  }
}

WorldCounts count(const std::vector<DraftContainer>& drafts) {
  WorldCounts counts{.containers = static_cast<std::uint32_t>(drafts.size())};
  for (const DraftContainer& draft : drafts) {
    counts.chunks += static_cast<std::uint32_t>(draft.chunk_sizes.size());
    counts.dependencies += static_cast<std::uint32_t>(draft.dependencies.size());
    counts.assets += draft.chunk_sizes.empty() ? 0 : 1;
  }
  return counts;
}

std::uint32_t subtree_end(const std::vector<DraftContainer>& drafts, std::uint32_t id) {
  std::uint32_t end = id + 1;
  while (end < drafts.size() && drafts[end].parent != ContainerId::none_value &&
         drafts[end].parent >= id)
    ++end;
  return end;
}

}  // namespace

SimWorld make_sim_world(std::uint64_t seed) {
  Prng prng(seed * 77 + 5);
  const std::vector<DraftContainer> drafts = draft_tree(prng);
  SimWorld world;
  world.extent = std::pow(10.0, prng.between(1, 7));
  world.raw.resize(drafts.size());
  world.file.resize(kRunAlignment);  // where an archive has its header
  Result<WorldTables> tables = make_world_tables(count(drafts));
  NF_ASSERT(tables);
  world.tables = std::move(*tables);
  ContainerTable& table = world.tables.containers;
  ChunkEncoder encoder;
  std::uint32_t chunk = 0, asset = 0, dependency = 0;
  for (std::uint32_t id = 0; id < drafts.size(); ++id) {
    const DraftContainer& draft = drafts[id];
    table.path_hash[id] = path_hash(draft.path);
    table.parent[id] = draft.parent;
    table.subtree_end[id] = subtree_end(drafts, id);
    table.flags[id] = draft.shared ? ContainerFlags::shared : ContainerFlags::none;
    table.activation_cost[id] = static_cast<std::uint32_t>(prng.below(3) * 300);
    table.first_chunk[id] = chunk;
    table.first_asset[id] = asset;
    table.first_dependency[id] = dependency;
    place(table, id, draft, world.extent, prng);
    for (const std::uint32_t needed : draft.dependencies)
      world.tables.dependencies[dependency++] = needed;
    add_run(world, id, draft, chunk, prng, encoder);
    if (!draft.chunk_sizes.empty()) {
      world.tables.assets.name_hash[asset] = asset_id("all");
      world.tables.assets.raw_size[asset] = table.raw_size[id];
      ++asset;
    }
    world.raw_total += table.raw_size[id];
    world.raw_largest = std::max(world.raw_largest, table.raw_size[id]);
  }
  const auto last = drafts.size();
  table.first_chunk[last] = chunk;
  table.first_asset[last] = asset;
  table.first_dependency[last] = dependency;
  // A last read of whole pages must not run into the end of the file.
  world.file.resize(align_up(world.file.size(), kRunAlignment) + kRunAlignment);
  NF_ASSERT(check_world(world.tables));
  return world;
}

}  // namespace nf::sim
