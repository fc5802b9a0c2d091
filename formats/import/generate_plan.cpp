#include "formats/import/generate_plan.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/prng.h"
#include "formats/import/rotate.h"

namespace nf {

namespace {

constexpr std::uint64_t kRoomSizeMin = 192u << 10;
constexpr std::uint64_t kRoomSizeMax = 2u << 20;
constexpr std::uint64_t kRoomsWished = 400;  // of a small world; larger ones have as many as fit
constexpr std::uint32_t kRoomsAZone = 64;
constexpr double kRoomSpacing = 130;  // metres
constexpr double kZoneSpacing = 5000;
constexpr double kOrbitSpacing = 300e3;

// Shares of the whole, in percent; rooms get the rest.
constexpr std::uint64_t kMaterialsShare = 10;
constexpr std::uint64_t kBodiesShare = 8;
constexpr std::uint64_t kZonesShare = 10;

LocalVector cube(double half) {
  const auto edge = static_cast<float>(half);
  return {edge, edge, edge};
}

// Each number of chance is drawn in a statement of its own where another is drawn beside it: the
// order in which arguments are evaluated is the compiler's.
class Planner {
 public:
  Planner(std::uint64_t size, std::uint64_t seed) : prng_(seed), size_(size) {
    room_size_ = std::clamp(size / kRoomsWished, kRoomSizeMin, kRoomSizeMax);
    rooms_ = std::max<std::uint64_t>(2, size * 70 / 100 / room_size_);
    zones_ = static_cast<std::uint32_t>((rooms_ + kRoomsAZone - 1) / kRoomsAZone);
    bodies_ = std::clamp(zones_ / 3, 2u, 24u);
  }

  WorldPlan make() {
    plan_.containers.emplace_back();
    add_materials();
    add_sun();
    add_bodies();
    share_sizes();
    return std::move(plan_);
  }

 private:
  PlanContainer& at(std::uint32_t id) { return plan_.containers[id]; }

  std::uint32_t add(const std::string& name, std::uint32_t parent, PlanKind kind) {
    const auto id = static_cast<std::uint32_t>(plan_.containers.size());
    PlanContainer container;
    container.name = name;
    container.parent = parent;
    container.kind = kind;
    container.path = parent == 0 ? name : at(parent).path + "/" + name;
    plan_.containers.push_back(std::move(container));
    return id;
  }

  void place(std::uint32_t id, WorldPosition position, const Rotation& rotation, double reach) {
    PlanContainer& c = at(id);
    const PlanContainer& parent = at(c.parent);
    c.position = position;
    c.rotation = rotation;
    c.load_distance = static_cast<float>(reach);
    // Only zones and ships turn their frames, and what hangs below them needs no place in the root.
    c.world_position =
        parent.world_position + WorldVector{c.position.x, c.position.y, c.position.z};
  }

  void add_materials() {
    const std::uint64_t share = size_ * kMaterialsShare / 100;
    const std::uint64_t count = std::clamp<std::uint64_t>(share / (room_size_ * 2), 2, 4096);
    const std::uint32_t group = add("materials", 0, PlanKind::group);
    static constexpr const char* kStuff[] = {"steel",  "concrete", "basalt",  "glass",
                                             "copper", "regolith", "ceramic", "ice"};
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string name = std::string(kStuff[i % std::size(kStuff)]) + std::to_string(i + 1);
      materials_.push_back(add(name, group, PlanKind::materials));
    }
  }

  void add_sun() {
    const std::uint32_t sun = add("sun", 0, PlanKind::body);
    place(sun, {}, {}, 600e3);
    at(sun).bounds_kind = BoundsKind::sphere;
    at(sun).bounds_half_extent = cube(60e3);
    at(sun).body_radius = 60e3;
  }

  std::uint32_t add_body(const std::string& name, std::uint32_t parent, WorldPosition position,
                         double radius, double reach) {
    const std::uint32_t body = add(name, parent, PlanKind::body);
    place(body, position, {}, reach);
    at(body).bounds_kind = BoundsKind::sphere;
    at(body).bounds_half_extent = cube(radius * 1.1);
    at(body).body_radius = radius;
    return body;
  }

