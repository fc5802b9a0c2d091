#include "bench/contenders/folder_reader.h"

#include "bench/contenders/file_read.h"

namespace nf::bench {

FolderReader::FolderReader(const ContainerTree& tree, int folder) : tree_(&tree), folder_(folder) {
  paths_.reserve(tree.assets.size());
  for (std::uint32_t container = 0; container < tree.count(); ++container) {
    for (const TreeAsset& asset : tree.assets_of(container)) {
      paths_.push_back(container_name(container) + "/" + asset.name);
    }
  }
}

void FolderReader::read_container(std::uint32_t container, std::span<std::byte> scratch,
                                  AssetBytes& assets) const {
  std::size_t at = 0;
  const std::uint32_t last = tree_->first_asset[container + 1];
  for (std::uint32_t a = tree_->first_asset[container]; a < last; ++a) {
    const std::span<std::byte> into = scratch.subspan(at, tree_->assets[a].size);
    ReadFile(folder_, paths_[a].c_str(), 0).read(0, into);
    assets.push_back(into);
    at += into.size();
  }
}

void FolderReader::read_slice(const SliceRead& slice) const {
  ReadFile(folder_, paths_[slice.asset].c_str(), 0).read(slice.at, slice.into);
}

}  // namespace nf::bench
