// Everything that can make a container late is provoked, and told as what it is.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;

// Jobs that run when the test says so.
struct HeldJobs {
  struct Held {
    JobSystem::Job job;
    void* data;
  };
  JobSystem jobs() {
    return {.submit = [](void* self, JobSystem::Job job,
                         void* data) { static_cast<HeldJobs*>(self)->held.push_back({job, data}); },
            .context = this};
  }
  void run() {
    while (!held.empty()) {
      const Held next = held.back();
      held.pop_back();
      next.job(next.data);
    }
  }
  std::vector<Held> held;
};

class LatenessCauses : public TinyStage {
 protected:
  void open(const StreamerOptions& options = {}, const TinyWorldOptions& world = {},
            const DeviceModel& model = kTest) {
    TinyStage::open(make_tiny_world(world), options, model);
  }
  void TearDown() override {
    jobs_.run();
    pins_.clear();
    // The last jobs of what is on its way come while it is waited for.
    for (int i = 0; streamer_ && i < 100; ++i) {
      frame(-1000);
      jobs_.run();
    }
    streamer_.reset();
  }
  void join(double x) { observer_ = *streamer_->add_observer({.motion = {{x, 0, 0}, {}}}, now_); }
  void frame(double x, double speed = 0) {
    now_ = now_ + 10_ms;
    if (observer_.valid()) streamer_->move_observer(observer_, {{x, 0, 0}, {speed, 0, 0}}, now_);
    const FrameEvents events = streamer_->update(now_);
    ASSERT_EQ(events.causes.size(), events.arrived.size());
    for (std::size_t i = 0; i < events.arrived.size(); ++i) {
      EXPECT_EQ(events.causes[i] == LateCause::none, events.lateness[i] == Duration{});
      if (events.causes[i] != LateCause::none) causes_.push_back(events.causes[i]);
    }
  }
  void frames(int count, double x) {
    for (int i = 0; i < count; ++i) frame(x);
  }
  // At 50 m/s through the rooms, 2 s apart, foretold some seconds ahead.
  void fly(double from, double to) {
    for (double x = from; x < to; x += 0.5) frame(x, 50);
  }
  std::uint64_t count(LateCause cause) const {
    return streamer_->stats().late_by_cause[static_cast<std::size_t>(cause)];
  }
  void expect_all_are(LateCause cause) const {
    const Stats stats = streamer_->stats();
    EXPECT_GT(stats.late_arrivals, 0u);
    EXPECT_EQ(count(cause), stats.late_arrivals);
  }

  HeldJobs jobs_;
  ObserverId observer_;
  std::vector<LateCause> causes_;
};

TEST_F(LatenessCauses, are_none_for_a_steady_flight_on_a_fast_disk) {
  open();
  join(-300);
  fly(-300, 700);
  EXPECT_EQ(streamer_->stats().late_arrivals, 0u);
  EXPECT_EQ(count(LateCause::none), 0u);
}

TEST_F(LatenessCauses, are_foretelling_after_a_teleport) {
  open();
  join(-300);
  frames(5, -300);
  frames(20, 300);
  EXPECT_EQ(causes_, std::vector{LateCause::foretold_too_late});
  expect_all_are(LateCause::foretold_too_late);
}

// Each load takes half a second alone; all eight are foretold within a few seconds of flight.
TEST_F(LatenessCauses, are_the_disk_where_it_cannot_keep_up) {
  open({.read_timeout = 60_s}, {}, {.name = "slow", .bytes_per_second = 4000, .parallel = 1});
  join(-300);
  fly(-300, 700);
  frames(2000, 700);
  const Stats stats = streamer_->stats();
  EXPECT_GE(stats.late_arrivals, 4u);
  EXPECT_GT(count(LateCause::disk), stats.late_arrivals / 2);
  EXPECT_EQ(count(LateCause::disk) + count(LateCause::foretold_too_late), stats.late_arrivals);
}

TEST_F(LatenessCauses, are_the_decoder_where_it_gets_no_turn) {
  open({.decode_workers = 1, .jobs = jobs_.jobs()});
  join(-100);
  for (int i = 0; i < 5; ++i) frame(-100);
  jobs_.run();
  fly(-100, 0);
  EXPECT_EQ(streamer_->cause(world_.room(0)), LateCause::decode);
  jobs_.run();
  frames(3, 0);
  EXPECT_EQ(causes_, std::vector{LateCause::decode});
  EXPECT_EQ(streamer_->cause(world_.room(0)), LateCause::none);
}

TEST_F(LatenessCauses, are_memory_where_pins_fill_it) {
  open({.memory_budget = 64_KiB}, {.rooms = 8, .chunks = 4, .chunk_size = 3000});
  for (std::uint32_t i = 4; i < 8; ++i) pins_.push_back(streamer_->pin(world_.room(i)));
  frames(20, 0);
  join(-100);
  fly(-100, 0);
  frames(20, 0);
  EXPECT_EQ(streamer_->cause(world_.room(0)), LateCause::memory);
  pins_.clear();
  frames(200, 0);
  EXPECT_EQ(causes_, std::vector{LateCause::memory});
}

