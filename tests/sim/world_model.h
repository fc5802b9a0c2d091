// WorldModel: where everything is, reckoned from the archives' tables and from what the engine said
// of its frames, with none of the runtime's bodies, indexes and eyes: each frame in its parent's,
// each observer seen in every frame there is.
//
// Borrows the worlds. One owner, no thread of its own.
#pragma once

#include <array>
#include <vector>

#include <nearfield/types.h>

#include "tests/sim/sim_world.h"

namespace nf::sim {

// Where an observer is. None: the frame that the roots of all archives share that are not apart.
struct Spot {
  ContainerId frame;
  WorldPosition position;
};

// One observer as every frame sees it.
struct View {
  struct Seen {
    WorldPosition at;
    double magnitude = 0;  // of the largest coordinate on the way here: rounding goes with it
    bool same_space = false;
  };
  Seen in_root;
  std::vector<Seen> in;  // by container
};

class WorldModel {
 public:
  void add(const SimWorld& world, bool apart);
  void set_frame(ContainerId id, WorldPosition position, WorldRotation rotation);

  std::uint32_t count() const { return static_cast<std::uint32_t>(nodes_.size()); }
  void look(const Spot& spot, View& view) const;

  bool moves(ContainerId id) const { return has(nodes_[id.value].flags, ContainerFlags::moves); }
  // It has a place: not of a template, and with bounds.
  bool placed(ContainerId id) const { return nodes_[id.value].placed; }
  // Something can be in its frame.
  bool has_frame(ContainerId id) const {
    return !has(nodes_[id.value].flags, ContainerFlags::shared) && !nodes_[id.value].in_template;
  }
  ContainerId parent(ContainerId id) const { return nodes_[id.value].parent; }
  Refinement refinement(ContainerId id) const { return nodes_[id.value].refinement; }
  WorldPosition position(ContainerId id) const { return nodes_[id.value].frame.origin; }
  double size(ContainerId id) const { return nodes_[id.value].half[0]; }
  double load_distance(ContainerId id) const { return nodes_[id.value].load_distance; }

  // From the observer to the bounds that this container is needed by; only of what is placed and in
  // the same space.
  double distance(const View& view, ContainerId id) const;
  // How far that may be off.
  double doubt(const View& view, ContainerId id) const;
  WorldVector turned_into(ContainerId frame, WorldVector inner) const;  // the parent's axes

 private:
  struct Frame {  // in the parent's
    std::array<std::array<double, 3>, 3> axes{};
    WorldPosition origin;

    WorldPosition outwards(WorldPosition inner) const;
    WorldPosition inwards(WorldPosition outer) const;
  };
  struct Node {
    ContainerId parent;  // none: in the shared root frame, or the root of a space
    bool is_space = false;
    bool placed = false;
    bool in_template = false;
    ContainerFlags flags = ContainerFlags::none;
    Refinement refinement = Refinement::none;
    BoundsKind kind = BoundsKind::none;
    Frame frame;
    WorldPosition center;
    std::array<double, 3> half{};
    double load_distance = 0;
  };

  static Frame frame_of(WorldPosition position, WorldRotation rotation);

  std::vector<Node> nodes_;
};

}  // namespace nf::sim
