// Replays from end to end: what is foretold is there in time, and what nobody foretells is not.
#include <gtest/gtest.h>

#include "bench/replay/log_replay.h"
#include "bench/replay/made_up.h"
#include "bench/replay/match_replay.h"

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

TEST(LogReplay, finds_everything_in_time_on_a_fast_disk) {
  const MadeLog log;
  const ReplayFigures figures = replay_log(log.flight, log.world, log.payload, rig_on("nvme"));
  EXPECT_EQ(figures.late, 0u);
  EXPECT_EQ(figures.failures, 0u);
  EXPECT_EQ(figures.overflows, 0u);
  EXPECT_EQ(figures.screens.size(), 1u);
  EXPECT_GT(figures.arrivals, 150u);
  EXPECT_GE(figures.read.value, figures.wasted.value);
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

}  // namespace
}  // namespace nf::bench
