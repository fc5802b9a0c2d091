// ArchiveWriter: writes an archive file that is whole or not there.
//
// Thread: one owner. Memory: copies nothing it is given; buffers one page.
// A writer that is destroyed before `finish` succeeded leaves the old archive, and no temporary
// file.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/world/world_tables.h"

namespace nf {

struct ArchiveContent {
  WorldTables world;
  std::vector<std::string> container_names;  // by container; the root's is empty
  std::vector<std::string> asset_names;      // by asset
  std::vector<std::string> gate_names;       // by gate
};

class ArchiveWriter {
 public:
  static Result<ArchiveWriter> create(const std::string& path);
  ArchiveWriter(ArchiveWriter&&) noexcept;
  ArchiveWriter& operator=(ArchiveWriter&&) noexcept;
  ~ArchiveWriter();

  // Appends one container's chunks at the next multiple of 4096 and says where.
  Result<FileOffset> append_run(std::span<const std::byte> stored);

  // Checks the content as a reader would, writes tables and header, makes the file durable and
  // renames it to its place. After an error the old archive stands, but for replaced_not_flushed:
  // the new one is in place and may not survive a power cut. A second call is a bug.
  Result<void> finish(const ArchiveContent& content);

 private:
  struct Impl;
  explicit ArchiveWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nf
