#include "tests/sim/sim_draft.h"

#include <algorithm>
#include <cmath>

namespace nf::sim {
namespace {

constexpr double kHalfTurn = 3.14159;
constexpr double kFarOff = 2.5e9;  // metres: more than one body's coordinates reach

// Adds containers depth first.
class Drafter {
 public:
  Drafter(Prng& prng, Draft& draft) : prng_(prng), draft_(draft) {
    draft_.containers.push_back({});
  }

  std::uint32_t add(const std::string& name, std::uint32_t parent) {
    const auto id = static_cast<std::uint32_t>(draft_.containers.size());
    const std::string& above = draft_.containers[parent].path;
    draft_.containers.push_back(
        {.path = above.empty() ? name : above + "/" + name, .parent = parent});
    return id;
  }
  DraftContainer& at(std::uint32_t id) { return draft_.containers[id]; }

  void add_shared(std::uint32_t count);
  void add_zones(std::uint32_t count);
  void add_rooms(std::uint32_t parent, std::uint32_t count, double reach);
  void add_planet(std::uint32_t number);
  void add_template(std::uint32_t number);
  void add_fleet(std::uint32_t rooms);
  void add_dependencies();
  void add_chunks(std::uint32_t size_max);
  void add_gates();

 private:
  WorldPosition within(double reach) {
    const double x = prng_.between(-reach, reach);
    const double y = prng_.between(-reach, reach);
    return {x, y, prng_.between(-reach, reach) * 0.2};
  }
  void turn(std::uint32_t id) {
    const double angle = prng_.between(0, kHalfTurn) / 2;
    at(id).rotation = {0, 0, static_cast<float>(std::sin(angle)),
                       static_cast<float>(std::cos(angle))};
  }
  void put(std::uint32_t id, WorldPosition position, double size, double load_distance);
  void add_levels(std::uint32_t planet, double radius, std::uint32_t depth);
  void add_station(std::uint32_t planet, double radius);

  Prng& prng_;
  Draft& draft_;
  std::uint32_t shared_ = 0;
};

void Drafter::put(std::uint32_t id, WorldPosition position, double size, double load_distance) {
  DraftContainer& draft = at(id);
  draft.position = position;
  turn(id);
  const auto half = static_cast<float>(size);
  const bool box = prng_.chance(0.5);
  draft.kind = box ? BoundsKind::box : BoundsKind::sphere;
  draft.half_extent =
      box ? LocalVector{half, half * 0.5f, half * 0.25f} : LocalVector{half, half, half};
  draft.load_distance = static_cast<float>(load_distance);
}

void Drafter::add_shared(std::uint32_t count) {
  shared_ = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t id = add("shared" + std::to_string(i), 0);
    at(id).flags = ContainerFlags::shared;
    // Complete lists: what a dependency depends on comes along.
    if (i == 0 || !prng_.chance(0.3)) continue;
    const std::uint32_t other = 1 + static_cast<std::uint32_t>(prng_.below(i));
    at(id).dependencies = at(other).dependencies;
    at(id).dependencies.push_back(other);
  }
}

void Drafter::add_rooms(std::uint32_t parent, std::uint32_t count, double reach) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t room = add("room" + std::to_string(i), parent);
    put(room, within(reach), reach * prng_.between(0.05, 0.5), reach * prng_.between(0.05, 1.5));
  }
}

void Drafter::add_zones(std::uint32_t count) {
  const double extent = draft_.extent;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t zone = add("zone" + std::to_string(i), 0);
    put(zone, within(extent), extent * prng_.between(0.01, 0.3), extent * prng_.between(0.01, 0.3));
    add_rooms(zone, static_cast<std::uint32_t>(prng_.below(7)), extent * 0.2);
  }
}

