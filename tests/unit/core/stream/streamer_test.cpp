#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/codec/codec.h"
#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;

// On an honest disk, with one observer.
class StreamerTest : public TinyStage {
 protected:
  void open(const TinyWorldOptions& world = {}, const StreamerOptions& options = {}) {
    make(world);
    mount(options);
  }
  void make(const TinyWorldOptions& world) { world_ = make_tiny_world(world); }
  void mount(const StreamerOptions& options) {
    TinyStage::mount(options, {.model = kTest, .faults = {}});
  }

  void join(WorldPosition at) {
    auto id = streamer_->add_observer({.motion = {at, {}}}, now_);
    ASSERT_TRUE(id);
    observer_ = *id;
  }
  // One frame of 10 ms with the observer standing at x, or moving along it.
  void frame(double x, double speed = 0) {
    now_ = now_ + 10_ms;
    streamer_->move_observer(observer_, {{x, 0, 0}, {speed, 0, 0}}, now_);
    const FrameEvents events = streamer_->update(now_);
    arrived_.assign(events.arrived.begin(), events.arrived.end());
    left_.assign(events.leaving.begin(), events.leaving.end());
    failed_.assign(events.failed.begin(), events.failed.end());
  }
  void frames(int count, double x) {
    std::vector<ContainerId> arrived, left, failed;
    for (int i = 0; i < count; ++i) {
      frame(x);
      arrived.insert(arrived.end(), arrived_.begin(), arrived_.end());
      left.insert(left.end(), left_.begin(), left_.end());
      failed.insert(failed.end(), failed_.begin(), failed_.end());
    }
    arrived_ = arrived;
    left_ = left;
    failed_ = failed;
  }
  void frames_without_observer(int count) {
    for (int i = 0; i < count; ++i) {
      now_ = now_ + 10_ms;
      streamer_->update(now_);
    }
  }
  bool has_arrived(ContainerId id) const {
    return std::find(arrived_.begin(), arrived_.end(), id) != arrived_.end();
  }

  ObserverId observer_;
  std::vector<ContainerId> arrived_, left_, failed_;
};

TEST(StreamerOptions, without_a_budget_are_refused) {
  EXPECT_FALSE(Streamer::create({}));
  EXPECT_EQ(Streamer::create({}).error().code, ErrorCode::invalid_argument);
}

TEST_F(StreamerTest, brings_what_is_near_and_lets_go_of_what_is_far) {
  open();
  join({0, 0, 0});
  frames(10, 0);
  EXPECT_TRUE(has_arrived(world_.room(0)));
  EXPECT_EQ(streamer_->state(world_.room(0)), Residency::resident);
  EXPECT_EQ(streamer_->state(world_.room(5)), Residency::dormant);
  frames(300, 500);
  EXPECT_EQ(left_, std::vector{world_.room(0)});
  EXPECT_TRUE(has_arrived(world_.room(5)));
}

TEST_F(StreamerTest, keeps_what_lies_between_load_distance_and_hysteresis) {
  open();
  join({0, 0, 0});
  frames(10, 0);
  frames(400, 16);  // 11 m from the bounds: beyond 10, within 11.5
  EXPECT_TRUE(left_.empty());
  frames(400, 18);
  EXPECT_EQ(left_, std::vector{world_.room(0)});
  frames(400, 16);
  EXPECT_TRUE(arrived_.empty()) << "hysteresis loads nothing";
}

TEST_F(StreamerTest, brings_back_what_is_still_in_memory_without_reading) {
  open();
  join({0, 0, 0});
  frames(10, 0);
  frames(300, 50);
  EXPECT_EQ(streamer_->state(world_.room(0)), Residency::leaving);
  const Bytes read = streamer_->stats().bytes_read;
  frame(0);
  EXPECT_TRUE(has_arrived(world_.room(0)));
  EXPECT_EQ(streamer_->stats().bytes_read, read);
}

TEST_F(StreamerTest, has_everything_there_in_time_for_a_steady_flight) {
  open();
  join({0, 0, 0});
  frames(20, 0);
  const std::uint64_t late = streamer_->stats().late_arrivals;
  for (double x = 0; x < 700; x += 0.5) frame(x, 50);
  EXPECT_EQ(streamer_->stats().late_arrivals, late);
  EXPECT_GE(streamer_->stats().arrivals, 8u);
}

