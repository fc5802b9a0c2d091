// LoadWorld: an archive as the loads of a benchmark see it: every container that holds bytes, alone
// and without what it depends on, as a reader of loose files or of a zip gets it.
//
// One owner, any thread. Throws BenchError.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <nearfield/archive.h>

#include "core/world/world_tables.h"

namespace nf::bench {

// Throws BadInput or BenchError, whichever the error is.
[[noreturn]] void refuse(const Error& error, const std::string& sentence);

class LoadWorld {
 public:
  explicit LoadWorld(const std::filesystem::path& path);

  const Archive& archive() const { return archive_; }
  const WorldTables& tables() const { return tables_; }
  Source source() const { return {.tables = &tables_, .file = archive_.source().file}; }
  // Those that hold bytes, in the order of the file.
  std::span<const std::uint32_t> containers() const { return containers_; }
  Bytes raw_size() const { return raw_size_; }
  Bytes raw_size(std::span<const std::uint32_t> of) const;
  Bytes stored_size(std::span<const std::uint32_t> of) const;
  Bytes fetched_size(std::span<const std::uint32_t> of) const;
  Bytes raw_size_max() const { return raw_size_max_; }  // of one container

  // Bytes of a container's run as a reader has to fetch them, in whole pages.
  static std::uint64_t fetched_size(std::uint64_t run_size);

 private:
  Archive archive_;
  WorldTables tables_;
  std::vector<std::uint32_t> containers_;
  Bytes raw_size_;
  Bytes raw_size_max_;
};

// The containers of a world in an order drawn from `seed`, in portions, over and over: what comes
// again was loaded longest ago, so that no cache of the reader's own has it. Those in `except`
// never come: loading others makes the runtime forget them.
class LoadOrder {
 public:
  LoadOrder(const LoadWorld& world, std::uint64_t seed, std::span<const std::uint32_t> except = {});
  // The next ones that hold at least `raw` bytes together; the whole world at most.
  std::vector<std::uint32_t> next(Bytes raw);

 private:
  const LoadWorld& world_;
  std::vector<std::uint32_t> order_;
  std::size_t at_ = 0;
};

}  // namespace nf::bench
