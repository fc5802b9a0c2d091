// Replays from end to end: what is foretold is there in time, and what nobody foretells is not.
#include <gtest/gtest.h>

#include <numeric>

#include "bench/replay/log_replay.h"
#include "bench/replay/made_up.h"
#include "bench/replay/match_replay.h"
#include "bench/replay/replay_rows.h"
#include "bench/replay/replay_runs.h"

namespace nf::bench {
namespace {

using namespace literals;

RigOptions rig_on(const char* model) {
  RigOptions options{.model = *find_device_model(model), .streamer = {}};
  options.streamer.memory_budget = 512_MiB;
  options.streamer.observers_max = 256;
  options.streamer.spawned_max = 16;
  options.streamer.intents_max = 64;
  return options;
}

struct MadeLog {
  Payload payload{1};
  LogFlight flight = make_log_flight(parse_jump_log("made up", make_up_log(1, 4)), 1);
  StarWorld world = make_star_world(flight.map, flight.pairs(), payload);
};

std::uint64_t sum_of_causes(const ReplayFigures& figures) {
  const auto& causes = figures.late_by_cause;
  return std::accumulate(causes.begin(), causes.end(), std::uint64_t{0});
}

// A match of these rows, and the ground under it.
struct MadeMatch {
  explicit MadeMatch(const std::string& rows)
      : match(parse_match("made up", "t_seconds,id,x,y,z\n" + rows)) {}

