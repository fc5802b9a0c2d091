// The containers, assets and chunks of one archive as arrays: what formats/archive fills and the
// runtime reads. No bytes of the archive and no policy.
//
// Plain data. Filled once, by one thread, then immutable: any thread may read. Every array of one
// table has the same length; the id is the index. The filler guarantees what `check_world` checks.
#pragma once

#include <cmath>
#include <cstdint>

#include <nearfield/container.h>
#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"

namespace nf {

enum class ContainerFlags : std::uint8_t {
  none = 0,
  shared = 1,         // no place: needed because others depend on it
  moves = 2,          // the engine may set its frame's pose while the world runs
  template_root = 4,  // it and all below it have no place until the engine spawns it
};
constexpr ContainerFlags operator|(ContainerFlags a, ContainerFlags b) {
  // A set of flags has no name of its own.
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
  return static_cast<ContainerFlags>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr bool has(ContainerFlags set, ContainerFlags bit) {
  return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(bit)) != 0;
}

// Ids are local to the archive: the runtime adds the first id of the mount.
struct ContainerTable {
  Array<PathHash> path_hash;
  Array<std::uint32_t> parent;            // ContainerId::none_value for the root (id 0)
  Array<std::uint32_t> subtree_end;       // first id after the subtree
  Array<WorldPosition> position;          // of the frame's origin, metres in the parent's frame
  Array<Rotation> rotation;               // of the frame, in the parent's
  Array<LocalVector> bounds_center;       // in the container's own frame
  Array<LocalVector> bounds_half_extent;  // see BoundsKind
  Array<BoundsKind> bounds_kind;
  Array<ContainerFlags> flags;
  Array<Refinement> refinement;
  Array<float> load_distance;             // metres from the bounds; 0 for none
  Array<std::uint32_t> activation_cost;   // engine's work on arrival, microseconds; 0: unknown
  Array<std::uint32_t> raw_size;          // decoded bytes, the sum over its chunks
  Array<FileOffset> run_at;               // first byte of its run, a multiple of 4096
  Array<std::uint32_t> run_size;          // stored bytes, the sum over its chunks
  // Prefix arrays: container i owns [first_x[i], first_x[i + 1]); length is count + 1.
  Array<std::uint32_t> first_asset;
  Array<std::uint32_t> first_chunk;
  Array<std::uint32_t> first_dependency;

  std::uint32_t count() const { return static_cast<std::uint32_t>(parent.size()); }
};

struct AssetTable {  // ascending by name_hash within a container
  Array<AssetId> name_hash;
  Array<std::uint64_t> raw_at;   // first byte within the container's decoded bytes
  Array<std::uint64_t> raw_size;
  Array<std::uint16_t> kind;     // see AssetKind in formats/archive/archive_format.md

  std::uint32_t count() const { return static_cast<std::uint32_t>(name_hash.size()); }
};

struct ChunkTable {  // in file order; the chunks of a container follow each other without a gap
  Array<std::uint64_t> checksum;       // XXH3-64 of the stored bytes
  Array<std::uint32_t> stored_at;      // from the start of the container's run, in bytes
  Array<std::uint32_t> stored_size;
  Array<std::uint32_t> raw_at;         // from the start of the container's decoded bytes
  Array<std::uint32_t> raw_size;
  Array<std::uint16_t> codec;          // see core/codec/codec.h

  std::uint32_t count() const { return static_cast<std::uint32_t>(checksum.size()); }
};

// Links between places that are not neighbours. Ascending by container, then by name_hash.
struct GateTable {
  Array<std::uint32_t> container;  // in whose frame it stands
  Array<std::uint64_t> name_hash;
  Array<PathHash> target;          // the path of a container, of this archive or of another
  Array<WorldPosition> position;   // metres in the container's frame
  Array<WorldPosition> target_position;  // in the target's frame: where one comes out
  Array<float> radius;             // metres: within it one is at the gate
  Array<float> lead_time;          // seconds that the game leaves at least; 0: unknown

  std::uint32_t count() const { return static_cast<std::uint32_t>(container.size()); }
};

struct WorldTables {
  ContainerTable containers;
  AssetTable assets;
  ChunkTable chunks;
  GateTable gates;
  Array<std::uint32_t> dependencies;  // ids of shared containers, ascending within one container
};

// Sizes the arrays, zeroed.
struct WorldCounts {
  std::uint32_t containers = 0;
  std::uint32_t assets = 0;
  std::uint32_t chunks = 0;
  std::uint32_t dependencies = 0;
  std::uint32_t gates = 0;
};
Result<WorldTables> make_world_tables(const WorldCounts& counts);

// The limits of what a reader accepts and the runtime can hold.
inline constexpr std::uint32_t kContainersMax = 1u << 24;
inline constexpr std::uint32_t kAssetsMax = 1u << 28;
inline constexpr std::uint32_t kChunksMax = 1u << 28;
inline constexpr std::uint32_t kDependenciesMax = 1u << 28;
inline constexpr std::uint32_t kGatesMax = 1u << 20;
inline constexpr std::uint32_t kChunkRawSizeMax = 1u << 20;
inline constexpr std::uint64_t kContainerRawSizeMax = (std::uint64_t{1} << 32) - 1;
inline constexpr std::uint32_t kTreeDepthMax = 64;
// Metres: a hundred light years, and still exact to a kilometre.
inline constexpr double kPositionMax = 1e18;
// No coordinate is beyond that, and none is no number.
inline bool near_enough(const WorldPosition& at) {
  // Each comparison is false for what is not a number.
  return std::abs(at.x) <= kPositionMax && std::abs(at.y) <= kPositionMax &&
         std::abs(at.z) <= kPositionMax;
}
inline constexpr std::uint64_t kRunAlignment = 4096;

// Tables that came from anywhere but `check_world`'s own caller are checked before use: tree shape,
// prefix arrays, chunk contiguity, asset ranges and order, dependencies, finite and sane poses,
// what may move, be a template or a finer level, and gates.
// The error names the record (Subject) and its id. Cost: one pass over every table.
Result<void> check_world(const WorldTables& world);

}  // namespace nf
