// The world that the runtime sees: every mounted archive's containers under one numbering, placed
// in the root frame, with an index that answers "what could matter near this path?".
//
// Thread: the owner's. `mount` allocates; everything else neither allocates nor blocks.
// Memory: borrows each mount's WorldTables, which must outlive the World.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/device.h>
#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/world/place_index.h"
#include "core/world/world_tables.h"

namespace nf {

struct Mount {
  const WorldTables* tables = nullptr;
  FileId file;
  ContainerRange range;
};

// Where a container's bounds are in the root frame, and from how far it is needed. One cache line:
// places are looked at one by one, in no order.
struct alignas(64) Place {
  WorldPosition center;
  Rotation rotation;        // of the bounds' axes; identity for spheres
  LocalVector half_extent;  // box; for a sphere all three are its radius
  BoundsKind kind = BoundsKind::none;
  float load_distance = 0;  // metres from the bounds
};
static_assert(sizeof(Place) == 64);

class World {
 public:
  // Adds an archive's containers at the end of the numbering; checks nothing (see check_world).
  Result<ContainerRange> mount(const WorldTables& tables, FileId file);

  std::uint32_t container_count() const { return container_count_; }
  std::span<const Mount> mounts() const { return mounts_; }
  const Mount& mount_of(ContainerId id) const;
  std::uint32_t local_id(ContainerId id) const { return id.value - mount_of(id).range.first.value; }

  const Place& place(ContainerId id) const { return places_[id.value]; }
  // In the tables' own numbering; add the mount's first id.
  std::span<const std::uint32_t> dependencies(ContainerId id) const;
  // None if there is no such container; of several archives that have it, the one mounted last.
  ContainerId find(PathHash path) const;

  const PlaceIndex& index() const { return index_; }

 private:
  std::vector<Mount> mounts_;
  std::vector<Place> places_;
  std::vector<std::pair<PathHash, ContainerId>> by_path_;  // ascending
  PlaceIndex index_;
  std::uint32_t container_count_ = 0;
};

// Distance in metres from a point to the bounds of a place, 0 inside. BoundsKind::none: infinity.
double distance_to(const Place& place, WorldPosition point);

}  // namespace nf
