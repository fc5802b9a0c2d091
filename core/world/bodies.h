// Bodies: the parts of the world that are rigid in themselves, and where they are.
//
// A body is a container whose frame moves (planet, ship, lift), with everything below it that does
// not move by itself. Places are kept in the frame of their body, so that a body moves at the cost
// of one pose, and a room on a moon at 5e12 m keeps its millimetres. A body without a parent is a
// *space*: nothing outside of it is near.
//
// Bodies come and go and change their parents while the world runs: what is spawned, docks and is
// taken away.
//
// Thread: the owner's. Allocates in `reserve` only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/world/box_forest.h"
#include "core/world/place_index.h"
#include "core/world/pose.h"

namespace nf {

using BodyId = Id<struct BodyTag>;

// Beyond this, metres from its body's origin, a container with children begins a body of its own:
// a double's step there is 0.1 micrometres.
inline constexpr double kBodyRadiusMax = 1 << 30;

struct Body {
  ContainerRange range;  // its container and all below it, other bodies' included; empty: no one's
  BodyId parent;         // whose frame it is placed in; none: a space
  BodyId enclosing;      // the innermost one whose range has this one's container; none: no one's
  ContainerId stated_in;  // whose frame its motion is stated in; none: the root frame
  Pose anchor;            // of that frame, in the parent's
  MovingPose moving;     // in the parent's frame
  Time posed_at = Time::never();
  bool may_move = false;
  bool removed = false;  // stands until `forget_changes`, so that one can still ask where it was
  // Of its own places, in its own frame; shared by all that were spawned from one template. Never
  // empty. What it finds has the numbers of the template's containers: add `id_shift`.
  std::shared_ptr<const PlaceIndex> index = nullptr;
  std::uint32_t id_shift = 0;
  double own_radius = 0;        // around its origin: whence any of its own places is needed
  float own_load_distance = 0;  // the largest among them
  double radius = 0;            // the same of it and the bodies below it
  float load_distance = 0;
};

// Where a body is placed, and the frame there that its motion is stated in.
struct Beside {
  BodyId parent;
  ContainerId stated_in;  // none: the root frame
  Pose anchor;            // of that frame, in the parent's
};

class Bodies {
 public:
  // How far ahead of a body's way its reach is kept, so that it is found before it comes.
  explicit Bodies(Duration sweep = {8'000'000'000}) : sweep_(sweep) {}

  std::uint32_t count() const { return static_cast<std::uint32_t>(bodies_.size()); }
  const Body& operator[](BodyId id) const { return bodies_[id.value]; }

  // Makes room for `count` bodies, and for numbers of containers below `spawned` that are given
  // and taken back; on an error nothing has changed.
  Result<void> reserve(std::uint32_t count, std::uint32_t spawned);
  std::uint32_t reserved() const { return reserved_; }
  // There is room. Its index is there already; its parent was added before.
  BodyId add(Body body);
  // Nothing has it as its parent any more. Of what was spawned; of an archive's, all at once.
  void remove(BodyId id);
  void remove_all(ContainerRange archive);
  // It goes on in the frame of another body, which is not below it.
  void attach(BodyId id, const Beside& beside, const MovingPose& moving, Time now);
  // What its motion is stated in is gone: from now on it is the frame of the body it is placed in.
  void state_in_parent(BodyId id);
  // After a change of its places.
  void set_index(BodyId id, PlaceIndex index);
  // Bodies that are placed in this one's frame; until the next change.
  std::span<const BodyId> placed_in(BodyId id);
  // Whether `id` is `above` or somewhere below it.
  bool is_below(BodyId id, BodyId above) const;

  // The body that begins with this container; none if it is not the first of one.
  BodyId first_with(ContainerId id) const;
  // The first container at or after this one that a body of an archive begins with; none: there is
  // no further one.
  ContainerId next_begin(ContainerId id) const;
  // The body that this container is part of.
  BodyId of(ContainerId id) const;

  // From now on; of one that may move. A velocity and a spin that are both zero are replaced by
  // those measured since the pose before.
  void set_pose(BodyId id, const MovingPose& pose, Time now);

  // Of the body's frame, in that of the space it is in.
  Pose pose_in_space(BodyId id) const;
  // How `from` moves in the frame of `to`; false if they are in different spaces.
  bool relate(BodyId from, BodyId to, MovingPose& way) const;

  // Children by parent, each with the box that its places can be needed from within the sweep.
  const BoxForest& children() const { return children_; }
  // Bodies whose box in `children` was set anew since the last `forget_changes`.
  std::span<const BodyId> changed() const { return changed_; }
  // Bodies that went or were attached elsewhere since then: the way that eyes in them were derived
  // by is no more.
  std::span<const BodyId> severed() const { return severed_; }
  void forget_changes();
  // Another number after each pose.
  std::uint64_t version() const { return version_; }

 private:
  std::uint32_t depth(BodyId id) const;
  MovingPose climb(BodyId from, BodyId to) const;
  void number(BodyId id);
  void note_changed(BodyId id);
  void sever(BodyId id);
  void leave_parent(BodyId id);
  void take_out(BodyId id);
  void measure(const Body& body, MovingPose& pose, Time now) const;
  void fit(BodyId id);
  bool fits(const Body& body, const BoxForest::Entry& entry) const;
  BoxForest::Entry fat_entry(const Body& body) const;
  bool update_radius(Body& body, BodyId id) const;

  Duration sweep_;
  std::vector<Body> bodies_;
  std::vector<BodyId> by_first_;    // ascending by the first container of the range
  std::vector<BodyId> of_spawned_;  // by container, those that are not in by_first_
  std::vector<BodyId> free_;
  std::vector<BodyId> placed_in_;  // scratch
  BoxForest children_;             // tree and leaf: number of the body
  std::vector<BodyId> changed_, severed_;
  std::vector<std::uint8_t> is_changed_, is_severed_;
  std::uint64_t version_ = 0;
  std::uint32_t reserved_ = 0;
};

}  // namespace nf
