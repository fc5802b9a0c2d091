// ContainerReader: the bytes of a container or an asset out of its run, each chunk checked against
// its checksum and decoded while it is in the cache.
//
// One owner at a time; borrows the source and the tables, owns its working memory, which never
// exceeds a few MiB. Blocks: for tools, not for frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/codec/codec.h"
#include "core/world/world_tables.h"
#include "formats/archive/byte_source.h"

namespace nf {

class ContainerReader {
 public:
  // `world` has passed check_world, so that sizes add up and a chunk is at most kChunkRawSizeMax.
  ContainerReader(const ByteSource& source, const WorldTables& world)
      : source_(source), world_(world) {}

  // `raw` has the container's raw_size.
  Error read_container(std::uint32_t container, std::span<std::byte> raw);
  // The part of a container's decoded bytes from `raw_at` on.
  Error read_range(std::uint32_t container, std::uint64_t raw_at, std::span<std::byte> bytes);

  // Calls `visit(chunk, error, raw)` for every chunk of the container in order; `raw` is valid
  // until it returns, and empty after an error of the chunk: bytes that the disk does not give are
  // the error of the chunks that they belong to. `visit` returns false to stop. An error of the
  // whole file (it ended early) or of the machine is returned.
  template <class Visit>
  Error for_each_chunk(std::uint32_t container, Visit visit);

 private:
  // Chunks [first, last) whose stored bytes lie in `stored_`, from `stored_from` of the run on.
  struct Segment {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t stored_from = 0;
    std::uint32_t alone_until = 0;  // a read failed: chunks below are read one by one
  };
  // The longest run of chunks from `first` that fits a read, and reads it.
  Error read_segment(std::uint32_t container, std::uint32_t first, std::uint32_t last,
                     Segment& segment);
  // Reads on where the chunk is not in the segment. An error is that of this very chunk: the
  // chunks of a read that failed are read one by one.
  Error bring_chunk(std::uint32_t container, std::uint32_t chunk, std::uint32_t last,
                    Segment& segment);
  // Checks and decodes one chunk of the segment into exactly its raw_size.
  Error decode(const Segment& segment, std::uint32_t chunk, std::span<std::byte> raw);
  Error chunk_error(std::uint32_t container, std::uint32_t chunk, Error error) const;
  Error make_scratch(std::uint32_t chunk);

  ByteSource source_;
  const WorldTables& world_;
  ChunkDecoder decoder_;
  Array<std::byte> stored_;
  Array<std::byte> scratch_;  // one decoded chunk
};

template <class Visit>
Error ContainerReader::for_each_chunk(std::uint32_t container, Visit visit) {
  const std::uint32_t last = world_.containers.first_chunk[container + 1];
  Segment segment;
  for (std::uint32_t i = world_.containers.first_chunk[container]; i < last; ++i) {
    Error error = bring_chunk(container, i, last, segment);
    if (error && error.code != ErrorCode::file_read_failed) return error;
    if (const Error no_memory = make_scratch(i)) return no_memory;
    const std::span<std::byte> raw = scratch_.span().first(world_.chunks.raw_size[i]);
    if (!error) error = chunk_error(container, i, decode(segment, i, raw));
    if (!visit(i, error, error ? std::span<const std::byte>() : raw)) return {};
  }
  return {};
}

}  // namespace nf
