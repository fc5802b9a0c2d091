#include "core/stream/loads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "tests/unit/core/stream/tiny_world.h"

namespace nf {
namespace {

using namespace literals;

// A device whose completions the test gives by hand.
class HandDevice final : public Device {
 public:
  const char* name() const override { return "by hand"; }
  DeviceLimits limits() const override { return {.reads_max = reads_max}; }
  DeviceStats stats() const override { return {}; }
  Result<FileId> add_file(FileHandle) override { return FileId{0}; }
  void remove_file(FileId) override {}
  std::size_t submit(std::span<const Read> reads, Time) override {
    const std::size_t taken = std::min<std::size_t>(reads.size(), reads_max - out.size());
    out.insert(out.end(), reads.begin(), reads.begin() + static_cast<std::ptrdiff_t>(taken));
    return taken;
  }
  void cancel(ReadTag tag) override { canceled.push_back(tag); }
  std::span<const ReadDone> reap(Time) override {
    reaped = std::exchange(done, {});
    return reaped;
  }
  void reschedule(ReadTag tag, Time deadline) override { moved.push_back({tag, deadline}); }
  void wait(Duration) override {}
  void wake() override {}

  // Completes the oldest read: fills it from the file, or gives the error.
  void complete_first(const std::vector<std::byte>& file, Error error = {}) {
    const Read read = out.front();
    out.erase(out.begin());
    if (!error) std::memcpy(read.into.data(), file.data() + read.at.value, read.into.size());
    done.push_back({.tag = read.tag,
                    .bytes_read = {error ? 0 : read.into.size()},
                    .error = error,
                    .finished_at = {}});
  }

