#include <algorithm>
#include <cstring>

#include "core/base/checked.h"
#include "core/codec/codec.h"
#include "formats/archive/archive_tables.h"
#include "formats/archive/piece_reader.h"

namespace nf {
namespace {

template <std::size_t size>
bool all_zero(const std::byte (&bytes)[size]) {
  return std::all_of(bytes, bytes + size, [](std::byte b) { return b == std::byte{0}; });
}

// Reads the tables of one archive, one after the other. Records are taken apart before the checksum
// of their table is known, so taking apart never fails: it notes the first thing that is wrong,
// which counts only if the checksum holds.
class TableReader {
 public:
  TableReader(const ByteSource& source, const ArchiveHeader& header)
      : source_(source), header_(header) {}

  Result<ArchiveTables> read();

 private:
  std::vector<PieceReader::Stretch> stretches();
  template <class Record, class Take>
  Error read_records(wire::TableNumber number, Take take);
  Error read_containers();
  Error read_assets();
  Error read_chunks();
  Error read_dependencies();
  Error read_names();
  Error read_gates();
  Error make_arrays();
  Error read_tables();
  Error check();
  void take_container(std::uint32_t i, const wire::ContainerRecord& record);
  void note(ErrorCode code, Subject kind, std::uint32_t subject) {
    if (!noted_) noted_ = {.code = code, .subject_kind = kind, .subject = subject};
  }
  Error table_error(wire::TableNumber number) const {
    return {.code = ErrorCode::table_checksum_mismatch,
            .subject_kind = Subject::table,
            .subject = static_cast<std::uint32_t>(number),
            .at = header_.tables[number].at};
  }