TEST_F(LatenessCauses, are_memory_too_where_it_never_came) {
  open({.memory_budget = 64_KiB}, {.rooms = 8, .chunks = 4, .chunk_size = 3000});
  for (std::uint32_t i = 4; i < 8; ++i) pins_.push_back(streamer_->pin(world_.room(i)));
  frames(20, 0);
  join(-100);
  fly(-100, 50);
  EXPECT_TRUE(causes_.empty());
  expect_all_are(LateCause::memory);
}

TEST_F(LatenessCauses, are_the_budget_where_one_goes_in_a_frame) {
  open({.arrival_cost_max = 1}, {.rooms = 8, .shared = 200, .chunks = 1, .chunk_size = 500});
  join(-25);
  fly(-25, 0);
  EXPECT_EQ(streamer_->cause(world_.room(0)), LateCause::budget)
      << "which is what the shared ones wait for";
  frames(400, 0);
  expect_all_are(LateCause::budget);
}

TEST_F(LatenessCauses, are_failure_where_reading_fails) {
  open({.retry_after = 200_ms});
  join(-100);
  device_->set_faults({.read_error = 1});
  fly(-100, 0);
  EXPECT_EQ(streamer_->cause(world_.room(0)), LateCause::failed);
  device_->set_faults({});
  frames(3000, 0);
  EXPECT_EQ(causes_, std::vector{LateCause::failed});
}

TEST_F(LatenessCauses, of_what_depends_on_others_are_theirs) {
  open({.retry_after = 200_ms}, {.rooms = 2, .shared = 1});
  join(-100);
  const Pin room = streamer_->pin(world_.room(0));
  device_->set_faults({.read_error = 1});
  fly(-100, 0);
  device_->set_faults({});
  frames(3000, 0);
  expect_all_are(LateCause::failed);
}

// One place is pinned, the other one taken by the room itself.
TEST_F(LatenessCauses, are_memory_where_what_it_depends_on_has_no_place) {
  TinyWorld world = make_tiny_world({.rooms = 2, .shared = 1});
  world.set_dependencies({{world.room(0).value, {1}}});
  TinyStage::open(std::move(world), {.active_max = 2});
  pins_.push_back(streamer_->pin(world_.room(1)));
  frames(20, 0);
  join(0);
  frames(100, 0);
  pins_.clear();
  frames(20, 0);
  EXPECT_EQ(causes_, std::vector{LateCause::memory});
}

// It was there for seconds before.
TEST_F(LatenessCauses, are_memory_where_it_had_to_go_again) {
  open({.memory_budget = 64_KiB}, {.rooms = 8, .chunks = 4, .chunk_size = 3000});
  join(-120);
  for (double x = -120; x < -30; x += 0.1) frame(x, 10);
  ASSERT_EQ(streamer_->state(world_.room(0)), Residency::resident);
  for (std::uint32_t i = 4; i < 8; ++i) pins_.push_back(streamer_->pin(world_.room(i)));
  for (double x = -30; x < -12; x += 0.1) frame(x, 10);
  ASSERT_EQ(streamer_->state(world_.room(0)), Residency::queued);
  pins_.clear();
  frames(200, -12);
  EXPECT_EQ(causes_, std::vector{LateCause::memory});
}

TEST_F(LatenessCauses, are_the_same_every_time) {
  std::vector<Stats> stats;
  for (int round = 0; round < 2; ++round) {
    observer_ = {};
    now_ = Time{1};
    streamer_.reset();
    open({}, {}, {.name = "slow", .bytes_per_second = 4000, .parallel = 2});
    join(-300);
    fly(-300, 700);
    stats.push_back(streamer_->stats());
  }
  EXPECT_GT(stats[0].late_arrivals, 0u);
  EXPECT_EQ(stats[0].late_by_cause, stats[1].late_by_cause);
}

// What is pinned is whole whatever becomes of its neighbours, and no frame waits for them.
TEST_F(LatenessCauses, of_a_neighbour_leave_a_pinned_proxy_alone) {
  open({.read_timeout = 500_ms, .retry_after = 100_ms});
  const Pin proxy = streamer_->pin(world_.room(0));
  frames(10, 0);
  ASSERT_TRUE(proxy.resident());
  const std::span<const std::byte> bytes = proxy.asset(0).bytes;
  join(-1000);
  for (const DeviceFaults& faults : {DeviceFaults{.read_error = 1}, DeviceFaults{.hang = 1},
                                     DeviceFaults{.slow = 1}, DeviceFaults{.flip = 1}}) {
    device_->set_faults(faults);
    frames(300, 200);
    const bool came = streamer_->state(world_.room(2)) == Residency::resident;
    EXPECT_EQ(streamer_->cause(world_.room(2)) == LateCause::none, came);
    EXPECT_TRUE(proxy.resident());
    ASSERT_EQ(proxy.asset(0).bytes.data(), bytes.data());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      ASSERT_EQ(bytes[i], TinyWorld::byte_at(proxy.id(), i));
    }
    frames(200, -1000);
  }
}

}  // namespace
}  // namespace nf
