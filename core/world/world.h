// The world that the runtime sees: every mounted archive's containers under one numbering, each
// placed in the frame of its body, and the bodies with an index that answers "what could matter
// near this path?".
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

#include "core/world/bodies.h"
#include "core/world/place_index.h"
#include "core/world/world_tables.h"

namespace nf {

// The containers of one archive that are finer levels of others, in its own numbering.
struct Levels {
  std::vector<std::uint32_t> parents;  // those that have finer levels, ascending
  std::vector<std::uint32_t> first_finer;
  std::vector<std::uint32_t> finer;  // of each parent, ascending
  // A finer level needs what it refines, and what that needs: the whole list of each, by id.
  std::vector<std::uint32_t> ids;  // ascending
  std::vector<std::uint32_t> first_need;
  std::vector<std::uint32_t> needs;

  static Levels of(const WorldTables& tables);
  std::span<const std::uint32_t> finer_than(std::uint32_t parent) const;
  std::span<const std::uint32_t> needs_of(std::uint32_t id) const;
};

// Containers as the World numbers them, read from a list in an archive's own numbering.
class ContainerList {
 public:
  class Iterator {
   public:
    Iterator(const ContainerList& list, std::size_t at) : list_(list), at_(at) {}
    ContainerId operator*() const { return list_[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const ContainerList& list_;
    std::size_t at_;
  };

  ContainerList(std::span<const std::uint32_t> local, ContainerId first)
      : local_(local), first_(first) {}
  std::size_t size() const { return local_.size(); }
  bool empty() const { return local_.empty(); }
  ContainerId operator[](std::size_t i) const { return {first_.value + local_[i]}; }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  std::span<const std::uint32_t> local_;
  ContainerId first_;
};

struct Mount {
  const WorldTables* tables = nullptr;
  FileId file;
  ContainerRange range;
  bool apart = false;
  std::vector<std::uint32_t> by_path;  // local ids, ascending by path hash
  Levels levels;
};

// Where a container's bounds are in the frame of its body, and from how far it is needed. One cache
// line: places are looked at one by one, in no order.
struct alignas(64) Place {
  WorldPosition center;
  Rotation rotation;        // of the bounds' axes; identity for spheres
  LocalVector half_extent;  // box; for a sphere all three are its radius
  BoundsKind kind = BoundsKind::none;
  float load_distance = 0;  // metres from the bounds
};
static_assert(sizeof(Place) == 64);

// Where a container's frame is: a pose in the frame of its body.
struct FramePlace {
  BodyId body;
  Pose pose;
};

// The body of what does not move, in the frame that the roots of all mounts share.
inline constexpr BodyId kRootBody{0};

class World {
 public:
  World();

  // Adds an archive's containers at the end of the numbering; checks nothing (see check_world).
  // `apart`: its root is a space of its own, near nothing of other mounts.
  Result<ContainerRange> mount(const WorldTables& tables, FileId file, bool apart = false);

  std::uint32_t container_count() const { return container_count_; }
  std::span<const Mount> mounts() const { return mounts_; }
  const Mount& mount_of(ContainerId id) const;
  std::uint32_t local_id(ContainerId id) const { return id.value - mount_of(id).range.first.value; }

  // In the frame of its body.
  const Place& place(ContainerId id) const { return places_[id.value]; }
  // The same in the root frame, or in that of its own space; rounded as such coordinates are.
  Place place_in_space(ContainerId id) const;
  // What it needs: shared containers, and for a finer level all that it refines.
  ContainerList dependencies(ContainerId id) const;
  Refinement refinement(ContainerId id) const;
  ContainerId parent(ContainerId id) const;  // none: the root of an archive
  ContainerList finer_levels(ContainerId id) const;
  // None if there is no such container; of several archives that have it, the one mounted last.
  ContainerId find(PathHash path) const;

  const Bodies& bodies() const { return bodies_; }
  // No more bodies than this begin in an archive.
  static std::uint32_t bodies_most(const WorldTables& tables);
  // Of a container's frame; of none: the root frame that the mounts share.
  FramePlace frame(ContainerId id) const;
  // `pose` is in the frame of its parent. invalid_argument if its frame does not move
  // (ContainerFlags::moves), or the pose is no pose.
  Result<void> set_pose(ContainerId id, const MovingPose& pose, Time now);
  // What `bodies().changed()` says has been taken note of.
  void forget_changes() { bodies_.forget_changes(); }

  const PlaceIndex& index(BodyId body = kRootBody) const { return bodies_[body].index; }

 private:
  struct NewBody;

  std::vector<NewBody> place_all(const Mount& mount);
  void add_bodies(std::span<NewBody> bodies, const Mount& mount);
  PlaceIndex index_of_root() const;
  IndexedPlace indexed(ContainerId id) const;
  bool begins_body(const Mount& mount, std::uint32_t local, const Pose& pose) const;

  std::vector<Mount> mounts_;
  std::vector<Place> places_;
  Bodies bodies_;
  std::uint32_t container_count_ = 0;
};

// Distance in metres from a point to the bounds of a place, 0 inside. BoundsKind::none: infinity.
double distance_to(const Place& place, WorldPosition point);

}  // namespace nf
