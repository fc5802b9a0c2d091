// Finer levels of a container: shown together, in place of what they refine, without a hole.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <set>

#include "core/base/prng.h"
#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;
using Ids = std::set<std::uint32_t>;

constexpr std::uint32_t kPlanet = 1, kNorth = 2, kNorthEast = 3, kNorthWest = 4, kSouth = 5,
                        kClouds = 6, kElsewhere = 7;

// A planet; its north and south in place of it; two quarters in place of the north; clouds beside.
TinyWorld planet_world() {
  TinyWorld world = make_tiny_world({.rooms = 7});
  ContainerTable& table = world.tables.containers;
  const auto level = [&](std::uint32_t id, std::uint32_t parent, std::uint32_t end,
                         Refinement refinement, float load_distance) {
    table.parent[id] = parent;
    table.subtree_end[id] = end;
    table.refinement[id] = refinement;
    table.load_distance[id] = load_distance;
    table.bounds_half_extent[id] = {50, 50, 50};
    table.position[id] = {};
  };
  level(kPlanet, 0, 7, Refinement::none, 1000);
  level(kNorth, kPlanet, 5, Refinement::replace, 200);
  level(kNorthEast, kNorth, 4, Refinement::replace, 50);
  level(kNorthWest, kNorth, 5, Refinement::replace, 50);
  level(kSouth, kPlanet, 6, Refinement::replace, 200);
  level(kClouds, kPlanet, 7, Refinement::add, 400);
  NF_ASSERT(check_world(world.tables));
  return world;
}

class LevelsTest : public TinyStage {
 protected:
  void open(const SimDeviceOptions& device, Bytes memory = kMemory,
            std::uint32_t leaving_cost_max = ~0u) {
    world_ = planet_world();
    mount({.memory_budget = memory, .leaving_cost_max = leaving_cost_max}, device);
    observer_ = *streamer_->add_observer({.motion = {{5000, 0, 0}, {}}}, now_);
  }

  void frame(double x) {
    now_ = now_ + 10_ms;
    streamer_->move_observer(observer_, {{x, 0, 0}, {}}, now_);
    const FrameEvents events = streamer_->update(now_);
    for (const ContainerId id : events.leaving) displayed_.erase(id.value);
    for (const ContainerId id : events.hidden) EXPECT_EQ(displayed_.erase(id.value), 1u);
    for (const ContainerId id : events.shown) {
      EXPECT_TRUE(displayed_.insert(id.value).second) << id.value;
      EXPECT_EQ(streamer_->state(id), Residency::resident);
    }
  }
  void frames(int count, double x) {
    for (int i = 0; i < count; ++i) frame(x);
  }
  Ids surface() const {
    Ids seen = displayed_;
    seen.erase(kClouds);
    return seen;
  }
  // Nothing, or all of the planet once.
  static bool whole(const Ids& seen) {
    return seen.empty() || seen == Ids{kPlanet} || seen == Ids{kNorth, kSouth} ||
           seen == Ids{kNorthEast, kNorthWest, kSouth};
  }

  ObserverId observer_;
  Ids displayed_;
};

const SimDeviceOptions kHonest{.model = {.name = "test"}, .faults = {}};

TEST_F(LevelsTest, are_shown_by_distance_from_what_they_refine) {
  open(kHonest);
  frames(20, 2000);
  EXPECT_EQ(displayed_, Ids{});
  frames(20, 900);
  EXPECT_EQ(displayed_, Ids{kPlanet});
  frames(20, 420);
  EXPECT_EQ(displayed_, (Ids{kPlanet, kClouds}));
  frames(20, 220);
  EXPECT_EQ(displayed_, (Ids{kNorth, kSouth, kClouds}));
  frames(20, 80);
  EXPECT_EQ(displayed_, (Ids{kNorthEast, kNorthWest, kSouth, kClouds}));
  frames(800, 300);
  EXPECT_EQ(displayed_, (Ids{kPlanet, kClouds}));
  frames(800, 3000);
  EXPECT_EQ(displayed_, Ids{});
}

