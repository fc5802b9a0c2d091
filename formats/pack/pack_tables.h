// PackTables: what the packer learns of containers, assets and chunks while it writes runs, turned
// into the tables of the archive at the end.
//
// One owner. Memory: about 60 bytes an asset and 24 a chunk, beside the names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/result.h>

#include "formats/archive/archive_writer.h"
#include "formats/pack/choose_codec.h"
#include "formats/pack/order.h"
#include "formats/pack/pack.h"

namespace nf {

struct PackedAsset {
  std::uint32_t source = 0;  // index in the source container's assets
  std::uint64_t raw_at = 0;
  std::uint64_t raw_size = 0;
};

class PackTables {
 public:
  // Chunks and containers are added in the order of the archive.
  void add_chunk(const StoredChunk& chunk);
  void add_container(std::vector<PackedAsset> assets, FileOffset run_at);

  Result<ArchiveContent> finish(const SourceWorld& source, const PackOrder& order,
                                std::string& detail);

  const PackReport& report() const { return report_; }

 private:
  struct ChunkEntry {
    std::uint64_t checksum = 0;
    std::uint32_t stored_size = 0;
    std::uint32_t raw_size = 0;
    Codec codec = Codec::store;
  };
  struct ContainerEntry {
    std::vector<PackedAsset> assets;
    FileOffset run_at;
    std::uint32_t first_chunk = 0;
    std::uint32_t last_chunk = 0;
  };

  void fill_container(const SourceWorld& source, const PackOrder& order, std::uint32_t number,
                      ArchiveContent& content) const;
  Result<void> fill_assets(const SourceWorld& source, const PackOrder& order, std::uint32_t number,
                           std::uint32_t first_asset, ArchiveContent& content, std::string& detail);
  Result<void> fill_gates(const SourceWorld& source, const PackOrder& order,
                          ArchiveContent& content, std::string& detail);
  void fill_chunks(std::uint32_t number, ArchiveContent& content) const;

  std::vector<ChunkEntry> chunks_;
  std::vector<ContainerEntry> containers_;
  PackReport report_;
};

// How far from its bounds a container is needed if its author does not say: as far as it covers
// more than about a tenth of what a viewer looks at. A refinement counts with its parent's bounds.
inline constexpr float kLoadDistancePerRadius = 9.0f;
float derived_load_distance(const SourceWorld& source, std::uint32_t container);

}  // namespace nf