  // Every third body is a moon of the planet before it.
  void add_bodies() {
    std::uint32_t planet = 0;
    std::uint32_t planets = 0;
    std::uint32_t zones_left = zones_;
    for (std::uint32_t i = 0; i < bodies_; ++i) {
      const double turn = prng_.between(0, 2 * std::numbers::pi);
      std::uint32_t body = 0;
      if (i % 3 == 2) {
        const double away = at(planet).body_radius + prng_.between(60e3, 90e3);
        body = add_body("moon", planet, {away * std::cos(turn), away * std::sin(turn), 4e3},
                        prng_.between(14e3, 20e3), 60e3);
      } else {
        const double away = kOrbitSpacing * (1 + planets) + prng_.between(-20e3, 20e3);
        const double above = prng_.between(-9e3, 9e3);
        const double radius = prng_.between(35e3, 55e3);
        planet = add_body("planet" + std::to_string(++planets), 0,
                          {away * std::cos(turn), away * std::sin(turn), above}, radius, 150e3);
        body = planet;
      }
      const std::uint32_t zones = (zones_left + bodies_ - i - 1) / (bodies_ - i);
      zones_left -= zones;
      add_zones(body, zones);
    }
  }

  // Zones lie along a road around the body, a few kilometres apart, on tracks beside each other
  // where one round is not enough.
  void add_zones(std::uint32_t body, std::uint32_t count) {
    const double radius = at(body).body_radius;
    const auto a_round =
        static_cast<std::uint32_t>(2 * std::numbers::pi * radius / kZoneSpacing) - 1;
    const double start = prng_.between(0, 2 * std::numbers::pi);
    for (std::uint32_t i = 0; i < count; ++i) {
      const double along = start + (i % a_round) * kZoneSpacing / radius;
      const std::uint32_t round = i / a_round;
      const double track = round * kZoneSpacing / radius;
      const double aside = (round % 2 == 0 ? track : -track) + prng_.between(-300, 300) / radius;
      const WorldVector up = {std::cos(aside) * std::cos(along), std::cos(aside) * std::sin(along),
                              std::sin(aside)};
      const std::uint32_t zone = add("zone" + std::to_string(i + 1), body, PlanKind::zone);
      place(zone, {up.x * radius, up.y * radius, up.z * radius}, rotation_to_up(along, aside),
            4000);
      at(zone).bounds_kind = BoundsKind::box;
      at(zone).bounds_half_extent = {800, 800, 150};
      at(zone).body_radius = radius;
      at(zone).activation_cost = 400;
      plan_.zones.push_back(zone);
      choose_palette(zone, 4);
      const auto all = static_cast<std::uint32_t>(plan_.zones.size());
      const std::uint64_t rooms_left = rooms_ - rooms_made_;
      const std::uint32_t zones_left = zones_ - all + 1;
      add_rooms(zone, static_cast<std::uint32_t>((rooms_left + zones_left - 1) / zones_left));
    }
  }

  void choose_palette(std::uint32_t id, std::uint32_t count) {
    std::vector<std::uint32_t>& palette = at(id).dependencies;
    for (std::uint32_t i = 0; i < count; ++i)
      palette.push_back(materials_[prng_.below(materials_.size())]);
    std::sort(palette.begin(), palette.end());
    palette.erase(std::unique(palette.begin(), palette.end()), palette.end());
  }

  void add_room(const std::string& name, std::uint32_t parent, WorldPosition position,
                const std::vector<std::uint32_t>& palette) {
    const std::uint32_t room = add(name, parent, PlanKind::room);
    const double height = prng_.between(6, 20);
    position.z += height;
    const double turn = prng_.between(0, 2 * std::numbers::pi);
    place(room, position, turn_about_up(turn), prng_.between(250, 400));
    at(room).bounds_kind = BoundsKind::box;
    at(room).bounds_half_extent = {static_cast<float>(prng_.between(15, 40)),
                                   static_cast<float>(prng_.between(15, 40)),
                                   static_cast<float>(height)};
    at(room).activation_cost = static_cast<std::uint32_t>(50 + prng_.below(150));
    for (const std::uint32_t material : palette) {
      if (at(room).dependencies.empty() || prng_.chance(0.35))
        at(room).dependencies.push_back(material);
    }
    ++rooms_made_;
  }

