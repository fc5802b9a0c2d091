// Who gets memory that is short, who gives it up for that, and who is handed out first.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;

class MemoryTest : public TinyStage {
 protected:
  static constexpr std::size_t kGiven = 64 << 10;

  // Over this much of it.
  void give(StreamerOptions& options, std::size_t size) {
    given_.resize(size + 4096);
    const auto at = reinterpret_cast<std::uintptr_t>(given_.data());
    options.memory.containers = std::span(given_).subspan((4096 - at % 4096) % 4096, size);
  }
  void open_given(TinyWorld world, StreamerOptions options, const DeviceModel& model = kTest) {
    world_ = std::move(world);
    device_.emplace(SimDeviceOptions{.model = model, .faults = {}, .in_flight_max = 64_MiB});
    options.device = &*device_;
    options.decode_workers = 0;
    auto made = Streamer::create(options);
    ASSERT_TRUE(made);
    streamer_.emplace(std::move(*made));
    ASSERT_TRUE(streamer_->mount(
        {.tables = &world_.tables, .file = device_->add_memory_file(world_.file)}));
  }
  void frames(int count) {
    for (; count > 0; --count) streamer_->update(now_ = now_ + 10_ms);
  }

  std::vector<std::byte> given_;
};

// On a disk that takes nine seconds for what it has begun, memory comes back when it comes.
TEST_F(MemoryTest, of_what_is_on_its_way_no_more_is_given_up_than_is_asked_for) {
  for (const bool knows_disk : {false, true}) {
    StreamerOptions options{.read_timeout = 60_s};
    give(options, 830'000);
    open_given(make_tiny_world({.rooms = 100, .chunk_size = 130'000}), options,
               {.name = "slow", .latency_p50 = 9_s, .latency_p99 = 9_s});
    if (knows_disk) {
      const Pin first = streamer_->pin(world_.room(97));
      frames(1000);
      ASSERT_TRUE(first.resident());
    }
    Observer observer{.motion = {{-400, 0, 0}, {60, 0, 0}}};
    const ObserverId id = streamer_->add_observer(observer, now_).value();
    const auto fly = [&](int count) {
      for (; count > 0; --count) {
        observer.motion.position.x += 0.6;
        streamer_->move_observer(id, observer.motion, now_ + 10_ms);
        frames(1);
      }
    };
    fly(500);
    ASSERT_EQ(streamer_->stats().loading, 3u);
    pins_.push_back(streamer_->pin(world_.room(99)));
    fly(3);
    EXPECT_EQ(streamer_->stats().loading, 2u);
    pins_.push_back(streamer_->pin(world_.room(98)));
    fly(3);
    EXPECT_EQ(streamer_->stats().loading, 1u) << "each has its own";
    pins_.clear();
    streamer_.reset();
  }
}

// Rooms that may be reached fill the memory, and one read hangs that nobody waits for any more.
class HangingMemoryTest : public MemoryTest {
 protected:
  static constexpr std::uint32_t kHangs = 10, kNext = 11;

  void SetUp() override {
    MemoryTest::open(make_tiny_world({.rooms = 12, .chunk_size = 50'000}),
                     {.memory_budget = 1000_KiB, .staging = 256_KiB});
    ASSERT_TRUE(streamer_->add_observer({.motion = {}, .speed_max = 100}, now_));
    frames(100);
    ASSERT_EQ(streamer_->stats().resident, 7u);
    device_->set_faults({.hang = 1});
    const ObserverId gone = streamer_->add_observer({.motion = place(kHangs)}, now_).value();
    frames(2);
    ASSERT_EQ(streamer_->state(world_.room(kHangs)), Residency::reading);
    device_->set_faults({});
    streamer_->remove_observer(gone);
    frames(1);
  }
  static Motion place(std::uint32_t room) { return {.position = {100.0 * room, 0, 0}}; }
};

TEST_F(HangingMemoryTest, is_taken_from_what_is_there_for_what_is_needed_now) {
  ASSERT_TRUE(streamer_->add_observer({.motion = place(kNext)}, now_));
  frames(10);
  EXPECT_EQ(streamer_->state(world_.room(kNext)), Residency::resident);
}

TEST_F(HangingMemoryTest, is_waited_for_in_vain_only_shortly) {
  pins_.push_back(streamer_->pin(world_.room(kNext), 3_s));
  frames(100);
  EXPECT_TRUE(pins_[0].resident());
}

// Three shared containers fill the memory, and what they are held for finds no room in it.
TEST_F(MemoryTest, is_not_held_for_what_may_be_reached_by_what_that_depends_on) {
  TinyWorld world = make_tiny_world({.rooms = 2, .shared = 3, .chunks = 1, .chunk_size = 20'000});
  world.set_dependencies({{world.room(0).value, {1, 2, 3}}});
  StreamerOptions options;
  give(options, kGiven);
  open_given(std::move(world), options);
  Observer observer{.motion = {.position = {-300, 0, 0}}};
  observer.speed_max = 1000;
  ASSERT_TRUE(streamer_->add_observer(observer, now_));
  frames(20);
  pins_.push_back(streamer_->pin(world_.room(1)));
  frames(50);
  EXPECT_TRUE(pins_[0].resident());
}

// What was there when it began to wait for memory, and went meanwhile, is needed again as it is.
TEST_F(MemoryTest, that_comes_late_is_also_for_what_was_let_go_of) {
  StreamerOptions options;
  give(options, kGiven);
  TinyWorld world = make_tiny_world({.rooms = 8, .shared = 1, .chunk_size = 10'000});
  const ContainerId shared{1}, waits = world.room(0);
  world.set_dependencies({{waits.value, {shared.value}}});
  open_given(std::move(world), options);
  for (const ContainerId id : {shared, world_.room(4), world_.room(5)}) {
    pins_.push_back(streamer_->pin(id));
  }
  frames(20);
  ASSERT_EQ(streamer_->state(shared), Residency::resident);
  ASSERT_TRUE(streamer_->add_observer({.motion = {{-100, 0, 0}}, .speed_max = 20}, now_));
  frames(20);
  ASSERT_EQ(streamer_->state(waits), Residency::queued);
  pins_.erase(pins_.begin());
  frames(2);
  pins_.push_back(streamer_->pin(world_.room(6)));
  frames(20);
  ASSERT_EQ(streamer_->state(world_.room(6)), Residency::resident) << "where the shared one was";
  pins_.clear();
  frames(200);
  EXPECT_EQ(streamer_->state(shared), Residency::resident);
  EXPECT_EQ(streamer_->state(waits), Residency::resident);
}

// All may be reached at any moment, and what loads at one time is less than what waits for memory.
TEST_F(MemoryTest, is_asked_for_by_what_is_foretold_before_what_may_be_reached) {
  StreamerOptions options;
  options.loads_max = 2;
  give(options, kGiven);
  open_given(make_tiny_world({.rooms = 200, .chunks = 1, .chunk_size = 12'000}), options);
  Observer observer{.motion = {.position = {-300, 0, 0}}};
  observer.speed_max = 1e6;
  ASSERT_TRUE(streamer_->add_observer(observer, now_));
  frames(100);
  pins_.push_back(streamer_->pin(world_.room(199), 2_s));
  frames(100);
  EXPECT_TRUE(pins_[0].resident());
}

// What depends on a container that cannot be read is in memory, and is needed before the other one.
TEST_F(MemoryTest, hands_out_what_is_ready_however_many_wait_for_what_failed) {
  constexpr std::uint32_t kWaiting = 600;
  TinyWorld world =
      make_tiny_world({.rooms = kWaiting + 1, .shared = 1, .chunks = 1, .chunk_size = 512});
  std::map<std::uint32_t, std::vector<std::uint32_t>> dependencies;
  for (std::uint32_t i = 0; i < kWaiting; ++i) dependencies[world.room(i).value] = {1};
  world.set_dependencies(dependencies);
  world.file[world.tables.containers.run_at[1].value] ^= std::byte{1};
  open(std::move(world), {.memory_budget = 16_MiB, .retry_after = 3600_s});
  for (std::uint32_t i = 0; i < kWaiting; ++i) pins_.push_back(streamer_->pin(world_.room(i)));
  frames(300);
  pins_.push_back(streamer_->pin(world_.room(kWaiting)));
  frames(20);
  EXPECT_TRUE(pins_.back().resident());
  EXPECT_TRUE(streamer_->idle());
}

// It fails in the frame in which nobody wants it any more, or the other way round.
TEST_F(MemoryTest, is_not_told_as_failed_once_nobody_wants_it) {
  for (int wanted_for = 1; wanted_for < 30; ++wanted_for) {
    TinyWorld world = make_tiny_world();
    world.file[world.tables.containers.run_at[world.room(0).value].value] ^= std::byte{1};
    open(std::move(world), {}, {.name = "even", .latency_p50 = 20_ms, .latency_p99 = 20_ms});
    pins_.push_back(streamer_->pin(world_.room(0)));
    frames(wanted_for);
    const bool failed_before = streamer_->stats().failures > 0;
    pins_.clear();
    now_ = now_ + 10_ms;
    EXPECT_TRUE(streamer_->update(now_).failed.empty()) << wanted_for;
    if (failed_before) break;
    ASSERT_LT(wanted_for, 29);
    streamer_.reset();
  }
}

}  // namespace
}  // namespace nf
