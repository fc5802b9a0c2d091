// verify: reads every chunk of an archive and names every one that is bad.
//
// Thread: uses `threads` of its own; `progress` is called on the caller's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <nearfield/archive.h>

#include "core/world/world_tables.h"
#include "formats/archive/byte_source.h"

namespace nf {

struct BadChunk {
  ContainerId container;
  std::uint32_t chunk = 0;  // in the archive's chunk table
  Error error;              // code, errno if the disk refused, and the file offset of the chunk
};

struct VerifyOptions {
  std::uint32_t threads = 2;
  // Called now and then with bytes checked so far; returning false stops the run (canceled).
  std::function<bool(Bytes checked)> progress = nullptr;
};

struct VerifyReport {
  std::vector<BadChunk> bad_chunks;  // ascending by chunk
  std::uint64_t chunks_checked = 0;
  Bytes bytes_checked;        // stored
  bool padding_clean = true;  // bytes no checksum covers are zero, and could all be read
  Error padding_error;        // the first read of such bytes that failed
  PathHash content_hash;      // of all decoded bytes, in order; only if no chunk is bad
};

// A chunk that cannot be read is a bad chunk, as one that cannot be decoded is. Fails as a whole
// only if the header cannot be read again, the file ends early or memory is used up.
Result<VerifyReport> verify_archive(const Archive& archive, const VerifyOptions& options);
// The same of any source, whose tables are `world`.
Result<VerifyReport> verify_source(const ByteSource& source, const WorldTables& world,
                                   const VerifyOptions& options);

}  // namespace nf
