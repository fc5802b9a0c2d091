// DraftWorld: a made-up world, container by container, and the tables that the runtime mounts.
//
// All containers hold stretches of the same few megabytes, so that a world of any size costs no
// disk: what is read, checked and decoded is real. One owner; plain data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nearfield/types.h>

#include "core/world/world_tables.h"

namespace nf::bench {

// What every container is read from.
class Payload {
 public:
  static constexpr std::uint32_t kChunk = 32 << 10;  // bytes
  static constexpr std::uint32_t kChunks = 256;      // the largest container

  explicit Payload(std::uint64_t seed);
  std::span<const std::byte> bytes() const { return bytes_; }
  std::uint64_t checksum(std::uint32_t chunk) const { return checksums_[chunk]; }

 private:
  std::vector<std::byte> bytes_;
  std::vector<std::uint64_t> checksums_;
};

struct DraftContainer {
  std::uint32_t parent = ContainerId::none_value;
  WorldPosition position = {};  // in the parent's frame
  Rotation rotation = {};
  float radius = 0;  // metres; 0: no bounds, so that nobody is ever near
  float load_distance = 0;
  Bytes size;  // rounded up to whole chunks of the payload
  ContainerFlags flags = ContainerFlags::none;
};

struct DraftGate {
  std::uint32_t container = 0;
  std::string name;
  std::uint32_t target = 0;
  WorldPosition target_position;
  float lead_time = 0;
};

class DraftWorld {
 public:
  // Depth first: `parent` is the last one added, or one of its ancestors.
  std::uint32_t add(const DraftContainer& container);
  void add_gate(DraftGate gate) { gates_.push_back(std::move(gate)); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(containers_.size()); }
  Bytes size() const;  // of all containers

  // Throws BenchError if memory is refused.
  WorldTables make_tables(const Payload& payload) const;

 private:
  void fill_places(ContainerTable& table) const;
  void fill_chunks(WorldTables& world, const Payload& payload) const;
  void fill_gates(WorldTables& world) const;

  std::vector<DraftContainer> containers_;
  std::vector<DraftGate> gates_;
};

}  // namespace nf::bench
