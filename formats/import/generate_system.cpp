#include "formats/import/generate_system.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "formats/import/rotate.h"

namespace nf {

namespace {

constexpr double kSunRadius = 7e8;
constexpr double kInnermostOrbit = 5e10;
constexpr double kBeltRadius = 4e11;

constexpr std::uint32_t kPlanetsMax = 12;
constexpr std::uint32_t kMoonsMax = 48;
constexpr std::uint32_t kMaterialsMax = 200;
constexpr std::uint32_t kFaces = 6;               // of the cube around a globe: its second level
constexpr std::uint32_t kQuarters = 4;            // of a face: the third
constexpr std::uint32_t kQuarteredFrom = 10'000;  // containers of a system
constexpr std::uint32_t kDecks = 8;
constexpr std::uint32_t kZoneSize = 250;  // containers of a landing zone, about
constexpr std::uint32_t kRoomsABlock = 8;
constexpr std::uint32_t kLockersARoom = 2;
constexpr std::uint32_t kBlockSize = 1 + kRoomsABlock * (1 + kLockersARoom);

// Assets of one container beside those of another.
constexpr std::uint8_t kGroupWeight = 0, kBodyWeight = 8, kTileWeight = 6, kAsteroidWeight = 2,
                       kShipWeight = 6, kZoneWeight = 8, kBlockWeight = 6, kRoomWeight = 14,
                       kLockerWeight = 3, kMaterialWeight = 20;

constexpr double kTurn = 2 * std::numbers::pi;

struct Globe {
  std::uint32_t id = 0;
  double radius = 0;
};

WorldPosition scaled(const WorldVector& direction, double length) {
  return {direction.x * length, direction.y * length, direction.z * length};
}

LocalVector cube(double half) {
  const auto edge = static_cast<float>(half);
  return {edge, edge, edge};
}

std::string numbered(const char* word, std::uint32_t number) {
  return word + std::to_string(number);
}

// Planets and moons move about their parents and turn, and so do the belt and every other ship;
// what refines a globe turns with it.
//
// Each number of chance is drawn in a statement of its own where another is drawn beside it: the
// order in which arguments are evaluated is the compiler's.
class SystemPlanner {
 public:
  SystemPlanner(GeneratedTree& tree, std::uint32_t top, std::uint32_t count, Prng& prng)
      : tree_(tree), top_(top), count_(count), prng_(prng), end_(next_id() - 1 + count) {}

  void make() {
    tree_.containers.reserve(end_);
    tree_.asset_weights.reserve(end_);
    add_materials();
    const std::uint32_t sun = tree_.add("sun", top_, kBodyWeight);
    put_sphere(sun, {}, kSunRadius, 1e11);
    add_planets();
    add_belt();
    add_ships();
    add_shuttle();
    add_zones();
  }

 private:
  std::uint32_t next_id() const { return static_cast<std::uint32_t>(tree_.containers.size()); }
  SourceContainer& at(std::uint32_t id) { return tree_.containers[id]; }

  void put_sphere(std::uint32_t id, WorldPosition position, double radius, double load_distance) {
    at(id).position = position;
    at(id).bounds_kind = BoundsKind::sphere;
    at(id).bounds_half_extent = cube(radius);
    at(id).load_distance = static_cast<float>(load_distance);
  }

  void put_box(std::uint32_t id, WorldPosition position, LocalVector half, double load_distance) {
    at(id).position = position;
    at(id).bounds_kind = BoundsKind::box;
    at(id).bounds_half_extent = half;
    at(id).load_distance = static_cast<float>(load_distance);
  }

  void add_materials() {
    const std::uint32_t group = tree_.add("materials", top_, kGroupWeight);
    const std::uint32_t count = std::clamp(count_ / 5000, 2u, kMaterialsMax);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t id = tree_.add(numbered("set", i + 1), group, kMaterialWeight);
      at(id).shared = true;
      materials_.push_back(id);
    }
  }

  // Orbits grow by an equal factor, up to kOutermostOrbit.
  void add_planets() {
    const std::uint32_t count = std::clamp(count_ / 5000, 2u, kPlanetsMax);
    std::uint32_t moons_left = std::clamp(count_ / 2500, 1u, kMoonsMax);
    for (std::uint32_t i = 0; i < count; ++i) {
      const double part = static_cast<double>(i) / (count - 1);
      const double orbit = kInnermostOrbit * std::pow(kOutermostOrbit / kInnermostOrbit, part);
      const double along = prng_.between(0, kTurn);
      const double radius = 2e6 * std::pow(35, prng_.unit());
      const std::uint32_t planet = tree_.add(numbered("planet", i + 1), top_, kGroupWeight);
      at(planet).moves = true;
      at(planet).position = {orbit * std::cos(along), orbit * std::sin(along), 0};
      planets_.push_back({.id = planet, .radius = radius});
      add_globe(tree_.add("globe", planet, kBodyWeight), {}, radius);
      const std::uint32_t moons = moons_left / (count - i);
      moons_left -= moons;
      for (std::uint32_t m = 0; m < moons; ++m) add_moon(planet, m, radius);
    }
  }

