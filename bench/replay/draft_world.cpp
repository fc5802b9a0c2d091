#include "bench/replay/draft_world.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "bench/suite/suite.h"
#include "core/base/prng.h"
#include "core/codec/codec.h"

namespace nf::bench {
namespace {

std::uint32_t chunks_of(Bytes size) {
  const std::uint64_t chunks = (size.value + Payload::kChunk - 1) / Payload::kChunk;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(chunks, Payload::kChunks));
}

}  // namespace

Payload::Payload(std::uint64_t seed) : bytes_((kChunks + 1) * std::size_t{kChunk}) {
  Prng prng(seed);
  for (std::size_t at = 0; at < bytes_.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t word = prng.next();
    std::memcpy(&bytes_[at], &word, sizeof word);
  }
  for (std::uint32_t i = 0; i < kChunks; ++i) {
    checksums_.push_back(hash64(std::span(bytes_).subspan(i * std::size_t{kChunk}, kChunk)));
  }
}

std::uint32_t DraftWorld::add(const DraftContainer& container) {
  containers_.push_back(container);
  return count() - 1;
}

Bytes DraftWorld::size() const {
  Bytes size;
  for (const DraftContainer& container : containers_) {
    size += {std::uint64_t{chunks_of(container.size)} * Payload::kChunk};
  }
  return size;
}

void DraftWorld::fill_places(ContainerTable& table) const {
  for (std::uint32_t id = 0; id < count(); ++id) {
    const DraftContainer& draft = containers_[id];
    table.path_hash[id] = {id + 1, 1};
    table.parent[id] = draft.parent;
    table.subtree_end[id] = id + 1;
    table.position[id] = draft.position;
    table.rotation[id] = draft.rotation;
    table.bounds_kind[id] = draft.radius > 0 ? BoundsKind::sphere : BoundsKind::none;
    table.bounds_half_extent[id] = {draft.radius, draft.radius, draft.radius};
    table.load_distance[id] = draft.load_distance;
    table.flags[id] = draft.flags;
  }
  for (std::uint32_t id = count(); id-- > 1;) {
    std::uint32_t& end = table.subtree_end[containers_[id].parent];
    end = std::max(end, table.subtree_end[id]);
  }
}

void DraftWorld::fill_chunks(WorldTables& world, const Payload& payload) const {
  ContainerTable& table = world.containers;
  std::uint32_t chunk = 0;
  for (std::uint32_t id = 0; id < count(); ++id) {
    const std::uint32_t chunks = chunks_of(containers_[id].size);
    for (std::uint32_t i = 0; i < chunks; ++i, ++chunk) {
      world.chunks.checksum[chunk] = payload.checksum(i);
      world.chunks.stored_at[chunk] = world.chunks.raw_at[chunk] = i * Payload::kChunk;
      world.chunks.stored_size[chunk] = world.chunks.raw_size[chunk] = Payload::kChunk;
    }
    table.raw_size[id] = table.run_size[id] = std::uint64_t{chunks} * Payload::kChunk;
    world.assets.name_hash[id] = AssetId{1};
    world.assets.raw_size[id] = table.raw_size[id];
    table.first_asset[id + 1] = id + 1;
    table.first_chunk[id + 1] = chunk;
  }
}

void DraftWorld::fill_gates(WorldTables& world) const {
  std::vector<const DraftGate*> order;
  for (const DraftGate& gate : gates_) order.push_back(&gate);
  const auto key = [](const DraftGate* gate) {
    return std::tuple(gate->container, asset_id(gate->name).value);
  };
  std::sort(order.begin(), order.end(),
            [&](const DraftGate* a, const DraftGate* b) { return key(a) < key(b); });
  for (std::size_t i = 0; i < order.size(); ++i) {
    world.gates.container[i] = order[i]->container;
    world.gates.name_hash[i] = asset_id(order[i]->name).value;
    world.gates.target[i] = world.containers.path_hash[order[i]->target];
    world.gates.target_position[i] = order[i]->target_position;
    world.gates.lead_time[i] = order[i]->lead_time;
  }
}

WorldTables DraftWorld::make_tables(const Payload& payload) const {
  WorldCounts counts{.containers = count(), .assets = count()};
  for (const DraftContainer& container : containers_) counts.chunks += chunks_of(container.size);
  counts.gates = static_cast<std::uint32_t>(gates_.size());
  Result<WorldTables> made = make_world_tables(counts);
  if (!made) throw BenchError("memory for the tables of a world is refused");
  WorldTables world = std::move(*made);
  fill_places(world.containers);
  fill_chunks(world, payload);
  fill_gates(world);
  return world;
}

}  // namespace nf::bench
