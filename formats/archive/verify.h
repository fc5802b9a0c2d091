// verify: reads every chunk of an archive and names every one that is bad.
//
// Thread: uses `threads` of its own; `progress` is called on the caller's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <nearfield/archive.h>

namespace nf {

struct BadChunk {
  ContainerId container;
  std::uint32_t chunk = 0;  // in the archive's chunk table
  Error error;              // code, and the file offset of the chunk
};

struct VerifyOptions {
  std::uint32_t threads = 2;
  // Called now and then with bytes checked so far; returning false stops the run (canceled).
  std::function<bool(Bytes checked)> progress = {};
};

struct VerifyReport {
  std::vector<BadChunk> bad_chunks;  // ascending by chunk
  std::uint64_t chunks_checked = 0;
  Bytes bytes_checked;        // stored
  bool padding_clean = true;  // bytes no checksum covers are zero
  PathHash content_hash;      // of all decoded bytes, in order; only if no chunk is bad
};

Result<VerifyReport> verify_archive(const Archive& archive, const VerifyOptions& options);

}  // namespace nf