  const ByteSource& source_;
  const ArchiveHeader& header_;
  ArchiveTables tables_;
  PieceReader* pieces_ = nullptr;  // while `read` runs
  Error noted_;
  std::uint64_t assets_before_ = 0;  // of the containers taken so far
  std::uint64_t chunks_before_ = 0;
  std::uint64_t dependencies_before_ = 0;
};

// Every table in the order of the file. Names are kept as they lie there: read to their place.
std::vector<PieceReader::Stretch> TableReader::stretches() {
  std::vector<PieceReader::Stretch> all;
  for (std::size_t number = 0; number < std::size(header_.tables); ++number) {
    const TablePlace& place = header_.tables[number];
    all.push_back(
        {.at = place.at, .size = place.size, .granule = wire::kRecordSizes[number], .whole = {}});
  }
  all[wire::kNamesTable].whole = std::as_writable_bytes(tables_.names.bytes.span());
  return all;
}

// A piece is hashed and taken apart while it is still in the cache.
template <class Record, class Take>
Error TableReader::read_records(wire::TableNumber number, Take take) {
  const TablePlace& place = header_.tables[number];
  Hasher64 hasher;
  std::uint32_t id = 0;
  for (std::uint64_t done = 0; done < place.size;) {
    const Result<std::span<const std::byte>> piece = pieces_->next();
    if (!piece) return piece.error();
    hasher.add(*piece);
    for (std::size_t at = 0; at < piece->size(); at += sizeof(Record)) {
      Record record;
      std::memcpy(&record, piece->data() + at, sizeof(record));
      take(id++, record);
    }
    done += piece->size();
  }
  if (hasher.finish() != place.checksum) return table_error(number);
  return with_file_offset(noted_, header_);
}

void TableReader::take_container(std::uint32_t i, const wire::ContainerRecord& record) {
  ContainerTable& table = tables_.world.containers;
  table.path_hash[i] = {.low = record.path_hash_low, .high = record.path_hash_high};
  table.parent[i] = record.parent;
  table.subtree_end[i] = record.subtree_end;
  table.position[i] = {record.position[0], record.position[1], record.position[2]};
  table.rotation[i] = {record.rotation[0], record.rotation[1], record.rotation[2],
                       record.rotation[3]};
  table.bounds_center[i] = {record.bounds_center[0], record.bounds_center[1],
                            record.bounds_center[2]};
  table.bounds_half_extent[i] = {record.bounds_half_extent[0], record.bounds_half_extent[1],
                                 record.bounds_half_extent[2]};
  table.bounds_kind[i] = static_cast<BoundsKind>(record.bounds_kind);
  table.flags[i] = static_cast<ContainerFlags>(record.flags);
  table.refinement[i] = static_cast<Refinement>(record.refinement);
  table.load_distance[i] = record.load_distance;
  table.activation_cost[i] = record.activation_cost;
  table.raw_size[i] = static_cast<std::uint32_t>(record.raw_size);
  table.run_at[i] = {record.run_at};
  table.run_size[i] = static_cast<std::uint32_t>(record.run_size);
  if (record.raw_size > kContainerRawSizeMax || record.run_size > kContainerRawSizeMax) {
    note(ErrorCode::field_out_of_range, Subject::container, i);
  }
  tables_.names.container_name_at[i] = record.name_at;
  if (!all_zero(record.reserved)) note(ErrorCode::reserved_not_zero, Subject::container, i);

  const WorldCounts& counts = header_.counts;
  assets_before_ += record.asset_count;
  chunks_before_ += record.chunk_count;
  dependencies_before_ += record.dependency_count;
  if (assets_before_ > counts.assets || chunks_before_ > counts.chunks ||
      dependencies_before_ > counts.dependencies) {
    note(ErrorCode::field_out_of_range, Subject::container, i);
    return;
  }
  table.first_asset[i + 1] = static_cast<std::uint32_t>(assets_before_);
  table.first_chunk[i + 1] = static_cast<std::uint32_t>(chunks_before_);
  table.first_dependency[i + 1] = static_cast<std::uint32_t>(dependencies_before_);
}

Error TableReader::read_containers() {
  const Error error = read_records<wire::ContainerRecord>(
      wire::kContainersTable,
      [this](std::uint32_t i, const wire::ContainerRecord& record) { take_container(i, record); });
  if (error) return error;
  const WorldCounts& counts = header_.counts;
  const auto refuse = [](std::size_t at) {
    return Error{.code = ErrorCode::field_out_of_range,
                 .subject_kind = Subject::field,
                 .subject = static_cast<std::uint32_t>(at),
                 .at = at};
  };
  if (assets_before_ != counts.assets) return refuse(offsetof(wire::Header, asset_count));
  if (chunks_before_ != counts.chunks) return refuse(offsetof(wire::Header, chunk_count));
  if (dependencies_before_ != counts.dependencies) {
    return refuse(offsetof(wire::Header, dependency_count));
  }
  return {};
}

Error TableReader::read_assets() {
  AssetTable& table = tables_.world.assets;
  Array<std::uint32_t>& name_at = tables_.names.asset_name_at;
  return read_records<wire::AssetRecord>(wire::kAssetsTable,
                                         [&](std::uint32_t i, const wire::AssetRecord& record) {
                                           table.name_hash[i] = {record.name_hash};
                                           table.raw_at[i] = record.raw_at;
                                           table.raw_size[i] = record.raw_size;
                                           table.kind[i] = record.kind;
                                           name_at[i] = record.name_at;
                                           if (record.reserved != 0)
                                             note(ErrorCode::reserved_not_zero, Subject::asset, i);
                                         });
}

// A chunk's place is the sum of the sizes before it in its container. The sums wrap on a hostile
// table; check_world then finds that they do not add up.
Error TableReader::read_chunks() {
  const Array<std::uint32_t>& first_chunk = tables_.world.containers.first_chunk;
  ChunkTable& table = tables_.world.chunks;
  std::size_t container = 0;
  std::uint32_t stored_at = 0;
  std::uint32_t raw_at = 0;
  return read_records<wire::ChunkRecord>(wire::kChunksTable,
                                         [&](std::uint32_t i, const wire::ChunkRecord& record) {
                                           while (i >= first_chunk[container + 1]) {
                                             ++container;
                                             stored_at = 0;
                                             raw_at = 0;
                                           }
                                           table.checksum[i] = record.checksum;
                                           table.stored_at[i] = stored_at;
                                           table.stored_size[i] = record.stored_size;
                                           table.raw_at[i] = raw_at;
                                           table.raw_size[i] = record.raw_size;
                                           table.codec[i] = record.codec;
                                           stored_at += record.stored_size;
                                           raw_at += record.raw_size;
                                           if (!all_zero(record.reserved))
                                             note(ErrorCode::reserved_not_zero, Subject::chunk, i);
                                         });
}

Error TableReader::read_dependencies() {
  Array<std::uint32_t>& table = tables_.world.dependencies;
  return read_records<wire::DependencyRecord>(
      wire::kDependenciesTable, [&table](std::uint32_t i, const wire::DependencyRecord& record) {
        table[i] = record.container;
      });
}

Error TableReader::read_names() {
  const TablePlace& place = header_.tables[wire::kNamesTable];
  Hasher64 hasher;
  for (std::uint64_t done = 0; done < place.size;) {
    const Result<std::span<const std::byte>> piece = pieces_->next();
    if (!piece) return piece.error();
    hasher.add(*piece);
    done += piece->size();
  }
  return hasher.finish() == place.checksum ? Error{} : table_error(wire::kNamesTable);
}

Error TableReader::read_gates() {
  if (header_.counts.gates == 0) return {};
  GateTable& table = tables_.world.gates;
  Array<std::uint32_t>& name_at = tables_.names.gate_name_at;
  const auto place = [](const f64le(&from)[3]) { return WorldPosition{from[0], from[1], from[2]}; };
  return read_records<wire::GateRecord>(
      wire::kGatesTable, [&](std::uint32_t i, const wire::GateRecord& record) {
        table.target[i] = {.low = record.target_path_low, .high = record.target_path_high};
        table.container[i] = record.container;
        name_at[i] = record.name_at;
        table.name_hash[i] = record.name_hash;
        table.position[i] = place(record.position);
        table.target_position[i] = place(record.target_position);
        table.radius[i] = record.radius;
        table.lead_time[i] = record.lead_time;
        if (!all_zero(record.reserved)) note(ErrorCode::reserved_not_zero, Subject::gate, i);
      });
}

Error TableReader::make_arrays() {
  Result<WorldTables> world = make_world_tables(header_.counts);
  if (!world) return world.error();
  tables_.world = std::move(*world);
  NameTable& names = tables_.names;
  Result<Array<std::uint32_t>> at = Array<std::uint32_t>::make(header_.counts.containers);
  if (!at) return at.error();
  names.container_name_at = std::move(*at);
  at = Array<std::uint32_t>::make(header_.counts.assets);
  if (!at) return at.error();
  names.asset_name_at = std::move(*at);
  at = Array<std::uint32_t>::make(header_.counts.gates);
  if (!at) return at.error();
  names.gate_name_at = std::move(*at);
  Result<Array<char>> bytes = Array<char>::make(header_.tables[wire::kNamesTable].size);
  if (!bytes) return bytes.error();
  names.bytes = std::move(*bytes);
  return {};
}

Error TableReader::read_tables() {
  PieceReader pieces(source_, stretches());
  pieces_ = &pieces;
  Error error = read_containers();
  if (!error) error = read_assets();
  if (!error) error = read_chunks();
  if (!error) error = read_dependencies();
  if (!error) error = read_names();
  if (!error) error = read_gates();
  pieces_ = nullptr;
  return error;
}

// The names of assets, most of what is to be checked, by a second thread meanwhile.
Error TableReader::check() {
  AssetNameCheck asset_names(tables_.world, tables_.names);
  asset_names.start();
  const Result<void> sound = check_world(tables_.world);
  if (!sound) return sound.error();
  Error error = check_features(header_, tables_.world);
  if (!error) error = check_totals(header_, tables_.world);
  if (!error) error = check_container_names(tables_.world, tables_.names);
  if (!error) error = asset_names.finish();
  if (!error) error = check_gate_names(tables_.world, tables_.names);
  return error;
}

Result<ArchiveTables> TableReader::read() {
  Error error = make_arrays();
  if (!error) error = read_tables();
  if (error) return error;
  if (error = check(); error) return with_file_offset(error, header_);
  tables_.header = header_;
  return std::move(tables_);
}

}  // namespace

Error with_file_offset(Error error, const ArchiveHeader& header) {
  const auto place = [&](wire::TableNumber number) {
    return header.tables[number].at + std::uint64_t{error.subject} * wire::kRecordSizes[number];
  };
  if (error.at != 0) return error;
  switch (error.subject_kind) {
    case Subject::container: error.at = place(wire::kContainersTable); break;
    case Subject::asset: error.at = place(wire::kAssetsTable); break;
    case Subject::chunk: error.at = place(wire::kChunksTable); break;
    case Subject::gate: error.at = place(wire::kGatesTable); break;
    default: break;
  }
  return error;
}

Error check_totals(const ArchiveHeader& header, const WorldTables& world) {
  const ContainerTable& table = world.containers;
  std::uint64_t stored_size = 0;  // at most 2^24 containers of 2^32 bytes: no sum overflows
  std::uint64_t raw_size = 0;
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    if (!range_inside(table.run_at[i].value, table.run_size[i], header.runs_end())) {
      return {
          .code = ErrorCode::field_out_of_range, .subject_kind = Subject::container, .subject = i};
    }
    stored_size += table.run_size[i];
    raw_size += table.raw_size[i];
  }
  const auto refuse = [](std::size_t at) {
    return Error{.code = ErrorCode::field_out_of_range,
                 .subject_kind = Subject::field,
                 .subject = static_cast<std::uint32_t>(at),
                 .at = at};
  };
  if (stored_size != header.stored_size) return refuse(offsetof(wire::Header, stored_size));
  if (raw_size != header.raw_size) return refuse(offsetof(wire::Header, raw_size));
  return {};
}

Error check_features(const ArchiveHeader& header, const WorldTables& world) {
  const std::uint64_t used = features_used(world);
  if (used == header.features_required) return {};
  constexpr std::size_t kAt = offsetof(wire::Header, features_required);
  Error error = {.code = ErrorCode::field_out_of_range,
                 .subject_kind = Subject::field,
                 .subject = kAt,
                 .at = kAt};
  if ((header.features_required & wire::kDetailAndMotion) != 0) return error;
  // The first container that uses what the header does not tell of.
  const ContainerTable& table = world.containers;
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    if (table.flags[i] <= ContainerFlags::shared && table.refinement[i] == Refinement::none) {
      continue;
    }
    return {.code = error.code, .subject_kind = Subject::container, .subject = i};
  }
  return error;
}

Result<ArchiveTables> read_archive_tables(const ByteSource& source) {
  HeaderBytes bytes;
  if (source.size().value < bytes.size()) {
    return Error{.code = ErrorCode::file_too_short, .at = source.size().value};
  }
  if (const Error error = source.read(0, bytes)) return error;
  const Result<ArchiveHeader> header = decode_header(bytes, source.size());
  if (!header) return header.error();
  return TableReader(source, *header).read();
}

}  // namespace nf
