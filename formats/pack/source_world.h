// SourceWorld: what an importer hands to the packer. A tree of containers, and a way to load the
// bytes of each asset when its turn comes, so that a source larger than memory packs.
//
// Plain data; the loader is called from several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/world/world_tables.h"

namespace nf {

// Numbered as on disk (archive_format.md); never reused.
enum class AssetKind : std::uint16_t {
  other = 0,
  texture = 1,
  mesh = 2,
  sound = 3,
  text = 4,
  placement = 5,
  animation = 6,
  script = 7,
  material = 8,
};
AssetKind asset_kind_of(std::string_view file_name);  // by extension
const char* asset_kind_name(AssetKind kind);

// What an author marks assets and containers with, to leave them out of some archives
// (leave_out.h): bit i is SourceWorld::tags[i]. No archive holds tags.
using TagSet = std::uint64_t;
inline constexpr std::size_t kTagsMax = 64;  // different ones in a world

struct SourceAsset {
  std::string name;  // one component
  AssetKind kind = AssetKind::other;
  std::string origin;           // what the loader needs: usually a file's path
  std::uint32_t recipe = 0;     // the importer's own: how to make the bytes from the origin
  std::uint64_t size_hint = 0;  // bytes, for progress and scheduling; need not be exact
  TagSet tags = 0;
};

// A link to a place that is no neighbour: a jump point, a portal, a respawn target.
struct SourceGate {
  std::string name;           // one component, unique in its container
  WorldPosition position;     // in the container's frame
  std::string to;             // path of the target from the root of its archive, this or another
  WorldPosition to_position;  // in the target's frame: where one comes out
  float radius = 0;           // metres: within it one is at the gate
  float lead_time = 0;        // seconds that the game leaves at least; 0: unknown
};

struct SourceContainer {
  std::string name;            // one component; empty for the root
  std::uint32_t parent = ~0u;  // index; a parent comes before its children; the root is index 0
  WorldPosition position;      // in the parent's frame
  Rotation rotation;
  BoundsKind bounds_kind = BoundsKind::none;
  LocalVector bounds_center;
  LocalVector bounds_half_extent;
  // From its bounds; of a refinement, from its parent's. 0 with bounds: derived from their size.
  float load_distance = 0;
  std::uint32_t activation_cost = 0;
  bool shared = false;
  bool moves = false;        // the engine may set its frame's pose while the world runs
  bool is_template = false;  // it and all below it have no place until the engine spawns it
  // Other than none: a finer level of its parent. Both have bounds; it neither moves nor is a
  // template.
  Refinement refinement = Refinement::none;
  TagSet tags = 0;
  std::vector<SourceAsset> assets;
  std::vector<std::uint32_t>
      dependencies;  // indices of shared containers; the packer completes the list
  std::vector<SourceGate> gates;
};

// Gives the bytes of one asset. On failure `detail` says what and where, for a person.
using AssetLoader =
    std::function<Result<std::vector<std::byte>>(const SourceAsset& asset, std::string& detail)>;

// What a loader did with the files it was asked for, so far.
struct LoadCounts {
  std::uint64_t textures_encoded = 0;  // pictures turned into block-compressed textures
  std::uint64_t textures_kept = 0;     // pictures packed as they are: no decoder took them
  std::uint64_t files_unzipped = 0;
  std::uint64_t files_kept = 0;  // everything else, packed as it is
};

struct SourceWorld {
  std::vector<SourceContainer> containers;
  std::vector<std::string> tags;  // names of the bits of a TagSet
  AssetLoader load;
  std::function<LoadCounts()> load_counts;  // empty if the loader does not count
  std::string notes;  // what the importer passed over, for a person; one a line
};

}  // namespace nf
