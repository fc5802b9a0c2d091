#include "tools/certify/adversary.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "core/interest/eyes.h"
#include "tests/unit/tools/certify/made_world.h"

namespace nf::certify {
namespace {

using test::arena_of;
using test::MadeWorld;
using test::make_world;
using test::Packed;
using test::Room;
using test::slow_disk;

TEST(Adversary, finds_nothing_where_all_is_loaded_in_time) {
  const MadeWorld made = make_world({{.at = {300, 0, 0}, .size = 2'000'000}});
  const Question question = slow_disk();
  const Arena arena = arena_of(made, question);
  const auto result = fly_against(arena, {.start = {}, .way = {1, 0, 0}, .seconds = 40});
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->late.empty());
}

TEST(Adversary, finds_what_cannot_be_in_time_and_by_how_much) {
  const MadeWorld made = make_world({{.at = {300, 0, 0}, .size = 20'000'000}});
  const Question question = slow_disk();
  const Arena arena = arena_of(made, question);
  const auto result = fly_against(
      arena, {.start = {}, .way = {1, 0, 0}, .manner = Manner::greedy, .seconds = 28.6});
  ASSERT_TRUE(result);
  ASSERT_EQ(result->late.size(), 1u);
  EXPECT_EQ(result->late[0].id, ContainerId{made.room(0)});
  EXPECT_GT(result->lateness_max, 11);
  EXPECT_LT(result->lateness_max, certify(made.world, question).lateness_max);
}

// A crowd of bodies, each with one room, in rows: more than an observer has eyes for.
MadeWorld rows_of_bodies(std::uint32_t count) {
  std::vector<Room> rooms;
  for (std::uint32_t i = 0; i < count; ++i) {
    rooms.push_back({.at = {3.0 * (i % 10), 3.0 * (i / 10), 0},
                     .size = 2'000,
                     .load_distance = 20,
                     .radius = 2,
                     .moves = true});
  }
  return make_world(rooms);
}

TEST(Certificate, is_refused_where_more_bodies_are_in_reach_than_an_observer_sees) {
  Question question = slow_disk();
  question.envelope.speed_max = 5;
  const MadeWorld made = rows_of_bodies(100);
  const Certificate certificate = certify(made.world, question);
  EXPECT_GT(certificate.eyes_most, Eyes::kEyesPerObserverMax);
  EXPECT_EQ(certificate.bounds[made.room(50)].cause, Cause::limit);
  double found = 0;
  for (const Attack& attack : plan_attacks(made.world, certificate, question, 4, 1)) {
    found = std::max(found, fly_against(arena_of(made, question), attack)->lateness_max);
  }
  EXPECT_GT(found, 1) << "some were not seen at all";

  const MadeWorld few = rows_of_bodies(60);
  EXPECT_EQ(certify(few.world, question).safe, 60u);
}

TEST(Certificate, counts_the_bodies_between) {
  std::vector<Room> rooms;
  for (std::uint32_t i = 0; i < 90; ++i) {
    const bool outer = i % 3 == 0;
    rooms.push_back({.at = outer ? WorldPosition{1.0 * i, 0, 0} : WorldPosition{1, 0, 0},
                     .size = 2'000,
                     .load_distance = 20,
                     .radius = 2,
                     .in = outer ? test::kInNone : i - 1,
                     .moves = true});
  }
  const MadeWorld made = make_world(rooms);
  Question question = slow_disk();
  question.envelope.speed_max = 5;
  EXPECT_EQ(certify(made.world, question).eyes_most, 1u + 90 + 3);
}

// In the room before it or beside that, in a frame that may move.
void move_it(Room& room, const std::vector<Room>& before, Prng& prng) {
  room.moves = prng.chance(0.7);
  room.turn = prng.between(0, 6);
  if (before.empty() || prng.chance(0.5)) return;
  room.in = static_cast<std::uint32_t>(before.size() - 1);
  room.at = {prng.between(-30, 30), prng.between(-30, 30), 0};
}

// Worlds around what the disk can just do, so that both answers come.
MadeWorld random_world(Prng& prng) {
  std::vector<Room> rooms;
  std::vector<std::uint64_t> shared;
  const auto shared_count = static_cast<std::uint32_t>(prng.below(3));
  for (std::uint32_t i = 0; i < shared_count; ++i) shared.push_back(1 + prng.below(400'000));
  const auto count = static_cast<int>(2 + prng.below(40));
  const double extent = 50 + prng.unit() * 600;
  const auto size = 1 + prng.below(prng.chance(0.5) ? 300'000 : 1'500'000);
  const bool bodies = prng.chance(0.5);
  for (int i = 0; i < count; ++i) {
    const auto drawn = [&] { return (prng.unit() - 0.5) * extent; };
    Room room{.at = {drawn(), drawn(), prng.chance(0.2) ? drawn() : 0},
              .size = 1 + prng.below(size),
              .load_distance = static_cast<float>(prng.unit() * 40),
              .radius = static_cast<float>(1 + prng.unit() * 10)};
    for (std::uint32_t need = 0; need < shared_count; ++need) {
      if (prng.chance(0.3)) room.needs.push_back(need);
    }
    room.packed = prng.chance(0.3) ? Packed::every_other : Packed::none;
    if (bodies) move_it(room, rooms, prng);
    rooms.push_back(room);
  }
  return make_world(rooms, shared);
}

Question random_question(Prng& prng) {
  Question question = slow_disk();
  question.envelope.speed_max = 3 + prng.unit() * 40;
  DeviceModel& model = question.supply.model;
  model.latency_p50 = {static_cast<std::int64_t>(100'000 + prng.below(30'000'000))};
  model.latency_p99 = {model.latency_p50.ns * static_cast<std::int64_t>(1 + prng.below(3))};
  model.parallel = static_cast<std::uint32_t>(1 + prng.below(8));
  question.supply.options.memory_budget = {(2 + prng.below(60)) << 20};
  question.supply.options.lookahead =
      Duration::from_seconds(static_cast<double>(2 + prng.below(8)));
  return question;
}

struct Tally {
  int safe = 0;
  int not_safe = 0;
  int late = 0;
};

// Flies against what was certified; false if something was later than that.
bool holds(std::uint64_t seed, Tally& tally) {
  Prng prng(seed);
  const MadeWorld made = random_world(prng);
  const Question question = random_question(prng);
  const Certificate certificate = certify(made.world, question);
  tally.safe += static_cast<int>(certificate.safe);
  tally.not_safe += static_cast<int>(certificate.asked - certificate.safe);
  const Arena arena = arena_of(made, question);
  for (const Attack& attack : plan_attacks(made.world, certificate, question, 4, seed)) {
    const auto result = fly_against(arena, attack);
    if (!result) return false;
    for (const LateContainer& late : result->late) {
      ++tally.late;
      const Bound& bound = certificate.bounds[late.id.value];
      if (bound.cause > Cause::deadline) continue;
      if (bound.cause == Cause::none || late.seconds > bound.seconds) {
        ADD_FAILURE() << "seed " << seed << ": container " << late.id.value << " was late by "
                      << late.seconds << " s; at most " << bound.seconds << " were certified";
        return false;
      }
    }
  }
  return true;
}

// Everything at one place, somewhat more than the disk can bring in time: what is flown comes close
// to what is certified, so that a certificate for less than the world asks is broken.
struct Crowd {
  MadeWorld made;
  Question question;
  double found = 0;  // seconds of lateness
};

Crowd fly_into_crowd(std::uint64_t seed) {
  Prng prng(seed);
  std::vector<Room> rooms;
  const auto count = static_cast<int>(20 + prng.below(100));
  const std::uint64_t size = 12'000'000 / static_cast<std::uint64_t>(count);
  for (int i = 0; i < count; ++i) {
    rooms.push_back({.at = {400 + prng.unit(), prng.unit(), 0}, .size = size});
  }
  Crowd crowd{.made = make_world(rooms), .question = slow_disk()};
  DeviceModel& model = crowd.question.supply.model;
  if (prng.chance(0.5)) {
    model.bytes_per_second = 1e8;
    model.parallel = 1;
    model.latency_p50 = model.latency_p99 =
        Duration::from_seconds(12.0 / static_cast<double>(count * ((size + 65'535) / 65'536)));
  }
  const Arena arena = arena_of(crowd.made, crowd.question);
  const auto result = fly_against(arena, {.start = {}, .way = {1, 0, 0}, .seconds = 38.6});
  crowd.found = result ? result->lateness_max : 0;
  return crowd;
}

TEST(Certificate, is_close_to_what_a_crowded_place_does) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Crowd crowd = fly_into_crowd(seed);
    const double most = certify(crowd.made.world, crowd.question).lateness_max;
    EXPECT_GT(crowd.found, 2) << seed;
    EXPECT_GE(most, crowd.found) << seed;
    EXPECT_LE(most, crowd.found * 2 + 2) << seed;
  }
}

// What a mistake in the reckoning would come to.
TEST(Certificate, is_broken_where_bytes_delays_or_load_distances_are_left_out) {
  int without_bytes = 0, without_delays = 0, without_time = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Crowd crowd = fly_into_crowd(seed);
    const auto breaks = [&](const Question& wrong) {
      return certify(crowd.made.world, wrong).lateness_max < crowd.found ? 1 : 0;
    };
    Question half = crowd.question;
    half.supply.model.bytes_per_second *= 2;
    without_bytes += breaks(half);
    Question prompt = crowd.question;
    prompt.supply.model.latency_p50 = prompt.supply.model.latency_p99 = Duration{1'000};
    without_delays += breaks(prompt);
    Question longer = crowd.question;
    longer.supply.options.lookahead = Duration{12'000'000'000};
    without_time += breaks(longer);
  }
  EXPECT_GT(without_bytes, 0);
  EXPECT_GT(without_delays, 0);
  EXPECT_GT(without_time, 0);
}

TEST(Certificate, is_broken_by_no_flight_within_the_envelope) {
  Tally tally;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) ASSERT_TRUE(holds(seed, tally)) << seed;
  std::printf("safe %d, not safe %d, found late %d\n", tally.safe, tally.not_safe, tally.late);
  // A test that never comes near the edge proves nothing.
  EXPECT_GT(tally.safe, 200);
  EXPECT_GT(tally.not_safe, 200);
  EXPECT_GT(tally.late, 10);
}

}  // namespace
}  // namespace nf::certify
