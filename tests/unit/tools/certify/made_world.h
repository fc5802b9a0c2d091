// Worlds for certify, small enough to reckon by hand: rooms that are spheres, of as many bytes as
// asked for, stored as they are or compressed to next to nothing; in each other if asked for, and
// then perhaps in frames that move; and shared containers.
//
// Plain data; immutable once made.
#pragma once

#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "core/base/assert.h"
#include "core/base/checked.h"
#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "core/world/world.h"
#include "tools/certify/adversary.h"
#include "tools/certify/certify.h"

namespace nf::certify::test {

enum class Packed { none, all, second_half, every_other };  // of its chunks

inline constexpr std::uint32_t kInNone = ~0u;

struct Room {
  WorldPosition at;
  std::uint64_t size = 100'000;  // bytes
  float load_distance = 10;
  float radius = 5;
  std::uint32_t activation_cost = 1;
  std::vector<std::uint32_t> needs = {};  // numbers of shared containers
  // Number of the room that it is in, which stands before it, with no other but its own between.
  std::uint32_t in = kInNone;
  bool moves = false;  // its frame may
  double turn = 0;     // of its frame about z, radians
  Packed packed = Packed::none;
};

struct MadeWorld {
  WorldTables tables;
  std::vector<std::byte> file;
  World world;
  std::uint32_t shared = 0;

  std::uint32_t room(std::uint32_t number) const { return 1 + shared + number; }
};

constexpr std::uint32_t kChunk = 64 << 10;

inline std::uint32_t chunks_of(std::uint64_t size) {
  return static_cast<std::uint32_t>((size + kChunk - 1) / kChunk);
}

inline bool is_packed(Packed packed, std::uint32_t chunk, std::uint32_t chunks) {
  switch (packed) {
    case Packed::none: return false;
    case Packed::all: return true;
    case Packed::second_half: return chunk >= chunks / 2;
    case Packed::every_other: return chunk % 2 == 1;
  }
  return false;
}

inline std::vector<std::byte> stored_zeros(std::uint32_t size, bool packed) {
  const std::vector<std::byte> zeros(size);
  if (!packed) return zeros;
  std::vector<std::byte> stored(ZSTD_compressBound(size));
  stored.resize(ZSTD_compress(stored.data(), stored.size(), zeros.data(), size, 1));
  return stored;
}

inline void fill(MadeWorld& made, std::uint32_t id, std::uint64_t size, Packed packed) {
  ContainerTable& table = made.tables.containers;
  ChunkTable& chunks = made.tables.chunks;
  made.file.resize(align_up(made.file.size(), kRunAlignment));
  const std::size_t run_at = made.file.size();
  const std::uint32_t count = chunks_of(size);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t chunk = table.first_chunk[id] + i;
    const std::uint64_t at = std::uint64_t{i} * kChunk;
    const auto part = static_cast<std::uint32_t>(std::min<std::uint64_t>(kChunk, size - at));
    const bool small = is_packed(packed, i, count);
    const std::vector<std::byte> stored = stored_zeros(part, small);
    chunks.codec[chunk] = static_cast<std::uint16_t>(small ? Codec::zstd : Codec::store);
    chunks.stored_at[chunk] = static_cast<std::uint32_t>(made.file.size() - run_at);
    chunks.raw_at[chunk] = static_cast<std::uint32_t>(at);
    chunks.stored_size[chunk] = static_cast<std::uint32_t>(stored.size());
    chunks.raw_size[chunk] = part;
    chunks.checksum[chunk] = hash64(stored);
    made.file.insert(made.file.end(), stored.begin(), stored.end());
  }
  table.run_at[id] = {run_at};
  table.raw_size[id] = static_cast<std::uint32_t>(size);
  table.run_size[id] = static_cast<std::uint32_t>(made.file.size() - run_at);
}

