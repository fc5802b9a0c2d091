// A world, its tables and an Interest that knows of it; time goes on by frames.
//
// Test code, one thread. Owns what it shows.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "core/interest/wanted.h"
#include "tests/unit/core/world/test_tables.h"

namespace nf::test {

inline constexpr Duration kFrame{16'666'667};

struct Stage {
  std::vector<WorldTables> tables;
  World world;
  Interest interest;
  Time now{1'000'000'000};

  explicit Stage(const std::vector<NewContainer>& containers, const InterestOptions& options = {},
                 std::uint32_t spawned_max = 0)
      : world(spawned_max), interest(std::move(Interest::create(options).value())) {
    tables.reserve(8);
    mount(containers);
  }
  void mount(const std::vector<NewContainer>& containers, bool apart = false) {
    tables.push_back(make_tables(containers, tables.size() + 1));
    NF_ASSERT(world.mount(tables.back(), FileId{0}, apart).has_value());
    NF_ASSERT(interest.reserve(world.container_count(), world.bodies().count()).has_value());
  }
  BodyId body(std::uint32_t container) const { return world.bodies().of({container}); }
  void pose(std::uint32_t container, const MovingPose& pose) {
    NF_ASSERT(world.set_pose({container}, pose, now).has_value());
  }

  ObserverId add(WorldPosition at, float scale = 1) { return add_in(0, at, scale); }
  ObserverId add_in(std::uint32_t frame, WorldPosition at, float scale = 1) {
    return interest.add({.at = now, .position = at, .velocity = {}}, scale, body(frame)).value();
  }
  void move(ObserverId id, WorldPosition at, WorldVector velocity = {}) {
    interest.move(id, {.at = now, .position = at, .velocity = velocity}, body(0));
  }
  void move_in(std::uint32_t frame, ObserverId id, WorldPosition at) {
    interest.move(id, {.at = now, .position = at, .velocity = {}}, body(frame));
  }

  std::span<const Wanted> find() {
    const std::span<const Wanted> wanted = interest.find_wanted(world, now);
    world.forget_changes();
    return wanted;
  }
  const Wanted* find(std::uint32_t id) {
    for (const Wanted& wanted : find()) {
      if (wanted.id.value == id) return &wanted;
    }
    return nullptr;
  }
  std::map<std::uint32_t, Wanted> step() {
    std::map<std::uint32_t, Wanted> found;
    for (const Wanted& wanted : find()) found[wanted.id.value] = wanted;
    now = now + kFrame;
    return found;
  }
};

}  // namespace nf::test