  void add_moon(std::uint32_t planet, std::uint32_t number, double planet_radius) {
    const double away = planet_radius * (5 + 4 * number);
    const double along = prng_.between(0, kTurn);
    const double radius = 1e5 * std::pow(20, prng_.unit());
    add_globe(tree_.add(numbered("moon", number + 1), planet, kBodyWeight),
              {away * std::cos(along), away * std::sin(along), away * 0.05}, radius);
  }

  // From orbit one container; nearer the faces of the cube around it; near the ground quarters of
  // these.
  void add_globe(std::uint32_t globe, WorldPosition position, double radius) {
    put_sphere(globe, position, radius, radius * 200);
    at(globe).moves = true;
    globes_.push_back({.id = globe, .radius = radius});
    static constexpr WorldVector kDirections[kFaces] = {{1, 0, 0},  {-1, 0, 0}, {0, 1, 0},
                                                        {0, -1, 0}, {0, 0, 1},  {0, 0, -1}};
    for (std::uint32_t i = 0; i < kFaces; ++i) {
      const WorldVector out = kDirections[i];
      const std::uint32_t face = tree_.add(numbered("face", i + 1), globe, kTileWeight);
      put_sphere(face, scaled(out, radius * 0.6), radius * 0.82, radius * 3);
      at(face).refinement = Refinement::replace;
      if (count_ < kQuarteredFrom) continue;
      const WorldVector right = {out.y, out.z, out.x};
      const WorldVector up = {out.z, out.x, out.y};
      for (std::uint32_t q = 0; q < kQuarters; ++q) {
        const double x = (q % 2 == 0 ? -0.4 : 0.4) * radius;
        const double y = (q / 2 == 0 ? -0.4 : 0.4) * radius;
        const std::uint32_t quarter = tree_.add(numbered("quarter", q + 1), face, kTileWeight);
        put_sphere(quarter,
                   {out.x * radius * 0.2 + right.x * x + up.x * y,
                    out.y * radius * 0.2 + right.y * x + up.y * y,
                    out.z * radius * 0.2 + right.z * x + up.z * y},
                   radius * 0.45, radius * 0.2);
        at(quarter).refinement = Refinement::replace;
      }
    }
  }

  void add_belt() {
    const std::uint32_t belt = tree_.add("belt", top_, kGroupWeight);
    at(belt).moves = true;
    const std::uint32_t count = std::clamp(count_ / 100, 4u, kBeltAsteroidsMax);
    for (std::uint32_t i = 0; i < count; ++i) {
      const double along = prng_.between(0, kTurn);
      const double away = kBeltRadius * prng_.between(0.9, 1.1);
      const double above = kBeltRadius * prng_.between(-0.02, 0.02);
      const double radius = 50 * std::pow(1e4, prng_.unit());
      put_sphere(tree_.add(numbered("asteroid", i + 1), belt, kAsteroidWeight),
                 {away * std::cos(along), away * std::sin(along), above}, radius,
                 radius * 50 + 1000);
    }
  }

  void add_ships() {
    const std::uint32_t count = std::max(count_ / 1000, 1u);
    for (std::uint32_t i = 0; i < count; ++i) {
      const Globe& planet = planets_[i % planets_.size()];
      const double along = prng_.between(0, kTurn);
      const double away = planet.radius * prng_.between(1.02, 1.5);
      const double turn = prng_.between(0, kTurn);
      const std::uint32_t ship = tree_.add(numbered("ship", i + 1), planet.id, kShipWeight);
      put_box(ship, {away * std::cos(along), away * std::sin(along), 0}, {90, 20, 15}, 20e3);
      at(ship).rotation = turn_about_up(turn);
      at(ship).activation_cost = 300;
      at(ship).moves = i % 2 == 0;
      for (std::uint32_t d = 0; d < kDecks; ++d) {
        const std::uint32_t deck = tree_.add(numbered("deck", d + 1), ship, kRoomWeight);
        put_box(deck, {(d - (kDecks - 1) / 2.0) * 22, 0, 0}, {10, 15, 4}, 60);
        choose_materials(deck);
      }
    }
  }

  // What a game spawns, as often as it likes.
  void add_shuttle() {
    const std::uint32_t shuttle = tree_.add("shuttle", top_, kShipWeight);
    put_box(shuttle, {}, {12, 4, 3}, 5e3);
    at(shuttle).is_template = at(shuttle).moves = true;
    for (const char* name : {"cockpit", "hold"}) {
      const std::uint32_t part = tree_.add(name, shuttle, kRoomWeight);
      put_box(part, {name[0] == 'c' ? 8.0 : -3.0, 0, 0}, {4, 3, 2}, 30);
      choose_materials(part);
    }
  }

