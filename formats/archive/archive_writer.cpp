#include "formats/archive/archive_writer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/assert.h"
#include "core/base/checked.h"
#include "core/codec/codec.h"
#include "formats/archive/archive_tables.h"
#include "formats/archive/replacement_file.h"
#include "formats/wire/component.h"

namespace nf {
namespace {

constexpr std::array<std::byte, wire::kPage> kZeros = {};
constexpr std::size_t kPieceSize = std::size_t{1} << 20;

std::span<const std::byte> padding_behind(std::uint64_t at) {
  return std::span(kZeros).first(align_up(at, wire::kPage) - at);
}

wire::ContainerRecord encode_container(const ContainerTable& table, std::uint32_t name_at,
                                       std::size_t i) {
  wire::ContainerRecord record = {};
  record.path_hash_low = table.path_hash[i].low;
  record.path_hash_high = table.path_hash[i].high;
  record.parent = table.parent[i];
  record.subtree_end = table.subtree_end[i];
  record.asset_count = table.first_asset[i + 1] - table.first_asset[i];
  record.chunk_count = table.first_chunk[i + 1] - table.first_chunk[i];
  record.dependency_count = table.first_dependency[i + 1] - table.first_dependency[i];
  record.name_at = name_at;
  record.run_at = table.run_at[i].value;
  record.run_size = table.run_size[i];
  record.raw_size = table.raw_size[i];
  const auto put3 = [](f32le(&to)[3], const LocalVector& from) {
    to[0] = from.x;
    to[1] = from.y;
    to[2] = from.z;
  };
  record.position[0] = table.position[i].x;
  record.position[1] = table.position[i].y;
  record.position[2] = table.position[i].z;
  record.rotation[0] = table.rotation[i].x;
  record.rotation[1] = table.rotation[i].y;
  record.rotation[2] = table.rotation[i].z;
  record.rotation[3] = table.rotation[i].w;
  put3(record.bounds_center, table.bounds_center[i]);
  put3(record.bounds_half_extent, table.bounds_half_extent[i]);
  record.load_distance = table.load_distance[i];
  record.activation_cost = table.activation_cost[i];
  record.bounds_kind = static_cast<std::uint8_t>(table.bounds_kind[i]);
  record.flags = static_cast<std::uint8_t>(table.flags[i]);
  record.refinement = static_cast<std::uint8_t>(table.refinement[i]);
  return record;
}

wire::AssetRecord encode_asset(const AssetTable& table, std::uint32_t name_at, std::size_t i) {
  wire::AssetRecord record = {};
  record.name_hash = table.name_hash[i].value;
  record.raw_at = table.raw_at[i];
  record.raw_size = table.raw_size[i];
  record.name_at = name_at;
  record.kind = table.kind[i];
  return record;
}

wire::ChunkRecord encode_chunk(const ChunkTable& table, std::size_t i) {
  wire::ChunkRecord record = {};
  record.checksum = table.checksum[i];
  record.stored_size = table.stored_size[i];
  record.raw_size = table.raw_size[i];
  record.codec = table.codec[i];
  return record;
}

wire::GateRecord encode_gate(const GateTable& table, std::uint32_t name_at, std::size_t i) {
  wire::GateRecord record = {};
  record.target_path_low = table.target[i].low;
  record.target_path_high = table.target[i].high;
  record.container = table.container[i];
  record.name_at = name_at;
  record.name_hash = table.name_hash[i];
  const auto put3 = [](f64le(&to)[3], const WorldPosition& from) {
    to[0] = from.x;
    to[1] = from.y;
    to[2] = from.z;
  };
  put3(record.position, table.position[i]);
  put3(record.target_position, table.target_position[i]);
  record.radius = table.radius[i];
  record.lead_time = table.lead_time[i];
  return record;
}

// Puts each different name once, in the order in which the records first use it.
class NameCollector {
 public:
  Result<NameTable> collect(const ArchiveContent& content) {
    if (content.container_names.size() != content.world.containers.count() ||
        content.asset_names.size() != content.world.assets.count() ||
        content.gate_names.size() != content.world.gates.count()) {
      return Error{.code = ErrorCode::invalid_argument};
    }
    NameTable names;
    Error error = add(content.container_names, Subject::container, names.container_name_at);
    if (!error) error = add(content.asset_names, Subject::asset, names.asset_name_at);
    if (!error) error = add(content.gate_names, Subject::gate, names.gate_name_at);
    if (error) return error;
    Result<Array<char>> bytes = Array<char>::make(bytes_.size());
    if (!bytes) return bytes.error();
    std::copy(bytes_.begin(), bytes_.end(), bytes->begin());
    names.bytes = std::move(*bytes);
    return names;
  }

