// Edits: one change each to the bytes of an archive, as the reject cases use them.
//
// Each returns a function that makes the change. Pure but for the bytes they are given.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/golden/archive_surgery.h"
#include "tests/golden/sample_world.h"

namespace nf::sample {

using wire::AssetRecord;
using wire::ChunkRecord;
using wire::ContainerRecord;
using wire::GateRecord;
using wire::Header;
using wire::TableEntry;

using Edit = std::function<void(ByteVector&)>;

// The containers of the golden world.
enum : std::uint32_t { kRoot, kMaterials, kSounds, kEarth, kZone, kRoom, kLobby };

// Those of the world in motion that have a part in a case; its gates: one in the root, two in the
// planet.
enum : std::uint32_t { kPlanet = 1, kClouds, kNear, kShips = 5, kTurret = 7, kSet };

inline std::uint64_t container_field(const ByteVector& bytes, std::uint32_t id, std::size_t field) {
  return record_at(bytes, wire::kContainersTable, id) + field;
}
inline std::uint64_t asset_field(const ByteVector& bytes, std::uint32_t id, std::size_t field) {
  return record_at(bytes, wire::kAssetsTable, id) + field;
}
inline std::uint64_t chunk_field(const ByteVector& bytes, std::uint32_t id, std::size_t field) {
  return record_at(bytes, wire::kChunksTable, id) + field;
}
inline std::uint64_t entry_field(std::size_t table, std::size_t field) {
  return offsetof(Header, tables) + table * sizeof(TableEntry) + field;
}

template <class Wire, class Value>
Edit header(std::size_t field, Value value) {
  return [=](ByteVector& bytes) { put<Wire>(bytes, field, static_cast<Wire>(value)); };
}
template <class Wire, class Value>
Edit container(std::uint32_t id, std::size_t field, Value value) {
  return [=](ByteVector& bytes) {
    put<Wire>(bytes, container_field(bytes, id, field), static_cast<Wire>(value));
  };
}
template <class Wire, class Value>
Edit asset(std::uint32_t id, std::size_t field, Value value) {
  return [=](ByteVector& bytes) {
    put<Wire>(bytes, asset_field(bytes, id, field), static_cast<Wire>(value));
  };
}
template <class Wire, class Value>
Edit chunk(std::uint32_t id, std::size_t field, Value value) {
  return [=](ByteVector& bytes) {
    put<Wire>(bytes, chunk_field(bytes, id, field), static_cast<Wire>(value));
  };
}
template <class Wire, class Value>
Edit gate(std::uint32_t id, std::size_t field, Value value) {
  return [=](ByteVector& bytes) {
    put<Wire>(bytes, record_at(bytes, wire::kGatesTable, id) + field, static_cast<Wire>(value));
  };
}
inline Edit dependency(std::uint32_t i, std::uint32_t value) {
  return [=](ByteVector& bytes) {
    put<u32le>(bytes, record_at(bytes, wire::kDependenciesTable, i), value);
  };
}

// First asset, chunk or dependency of a container, by the counts in the records before it.
inline std::uint32_t first_of(const ByteVector& bytes, std::uint32_t id, std::size_t count_field) {
  std::uint32_t first = 0;
  for (std::uint32_t i = 0; i < id; ++i) {
    first += get<u32le>(bytes, container_field(bytes, i, count_field));
  }
  return first;
}

inline std::uint64_t name_byte(const ByteVector& bytes, std::uint32_t container_id, std::size_t i) {
  const std::uint32_t at =
      get<u32le>(bytes, container_field(bytes, container_id, offsetof(ContainerRecord, name_at)));
  return table_entry(bytes, wire::kNamesTable).at + at + 1 + i;
}

inline void put_path_hash(ByteVector& bytes, std::uint32_t id, const std::string& path) {
  const PathHash hash = path_hash(path);
  put<u64le>(bytes, container_field(bytes, id, offsetof(ContainerRecord, path_hash_low)), hash.low);
  put<u64le>(bytes, container_field(bytes, id, offsetof(ContainerRecord, path_hash_high)),
             hash.high);
}

// Gives the room's name, four bytes long, other bytes and the hash that goes with them.
inline Edit room_name(const std::string& name) {
  return [=](ByteVector& bytes) {
    put<std::uint8_t>(bytes, name_byte(bytes, kRoom, 0) - 1,
                      static_cast<std::uint8_t>(name.size()));
    for (std::size_t i = 0; i < name.size(); ++i) {
      put<std::uint8_t>(bytes, name_byte(bytes, kRoom, i), static_cast<std::uint8_t>(name[i]));
    }
    put_path_hash(bytes, kRoom, "earth/landing zone/" + name);
  };
}

// Gives a chunk of a container other sizes, with the sums of its container and of the header.
inline Edit chunk_sizes(std::uint32_t id, std::uint32_t chunk_id, std::uint32_t stored_size,
                        std::uint32_t raw_size) {
  return [=](ByteVector& bytes) {
    const auto change = [&](std::size_t field, std::size_t container_sum, std::size_t header_sum,
                            std::uint32_t value) {
      const std::uint64_t at = chunk_field(bytes, chunk_id, field);
      const std::uint64_t sum_at = container_field(bytes, id, container_sum);
      const std::uint64_t more = std::uint64_t{value} - get<u32le>(bytes, at);  // may wrap: less
      put<u32le>(bytes, at, value);
      put<u64le>(bytes, sum_at, get<u64le>(bytes, sum_at) + more);
      put<u64le>(bytes, header_sum, get<u64le>(bytes, header_sum) + more);
    };
    change(offsetof(ChunkRecord, stored_size), offsetof(ContainerRecord, run_size),
           offsetof(Header, stored_size), stored_size);
    change(offsetof(ChunkRecord, raw_size), offsetof(ContainerRecord, raw_size),
           offsetof(Header, raw_size), raw_size);
  };
}

// Adds one to a container's sum and to the header's, so that only the chunks disagree.
inline Edit sum_too_large(std::uint32_t id, std::size_t container_sum, std::size_t header_sum) {
  return [=](ByteVector& bytes) {
    const std::uint64_t at = container_field(bytes, id, container_sum);
    put<u64le>(bytes, at, get<u64le>(bytes, at) + 1);
    put<u64le>(bytes, header_sum, get<u64le>(bytes, header_sum) + 1);
  };
}

}  // namespace nf::sample