// Finer levels whose bounds lie in those of what they refine.
void Drafter::add_levels(std::uint32_t planet, double radius, std::uint32_t depth) {
  const std::uint64_t faces = 1 + prng_.below(3);
  const double distance = radius * prng_.between(0.1, 1);
  for (std::uint64_t i = 0; i < faces; ++i) {
    const std::uint32_t face = add("face" + std::to_string(i), planet);
    put(face, within(radius * 0.5), radius * prng_.between(0.3, 0.6), distance);
    at(face).refinement = Refinement::replace;
    if (depth > 0 && prng_.chance(0.4)) add_levels(face, radius * 0.5, depth - 1);
  }
  if (!prng_.chance(0.4)) return;
  const std::uint32_t clouds = add("clouds", planet);
  put(clouds, within(radius * 0.1), radius, radius * prng_.between(0.1, 1.5));
  at(clouds).refinement = Refinement::add;
}

void Drafter::add_station(std::uint32_t planet, double radius) {
  const std::uint32_t station = add("station", planet);
  const double size = radius * prng_.between(0.05, 0.2);
  put(station, within(radius * 2), size, radius * prng_.between(0.2, 1));
  at(station).flags = ContainerFlags::moves;
  add_rooms(station, static_cast<std::uint32_t>(prng_.below(3)), size);
  if (!prng_.chance(0.6)) return;
  const std::uint32_t ship = add("ship", station);
  put(ship, within(size), size * 0.2, size * prng_.between(0.5, 2));
  at(ship).flags = ContainerFlags::moves;
  add_rooms(ship, 1 + static_cast<std::uint32_t>(prng_.below(2)), size * 0.2);
}

void Drafter::add_planet(std::uint32_t number) {
  const double extent = draft_.extent;
  const std::uint32_t planet = add("planet" + std::to_string(number), 0);
  const double radius = extent * prng_.between(0.05, 0.3);
  put(planet, within(extent), radius, extent * prng_.between(0.1, 0.5));
  at(planet).bounds_center = {static_cast<float>(radius * prng_.between(-0.2, 0.2)), 0, 0};
  if (prng_.chance(0.2)) at(planet).position.x += kFarOff * static_cast<double>(1 + prng_.below(3));
  if (prng_.chance(0.7)) at(planet).flags = ContainerFlags::moves;
  if (prng_.chance(0.6)) add_levels(planet, radius, 1);
  if (prng_.chance(0.5)) {  // what turns apart from what goes round the planet
    const std::uint32_t surface = add("surface", planet);
    turn(surface);
    if (prng_.chance(0.5)) at(surface).flags = ContainerFlags::moves;
    add_rooms(surface, static_cast<std::uint32_t>(prng_.below(4)), radius);
  }
  if (prng_.chance(0.6)) add_station(planet, radius);
}

void Drafter::add_template(std::uint32_t number) {
  const std::uint32_t craft = add("craft" + std::to_string(number), 0);
  const double size = draft_.extent * 0.05;
  put(craft, within(draft_.extent), size, size * 4);
  at(craft).flags = ContainerFlags::template_root;
  if (prng_.chance(0.7)) at(craft).flags = at(craft).flags | ContainerFlags::moves;
  if (prng_.chance(0.3)) add_levels(craft, size, 0);
  add_rooms(craft, static_cast<std::uint32_t>(prng_.below(3)), size);
  if (!prng_.chance(0.6)) return;
  const std::uint32_t lift = add("lift", craft);
  put(lift, within(size), size * 0.2, size * prng_.between(0.2, 2));
  at(lift).flags = ContainerFlags::moves;
  add_rooms(lift, static_cast<std::uint32_t>(prng_.below(2)), size * 0.2);
}

void Drafter::add_fleet(std::uint32_t rooms) {
  const double extent = draft_.extent;
  for (std::uint32_t i = 0; i < rooms;) {
    const bool moves = prng_.chance(0.3);
    const std::uint32_t hull = add((moves ? "ship" : "town") + std::to_string(i), 0);
    put(hull, within(extent), extent * 0.01, extent * prng_.between(0.01, 0.1));
    if (moves) at(hull).flags = ContainerFlags::moves;
    const std::uint32_t count = 1 + static_cast<std::uint32_t>(prng_.below(8));
    add_rooms(hull, count, extent * 0.02);
    i += count + 1;
  }
}

