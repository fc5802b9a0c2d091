// A world small enough to follow by hand: containers in a row along x, 100 m apart, each needed
// from 10 m away, each with its own bytes; optionally shared containers that all of them depend on.
//
// Plain data; immutable once made.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <nearfield/types.h>

#include "core/base/assert.h"
#include "core/base/checked.h"
#include "core/codec/codec.h"
#include "core/world/world_tables.h"

namespace nf {

struct TinySize {
  std::uint32_t id = 0;
  std::uint32_t chunks = 0;
};

struct TinyWorldOptions {
  std::uint32_t rooms = 8;
  std::uint32_t shared = 0;
  std::uint32_t chunks = 2;              // of each container, but for
  std::span<const TinySize> sizes = {};  // these
  std::uint32_t chunk_size = 5000;       // decoded
  bool compressed = false;               // LZ4 and zstd in turn; else stored as it is
};

struct TinyWorld {
  WorldTables tables;
  std::vector<std::byte> file;

  // Ids: 0 the root, then the shared ones, then the rooms.
  ContainerId room(std::uint32_t i) const { return {1 + shared + i}; }
  std::uint32_t shared = 0;

  // Instead of each room on all that is shared.
  void set_dependencies(const std::map<std::uint32_t, std::vector<std::uint32_t>>& of) {
    std::vector<std::uint32_t> all;
    for (std::uint32_t id = 0; id < tables.containers.count(); ++id) {
      tables.containers.first_dependency[id] = static_cast<std::uint32_t>(all.size());
      const auto found = of.find(id);
      if (found != of.end()) all.insert(all.end(), found->second.begin(), found->second.end());
    }
    tables.containers.first_dependency[tables.containers.count()] =
        static_cast<std::uint32_t>(all.size());
    tables.dependencies = std::move(*Array<std::uint32_t>::make(all.size()));
    std::copy(all.begin(), all.end(), tables.dependencies.begin());
    NF_ASSERT(check_world(tables));
  }

  static std::byte byte_at(ContainerId id, std::size_t at) {
    return static_cast<std::byte>(id.value * 31 + at * 7 + (at >> 8));
  }
};

inline void fill_tiny_container(TinyWorld& world, const TinyWorldOptions& options,
                                std::uint32_t id) {
  ContainerTable& table = world.tables.containers;
  ChunkTable& chunks = world.tables.chunks;
  world.file.resize(align_up(world.file.size(), kRunAlignment));
  table.run_at[id] = {world.file.size()};
  const std::uint32_t count = table.first_chunk[id + 1] - table.first_chunk[id];
  table.raw_size[id] = count * options.chunk_size;
  ChunkEncoder encoder;
  std::vector<std::byte> raw(options.chunk_size);
  std::uint32_t run_size = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t chunk = table.first_chunk[id] + i;
    const std::uint32_t raw_at = i * options.chunk_size;
    for (std::uint32_t k = 0; k < options.chunk_size; ++k)
      raw[k] = TinyWorld::byte_at({id}, std::size_t{raw_at} + k);
    const Codec codec = !options.compressed ? Codec::store : i % 2 == 0 ? Codec::lz4 : Codec::zstd;
    const std::span<const std::byte> encoded = encoder.encode(codec, 3, raw);
    const std::span<const std::byte> stored = encoded.empty() ? raw : encoded;
    NF_ASSERT(encoded.empty() == (codec == Codec::store));
    chunks.codec[chunk] = static_cast<std::uint16_t>(codec);
    chunks.stored_at[chunk] = run_size;
    chunks.stored_size[chunk] = static_cast<std::uint32_t>(stored.size());
    chunks.raw_at[chunk] = raw_at;
    chunks.raw_size[chunk] = options.chunk_size;
    chunks.checksum[chunk] = hash64(stored);
    world.file.insert(world.file.end(), stored.begin(), stored.end());
    run_size += chunks.stored_size[chunk];
  }
  table.run_size[id] = run_size;
  const std::uint32_t asset = table.first_asset[id];
  world.tables.assets.name_hash[asset] = asset_id("all");
  world.tables.assets.raw_size[asset] = table.raw_size[id];
}

inline TinyWorld make_tiny_world(const TinyWorldOptions& options = {}) {
  TinyWorld world;
  world.shared = options.shared;
  const std::uint32_t filled = options.shared + options.rooms;
  std::uint32_t chunks = filled * options.chunks;
  for (const TinySize& size : options.sizes) chunks += size.chunks - options.chunks;
  auto tables = make_world_tables({.containers = 1 + filled,
                                   .assets = filled,
                                   .chunks = chunks,
                                   .dependencies = options.rooms * options.shared});
  NF_ASSERT(tables);
  world.tables = std::move(*tables);
  world.file.resize(kRunAlignment);
  ContainerTable& table = world.tables.containers;
  std::uint32_t dependency = 0;
  for (std::uint32_t id = 0; id <= filled; ++id) {
    const bool is_room = id > options.shared;
    table.path_hash[id] = path_hash(id == 0 ? "" : "c" + std::to_string(id));
    table.parent[id] = id == 0 ? ContainerId::none_value : 0;
    table.subtree_end[id] = id == 0 ? filled + 1 : id + 1;
    table.rotation[id] = {};
    table.flags[id] = id > 0 && !is_room ? ContainerFlags::shared : ContainerFlags::none;
    table.first_asset[id] = id == 0 ? 0 : id - 1;
    std::uint32_t own = id == 0 ? 0 : options.chunks;
    for (const TinySize& size : options.sizes) own = size.id == id ? size.chunks : own;
    if (id == 0) table.first_chunk[id] = 0;
    table.first_chunk[id + 1] = table.first_chunk[id] + own;
    table.first_dependency[id] = dependency;
    if (is_room) {
      table.position[id] = {100.0 * (id - options.shared - 1), 0, 0};
      table.bounds_kind[id] = BoundsKind::sphere;
      table.bounds_half_extent[id] = {5, 5, 5};
      table.load_distance[id] = 10;
      for (std::uint32_t i = 0; i < options.shared; ++i) {
        world.tables.dependencies[dependency++] = 1 + i;
      }
    }
    if (id > 0) fill_tiny_container(world, options, id);
  }
  table.first_asset[filled + 1] = filled;
  table.first_dependency[filled + 1] = dependency;
  world.file.resize(align_up(world.file.size(), kRunAlignment) + kRunAlignment);
  NF_ASSERT(check_world(world.tables));
  return world;
}

}  // namespace nf
