// The world that the runtime sees: every mounted archive's containers under one numbering, each
// placed in the frame of its body, and the bodies with an index that answers "what could matter
// near this path?".
//
// Archives come and go whole (`mount`, `unmount`). What is spawned from a template has numbers of
// its own, below those of all archives, and the template's records and bytes; it comes and goes as
// bodies do.
//
// Thread: the owner's. `mount` and `unmount` allocate; everything else neither allocates nor
// blocks.
// Memory: borrows each mount's WorldTables, which must outlive the World.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/device.h>
#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/world/bodies.h"
#include "core/world/mount.h"
#include "core/world/place_index.h"
#include "core/world/seat.h"
#include "core/world/world_tables.h"

namespace nf {

// Where a container's bounds are in the frame of its body, and from how far it is needed. Put
// together of its Seat and its archive's tables when it is asked for.
struct Place {
  WorldPosition center;
  Rotation rotation;        // of the bounds' axes; identity for spheres
  LocalVector half_extent;  // box; for a sphere all three are its radius
  BoundsKind kind = BoundsKind::none;
  float load_distance = 0;  // metres from the bounds
};

// Where a container's frame is: a pose in the frame of its body.
struct FramePlace {
  BodyId body;
  Pose pose;
};

// The body of what does not move, in the frame that the roots of all mounts share.
inline constexpr BodyId kRootBody{0};

class World {
 public:
  // At most `spawned_max` containers are spawned at one time; their numbers are the first ones.
  explicit World(std::uint32_t spawned_max = 0);

  // Adds an archive's containers, behind all others or where others went; checks nothing (see
  // check_world). `apart`: its root is a space of its own, near nothing of other mounts.
  Result<ContainerRange> mount(const WorldTables& tables, FileId file, bool apart = false);
  // How many numbers there are once that archive is mounted.
  std::uint32_t container_count_with(const WorldTables& tables) const;
  // No more bodies than this are there from then on, whatever is spawned.
  std::uint32_t body_count_with(const WorldTables& tables, bool apart) const;
  // Takes the places of an archive away; what was attached to it from elsewhere goes on beside it,
  // as `despawn` says. in_use while something is spawned from its templates, or attached to one
  // that is a space.
  Result<void> unmount(ContainerId root, Time now);
  // Takes its records away and gives back its numbers, once nobody uses them.
  void forget(ContainerId root);

  // A template's subtree with a place, in the frame of `parent` (none: the root frame). The numbers
  // of its containers follow the returned one as the template's follow its root. invalid_argument
  // if it is no template, `parent` has no frame or the motion is none; limit_exceeded past
  // spawned_max.
  Result<ContainerId> spawn(ContainerId template_root, ContainerId parent, const MovingPose& pose,
                            Time now);
  // Takes its place away. What is attached to it goes on beside it: where it is, its next pose in
  // the frame of the first container around that stays. in_use if it has nothing around it.
  // not_found if it is not the first container of what was spawned.
  Result<void> despawn(ContainerId root, Time now);
  // Gives back its numbers, once nobody uses them.
  void forget_spawned(ContainerId root);
  // A container whose frame moves goes on in the frame of another: a ship docks. Not in anything
  // that is below it.
  Result<void> attach(ContainerId id, ContainerId parent, const MovingPose& pose, Time now);

  // A number that is in use, and whose container has not been taken away.
  bool exists(ContainerId id) const;
  // Something can be placed in its frame: it is there, and not of a template, which has no place.
  // None: the root frame.
  bool has_frame(ContainerId id) const;
  std::uint32_t spawned_max() const { return spawned_max_; }
  bool is_spawned(ContainerId id) const { return id.value < spawned_max_; }
  // Of what was spawned, by its first container.
  ContainerRange spawned_range(ContainerId root) const;

  std::uint32_t container_count() const { return container_count_; }
  // Ascending by their ranges.
  std::span<const Mount> mounts() const { return mounts_; }
  // Another number after each mount and unmount.
  std::uint64_t mounts_version() const { return mounts_version_; }
  Origin origin(ContainerId id) const;
  const Mount& mount_of(ContainerId id) const { return *origin(id).mount; }
  std::uint32_t local_id(ContainerId id) const { return origin(id).local; }
  // Whose bytes it has: its own, or for a spawned one those of the template.
  ContainerId content(ContainerId id) const;

