// What pins promise: when something is needed because of them, and what a wait for one leaves
// behind.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;

// Without observers, on a disk that gives everything asked for at one time; one arrival a frame
// then says in which order things are needed.
class PinTest : public TinyStage {
 protected:
  void SetUp() override { now_ = Time{} + 1000_s; }
  void open(TinyWorld world) {
    StreamerOptions options;
    options.arrival_cost_max = options.arrival_cost_default;
    TinyStage::open(std::move(world), options,
                    {.name = "even", .latency_p50 = 100_ms, .latency_p99 = 100_ms});
  }

  void pin(ContainerId id, Duration needed_in) {
    pins_.push_back(streamer_->pin(id, needed_in));
    ASSERT_TRUE(pins_.back().id().valid());
  }
  std::vector<ContainerId> arrivals_of(int frames) {
    std::vector<ContainerId> order;
    for (int i = 0; i < frames; ++i) {
      now_ = now_ + 10_ms;
      const FrameEvents events = streamer_->update(now_);
      order.insert(order.end(), events.arrived.begin(), events.arrived.end());
    }
    return order;
  }
};

TEST_F(PinTest, of_several_the_earliest_counts_until_all_went) {
  open(make_tiny_world());
  (void)arrivals_of(1);
  pin(world_.room(0), 1_s);
  pin(world_.room(0), 9_s);
  pin(world_.room(1), 5_s);
  pins_.erase(pins_.begin());
  EXPECT_EQ(arrivals_of(30), (std::vector{world_.room(0), world_.room(1)}));
}

TEST_F(PinTest, what_all_of_them_let_go_is_needed_when_the_next_one_says) {
  open(make_tiny_world());
  (void)arrivals_of(1);
  pin(world_.room(0), 1_s);
  pins_.clear();
  pin(world_.room(0), 9_s);
  pin(world_.room(1), 5_s);
  EXPECT_EQ(arrivals_of(30), (std::vector{world_.room(1), world_.room(0)}));
}

TEST_F(PinTest, cannot_lie_further_ahead_than_a_day) {
  open(make_tiny_world());
  (void)arrivals_of(1);
  pin(world_.room(1), 400'000_s);
  pin(world_.room(0), 86'400_s);
  EXPECT_EQ(arrivals_of(30), (std::vector{world_.room(0), world_.room(1)})) << "equal: lower id";
}

TEST_F(PinTest, before_the_first_update_counts_from_it) {
  open(make_tiny_world());
  device_->set_faults({.refuse = 1});  // so that both wait at the disk
  pin(world_.room(0), 9_s);
  (void)arrivals_of(1);
  pin(world_.room(1), 5_s);
  (void)arrivals_of(1);
  device_->set_faults({});
  EXPECT_EQ(arrivals_of(30), (std::vector{world_.room(1), world_.room(0)}));
}

TEST_F(PinTest, for_later_does_not_hold_up_what_depends_on_the_container_now) {
  constexpr ContainerId kShared{1};
  TinyWorld world = make_tiny_world({.rooms = 2, .shared = 1});
  world.set_dependencies({{world.room(0).value, {kShared.value}}});
  open(std::move(world));
  (void)arrivals_of(1);
  pin(world_.room(0), 0_s);
  pin(world_.room(1), 5_s);
  pin(kShared, 9_s);
  EXPECT_EQ(arrivals_of(30), (std::vector{kShared, world_.room(0), world_.room(1)}));
}

TEST_F(PinTest, ends_the_process_if_another_thread_lets_it_go) {
  open(make_tiny_world());
  pin(world_.room(0), 0_s);
  EXPECT_DEATH(std::thread([this] { pins_.clear(); }).join(), "");
}

// Its memory may be another's by the time the events are seen.
TEST_F(PinTest, what_came_in_a_wait_and_goes_with_the_next_update_was_never_there) {
  open(make_tiny_world());
  (void)arrivals_of(1);
  pin(world_.room(0), 0_s);
  ASSERT_TRUE(streamer_->wait(pins_[0], now_, 60_s));
  pins_.clear();
  now_ = now_ + 60_s;
  const FrameEvents events = streamer_->update(now_);
  EXPECT_TRUE(events.arrived.empty());
  EXPECT_TRUE(events.lateness.empty());
  EXPECT_TRUE(events.leaving.empty());
  EXPECT_EQ(streamer_->stats().resident, 0u);
}

// A finer level and the coarse one that it refines, which depends on what is shared and which
// nobody is near by itself; some rooms that leave before them, and a crowd that takes all places.
TEST_F(PinTest, holds_what_its_container_depends_on_from_then_on) {
  TinyWorld world = make_tiny_world({.rooms = 20, .shared = 1});
  const ContainerId shared{1}, coarse = world.room(0), fine = world.room(1);
  ContainerTable& table = world.tables.containers;
  table.subtree_end[coarse.value] = fine.value + 1;
  table.parent[fine.value] = coarse.value;
  table.position[fine.value] = {};
  table.refinement[fine.value] = Refinement::replace;
  table.load_distance[coarse.value] = 0;
  table.load_distance[fine.value] = 50;
  for (std::uint32_t i = 2; i < 6; ++i) table.position[world.room(i).value] = {1000, 0, 0};
  for (std::uint32_t i = 6; i < 20; ++i) table.position[world.room(i).value] = {5000, 0, 0};
  world.set_dependencies({{coarse.value, {shared.value}}});
  StreamerOptions options;
  options.active_max = 8;
  options.leaving_cost_max = 1;
  TinyStage::open(std::move(world), options);
  const auto add = [&](double x) {
    return streamer_->add_observer({.motion = {.position = {x, 0, 0}}}, now_).value();
  };
  const ObserverId near_fine = add(30), near_rooms = add(1000);
  const auto move = [&](ObserverId id, double x) {
    streamer_->move_observer(id, {.position = {x, 0, 0}}, now_);
  };
  (void)arrivals_of(100);
  ASSERT_EQ(streamer_->state(fine), Residency::resident);
  ASSERT_EQ(streamer_->state(world_.room(5)), Residency::resident);
  move(near_rooms, 1e6);
  (void)arrivals_of(1);
  move(near_fine, 1e6);
  (void)arrivals_of(1);
  ASSERT_EQ(streamer_->state(shared), Residency::resident) << "the finer one has yet to leave";
  const Pin pin = streamer_->pin(coarse);
  ASSERT_TRUE(pin.resident());
  move(near_rooms, 5000);
  for (int i = 0; i < 20; ++i) {
    (void)arrivals_of(1);
    EXPECT_TRUE(pin.resident());
    EXPECT_EQ(streamer_->state(shared), Residency::resident);
  }
  EXPECT_EQ(streamer_->state(fine), Residency::dormant);
}

}  // namespace
}  // namespace nf
