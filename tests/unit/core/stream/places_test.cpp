// More is wanted than may be active: what is needed has a place before what only may be.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;

// Six rooms with a shared container each.
class PlacesTest : public TinyStage {
 protected:
  static constexpr std::uint32_t kRooms = 6;

  void open(StreamerOptions options, const DeviceModel& model = kTest) {
    TinyWorld world = make_tiny_world({.rooms = kRooms, .shared = kRooms});
    std::map<std::uint32_t, std::vector<std::uint32_t>> dependencies;
    for (std::uint32_t i = 0; i < kRooms; ++i) dependencies[world.room(i).value] = {1 + i};
    world.set_dependencies(dependencies);
    TinyStage::open(std::move(world), options, model);
  }
  ObserverId add(const Observer& observer) {
    return streamer_->add_observer(observer, now_).value();
  }
  void frames(int count) {
    for (; count > 0; --count) streamer_->update(now_ = now_ + 20_ms);
  }
  Residency state(std::uint32_t room) const { return streamer_->state(world_.room(room)); }
};

// All rooms are in reach, and take the places in the order of their ids.
TEST_F(PlacesTest, go_to_what_an_observer_is_inside_of) {
  for (const std::uint32_t leaving_cost_max : {~0u, 50u}) {
    open({.active_max = 6, .leaving_cost_max = leaving_cost_max});
    Observer observer;
    observer.speed_max = 100;
    const ObserverId id = add(observer);
    frames(100);
    EXPECT_EQ(state(0), Residency::resident);
    streamer_->move_observer(id, {.position = {500, 0, 0}}, now_);
    frames(20);
    EXPECT_EQ(state(kRooms - 1), Residency::resident);
    EXPECT_EQ(streamer_->stats().late_now, 0u);
    const std::uint64_t arrivals = streamer_->stats().arrivals;
    frames(100);
    EXPECT_EQ(streamer_->stats().arrivals, arrivals) << "the others take turns";
    streamer_.reset();
  }
}

TEST_F(PlacesTest, go_to_what_a_pinned_container_depends_on) {
  open({.active_max = 6});
  frames(1);
  pins_.push_back(streamer_->pin(world_.room(5)));
  Observer observer;
  observer.speed_max = 100;
  add(observer);
  frames(100);
  EXPECT_TRUE(pins_[0].resident());
}

// Room 0 may be reached in two seconds, room 1 in seven.
TEST_F(PlacesTest, are_given_up_by_what_is_needed_last) {
  open({.active_max = 4});
  add({.motion = {{-50, 0, 0}}, .speed_max = 20});
  frames(50);
  ASSERT_EQ(state(0), Residency::resident);
  ASSERT_EQ(state(1), Residency::resident);
  add({.motion = {{500, 0, 0}}});
  for (int i = 0; i < 50; ++i) {
    frames(1);
    ASSERT_EQ(state(0), Residency::resident) << i;
  }
  EXPECT_EQ(state(1), Residency::dormant);
  EXPECT_EQ(state(5), Residency::resident);
}

TEST_F(PlacesTest, are_free_at_once_where_something_was_still_on_its_way) {
  open({.active_max = 4}, {.name = "slow", .latency_p50 = 9_s, .latency_p99 = 9_s});
  add({.motion = {{-50, 0, 0}}, .speed_max = 20});
  frames(50);
  ASSERT_EQ(state(0), Residency::reading);
  ASSERT_EQ(state(1), Residency::reading);
  add({.motion = {{500, 0, 0}}});
  for (int i = 0; i < 50; ++i) {
    frames(1);
    ASSERT_EQ(state(0), Residency::reading) << "no other has to go, " << i;
  }
  EXPECT_EQ(state(5), Residency::reading);
}

TEST_F(PlacesTest, that_are_missing_are_told) {
  open({.active_max = 4});
  Observer observer;
  observer.bubble_scale = 100;
  add(observer);
  frames(50);
  const Stats stats = streamer_->stats();
  EXPECT_GT(stats.late_now, 0u);
  std::uint32_t missing = 0;
  for (std::uint32_t i = 0; i < kRooms; ++i) {
    if (streamer_->cause(world_.room(i)) == LateCause::memory) ++missing;
  }
  EXPECT_EQ(missing, stats.late_now);
}

}  // namespace
}  // namespace nf
