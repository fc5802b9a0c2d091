// ContainerTree: the containers that every contender packs: one folder of asset files each, all in
// one folder, under neutral names that no archive format minds ("c000012/a0003.dds").
//
// Built once from an archive or by the generator, then kept in the benchmark's folder with a list
// of names, sizes and sums; plain data after that, any thread reads. Throws BenchError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <nearfield/types.h>

#include "bench/suite/suite.h"

namespace nf::bench {

struct TreeAsset {
  std::string name;  // of the file: "a0003.dds"
  std::uint64_t size = 0;
};

struct ContainerTree {
  std::filesystem::path folder;  // of this tree and of everything packed from it
  std::filesystem::path files;   // container folders lie here
  std::vector<TreeAsset> assets;
  std::vector<std::uint32_t> first_asset = {0};  // container i owns [first_asset[i], [i + 1])
  std::vector<std::uint64_t> container_size;
  std::vector<PathHash> container_sum;  // ByteSum of its assets
  PathHash content;                     // of all of the above but the folders

  std::uint32_t count() const { return static_cast<std::uint32_t>(container_size.size()); }
  std::uint64_t size() const;
  std::uint64_t container_size_max() const;
  std::span<const TreeAsset> assets_of(std::uint32_t container) const {
    const std::uint32_t first = first_asset[container];
    return std::span(assets).subspan(first, first_asset[container + 1] - first);
  }
};

std::string container_name(std::uint32_t container);                     // "c000012"
std::string asset_path(const ContainerTree& tree, std::uint32_t asset);  // "c000012/a0003.dds"
std::uint32_t container_of(const ContainerTree& tree, std::uint32_t asset);

// The parts of `bytes`, in which a container's assets follow each other.
void split_by_asset(const ContainerTree& tree, std::uint32_t container,
                    std::span<const std::byte> bytes,
                    std::vector<std::span<const std::byte>>& parts);

// A container beyond this is no unit of streaming, and every requester would have to hold it.
inline constexpr std::uint64_t kTreeContainerSizeMax = 256ull << 20;

// Below options.dir: from options.world, or a generated one of `generated_size`. What a run before
// has left is used again if it is complete. What was left out goes to `notes`.
ContainerTree make_container_tree(const BenchOptions& options, Bytes generated_size,
                                  std::vector<std::string>& notes);

}  // namespace nf::bench
