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

struct SourceAsset {
  std::string name;  // one component
  AssetKind kind = AssetKind::other;
  std::string origin;           // what the loader needs: usually a file's path
  std::uint32_t recipe = 0;     // the importer's own: how to make the bytes from the origin
  std::uint64_t size_hint = 0;  // bytes, for progress and scheduling; need not be exact
};

struct SourceContainer {
  std::string name;            // one component; empty for the root
  std::uint32_t parent = ~0u;  // index; a parent comes before its children; the root is index 0
  WorldPosition position;      // in the parent's frame
  Rotation rotation;
  BoundsKind bounds_kind = BoundsKind::none;
  LocalVector bounds_center;
  LocalVector bounds_half_extent;
  float load_distance = 0;  // 0 with bounds: derived from the size of the bounds
  std::uint32_t activation_cost = 0;
  bool shared = false;
  std::vector<SourceAsset> assets;
  std::vector<std::uint32_t>
      dependencies;  // indices of shared containers; the packer completes the list
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
  AssetLoader load;
  std::function<LoadCounts()> load_counts;  // empty if the loader does not count
  std::string notes;  // what the importer passed over, for a person; one a line
};

}  // namespace nf
