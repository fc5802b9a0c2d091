// What leaves does so within the frame's budget, and stays whole until then.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;

// Eight rooms 100 m apart, all of them within one bubble, or none.
class LeavingTest : public TinyStage {
 protected:
  void open(const StreamerOptions& options, const TinyWorldOptions& world = {}) {
    TinyStage::open(make_tiny_world(world), options);
  }
  void frame() {
    now_ = now_ + 10_ms;
    const FrameEvents events = streamer_->update(now_);
    arrived_.assign(events.arrived.begin(), events.arrived.end());
    left_.assign(events.leaving.begin(), events.leaving.end());
  }
  void frames(int count) {
    std::vector<ContainerId> arrived, left;
    for (int i = 0; i < count; ++i) {
      frame();
      arrived.insert(arrived.end(), arrived_.begin(), arrived_.end());
      left.insert(left.end(), left_.begin(), left_.end());
    }
    arrived_ = arrived;
    left_ = left;
  }
  // Pins are exact: what is pinned is wanted, what is not is not.
  void pin_rooms(std::uint32_t first, std::uint32_t end) {
    for (std::uint32_t i = first; i < end; ++i) pins_.push_back(streamer_->pin(world_.room(i)));
  }
  Residency state(ContainerId id) const { return streamer_->state(id); }

  std::vector<ContainerId> arrived_, left_;
};

TEST_F(LeavingTest, happens_at_once_unless_there_is_a_budget) {
  open({});
  pin_rooms(0, 8);
  frames(30);
  ASSERT_EQ(arrived_.size(), 8u);
  pins_.clear();
  frame();
  EXPECT_EQ(left_.size(), 8u);
  EXPECT_EQ(streamer_->stats().leavings_hastened, 0u);
}

TEST_F(LeavingTest, goes_by_the_budget_of_each_frame_and_in_the_order_of_being_unwanted) {
  open({.leaving_cost_max = 100, .leaving_cost_default = 50});
  pin_rooms(0, 8);
  frames(30);
  pins_.erase(pins_.begin() + 4, pins_.end());
  frame();
  EXPECT_EQ(left_, (std::vector{world_.room(4), world_.room(5)}));
  EXPECT_EQ(state(world_.room(6)), Residency::leaving);
  EXPECT_EQ(state(world_.room(3)), Residency::resident);
  EXPECT_FALSE(streamer_->idle());
  pins_.clear();
  frame();
  EXPECT_EQ(left_, (std::vector{world_.room(6), world_.room(7)}));
  frames(2);
  EXPECT_EQ(left_.size(), 4u);
  EXPECT_TRUE(streamer_->idle());
  EXPECT_EQ(streamer_->stats().leavings_hastened, 0u);
}

TEST_F(LeavingTest, lets_one_go_in_a_frame_however_much_it_costs) {
  open({.leaving_cost_max = 1, .leaving_cost_default = 5000});
  pin_rooms(0, 3);
  frames(30);
  pins_.clear();
  for (std::uint32_t i = 0; i < 3; ++i) {
    frame();
    EXPECT_EQ(left_, std::vector{world_.room(i)});
  }
}

TEST_F(LeavingTest, does_not_happen_to_what_is_wanted_again_before_its_turn) {
  open({.leaving_cost_max = 1});
  pin_rooms(0, 4);
  frames(30);
  const Bytes read = streamer_->stats().bytes_read;
  pins_.clear();
  frame();
  ASSERT_EQ(left_, std::vector{world_.room(0)});
  pin_rooms(3, 4);
  EXPECT_EQ(state(world_.room(3)), Residency::resident)
      << "a pin holds it from the moment it is made";
  EXPECT_FALSE(pins_[0].asset(0).bytes.empty());
  frames(10);
  EXPECT_EQ(left_, (std::vector{world_.room(1), world_.room(2)}));
  EXPECT_TRUE(arrived_.empty());
  EXPECT_EQ(streamer_->stats().bytes_read, read);
}

TEST_F(LeavingTest, keeps_what_others_depend_on_until_the_last_of_them_left) {
  open({.leaving_cost_max = 1}, {.rooms = 3, .shared = 2});
  pin_rooms(0, 3);
  frames(30);
  ASSERT_EQ(arrived_.size(), 5u);
  pins_.clear();
  frames(10);
  EXPECT_EQ(left_,
            (std::vector<ContainerId>{world_.room(0), world_.room(1), world_.room(2), {1}, {2}}));
}

