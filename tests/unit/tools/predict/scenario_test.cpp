#include "tools/predict/scenario.h"

#include <gtest/gtest.h>

#include "tests/unit/tools/predict/made_traces.h"
#include "tools/predict/boxes.h"

namespace nf::predict {
namespace {

// The place at a moment, as the scenario has it.
WorldPosition place_at(const Scenario& scenario, double seconds) {
  const auto update =
      std::min(static_cast<std::size_t>(seconds / scenario.trace.dt), scenario.path.size() - 2);
  const double part = seconds / scenario.trace.dt - static_cast<double>(update);
  const WorldVector step = scenario.path[update + 1] - scenario.path[update];
  return scenario.path[update] + step * part;
}

class Built : public ::testing::TestWithParam<bool> {
 protected:
  Built() {
    Segment& segment = segment_;
    segment.flat = GetParam();
    // Faster than the fast speed, so that looking around has to keep up.
    for (TracePoint& point : segment.points) {
      point.position.x *= 3;
      point.position.z = 30 * std::sin(point.seconds / 7);
    }
    scenario_ = build_scenario(segment, {.seed = 9});
  }
  bool required(std::uint32_t id, double seconds) const {
    for (const Need& need : scenario_.needs) {
      if (need.container == id && need.from <= seconds && seconds <= need.to) return true;
    }
    return false;
  }
  Segment segment_ = made_segment(120, 4);
  Scenario scenario_;
};

TEST_P(Built, requires_what_is_within_reach_and_nothing_else) {
  const GridWorld world = world_of(segment_, {.seed = 9});
  for (double seconds = 0.03; seconds < 119; seconds += 2.77) {
    const WorldPosition place = place_at(scenario_, seconds);
    double within = 0;
    for (std::uint32_t id = 0; id < scenario_.containers.size(); ++id) {
      const ContainerInfo& info = scenario_.containers[id];
      const double away = distance_to(info.box, place) - scenario_.reach[info.level];
      if (std::abs(away) < 1e-6) continue;
      ASSERT_EQ(required(id, seconds), away < 0) << id << " at " << seconds << " s: " << away;
      within += away < 0 ? 1 : 0;
    }
    // And none was overlooked: the world itself is asked about all that is near.
    double there = 0;
    for (std::uint32_t level = 0; level < kGridLevels; ++level) {
      const GridCell middle = world.cell_at(level, place);
      const std::int64_t high = GetParam() ? 0 : 4;
      for (std::int64_t x = -4; x <= 4; ++x) {
        for (std::int64_t y = -4; y <= 4; ++y) {
          for (std::int64_t z = -high; z <= high; ++z) {
            const GridCell cell{level, middle.x + x, middle.y + y, middle.z + z};
            const bool near = distance_to(world.box(cell), place) <= world.reach(level);
            there += near && world.bytes(cell) > 0 ? 1 : 0;
          }
        }
      }
    }
    ASSERT_EQ(within, there) << seconds;
  }
}

TEST_P(Built, announces_a_container_well_before_it_is_required) {
  const double ahead = kAnnounceSeconds * segment_.vstar;
  for (std::size_t update = 0; update < scenario_.path.size(); update += 7) {
    for (std::uint32_t id = scenario_.announced[update]; id < scenario_.containers.size(); ++id) {
      const ContainerInfo& info = scenario_.containers[id];
      ASSERT_GT(distance_to(info.box, scenario_.path[update]),
                scenario_.reach[info.level] + ahead - 1e-6)
          << id << " at " << update;
    }
  }
  ASSERT_EQ(scenario_.announced.size(), scenario_.path.size());
}

TEST_P(Built, has_needs_in_order_and_whole) {
  ASSERT_FALSE(scenario_.needs.empty());
  ASSERT_EQ(scenario_.needs.size(), scenario_.needs_by_end.size());
  for (std::size_t i = 1; i < scenario_.needs.size(); ++i) {
    EXPECT_LE(scenario_.needs[i - 1].from, scenario_.needs[i].from);
    EXPECT_LE(scenario_.needs[scenario_.needs_by_end[i - 1]].to,
              scenario_.needs[scenario_.needs_by_end[i]].to);
  }
  for (const Need& need : scenario_.needs) {
    EXPECT_LE(need.from, need.to);
    EXPECT_LE(need.to, scenario_.seconds());
  }
}

// A step so long that both its ends lie out of reach of what it passes.
TEST(Needs, are_found_between_two_updates) {
  Segment segment = made_segment(30, 1);
  segment.points = {{0, {}}, {30, {}}};
  for (double t = 1; t < 30; t += 1) {
    segment.points.insert(segment.points.end() - 1, {t - 0.05, {(t - 1) * 700, 0, 0}});
    segment.points.insert(segment.points.end() - 1, {t + 0.04, {t * 700, 0, 0}});
  }
  segment.points.back().position.x = 29 * 700;
  const Scenario scenario = build_scenario(segment, {.seed = 1});
  std::vector<bool> needed(scenario.containers.size());
  for (const Need& need : scenario.needs) {
    const ContainerInfo& info = scenario.containers[need.container];
    needed[need.container] = true;
    if (need.from <= 0 || need.to >= scenario.seconds()) continue;
    // At both moments it is just at its reach.
    for (const double seconds : {need.from, need.to}) {
      EXPECT_NEAR(distance_to(info.box, place_at(scenario, seconds)), scenario.reach[info.level],
                  1e-6);
    }
  }
  for (std::uint32_t id = 0; id < needed.size(); ++id) {
    const ContainerInfo& info = scenario.containers[id];
    const WorldPosition passed{std::clamp(info.box.low.x, 0.0, 29.0 * 700), 0, 0};
    if (distance_to(info.box, passed) < scenario.reach[info.level] - 1e-6) {
      EXPECT_TRUE(needed[id]) << id;
    }
  }
}

TEST(Worlds, are_other_ones_for_other_groups) {
  const auto bytes = [](const char* group) {
    double sum = 0;
    for (const ContainerInfo& info : build_scenario(made_segment(30, 1, group), {}).containers) {
      sum += info.bytes;
    }
    return sum;
  };
  EXPECT_EQ(bytes("a"), bytes("a"));
  EXPECT_NE(bytes("a"), bytes("b"));
}

INSTANTIATE_TEST_SUITE_P(FlatAndDeep, Built, ::testing::Bool());

TEST(Demand, counts_again_what_had_to_leave_in_between) {
  Scenario scenario = made_scenario(30, {{100, 1, 2}, {80, 6, 7}, {100, 11, 12}});
  scenario.needs.push_back({0, 21, 22});
  scenario.needs_by_end.push_back(3);
  EXPECT_EQ(demand_by_window(scenario, 1000, 5), (std::vector<double>{100, 80, 100, 0, 0, 0}));
  EXPECT_EQ(demand_by_window(scenario, 200, 5), (std::vector<double>{100, 80, 100, 0, 100, 0}));
}

TEST(Demand, does_not_count_what_is_there_at_the_beginning) {
  EXPECT_EQ(demand_by_window(made_scenario(5, {{100, 0, 2}}), 1000, 5), std::vector<double>{0});
}

TEST(Disk, is_asked_for_rho_in_the_busiest_windows) {
  Scenario scenario = made_scenario(100, {{9e7, 11, 12}, {1e6, 31, 32}, {1e6, 51, 52}});
  scenario.trace.memory = 1e9;
  EXPECT_NEAR(size_disk(scenario, {.rho = 0.9}), 9e7 / 5 / 0.9, 1);
  EXPECT_NEAR(size_disk(scenario, {.rho = 0.9, .busiest_part = 0.1}), (9e7 + 1e6) / 2 / 5 / 0.9, 1);
}

}  // namespace
}  // namespace nf::predict
