#include "bench/contenders/container_tree.h"

#include <algorithm>
#include <numeric>

#include "core/codec/codec.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {

std::uint64_t ContainerTree::size() const {
  return std::accumulate(container_size.begin(), container_size.end(), std::uint64_t{0});
}

std::uint64_t ContainerTree::container_size_max() const {
  const auto largest = std::max_element(container_size.begin(), container_size.end());
  return largest == container_size.end() ? 0 : *largest;
}

std::string container_name(std::uint32_t container) {
  return text_of("c%06u", container);
}

std::uint32_t container_of(const ContainerTree& tree, std::uint32_t asset) {
  const auto after = std::upper_bound(tree.first_asset.begin(), tree.first_asset.end(), asset);
  return static_cast<std::uint32_t>(after - tree.first_asset.begin()) - 1;
}

std::string asset_path(const ContainerTree& tree, std::uint32_t asset) {
  return container_name(container_of(tree, asset)) + "/" + tree.assets[asset].name;
}

void split_by_asset(const ContainerTree& tree, std::uint32_t container,
                    std::span<const std::byte> bytes,
                    std::vector<std::span<const std::byte>>& parts) {
  std::size_t at = 0;
  for (const TreeAsset& asset : tree.assets_of(container)) {
    parts.push_back(bytes.subspan(at, asset.size));
    at += asset.size;
  }
}

}  // namespace nf::bench