TEST_F(LevelsTest, leave_containers_without_levels_to_arrived_and_leaving) {
  open(kHonest);
  now_ = now_ + 10_ms;
  const Pin pin = streamer_->pin(ContainerId{kElsewhere});
  for (int i = 0; i < 20; ++i) {
    now_ = now_ + 10_ms;
    const FrameEvents events = streamer_->update(now_);
    EXPECT_TRUE(events.shown.empty());
    EXPECT_TRUE(events.hidden.empty());
  }
  EXPECT_TRUE(pin.resident());
}

TEST_F(LevelsTest, keep_what_they_refine_in_memory) {
  open(kHonest);
  const Pin pin = streamer_->pin(ContainerId{kNorthEast});
  frames(50, 5000);
  EXPECT_TRUE(pin.resident());
  EXPECT_EQ(streamer_->state(ContainerId{kPlanet}), Residency::resident);
  EXPECT_EQ(streamer_->state(ContainerId{kNorth}), Residency::resident);
  // Its siblings are not there, so what they would replace together is shown.
  EXPECT_EQ(displayed_, Ids{kPlanet});
}

// The clouds that depend on the planet are only kept; the planet itself is needed now.
TEST_F(LevelsTest, are_needed_when_what_refines_them_is_not) {
  SimDeviceOptions device = kHonest;
  device.faults = {.hang = 1};
  open(device);
  frames(5, 440);
  device_->set_faults({});
  frames(4000, 480);
  EXPECT_EQ(streamer_->state(ContainerId{kPlanet}), Residency::resident);
  EXPECT_EQ(displayed_, Ids{kPlanet});
}

TEST_F(LevelsTest, leave_before_what_they_refine_when_the_budget_lets_one_go_in_a_frame) {
  open(kHonest, 1_MiB, 1);
  Pin pin = streamer_->pin(ContainerId{kNorthEast});
  frames(50, 5000);
  ASSERT_EQ(displayed_, Ids{kPlanet});
  pin = {};
  std::vector<ContainerId> left;
  for (int i = 0; i < 10; ++i) {
    now_ = now_ + 10_ms;
    const FrameEvents events = streamer_->update(now_);
    left.insert(left.end(), events.leaving.begin(), events.leaving.end());
  }
  EXPECT_EQ(left, (std::vector<ContainerId>{{kNorthEast}, {kNorth}, {kPlanet}}));
}

TEST_F(LevelsTest, are_shown_whole_while_their_siblings_leave_one_by_one) {
  open(kHonest, 1_MiB, 1);
  frames(20, 80);
  ASSERT_EQ(displayed_, (Ids{kNorthEast, kNorthWest, kSouth, kClouds}));
  for (int i = 0; i < 1600; ++i) {
    frame(i < 800 ? 300 : 3000);
    ASSERT_TRUE(whole(surface())) << "frame " << i;
    const bool planet_is_there = streamer_->state(ContainerId{kPlanet}) == Residency::resident;
    ASSERT_TRUE(!planet_is_there || !surface().empty()) << "frame " << i;
  }
  EXPECT_EQ(displayed_, Ids{});
}

// On a disk that fails, stalls and reads short, and in a memory that not all levels fit in at once.
TEST_F(LevelsTest, never_leave_a_hole_and_show_nothing_twice) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Prng prng(seed);
    displayed_.clear();
    SimDeviceOptions device = kHonest;
    device.seed = seed;
    device.faults = {.read_error = 0.1, .short_read = 0.1, .slow = 0.1, .refuse = 0.05};
    open(device, seed % 2 == 0 ? 1_MiB : 128_KiB, seed % 3 == 0 ? 1 : ~0u);
    double x = 2000;
    for (int i = 0; i < 1500; ++i) {
      if (prng.below(80) == 0) x = prng.between(0, 1500);
      const bool was_there = !surface().empty();
      frame(x + prng.between(-5, 5));
      ASSERT_TRUE(whole(surface())) << "frame " << i;
      const bool planet_is_there = streamer_->state(ContainerId{kPlanet}) == Residency::resident;
      if (was_there && planet_is_there) {
        ASSERT_FALSE(surface().empty()) << "frame " << i;
      }
    }
    streamer_.reset();
  }
}

}  // namespace
}  // namespace nf
