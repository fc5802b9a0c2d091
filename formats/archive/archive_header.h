// The header of an archive as plain values, and the one layout that its sizes allow.
//
// Pure functions, any thread: bytes in, values out, and back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/world/world_tables.h"
#include "formats/archive/archive_format.h"

namespace nf {

struct TablePlace {
  std::uint64_t at = 0;    // first byte in the file
  std::uint64_t size = 0;  // bytes
  std::uint64_t checksum = 0;
};

struct ArchiveHeader {
  std::uint64_t features_required = 0;  // see features_used
  std::uint64_t features_optional = 0;
  std::uint64_t file_size = 0;
  std::uint64_t runs_size = 0;
  std::uint64_t stored_size = 0;
  std::uint64_t raw_size = 0;
  WorldCounts counts;
  std::array<TablePlace, wire::kTableCount> tables;

  std::uint64_t runs_end() const { return wire::kPage + runs_size; }
};

using HeaderBytes = std::array<std::byte, sizeof(wire::Header)>;

// The bits of features_required that these tables ask for. `world` has passed check_world.
std::uint64_t features_used(const WorldTables& world);

// Sets `tables` (but for the checksums) and `file_size` from the counts and `runs_size`; all of
// them are within their limits, so that nothing overflows.
void lay_out(ArchiveHeader& header, std::uint64_t names_size);

// Everything that a header says is checked, and that it is the header of a file of this size: the
// place and size of each table follow from counts that the file has room for.
Result<ArchiveHeader> decode_header(std::span<const std::byte, sizeof(wire::Header)> bytes,
                                    Bytes file_size);

HeaderBytes encode_header(const ArchiveHeader& header);

}  // namespace nf
