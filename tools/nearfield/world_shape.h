// WorldShape: the leaves that a route visits, and the spheres that they lie on.
//
// Pure; one owner, because answers are remembered. Borrows the World.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/world/world.h"

namespace nf {

// It has bounds, and is none of a template, which has no place until the engine spawns it.
bool is_placed(const World& world, ContainerId id);

class WorldShape {
 public:
  explicit WorldShape(const World& world);

  // Placed containers with no placed container inside, ascending by id.
  const std::vector<ContainerId>& leaves() const { return leaves_; }
  const std::vector<WorldPosition>& centers() const { return centers_; }

  // Where a tour begins: the first leaf of the container that has most leaves of its own. Index
  // into `leaves`, which is not empty.
  std::uint32_t crowded_leaf() const;

  // Centre of the smallest sphere-like neighbourhood that holds both leaves: nearly all leaves of a
  // common ancestor are equally far from it. None if there is no such ancestor.
  std::optional<WorldPosition> shell_center(std::uint32_t leaf_a, std::uint32_t leaf_b);

 private:
  enum class Known : std::uint8_t { not_yet, shell, flat };
  bool is_shell(std::uint32_t container, WorldPosition& center);
  bool surrounded(std::uint32_t container, WorldPosition center) const;

  const World& world_;
  const ContainerTable& table_;
  std::vector<ContainerId> leaves_;
  std::vector<WorldPosition> centers_;  // of leaves
  std::vector<WorldPosition> origins_;  // of every container's frame, in the root frame
  std::vector<Known> known_;
  std::vector<WorldPosition> shell_centers_;
};

}  // namespace nf