 private:
  Error add(const std::vector<std::string>& names, Subject kind, Array<std::uint32_t>& name_at) {
    Result<Array<std::uint32_t>> made = Array<std::uint32_t>::make(names.size());
    if (!made) return made.error();
    name_at = std::move(*made);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto subject = static_cast<std::uint32_t>(i);
      if (names[i].size() > kComponentSizeMax) {
        return {.code = ErrorCode::name_invalid, .subject_kind = kind, .subject = subject};
      }
      const auto [found, is_new] =
          places_.try_emplace(names[i], static_cast<std::uint32_t>(bytes_.size()));
      name_at[i] = found->second;
      if (!is_new) continue;
      bytes_.push_back(static_cast<char>(names[i].size()));
      bytes_ += names[i];
      if (bytes_.size() > wire::kNamesSizeMax) {
        return {.code = ErrorCode::limit_exceeded, .subject_kind = kind, .subject = subject};
      }
    }
    return {};
  }

  std::unordered_map<std::string_view, std::uint32_t> places_;
  std::string bytes_;
};

}  // namespace

struct ArchiveWriter::Impl {
  explicit Impl(ReplacementFile target) : file(std::move(target)) {}

  ReplacementFile file;
  std::uint64_t end = wire::kPage;  // of what was written, a multiple of a page
  Error failed;                     // of an earlier call: nothing is written after it
  bool finished = false;

  Result<ArchiveHeader> check(const ArchiveContent& content, const NameTable& names) const;
  template <class Record, class Encode>
  Error write_table(TablePlace& place, Encode encode);
  Error write_bytes(TablePlace& place, std::span<const std::byte> bytes);
  Error write_tables(ArchiveHeader& header, const WorldTables& world, const NameTable& names);
  Error finish(const ArchiveContent& content);
};

// Everything that a reader would refuse is refused here, before it is written.
Result<ArchiveHeader> ArchiveWriter::Impl::check(const ArchiveContent& content,
                                                 const NameTable& names) const {
  const WorldTables& world = content.world;
  const Result<void> sound = check_world(world);
  if (!sound) return sound.error();
  if (const Error error = check_names(world, names)) return error;
  ArchiveHeader header;
  header.features_required = features_used(world);
  header.runs_size = end - wire::kPage;
  header.counts = {.containers = world.containers.count(),
                   .assets = world.assets.count(),
                   .chunks = world.chunks.count(),
                   .dependencies = static_cast<std::uint32_t>(world.dependencies.size()),
                   .gates = world.gates.count()};
  for (std::uint32_t i = 0; i < world.containers.count(); ++i) {
    header.stored_size += world.containers.run_size[i];
    header.raw_size += world.containers.raw_size[i];
  }
  if (const Error error = check_totals(header, world)) return error;
  lay_out(header, names.bytes.size());
  return header;
}