  std::vector<Read> out;
  std::vector<ReadDone> done, reaped;
  std::vector<ReadTag> canceled;
  std::vector<std::pair<ReadTag, Time>> moved;
  std::uint32_t reads_max = 64;
};

class LoadsTest : public testing::Test {
 protected:
  void SetUp() override {
    world_ = make_tiny_world({.rooms = 6, .chunks = 6, .chunk_size = 5000});
    auto loads = Loads::create(
        {.staging = 128_KiB, .read_size_max = 8_KiB, .loads_max = 4, .read_timeout = 1_s});
    ASSERT_TRUE(loads);
    loads_.emplace(std::move(*loads));
    auto decoder = DecodePool::create({.workers = 0});
    ASSERT_TRUE(decoder);
    decoder_.emplace(std::move(*decoder));
    memory_.resize(6, std::vector<std::byte>(30'000));
  }

  LoadId start(std::uint32_t room, Time needed_at) {
    const ContainerId id = world_.room(room);
    const ContainerTable& table = world_.tables.containers;
    return loads_->start({.owner = {room},
                          .container = id,
                          .chunks = &world_.tables.chunks,
                          .first_chunk = table.first_chunk[id.value],
                          .end_chunk = table.first_chunk[id.value + 1],
                          .file = {0},
                          .run_at = table.run_at[id.value],
                          .raw = memory_[room],
                          .memory = {},
                          .needed_at = needed_at},
                         now_);
  }
  void submit() { loads_->submit_reads(device_, rate_, now_); }
  void take() {
    loads_->take_reads(device_, *decoder_, now_);
    loads_->take_decoded(*decoder_);
    for (const LoadEnd& end : loads_->take_ended()) ended_.push_back(end);
  }
  void run_to_end() {
    for (int i = 0; i < 100 && loads_->count() > 0; ++i) {
      submit();
      while (!device_.out.empty()) device_.complete_first(world_.file);
      take();
    }
  }
  bool right_bytes(std::uint32_t room) const {
    for (std::size_t i = 0; i < memory_[room].size(); ++i) {
      if (memory_[room][i] != TinyWorld::byte_at(world_.room(room), i)) return false;
    }
    return true;
  }

  TinyWorld world_;
  HandDevice device_;
  std::optional<Loads> loads_;
  std::optional<DecodePool> decoder_;
  RateLimit rate_{Bytes{~0ull}};
  std::vector<std::vector<std::byte>> memory_;
  std::vector<LoadEnd> ended_;
  Time now_{1'000'000'000};
};

TEST_F(LoadsTest, reads_a_container_in_pieces_of_the_given_size) {
  start(0, now_);
  submit();
  ASSERT_EQ(device_.out.size(), 4u);  // 30,000 bytes in 32 KiB of pages
  for (const Read& read : device_.out) EXPECT_EQ(read.into.size(), 8192u);
  run_to_end();
  ASSERT_EQ(ended_.size(), 1u);
  EXPECT_FALSE(ended_[0].error);
  EXPECT_EQ(ended_[0].owner, ActiveSlot{0});
  EXPECT_TRUE(right_bytes(0));
}

TEST_F(LoadsTest, decodes_what_is_there_before_the_last_read_is) {
  start(0, now_);
  submit();
  device_.complete_first(world_.file);
  take();
  EXPECT_EQ(memory_[0][100], TinyWorld::byte_at(world_.room(0), 100));
  EXPECT_TRUE(ended_.empty());
}

TEST_F(LoadsTest, hands_over_the_most_urgent_reads_first) {
  start(0, now_ + 100_ms);
  start(1, now_);
  submit();
  ASSERT_GE(device_.out.size(), 8u);
  EXPECT_EQ(device_.out.front().at, world_.tables.containers.run_at[world_.room(1).value]);
  EXPECT_EQ(device_.out.front().deadline, now_);
}

TEST_F(LoadsTest, moves_reads_forward_that_are_needed_sooner_than_the_device_knows) {
  const LoadId load = start(0, now_ + 10_s);
  submit();
  loads_->set_needed_at(load, now_ + 9950_ms);
  submit();
  EXPECT_TRUE(device_.moved.empty()) << "not for so little";
  loads_->set_needed_at(load, now_);
  submit();
  ASSERT_EQ(device_.moved.size(), device_.out.size());
  EXPECT_EQ(device_.moved[0].first, device_.out[0].tag);
  EXPECT_EQ(device_.moved[0].second, now_);
  loads_->set_needed_at(load, Time::never());
  submit();
  EXPECT_EQ(device_.moved.size(), device_.out.size()) << "once, and never back";
}

TEST_F(LoadsTest, leaves_a_quarter_of_the_loads_to_what_is_urgent) {
  auto loads = Loads::create(
      {.staging = 4_MiB, .read_size_max = 8_KiB, .loads_max = 4, .read_timeout = 1_s});
  ASSERT_TRUE(loads);
  *loads_ = std::move(*loads);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(loads_->can_start(false));
    start(i, now_ + 100_s);
  }
  EXPECT_FALSE(loads_->can_start(false));
  EXPECT_TRUE(loads_->can_start(true));
}

// An owner that sleeps until something is decoded must not sleep while nothing is.
TEST_F(LoadsTest, gives_a_decoder_that_was_full_the_rest_at_once) {
  auto decoder = DecodePool::create({.workers = 0, .jobs_max = 1});
  ASSERT_TRUE(decoder);
  *decoder_ = std::move(*decoder);
  start(0, now_);
  start(1, now_);
  submit();
  while (!device_.out.empty()) device_.complete_first(world_.file);
  take();
  EXPECT_EQ(ended_.size(), 1u);
  EXPECT_EQ(decoder_->reap().size(), 1u);
}

TEST_F(LoadsTest, keeps_what_the_device_has_no_room_for) {
  device_.reads_max = 3;
  start(0, now_);
  run_to_end();
  EXPECT_TRUE(right_bytes(0));
}

TEST_F(LoadsTest, leaves_room_in_staging_for_what_is_urgent) {
  std::uint32_t started = 0;
  while (started < 4 && loads_->can_start(false)) {
    start(started++, now_ + 100_s);
    submit();
  }
  EXPECT_LT(started, 4u);
  EXPECT_TRUE(loads_->can_start(true));
  start(5, now_);
  submit();
  const auto urgent = std::count_if(device_.out.begin(), device_.out.end(),
                                    [&](const Read& read) { return read.deadline == now_; });
  EXPECT_EQ(urgent, 4);
}

TEST_F(LoadsTest, reads_a_segment_again_after_an_error_and_gives_up_after_three_times) {
  start(0, now_);
  const Error broken{.code = ErrorCode::file_read_failed, .os_error = 5};
  for (int attempt = 0; attempt < 3; ++attempt) {
    submit();
    ASSERT_EQ(device_.out.size(), 4u) << "attempt " << attempt;
    device_.complete_first(world_.file, broken);
    while (!device_.out.empty()) device_.complete_first(world_.file);
    take();
  }
  EXPECT_EQ(loads_->retries(), 2u);
  ASSERT_EQ(ended_.size(), 1u);
  EXPECT_EQ(ended_[0].error.code, ErrorCode::file_read_failed);
  EXPECT_EQ(ended_[0].error.at, world_.tables.containers.run_at[world_.room(0).value].value);
}

TEST_F(LoadsTest, keeps_the_buffers_of_an_abandoned_load_until_the_kernel_gives_them_back) {
  const LoadId load = start(0, now_);
  submit();
  loads_->abandon(load, device_);
  EXPECT_EQ(device_.canceled.size(), 4u);
  take();
  EXPECT_TRUE(ended_.empty());
  EXPECT_EQ(loads_->count(), 1u);
  while (device_.out.size() > 1) device_.complete_first(world_.file);
  take();
  EXPECT_TRUE(ended_.empty()) << "one read is still out";
  device_.complete_first(world_.file, {.code = ErrorCode::canceled});
  take();
  ASSERT_EQ(ended_.size(), 1u);
  EXPECT_FALSE(ended_[0].owner.valid());
}

TEST_F(LoadsTest, names_a_load_that_takes_too_long_once) {
  const LoadId load = start(0, now_);
  submit();
  EXPECT_TRUE(loads_->find_timed_out(now_ + 900_ms).empty());
  ASSERT_EQ(loads_->find_timed_out(now_ + 1_s).size(), 1u);
  EXPECT_TRUE(loads_->find_timed_out(now_ + 2_s).empty());
  loads_->abandon(load, device_);
  EXPECT_EQ(loads_->count(), 1u);
}

TEST_F(LoadsTest, refuses_options_that_make_no_sense) {
  EXPECT_FALSE(Loads::create({.staging = 4_KiB, .read_size_max = 8_KiB, .read_timeout = 1_s}));
  EXPECT_FALSE(Loads::create({.staging = 1_MiB, .read_size_max = {}, .read_timeout = 1_s}));
}

}  // namespace
}  // namespace nf
