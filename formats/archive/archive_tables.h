// ArchiveTables: everything of an archive but its runs, read and checked.
//
// `read_archive_tables` is all that stands between a hostile file and the runtime: what it returns
// holds every guarantee of archive_format.md. It takes memory in proportion to the real size of the
// source and keeps none of it on refusal. Thread: any; the result is immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <nearfield/result.h>

#include "core/world/world_tables.h"
#include "formats/archive/archive_header.h"
#include "formats/archive/byte_source.h"
#include "formats/archive/name_table.h"

namespace nf {

struct ArchiveTables {
  ArchiveHeader header;
  WorldTables world;
  NameTable names;
};

Result<ArchiveTables> read_archive_tables(const ByteSource& source);

// Sets `error.at` to the place in the file of the record that `error.subject` names.
Error with_file_offset(Error error, const ArchiveHeader& header);

// What the header says of the whole against what the tables add up to, and every run inside the
// runs. `world` has passed check_world.
Error check_totals(const ArchiveHeader& header, const WorldTables& world);

// What the header says is used against what the tables use.
Error check_features(const ArchiveHeader& header, const WorldTables& world);

}  // namespace nf