inline void place(MadeWorld& made, std::uint32_t id, const Room& room, std::uint32_t& dependency) {
  ContainerTable& table = made.tables.containers;
  table.position[id] = room.at;
  table.bounds_kind[id] = BoundsKind::sphere;
  table.bounds_half_extent[id] = {room.radius, room.radius, room.radius};
  table.load_distance[id] = room.load_distance;
  table.activation_cost[id] = room.activation_cost;
  table.rotation[id] = {.z = static_cast<float>(std::sin(room.turn / 2)),
                        .w = static_cast<float>(std::cos(room.turn / 2))};
  if (room.moves) table.flags[id] = ContainerFlags::moves;
  if (room.in != kInNone) table.parent[id] = made.room(room.in);
  for (std::uint32_t up = table.parent[id]; up != 0; up = table.parent[up]) {
    table.subtree_end[up] = id + 1;
  }
  for (const std::uint32_t need : room.needs) made.tables.dependencies[dependency++] = 1 + need;
}

inline MadeWorld make_world(const std::vector<Room>& rooms,
                            const std::vector<std::uint64_t>& shared = {}) {
  MadeWorld made;
  made.shared = static_cast<std::uint32_t>(shared.size());
  const auto filled = static_cast<std::uint32_t>(shared.size() + rooms.size());
  WorldCounts counts{.containers = 1 + filled};
  for (const std::uint64_t size : shared) counts.chunks += chunks_of(size);
  for (const Room& room : rooms) {
    counts.chunks += chunks_of(room.size);
    counts.dependencies += static_cast<std::uint32_t>(room.needs.size());
  }
  made.tables = std::move(*make_world_tables(counts));
  made.file.resize(kRunAlignment);
  ContainerTable& table = made.tables.containers;
  std::uint32_t chunk = 0, dependency = 0;
  for (std::uint32_t id = 0; id <= filled; ++id) {
    table.path_hash[id] = path_hash(id == 0 ? "" : "c" + std::to_string(id));
    table.parent[id] = id == 0 ? ContainerId::none_value : 0;
    table.subtree_end[id] = id == 0 ? filled + 1 : id + 1;
    table.rotation[id] = {};
    table.first_chunk[id] = chunk;
    table.first_dependency[id] = dependency;
    if (id == 0) continue;
    const bool is_shared = id <= made.shared;
    const std::uint64_t size = is_shared ? shared[id - 1] : rooms[id - 1 - made.shared].size;
    if (is_shared) {
      table.flags[id] = ContainerFlags::shared;
      table.activation_cost[id] = 1;
    } else {
      place(made, id, rooms[id - 1 - made.shared], dependency);
    }
    fill(made, id, size, is_shared ? Packed::none : rooms[id - 1 - made.shared].packed);
    chunk += chunks_of(size);
  }
  table.first_chunk[filled + 1] = chunk;
  table.first_dependency[filled + 1] = dependency;
  made.file.resize(align_up(made.file.size(), kRunAlignment) + kRunAlignment);
  NF_ASSERT(check_world(made.tables));
  NF_ASSERT(made.world.mount(made.tables, FileId{0}).has_value());
  return made;
}

// A disk of a million bytes a second and a speed of 10 m/s: what lies 80 m ahead of a load distance
// is wanted, and 8 MB can be loaded until it is needed.
inline Question slow_disk() {
  Question question;
  question.envelope.speed_max = 10;
  question.supply.model = {.name = "slow",
                           .bytes_per_second = 1e6,
                           .latency_p50 = {1'000'000},
                           .latency_p99 = {1'000'000},
                           .parallel = 4};
  StreamerOptions& options = question.supply.options;
  options.memory_budget = {64 << 20};
  options.staging = {1 << 20};
  options.read_size_max = {64 << 10};
  options.reads_in_flight_max = {256 << 10};
  options.decode_workers = 0;
  return question;
}

inline Arena arena_of(const MadeWorld& made, const Question& question) {
  return {.world = made.world,
          .source = {.tables = &made.tables, .file = {}},
          .supply = question.supply,
          .envelope = question.envelope,
          .content = made.file,
          .keeps_going = {}};
}

}  // namespace nf::certify::test
