// PackPipeline: loads, cuts, encodes and writes all containers, several at a time, in their order.
//
// Thread: one owner calls `run`; loads and encodings happen on a WorkPool, everything whose order
// matters (cutting, collecting, writing) on the owner. So the bytes do not depend on the threads.
// Memory: loads start while what is on its way is below `PackOptions::memory_max`, and always at
// least one; the run of the container that is being collected comes on top.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "formats/archive/archive_writer.h"
#include "formats/pack/layout.h"
#include "formats/pack/order.h"
#include "formats/pack/pack.h"
#include "formats/pack/pack_tables.h"
#include "formats/pack/work_pool.h"

namespace nf {

ChunkSizes chunk_sizes_for(const PackOptions& options);

class PackPipeline {
 public:
  PackPipeline(const SourceWorld& source, const PackOrder& order, const PackOptions& options,
               ArchiveWriter& writer, std::string& detail);

  Result<void> run();
  PackTables& tables() { return tables_; }

 private:
  struct Load {
    std::uint32_t number = 0;  // of the container
    std::uint32_t asset = 0;   // index in the source container, or kContainerEnd
    std::uint64_t reserved = 0;
    std::vector<std::byte> bytes;
    PathHash hash;
    Error error;
    std::string detail;
    JobMark mark;
  };
  struct Encoding {
    std::uint32_t number = 0;
    bool container_end = false;
    std::uint64_t reserved = 0;
    std::vector<PackedAsset> assets;  // of the container that ends
    std::vector<std::byte> raw;
    StoredChunk chunk;
    JobMark mark;
  };
  struct Content {  // of an asset, to find equal ones
    std::uint64_t low = 0, high = 0, size = 0;
    friend bool operator==(const Content&, const Content&) = default;
  };
  struct ContentHash {
    std::size_t operator()(const Content& content) const { return content.low ^ content.size; }
  };

  static constexpr std::uint32_t kContainerEnd = ~0u;
  static constexpr std::uint64_t kSampleEvery = 8;  // chunks, of which one is tried with all codecs

  void start_loads();
  void start_load(std::uint32_t asset);
  Result<bool> cut_next();      // false: nothing is ready
  Result<bool> collect_next();  // false: nothing is ready
  Result<void> cut_asset(Load& load);
  void cut_container_end(const Load& load);
  void start_encodings();
  Result<void> write_container(Encoding& end);
  Result<void> tell_progress();
  Error fail(std::uint32_t number, const std::string& asset, Error error, const std::string& cause);
  std::uint64_t memory_limit() const;

  const SourceWorld& source_;
  const PackOrder& order_;
  const PackOptions& options_;
  ArchiveWriter& writer_;
  std::string& detail_;

  // Where the loads stand.
  std::uint32_t load_number_ = 0;
  std::vector<std::uint32_t> load_order_;
  std::size_t load_at_ = 0;
  bool load_order_made_ = false;

  // Where the cutting stands: one container.
  ChunkCutter cutter_;
  std::vector<RawChunk> cut_;
  std::uint64_t chunks_cut_ = 0;
  std::vector<PackedAsset> assets_;
  std::unordered_map<Content, std::uint64_t, ContentHash> places_;

  std::vector<std::byte> run_;
  PackTables tables_;
  PackProgress progress_;
  std::uint64_t memory_used_ = 0;

  std::deque<std::unique_ptr<Load>> loads_;
  std::deque<std::unique_ptr<Encoding>> encodings_;
  std::uint32_t loads_max_ = 0;
  WorkPool pool_;  // last: its threads end before what they work on
};

}  // namespace nf
