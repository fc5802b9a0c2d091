// An archive with as many assets as asked for, each with a name of its own, and next to no bytes:
// what is left to measure is its tables. Written through ArchiveWriter.
//
// Any thread. Throws BenchError where the disk refuses.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <nearfield/types.h>

#include "bench/suite/scratch.h"
#include "formats/archive/archive_header.h"

namespace nf::bench {

inline constexpr std::uint32_t kAssetsInContainer = 50;

// `assets` is rounded up to whole containers; containers lie on a grid, with four chunks each.
void write_asset_archive(const std::filesystem::path& path, std::uint32_t assets,
                         std::uint64_t seed);

// Its tables read and hashed by the shortest loop there is: what an open cannot do without.
class TableBytes {
 public:
  explicit TableBytes(const std::filesystem::path& path);
  void read_and_hash();  // throws BenchError if a hash is not the header's
  Bytes size() const { return size_; }

 private:
  OpenFile file_;
  std::vector<TablePlace> places_;
  std::vector<std::byte> bytes_;  // as large as the largest
  Bytes size_;
};

}  // namespace nf::bench