template <class Record, class Encode>
Error ArchiveWriter::Impl::write_table(TablePlace& place, Encode encode) {
  constexpr std::size_t kRecordsMax = kPieceSize / sizeof(Record);
  const std::uint64_t count = place.size / sizeof(Record);
  std::vector<Record> records(std::min<std::uint64_t>(kRecordsMax, count));
  Hasher64 hasher;
  for (std::uint64_t done = 0; done < count;) {
    const std::size_t taken = std::min<std::uint64_t>(records.size(), count - done);
    for (std::size_t i = 0; i < taken; ++i) records[i] = encode(done + i);
    const auto bytes = std::as_bytes(std::span(records).first(taken));
    hasher.add(bytes);
    const std::uint64_t at = place.at + done * sizeof(Record);
    done += taken;
    const std::uint64_t written_to = at + bytes.size();
    const auto padding = done == count ? padding_behind(written_to) : std::span<const std::byte>();
    if (const Error error = file.write(at, bytes, padding)) return error;
  }
  place.checksum = hasher.finish();
  return {};
}

Error ArchiveWriter::Impl::write_bytes(TablePlace& place, std::span<const std::byte> bytes) {
  place.checksum = hash64(bytes);
  return file.write(place.at, bytes, padding_behind(place.at + bytes.size()));
}

Error ArchiveWriter::Impl::write_tables(ArchiveHeader& header, const WorldTables& world,
                                        const NameTable& names) {
  auto& places = header.tables;
  Error error =
      write_table<wire::ContainerRecord>(places[wire::kContainersTable], [&](std::size_t i) {
        return encode_container(world.containers, names.container_name_at[i], i);
      });
  if (!error) {
    error = write_table<wire::AssetRecord>(places[wire::kAssetsTable], [&](std::size_t i) {
      return encode_asset(world.assets, names.asset_name_at[i], i);
    });
  }
  if (!error) {
    error = write_table<wire::ChunkRecord>(
        places[wire::kChunksTable], [&](std::size_t i) { return encode_chunk(world.chunks, i); });
  }
  if (!error) {
    error = write_table<wire::DependencyRecord>(
        places[wire::kDependenciesTable],
        [&](std::size_t i) { return wire::DependencyRecord{.container = world.dependencies[i]}; });
  }
  if (!error) {
    error = write_bytes(places[wire::kNamesTable], std::as_bytes(names.bytes.span()));
  }
  if (!error && world.gates.count() > 0) {
    error = write_table<wire::GateRecord>(places[wire::kGatesTable], [&](std::size_t i) {
      return encode_gate(world.gates, names.gate_name_at[i], i);
    });
  }
  return error;
}

Error ArchiveWriter::Impl::finish(const ArchiveContent& content) {
  const Result<NameTable> names = NameCollector().collect(content);
  if (!names) return names.error();
  Result<ArchiveHeader> header = check(content, *names);
  if (!header) return header.error();
  if (const Error error = write_tables(*header, content.world, *names)) return error;
  if (const Error error = file.write(0, encode_header(*header), {})) return error;
  return file.commit();
}

ArchiveWriter::ArchiveWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter& ArchiveWriter::operator=(ArchiveWriter&&) noexcept = default;
ArchiveWriter::~ArchiveWriter() = default;

Result<ArchiveWriter> ArchiveWriter::create(const std::string& path) {
  Result<ReplacementFile> file = ReplacementFile::create(path);
  if (!file) return file.error();
  return ArchiveWriter(std::make_unique<Impl>(std::move(*file)));
}

Result<FileOffset> ArchiveWriter::append_run(std::span<const std::byte> stored) {
  NF_ASSERT(!impl_->finished);
  if (impl_->failed) return impl_->failed;
  const std::uint64_t at = impl_->end;
  impl_->failed = impl_->file.write(at, stored, padding_behind(at + stored.size()));
  if (impl_->failed) return impl_->failed;
  impl_->end = align_up(at + stored.size(), wire::kPage);
  return FileOffset{at};
}

Result<void> ArchiveWriter::finish(const ArchiveContent& content) {
  NF_ASSERT(!impl_->finished);
  impl_->finished = true;
  const Error error = impl_->failed ? impl_->failed : impl_->finish(content);
  // The temporary file goes now, not when the caller drops the writer.
  if (error) impl_->file.abandon();
  if (error) return error;
  return {};
}

}  // namespace nf
