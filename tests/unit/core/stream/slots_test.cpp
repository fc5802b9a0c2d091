// More is wanted than may be active: what is needed has a slot before what only may be.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;

// Six rooms with a shared container each.
class SlotsTest : public TinyStage {
 protected:
  static constexpr std::uint32_t kRooms = 6;

  void open(const StreamerOptions& options, const DeviceModel& model = kTest) {
    TinyWorld world = make_tiny_world({.rooms = kRooms, .shared = kRooms});
    std::map<std::uint32_t, std::vector<std::uint32_t>> dependencies;
    for (std::uint32_t i = 0; i < kRooms; ++i) dependencies[world.room(i).value] = {1 + i};
    world.set_dependencies(dependencies);
    TinyStage::open(std::move(world), options, model);
  }
  void open_without_dependencies(const StreamerOptions& options) {
    TinyStage::open(make_tiny_world({.rooms = kRooms}), options);
  }
  ObserverId add(const Observer& observer) {
    return streamer_->add_observer(observer, now_).value();
  }
  void frames(int count) {
    for (; count > 0; --count) streamer_->update(now_ = now_ + 20_ms);
  }
  Residency state(std::uint32_t room) const { return streamer_->state(world_.room(room)); }
  LateCause cause(std::uint32_t room) const { return streamer_->cause(world_.room(room)); }
  std::uint32_t count(Residency what) const {
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < kRooms; ++i) count += state(i) == what ? 1 : 0;
    return count;
  }
};

// All rooms are in reach, and take the slots in the order of their ids.
TEST_F(SlotsTest, go_to_what_an_observer_is_inside_of) {
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

TEST_F(SlotsTest, go_to_what_a_pinned_container_depends_on) {
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
TEST_F(SlotsTest, are_given_up_by_what_is_needed_last) {
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

TEST_F(SlotsTest, are_free_at_once_where_something_was_still_on_its_way) {
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

// Of six that are needed.
TEST_F(SlotsTest, that_are_missing_are_told) {
  struct Case {
    StreamerOptions options;
    bool depends = false;
    std::uint32_t resident = 0;
  };
  for (const Case& limit : {Case{{.active_max = 4}, false, 4}, Case{{.active_max = 4}, true, 2},
                            Case{{.wanted_per_observer_max = 4}, false, 4},
                            Case{{.wanted_per_observer_max = 4}, true, 4}}) {
    if (limit.depends) {
      open(limit.options);
    } else {
      open_without_dependencies(limit.options);
    }
    Observer observer;
    observer.bubble_scale = 100;
    add(observer);
    frames(50);
    const Stats stats = streamer_->stats();
    EXPECT_EQ(count(Residency::resident), limit.resident);
    EXPECT_EQ(stats.late_now, kRooms - limit.resident);
    for (std::uint32_t i = 0; i < kRooms; ++i) {
      const bool there = state(i) == Residency::resident;
      EXPECT_EQ(cause(i), there ? LateCause::none : LateCause::memory) << i;
    }
    frames(1);
    EXPECT_GE(streamer_->stats().overflows, stats.overflows + 2) << "each in each frame";
    streamer_.reset();
  }
}

// Pins have all slots while an observer is inside of the last room.
class MissingSlotTest : public SlotsTest {
 protected:
  void SetUp() override {
    open_without_dependencies({.active_max = 3});
    frames(1);
    for (std::uint32_t i = 0; i < 3; ++i) pins_.push_back(streamer_->pin(world_.room(i)));
    frames(20);
    observer_ = add({.motion = {.position = {500, 0, 0}}});
    frames(1);
    since_ = now_;
    frames(500);
  }
  std::uint64_t blamed_on_memory() const {
    return streamer_->stats().late_by_cause[static_cast<std::size_t>(LateCause::memory)];
  }

  ObserverId observer_;
  Time since_;
};

TEST_F(MissingSlotTest, is_late_since_it_was_needed) {
  EXPECT_EQ(streamer_->stats().late_now, 1u);
  EXPECT_EQ(streamer_->stats().late_arrivals, 0u) << "not yet";
  pins_.clear();
  for (int i = 0; i < 100 && streamer_->stats().late_now > 0; ++i) {
    const FrameEvents events = streamer_->update(now_ = now_ + 20_ms);
    if (events.arrived.empty()) continue;
    ASSERT_EQ(events.arrived[0], world_.room(5));
    EXPECT_EQ(events.lateness[0], now_ - since_);
    EXPECT_EQ(events.causes[0], LateCause::memory);
  }
  EXPECT_EQ(state(5), Residency::resident);
  EXPECT_EQ(streamer_->stats().late_arrivals, 1u);
  EXPECT_EQ(streamer_->stats().lateness_max, now_ - since_);
  EXPECT_EQ(blamed_on_memory(), 1u);
}

TEST_F(MissingSlotTest, was_late_if_it_never_came) {
  streamer_->remove_observer(observer_);
  frames(1);
  EXPECT_EQ(streamer_->stats().late_now, 0u);
  EXPECT_EQ(streamer_->stats().late_arrivals, 1u);
  EXPECT_EQ(blamed_on_memory(), 1u);
  EXPECT_EQ(streamer_->stats().lateness_max, now_ - since_);
  EXPECT_EQ(cause(5), LateCause::none);
}

TEST_F(MissingSlotTest, is_told_when_something_was_mounted_since_the_last_update) {
  TinyWorld other = make_tiny_world({.rooms = 2});
  for (std::uint32_t i = 0; i < other.tables.containers.count(); ++i) {
    other.tables.containers.path_hash[i] = path_hash("other" + std::to_string(i));
  }
  ASSERT_TRUE(
      streamer_->mount({.tables = &other.tables, .file = device_->add_memory_file(other.file)}));
  EXPECT_EQ(cause(5), LateCause::memory);
  pins_.clear();
  streamer_.reset();
}

}  // namespace
}  // namespace nf