  // In the frame of its body; of a template's container, in that of the template's.
  Place place(ContainerId id) const;
  // Before it is asked for, to have it fetched.
  void prefetch_place(ContainerId id) const;
  // The same in the root frame, or in that of its own space; rounded as such coordinates are.
  Place place_in_space(ContainerId id) const;
  // What it needs: shared containers, and for a finer level all that it refines.
  ContainerList dependencies(ContainerId id) const;
  Refinement refinement(ContainerId id) const;
  ContainerId parent(ContainerId id) const;  // none: the root of an archive or of what was spawned
  ContainerList finer_levels(ContainerId id) const;
  // None if there is no such container; of several archives that have it, the one mounted last.
  ContainerId find(PathHash path) const;

  const Bodies& bodies() const { return bodies_; }
  // Of a container's frame; of none: the root frame that the mounts share.
  FramePlace frame(ContainerId id) const;
  // `pose` is in the frame of its parent. invalid_argument if its frame does not move
  // (ContainerFlags::moves), or the pose is no pose.
  Result<void> set_pose(ContainerId id, const MovingPose& pose, Time now);
  // What `bodies().changed()` says has been taken note of.
  void forget_changes() { bodies_.forget_changes(); }

  const PlaceIndex& index(BodyId body = kRootBody) const { return *bodies_[body].index; }
  // PlaceIndex::find over the body's places.
  std::size_t find_near(BodyId body, const IndexQuery& query, std::span<ContainerId> found,
                        std::size_t& cursor) const;

 private:
  struct NewBody;
  struct Spawned {
    ContainerRange range;  // empty: free
    ContainerId of;        // the template's root
    bool leaving = false;
  };
  static constexpr std::uint32_t kNoSpawned = ~0u;

  static std::uint32_t bodies_most(const WorldTables& tables, bool apart);
  void make_seats();
  void place_all(Mount& mount);
  void add_bodies(std::span<NewBody> bodies, Mount& mount);
  PlaceIndex index_of_body(std::span<const NewBody> bodies, std::size_t body, const Mount& mount,
                           std::span<IndexedPlace> scratch) const;
  ContainerRange take_numbers(std::uint32_t count);
  ContainerId take_spawned_numbers(std::uint32_t count);
  std::uint32_t spawned_with(ContainerId root) const;
  void add_spawned_bodies(const Spawned& spawned, std::span<const TemplateBody> bodies,
                          const Beside& beside, const MovingPose& pose, Time now);
  // Its parent is the first body around this one that is not of the range; none: there is nothing
  // around it.
  Beside around(BodyId body, ContainerRange leaving) const;
  BodyId first_adrift(BodyId body, ContainerRange leaving);
  bool may_go(BodyId body, ContainerRange leaving);
  void set_adrift(BodyId body, ContainerRange leaving, Time now);
  void remove_bodies(ContainerRange spawned);
  Mount* mount_with_root(ContainerId root);
  static void give_back(std::vector<ContainerRange>& free, ContainerRange range);
  PlaceIndex index_of_root() const;

  std::vector<Mount> mounts_;
  Array<Seat> seats_;  // by id; some more than there are numbers
  Bodies bodies_;
  std::uint32_t container_count_ = 0;
  std::uint64_t mounts_version_ = 0;
  std::vector<ContainerRange> free_ranges_;  // of archives that went; ascending, never adjacent

  std::uint32_t spawned_max_ = 0;
  std::vector<Spawned> spawned_;
  std::vector<std::uint32_t> free_spawned_;       // slots of spawned_
  std::vector<std::uint32_t> spawned_of_;         // slot, by container
  std::vector<ContainerRange> free_spawned_ids_;  // ascending, never adjacent
};

// Distance in metres from a point to the bounds of a place, 0 inside. BoundsKind::none: infinity.
double distance_to(const Place& place, WorldPosition point);

}  // namespace nf
