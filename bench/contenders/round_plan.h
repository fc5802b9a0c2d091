// RoundPlan: which containers and slices a round asks for. Everybody gets the same.
//
// Pure but for `make_round`, which reads the slices' right bytes from the tree. Any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/contenders/sample.h"

namespace nf::bench {

// Slices are of assets of at least this size: of smaller ones everybody reads the whole.
inline constexpr std::uint64_t kSlicedAssetSizeMin = 256u << 10;

struct RoundSize {
  std::uint64_t load_bytes = 0;                               // at least, if there are as many
  std::size_t slices = 0;                                     // at most
  std::uint64_t sliced_asset_size_min = kSlicedAssetSizeMin;  // no less than kSliceSize
};

// The numbers below `count` in an order drawn from the seed.
std::vector<std::uint32_t> shuffled(std::uint32_t count, std::uint64_t seed);

// Containers in random order, each once, up to the first with which `bytes` are reached.
std::vector<std::uint32_t> plan_order(const ContainerTree& tree, std::uint64_t bytes,
                                      std::uint64_t seed);
// Places anywhere in large assets, each asset once so that all are cold. Without their hashes.
std::vector<Slice> plan_slices(const ContainerTree& tree, const RoundSize& size,
                               std::uint64_t seed);

// Both, drawn anew from the seed and the round's number.
Round make_round(const ContainerTree& tree, const RoundSize& size, std::uint64_t seed,
                 std::uint32_t round);

}  // namespace nf::bench