  Payload payload{1};
  Match match;
  MatchWorld world = make_match_world(match, payload, 1);
};

TEST(LogReplay, finds_everything_in_time_on_a_fast_disk) {
  const MadeLog log;
  const ReplayFigures figures = replay_log(log.flight, log.world, log.payload, rig_on("nvme"));
  EXPECT_EQ(figures.late, 0u);
  EXPECT_EQ(figures.failures, 0u);
  EXPECT_EQ(figures.overflows, 0u);
  EXPECT_EQ(figures.screens.size(), 1u);
  EXPECT_GT(figures.arrivals, 150u);
  EXPECT_GT(figures.read.value, 0u);
  EXPECT_LT(figures.read, log.world.size) << "not all systems are flown to";
  EXPECT_EQ(figures.wasted, Bytes{}) << "there is memory for all of it";
}

TEST(LogReplay, reads_again_and_in_vain_what_memory_is_too_small_for) {
  const MadeLog log;
  RigOptions options = rig_on("nvme");
  const ReplayFigures roomy = replay_log(log.flight, log.world, log.payload, options);
  options.streamer.memory_budget = 48_MiB;
  const ReplayFigures tight = replay_log(log.flight, log.world, log.payload, options);
  EXPECT_GT(tight.wasted, Bytes{});
  EXPECT_GT(tight.read, roomy.read);
}

TEST(LogReplay, is_late_where_jumps_are_not_foretold) {
  MadeLog log;
  for (JumpStart& jump : log.flight.jumps) jump.begin = jump.end;
  const ReplayFigures figures = replay_log(log.flight, log.world, log.payload, rig_on("nvme"));
  EXPECT_GE(figures.late, 4u) << "each star system at least";
  EXPECT_EQ(figures.lateness.size(), figures.late);
}

TEST(LogReplay, is_late_on_a_disk_that_cannot_keep_up) {
  const MadeLog log;
  RigOptions options = rig_on("sd_card");
  options.model.bytes_per_second = 1e6;
  const ReplayFigures figures = replay_log(log.flight, log.world, log.payload, options);
  EXPECT_GT(figures.late, 10u);
}

TEST(LogReplay, comes_to_the_same_each_time) {
  const MadeLog log;
  const ReplayFigures one = replay_log(log.flight, log.world, log.payload, rig_on("sd_card"));
  const ReplayFigures two = replay_log(log.flight, log.world, log.payload, rig_on("sd_card"));
  EXPECT_EQ(one.arrivals, two.arrivals);
  EXPECT_EQ(one.read, two.read);
  EXPECT_EQ(one.frames, two.frames);
  EXPECT_EQ(one.lateness, two.lateness);
}

TEST(MatchReplay, brings_what_every_object_is_near) {
  const Payload payload(1);
  const Match match = parse_match("made up", make_up_match(1, {.objects = 24, .seconds = 20}));
  const MatchWorld world = make_match_world(match, payload, 1);
  EXPECT_EQ(world.unit, 1000);
  const ReplayFigures figures = replay_match(match, world, payload, rig_on("nvme"));
  EXPECT_EQ(figures.late, 0u);
  EXPECT_EQ(figures.overflows, 0u);
  EXPECT_GT(figures.arrivals, figures.screen_arrivals);
  EXPECT_EQ(figures.screens.size(), 1u);
}

TEST(MatchReplay, stands_on_metres_where_people_walk) {
  const Payload payload(1);
  const Match match = parse_match(
      "made up", make_up_match(1, {.objects = 8, .seconds = 5, .across = 40, .speed = 1.5}));
  EXPECT_EQ(make_match_world(match, payload, 1).unit, 2);
}

TEST(MatchReplay, lets_a_crowd_in_at_one_time) {
  std::string rows = "0,0,0,0,0\n1,0,0,0,0\n6,0,0,0,0\n";
  for (int i = 1; i <= 100; ++i)
    rows += "6," + std::to_string(i) + "," + std::to_string(i) + "e3,0,0\n";
  const MadeMatch made(rows + "7,0,0,0,0\n");
  RigOptions options = rig_on("nvme");
  options.streamer.observers_max = options.streamer.intents_max = 16;
  const ReplayFigures figures = replay_match(made.match, made.world, made.payload, options);
  EXPECT_EQ(figures.joins.first, 100u);
  EXPECT_EQ(figures.joins.untold, 0u);
  EXPECT_EQ(figures.late, 0u);
}

TEST(MatchReplay, tells_of_those_who_come_back_apart_from_those_who_join) {
  const MadeMatch made(
      "0,0,0,0,0\n"
      "1,0,10,0,0\n"
      "2,1,30000,0,0\n"  // joins
      "9,0,20,0,0\n"
      "9.5,0,60000,0,0\n"   // is elsewhere
      "14,1,30000,0,0\n");  // was away
  const ReplayFigures figures = replay_match(made.match, made.world, made.payload, rig_on("nvme"));
  EXPECT_EQ(figures.joins.first, 1u);
  EXPECT_EQ(figures.joins.again, 2u);
}

TEST(MatchReplay, counts_as_late_what_is_missing_at_the_end) {
  const MadeMatch made("0,0,0,0,0\n0,1,1,0,0\n0.5,2,300000,0,0\n1,0,0,0,0\n1,2,300000,0,0\n");
  RigOptions options = rig_on("sd_card");
  options.model.bytes_per_second = 1e6;
  const ReplayFigures figures = replay_match(made.match, made.world, made.payload, options);
  EXPECT_GT(figures.late, 0u);
  EXPECT_EQ(figures.lateness.size(), 0u) << "nothing of it came";
  EXPECT_EQ(sum_of_causes(figures), figures.late);
}

// Somebody is where nothing is there yet, and then behind a screen elsewhere.
TEST(ReplayRig, excuses_behind_a_screen_only_what_became_late_there) {
  const MadeMatch made("0,0,0,0,0\n1,0,300000,300000,0\n");
  RigOptions options = rig_on("sd_card");
  options.model.bytes_per_second = 1e6;
  const auto late_after = [&](int frames) {
    ReplayRig rig(made.world.tables, made.payload, options);
    Streamer& streamer = rig.streamer();
    const ObserverId observer =
        *streamer.add_observer({.motion = {.position = {300e3, 0, 0}}}, rig.now());
    rig.wait_behind_screen();
    streamer.move_observer(observer, {.position = {0, 0, 0}}, rig.now());
    for (int i = 0; i < frames; ++i) {
      rig.frame();
      rig.advance(Duration{10'000'000});
    }
    const std::uint32_t missing = streamer.stats().late_now;
    streamer.move_observer(observer, {.position = {0, 300e3, 0}}, rig.now());
    rig.wait_behind_screen();
    streamer.remove_observer(observer);
    const ReplayFigures figures = rig.finish(1);
    EXPECT_EQ(figures.late, missing);
    EXPECT_EQ(sum_of_causes(figures), figures.late);
    return missing;
  };
  EXPECT_EQ(late_after(0), 0u);
  EXPECT_GT(late_after(10), 0u);
}

TEST(ReplayRows, name_each_cause_in_the_words_of_the_command_line) {
  ReplayFigures figures;
  figures.late = 3;
  figures.late_by_cause[static_cast<std::size_t>(LateCause::none)] = 1;
  figures.late_by_cause[static_cast<std::size_t>(LateCause::memory)] = 2;
  std::vector<std::string> causes;
  double sum = 0;
  for (const Figure& row : rows_of("logs, hdd", figures)) {
    if (row.name.find("late: ") == std::string::npos) continue;
    causes.push_back(row.name);
    sum += row.ours[0];
  }
  EXPECT_EQ(causes, (std::vector<std::string>{"logs, hdd, late: cause unknown",
                                              "logs, hdd, late: want of memory"}));
  EXPECT_EQ(sum, 3);
}

TEST(ReplayRuns, take_as_many_threads_as_there_is_memory_and_work_for) {
  const auto gibibytes = [](std::uint64_t count) { return Bytes{count << 30}; };
  EXPECT_EQ(replay_threads({.processors = 64, .memory = gibibytes(512)}, 1000), 16u);
  EXPECT_EQ(replay_threads({.processors = 64, .memory = gibibytes(512)}, 3), 3u);
  EXPECT_EQ(replay_threads({.processors = 16, .memory = gibibytes(16)}, 1000), 7u);
  EXPECT_EQ(replay_threads({.processors = 4, .memory = gibibytes(1)}, 1000), 1u);
  EXPECT_EQ(replay_threads({.processors = 0, .memory = {}}, 0), 1u);
}

}  // namespace
}  // namespace nf::bench
