// The golden archive, its decoded bytes, and the promise that every damaged copy of it is held to:
// the right tables and bytes or an error, never anything else. One owner; reads the file once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/archive/archive_tables.h"
#include "formats/archive/container_reader.h"
#include "tests/golden/temporary_folder.h"

namespace nf::sample {

class GoldenArchive {
 public:
  explicit GoldenArchive(const std::string& path) : bytes_(read_file(path)) {
    const ByteSource source = ByteSource::of_memory(bytes_);
    Result<ArchiveTables> tables = read_archive_tables(source);
    if (!tables) return;
    tables_ = std::move(*tables);
    ContainerReader reader(source, tables_.world);
    raw_.resize(tables_.world.containers.count());
    for (std::uint32_t id = 0; id < raw_.size(); ++id) {
      raw_[id].resize(tables_.world.containers.raw_size[id]);
      sound_ = sound_ && !reader.read_container(id, raw_[id]);
    }
  }

  bool sound() const { return sound_ && !raw_.empty(); }
  const std::vector<std::byte>& bytes() const { return bytes_; }

  enum class Outcome { refused, right, wrong };

  // Opens the mutant and reads every container and every asset. `refused` if anything of it was;
  // `wrong` if a single value or byte came out that is not the golden archive's.
  Outcome judge(std::span<const std::byte> mutant) const {
    const ByteSource source = ByteSource::of_memory(mutant);
    const Result<ArchiveTables> tables = read_archive_tables(source);
    if (!tables) return Outcome::refused;
    if (!same_world(tables->world) || !same_names(tables->names)) return Outcome::wrong;
    ContainerReader reader(source, tables->world);
    Outcome outcome = Outcome::right;
    for (std::uint32_t id = 0; id < raw_.size(); ++id) {
      const Outcome one = judge_container(reader, tables->world, id);
      if (one == Outcome::wrong) return one;
      if (one == Outcome::refused) outcome = one;
    }
    return outcome;
  }

 private:
  template <class T>
  static bool same(const Array<T>& a, const Array<T>& b) {
    return std::ranges::equal(std::as_bytes(a.span()), std::as_bytes(b.span()));
  }

  bool same_world(const WorldTables& world) const {
    const WorldTables& golden = tables_.world;
    return same_containers(world.containers, golden.containers) &&
           same(world.assets.name_hash, golden.assets.name_hash) &&
           same(world.assets.raw_at, golden.assets.raw_at) &&
           same(world.assets.raw_size, golden.assets.raw_size) &&
           same(world.assets.kind, golden.assets.kind) &&
           same(world.chunks.checksum, golden.chunks.checksum) &&
           same(world.chunks.stored_at, golden.chunks.stored_at) &&
           same(world.chunks.stored_size, golden.chunks.stored_size) &&
           same(world.chunks.raw_at, golden.chunks.raw_at) &&
           same(world.chunks.raw_size, golden.chunks.raw_size) &&
           same(world.chunks.codec, golden.chunks.codec) &&
           same(world.dependencies, golden.dependencies) && same_gates(world.gates, golden.gates);
  }

  static bool same_containers(const ContainerTable& a, const ContainerTable& b) {
    return same(a.path_hash, b.path_hash) && same(a.parent, b.parent) &&
           same(a.subtree_end, b.subtree_end) && same(a.position, b.position) &&
           same(a.rotation, b.rotation) && same(a.bounds_center, b.bounds_center) &&
           same(a.bounds_half_extent, b.bounds_half_extent) && same(a.bounds_kind, b.bounds_kind) &&
           same(a.flags, b.flags) && same(a.refinement, b.refinement) &&
           same(a.load_distance, b.load_distance) && same(a.activation_cost, b.activation_cost) &&
           same(a.raw_size, b.raw_size) && same(a.run_at, b.run_at) &&
           same(a.run_size, b.run_size) && same(a.first_asset, b.first_asset) &&
           same(a.first_chunk, b.first_chunk) && same(a.first_dependency, b.first_dependency);
  }

  static bool same_gates(const GateTable& a, const GateTable& b) {
    return same(a.container, b.container) && same(a.name_hash, b.name_hash) &&
           same(a.target, b.target) && same(a.position, b.position) &&
           same(a.target_position, b.target_position) && same(a.radius, b.radius) &&
           same(a.lead_time, b.lead_time);
  }

  bool same_names(const NameTable& names) const {
    return same(names.container_name_at, tables_.names.container_name_at) &&
           same(names.asset_name_at, tables_.names.asset_name_at) &&
           same(names.gate_name_at, tables_.names.gate_name_at) &&
           same(names.bytes, tables_.names.bytes);
  }

  Outcome judge_container(ContainerReader& reader, const WorldTables& world,
                          std::uint32_t id) const {
    const std::vector<std::byte>& expected = raw_[id];
    std::vector<std::byte> got(expected.size());
    Outcome outcome = Outcome::right;
    if (reader.read_container(id, got)) {
      outcome = Outcome::refused;
    } else if (got != expected) {
      return Outcome::wrong;
    }
    for (std::uint32_t i = world.containers.first_asset[id];
         i < world.containers.first_asset[id + 1]; ++i) {
      got.assign(world.assets.raw_size[i], std::byte{0});
      if (reader.read_range(id, world.assets.raw_at[i], got)) {
        outcome = Outcome::refused;
      } else if (!std::equal(
                     got.begin(), got.end(),
                     expected.begin() + static_cast<std::ptrdiff_t>(world.assets.raw_at[i]))) {
        return Outcome::wrong;
      }
    }
    return outcome;
  }

  std::vector<std::byte> bytes_;
  ArchiveTables tables_;
  std::vector<std::vector<std::byte>> raw_;
  bool sound_ = true;
};

}  // namespace nf::sample
