#include "formats/pack/pack_tables.h"

#include <algorithm>
#include <cmath>

#include "formats/pack/check_source.h"

namespace nf {

namespace {

std::string archive_path(const SourceWorld& source, std::uint32_t index) {
  return index == 0 ? std::string() : source_path(source, index);
}

ContainerFlags flags_of(const SourceContainer& container) {
  ContainerFlags flags = container.shared ? ContainerFlags::shared : ContainerFlags::none;
  if (container.moves) flags = flags | ContainerFlags::moves;
  if (container.is_template) flags = flags | ContainerFlags::template_root;
  return flags;
}

std::uint32_t gate_count(const SourceWorld& source) {
  std::size_t count = 0;  // check_source holds it to kGatesMax
  for (const SourceContainer& container : source.containers) count += container.gates.size();
  return static_cast<std::uint32_t>(count);
}

}  // namespace

float derived_load_distance(const SourceWorld& source, std::uint32_t container) {
  const SourceContainer& own = source.containers[container];
  if (own.bounds_kind == BoundsKind::none || own.load_distance > 0) return own.load_distance;
  const SourceContainer& measured =
      own.refinement == Refinement::none ? own : source.containers[own.parent];
  const LocalVector half = measured.bounds_half_extent;
  const float radius =
      measured.bounds_kind == BoundsKind::sphere ? half.x : std::hypot(half.x, half.y, half.z);
  return radius * kLoadDistancePerRadius;
}

void PackTables::add_chunk(const StoredChunk& chunk) {
  chunks_.push_back({.checksum = chunk.checksum,
                     .stored_size = static_cast<std::uint32_t>(chunk.bytes.size()),
                     .raw_size = chunk.raw_size,
                     .codec = chunk.codec});
  const auto codec = static_cast<std::size_t>(chunk.codec);
  ++report_.chunks;
  ++report_.chunks_by_codec[codec];
  report_.by_codec[codec].raw += Bytes{chunk.raw_size};
  report_.by_codec[codec].stored += Bytes{chunk.bytes.size()};
  for (std::size_t i = 0; i < kCodecCount; ++i) {
    if (chunk.size_as[i] == 0) continue;
    report_.sample_as[i].raw += Bytes{chunk.raw_size};
    report_.sample_as[i].stored += Bytes{chunk.size_as[i]};
  }
  if (chunk.size_as[0] != 0) {
    report_.sample_packed.raw += Bytes{chunk.raw_size};
    report_.sample_packed.stored += Bytes{chunk.bytes.size()};
  }
  report_.stored_size += Bytes{chunk.bytes.size()};
  report_.raw_size += Bytes{chunk.raw_size};
}

void PackTables::add_container(std::vector<PackedAsset> assets, FileOffset run_at) {
  const std::uint32_t first = containers_.empty() ? 0 : containers_.back().last_chunk;
  report_.assets += assets.size();
  ++report_.containers;
  containers_.push_back({.assets = std::move(assets),
                         .run_at = run_at,
                         .first_chunk = first,
                         .last_chunk = static_cast<std::uint32_t>(chunks_.size())});
}

void PackTables::fill_container(const SourceWorld& source, const PackOrder& order,
                                std::uint32_t number, ArchiveContent& content) const {
  ContainerTable& table = content.world.containers;
  const std::uint32_t index = order.source_of[number];
  const SourceContainer& from = source.containers[index];
  table.path_hash[number] = path_hash(archive_path(source, index));
  table.parent[number] = number == 0 ? ContainerId::none_value : order.number_of[from.parent];
  table.subtree_end[number] = order.subtree_end[number];
  table.position[number] = from.position;
  table.rotation[number] = from.rotation;
  table.bounds_center[number] = from.bounds_center;
  table.bounds_half_extent[number] = from.bounds_half_extent;
  table.bounds_kind[number] = from.bounds_kind;
  table.flags[number] = flags_of(from);
  table.refinement[number] = from.refinement;
  table.load_distance[number] = derived_load_distance(source, index);
  table.activation_cost[number] = from.activation_cost;
  content.container_names[number] = from.name;
}

Result<void> PackTables::fill_assets(const SourceWorld& source, const PackOrder& order,
                                     std::uint32_t number, std::uint32_t first_asset,
                                     ArchiveContent& content, std::string& detail) {
  const std::uint32_t index = order.source_of[number];
  const std::vector<SourceAsset>& names = source.containers[index].assets;
  struct Hashed {
    AssetId id;
    PackedAsset asset;
  };
  std::vector<Hashed> sorted;
  sorted.reserve(names.size());
  for (const PackedAsset& asset : containers_[number].assets)
    sorted.push_back({.id = asset_id(names[asset.source].name), .asset = asset});
  std::sort(sorted.begin(), sorted.end(),
            [](const Hashed& a, const Hashed& b) { return a.id < b.id; });
  AssetTable& table = content.world.assets;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const SourceAsset& name = names[sorted[i].asset.source];
    if (i > 0 && sorted[i].id == sorted[i - 1].id) {
      detail = "container " + source_path(source, index) + ": the names " +
               quoted_name(names[sorted[i - 1].asset.source].name) + " and " +
               quoted_name(name.name) + " have the same hash; rename one";
      return Error{
          .code = ErrorCode::name_duplicate, .subject_kind = Subject::container, .subject = number};
    }
    table.name_hash[first_asset + i] = sorted[i].id;
    table.raw_at[first_asset + i] = sorted[i].asset.raw_at;
    table.raw_size[first_asset + i] = sorted[i].asset.raw_size;
    table.kind[first_asset + i] = static_cast<std::uint16_t>(name.kind);
    content.asset_names[first_asset + i] = name.name;
  }
  return {};
}

