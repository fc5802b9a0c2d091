// Finding what a path on the command line names: a container, or an asset in one.
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nearfield/archive.h>

namespace nf {

inline constexpr std::uint32_t kNoAsset = UINT32_MAX;

struct ArchivePlace {
  ContainerId container;
  std::uint32_t asset = kNoAsset;  // index into WorldTables::assets; kNoAsset: the container itself
};

// Slashes at the ends do not matter. A container is preferred over an asset of the same path; the
// empty path is the root.
std::optional<ArchivePlace> find_place(const Archive& archive, std::string_view path);
// Assets only.
std::optional<ArchivePlace> find_asset_place(const Archive& archive, std::string_view path);

// "planet/zone/ground.mesh".
std::string asset_path(const Archive& archive, ContainerId container, std::uint32_t asset);
// For messages: the root is "the root".
std::string container_label(const Archive& archive, ContainerId container);

}  // namespace nf
