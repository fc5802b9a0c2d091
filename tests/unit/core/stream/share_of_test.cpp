// Weights and accounts as an engine sees them.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/io/sim_device.h"
#include "tests/unit/core/stream/tiny_world.h"

namespace nf {
namespace {

using namespace literals;

constexpr Duration kFrame{16'666'667};

class ShareOf : public testing::Test {
 protected:
  void open(bool count_shares) {
    StreamerOptions options{.memory_budget = 1_MiB, .device = &device_, .decode_workers = 0};
    options.count_shares = count_shares;
    streamer_.emplace_back(std::move(Streamer::create(options).value()));
    ASSERT_TRUE(streamer_[0].mount(
        {.tables = &world_.tables, .file = device_.add_memory_file(world_.file)}));
  }
  Result<ObserverId> add(double x, float weight = 1) {
    Observer observer{.motion = {.position = {x, 0, 0}, .velocity = {}}};
    observer.weight = weight;
    return streamer_[0].add_observer(observer, now_);
  }
  void run() {
    for (int i = 0; i < 30; ++i) {
      now_ = now_ + kFrame;
      streamer_[0].update(now_);
    }
  }

  TinyWorld world_ = make_tiny_world({.rooms = 12, .shared = 1});
  SimDevice device_{{.model = *find_device_model("nvme"), .faults = {}}};
  std::vector<Streamer> streamer_;  // one
  Time now_{1'000'000'000};
};

TEST_F(ShareOf, refuses_a_weight_that_is_none) {
  open(false);
  for (const float weight : {0.0f, -1.0f, NAN, std::numeric_limits<float>::infinity()}) {
    const Result<ObserverId> added = add(0, weight);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_TRUE(add(0, std::numeric_limits<float>::min()));
  EXPECT_TRUE(add(0, std::numeric_limits<float>::max()));
}

TEST_F(ShareOf, counts_what_each_needed_and_what_that_depends_on) {
  open(true);
  const ObserverId one = add(0).value();
  const ObserverId other = add(300).value();
  const ObserverId nobody = add(350).value();
  const Pin pin = streamer_[0].pin(world_.room(9));
  run();
  EXPECT_TRUE(pin.resident());
  const Bytes first = streamer_[0].share_of(one);
  const Bytes second = streamer_[0].share_of(other);
  EXPECT_GT(std::min(first, second).value, 9'000u);
  EXPECT_EQ(streamer_[0].share_of(nobody), Bytes{});
  // One of them paid for what both depend on; the engine for what it pinned.
  const Bytes all = streamer_[0].stats().bytes_read;
  EXPECT_EQ(first + second, all - Bytes{all.value / 4});
}

TEST_F(ShareOf, begins_at_nothing_for_who_takes_the_place_of_another) {
  open(true);
  const ObserverId one = add(0).value();
  run();
  EXPECT_GT(streamer_[0].share_of(one).value, 0u);
  streamer_[0].remove_observer(one);
  const ObserverId next = add(0).value();
  run();
  EXPECT_EQ(streamer_[0].share_of(next), Bytes{});  // it is there already
}

// What is charged or given back for it is reckoned from the archive's tables.
TEST_F(ShareOf, keeps_an_archive_until_what_was_paid_for_unsent_reads_is_given_back) {
  SimDevice device{{.model = *find_device_model("nvme"), .faults = {}, .in_flight_max = 8_KiB}};
  StreamerOptions options{.memory_budget = 1_MiB, .device = &device, .decode_workers = 0};
  options.read_per_second_max = 1_B;
  Streamer streamer = std::move(Streamer::create(options).value());
  const auto frames = [&](int count) {
    for (; count > 0; --count) streamer.update(now_ = now_ + kFrame);
  };
  const TinyWorld other = make_tiny_world({.rooms = 2});
  ASSERT_TRUE(
      streamer.mount({.tables = &other.tables, .file = device.add_memory_file(other.file)}));
  const Pin first_read = streamer.pin(other.room(0));
  frames(5);
  const auto mounted = streamer.mount(
      {.tables = &world_.tables, .file = device.add_memory_file(world_.file), .apart = true});
  ASSERT_TRUE(mounted);
  Observer observer{.motion = {.position = {}, .velocity = {}, .frame = mounted->first}};
  observer.bubble_scale = 200;
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(streamer.add_observer(observer, now_));
  frames(5);
  ASSERT_GT(streamer.stats().loading, 2u);
  ASSERT_TRUE(streamer.unmount(mounted->first));
  frames(1);
  EXPECT_TRUE(streamer.mounted(mounted->first));
  frames(2);
  EXPECT_FALSE(streamer.mounted(mounted->first));
}

TEST_F(ShareOf, counts_nothing_where_the_disk_keeps_up_and_nobody_asked) {
  open(false);
  const ObserverId one = add(0).value();
  run();
  EXPECT_EQ(streamer_[0].share_of(one), Bytes{});
}

}  // namespace
}  // namespace nf
