// Small worlds for tests: described by hand, packed the simplest way, written by ArchiveWriter.
//
// Deterministic: the same description gives the same bytes with the same codec libraries. One
// owner; everything is a plain value.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "formats/archive/archive_writer.h"

namespace nf::sample {

using ByteVector = std::vector<std::byte>;

struct Asset {
  std::string name = {};
  std::uint16_t kind = 0;
  ByteVector bytes = {};
  bool same_range_as_before = false;  // a second name for the bytes of the asset before
};

struct Gate {
  std::string name = {};
  std::string to = {};
  WorldPosition position = {};
  WorldPosition to_position = {};
  float radius = 0;
  float lead_time = 0;
};

struct Container {
  std::string name = {};
  std::uint32_t parent = 0;  // index; the list is in depth-first order
  WorldPosition position = {};
  Rotation rotation = {};
  BoundsKind bounds_kind = BoundsKind::none;
  LocalVector bounds_center = {};
  LocalVector bounds_half_extent = {};
  float load_distance = 0;
  std::uint32_t activation_cost = 0;
  bool shared = false;
  ContainerFlags motion = ContainerFlags::none;  // moves, template_root
  Refinement refinement = Refinement::none;
  std::vector<Asset> assets = {};
  std::vector<Gate> gates = {};
  std::vector<std::uint32_t> dependencies = {};
  std::size_t chunk_size = 4096;
  std::vector<Codec> codecs = {Codec::store};  // taken in turn, chunk by chunk
};

struct World {
  std::vector<Container> containers;
};

// Text-like bytes that compress.
inline ByteVector sample_bytes(std::size_t size, std::uint64_t seed) {
  constexpr std::string_view kWords[] = {"stone ", "grass ", "water ", "light ", "house ", "door "};
  Prng prng(seed);
  ByteVector bytes = {};
  while (bytes.size() < size) {
    const std::string_view word = kWords[prng.below(std::size(kWords))];
    const auto* data = reinterpret_cast<const std::byte*>(word.data());
    bytes.insert(bytes.end(), data, data + word.size());
  }
  bytes.resize(size);
  return bytes;
}

inline ByteVector text_bytes(std::string_view text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

struct Packed {
  ArchiveContent content;
  std::vector<ByteVector> stored;  // by container, the bytes of its run
  std::vector<ByteVector> raw;     // by container, decoded
};

struct PackedChunk {
  Codec codec = Codec::store;
  ByteVector stored = {};
  std::uint32_t raw_size = 0;
};

inline std::vector<PackedChunk> pack_chunks(const Container& container, const ByteVector& raw) {
  ChunkEncoder encoder;
  std::vector<PackedChunk> chunks;
  for (std::size_t at = 0; at < raw.size(); at += container.chunk_size) {
    const std::size_t size = std::min(container.chunk_size, raw.size() - at);
    const std::span<const std::byte> part = std::span(raw).subspan(at, size);
    PackedChunk chunk{.codec = container.codecs[chunks.size() % container.codecs.size()],
                      .raw_size = static_cast<std::uint32_t>(size)};
    const std::span<const std::byte> coded = encoder.encode(chunk.codec, 9, part);
    if (coded.empty()) chunk.codec = Codec::store;
    const std::span<const std::byte> stored = coded.empty() ? part : coded;
    chunk.stored.assign(stored.begin(), stored.end());
    chunks.push_back(std::move(chunk));
  }
  return chunks;
}

inline std::string sample_path(const World& world, std::uint32_t id) {
  if (id == 0) return {};
  const std::string above = sample_path(world, world.containers[id].parent);
  return above.empty() ? world.containers[id].name : above + "/" + world.containers[id].name;
}

// The number after the last descendant of `id`.
inline std::uint32_t sample_subtree_end(const World& world, std::uint32_t id) {
  const auto count = static_cast<std::uint32_t>(world.containers.size());
  std::uint32_t end = id + 1;
  for (std::uint32_t i = id + 1; i < count; ++i) {
    std::uint32_t above = i;
    while (above > id) above = world.containers[above].parent;
    if (above == id) end = i + 1;
  }
  return end;
}

inline void fill_container(const World& world, std::uint32_t id, ContainerTable& table) {
  const Container& from = world.containers[id];
  table.path_hash[id] = path_hash(sample_path(world, id));
  table.parent[id] = id == 0 ? ContainerId::none_value : from.parent;
  table.subtree_end[id] = sample_subtree_end(world, id);
  table.position[id] = from.position;
  table.rotation[id] = from.rotation;
  table.bounds_center[id] = from.bounds_center;
  table.bounds_half_extent[id] = from.bounds_half_extent;
  table.bounds_kind[id] = from.bounds_kind;
  table.flags[id] = from.motion | (from.shared ? ContainerFlags::shared : ContainerFlags::none);
  table.refinement[id] = from.refinement;
  table.load_distance[id] = from.load_distance;
  table.activation_cost[id] = from.activation_cost;
}

struct PlacedAsset {
  const Asset* asset = nullptr;
  std::uint64_t raw_at = 0;
};

// The assets of a container in the order of their hashes, and its decoded bytes.
inline std::vector<PlacedAsset> place_assets(const Container& container, ByteVector& raw) {
  std::vector<PlacedAsset> placed;
  std::uint64_t before = 0;
  for (const Asset& asset : container.assets) {
    if (!asset.same_range_as_before) {
      before = raw.size();
      raw.insert(raw.end(), asset.bytes.begin(), asset.bytes.end());
    }
    placed.push_back({.asset = &asset, .raw_at = before});
  }
  std::sort(placed.begin(), placed.end(), [](const PlacedAsset& a, const PlacedAsset& b) {
    return asset_id(a.asset->name) < asset_id(b.asset->name);
  });
  return placed;
}

// The gates of a container in the order of their hashes, from `number` on.
inline void fill_gates(const Container& container, std::uint32_t id, std::uint32_t& number,
                       ArchiveContent& content) {
  std::vector<Gate> sorted = container.gates;
  std::sort(sorted.begin(), sorted.end(),
            [](const Gate& a, const Gate& b) { return asset_id(a.name) < asset_id(b.name); });
  GateTable& table = content.world.gates;
  for (const Gate& gate : sorted) {
    table.container[number] = id;
    table.name_hash[number] = asset_id(gate.name).value;
    table.target[number] = path_hash(gate.to);
    table.position[number] = gate.position;
    table.target_position[number] = gate.to_position;
    table.radius[number] = gate.radius;
    table.lead_time[number++] = gate.lead_time;
    content.gate_names.push_back(gate.name);
  }
}

// Everything but where the runs are.
inline Packed pack(const World& world) {
  Packed packed;
  const auto count = static_cast<std::uint32_t>(world.containers.size());
  std::vector<std::vector<PackedChunk>> chunks(count);
  std::vector<std::vector<PlacedAsset>> assets(count);
  WorldCounts counts{.containers = count};
  packed.raw.resize(count);
  packed.stored.resize(count);
  for (std::uint32_t id = 0; id < count; ++id) {
    assets[id] = place_assets(world.containers[id], packed.raw[id]);
    chunks[id] = pack_chunks(world.containers[id], packed.raw[id]);
    counts.assets += static_cast<std::uint32_t>(assets[id].size());
    counts.chunks += static_cast<std::uint32_t>(chunks[id].size());
    counts.dependencies += static_cast<std::uint32_t>(world.containers[id].dependencies.size());
    counts.gates += static_cast<std::uint32_t>(world.containers[id].gates.size());
  }
  packed.content.world = std::move(*make_world_tables(counts));
  WorldTables& to = packed.content.world;
  std::uint32_t asset_number = 0, chunk_number = 0, dependency_number = 0, gate_number = 0;
  for (std::uint32_t id = 0; id < count; ++id) {
    fill_container(world, id, to.containers);
    packed.content.container_names.push_back(world.containers[id].name);
    fill_gates(world.containers[id], id, gate_number, packed.content);
    for (const PlacedAsset& placed : assets[id]) {
      to.assets.name_hash[asset_number] = asset_id(placed.asset->name);
      to.assets.raw_at[asset_number] = placed.raw_at;
      to.assets.raw_size[asset_number] = placed.asset->bytes.size();
      to.assets.kind[asset_number++] = placed.asset->kind;
      packed.content.asset_names.push_back(placed.asset->name);
    }
    for (const PackedChunk& chunk : chunks[id]) {
      to.chunks.checksum[chunk_number] = hash64(chunk.stored);
      to.chunks.stored_at[chunk_number] = static_cast<std::uint32_t>(packed.stored[id].size());
      to.chunks.stored_size[chunk_number] = static_cast<std::uint32_t>(chunk.stored.size());
      to.chunks.raw_at[chunk_number] = to.containers.raw_size[id];
      to.chunks.raw_size[chunk_number] = chunk.raw_size;
      to.chunks.codec[chunk_number++] = static_cast<std::uint16_t>(chunk.codec);
      to.containers.raw_size[id] += chunk.raw_size;
      packed.stored[id].insert(packed.stored[id].end(), chunk.stored.begin(), chunk.stored.end());
    }
    for (const std::uint32_t on : world.containers[id].dependencies) {
      to.dependencies[dependency_number++] = on;
    }
    to.containers.run_size[id] = static_cast<std::uint32_t>(packed.stored[id].size());
    to.containers.first_asset[id + 1] = asset_number;
    to.containers.first_chunk[id + 1] = chunk_number;
    to.containers.first_dependency[id + 1] = dependency_number;
  }
  return packed;
}

// Writes what was packed, and fills in where the runs are.
inline Result<void> write(Packed& packed, const std::string& path) {
  Result<ArchiveWriter> writer = ArchiveWriter::create(path);
  if (!writer) return writer.error();
  for (std::size_t id = 0; id < packed.stored.size(); ++id) {
    if (packed.stored[id].empty()) continue;
    const Result<FileOffset> at = writer->append_run(packed.stored[id]);
    if (!at) return at.error();
    packed.content.world.containers.run_at[id] = *at;
  }
  return writer->finish(packed.content);
}

inline Result<void> write(const World& world, const std::string& path) {
  Packed packed = pack(world);
  return write(packed, path);
}

// The golden world: groups and places, sphere, box and no bounds, shared containers of which one
// depends on the other, all codecs, a second name for the same bytes, an empty asset, UTF-8 names.
inline World golden_world() {
  World world;
  world.containers = {
      {.name = ""},
      {.name = "materials",
       .activation_cost = 250,
       .shared = true,
       .assets = {{.name = "grass.dds", .kind = 1, .bytes = sample_bytes(700, 1)},
                  {.name = "rock.dds", .kind = 1, .bytes = sample_bytes(500, 2)}},
       .chunk_size = 1200,
       .codecs = {Codec::zstd}},
      {.name = "sounds", .shared = true, .dependencies = {1}},
      {.name = "earth",
       .position = {1.5e11, 0, -2.5e10},
       .rotation = {0, 0.6f, 0, 0.8f},
       .bounds_kind = BoundsKind::sphere,
       .bounds_half_extent = {6.4e6f, 6.4e6f, 6.4e6f},
       .load_distance = 1e7f},
      {.name = "landing zone",
       .parent = 3,
       .position = {0, 6.371e6, 0},
       .bounds_kind = BoundsKind::box,
       .bounds_center = {10, 20, 30},
       .bounds_half_extent = {400, 50, 300},
       .load_distance = 2500,
       .activation_cost = 900,
       .assets = {{.name = "terrain.mesh", .kind = 2, .bytes = sample_bytes(1500, 3)},
                  {.name = "stra\xC3\x9F"
                           "e.txt",
                   .kind = 4,
                   .bytes = sample_bytes(64, 4)},
                  {.name = "copy of stra\xC3\x9F"
                           "e.txt",
                   .kind = 4,
                   .bytes = sample_bytes(64, 4),
                   .same_range_as_before = true},
                  {.name = "wind.opus", .kind = 3, .bytes = sample_bytes(900, 5)}},
       .dependencies = {1, 2},
       .chunk_size = 600,
       .codecs = {Codec::store, Codec::lz4, Codec::zstd}},
      {.name = "room",
       .parent = 4,
       .position = {5, 0, -5},
       .bounds_kind = BoundsKind::sphere,
       .bounds_half_extent = {12, 12, 12},
       .load_distance = 40,
       .assets = {{.name = "door.mesh", .kind = 2, .bytes = sample_bytes(300, 6)},
                  {.name = "grass.dds", .kind = 1, .bytes = sample_bytes(200, 7)}},
       .dependencies = {1},
       .codecs = {Codec::lz4}},
      {.name = "lobby", .assets = {{.name = "empty.txt", .kind = 4}}}};
  return world;
}

// What golden_world has not: containers that move, templates, finer levels, gates out of the
// archive and within it, two of them in one container.
inline World golden_world_in_motion() {
  World world;
  world.containers = {
      {.name = "", .gates = {{.name = "respawn", .to = "planet/zone", .to_position = {0, 2, 0}}}},
      {.name = "planet",
       .position = {4.6e12, 0, -2.5e10},
       .rotation = {0, 0.6f, 0, 0.8f},
       .bounds_kind = BoundsKind::sphere,
       .bounds_half_extent = {6e6f, 6e6f, 6e6f},
       .load_distance = 5e7f,
       .motion = ContainerFlags::moves,
       .assets = {{.name = "globe.mesh", .kind = 2, .bytes = sample_bytes(300, 11)}},
       .gates = {{.name = "jump point",
                  .to = "castra/station",
                  .position = {0, 9e6, 0},
                  .to_position = {1e9, -2, 0.5},
                  .radius = 500,
                  .lead_time = 18},
                 {.name = "lift", .to = "planet/zone", .radius = 2.5f, .lead_time = 3}}},
      {.name = "clouds",
       .parent = 1,
       .bounds_kind = BoundsKind::sphere,
       .bounds_half_extent = {6.1e6f, 6.1e6f, 6.1e6f},
       .load_distance = 1e7f,
       .refinement = Refinement::add,
       .assets = {{.name = "clouds.dds", .kind = 1, .bytes = sample_bytes(200, 12)}}},
      {.name = "near",
       .parent = 1,
       .bounds_kind = BoundsKind::sphere,
       .bounds_half_extent = {6e6f, 6e6f, 6e6f},
       .load_distance = 2e6f,
       .refinement = Refinement::replace,
       .assets = {{.name = "globe.mesh", .kind = 2, .bytes = sample_bytes(900, 13)}},
       .chunk_size = 400,
       .codecs = {Codec::lz4, Codec::store}},
      {.name = "zone",
       .parent = 1,
       .position = {0, 6e6, 0},
       .bounds_kind = BoundsKind::box,
       .bounds_half_extent = {400, 50, 300},
       .load_distance = 2500},
      {.name = "ships"},
      {.name = "carrier",
       .parent = 5,
       .bounds_kind = BoundsKind::box,
       .bounds_half_extent = {40, 15, 120},
       .load_distance = 4000,
       .motion = ContainerFlags::moves | ContainerFlags::template_root},
      {.name = "turret",
       .parent = 6,
       .position = {0, 12, 30},
       .bounds_kind = BoundsKind::sphere,
       .bounds_half_extent = {3, 3, 3},
       .load_distance = 100,
       .motion = ContainerFlags::moves}};
  return world;
}

// The smallest world worth a look: one container, one asset, one chunk, stored as it is.
inline World smallest_world() {
  World world;
  world.containers = {
      {.name = ""},
      {.name = "room",
       .bounds_kind = BoundsKind::sphere,
       .bounds_half_extent = {8, 8, 8},
       .load_distance = 32,
       .assets = {{.name = "hello.txt", .kind = 4, .bytes = text_bytes("hello, world\n")}}}};
  return world;
}

}  // namespace nf::sample
