// MountSample: what it takes to open and mount one archive, in time and in memory.
//
// Memory is what the kernel counts as resident of this process, so a sample is right only in a
// process that has done nothing else: `mount_in_fresh_process` starts one. Any thread, one at a
// time. Throws BenchError.
#pragma once

#include <cstdint>
#include <filesystem>

#include <nearfield/types.h>

namespace nf::bench {

enum class FileCache : std::uint8_t { warm, cold };  // warm: whatever is there

struct MountSample {
  double open_seconds = 0;
  double mount_seconds = 0;
  Bytes open_memory;   // what became resident while it was opened
  Bytes mount_memory;  // and while it was mounted; what Streamer::create takes is in neither
  Bytes memory;        // of the whole process, once it was mounted
  Bytes memory_peak;
  std::uint64_t containers = 0;
  std::uint64_t assets = 0;
};

MountSample open_and_mount(const std::filesystem::path& archive, FileCache cache);

// The same through `nearfield bench scale --line` (scale_main.h), by this very program.
MountSample mount_in_fresh_process(const std::filesystem::path& archive, FileCache cache);

}  // namespace nf::bench
