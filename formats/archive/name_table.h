// NameTable: the names of an archive's containers, assets and gates, one after the other in one
// run of bytes, and where each record's name starts.
//
// Filled once by the reader or the writer, then immutable: any thread may read. A check may run a
// thread of its own, which ends with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <thread>

#include <nearfield/result.h>

#include "core/base/array.h"
#include "core/world/world_tables.h"

namespace nf {

struct NameTable {
  Array<std::uint32_t> container_name_at;
  Array<std::uint32_t> asset_name_at;
  Array<std::uint32_t> gate_name_at;
  Array<char> bytes;  // each name is one byte of length and that many bytes

  // Only of tables that check_names has accepted.
  std::string_view name_at(std::uint32_t at) const {
    return {bytes.data() + at + 1, static_cast<unsigned char>(bytes[at])};
  }
  std::string_view container_name(std::uint32_t id) const { return name_at(container_name_at[id]); }
  std::string_view asset_name(std::uint32_t id) const { return name_at(asset_name_at[id]); }
  std::string_view gate_name(std::uint32_t id) const { return name_at(gate_name_at[id]); }
};

// Every name lies inside the table, is a component (the root's is empty), and has the hash that the
// world's tables say; every path is within kPathSizeMax. `world` has passed check_world.
Error check_names(const WorldTables& world, const NameTable& names);

// The parts of it, in the order of their errors. Those of assets need no checked tables.
Error check_container_names(const WorldTables& world, const NameTable& names);
Error check_gate_names(const WorldTables& world, const NameTable& names);

// The asset's part, of which a thread of its own does what it can until `finish`, which does the
// rest and tells the first name that is wrong. The destructor waits for that thread.
class AssetNameCheck {
 public:
  AssetNameCheck(const WorldTables& world, const NameTable& names) : world_(world), names_(names) {}
  AssetNameCheck(const AssetNameCheck&) = delete;
  AssetNameCheck& operator=(const AssetNameCheck&) = delete;
  ~AssetNameCheck();

  void start();  // where there are few names, or no thread to be had, nothing happens yet
  Error finish();

 private:
  void check_blocks();
  void stop();

  const WorldTables& world_;
  const NameTable& names_;
  std::atomic<std::uint32_t> next_ = 0;                  // asset; the first that nobody has taken
  std::atomic<std::uint32_t> first_wrong_ = UINT32_MAX;  // asset
  std::thread thread_;
};

}  // namespace nf
