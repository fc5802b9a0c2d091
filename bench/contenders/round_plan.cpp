#include "bench/contenders/round_plan.h"

#include <numeric>
#include <utility>

#include "bench/contenders/file_read.h"
#include "core/base/prng.h"
#include "core/codec/codec.h"

namespace nf::bench {

std::vector<std::uint32_t> shuffled(std::uint32_t count, std::uint64_t seed) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0u);
  Prng prng(seed);
  for (std::size_t i = numbers.size(); i > 1; --i) {
    std::swap(numbers[i - 1], numbers[prng.below(i)]);
  }
  return numbers;
}

std::vector<std::uint32_t> plan_order(const ContainerTree& tree, std::uint64_t bytes,
                                      std::uint64_t seed) {
  std::vector<std::uint32_t> order;
  std::uint64_t planned = 0;
  for (const std::uint32_t container : shuffled(tree.count(), seed)) {
    if (planned >= bytes) break;
    order.push_back(container);
    planned += tree.container_size[container];
  }
  return order;
}

std::vector<Slice> plan_slices(const ContainerTree& tree, const RoundSize& size,
                               std::uint64_t seed) {
  std::vector<Slice> slices;
  Prng prng(seed);
  const auto assets = static_cast<std::uint32_t>(tree.assets.size());
  for (const std::uint32_t asset : shuffled(assets, seed)) {
    if (slices.size() >= size.slices) break;
    const std::uint64_t asset_size = tree.assets[asset].size;
    if (asset_size < size.sliced_asset_size_min) continue;
    slices.push_back({.asset = asset, .at = prng.below(asset_size - kSliceSize + 1)});
  }
  return slices;
}

Round make_round(const ContainerTree& tree, const RoundSize& size, std::uint64_t seed,
                 std::uint32_t round) {
  Prng prng(seed + round * 0x9E3779B97F4A7C15ull);
  Round planned{.order = plan_order(tree, size.load_bytes, prng.next()),
                .slices = plan_slices(tree, size, prng.next())};
  std::vector<std::byte> bytes(kSliceSize);
  for (Slice& slice : planned.slices) {
    const ReadFile file(tree.files / asset_path(tree, slice.asset));
    file.read(slice.at, bytes);
    slice.hash = hash64(bytes);
  }
  return planned;
}

}  // namespace nf::bench
