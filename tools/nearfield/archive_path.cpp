#include "tools/nearfield/archive_path.h"

namespace nf {
namespace {

std::string_view without_outer_slashes(std::string_view path) {
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

}  // namespace

std::optional<ArchivePlace> find_asset_place(const Archive& archive, std::string_view path) {
  path = without_outer_slashes(path);
  if (path.empty()) return std::nullopt;
  const std::size_t slash = path.rfind('/');
  const bool in_root = slash == std::string_view::npos;
  const std::string_view name = in_root ? path : path.substr(slash + 1);
  const ContainerId container =
      in_root ? ContainerId{0} : archive.find_container(path.substr(0, slash));
  if (!container.valid()) return std::nullopt;
  const std::uint32_t asset = archive.find_asset(container, name);
  if (asset == kNoAsset) return std::nullopt;
  return ArchivePlace{container, asset};
}

std::optional<ArchivePlace> find_place(const Archive& archive, std::string_view path) {
  path = without_outer_slashes(path);
  if (path.empty()) return ArchivePlace{.container = ContainerId{0}};
  const ContainerId container = archive.find_container(path);
  if (container.valid()) return ArchivePlace{.container = container};
  return find_asset_place(archive, path);
}

std::string asset_path(const Archive& archive, ContainerId container, std::uint32_t asset) {
  std::string path = archive.container_path(container);
  if (!path.empty()) path += '/';
  path += archive.asset_name(asset);
  return path;
}

std::string container_label(const Archive& archive, ContainerId container) {
  const std::string path = archive.container_path(container);
  return path.empty() ? "the root" : path;
}

}  // namespace nf
