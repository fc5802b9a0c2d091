#include "core/stream/loads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <semaphore>
#include <thread>
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
    make({.rooms = 6, .chunks = 6, .chunk_size = 5000},
         {.staging = 128_KiB, .read_size_max = 8_KiB, .loads_max = 4, .read_timeout = 1_s});
    make_decoder({.workers = 0});
  }
  void make(const TinyWorldOptions& world, const LoadsOptions& options) {
    world_ = make_tiny_world(world);
    auto loads = Loads::create(options);
    ASSERT_TRUE(loads);
    loads_.emplace(std::move(*loads));
    memory_.assign(world.rooms, std::vector<std::byte>(world.chunks * world.chunk_size));
  }
  void make_decoder(const DecodePoolOptions& options) {
    auto decoder = DecodePool::create(options);
    ASSERT_TRUE(decoder);
    decoder_.reset();
    decoder_.emplace(std::move(*decoder));
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

TEST_F(LoadsTest, leaves_a_quarter_of_the_segments_to_what_is_urgent) {
  make({.rooms = 2, .chunks = 12, .chunk_size = 250'000},
       {.staging = 8_MiB, .read_size_max = 4_KiB, .loads_max = 4, .read_timeout = 1_s});
  device_.reads_max = 10'000;
  start(0, now_ + 100_s);
  submit();
  EXPECT_FALSE(loads_->can_start(false)) << "each chunk is a segment, and the eight are taken";
  ASSERT_TRUE(loads_->can_start(true));
  start(1, now_);
  submit();
  const auto urgent = std::find_if(device_.out.begin(), device_.out.end(),
                                   [&](const Read& read) { return read.deadline == now_; });
  EXPECT_NE(urgent, device_.out.end());
}

constexpr TinyWorldOptions kLargeRoom{.rooms = 1, .chunks = 16, .chunk_size = 128 << 10};
constexpr std::uint32_t kJobsOfLargeRoom = 8;

LoadsOptions large_loads(std::uint32_t workers) {
  return {.staging = 16_MiB,
          .read_size_max = 64_KiB,
          .loads_max = 4,
          .decode_workers = workers,
          .read_timeout = 1_s};
}

TEST_F(LoadsTest, shares_a_large_segment_among_jobs_of_a_quarter_of_a_mebibyte) {
  make(kLargeRoom, large_loads(1));
  start(0, now_);
  submit();
  while (!device_.out.empty()) device_.complete_first(world_.file);
  loads_->take_reads(device_, *decoder_, now_);
  EXPECT_EQ(decoder_->reap().size(), kJobsOfLargeRoom);
}

TEST_F(LoadsTest, makes_one_job_of_a_small_segment) {
  start(0, now_);
  submit();
  while (!device_.out.empty()) device_.complete_first(world_.file);
  loads_->take_reads(device_, *decoder_, now_);
  EXPECT_EQ(decoder_->reap().size(), 1u);
}

// How many chunks were decoded each time that one worker woke the owner. It does nothing before all
// jobs are there, and a last one of the test's own stands behind those of Loads: a worker that runs
// out of work wakes anyway.
struct WakeRecord {
  std::binary_semaphore go{0};
  const DecodePool* pool = nullptr;
  std::vector<std::uint64_t> chunks;

  static void note(void* record) {
    auto& self = *static_cast<WakeRecord*>(record);
    if (self.chunks.empty()) self.go.acquire();
    self.chunks.push_back(self.pool->stats().chunks);
  }
};

class LoadsWakeTest : public LoadsTest {
 protected:
  static constexpr std::uint64_t kLast = ~0ull;  // no tag of Loads'

  std::vector<std::uint64_t> wakes_of_a_large_room(std::uint32_t workers, bool broken) {
    make(kLargeRoom, large_loads(workers));
    if (broken) world_.file[world_.tables.containers.run_at[1].value] ^= std::byte{1};
    WakeRecord record;
    make_decoder({.workers = 1, .notify = WakeRecord::note, .notify_context = &record});
    record.pool = &*decoder_;
    DecodeJob own;  // without chunks
    EXPECT_TRUE(decoder_->submit(own));
    start(0, now_);
    submit();
    while (!device_.out.empty()) device_.complete_first(world_.file);
    loads_->take_reads(device_, *decoder_, now_);
    own.tag = {kLast};
    own.deadline = Time::never();
    own.notify = false;
    EXPECT_TRUE(decoder_->submit(own));
    record.go.release();
    for (bool last = false; !last; std::this_thread::yield()) {
      for (const DecodeDone& done : decoder_->reap()) last = last || done.tag.value == kLast;
    }
    make_decoder({.workers = 0});  // its worker has ended
    return record.chunks;
  }
};

TEST_F(LoadsWakeTest, wakes_the_owner_for_the_last_job_of_a_segment_only) {
  EXPECT_EQ(wakes_of_a_large_room(1, false), (std::vector<std::uint64_t>{0, 16, 16}));
}

TEST_F(LoadsWakeTest, wakes_the_owner_for_each_job_that_may_be_the_last_of_several_workers) {
  EXPECT_EQ(wakes_of_a_large_room(2, false), (std::vector<std::uint64_t>{0, 14, 16, 16}));
}

TEST_F(LoadsWakeTest, wakes_the_owner_for_a_job_that_failed) {
  EXPECT_EQ(wakes_of_a_large_room(1, true), (std::vector<std::uint64_t>{0, 0, 14, 14}));
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

TEST_F(LoadsTest, sends_no_further_reads_of_an_abandoned_load) {
  device_.reads_max = 2;
  const LoadId load = start(0, now_);
  submit();
  ASSERT_EQ(device_.out.size(), 2u);
  loads_->abandon(load, device_);
  device_.reads_max = 64;
  submit();
  EXPECT_EQ(device_.out.size(), 2u);
  while (!device_.out.empty()) device_.complete_first(world_.file);
  take();
  EXPECT_EQ(ended_.size(), 1u);
}

TEST_F(LoadsTest, gives_an_id_and_its_file_free_when_the_end_of_its_load_was_taken) {
  const LoadId load = start(0, now_);
  loads_->abandon(load, device_);  // nothing of it was sent
  EXPECT_EQ(loads_->count(), 1u);
  EXPECT_TRUE(loads_->reads_from({0}));
  EXPECT_NE(start(1, now_), load);
  ASSERT_EQ(loads_->take_ended().size(), 1u);
  EXPECT_EQ(loads_->count(), 1u);
  EXPECT_EQ(start(2, now_), load);
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