  // What is left of the count; zones lie on the spiral of Fibonacci's lattice around each globe.
  void add_zones() {
    const std::uint32_t all = end_ - next_id();
    const std::uint32_t zones = (all + kZoneSize - 1) / kZoneSize;
    const auto globes = static_cast<std::uint32_t>(globes_.size());
    const std::uint32_t a_globe = (zones + globes - 1) / globes;
    for (std::uint32_t i = 0; i < zones; ++i) {
      const Globe& globe = globes_[i % globes];
      const std::uint32_t number = i / globes;
      const double aside = std::asin((2 * number + 1.0) / a_globe - 1);
      const double along = number * kTurn / std::numbers::phi + prng_.between(-0.01, 0.01);
      const WorldVector up = {std::cos(aside) * std::cos(along), std::cos(aside) * std::sin(along),
                              std::sin(aside)};
      const std::uint32_t zone = tree_.add(numbered("zone", number + 1), globe.id, kZoneWeight);
      put_box(zone, scaled(up, globe.radius), {400, 400, 60}, 20e3);
      at(zone).rotation = rotation_to_up(along, aside);
      at(zone).activation_cost = 400;
      const std::uint32_t left = end_ - next_id();
      const std::uint32_t zones_left = zones - i;
      add_blocks(zone, zones_left == 1 ? left : (left + 1) / zones_left - 1);
    }
  }

  void add_blocks(std::uint32_t zone, std::uint32_t count) {
    const std::uint32_t blocks = (count + kBlockSize - 1) / kBlockSize;
    const auto side = static_cast<std::uint32_t>(std::ceil(std::sqrt(static_cast<double>(blocks))));
    for (std::uint32_t i = 0; i < blocks; ++i) {
      const std::uint32_t column = i % side;
      const std::uint32_t row = i / side;
      const double x = (column - (side - 1) / 2.0) * 120 + prng_.between(-15, 15);
      const double y = (row - (side - 1) / 2.0) * 120 + prng_.between(-15, 15);
      const double turn = prng_.between(0, kTurn);
      const std::uint32_t block = tree_.add(numbered("block", i + 1), zone, kBlockWeight);
      put_box(block, {x, y, 7}, {27, 14, 7}, 600);
      at(block).rotation = turn_about_up(turn);
      at(block).activation_cost = 150;
      const std::uint32_t rest = count - i * kBlockSize;
      add_rooms(block, std::min(rest, kBlockSize) - 1);
    }
  }

  // Two rows of rooms; what is no room is a locker of one of them.
  void add_rooms(std::uint32_t block, std::uint32_t count) {
    std::uint32_t rooms = 0;
    for (std::uint32_t done = 0; done < count;) {
      const double x = (rooms % 4 - 1.5) * 13;
      const double y = rooms / 4 == 0 ? -6.5 : 6.5;
      const std::uint32_t room = tree_.add(numbered("room", ++rooms), block, kRoomWeight);
      put_box(room, {x, y, -3}, {6, 6, 3}, 30);
      at(room).activation_cost = 60;
      choose_materials(room);
      ++done;
      for (std::uint32_t i = 0; i < kLockersARoom && done < count; ++i, ++done) {
        const std::uint32_t locker = tree_.add(numbered("locker", i + 1), room, kLockerWeight);
        put_box(locker, {i == 0 ? -5.0 : 5.0, 0, -2}, {0.5, 0.5, 1}, 4);
      }
    }
  }

  void choose_materials(std::uint32_t id) {
    const std::uint32_t one = materials_[prng_.below(materials_.size())];
    const std::uint32_t other = materials_[prng_.below(materials_.size())];
    at(id).dependencies = {one};
    if (other != one) at(id).dependencies.push_back(other);
  }

  GeneratedTree& tree_;
  const std::uint32_t top_;
  const std::uint32_t count_;
  Prng& prng_;
  const std::uint32_t end_;  // of the numbers of this system
  std::vector<std::uint32_t> materials_;
  std::vector<Globe> planets_;  // their frames, with the radius of what turns in them
  std::vector<Globe> globes_;
};

}  // namespace

std::uint32_t GeneratedTree::add(std::string name, std::uint32_t parent,
                                 std::uint8_t asset_weight) {
  const auto id = static_cast<std::uint32_t>(containers.size());
  SourceContainer& container = containers.emplace_back();
  container.name = std::move(name);
  container.parent = parent;
  asset_weights.push_back(asset_weight);
  return id;
}

void add_star_system(GeneratedTree& tree, std::uint32_t top, std::uint32_t count, Prng& prng) {
  SystemPlanner(tree, top, count, prng).make();
}

}  // namespace nf