// 2 depends on 1, and a room on both: the room alone wants them.
TEST_F(LeavingTest, lets_a_shared_container_go_before_what_it_depends_on) {
  open({.leaving_cost_max = 1}, {.rooms = 1, .shared = 2});
  streamer_.reset();
  world_.set_dependencies({{2, {1}}, {3, {1, 2}}});
  device_.emplace(SimDeviceOptions{.model = {.name = "test"}, .faults = {}});
  streamer_.emplace(std::move(*Streamer::create(
      {.memory_budget = 1_MiB, .device = &*device_, .decode_workers = 0, .leaving_cost_max = 1})));
  ASSERT_TRUE(
      streamer_->mount({.tables = &world_.tables, .file = device_->add_memory_file(world_.file)}));
  pin_rooms(0, 1);
  frames(30);
  ASSERT_EQ(arrived_.size(), 3u);
  pins_.clear();
  frames(10);
  EXPECT_EQ(left_, (std::vector<ContainerId>{{3}, {2}, {1}}));
}

TEST_F(LeavingTest, is_hastened_where_something_needs_the_memory) {
  alignas(4096) static std::array<std::byte, 1u << 20> staging;
  open({.memory_budget = 64_KiB,
        .memory = {.containers = {}, .staging = staging},
        .leaving_cost_max = 1},
       {.rooms = 12});
  const auto fit = static_cast<std::uint32_t>(streamer_->stats().memory_free.value / 10'240);
  ASSERT_EQ(fit, 6u);
  pin_rooms(0, fit);
  frames(30);
  ASSERT_EQ(arrived_.size(), fit);
  pins_.clear();
  pin_rooms(fit, 12);
  frame();
  EXPECT_EQ(left_.size(), 6u) << "what is needed now does not wait for the budget";
  frames(30);
  EXPECT_EQ(arrived_.size(), 6u);
  EXPECT_EQ(streamer_->stats().leavings_hastened, 5u);
}

TEST_F(LeavingTest, is_hastened_where_something_needs_the_place) {
  open({.active_max = 4, .leaving_cost_max = 1});
  const ObserverId observer = *streamer_->add_observer({}, now_);
  pin_rooms(4, 8);
  frames(30);
  ASSERT_EQ(arrived_.size(), 4u);
  pins_.erase(pins_.begin() + 2, pins_.end());
  frame();
  ASSERT_EQ(left_.size(), 1u);
  // Between frames nothing can leave.
  EXPECT_TRUE(streamer_->pin(world_.room(1)).id().valid()) << "what has left makes room";
  EXPECT_FALSE(streamer_->pin(world_.room(2)).id().valid()) << "what has not does not";
  streamer_->remove_observer(observer);
}

TEST_F(LeavingTest, counts_as_what_the_engine_measured) {
  open({.leaving_cost_max = 100, .leaving_cost_default = 50});
  pin_rooms(0, 8);
  frames(30);
  for (std::uint32_t i = 0; i < 8; ++i) {
    streamer_->report_cost(world_.room(i), Activation::leaving, i < 4 ? 25_us : 1_s);
  }
  pins_.clear();
  frame();
  EXPECT_EQ(left_.size(), 4u);
  frame();
  EXPECT_EQ(left_.size(), 1u);
}

TEST_F(LeavingTest, hands_arrivals_out_by_what_the_engine_measured) {
  open({.arrival_cost_max = 100, .arrival_cost_default = 100});
  pin_rooms(0, 8);
  frames(30);
  for (std::uint32_t i = 0; i < 8; ++i) {
    streamer_->report_cost(world_.room(i), Activation::arrival, 20_us);
  }
  streamer_->report_cost({9'999}, Activation::arrival, 20_us);  // no such container
  pins_.clear();
  frame();
  pin_rooms(0, 8);
  frame();
  EXPECT_EQ(arrived_.size(), 5u);
}

TEST_F(LeavingTest, while_a_wait_gathers_events_is_told_with_the_next_update) {
  open({.leaving_cost_max = 1});
  pin_rooms(0, 3);
  frames(30);
  pins_.erase(pins_.begin(), pins_.begin() + 2);
  ASSERT_TRUE(streamer_->wait(pins_[0], now_, 1_s));
  frame();
  EXPECT_EQ(std::set(left_.begin(), left_.end()), (std::set{world_.room(0), world_.room(1)}));
}

}  // namespace
}  // namespace nf
