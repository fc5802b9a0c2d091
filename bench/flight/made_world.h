// A world to fly through: generated and packed under --dir, or the one that --world names.
//
// Main thread. Throws BenchError where it cannot be made or opened.
#pragma once

#include <memory>

#include <nearfield/archive.h>

#include "bench/suite/scratch.h"
#include "bench/suite/suite.h"
#include "core/world/world.h"

namespace nf::bench {

class MadeWorld {
 public:
  MadeWorld(const BenchOptions& options, Bytes size);

  const Archive& archive() const { return *archive_; }
  const World& world() const { return world_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  void generate_and_pack(const BenchOptions& options, Bytes size);

  std::unique_ptr<ScratchFolder> folder_;
  std::filesystem::path path_;
  std::unique_ptr<Archive> archive_;
  World world_;
};

}  // namespace nf::bench
