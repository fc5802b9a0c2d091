#include "formats/archive/archive_header.h"

#include <algorithm>
#include <cstring>

#include "core/base/assert.h"
#include "core/base/checked.h"
#include "core/codec/codec.h"

namespace nf {
namespace {

constexpr std::size_t kCheckedSize = offsetof(wire::Header, checksum);
constexpr std::uint64_t kRunsSizeMax = std::uint64_t{1} << 56;  // sums of it never overflow

Error field_error(ErrorCode code, std::size_t at) {
  return {.code = code,
          .subject_kind = Subject::field,
          .subject = static_cast<std::uint32_t>(at),
          .at = at};
}

std::size_t entry_at(std::size_t table) {
  return offsetof(wire::Header, tables) + table * sizeof(wire::TableEntry);
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

// Magic, version and checksum, in this order: a newer version may put its checksum elsewhere.
Error check_identity(const wire::Header& wire, std::span<const std::byte> bytes) {
  if (wire.magic != wire::kMagic) return {.code = ErrorCode::not_an_archive};
  if (wire.version != wire::kVersion) {
    return field_error(ErrorCode::version_unsupported, offsetof(wire::Header, version));
  }
  if (hash64(bytes.first(kCheckedSize)) != wire.checksum) {
    return field_error(ErrorCode::header_checksum_mismatch, kCheckedSize);
  }
  return {};
}

Error check_fields(const wire::Header& wire, Bytes file_size) {
  using wire::Header;
  const auto refuse = [](std::size_t at) { return field_error(ErrorCode::field_out_of_range, at); };
  if (wire.header_size != sizeof(Header)) return refuse(offsetof(Header, header_size));
  if ((wire.features_required & ~wire::kFeaturesKnown) != 0) {
    return field_error(ErrorCode::feature_unsupported, offsetof(Header, features_required));
  }
  if (wire.file_size != file_size.value) {
    return field_error(ErrorCode::file_size_mismatch, offsetof(Header, file_size));
  }
  if (wire.runs_at != wire::kPage) return refuse(offsetof(Header, runs_at));
  if (wire.runs_size % wire::kPage != 0 || wire.runs_size > kRunsSizeMax) {
    return refuse(offsetof(Header, runs_size));
  }
  if (wire.container_count == 0 || wire.container_count > kContainersMax) {
    return refuse(offsetof(Header, container_count));
  }
  if (wire.asset_count > kAssetsMax) return refuse(offsetof(Header, asset_count));
  if (wire.chunk_count > kChunksMax) return refuse(offsetof(Header, chunk_count));
  if (wire.dependency_count > kDependenciesMax) return refuse(offsetof(Header, dependency_count));
  if (!all_zero(wire.reserved)) {
    return field_error(ErrorCode::reserved_not_zero, offsetof(Header, reserved));
  }
  return {};
}

std::size_t tables_of(const ArchiveHeader& header) {
  return header.counts.gates == 0 ? std::size_t{wire::kGatesTable} : wire::kTableCount;
}

Error table_size_error(std::size_t table) {
  Error error = field_error(ErrorCode::field_out_of_range,
                            entry_at(table) + offsetof(wire::TableEntry, size));
  error.subject_kind = Subject::table;
  error.subject = static_cast<std::uint32_t>(table);
  return error;
}

// Counts of what only a table's size tells: gates; and that the names are not too many.
Error take_sizes(const wire::Header& wire, WorldCounts& counts) {
  if (wire.tables[wire::kNamesTable].size > wire::kNamesSizeMax) {
    return table_size_error(wire::kNamesTable);
  }
  const wire::TableEntry& gates = wire.tables[wire::kGatesTable];
  if ((wire.features_required & wire::kGates) == 0) {
    if (all_zero(std::as_bytes(std::span(&gates, 1)))) return {};
    return field_error(ErrorCode::reserved_not_zero, entry_at(wire::kGatesTable));
  }
  constexpr std::uint32_t kRecordSize = wire::kRecordSizes[wire::kGatesTable];
  if (gates.size == 0 || gates.size % kRecordSize != 0 || gates.size / kRecordSize > kGatesMax) {
    return table_size_error(wire::kGatesTable);
  }
  counts.gates = static_cast<std::uint32_t>(gates.size / kRecordSize);
  return {};
}

Error check_table_entries(const wire::Header& wire, const ArchiveHeader& expected) {
  for (std::size_t t = 0; t < tables_of(expected); ++t) {
    const wire::TableEntry& entry = wire.tables[t];
    Error error = {.subject_kind = Subject::table, .subject = static_cast<std::uint32_t>(t)};
    if (entry.record_size != wire::kRecordSizes[t]) {
      error.code = ErrorCode::field_out_of_range;
      error.at = entry_at(t) + offsetof(wire::TableEntry, record_size);
    } else if (entry.size != expected.tables[t].size) {
      error.code = ErrorCode::field_out_of_range;
      error.at = entry_at(t) + offsetof(wire::TableEntry, size);
    } else if (entry.at != expected.tables[t].at) {
      error.code = ErrorCode::tables_overlap;
      error.at = entry_at(t) + offsetof(wire::TableEntry, at);
    } else if (entry.reserved != 0) {
      error.code = ErrorCode::reserved_not_zero;
      error.at = entry_at(t) + offsetof(wire::TableEntry, reserved);
    }
    if (error) return error;
  }
  return {};
}

}  // namespace

std::uint64_t features_used(const WorldTables& world) {
  const ContainerTable& table = world.containers;
  std::uint64_t used = world.gates.count() > 0 ? wire::kGates : 0;
  for (std::size_t i = 0; i < table.count(); ++i) {
    const bool plain = table.flags[i] <= ContainerFlags::shared;
    if (!plain || table.refinement[i] != Refinement::none) used |= wire::kDetailAndMotion;
  }
  return used;
}

void lay_out(ArchiveHeader& header, std::uint64_t names_size) {
  NF_ASSERT(header.runs_size <= kRunsSizeMax && names_size <= wire::kNamesSizeMax);
  NF_ASSERT(header.counts.gates <= kGatesMax);
  const std::uint64_t sizes[wire::kTableCount] = {
      std::uint64_t{header.counts.containers} * wire::kRecordSizes[wire::kContainersTable],
      std::uint64_t{header.counts.assets} * wire::kRecordSizes[wire::kAssetsTable],
      std::uint64_t{header.counts.chunks} * wire::kRecordSizes[wire::kChunksTable],
      std::uint64_t{header.counts.dependencies} * wire::kRecordSizes[wire::kDependenciesTable],
      names_size,
      std::uint64_t{header.counts.gates} * wire::kRecordSizes[wire::kGatesTable]};
  std::uint64_t at = header.runs_end();
  for (std::size_t t = 0; t < tables_of(header); ++t) {
    header.tables[t].at = at;
    header.tables[t].size = sizes[t];
    at = align_up(at + sizes[t], wire::kPage);
  }
  header.file_size = at;
}

Result<ArchiveHeader> decode_header(std::span<const std::byte, sizeof(wire::Header)> bytes,
                                    Bytes file_size) {
  wire::Header wire;
  std::memcpy(&wire, bytes.data(), sizeof(wire));
  if (const Error error = check_identity(wire, bytes)) return error;
  if (const Error error = check_fields(wire, file_size)) return error;

  ArchiveHeader header;
  header.features_required = wire.features_required;
  header.features_optional = wire.features_optional;
  header.runs_size = wire.runs_size;
  header.stored_size = wire.stored_size;
  header.raw_size = wire.raw_size;
  header.counts = {.containers = wire.container_count,
                   .assets = wire.asset_count,
                   .chunks = wire.chunk_count,
                   .dependencies = wire.dependency_count};
  if (const Error error = take_sizes(wire, header.counts)) return error;
  lay_out(header, wire.tables[wire::kNamesTable].size);
  if (const Error error = check_table_entries(wire, header)) return error;
  if (header.file_size != file_size.value) {
    return field_error(ErrorCode::file_size_mismatch, offsetof(wire::Header, file_size));
  }
  for (std::size_t t = 0; t < wire::kTableCount; ++t) {
    header.tables[t].checksum = wire.tables[t].checksum;
  }
  return header;
}

HeaderBytes encode_header(const ArchiveHeader& header) {
  wire::Header wire = {};
  wire.magic = wire::kMagic;
  wire.version = wire::kVersion;
  wire.header_size = sizeof(wire::Header);
  wire.features_required = header.features_required;
  wire.features_optional = header.features_optional;
  wire.file_size = header.file_size;
  wire.runs_at = wire::kPage;
  wire.runs_size = header.runs_size;
  wire.stored_size = header.stored_size;
  wire.raw_size = header.raw_size;
  wire.container_count = header.counts.containers;
  wire.asset_count = header.counts.assets;
  wire.chunk_count = header.counts.chunks;
  wire.dependency_count = header.counts.dependencies;
  for (std::size_t t = 0; t < tables_of(header); ++t) {
    wire.tables[t].at = header.tables[t].at;
    wire.tables[t].size = header.tables[t].size;
    wire.tables[t].checksum = header.tables[t].checksum;
    wire.tables[t].record_size = wire::kRecordSizes[t];
  }
  HeaderBytes bytes;
  std::memcpy(bytes.data(), &wire, sizeof(wire));
  wire.checksum = hash64(std::span(bytes).first(kCheckedSize));
  std::memcpy(bytes.data(), &wire, sizeof(wire));
  return bytes;
}

}  // namespace nf