TEST_F(StreamerTest, counts_what_a_teleport_makes_late) {
  open();
  join({0, 0, 0});
  frames(20, 0);
  const std::uint64_t late = streamer_->stats().late_arrivals;
  frame(300);
  EXPECT_FALSE(has_arrived(world_.room(3)));
  std::vector<Duration> lateness;
  for (int i = 0; i < 10 && !has_arrived(world_.room(3)); ++i) {
    now_ = now_ + 10_ms;
    const FrameEvents events = streamer_->update(now_);
    arrived_.assign(events.arrived.begin(), events.arrived.end());
    lateness.assign(events.lateness.begin(), events.lateness.end());
  }
  ASSERT_TRUE(has_arrived(world_.room(3)));
  EXPECT_GE(lateness[0].ns, (10_ms).ns);
  EXPECT_EQ(streamer_->stats().late_arrivals, late + 1);
}

TEST_F(StreamerTest, counts_what_was_needed_and_never_came) {
  open();
  join({50, 0, 0});
  frames(5, 50);
  device_->set_faults({.hang = 1});
  frames(20, 300);
  frames(400, 350);
  EXPECT_EQ(streamer_->stats().late_arrivals, 1u);
}

TEST_F(StreamerTest, hands_out_the_right_bytes) {
  open();
  pins_.push_back(streamer_->pin(world_.room(2)));
  ASSERT_TRUE(streamer_->wait(pins_[0], now_, 5_s));
  ASSERT_EQ(pins_[0].asset_count(), 1u);
  const auto bytes = pins_[0].find(asset_id("all"));
  ASSERT_TRUE(bytes);
  ASSERT_EQ(bytes->size(), 10'000u);
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    ASSERT_EQ((*bytes)[i], TinyWorld::byte_at(world_.room(2), i));
  }
  EXPECT_EQ(pins_[0].find(asset_id("none")).error().code, ErrorCode::not_found);
}

TEST_F(StreamerTest, gives_the_events_of_a_wait_with_the_next_update) {
  open();
  pins_.push_back(streamer_->pin(world_.room(2)));
  ASSERT_TRUE(streamer_->wait(pins_[0], now_, 5_s));
  now_ = now_ + 10_s;
  const FrameEvents events = streamer_->update(now_);
  ASSERT_EQ(events.arrived.size(), 1u);
  EXPECT_EQ(events.arrived[0], world_.room(2));
}

TEST_F(StreamerTest, keeps_what_is_pinned_and_lets_go_when_the_pin_does) {
  open();
  join({50, 0, 0});
  pins_.push_back(streamer_->pin(world_.room(7)));
  frames(10, 50);
  EXPECT_TRUE(pins_[0].resident());
  frames(500, 50);
  EXPECT_TRUE(pins_[0].resident());
  pins_.clear();
  frames(2, 50);
  EXPECT_EQ(left_, std::vector{world_.room(7)});
}

TEST_F(StreamerTest, brings_what_is_pinned_for_now_before_what_is_pinned_for_later) {
  StreamerOptions options;
  options.arrival_cost_default = options.arrival_cost_max;  // one arrival a frame
  open({.rooms = 6}, options);
  for (std::uint32_t i = 0; i < 6; ++i) {
    pins_.push_back(streamer_->pin(world_.room(i), i < 5 ? 10_s : 0_s));
  }
  pins_.push_back(streamer_->pin(world_.room(4), 5_s));
  std::vector<ContainerId> order;
  for (int i = 0; i < 40; ++i) {
    now_ = now_ + 10_ms;
    const FrameEvents events = streamer_->update(now_);
    order.insert(order.end(), events.arrived.begin(), events.arrived.end());
  }
  ASSERT_EQ(order.size(), 6u);
  EXPECT_TRUE(order[0] == world_.room(5) && order[1] == world_.room(4));
}

TEST_F(StreamerTest, finds_containers_by_path) {
  open();
  EXPECT_EQ(streamer_->find("c3"), ContainerId{3});
  EXPECT_FALSE(streamer_->find("c99").valid());
}

