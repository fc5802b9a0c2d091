#include "tools/predict/stream_sim.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/tools/predict/made_traces.h"
#include "tools/predict/lateness_bound.h"

namespace nf::predict {
namespace {

constexpr DiskModel kDisk{.bytes_per_second = 1000};

// Says what a test wants, and remembers what it was told.
class Scripted final : public Policy {
 public:
  using Script = std::function<void(double, Answer&)>;
  explicit Scripted(Script script = [](double, Answer&) {}) : script_(std::move(script)) {}

  void begin(const TraceInfo&) override { told.clear(); }
  void level(std::uint32_t, double) override {}
  void container(std::uint32_t, const ContainerInfo&) override {}
  void state(std::uint32_t id, Stage stage) override { told.push_back({id, stage}); }
  void update(double seconds, WorldPosition, Answer& answer) override { script_(seconds, answer); }

  std::vector<std::pair<std::uint32_t, Stage>> told;

 private:
  Script script_;
};

TEST(StreamSim, is_late_by_reading_and_pipeline_to_the_moment) {
  Scripted nothing;
  const RunResult result = run(made_scenario(5, {{500, 1.234, 4}}), kDisk, nothing);
  EXPECT_NEAR(result.late_seconds, 0.6, 1e-9);
  EXPECT_NEAR(result.late_wall_seconds, 0.6, 1e-9);
  EXPECT_EQ(result.hitches, 1u);
  EXPECT_EQ(result.arrivals, 1u);
  EXPECT_NEAR(result.bytes_read, 500, 1e-6);
  EXPECT_EQ(result.bytes_vain, 0);
  EXPECT_EQ(result.memory_peak, 500);
}

TEST(StreamSim, is_late_only_as_long_as_it_is_required) {
  Scripted nothing;
  const RunResult result = run(made_scenario(5, {{500, 1, 1.25}}), kDisk, nothing);
  EXPECT_NEAR(result.late_seconds, 0.25, 1e-9);
  EXPECT_NEAR(result.bytes_vain, result.bytes_read, 1e-6);  // it was never of use
}

TEST(StreamSim, sums_over_containers_and_counts_the_wall_once) {
  Scripted nothing;
  const RunResult result = run(made_scenario(5, {{100, 1, 4}, {100, 1, 4}}), kDisk, nothing);
  EXPECT_NEAR(result.late_seconds, 0.2 + 0.3, 1e-9);
  EXPECT_NEAR(result.late_wall_seconds, 0.3, 1e-9);
  EXPECT_EQ(result.hitches, 1u);
}

TEST(StreamSim, reads_ahead_what_is_wanted_best_first) {
  Scripted policy([](double, Answer& answer) { answer.want = {{0, 0.5f}, {1, 0.9f}}; });
  const Scenario scenario = made_scenario(5, {{1000, 1.05, 4}, {900, 1.0, 4}});
  const RunResult result = run(scenario, kDisk, policy);
  // The second is read by 0.9 and usable by 1.0; the first by 1.9 and 2.0.
  EXPECT_NEAR(result.late_seconds, 0.95, 1e-9);
}

TEST(StreamSim, leaves_a_read_off_for_what_is_required_and_goes_on_with_it) {
  Scripted policy([](double, Answer& answer) { answer.want = {{0, 1.0f}}; });
  const RunResult result = run(made_scenario(5, {{1000, 3, 4}, {300, 0.55, 4}}), kDisk, policy);
  EXPECT_NEAR(result.late_seconds, 0.4, 1e-9);  // of the second alone
  EXPECT_NEAR(result.bytes_read, 1300, 1e-6);
  const std::vector<std::pair<std::uint32_t, Stage>> told = {
      {0, Stage::partly}, {1, Stage::partly},   {1, Stage::pipeline},
      {1, Stage::usable}, {0, Stage::pipeline}, {0, Stage::usable}};
  EXPECT_EQ(policy.told, told);
}

TEST(StreamSim, has_at_the_beginning_what_is_required_then) {
  Scripted nothing;
  const RunResult result = run(made_scenario(5, {{1000, 0, 4}}), kDisk, nothing);
  EXPECT_EQ(result.late_seconds, 0);
  EXPECT_EQ(result.bytes_read, 0);
  EXPECT_EQ(result.arrivals, 0u);
}

TEST(StreamSim, reads_what_is_required_nearest_first) {
  // Both become required between two updates; the observer stands at 0, the second box at 10.
  Scripted nothing;
  const auto late_of = [&](double first, double second) {
    return run(made_scenario(5, {{first, 1.05, 4}, {second, 1.05, 4}}), kDisk, nothing)
        .late_seconds;
  };
  // From 1.1 s on the nearer one is read first, whatever its size.
  EXPECT_NEAR(late_of(900, 100), 1.0 + 1.1, 1e-9);
  EXPECT_NEAR(late_of(100, 900), 0.2 + 1.1, 1e-9);
}

TEST(StreamSim, forgets_what_was_of_use_when_it_is_read_again) {
  Scenario scenario = made_scenario(20, {{400, 1, 2}, {800, 3, 4}});
  scenario.trace.memory = 900;
  Scripted policy([](double seconds, Answer& answer) {
    if (seconds > 5) answer.want = {{0, 1.0f}};
  });
  // The first had to leave for the second, and its return was for nothing.
  EXPECT_NEAR(run(scenario, kDisk, policy).bytes_vain, 400, 1e-6);
}

TEST(StreamSim, holds_no_more_than_fits_at_the_beginning_either) {
  Scenario scenario = made_scenario(5, {{600, 0, 2}, {600, 0, 4}});
  scenario.trace.memory = 900;
  Scripted nothing;
  const RunResult result = run(scenario, kDisk, nothing);
  EXPECT_EQ(result.memory_peak, 600);
  EXPECT_NEAR(result.late_seconds, 2 + 0.6 + 0.1, 1e-9);  // of the second, from 0 on
}

TEST(StreamSim, gives_up_what_is_worth_least) {
  // Two are read ahead and fill the memory; the third takes the place of the one worth less.
  Scenario scenario = made_scenario(10, {{400, 8, 9}, {400, 8, 9}, {400, 3, 4}});
  scenario.trace.memory = 900;
  Scripted policy([](double seconds, Answer& answer) {
    if (seconds < 2) answer.want = {{0, 0.9f}, {1, 0.8f}};
    answer.keep = {{0, 0.5f}, {1, 0.6f}};
  });
  const RunResult result = run(scenario, kDisk, policy);
  EXPECT_EQ(result.bytes_vain, 400);
  EXPECT_EQ(result.memory_peak, 800);
  EXPECT_NEAR(result.late_seconds, 0.5 + 0.5, 1e-9);  // of the third, and of the first at 8 s
}

TEST(StreamSim, gives_nothing_up_for_what_is_worth_less) {
  Scenario scenario = made_scenario(10, {{400, 8, 9}, {400, 8, 9}, {400, 9, 9.9}});
  scenario.trace.memory = 900;
  Scripted policy([](double seconds, Answer& answer) {
    if (seconds < 8.5) answer.want = {{0, 0.9f}, {1, 0.8f}, {2, 0.7f}};
  });
  EXPECT_EQ(run(scenario, kDisk, policy).bytes_vain, 0);
}

// To give up what is worth less is in vain where more would have to go, too.
TEST(StreamSim, gives_nothing_up_unless_it_makes_room_enough) {
  Scenario scenario = made_scenario(10, {{400, 8, 9}, {400, 8, 9}, {800, 9, 9.95}});
  scenario.trace.memory = 900;
  Scripted policy([](double seconds, Answer& answer) {
    answer.want = {{0, seconds < 2 ? 0.9f : 0.1f}, {1, 0.8f}, {2, 0.7f}};
  });
  const RunResult result = run(scenario, kDisk, policy);
  EXPECT_NEAR(result.late_seconds, 0.9, 1e-9);  // of the third, which had to wait until 9 s
  EXPECT_EQ(result.bytes_vain, 0);
}

TEST(StreamSim, never_gives_up_what_is_required) {
  Scenario scenario = made_scenario(10, {{400, 1, 9}, {400, 2, 9}, {400, 3, 4}});
  scenario.trace.memory = 900;
  Scripted nothing;
  const RunResult result = run(scenario, kDisk, nothing);
  EXPECT_NEAR(result.late_seconds, 0.5 + 0.5 + 1, 1e-9);  // the third never found room
}

TEST(StreamSim, counts_what_was_read_ahead_for_nothing) {
  Scripted policy([](double, Answer& answer) { answer.want = {{0, 1.0f}}; });
  const RunResult result = run(made_scenario(2, {{500, 3, 4}}), kDisk, policy);
  EXPECT_NEAR(result.bytes_read, 500, 1e-6);
  EXPECT_NEAR(result.bytes_vain, 500, 1e-6);
}

TEST(StreamSim, seeks_each_time_it_turns_to_another_container) {
  Scripted nothing;
  const DiskModel disk{.bytes_per_second = 1000, .seek_seconds = 0.05};
  const RunResult result = run(made_scenario(5, {{100, 1, 4}, {100, 2, 4}}), disk, nothing);
  EXPECT_NEAR(result.late_seconds, 2 * 0.25, 1e-9);
}

TEST(Oracle, is_never_late_where_the_disk_has_time) {
  const Scenario scenario = made_scenario(20, {{900, 1.2, 4}, {900, 2.2, 4}, {900, 3.2, 9}});
  const std::unique_ptr<Policy> oracle = make_policy("oracle", 60);
  EXPECT_EQ(run(scenario, kDisk, *oracle).late_seconds, 0);
  EXPECT_EQ(late_seconds_at_least(scenario, kDisk), 0);
}

TEST(Oracle, is_as_late_as_it_has_to_be_where_all_comes_at_once) {
  // 3,000 bytes by the first second: of equal ones, two are late, by 1.1 and 2.1 seconds.
  const Scenario scenario = made_scenario(9, {{1000, 1, 8}, {1000, 1, 8}, {1000, 1, 8}});
  const std::unique_ptr<Policy> oracle = make_policy("oracle", 60);
  const double bound = late_seconds_at_least(scenario, kDisk);
  EXPECT_NEAR(bound, 0.1 + 1.1 + 2.1, 1e-9);
  EXPECT_NEAR(run(scenario, kDisk, *oracle).late_seconds, bound, 1e-9);
}

TEST(LatenessBound, is_below_every_policy_on_made_up_movement) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Scenario scenario = build_scenario(made_segment(90, seed), {.seed = seed});
    scenario.trace.memory = 1.5 * scenario.required_bytes_max;
    const DiskModel disk{.bytes_per_second = size_disk(scenario, {}) / (seed % 3 == 0 ? 6 : 1)};
    const double bound = late_seconds_at_least(scenario, disk);
    double best = 1e300, oracle = 0;
    for (const PolicyKind& kind : policy_kinds()) {
      for (const double knob : kind.knobs) {
        const std::unique_ptr<Policy> policy = make_policy(kind.name, knob);
        const double late = run(scenario, disk, *policy).late_seconds;
        EXPECT_GE(late, bound - 1e-6) << kind.name << " " << knob << " seed " << seed;
        best = std::min(best, late);
        if (kind.foresees) oracle = late;
      }
    }
    EXPECT_LE(oracle, best * 1.05 + 0.5) << seed;  // nobody does much better than the oracle
  }
}

}  // namespace
}  // namespace nf::predict