  // A grid; one in sixteen rooms is aboard a ship above the zone instead.
  void add_rooms(std::uint32_t zone, std::uint32_t count) {
    const std::vector<std::uint32_t> palette = at(zone).dependencies;
    const std::uint32_t aboard = count / 16;
    const std::uint32_t ground = count - aboard;
    const auto side = static_cast<std::uint32_t>(std::ceil(std::sqrt(static_cast<double>(ground))));
    const double middle = (side - 1) / 2.0;
    for (std::uint32_t i = 0; i < ground; ++i) {
      const std::uint32_t column = i % side;
      const std::uint32_t row = i / side;
      const double x = (column - middle) * kRoomSpacing + prng_.between(-20, 20);
      const double y = (row - middle) * kRoomSpacing + prng_.between(-20, 20);
      add_room("room" + std::to_string(i + 1), zone, {x, y, 0}, palette);
    }
    if (aboard == 0) return;
    const std::uint32_t ship = add("ship", zone, PlanKind::ship);
    const WorldPosition at_ship = {prng_.between(-600, 600), prng_.between(-600, 600),
                                   prng_.between(120, 140)};
    const double turn = prng_.between(0, 2 * std::numbers::pi);
    place(ship, at_ship, turn_about_up(turn), 1500);
    at(ship).bounds_kind = BoundsKind::box;
    at(ship).bounds_half_extent = {static_cast<float>(20.0 * aboard + 20), 30, 12};
    for (std::uint32_t i = 0; i < aboard; ++i) {
      add_room("deck" + std::to_string(i + 1), ship, {(i - (aboard - 1) / 2.0) * 40, 0, -8},
               palette);
    }
  }

  // Every byte is given to someone: what division leaves over goes to the last room.
  void share_sizes() {
    std::vector<std::uint32_t> bodies, zones, rooms;
    for (std::uint32_t id = 0; id < plan_.containers.size(); ++id) {
      if (at(id).kind == PlanKind::body) bodies.push_back(id);
      if (at(id).kind == PlanKind::zone || at(id).kind == PlanKind::ship) zones.push_back(id);
      if (at(id).kind == PlanKind::room) rooms.push_back(id);
    }
    std::uint64_t left = size_;
    const auto share = [&](const std::vector<std::uint32_t>& ids, std::uint64_t percent,
                           std::uint64_t each_max) {
      const std::uint64_t each = std::min(size_ * percent / 100 / ids.size(), each_max);
      for (const std::uint32_t id : ids) at(id).size = each;
      left -= each * ids.size();
    };
    share(materials_, kMaterialsShare, room_size_ * 4);
    share(bodies, kBodiesShare, 32u << 20);
    share(zones, kZonesShare, 16u << 20);
    // Rooms differ by a factor of two about the mean.
    std::vector<std::uint64_t> weights;
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < rooms.size(); ++i) {
      weights.push_back(70 + prng_.below(61));
      all += weights.back();
    }
    const std::uint64_t for_rooms = left;
    for (std::size_t i = 0; i < rooms.size(); ++i) {
      const std::uint64_t mine = for_rooms / all * weights[i];
      at(rooms[i]).size = mine;
      left -= mine;
    }
    at(rooms.back()).size += left;
  }

  Prng prng_;
  std::uint64_t size_;
  std::uint64_t room_size_ = 0;
  std::uint64_t rooms_ = 0;
  std::uint64_t rooms_made_ = 0;
  std::uint32_t zones_ = 0;
  std::uint32_t bodies_ = 0;
  std::vector<std::uint32_t> materials_;
  WorldPlan plan_;
};

}  // namespace

WorldPlan plan_world(std::uint64_t size, std::uint64_t seed) {
  return Planner(size, seed).make();
}

}  // namespace nf
