#include "core/world/world_tables.h"

namespace nf {
namespace {

// Sizes one array after the other; the first refusal stands and the rest stay empty.
class TableMaker {
 public:
  template <class T>
  void make(Array<T>& array, std::size_t count) {
    if (error_) return;
    Result<Array<T>> made = Array<T>::make(count);
    if (made) {
      array = std::move(*made);
    } else {
      error_ = made.error();
    }
  }
  const Error& error() const { return error_; }

 private:
  Error error_;
};

void make_containers(ContainerTable& table, std::size_t count, TableMaker& maker) {
  maker.make(table.path_hash, count);
  maker.make(table.parent, count);
  maker.make(table.subtree_end, count);
  maker.make(table.position, count);
  maker.make(table.rotation, count);
  maker.make(table.bounds_center, count);
  maker.make(table.bounds_half_extent, count);
  maker.make(table.bounds_kind, count);
  maker.make(table.flags, count);
  maker.make(table.refinement, count);
  maker.make(table.load_distance, count);
  maker.make(table.activation_cost, count);
  maker.make(table.raw_size, count);
  maker.make(table.run_at, count);
  maker.make(table.run_size, count);
  maker.make(table.first_asset, count + 1);
  maker.make(table.first_chunk, count + 1);
  maker.make(table.first_dependency, count + 1);
}

void make_chunks(ChunkTable& table, std::size_t count, TableMaker& maker) {
  maker.make(table.checksum, count);
  maker.make(table.stored_at, count);
  maker.make(table.stored_size, count);
  maker.make(table.raw_at, count);
  maker.make(table.raw_size, count);
  maker.make(table.codec, count);
}

void make_gates(GateTable& table, std::size_t count, TableMaker& maker) {
  maker.make(table.container, count);
  maker.make(table.name_hash, count);
  maker.make(table.target, count);
  maker.make(table.position, count);
  maker.make(table.target_position, count);
  maker.make(table.radius, count);
  maker.make(table.lead_time, count);
}

}  // namespace

Result<WorldTables> make_world_tables(const WorldCounts& counts) {
  if (counts.containers > kContainersMax || counts.assets > kAssetsMax ||
      counts.chunks > kChunksMax || counts.dependencies > kDependenciesMax ||
      counts.gates > kGatesMax) {
    return Error{.code = ErrorCode::limit_exceeded};
  }
  WorldTables world;
  TableMaker maker;
  make_containers(world.containers, counts.containers, maker);
  maker.make(world.assets.name_hash, counts.assets);
  maker.make(world.assets.raw_at, counts.assets);
  maker.make(world.assets.raw_size, counts.assets);
  maker.make(world.assets.kind, counts.assets);
  make_chunks(world.chunks, counts.chunks, maker);
  maker.make(world.dependencies, counts.dependencies);
  make_gates(world.gates, counts.gates, maker);
  if (maker.error()) return maker.error();
  return world;
}

}  // namespace nf
