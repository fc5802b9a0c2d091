// Surgery on an archive's bytes: change one field, then make every checksum right again, so that
// the check under test is the one that refuses. Also what the fuzzer uses to get past the
// checksums.
//
// Pure functions over a byte vector; they believe nothing that the bytes say.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "core/base/checked.h"
#include "core/codec/codec.h"
#include "formats/archive/archive_format.h"

namespace nf::sample {

template <class Wire>
Wire get(const std::vector<std::byte>& bytes, std::uint64_t at) {
  Wire value = {};
  if (range_inside(at, sizeof(Wire), bytes.size())) {
    std::memcpy(static_cast<void*>(&value), bytes.data() + at, sizeof(Wire));
  }
  return value;
}

template <class Wire>
void put(std::vector<std::byte>& bytes, std::uint64_t at, const Wire& value) {
  static_assert(alignof(Wire) == 1);
  if (range_inside(at, sizeof(Wire), bytes.size())) {
    std::memcpy(bytes.data() + at, &value, sizeof(Wire));
  }
}

inline wire::TableEntry table_entry(const std::vector<std::byte>& bytes, std::size_t table) {
  return get<wire::TableEntry>(bytes,
                               offsetof(wire::Header, tables) + table * sizeof(wire::TableEntry));
}

// Where record `i` of a table starts.
inline std::uint64_t record_at(const std::vector<std::byte>& bytes, std::size_t table,
                               std::uint64_t i) {
  return table_entry(bytes, table).at + i * wire::kRecordSizes[table];
}

inline std::uint64_t hash_of(const std::vector<std::byte>& bytes, std::uint64_t at,
                             std::uint64_t size) {
  return hash64(std::span(bytes).subspan(at, size));
}

inline void repair_header_checksum(std::vector<std::byte>& bytes) {
  if (bytes.size() < sizeof(wire::Header)) return;
  constexpr std::size_t kAt = offsetof(wire::Header, checksum);
  put<u64le>(bytes, kAt, hash_of(bytes, 0, kAt));
}

// The checksums of the tables, where they lie inside the file, and of the header.
inline void repair_checksums(std::vector<std::byte>& bytes) {
  if (bytes.size() < sizeof(wire::Header)) return;
  for (std::size_t t = 0; t < wire::kTableCount; ++t) {
    const wire::TableEntry entry = table_entry(bytes, t);
    if (!range_inside(entry.at, entry.size, bytes.size())) continue;
    const bool absent = t == wire::kGatesTable && entry.size == 0;  // its entry is reserved
    if (absent) continue;
    const std::uint64_t at = offsetof(wire::Header, tables) + t * sizeof(wire::TableEntry) +
                             offsetof(wire::TableEntry, checksum);
    put<u64le>(bytes, at, hash_of(bytes, entry.at, entry.size));
  }
  repair_header_checksum(bytes);
}

// The checksums of the chunks, where their containers say that they are. Call before
// `repair_checksums`.
inline void repair_chunk_checksums(std::vector<std::byte>& bytes) {
  const std::uint32_t containers = get<u32le>(bytes, offsetof(wire::Header, container_count));
  const std::uint32_t chunks = get<u32le>(bytes, offsetof(wire::Header, chunk_count));
  std::uint64_t chunk = 0;
  for (std::uint64_t c = 0; c < containers; ++c) {
    const std::uint64_t at = record_at(bytes, wire::kContainersTable, c);
    if (!range_inside(at, sizeof(wire::ContainerRecord), bytes.size())) return;
    const auto container = get<wire::ContainerRecord>(bytes, at);
    std::uint64_t stored_at = container.run_at;
    for (std::uint64_t i = 0; i < container.chunk_count && chunk < chunks; ++i, ++chunk) {
      const std::uint64_t place = record_at(bytes, wire::kChunksTable, chunk);
      if (!range_inside(place, sizeof(wire::ChunkRecord), bytes.size())) return;
      const auto record = get<wire::ChunkRecord>(bytes, place);
      if (!range_inside(stored_at, record.stored_size, bytes.size())) return;
      put<u64le>(bytes, place, hash_of(bytes, stored_at, record.stored_size));
      stored_at += record.stored_size;
    }
  }
}

}  // namespace nf::sample
