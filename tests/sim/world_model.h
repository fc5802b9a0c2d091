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
  bool nowhere = false;  // its space is gone, and the frame's number may be another one's by now
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
  explicit WorldModel(std::uint32_t spawned_max) : nodes_(spawned_max) {}

  void add(const SimWorld& world, bool apart, ContainerRange range);
  // As many of the template's containers as it has, from `first` on.
  void spawn(ContainerId template_root, std::uint32_t count, ContainerId first, ContainerId parent);
  // What is in it, and stays, goes on in what is around, from where it is.
  void remove(ContainerRange range);
  void attach(ContainerId id, ContainerId parent);  // its frame is set next
  // What was outside of all that was removed: of a spot in it, or of a frame placed in it.
  Spot left_behind(Spot spot, ContainerRange removed) const;
  void set_frame(ContainerId id, WorldPosition position, WorldRotation rotation);

  std::uint32_t count() const { return static_cast<std::uint32_t>(nodes_.size()); }
  void look(const Spot& spot, View& view) const;

  std::uint64_t version() const { return version_; }  // of what there is, and in what
  bool exists(ContainerId id) const { return nodes_[id.value].exists; }
  bool moves(ContainerId id) const {
    return exists(id) && has(nodes_[id.value].flags, ContainerFlags::moves);
  }
  bool is_below(ContainerId id, ContainerId above) const;  // or that itself
  // It has a place: not of a template, and with bounds.
  bool placed(ContainerId id) const { return nodes_[id.value].placed; }
  bool is_of_template(ContainerId id) const { return nodes_[id.value].in_template; }
  // Something can be in its frame.
  bool has_frame(ContainerId id) const {
    const Node& node = nodes_[id.value];
    return node.exists && !has(node.flags, ContainerFlags::shared) && !node.in_template;
  }
  ContainerId parent(ContainerId id) const { return nodes_[id.value].parent; }
  Refinement refinement(ContainerId id) const { return nodes_[id.value].refinement; }
  WorldPosition position(ContainerId id) const { return nodes_[id.value].frame.origin; }
  double size(ContainerId id) const { return nodes_[id.value].half[0]; }
  double load_distance(ContainerId id) const { return nodes_[id.value].load_distance; }

  // From the observer to the bounds that this container is needed by; only of what is placed and in
  // the same space.
  double distance(const View& view, ContainerId id) const;
  // As far from those bounds.
  Spot beside(ContainerId id, double distance) const;
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
    bool exists = false;
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
  static Frame outwards(const Frame& outer, const Frame& inner);
  // A finer level is needed by the bounds of its parent.
  std::uint32_t bounds_of(ContainerId id) const {
    const Node& own = nodes_[id.value];
    return own.refinement != Refinement::none ? own.parent.value : id.value;
  }
  void put_in_order();
  void put_in_order(std::uint32_t id, std::vector<bool>& done);

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> order_;  // of those that exist: parents first
  std::uint64_t version_ = 0;
};

}  // namespace nf::sim