void Drafter::add_dependencies() {
  for (DraftContainer& draft : draft_.containers) {
    if (has(draft.flags, ContainerFlags::shared)) continue;
    for (std::uint32_t i = 1; i <= shared_; ++i) {
      if (!prng_.chance(0.25)) continue;
      const std::vector<std::uint32_t>& further = at(i).dependencies;
      draft.dependencies.push_back(i);
      draft.dependencies.insert(draft.dependencies.end(), further.begin(), further.end());
    }
    std::sort(draft.dependencies.begin(), draft.dependencies.end());
    draft.dependencies.erase(std::unique(draft.dependencies.begin(), draft.dependencies.end()),
                             draft.dependencies.end());
  }
}

void Drafter::add_chunks(std::uint32_t size_max) {
  for (DraftContainer& draft : draft_.containers) {
    const std::uint64_t chunks =
        prng_.chance(0.15) ? 0 : 1 + prng_.below(prng_.chance(0.2) ? 8 : 3);
    for (std::uint64_t i = 0; i < chunks; ++i) {
      const std::uint32_t most = prng_.chance(0.5) ? size_max / 6 + 1 : size_max;
      draft.chunk_sizes.push_back(1 + static_cast<std::uint32_t>(prng_.below(most)));
    }
  }
}

// One in every so many containers, to any other that has a frame of its own.
void Drafter::add_gates() {
  const auto count = static_cast<std::uint32_t>(draft_.containers.size());
  for (std::uint32_t id = 0; id < count; ++id) {
    const auto target = static_cast<std::uint32_t>(prng_.below(count));
    if (!prng_.chance(0.1)) continue;
    if (has(at(id).flags, ContainerFlags::shared)) continue;
    if (has(at(target).flags, ContainerFlags::shared)) continue;
    const auto reach = static_cast<double>(at(id).half_extent.x);
    const auto target_reach = static_cast<double>(at(target).half_extent.x);
    draft_.gates.push_back({.container = id,
                            .target = target,
                            .position = within(reach),
                            .target_position = within(target_reach),
                            .radius = static_cast<float>(reach * prng_.between(0.1, 1)),
                            .lead_time = static_cast<float>(prng_.below(20))});
  }
}

}  // namespace

Draft draft_town(Prng& prng, double extent) {
  Draft draft{.containers = {}, .gates = {}, .extent = extent};
  Drafter drafter(prng, draft);
  drafter.add_shared(static_cast<std::uint32_t>(prng.below(6)));
  drafter.add_zones(1 + static_cast<std::uint32_t>(prng.below(6)));
  drafter.add_dependencies();
  drafter.add_chunks(4000);
  return draft;
}

Draft draft_system(Prng& prng, double extent) {
  Draft draft{.containers = {}, .gates = {}, .extent = extent};
  Drafter drafter(prng, draft);
  drafter.add_shared(static_cast<std::uint32_t>(prng.below(5)));
  const std::uint32_t planets = 1 + static_cast<std::uint32_t>(prng.below(3));
  for (std::uint32_t i = 0; i < planets; ++i) drafter.add_planet(i);
  drafter.add_zones(static_cast<std::uint32_t>(prng.below(3)));
  const auto templates = static_cast<std::uint32_t>(prng.chance(0.6) ? prng.below(3) : 0);
  for (std::uint32_t i = 0; i < templates; ++i) drafter.add_template(i);
  drafter.add_dependencies();
  drafter.add_chunks(4000);
  if (prng.chance(0.6)) drafter.add_gates();
  return draft;
}

Draft draft_crowd(Prng& prng, double extent) {
  Draft draft{.containers = {}, .gates = {}, .extent = extent};
  Drafter drafter(prng, draft);
  drafter.add_shared(4);
  drafter.add_fleet(300 + static_cast<std::uint32_t>(prng.below(500)));
  const auto templates = static_cast<std::uint32_t>(prng.below(4));
  for (std::uint32_t i = 0; i < templates; ++i) drafter.add_template(i);
  drafter.add_dependencies();
  drafter.add_chunks(60);
  drafter.add_gates();
  return draft;
}

}  // namespace nf::sim
