#include "formats/import/generate_galaxy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace nf {

namespace {

constexpr double kRadius = 4.5e17;  // of the disc, metres
constexpr double kThickness = 4e16;
constexpr double kStationOrbit = 6e12;  // beyond the outermost planet
constexpr double kGateAway = 1500;      // from the middle of its station
constexpr float kGateRadius = 200;
constexpr float kJumpSeconds = 18;  // a jump drive takes as long to spool up
constexpr std::uint8_t kStationWeight = 12;
constexpr std::size_t kLinksWished = 4;  // of a system at most, where not the shortest take more

double distance(WorldPosition a, WorldPosition b) {
  const WorldVector apart = a - b;
  return std::hypot(apart.x, apart.y, apart.z);
}

// Two or three syllables and the number, which alone makes it unlike all others.
std::string system_name(std::uint32_t number, Prng& prng) {
  static constexpr const char* kSyllables[] = {"ka", "ve", "ri", "so", "ta", "mu", "le", "no",
                                               "zi", "ar", "en", "or", "is", "th", "al", "qu"};
  std::string name;
  const std::uint64_t syllables = 2 + prng.below(2);
  for (std::uint64_t i = 0; i < syllables; ++i)
    name += kSyllables[prng.below(std::size(kSyllables))];
  return name + std::to_string(number + 1);
}

bool is_linked(const GalaxySystem& system, std::uint32_t to) {
  return std::find(system.linked.begin(), system.linked.end(), to) != system.linked.end();
}

void link(std::vector<GalaxySystem>& systems, std::uint32_t a, std::uint32_t b) {
  systems[a].linked.push_back(b);
  systems[b].linked.push_back(a);
}

// The tree of shortest links (Prim, "Shortest connection networks and some generalizations", 1957).
void link_all(std::vector<GalaxySystem>& systems) {
  struct Nearest {  // of the systems that are linked
    double distance = std::numeric_limits<double>::infinity();
    std::uint32_t from = 0;
  };
  std::vector<Nearest> nearest(systems.size());
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 1; i < systems.size(); ++i) open.push_back(i);
  std::uint32_t joined = 0;
  while (!open.empty()) {
    std::size_t best = 0;
    for (std::size_t i = 0; i < open.size(); ++i) {
      Nearest& mine = nearest[open[i]];
      const double apart = distance(systems[open[i]].position, systems[joined].position);
      if (apart < mine.distance) mine = {.distance = apart, .from = joined};
      if (mine.distance < nearest[open[best]].distance) best = i;
    }
    joined = open[best];
    link(systems, nearest[joined].from, joined);
    open[best] = open.back();
    open.pop_back();
  }
}

// One more link for each system that can have one: to the nearest that it has none to.
void link_more(std::vector<GalaxySystem>& systems) {
  for (std::uint32_t i = 0; i < systems.size(); ++i) {
    std::uint32_t best = i;
    double best_distance = std::numeric_limits<double>::infinity();
    for (std::uint32_t to = 0; to < systems.size(); ++to) {
      if (to == i || is_linked(systems[i], to) || systems[to].linked.size() >= kLinksWished)
        continue;
      const double apart = distance(systems[i].position, systems[to].position);
      if (apart >= best_distance) continue;
      best = to;
      best_distance = apart;
    }
    if (best != i && systems[i].linked.size() < kLinksWished) link(systems, i, best);
  }
}

std::string station_name(const GalaxySystem& system) {
  return "gate_" + system.name;
}

// Beyond the outermost planet, on the side of the system it leads to. One comes out beside the
// station that leads back.
void add_station(GeneratedTree& tree, std::uint32_t top, const GalaxySystem& from,
                 const GalaxySystem& to) {
  const std::uint32_t station = tree.add(station_name(to), top, kStationWeight);
  SourceContainer& container = tree.containers[station];
  const double away = kStationOrbit / distance(from.position, to.position);
  const WorldVector apart = to.position - from.position;
  container.position = {apart.x * away, apart.y * away, apart.z * away};
  container.bounds_kind = BoundsKind::sphere;
  container.bounds_half_extent = {500, 500, 500};
  container.load_distance = 50e3;
  container.activation_cost = 300;
  container.gates.push_back({.name = "to_" + to.name,
                             .position = {0, 0, kGateAway},
                             .to = to.name + "/" + station_name(from),
                             .to_position = {0, 0, -kGateAway},
                             .radius = kGateRadius,
                             .lead_time = kJumpSeconds});
}

}  // namespace

std::vector<GalaxySystem> plan_galaxy(std::uint32_t count, std::uint64_t seed) {
  Prng prng(seed);
  std::vector<GalaxySystem> systems(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    systems[i].name = system_name(i, prng);
    const double along = prng.between(0, 2 * std::numbers::pi);
    const double away = kRadius * std::sqrt(prng.unit());
    const double above = prng.between(-kThickness, kThickness) / 2;
    systems[i].position = {away * std::cos(along), away * std::sin(along), above};
  }
  link_all(systems);
  link_more(systems);
  for (GalaxySystem& system : systems) std::sort(system.linked.begin(), system.linked.end());
  return systems;
}

void add_galaxy(GeneratedTree& tree, const std::vector<GalaxySystem>& systems, std::uint32_t count,
                Prng& prng) {
  std::uint32_t left = count - 1;
  for (std::size_t i = 0; i < systems.size(); ++i) {
    const auto mine = static_cast<std::uint32_t>(left / (systems.size() - i));
    left -= mine;
    const std::uint32_t top = tree.add(systems[i].name, 0, 0);
    tree.containers[top].position = systems[i].position;
    for (const std::uint32_t to : systems[i].linked)
      add_station(tree, top, systems[i], systems[to]);
    const auto stations = static_cast<std::uint32_t>(systems[i].linked.size());
    add_star_system(tree, top, mine - stations, prng);
  }
}

}  // namespace nf
