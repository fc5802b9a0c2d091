#include "bench/contenders/round_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace nf::bench {
namespace {

// Containers of 1 to 40 assets' sizes; every third asset is large.
ContainerTree sample_tree() {
  ContainerTree tree;
  for (std::uint32_t container = 0; container < 40; ++container) {
    std::uint64_t size = 0;
    for (std::uint32_t asset = 0; asset <= container % 5; ++asset) {
      const std::uint64_t asset_size = asset % 3 == 0 ? kSlicedAssetSizeMin + container : 1000;
      tree.assets.push_back({.name = "a", .size = asset_size});
      size += asset_size;
    }
    tree.first_asset.push_back(static_cast<std::uint32_t>(tree.assets.size()));
    tree.container_size.push_back(size);
    tree.container_sum.emplace_back();
  }
  return tree;
}

TEST(RoundPlan, asks_for_each_container_once) {
  const ContainerTree tree = sample_tree();
  std::vector<std::uint32_t> order = plan_order(tree, tree.size(), 7);
  ASSERT_EQ(order.size(), tree.count());
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::uint32_t i = 0; i < tree.count(); ++i) EXPECT_EQ(order[i], i);
}

TEST(RoundPlan, stops_at_the_container_with_which_the_bytes_are_reached) {
  const ContainerTree tree = sample_tree();
  const std::uint64_t bytes = tree.size() / 3;
  const std::vector<std::uint32_t> order = plan_order(tree, bytes, 7);
  std::uint64_t planned = 0;
  for (const std::uint32_t container : order) planned += tree.container_size[container];
  EXPECT_GE(planned, bytes);
  EXPECT_LT(planned - tree.container_size[order.back()], bytes);
}

TEST(RoundPlan, is_drawn_from_the_seed_alone) {
  const ContainerTree tree = sample_tree();
  EXPECT_EQ(plan_order(tree, tree.size(), 7), plan_order(tree, tree.size(), 7));
  EXPECT_NE(plan_order(tree, tree.size(), 7), plan_order(tree, tree.size(), 8));
}

TEST(RoundPlan, takes_slices_inside_large_assets_each_once) {
  const ContainerTree tree = sample_tree();
  const std::vector<Slice> slices = plan_slices(tree, {.slices = 1000}, 7);
  const auto large = std::count_if(tree.assets.begin(), tree.assets.end(), [](const auto& asset) {
    return asset.size >= kSlicedAssetSizeMin;
  });
  EXPECT_EQ(slices.size(), static_cast<std::size_t>(large));
  std::set<std::uint32_t> assets;
  for (const Slice& slice : slices) {
    EXPECT_TRUE(assets.insert(slice.asset).second);
    EXPECT_LE(slice.at + kSliceSize, tree.assets[slice.asset].size);
  }
  EXPECT_EQ(plan_slices(tree, {.slices = 5}, 7).size(), 5u);
}

TEST(ContainerTree, finds_the_container_of_an_asset) {
  const ContainerTree tree = sample_tree();
  for (std::uint32_t container = 0; container < tree.count(); ++container) {
    const std::uint32_t last = tree.first_asset[container + 1];
    for (std::uint32_t a = tree.first_asset[container]; a < last; ++a) {
      EXPECT_EQ(container_of(tree, a), container);
    }
  }
}

}  // namespace
}  // namespace nf::bench
