// The worlds that `bench load` measures when it is given none: one star system in three archives,
// which hold the same assets as LZ4, as zstd and as they are; and one of small assets.
//
// Main thread; takes as long as packing does. Kept in the folder, so that a later run finds them.
// Throws BenchError, and Interrupted once Ctrl-C was pressed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "bench/suite/suite.h"

namespace nf::bench {

struct LoadWorlds {
  std::filesystem::path folder;
  std::filesystem::path lz4, zstd, store, small;
};

inline constexpr std::uint32_t kSmallAssetsInContainer = 64;
inline constexpr std::uint32_t kSmallAssetSize = 4096;

LoadWorlds make_load_worlds(const BenchOptions& options);
std::string kept_note(const LoadWorlds& worlds);  // how much stays on the disk

}  // namespace nf::bench
