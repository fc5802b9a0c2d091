#include "tools/certify/certify.h"

#include <gtest/gtest.h>

#include "tests/unit/tools/certify/made_world.h"

namespace nf::certify {
namespace {

using test::MadeWorld;
using test::make_world;
using test::Packed;
using test::Room;
using test::slow_disk;

TEST(Certify, lets_one_pass_that_is_read_well_before_it_is_needed) {
  const MadeWorld made = make_world({{.at = {}, .size = 4'000'000}});
  const Certificate certificate = certify(made.world, slow_disk());
  EXPECT_EQ(certificate.asked, 1u);
  EXPECT_EQ(certificate.safe, 1u);
  EXPECT_EQ(certificate.lateness_max, 0);
  // 8 s ahead, less 4 s of reading, less what a reckoning from above takes on top.
  EXPECT_LT(certificate.slack, 4);
  EXPECT_TRUE(certificate.worst.empty());
}

TEST(Certify, bounds_the_lateness_of_one_that_is_too_large) {
  const MadeWorld made = make_world({{.at = {}, .size = 20'000'000}});
  const Certificate certificate = certify(made.world, slow_disk());
  EXPECT_EQ(certificate.safe, 0u);
  const Bound& bound = certificate.bounds[made.room(0)];
  EXPECT_EQ(bound.cause, Cause::deadline);
  EXPECT_GE(bound.seconds, 12);  // 20 s of reading that begin 8 s ahead
  ASSERT_FALSE(certificate.worst.empty());
  EXPECT_EQ(certificate.worst[0].first, ContainerId{made.room(0)});
}

TEST(Certify, adds_up_what_comes_within_reach_together) {
  const Room room{.at = {}, .size = 3'000'000};
  Room near = room, far = room;
  near.at.x = 40;
  far.at.x = 2'000;
  EXPECT_EQ(certify(make_world({room, far}).world, slow_disk()).safe, 2u);
  EXPECT_LT(certify(make_world({room, near, near}).world, slow_disk()).safe, 2u);
}

TEST(Certify, counts_what_several_share_once) {
  const Room room{.at = {}, .size = 10'000, .needs = {0}};
  Room other = room;
  other.at.y = 10;
  EXPECT_EQ(certify(make_world({room, other}, {2'000'000}).world, slow_disk()).safe, 2u);
  EXPECT_EQ(certify(make_world({room, other}, {9'000'000}).world, slow_disk()).safe, 0u);
}

TEST(Certify, finds_memory_that_is_too_small) {
  const MadeWorld made =
      make_world({{.at = {}, .size = 1'000'000}, {.at = {30, 0, 0}, .size = 1'000'000}});
  Question question = slow_disk();
  question.supply.options.memory_budget = {8 << 20};
  EXPECT_EQ(certify(made.world, question).safe, 2u);
  question.supply.options.memory_budget = {5 << 19};
  const Certificate certificate = certify(made.world, question);
  EXPECT_EQ(certificate.safe, 0u);
  EXPECT_EQ(certificate.bounds[made.room(0)].cause, Cause::memory);
  EXPECT_GE(certificate.memory_most, 2e6);
}

TEST(Certify, finds_decoders_that_are_too_slow) {
  const MadeWorld made = make_world({{.at = {}, .size = 1'000'000}});
  Question question = slow_disk();
  question.supply.options.decode_workers = 1;
  question.supply.decode_bytes_per_second.fill(100'000);
  EXPECT_EQ(certify(made.world, question).safe, 0u);
  question.supply.options.decode_workers = 4;
  question.supply.decode_bytes_per_second.fill(1e6);
  EXPECT_EQ(certify(made.world, question).safe, 1u);
}

// Its first half takes the disk four seconds, and its second half one worker as long.
TEST(Certify, adds_up_stages_that_wait_for_each_other) {
  Question question = slow_disk();
  question.supply.options.decode_workers = 1;
  question.supply.decode_bytes_per_second[static_cast<std::size_t>(Codec::zstd)] = 1e6;
  Room room{.at = {}, .size = 8'000'000, .packed = Packed::second_half};
  EXPECT_EQ(certify(make_world({room}).world, question).safe, 0u);
  room.packed = Packed::every_other;
  EXPECT_EQ(certify(make_world({room}).world, question).lateness_max, 0);
}

// What is needed in four seconds begins only once one of the others has ended.
TEST(Certify, counts_a_load_that_has_to_end_where_no_further_one_may_begin) {
  std::vector<Room> rooms(11, {.at = {150, 0, 0}, .size = 2'500'000});
  rooms[0] = {.at = {}, .size = 2'000'000};
  const MadeWorld made = make_world(rooms);
  Question question = slow_disk();
  EXPECT_EQ(certify(made.world, question).bounds[made.room(0)].seconds, 0);
  question.supply.options.loads_max = 8;
  EXPECT_EQ(certify(made.world, question).bounds[made.room(0)].cause, Cause::deadline);
}

// The more fits into the staging, the more was given to the disk before something turned urgent.
TEST(Certify, counts_reads_that_the_disk_was_given_before) {
  std::vector<Room> rooms(11, {.at = {150, 0, 0}, .size = 2'500'000});
  rooms[0] = {.at = {}, .size = 3'200'000};
  const MadeWorld made = make_world(rooms);
  Question question = slow_disk();
  question.supply.options.staging = {256 << 10};
  EXPECT_EQ(certify(made.world, question).bounds[made.room(0)].seconds, 0);
  question.supply.options.staging = {1 << 20};
  EXPECT_GT(certify(made.world, question).bounds[made.room(0)].seconds, 0);
}

TEST(Certify, finds_frames_that_cannot_take_all_arrivals) {
  std::vector<Room> rooms;
  for (int i = 0; i < 50; ++i) {
    rooms.push_back({.at = {1.0 * i, 0, 0}, .size = 1'000, .activation_cost = 4'000});
  }
  Question question = slow_disk();
  EXPECT_EQ(certify(make_world(rooms).world, question).safe, 50u);
  question.supply.frame_seconds = 0.2;  // 10 s for 50 that each fill a frame
  EXPECT_EQ(certify(make_world(rooms).world, question).safe, 0u);
}

TEST(Certify, finds_lists_that_are_too_short) {
  const std::vector<Room> rooms(20, {.at = {}, .size = 1'000});
  Question question = slow_disk();
  EXPECT_EQ(certify(make_world(rooms).world, question).safe, 20u);
  question.supply.options.wanted_per_observer_max = 19;
  const Certificate certificate = certify(make_world(rooms).world, question);
  EXPECT_EQ(certificate.safe, 0u);
  EXPECT_EQ(certificate.bounds[1].cause, Cause::limit);
}

TEST(Certify, finds_what_does_not_fit_at_all) {
  const MadeWorld made =
      make_world({{.at = {}, .size = 1'000, .needs = {0}}, {.at = {5'000, 0, 0}}}, {30'000'000});
  Question question = slow_disk();
  question.supply.options.memory_budget = {24 << 20};
  const Certificate certificate = certify(made.world, question);
  EXPECT_EQ(certificate.bounds[made.room(0)].cause, Cause::memory);
  EXPECT_EQ(certificate.bounds[made.room(1)].cause, Cause::none);
}

TEST(Certify, judges_only_what_it_is_asked_about) {
  const MadeWorld made = make_world({{.at = {}, .size = 20'000'000}, {.at = {5'000, 0, 0}}});
  Question question = slow_disk();
  question.about = {ContainerId{made.room(1)}, ContainerId{made.room(1) + 1}};
  const Certificate certificate = certify(made.world, question);
  EXPECT_EQ(certificate.asked, 1u);
  EXPECT_EQ(certificate.safe, 1u);
}

TEST(Certify, keeps_far_places_safe_from_one_that_is_overloaded) {
  std::vector<Room> rooms(1, {.at = {20'000, 0, 0}, .size = 500'000});
  for (int i = 0; i < 40; ++i) rooms.push_back({.at = {3.0 * i, 0, 0}, .size = 500'000});
  const MadeWorld made = make_world(rooms);
  const Certificate certificate = certify(made.world, slow_disk());
  EXPECT_TRUE(certificate.carries);
  EXPECT_EQ(certificate.bounds[made.room(0)].cause, Cause::none);
  EXPECT_EQ(certificate.bounds[made.room(20)].cause, Cause::deadline);
}

// What is needed from far is many at one time, and few of them are new.
TEST(Certify, takes_what_was_needed_before_for_there) {
  std::vector<Room> rooms;
  for (int i = 0; i < 30; ++i) {
    rooms.push_back({.at = {100.0 * i, 0, 0}, .size = 900'000, .load_distance = 300});
  }
  const MadeWorld made = make_world(rooms);
  EXPECT_EQ(certify(made.world, slow_disk()).safe, 30u);
  Question question = slow_disk();
  question.envelope.speed_max = 60;
  EXPECT_LT(certify(made.world, question).safe, 30u);
}

TEST(Certify, stops_when_it_is_told_to) {
  Question question = slow_disk();
  question.resolution = 0.1;
  question.progress = [](double) { return false; };
  const MadeWorld made = make_world({{.at = {}, .size = 20'000'000}});
  EXPECT_TRUE(certify(made.world, question).stopped);
}

TEST(Certify, stays_sound_when_it_may_look_at_few_places) {
  Question question = slow_disk();
  question.boxes_max = 50;
  const MadeWorld made = make_world({{.at = {}, .size = 20'000'000}});
  const Certificate certificate = certify(made.world, question);
  EXPECT_TRUE(certificate.coarse);
  EXPECT_EQ(certificate.safe, 0u);
}

}  // namespace
}  // namespace nf::certify
