// Something needed at once finds no memory: who lets go of what they depend on, and who need not.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;

// Rooms of 20 kB may be reached, and depend on shared containers of 100 kB. Room 4 has 100 kB, room
// 5 has 200 kB, room 2 has 5 kB.
class YieldTest : public TinyStage {
 protected:
  static constexpr std::uint32_t kLarge = 4, kTooLarge = 5, kOther = 6, kSmall = 2, kShared = 2;
  static constexpr TinySize kSizes[] = {{1, 20},
                                        {2, 20},
                                        {1 + kShared + kSmall, 1},
                                        {1 + kShared + kLarge, 20},
                                        {1 + kShared + kTooLarge, 40}};

  // Over so much memory for containers.
  void open(const std::map<std::uint32_t, std::vector<std::uint32_t>>& shared_by_room,
            std::uint64_t memory, StreamerOptions options = {}) {
    TinyWorld world =
        make_tiny_world({.rooms = 12, .shared = kShared, .chunks = 4, .sizes = kSizes});
    std::map<std::uint32_t, std::vector<std::uint32_t>> dependencies;
    for (const auto& [room, shared] : shared_by_room) dependencies[world.room(room).value] = shared;
    world.set_dependencies(dependencies);
    if (breaks_ != ContainerId{}) {
      world.file[world.tables.containers.run_at[breaks_.value].value] ^= std::byte{1};
    }
    options.memory_budget = {memory + memory / 3};  // a quarter of it is for staging
    TinyStage::open(std::move(world), options);
  }
  // Reaches room 0 in 2 s and room 1 in 7 s.
  void reach() {
    ASSERT_TRUE(streamer_->add_observer({.motion = {{-50, 0, 0}}, .speed_max = 20}, now_));
    frames(100);
  }
  void stand_in(std::uint32_t room) {
    ASSERT_TRUE(streamer_->add_observer({.motion = {{100.0 * room, 0, 0}}}, now_));
  }
  void pin_a_hundred_kilobytes() {
    for (std::uint32_t i = 7; i < 12; ++i) pins_.push_back(streamer_->pin(world_.room(i)));
    frames(20);
  }
  void frames(int count, Duration each = 20_ms) {
    for (; count > 0; --count) left_ += streamer_->update(now_ = now_ + each).leaving.size();
  }
  Residency state(std::uint32_t room) const { return streamer_->state(world_.room(room)); }

  ContainerId breaks_{};
  std::size_t left_ = 0;
};

TEST_F(YieldTest, is_in_the_order_of_need_and_no_more_than_is_asked_for) {
  open({{0, {1}}, {1, {2}}}, 280'000);
  reach();
  ASSERT_EQ(state(0), Residency::resident);
  ASSERT_EQ(state(1), Residency::resident);
  stand_in(kLarge);
  frames(20);
  EXPECT_EQ(state(kLarge), Residency::resident);
  EXPECT_NE(state(1), Residency::resident) << "needed last";
  EXPECT_EQ(state(0), Residency::resident) << "there was enough";
}

TEST_F(YieldTest, is_not_asked_of_what_would_not_help) {
  open({{0, {1}}, {1, {1}}}, 280'000);
  pin_a_hundred_kilobytes();
  reach();
  ASSERT_EQ(streamer_->stats().resident, 8u);
  stand_in(kTooLarge);
  frames(500);
  EXPECT_EQ(left_, 0u);
  EXPECT_EQ(streamer_->stats().bytes_wasted, Bytes{});
  EXPECT_EQ(streamer_->cause(world_.room(kTooLarge)), LateCause::memory);
}

// One of the two that hold a shared container stays.
TEST_F(YieldTest, is_not_asked_of_who_holds_what_others_need) {
  open({{0, {1}}, {1, {2}}, {kOther, {2}}}, 300'000);
  stand_in(kOther);
  reach();
  ASSERT_EQ(streamer_->stats().resident, 5u);
  stand_in(kTooLarge);
  frames(500);
  EXPECT_EQ(left_, 0u);
}

TEST_F(YieldTest, is_no_reason_to_stop_prefetch_for_what_can_never_fit) {
  open({}, 280'000);
  pin_a_hundred_kilobytes();
  stand_in(kTooLarge);
  frames(20);
  reach();
  EXPECT_EQ(state(0), Residency::resident);
  EXPECT_EQ(state(1), Residency::resident);
  EXPECT_EQ(state(kTooLarge), Residency::queued);
}

// Who lets go of it comes back after a second, and finds it still there unless another one was
// asked first.
TEST_F(YieldTest, is_of_use_however_long_frames_are) {
  open({{kSmall, {1}}}, 180'000);
  ASSERT_TRUE(streamer_->add_observer({.motion = {{150, 0, 0}}, .speed_max = 10}, now_));
  frames(100);
  ASSERT_EQ(state(kSmall), Residency::resident);
  stand_in(kLarge);
  frames(20, 2_s);
  EXPECT_EQ(state(kLarge), Residency::resident);
}

TEST_F(YieldTest, does_not_bring_forward_what_failed) {
  breaks_ = {1 + kShared};
  open({{0, {1}}}, 180'000, {.retry_after = 60_s});
  reach();
  ASSERT_EQ(state(0), Residency::failed);
  ASSERT_EQ(streamer_->state({1}), Residency::resident);
  stand_in(kLarge);
  frames(300);
  EXPECT_EQ(state(kLarge), Residency::resident);
  EXPECT_EQ(streamer_->stats().failures, 1u);
}

}  // namespace
}  // namespace nf