TEST_F(StreamerTest, brings_shared_containers_before_what_depends_on_them) {
  open({.rooms = 3, .shared = 4});
  join({0, 0, 0});
  frames(10, 0);
  ASSERT_EQ(arrived_.size(), 5u);
  EXPECT_EQ(arrived_.back(), world_.room(0));
  frames(300, 50);
  ASSERT_EQ(left_.size(), 5u);
  EXPECT_EQ(left_.front(), world_.room(0)) << "the dependent leaves first";
}

TEST_F(StreamerTest, keeps_a_shared_container_while_one_of_its_users_stays) {
  open({.rooms = 3, .shared = 1});
  join({0, 0, 0});
  frames(10, 0);
  frames(400, 100);
  EXPECT_EQ(left_, std::vector{world_.room(0)});
  EXPECT_EQ(streamer_->state({1}), Residency::resident);
}

TEST_F(StreamerTest, never_takes_more_memory_than_its_budget) {
  open({.rooms = 60, .chunk_size = 20'000}, {.memory_budget = 256_KiB, .staging = 64_KiB});
  join({0, 0, 0});
  for (double x = 0; x < 5900; x += 20) {
    frame(x, 2000);
    ASSERT_LE(streamer_->stats().memory_peak.value, (256_KiB).value);
  }
  frames(50, 5900);
  EXPECT_EQ(streamer_->state(world_.room(59)), Residency::resident);
}

TEST_F(StreamerTest, hands_out_no_more_than_the_frame_can_afford) {
  StreamerOptions options;
  options.arrival_cost_max = 250;
  options.arrival_cost_default = 100;
  open({.rooms = 1, .shared = 9}, options);
  join({0, 0, 0});
  std::size_t total = 0;
  for (int i = 0; i < 20; ++i) {
    frame(0);
    EXPECT_LE(arrived_.size(), 2u);
    total += arrived_.size();
  }
  EXPECT_EQ(total, 10u);
}

TEST_F(StreamerTest, says_why_a_container_failed_and_tries_again) {
  open();
  device_->set_faults({.flip = 1});
  join({0, 0, 0});
  frames(20, 0);
  EXPECT_EQ(failed_, std::vector{world_.room(0)});
  EXPECT_EQ(streamer_->state(world_.room(0)), Residency::failed);
  const Error why = streamer_->failure(world_.room(0));
  EXPECT_EQ(why.code, ErrorCode::chunk_checksum_mismatch);
  EXPECT_EQ(why.subject_kind, Subject::chunk);
  EXPECT_GE(why.at, world_.tables.containers.run_at[world_.room(0).value].value);
  device_->set_faults({});
  frames(150, 0);
  EXPECT_TRUE(has_arrived(world_.room(0)));
  EXPECT_EQ(streamer_->failure(world_.room(0)).code, ErrorCode::ok);
}

TEST_F(StreamerTest, names_the_container_and_offset_of_a_failed_read) {
  open();
  device_->set_faults({.read_error = 1});
  join({0, 0, 0});
  frames(20, 0);
  const Error why = streamer_->failure(world_.room(0));
  EXPECT_EQ(why.code, ErrorCode::file_read_failed);
  EXPECT_EQ(why.os_error, EIO);
  EXPECT_EQ(why.at, world_.tables.containers.run_at[world_.room(0).value].value);
}

TEST_F(StreamerTest, goes_on_when_one_read_hangs) {
  StreamerOptions options;
  options.read_timeout = 1_s;
  open({}, options);
  device_->set_faults({.hang = 1});
  join({0, 0, 0});
  frames(3, 0);
  device_->set_faults({});
  frames(130, 0);
  EXPECT_EQ(failed_, std::vector{world_.room(0)});
  frames(150, 100);
  EXPECT_TRUE(has_arrived(world_.room(1))) << "others are not held up";
  frames(300, 0);
  EXPECT_TRUE(has_arrived(world_.room(0))) << "and it is tried again";
}

TEST_F(StreamerTest, fails_a_container_that_can_never_fit) {
  open({.rooms = 1, .chunks = 100, .chunk_size = 20'000}, {.memory_budget = 256_KiB});
  join({0, 0, 0});
  frames(5, 0);
  EXPECT_EQ(streamer_->failure(world_.room(0)).code, ErrorCode::limit_exceeded);
}

TEST_F(StreamerTest, counts_bytes_that_nobody_ever_needed_as_wasted) {
  open({.rooms = 40, .chunk_size = 20'000}, {.memory_budget = 256_KiB, .staging = 64_KiB});
  join({50, 0, 0});
  frames(10, 50);
  // Flies towards a room, so that it is fetched, and turns round before it is needed; then far
  // away, so that its memory is taken for others.
  for (int i = 0; i < 100; ++i) frame(60 + i * 0.1, 10);
  for (int i = 0; i < 200; ++i) frame(70 - i * 0.1, -10);
  EXPECT_EQ(streamer_->stats().bytes_wasted.value, 0u) << "still in memory";
  for (double x = 150; x < 3800; x += 20) frame(x, 2000);
  EXPECT_GT(streamer_->stats().bytes_wasted.value, 0u);
}

TEST_F(StreamerTest, refuses_a_world_whose_chunks_do_not_fit_in_staging) {
  const TinyWorld world = make_tiny_world({.rooms = 1, .chunks = 1, .chunk_size = 100'000});
  SimDevice device({});
  auto streamer =
      Streamer::create({.memory_budget = 256_KiB, .device = &device, .decode_workers = 0});
  ASSERT_TRUE(streamer);
  const auto mounted =
      streamer->mount({.tables = &world.tables, .file = device.add_memory_file(world.file)});
  ASSERT_FALSE(mounted);
  EXPECT_EQ(mounted.error().code, ErrorCode::limit_exceeded);
}

TEST_F(StreamerTest, is_idle_only_when_nothing_is_on_its_way) {
  open();
  EXPECT_TRUE(streamer_->idle());
  join({0, 0, 0});
  frame(0);
  EXPECT_FALSE(streamer_->idle());
  frames(10, 0);
  EXPECT_TRUE(streamer_->idle());
}

TEST_F(StreamerTest, can_be_destroyed_with_reads_outstanding) {
  open();
  device_->set_faults({.hang = 1});
  join({0, 0, 0});
  frames(2, 0);
  EXPECT_FALSE(streamer_->idle());
  streamer_.reset();
}

TEST_F(StreamerTest, forgets_what_nobody_wants_so_that_others_can_come) {
  StreamerOptions options;
  options.active_max = 8;
  options.memory_budget = 4_MiB;  // memory is never short: only the number of containers is
  open({.rooms = 60, .chunk_size = 1000}, options);
  join({0, 0, 0});
  for (double x = 0; x < 5900; x += 1) frame(x, 100);
  frames(20, 5900);
  EXPECT_EQ(streamer_->state(world_.room(59)), Residency::resident);
  EXPECT_GE(streamer_->stats().arrivals, 60u);
}

TEST_F(StreamerTest, gives_back_the_place_of_a_pin_that_never_saw_an_update) {
  StreamerOptions options;
  options.active_max = 4;
  open({.rooms = 30}, options);
  for (std::uint32_t i = 0; i < 30; ++i) {
    EXPECT_TRUE(streamer_->pin(world_.room(i)).id().valid()) << i;
    if (i % 3 == 2) frames_without_observer(1);
  }
}

// What its pin and its last user leave in one frame is cached, yet holds others until later in it.
TEST_F(StreamerTest, takes_no_place_from_what_still_holds_others) {
  enum : std::uint32_t { kBelow = 1, kShared, kOne, kTwo, kUser = 6, kPinned };
  StreamerOptions options;
  options.active_max = 4;
  make({.rooms = 2, .shared = 5});
  world_.set_dependencies({{kShared, {kBelow}}, {kUser, {kShared}}, {kPinned, {kOne, kTwo}}});
  mount(options);
  join({0, 0, 0});
  Pin shared = streamer_->pin({kShared});
  frames(10, 0);
  ASSERT_EQ(streamer_->state({kUser}), Residency::resident);
  const Pin pinned = streamer_->pin({kPinned});
  shared = {};
  streamer_->remove_observer(observer_);
  frames_without_observer(20);
  EXPECT_EQ(streamer_->state({kPinned}), Residency::resident);
  EXPECT_EQ(streamer_->state({kTwo}), Residency::resident);
}

TEST_F(StreamerTest, says_that_something_is_late_while_it_is) {
  open();
  device_->set_faults({.read_error = 1});
  join({0, 0, 0});
  frames(100, 0);
  EXPECT_EQ(streamer_->stats().late_now, 1u);
  frames(100, 50);
  EXPECT_EQ(streamer_->stats().late_now, 0u);
  EXPECT_EQ(streamer_->stats().late_arrivals, 1u);
}

TEST_F(StreamerTest, lets_smaller_ones_pass_what_cannot_get_memory) {
  StreamerOptions options;
  options.memory_budget = 512_KiB;
  options.staging = 64_KiB;
  open({.rooms = 3, .chunks = 10, .chunk_size = 18'000}, options);
  pins_.push_back(streamer_->pin(world_.room(0)));
  pins_.push_back(streamer_->pin(world_.room(1)));
  frames_without_observer(20);
  EXPECT_TRUE(pins_[0].resident() && pins_[1].resident());
  pins_.push_back(streamer_->pin(world_.room(2)));
  frames_without_observer(20);
  EXPECT_FALSE(pins_[2].resident()) << "two are all that fits";
  pins_.push_back(streamer_->pin({0}));  // the root holds nothing
  frames_without_observer(5);
  EXPECT_TRUE(pins_[3].resident());
  pins_.erase(pins_.begin());
  frames_without_observer(20);
  EXPECT_TRUE(pins_[1].resident()) << "room 2, once there is memory";
}

TEST_F(StreamerTest, fails_what_depends_on_something_that_failed) {
  open({.rooms = 1, .shared = 1});
  const std::uint64_t at = world_.tables.containers.run_at[1].value;
  world_.file[at] ^= std::byte{1};
  pins_.push_back(streamer_->pin(world_.room(0)));
  const auto waited = streamer_->wait(pins_[0], now_, 5_s);
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::chunk_checksum_mismatch);
  EXPECT_EQ(streamer_->state(world_.room(0)), Residency::failed);
  EXPECT_EQ(streamer_->failure(world_.room(0)).code, ErrorCode::chunk_checksum_mismatch);
}

TEST_F(StreamerTest, does_not_time_out_what_only_waits_for_its_turn) {
  StreamerOptions options;
  options.read_per_second_max = 10'000_B;
  options.read_timeout = 2_s;
  open({.rooms = 4, .chunk_size = 20'000}, options);
  for (std::uint32_t i = 0; i < 4; ++i) pins_.push_back(streamer_->pin(world_.room(i)));
  frames_without_observer(3000);
  EXPECT_EQ(streamer_->stats().failures, 0u);
  for (const Pin& pin : pins_) EXPECT_TRUE(pin.resident());
}

TEST_F(StreamerTest, takes_an_update_whose_time_wait_has_passed_already) {
  open();
  pins_.push_back(streamer_->pin(world_.room(2)));
  ASSERT_TRUE(streamer_->wait(pins_[0], now_, 5_s));
  streamer_->update(now_);
}

TEST_F(StreamerTest, keeps_events_where_they_are_while_something_is_mounted) {
  open();
  join({0, 0, 0});
  FrameEvents events;
  for (int i = 0; i < 20 && events.arrived.empty(); ++i) {
    now_ = now_ + 10_ms;
    events = streamer_->update(now_);
  }
  ASSERT_EQ(events.arrived.size(), 1u);
  const TinyWorld other = make_tiny_world();
  ASSERT_TRUE(
      streamer_->mount({.tables = &other.tables, .file = device_->add_memory_file(other.file)}));
  EXPECT_EQ(events.arrived[0], world_.room(0));
  streamer_.reset();
}

TEST_F(StreamerTest, refuses_options_that_could_never_work) {
  for (int i = 0; i < 4; ++i) {
    StreamerOptions options{.memory_budget = 1_MiB};
    if (i == 0) options.read_per_second_max = 0_B;
    if (i == 1) options.read_size_max = 100_B;
    if (i == 2) options.read_timeout = Duration{-1};
    if (i == 3) options.hysteresis = 0.5f;
    EXPECT_FALSE(Streamer::create(options)) << i;
  }
}

}  // namespace
}  // namespace nf
