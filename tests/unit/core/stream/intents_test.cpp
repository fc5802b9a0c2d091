// Jumps: the far side is there in time, within its share, and gone when the jump is off.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <utility>

#include "core/base/prng.h"
#include "tests/unit/core/stream/two_systems.h"

namespace nf {
namespace {

using namespace literals;
using test::TwoSystems;
using test::TwoSystemsOptions;

constexpr Duration kSpool = 18_s;
constexpr std::uint32_t kFarRooms = 20;

// Those that are on both lists.
std::set<ContainerId> both(const std::vector<ContainerId>& a, const std::vector<ContainerId>& b) {
  std::set<ContainerId> found;
  for (const ContainerId id : a) {
    if (std::find(b.begin(), b.end(), id) != b.end()) found.insert(id);
  }
  return found;
}

TEST(Intents, bring_all_of_the_far_side_before_the_jump) {
  TwoSystems world({});
  world.begin();
  const std::uint64_t late = world.streamer->stats().late_arrivals;
  const IntentId jump = world.spool(kSpool);
  world.frames_for(kSpool);
  EXPECT_EQ(world.far_rooms_there(), kFarRooms);
  EXPECT_GT(world.streamer->stats().intent_memory, 4'000'000_B);
  world.jumped = true;
  world.streamer->withdraw(jump);
  world.frame();
  EXPECT_EQ(world.streamer->stats().intent_memory, 0_B) << "it is the observer's now";
  world.frames_for(2_s);
  EXPECT_EQ(world.streamer->stats().late_arrivals, late);
  EXPECT_EQ(world.streamer->stats().late_now, 0u);
  EXPECT_EQ(world.far_rooms_there(), kFarRooms);
  EXPECT_TRUE(both(world.left, {world.far_room(0), world.far_room(19)}).empty());
  EXPECT_EQ(world.streamer->stats().intent_bytes_wasted, 0_B);
}

TEST(Intents, that_are_never_stated_leave_a_jump_late) {
  TwoSystems world({});
  world.begin();
  const std::uint64_t late = world.streamer->stats().late_arrivals;
  world.jumped = true;
  world.frames_for(kSpool);
  EXPECT_EQ(world.streamer->stats().late_arrivals, late + kFarRooms);
}

TEST(Intents, that_are_withdrawn_after_the_jump_change_nothing_more) {
  TwoSystems world({});
  world.mount_both();
  world.join();
  const IntentId jump = world.spool(kSpool);
  world.frames_for(kSpool);
  world.jumped = true;
  world.frames_for(1_s);
  world.left.clear();
  world.streamer->withdraw(jump);
  world.frames_for(1_s);
  EXPECT_TRUE(world.left.empty());
  EXPECT_EQ(world.far_rooms_there(), kFarRooms);
}

TEST(Intents, that_are_withdrawn_give_their_memory_back) {
  TwoSystems world({});
  world.begin();
  const Bytes free = world.streamer->stats().memory_free;
  const IntentId jump = world.spool(kSpool);
  world.frames_for(2_s);  // of the four or so that reading all of it takes
  const Stats during = world.streamer->stats();
  EXPECT_LT(during.memory_free, free);
  EXPECT_EQ(during.intents, 1u);
  EXPECT_GT(during.loading, 0u);
  world.streamer->withdraw(jump);
  world.frame();
  EXPECT_EQ(world.far_rooms_there(), 0u);
  while (world.device->next_event() != Time::never()) world.frame();
  world.frame();
  const Stats after = world.streamer->stats();
  EXPECT_EQ(after.memory_free, free);
  EXPECT_EQ(after.intents, 0u);
  EXPECT_EQ(after.intent_memory, 0_B);
  EXPECT_GT(after.intent_bytes_wasted, 0_B);
  EXPECT_GE(after.bytes_wasted, after.intent_bytes_wasted);
}

TEST(Intents, cancelled_after_all_is_there_free_it_within_one_frame) {
  TwoSystems world({});
  world.begin();
  const Bytes free = world.streamer->stats().memory_free;
  const IntentId jump = world.spool(kSpool);
  world.frames_for(10_s);
  EXPECT_EQ(world.far_rooms_there(), kFarRooms);
  world.streamer->withdraw(jump);
  const FrameEvents events = world.frame();
  EXPECT_EQ(events.leaving.size(), kFarRooms);
  EXPECT_EQ(world.streamer->stats().memory_free, free);
  EXPECT_TRUE(world.streamer->idle());
}

TEST(Intents, keep_to_their_share_of_memory_and_bring_the_rest_on_arrival) {
  TwoSystems world({.far = {.rooms = 40, .chunks = 4, .chunk_size = 50'000},
                    .bytes_per_second = 1e8,
                    .streamer = {.memory_budget = 16_MiB}});
  world.mount_both();
  world.join();
  const IntentId jump = world.spool(kSpool);
  world.frames_for(kSpool);
  const Stats before = world.streamer->stats();
  const Bytes share{(before.memory_free.value + before.intent_memory.value) / 4};
  EXPECT_LE(world.share_held, share);
  EXPECT_GT(world.share_held, Bytes{share.value / 2}) << "what it may have is used";
  const std::uint32_t there = world.far_rooms_there();
  EXPECT_GT(there, 5u);
  EXPECT_LT(there, 40u);
  world.jumped = true;
  world.streamer->withdraw(jump);
  world.frames_for(5_s);
  EXPECT_EQ(world.far_rooms_there(), 40u);
  EXPECT_EQ(world.streamer->stats().late_arrivals, 1u + 40u - there) << "one at the very start";
}

TEST(Intents, expire_some_time_after_their_time) {
  TwoSystems world({});
  world.begin();
  const Bytes free = world.streamer->stats().memory_free;
  const IntentId jump = *world.streamer->intend(world.observer, world.landing(6_s), world.now);
  world.frames_for(6_s + kIntentGrace - 100_ms);
  EXPECT_EQ(world.far_rooms_there(), kFarRooms);
  world.frames_for(200_ms);
  EXPECT_EQ(world.streamer->stats().intents, 0u);
  EXPECT_EQ(world.streamer->stats().memory_free, free);
  EXPECT_EQ(world.streamer->change_intent(jump, world.landing(1_s), world.now).error().code,
            ErrorCode::not_found);
  world.streamer->withdraw(jump);
  EXPECT_EQ(world.streamer->stats().intents, 0u);
}

TEST(Intents, end_with_their_observer) {
  TwoSystems world({});
  world.mount_both();
  world.join();
  const ObserverId other = *world.streamer->add_observer({.motion = {{0, 0, 0}, {}}}, world.now);
  ASSERT_TRUE(world.streamer->intend(other, world.landing(6_s), world.now));
  world.frames_for(6_s);
  EXPECT_EQ(world.far_rooms_there(), kFarRooms);
  world.streamer->remove_observer(other);
  world.frame();
  EXPECT_EQ(world.far_rooms_there(), 0u);
  EXPECT_EQ(world.streamer->stats().intents, 0u);
}

TEST(Intents, become_more_and_less_likely) {
  TwoSystems world({});
  world.mount_both();
  world.join();
  const IntentId jump =
      *world.streamer->intend(world.observer, world.landing(kSpool, 0), world.now);
  world.frames_for(6_s);
  EXPECT_EQ(world.far_rooms_there(), 0u) << "what will not be needs nothing";
  ASSERT_TRUE(world.streamer->change_intent(jump, world.landing(10_s, 0.3f), world.now));
  world.frames_for(6_s);
  EXPECT_EQ(world.far_rooms_there(), kFarRooms);
  ASSERT_TRUE(world.streamer->change_intent(jump, world.landing(10_s, 0), world.now));
  world.frame();
  EXPECT_EQ(world.far_rooms_there(), 0u);
}

TEST(Intents, through_a_gate_lead_where_it_leads_once_that_is_mounted) {
  TwoSystems world({});
  world.mount_near();
  world.join();
  const GateRange gates = world.streamer->gates_of(world.near_range.first);
  ASSERT_EQ(gates.count, 1u);
  const GateId gate = world.streamer->find_gate(world.near_range.first, "vega");
  EXPECT_EQ(gate, gates[0]);
  EXPECT_FALSE(world.streamer->find_gate(world.near_range.first, "sol").valid());
  EXPECT_EQ(world.streamer->intend(world.observer, gate, kSpool, 1, world.now).error().code,
            ErrorCode::not_found);
  world.mount_far();
  const GateView view = world.streamer->gate(gate);
  EXPECT_EQ(view.target, world.far_range.first);
  EXPECT_EQ(view.lead_time, kSpool);
  ASSERT_TRUE(world.streamer->intend(world.observer, gate, view.lead_time, 1, world.now));
  world.frames_for(kSpool);
  EXPECT_EQ(world.far_rooms_there(), kFarRooms);
}

TEST(Intents, of_what_is_no_intent_are_refused) {
  TwoSystems world({.streamer = {.memory_budget = 32_MiB, .intents_max = 2}});
  world.mount_both();
  world.join();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto refused = [&](ObserverId observer, const Intent& intent) {
    const Result<IntentId> stated = world.streamer->intend(observer, intent, world.now);
    return !stated && stated.error().code == ErrorCode::invalid_argument;
  };
  const Intent good = world.landing(kSpool);
  for (const float wrong : {-0.1f, 1.1f, static_cast<float>(nan)}) {
    EXPECT_TRUE(refused(world.observer, world.landing(kSpool, wrong)));
  }
  Intent intent = good;
  intent.position.y = nan;
  EXPECT_TRUE(refused(world.observer, intent));
  intent = good;
  intent.velocity.z = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(refused(world.observer, intent));
  intent = good;
  intent.in = Duration{-1};
  EXPECT_TRUE(refused(world.observer, intent));
  intent = good;
  intent.frame = {world.far_range.last.value};
  EXPECT_TRUE(refused(world.observer, intent));
  EXPECT_TRUE(refused(ObserverId{7}, good));
  EXPECT_TRUE(refused(ObserverId::none(), good));
  EXPECT_EQ(world.streamer->intend(world.observer, GateId{9}, kSpool, 1, world.now).error().code,
            ErrorCode::not_found);

  const IntentId first = *world.streamer->intend(world.observer, good, world.now);
  ASSERT_TRUE(world.streamer->intend(world.observer, good, world.now));
  EXPECT_EQ(world.streamer->intend(world.observer, good, world.now).error().code,
            ErrorCode::limit_exceeded);
  EXPECT_EQ(world.streamer->change_intent(first, world.landing(kSpool, 2), world.now).error().code,
            ErrorCode::invalid_argument);
  world.streamer->withdraw(first);
  world.streamer->withdraw(first);
  world.streamer->withdraw(IntentId::none());
  EXPECT_EQ(world.streamer->stats().intents, 1u);
  intent = good;
  intent.in = Duration{std::numeric_limits<std::int64_t>::max()};
  ASSERT_TRUE(world.streamer->intend(world.observer, intent, world.now));
  world.frames_for(6_s);
  EXPECT_EQ(world.far_rooms_there(), kFarRooms);
}

TEST(Intents, without_a_place_for_any_are_refused) {
  TwoSystems world({.streamer = {.memory_budget = 32_MiB, .intents_max = 0}});
  world.mount_both();
  world.join();
  EXPECT_EQ(world.streamer->intend(world.observer, world.landing(kSpool), world.now).error().code,
            ErrorCode::limit_exceeded);
  StreamerOptions options{.memory_budget = 1_MiB};
  for (const float wrong : {-1.0f, 1.5f, std::numeric_limits<float>::quiet_NaN()}) {
    options.intent_share = wrong;
    EXPECT_EQ(Streamer::create(options).error().code, ErrorCode::invalid_argument);
  }
}

// What is pinned, or needed by an observer as well, stays when the intent goes.
TEST(Intents, share_what_they_brought_with_pins) {
  TwoSystems world({.far = {.rooms = 6, .shared = 2, .chunks = 2, .chunk_size = 20'000}});
  world.mount_both();
  world.join();
  const IntentId jump = world.spool(kSpool);
  world.frames_for(4_s);
  EXPECT_EQ(world.far_rooms_there(), 6u);
  EXPECT_EQ(world.streamer->stats().intent_memory.value, 8u * 40'192);
  {
    const Pin pin = world.streamer->pin(world.far_room(3));
    world.frame();
    EXPECT_EQ(world.streamer->stats().intent_memory.value, 5u * 40'192) << "with what it needs";
    world.streamer->withdraw(jump);
    world.frame();
    EXPECT_TRUE(pin.resident());
    EXPECT_EQ(world.far_rooms_there(), 1u);
  }
  world.frame();
  EXPECT_EQ(world.streamer->state(world.far_room(3)), Residency::leaving) << "it was used: cached";
}

// The near side is as busy as its disk allows; the jump takes what is left over.
TEST(Intents, leave_heavy_traffic_near_by_as_it_was) {
  const auto fly = [](bool jumps) {
    TwoSystems world({.near = {.rooms = 40, .chunks = 4, .chunk_size = 50'000},
                      .bytes_per_second = 2e6,
                      .in_flight_max = 64_KiB,
                      .streamer = {.memory_budget = 16_MiB}});
    world.mount_both();
    world.join();
    world.frames_for(2_s);
    if (jumps) {
      EXPECT_TRUE(world.streamer->intend(world.observer, world.landing(10_s), world.now));
    }
    // A room of 200 kB each 100 m, at up to three quarters of the disk's rate.
    constexpr double kSpeed = 750;
    for (double x = 0; x < 3900; x += kSpeed * TwoSystems::kFrame.seconds()) {
      world.frame(x, kSpeed);
    }
    EXPECT_EQ(world.share_held > 0_B, jumps);
    const Stats stats = world.streamer->stats();
    return std::pair(stats.late_arrivals, stats.lateness_total);
  };
  EXPECT_EQ(fly(true), fly(false));
}

TEST(Intents, give_their_memory_to_an_observer_that_finds_none) {
  // The near rooms, all needed at once, take all memory that there is.
  TwoSystems world({.near = {.rooms = 70, .chunks = 4, .chunk_size = 50'000},
                    .bytes_per_second = 1e8,
                    .streamer = {.memory_budget = 16_MiB}});
  ContainerTable& table = world.near.tables.containers;
  for (std::uint32_t id = world.near.room(0).value; id < table.count(); ++id) {
    table.position[id] = {5000, 0, 0};
  }
  world.mount_both();
  world.join();
  ASSERT_TRUE(world.streamer->intend(world.observer, world.landing(kSpool), world.now));
  world.frames_for(5_s);
  EXPECT_GT(world.streamer->stats().intent_memory, 2'000'000_B);
  world.frames_for(5_s, 5000);
  EXPECT_EQ(world.streamer->stats().intent_memory, 0_B);
  EXPECT_LT(world.streamer->stats().memory_free, 200'192_B) << "the observer has it all";
}

}  // namespace
}  // namespace nf
