#include "formats/archive/container_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/base/assert.h"
#include "core/base/checked.h"

namespace nf {
namespace {

constexpr std::size_t kSegmentSize = std::size_t{2} << 20;  // at least one chunk
constexpr std::size_t kPage = 4096;
static_assert(kSegmentSize >= kChunkRawSizeMax + 2 * kPage);

Error grow(Array<std::byte>& array, std::size_t size) {
  if (array.size() >= size) return {};
  Result<Array<std::byte>> made = Array<std::byte>::make(size);
  if (!made) return made.error();
  array = std::move(*made);
  return {};
}

}  // namespace

Error ContainerReader::make_scratch(std::uint32_t chunk) {
  return grow(scratch_, std::bit_ceil(world_.chunks.raw_size[chunk]));
}

Error ContainerReader::read_segment(std::uint32_t container, std::uint32_t first,
                                    std::uint32_t last, Segment& segment) {
  const ChunkTable& chunks = world_.chunks;
  const std::uint64_t alignment = source_.alignment();
  // Large arrays begin at a page, as reads of whole pages want it.
  const std::uint64_t room =
      alignment > 1 ? kSegmentSize
                    : std::min<std::uint64_t>(kSegmentSize, world_.containers.run_size[container]);
  if (const Error error = grow(stored_, room)) return error;
  const std::uint64_t from = align_down(chunks.stored_at[first], alignment);
  std::uint64_t size = 0;
  std::uint32_t next = first;
  for (; next < last; ++next) {
    const std::uint64_t end = std::uint64_t{chunks.stored_at[next]} + chunks.stored_size[next];
    if (align_up(end, alignment) - from > stored_.size()) break;
    size = align_up(end, alignment) - from;
  }
  NF_ASSERT(next > first);
  segment.first = first;
  segment.last = next;
  segment.stored_from = static_cast<std::uint32_t>(from);
  // A run begins at a page and the file ends at one, so whole pages around chunks are there.
  const std::uint64_t at = world_.containers.run_at[container].value + from;
  return source_.read(at, stored_.span().first(size));
}

Error ContainerReader::bring_chunk(std::uint32_t container, std::uint32_t chunk, std::uint32_t last,
                                   Segment& segment) {
  if (chunk < segment.last) return {};
  if (chunk >= segment.alone_until) {
    const Error error = read_segment(container, chunk, last, segment);
    if (!error || error.code == ErrorCode::out_of_memory) return error;
    segment.alone_until = segment.last;
  }
  return chunk_error(container, chunk, read_segment(container, chunk, chunk + 1, segment));
}

Error ContainerReader::decode(const Segment& segment, std::uint32_t chunk,
                              std::span<std::byte> raw) {
  const ChunkTable& chunks = world_.chunks;
  const std::span<const std::byte> stored = stored_.span().subspan(
      chunks.stored_at[chunk] - segment.stored_from, chunks.stored_size[chunk]);
  if (hash64(stored) != chunks.checksum[chunk]) {
    return {.code = ErrorCode::chunk_checksum_mismatch};
  }
  return decoder_.decode(static_cast<Codec>(chunks.codec[chunk]), stored, raw);
}

Error ContainerReader::chunk_error(std::uint32_t container, std::uint32_t chunk,
                                   Error error) const {
  if (!error) return error;
  error.subject_kind = Subject::chunk;
  error.subject = chunk;
  error.at = world_.containers.run_at[container].value + world_.chunks.stored_at[chunk];
  return error;
}

Error ContainerReader::read_container(std::uint32_t container, std::span<std::byte> raw) {
  if (raw.size() != world_.containers.raw_size[container]) {
    return {.code = ErrorCode::invalid_argument,
            .subject_kind = Subject::container,
            .subject = container};
  }
  return read_range(container, 0, raw);
}

Error ContainerReader::read_range(std::uint32_t container, std::uint64_t raw_at,
                                  std::span<std::byte> bytes) {
  const ChunkTable& chunks = world_.chunks;
  const std::uint32_t* first = chunks.raw_at.begin() + world_.containers.first_chunk[container];
  const std::uint32_t* last = chunks.raw_at.begin() + world_.containers.first_chunk[container + 1];
  const std::uint64_t raw_end = raw_at + bytes.size();
  if (bytes.empty()) return {};
  // From the chunk that holds the first byte to the first chunk that starts behind the last.
  const auto from =
      static_cast<std::uint32_t>(std::upper_bound(first, last, raw_at) - 1 - chunks.raw_at.begin());
  const auto to =
      static_cast<std::uint32_t>(std::lower_bound(first, last, raw_end) - chunks.raw_at.begin());
  Segment segment;
  for (std::uint32_t i = from; i < to; ++i) {
    if (const Error error = bring_chunk(container, i, to, segment)) return error;
    const std::uint64_t chunk_at = chunks.raw_at[i];
    const std::uint64_t chunk_end = chunk_at + chunks.raw_size[i];
    const bool whole = chunk_at >= raw_at && chunk_end <= raw_end;
    if (!whole) {
      if (const Error error = make_scratch(i)) return error;
    }
    const std::span<std::byte> raw = whole ? bytes.subspan(chunk_at - raw_at, chunks.raw_size[i])
                                           : scratch_.span().first(chunks.raw_size[i]);
    if (const Error error = decode(segment, i, raw)) return chunk_error(container, i, error);
    if (!whole) {
      const std::uint64_t begin = std::max(chunk_at, raw_at);
      const std::uint64_t end = std::min(chunk_end, raw_end);
      std::memcpy(bytes.data() + (begin - raw_at), raw.data() + (begin - chunk_at), end - begin);
    }
  }
  return {};
}

}  // namespace nf
