// World tables built by hand, for the tests of everything that reads a world.
//
// Test code, one thread. The tables belong to the caller.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "core/base/prng.h"
#include "core/world/vector_math.h"
#include "core/world/world_tables.h"

namespace nf::test {

struct NewContainer {
  std::uint32_t parent = ContainerId::none_value;
  WorldPosition position;
  Rotation rotation;
  LocalVector bounds_center;
  LocalVector half_extent;
  BoundsKind kind = BoundsKind::none;
  float load_distance = 0;
  std::vector<std::uint32_t> dependencies;
  ContainerFlags flags = ContainerFlags::none;
  Refinement refinement = Refinement::none;
};

inline NewContainer sphere_at(WorldPosition position, float radius, float load_distance,
                              std::uint32_t parent = 0) {
  NewContainer container;
  container.parent = parent;
  container.position = position;
  container.half_extent = {radius, radius, radius};
  container.kind = BoundsKind::sphere;
  container.load_distance = load_distance;
  return container;
}

inline NewContainer box_at(WorldPosition position, LocalVector half_extent, float load_distance,
                           std::uint32_t parent = 0) {
  NewContainer container;
  container.parent = parent;
  container.position = position;
  container.half_extent = half_extent;
  container.kind = BoundsKind::box;
  container.load_distance = load_distance;
  return container;
}

inline NewContainer moving(NewContainer container) {
  container.flags = container.flags | ContainerFlags::moves;
  return container;
}

inline PathHash test_path(std::uint64_t seed, std::uint32_t local) {
  Prng prng(seed * 0x1'0000'0000ull + local);
  const std::uint64_t low = prng.next();
  return {low, prng.next()};
}

template <class T>
void size_to(Array<T>& array, std::size_t count) {
  Result<Array<T>> made = Array<T>::make(count);
  NF_ASSERT(made.has_value());
  array = std::move(*made);
}

// Only what a World reads. `containers` are in depth-first order, the root first.
inline WorldTables make_tables(std::span<const NewContainer> containers, std::uint64_t seed = 1) {
  WorldTables world;
  ContainerTable& table = world.containers;
  const std::size_t count = containers.size();
  size_to(table.path_hash, count);
  size_to(table.parent, count);
  size_to(table.position, count);
  size_to(table.rotation, count);
  size_to(table.bounds_center, count);
  size_to(table.bounds_half_extent, count);
  size_to(table.bounds_kind, count);
  size_to(table.flags, count);
  size_to(table.refinement, count);
  size_to(table.subtree_end, count);
  size_to(table.load_distance, count);
  size_to(table.first_dependency, count + 1);
  std::vector<std::uint32_t> dependencies;
  for (std::uint32_t i = 0; i < count; ++i) {
    const NewContainer& container = containers[i];
    table.path_hash[i] = test_path(seed, i);
    table.flags[i] = container.flags;
    table.refinement[i] = container.refinement;
    table.subtree_end[i] = i + 1;
    const bool says_parent = container.parent != ContainerId::none_value;
    table.parent[i] = i == 0 ? ContainerId::none_value : says_parent ? container.parent : 0;
    table.position[i] = container.position;
    table.rotation[i] = container.rotation;
    table.bounds_center[i] = container.bounds_center;
    table.bounds_half_extent[i] = container.half_extent;
    table.bounds_kind[i] = container.kind;
    table.load_distance[i] = container.load_distance;
    dependencies.insert(dependencies.end(), container.dependencies.begin(),
                        container.dependencies.end());
    table.first_dependency[i + 1] = static_cast<std::uint32_t>(dependencies.size());
  }
  for (std::size_t i = count; i-- > 1;) {
    std::uint32_t& end = table.subtree_end[table.parent[i]];
    end = std::max(end, table.subtree_end[i]);
  }
  size_to(world.dependencies, dependencies.size());
  for (std::size_t i = 0; i < dependencies.size(); ++i) world.dependencies[i] = dependencies[i];
  return world;
}

inline Rotation about(WorldVector axis, double degrees) {
  const double half = degrees * 3.14159265358979323846 / 360;
  const double scale = std::sin(half) / length(axis);
  return {static_cast<float>(axis.x * scale), static_cast<float>(axis.y * scale),
          static_cast<float>(axis.z * scale), static_cast<float>(std::cos(half))};
}

inline WorldVector random_direction(Prng& prng) {
  for (;;) {
    const WorldVector v{prng.between(-1, 1), prng.between(-1, 1), prng.between(-1, 1)};
    const double size = length(v);
    if (size > 0.1 && size < 1) return v * (1 / size);
  }
}

inline Rotation random_rotation(Prng& prng) {
  return about(random_direction(prng), prng.between(0, 360));
}

// Spheres and turned boxes, log-uniform in size, under a root without a place.
inline std::vector<NewContainer> random_places(Prng& prng, std::size_t count, double width,
                                               double size_min, double size_max) {
  std::vector<NewContainer> places(1);
  const auto log_uniform = [&](double low, double high) {
    return static_cast<float>(low * std::pow(high / low, prng.unit()));
  };
  while (places.size() < count) {
    const WorldPosition at{prng.between(-width, width), prng.between(-width, width),
                           prng.between(-width, width)};
    const float size = log_uniform(size_min, size_max);
    const float load = size * static_cast<float>(prng.between(0, 4));
    if (prng.chance(0.5)) {
      places.push_back(sphere_at(at, size, load));
    } else {
      places.push_back(box_at(at, {size, log_uniform(size_min, size_max), size / 3}, load));
      places.back().rotation = random_rotation(prng);
    }
  }
  return places;
}

}  // namespace nf::test
