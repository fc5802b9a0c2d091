// pack: a SourceWorld becomes an archive.
//
// Order: depth first, siblings along a Hilbert curve through their centres, so that what is near in
// the world is near on disk. Within a container assets are grouped by kind, small ones share
// chunks, large ones are split. The same source gives the same bytes, whatever `threads` is.
// Thread: uses `threads` of its own; `progress` is called on the caller's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/codec/codec.h"
#include "formats/pack/source_world.h"

namespace nf {

enum class CodecChoice : std::uint8_t { automatic, store, lz4, zstd };

struct PackOptions {
  CodecChoice codec = CodecChoice::automatic;
  int lz4_level = 9;
  int zstd_level = 9;
  // automatic: the codec with the least time to resident in a stream, the longer of stored / disk
  // and raw / decode rate (choose_codec.h).
  double disk_bytes_per_second = 1e9;
  // Decoded bytes of a chunk, 4 KiB to 1 MiB. 0: ChunkSizes; all of 256 KiB for zstd, which is
  // slower in small chunks: where it is asked for, or the disk is so slow (up to 250 MB/s) that an
  // automatic choice takes it for nearly all.
  std::uint32_t chunk_size = 0;
  std::uint32_t threads = 0;                                 // 0: one a core
  Bytes memory_max = {1ull << 30};                           // of assets and chunks on their way
  std::function<bool(const struct PackProgress&)> progress;  // false: stop (canceled)
};

struct PackProgress {
  std::uint64_t containers_done = 0, containers_total = 0;
  Bytes source_done, source_total;  // by size hints
  Bytes stored;
};

struct CodecBytes {
  Bytes raw;  // decoded
  Bytes stored;
};

struct PackReport {
  std::uint64_t containers = 0, assets = 0, chunks = 0;
  std::uint64_t gates = 0, gates_outside = 0;  // outside: to no container of this archive
  std::string first_outside;                   // which, in words: "door" of room, to "castra"
  Bytes raw_size, stored_size, file_size;
  std::uint64_t chunks_by_codec[kCodecCount] = {};
  CodecBytes by_codec[kCodecCount];
  // Of an automatic choice: every eighth chunk as each codec would store all of it.
  CodecBytes sample_as[kCodecCount];
  CodecBytes sample_packed;  // the same chunks as they are stored
};

// On failure `detail` names the asset or container and the cause; the old archive stands.
Result<PackReport> pack_world(const SourceWorld& source, const std::string& path,
                              const PackOptions& options, std::string& detail);

}  // namespace nf
