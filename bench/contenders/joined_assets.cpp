#include "bench/contenders/joined_assets.h"

#include <cerrno>
#include <fstream>

#include "bench/contenders/cached_file.h"
#include "bench/contenders/file_read.h"

namespace nf::bench {

void join_assets(const ContainerTree& tree, std::uint32_t container,
                 std::vector<std::byte>& bytes) {
  stop_if_interrupted();
  bytes.resize(tree.container_size[container]);
  std::size_t at = 0;
  for (const TreeAsset& asset : tree.assets_of(container)) {
    const ReadFile file(tree.files / container_name(container) / asset.name);
    file.read(0, std::span(bytes).subspan(at, asset.size));
    at += asset.size;
  }
}

std::uint64_t offset_in_container(const ContainerTree& tree, std::uint32_t asset) {
  std::uint64_t at = 0;
  for (std::uint32_t a = tree.first_asset[container_of(tree, asset)]; a < asset; ++a) {
    at += tree.assets[a].size;
  }
  return at;
}

void write_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw_errno(path.string() + ": cannot be written");
}

}  // namespace nf::bench
