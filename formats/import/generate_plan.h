// generate_plan: which containers a generated star system has, where, and how large. No bytes yet.
//
// Pure; any thread. The system is small in metres and true in proportion: planets some 50 km wide
// and 300 km apart, so that a flight at a few hundred metres a second meets something all the time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/types.h>

#include "core/world/world_tables.h"
#include "formats/pack/source_world.h"

namespace nf {

enum class PlanKind : std::uint8_t { group, materials, body, zone, room, ship };

struct PlanContainer {
  std::string name;
  std::string path;  // folder of its files; empty for the root
  std::uint32_t parent = ~0u;
  PlanKind kind = PlanKind::group;
  WorldPosition position;  // in the parent's frame
  Rotation rotation;
  BoundsKind bounds_kind = BoundsKind::none;
  LocalVector bounds_center;
  LocalVector bounds_half_extent;
  float load_distance = 0;
  std::uint32_t activation_cost = 0;
  std::uint64_t size = 0;  // bytes of its assets
  std::vector<std::uint32_t> dependencies;
  bool moves = false;
  bool is_template = false;
  Refinement refinement = Refinement::none;
  std::vector<std::string> tags;
  std::vector<SourceGate> gates;
  WorldPosition world_position;  // of its frame in the root's
  double body_radius = 0;        // of a body, and of the body that a zone lies on
};

struct WorldPlan {
  std::vector<PlanContainer> containers;  // a parent comes before its children
  std::vector<std::uint32_t> zones;       // in the order in which a road would join them
};

WorldPlan plan_world(std::uint64_t size, std::uint64_t seed);

struct RoutePoint {
  double seconds = 0;
  WorldPosition position;
};

// Low over zone after zone at 250 m/s, and fast from body to body; ends slowly between
// the rooms of the last zone. At least 20 seconds, however small the world.
std::vector<RoutePoint> plan_tour(const WorldPlan& plan);

}  // namespace nf
