// The archive as it lies on disk: archive_format.md in C++, same names, offsets in the margin.
//
// Wire structs of alignment 1, seen by the reader and the writer of tables and by nobody else: they
// copy out, check once, and hand on plain values. No behaviour, no memory, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "formats/wire/little_endian.h"

namespace nf::wire {

inline constexpr std::array<std::byte, 8> kMagic = {
    std::byte{0x93}, std::byte{0x4E}, std::byte{0x46}, std::byte{0x41},
    std::byte{0x0D}, std::byte{0x0A}, std::byte{0x1A}, std::byte{0x0A}};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint64_t kPage = 4096;  // header, runs and tables start at multiples of it
inline constexpr std::uint64_t kNamesSizeMax = (std::uint64_t{1} << 32) - 1;
inline constexpr std::uint32_t kNoParent = 0xFFFFFFFFu;

enum TableNumber : std::size_t {
  kContainersTable = 0,
  kAssetsTable = 1,
  kChunksTable = 2,
  kDependenciesTable = 3,
  kNamesTable = 4,
  kGatesTable = 5,  // only with the feature: otherwise its entry is zero
  kTableCount = 6,
};

// Bits of features_required. Each is set if and only if the tables use what it stands for.
inline constexpr std::uint64_t kDetailAndMotion = 1u << 0;  // flags but shared, refinements
inline constexpr std::uint64_t kGates = 1u << 1;            // a table of gates
inline constexpr std::uint64_t kFeaturesKnown = kDetailAndMotion | kGates;

struct TableEntry {   // offset
  u64le at;           //  0  first byte in the file
  u64le size;         //  8  bytes: count times record_size
  u64le checksum;     // 16  XXH3-64 of those bytes
  u32le record_size;  // 24
  u32le reserved;     // 28  must be zero
};
static_assert(sizeof(TableEntry) == 32 && alignof(TableEntry) == 1);
static_assert(offsetof(TableEntry, record_size) == 24);

struct Header {                    // offset
  std::array<std::byte, 8> magic;  //    0
  u32le version;                   //    8
  u32le header_size;               //   12  4096
  u64le features_required;         //   16  kDetailAndMotion, kGates
  u64le features_optional;         //   24  none are defined
  u64le file_size;                 //   32
  u64le runs_at;                   //   40  4096
  u64le runs_size;                 //   48  a multiple of 4096
  u64le stored_size;               //   56  sum over the containers
  u64le raw_size;                  //   64  sum over the containers
  u32le container_count;           //   72
  u32le asset_count;               //   76
  u32le chunk_count;               //   80
  u32le dependency_count;          //   84
  TableEntry tables[kTableCount];  //   88
  std::byte reserved[3808];        //  280  must be zero
  u64le checksum;                  // 4088  XXH3-64 of bytes 0 to 4087
};
static_assert(sizeof(Header) == 4096 && alignof(Header) == 1);
static_assert(offsetof(Header, version) == 8 && offsetof(Header, header_size) == 12);
static_assert(offsetof(Header, features_required) == 16);
static_assert(offsetof(Header, features_optional) == 24);
static_assert(offsetof(Header, file_size) == 32 && offsetof(Header, runs_at) == 40);
static_assert(offsetof(Header, runs_size) == 48 && offsetof(Header, stored_size) == 56);
static_assert(offsetof(Header, raw_size) == 64 && offsetof(Header, container_count) == 72);
static_assert(offsetof(Header, asset_count) == 76 && offsetof(Header, chunk_count) == 80);
static_assert(offsetof(Header, dependency_count) == 84 && offsetof(Header, tables) == 88);
static_assert(offsetof(Header, reserved) == 280 && offsetof(Header, checksum) == 4088);

struct ContainerRecord {        // offset
  u64le path_hash_low;          //   0  XXH3-128 of the path
  u64le path_hash_high;         //   8
  u32le parent;                 //  16  FFFFFFFF for the root
  u32le subtree_end;            //  20  first number after the subtree
  u32le asset_count;            //  24
  u32le chunk_count;            //  28
  u32le dependency_count;       //  32
  u32le name_at;                //  36  into names
  u64le run_at;                 //  40  first byte in the file, 0 without chunks
  u64le run_size;               //  48  bytes on disk
  u64le raw_size;               //  56  bytes after decoding
  f64le position[3];            //  64  of the frame's origin in the parent's frame, metres
  f32le rotation[4];            //  88  of the frame in the parent's, quaternion x y z w
  f32le bounds_center[3];       // 104  in its own frame
  f32le bounds_half_extent[3];  // 116
  f32le load_distance;          // 128  metres from the bounds
  u32le activation_cost;        // 132  microseconds
  std::uint8_t bounds_kind;     // 136  0 none, 1 sphere, 2 box
  std::uint8_t flags;           // 137  bit 0: shared, 1: moves, 2: template
  std::uint8_t refinement;      // 138  0 none, 1 add, 2 replace
  std::byte reserved[21];       // 139  must be zero
};
static_assert(sizeof(ContainerRecord) == 160 && alignof(ContainerRecord) == 1);
static_assert(offsetof(ContainerRecord, parent) == 16);
static_assert(offsetof(ContainerRecord, subtree_end) == 20);
static_assert(offsetof(ContainerRecord, asset_count) == 24);
static_assert(offsetof(ContainerRecord, name_at) == 36);
static_assert(offsetof(ContainerRecord, run_at) == 40);
static_assert(offsetof(ContainerRecord, raw_size) == 56);
static_assert(offsetof(ContainerRecord, position) == 64);
static_assert(offsetof(ContainerRecord, rotation) == 88);
static_assert(offsetof(ContainerRecord, bounds_center) == 104);
static_assert(offsetof(ContainerRecord, bounds_half_extent) == 116);
static_assert(offsetof(ContainerRecord, load_distance) == 128);
static_assert(offsetof(ContainerRecord, activation_cost) == 132);
static_assert(offsetof(ContainerRecord, bounds_kind) == 136);
static_assert(offsetof(ContainerRecord, flags) == 137);
static_assert(offsetof(ContainerRecord, refinement) == 138);
static_assert(offsetof(ContainerRecord, reserved) == 139);

struct AssetRecord {  // offset
  u64le name_hash;    //  0  XXH3-64 of the name
  u64le raw_at;       //  8  first byte, from the start of the container's decoded bytes
  u64le raw_size;     // 16
  u32le name_at;      // 24  into names
  u16le kind;         // 28
  u16le reserved;     // 30  must be zero
};
static_assert(sizeof(AssetRecord) == 32 && alignof(AssetRecord) == 1);
static_assert(offsetof(AssetRecord, raw_at) == 8 && offsetof(AssetRecord, raw_size) == 16);
static_assert(offsetof(AssetRecord, name_at) == 24 && offsetof(AssetRecord, kind) == 28);

struct ChunkRecord {      // offset
  u64le checksum;         //  0  XXH3-64 of the stored bytes
  u32le stored_size;      //  8  bytes on disk
  u32le raw_size;         // 12  bytes after decoding
  u16le codec;            // 16  0 store, 1 LZ4 block, 2 one zstd frame
  std::byte reserved[6];  // 18  must be zero
};
static_assert(sizeof(ChunkRecord) == 24 && alignof(ChunkRecord) == 1);
static_assert(offsetof(ChunkRecord, stored_size) == 8 && offsetof(ChunkRecord, raw_size) == 12);
static_assert(offsetof(ChunkRecord, codec) == 16 && offsetof(ChunkRecord, reserved) == 18);

struct DependencyRecord {  // offset
  u32le container;         //  0  number of a shared container
};
static_assert(sizeof(DependencyRecord) == 4 && alignof(DependencyRecord) == 1);

struct GateRecord {          // offset
  u64le target_path_low;     //  0  XXH3-128 of the path it leads to
  u64le target_path_high;    //  8
  u32le container;           // 16  in whose frame it stands
  u32le name_at;             // 20  into names
  u64le name_hash;           // 24  XXH3-64 of the name
  f64le position[3];         // 32  in the container's frame, metres
  f64le target_position[3];  // 56  in the target's frame: where one comes out
  f32le radius;              // 80  metres
  f32le lead_time;           // 84  seconds; 0: unknown
  std::byte reserved[8];     // 88  must be zero
};
static_assert(sizeof(GateRecord) == 96 && alignof(GateRecord) == 1);
static_assert(offsetof(GateRecord, container) == 16 && offsetof(GateRecord, name_at) == 20);
static_assert(offsetof(GateRecord, name_hash) == 24 && offsetof(GateRecord, position) == 32);
static_assert(offsetof(GateRecord, target_position) == 56 && offsetof(GateRecord, radius) == 80);
static_assert(offsetof(GateRecord, lead_time) == 84 && offsetof(GateRecord, reserved) == 88);

inline constexpr std::array<std::uint32_t, kTableCount> kRecordSizes = {
    sizeof(ContainerRecord), sizeof(AssetRecord), sizeof(ChunkRecord), sizeof(DependencyRecord), 1,
    sizeof(GateRecord)};

}  // namespace nf::wire
