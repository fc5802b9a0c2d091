// The golden archive, its decoded bytes, and the promise that every damaged copy of it is held to:
// the right bytes or an error, never anything else. One owner; reads the file once.
#pragma once

#include <cstdint>
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
  // `wrong` if a single byte came out that is not the golden archive's.
  Outcome judge(std::span<const std::byte> mutant) const {
    const ByteSource source = ByteSource::of_memory(mutant);
    const Result<ArchiveTables> tables = read_archive_tables(source);
    if (!tables) return Outcome::refused;
    if (!same_names(*tables)) return Outcome::wrong;
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
  bool same_names(const ArchiveTables& tables) const {
    const WorldTables& world = tables.world;
    if (world.containers.count() != raw_.size() ||
        world.assets.count() != tables_.world.assets.count()) {
      return false;
    }
    for (std::uint32_t id = 0; id < raw_.size(); ++id) {
      if (world.containers.path_hash[id] != tables_.world.containers.path_hash[id] ||
          world.containers.raw_size[id] != raw_[id].size() ||
          tables.names.container_name(id) != tables_.names.container_name(id)) {
        return false;
      }
    }
    for (std::uint32_t i = 0; i < world.assets.count(); ++i) {
      if (world.assets.name_hash[i] != tables_.world.assets.name_hash[i]) return false;
    }
    return true;
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