Result<void> PackTables::fill_gates(const SourceWorld& source, const PackOrder& order,
                                    ArchiveContent& content, std::string& detail) {
  GateTable& table = content.world.gates;
  if (table.count() == 0) return {};
  const Array<PathHash>& hashes = content.world.containers.path_hash;
  std::vector<PathHash> paths(hashes.begin(), hashes.end());
  std::sort(paths.begin(), paths.end());
  struct Hashed {
    std::uint64_t hash = 0;
    const SourceGate* gate = nullptr;
  };
  std::vector<Hashed> sorted;
  std::uint32_t at = 0;
  for (std::uint32_t number = 0; number < order.source_of.size(); ++number) {
    sorted.clear();
    for (const SourceGate& gate : source.containers[order.source_of[number]].gates)
      sorted.push_back({.hash = asset_id(gate.name).value, .gate = &gate});
    std::sort(sorted.begin(), sorted.end(),
              [](const Hashed& a, const Hashed& b) { return a.hash < b.hash; });
    for (std::size_t i = 0; i < sorted.size(); ++i, ++at) {
      const SourceGate& gate = *sorted[i].gate;
      if (i > 0 && sorted[i].hash == sorted[i - 1].hash) {
        detail = "container " + source_path(source, order.source_of[number]) + ": the gates " +
                 quoted_name(sorted[i - 1].gate->name) + " and " + quoted_name(gate.name) +
                 " have names of the same hash; rename one";
        return Error{.code = ErrorCode::name_duplicate,
                     .subject_kind = Subject::container,
                     .subject = number};
      }
      table.container[at] = number;
      table.name_hash[at] = sorted[i].hash;
      table.target[at] = path_hash(gate.to);
      table.position[at] = gate.position;
      table.target_position[at] = gate.to_position;
      table.radius[at] = gate.radius;
      table.lead_time[at] = gate.lead_time;
      content.gate_names[at] = gate.name;
      ++report_.gates;
      const bool inside = std::binary_search(paths.begin(), paths.end(), table.target[at]);
      if (inside || ++report_.gates_outside > 1) continue;
      report_.first_outside = quoted_name(gate.name) + " of " +
                              source_path(source, order.source_of[number]) + ", to " +
                              quoted_name(gate.to);
    }
  }
  return {};
}

void PackTables::fill_chunks(std::uint32_t number, ArchiveContent& content) const {
  ChunkTable& table = content.world.chunks;
  ContainerTable& containers = content.world.containers;
  std::uint64_t stored_at = 0;
  std::uint64_t raw_at = 0;
  for (std::uint32_t i = containers_[number].first_chunk; i < containers_[number].last_chunk; ++i) {
    const ChunkEntry& chunk = chunks_[i];
    table.checksum[i] = chunk.checksum;
    table.stored_at[i] = static_cast<std::uint32_t>(stored_at);
    table.stored_size[i] = chunk.stored_size;
    table.raw_at[i] = static_cast<std::uint32_t>(raw_at);
    table.raw_size[i] = chunk.raw_size;
    table.codec[i] = static_cast<std::uint16_t>(chunk.codec);
    stored_at += chunk.stored_size;
    raw_at += chunk.raw_size;
  }
  containers.raw_size[number] = static_cast<std::uint32_t>(raw_at);
  containers.run_size[number] = static_cast<std::uint32_t>(stored_at);
  containers.run_at[number] = containers_[number].run_at;
}

Result<ArchiveContent> PackTables::finish(const SourceWorld& source, const PackOrder& order,
                                          std::string& detail) {
  const auto count = static_cast<std::uint32_t>(containers_.size());
  std::uint64_t dependencies = 0;
  for (const auto& list : order.dependencies) dependencies += list.size();
  if (chunks_.size() > kChunksMax) {
    detail = "more chunks than an archive holds (2^28); make them larger";
    return Error{.code = ErrorCode::limit_exceeded};
  }
  Result<WorldTables> tables =
      make_world_tables({.containers = count,
                         .assets = static_cast<std::uint32_t>(report_.assets),
                         .chunks = static_cast<std::uint32_t>(chunks_.size()),
                         .dependencies = static_cast<std::uint32_t>(dependencies),
                         .gates = gate_count(source)});
  if (!tables) {
    detail = "not enough memory for the archive's tables";
    return tables.error();
  }
  const std::uint32_t gates = tables->gates.count();
  ArchiveContent content{.world = std::move(*tables),
                         .container_names = std::vector<std::string>(count),
                         .asset_names = std::vector<std::string>(report_.assets),
                         .gate_names = std::vector<std::string>(gates)};
  std::uint32_t first_asset = 0;
  std::uint32_t first_dependency = 0;
  ContainerTable& containers = content.world.containers;
  for (std::uint32_t number = 0; number < count; ++number) {
    containers.first_asset[number] = first_asset;
    containers.first_chunk[number] = containers_[number].first_chunk;
    containers.first_dependency[number] = first_dependency;
    fill_container(source, order, number, content);
    fill_chunks(number, content);
    if (const Result<void> filled =
            fill_assets(source, order, number, first_asset, content, detail);
        !filled)
      return filled.error();
    first_asset += static_cast<std::uint32_t>(containers_[number].assets.size());
    for (const std::uint32_t on : order.dependencies[number])
      content.world.dependencies[first_dependency++] = on;
  }
  containers.first_asset[count] = first_asset;
  containers.first_chunk[count] = static_cast<std::uint32_t>(chunks_.size());
  containers.first_dependency[count] = first_dependency;
  if (const Result<void> filled = fill_gates(source, order, content, detail); !filled)
    return filled.error();
  return content;
}

}  // namespace nf
