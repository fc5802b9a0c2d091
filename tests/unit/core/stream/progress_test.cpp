// What ends Streamer::wait_for_progress, and what StreamerOptions::touch_memory touches. The wait's
// limit is a minute, so that a wake-up that is lost does not look like one that came.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/pages.h"
#include "core/io/devices.h"
#include "tests/unit/core/stream/tiny_world.h"

namespace nf {
namespace {

using namespace literals;

constexpr Duration kLong = 60_s;

// Reads are done at once, and nothing but `wake` ends a wait.
class WakeOnlyDevice final : public Device {
 public:
  explicit WakeOnlyDevice(std::span<const std::byte> content) : content_(content) {}

  const char* name() const override { return "woken only"; }
  DeviceLimits limits() const override { return {}; }
  DeviceStats stats() const override { return {}; }
  Result<FileId> add_file(FileHandle) override { return FileId{0}; }
  void remove_file(FileId) override {}
  std::size_t submit(std::span<const Read> reads, Time) override {
    for (const Read& read : reads) {
      std::memcpy(read.into.data(), content_.data() + read.at.value, read.into.size());
      done_.push_back(
          {.tag = read.tag, .bytes_read = {read.into.size()}, .error = {}, .finished_at = {}});
    }
    return reads.size();
  }
  void cancel(ReadTag) override {}
  void reschedule(ReadTag, Time) override {}
  std::span<const ReadDone> reap(Time) override {
    reaped_ = std::exchange(done_, {});
    return reaped_;
  }
  void wait(Duration timeout) override {
    std::unique_lock lock(mutex_);
    const auto until = std::chrono::nanoseconds(timeout.ns);
    if (!changed_.wait_for(lock, until, [&] { return woken_; })) ++timed_out;
    woken_ = false;
  }
  void wake() override {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  }

  int timed_out = 0;

 private:
  std::span<const std::byte> content_;
  std::vector<ReadDone> done_, reaped_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
};

Duration time_of(const auto& work) {
  const auto started = std::chrono::steady_clock::now();
  work();
  return {std::chrono::nanoseconds(std::chrono::steady_clock::now() - started).count()};
}

TEST(WaitForProgress, returns_when_a_worker_has_decoded) {
  const TinyWorld world = make_tiny_world({.rooms = 1});
  WakeOnlyDevice device(world.file);
  auto streamer = Streamer::create(
      {.memory_budget = 1_MiB, .device = &device, .decode_workers = 1, .observers_max = 1});
  ASSERT_TRUE(streamer);
  ASSERT_TRUE(streamer->mount({.tables = &world.tables, .file = {}}));
  const Pin pin = streamer->pin(world.room(0));
  streamer->update(Time{1});  // reads
  streamer->update(Time{2});  // takes what was read, gives it to the worker
  streamer->wait_for_progress(kLong);
  EXPECT_EQ(device.timed_out, 0);
  streamer->update(Time{3});
  EXPECT_TRUE(pin.resident());
}

// The devices that have threads of their own, below a streamer.
class Progress : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    auto opened = GetParam() == Backend::io_uring ? open_uring_device({}) : open_thread_device({});
    if (!opened) {
      GTEST_SKIP() << "no such device here: " << std::strerror(opened.error().os_error);
    }
    device_ = std::move(*opened);
    file_ = ::memfd_create("world", MFD_CLOEXEC);
    ASSERT_GE(file_, 0);
    const std::span<const std::byte> bytes = world_.file;
    ASSERT_EQ(::write(file_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    auto made =
        Streamer::create({.memory_budget = 1_MiB, .device = device_.get(), .decode_workers = 0});
    ASSERT_TRUE(made);
    streamer_ = std::make_unique<Streamer>(std::move(*made));
    ASSERT_TRUE(streamer_->mount({.tables = &world_.tables, .file = {.buffered = file_}}));
  }
  void TearDown() override {
    streamer_.reset();
    device_.reset();
    if (file_ >= 0) ::close(file_);
  }

  const TinyWorld world_ = make_tiny_world({.rooms = 4});
  int file_ = -1;
  std::unique_ptr<Device> device_;
  std::unique_ptr<Streamer> streamer_;
};

TEST_P(Progress, is_a_read_that_finished) {
  for (std::uint32_t room = 0; room < 4; ++room) {
    const Pin pin = streamer_->pin(world_.room(room));
    streamer_->update(Time{1});
    const Duration waited = time_of([&] {
      for (int waits = 0; waits < 10 && !pin.resident(); ++waits) {
        streamer_->wait_for_progress(kLong);
        streamer_->update(Time{1});
      }
    });
    EXPECT_TRUE(pin.resident());
    EXPECT_LT(waited, kLong);
  }
}

TEST_P(Progress, is_not_needed_once_the_time_is_over) {
  EXPECT_GE(time_of([&] { streamer_->wait_for_progress(3_ms); }), 3_ms);
}

TEST_P(Progress, is_a_wake_up_before_the_wait_or_in_it) {
  device_->wake();
  EXPECT_LT(time_of([&] { streamer_->wait_for_progress(kLong); }), kLong);
  std::thread other([&] { device_->wake(); });
  EXPECT_LT(time_of([&] { streamer_->wait_for_progress(kLong); }), kLong);
  other.join();
}

INSTANTIATE_TEST_SUITE_P(WaitFor, Progress, testing::Values(Backend::io_uring, Backend::threads),
                         [](const auto& one) {
                           return one.param == Backend::io_uring ? "io_uring" : "threads";
                         });

// Pages of [begin, begin + size) that are in memory.
std::size_t resident_pages(const std::byte* begin, std::size_t size) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto at = reinterpret_cast<std::uintptr_t>(begin) / page * page;
  std::vector<unsigned char> states(size / page);
  if (::mincore(reinterpret_cast<void*>(at), size, states.data()) != 0) return 0;
  std::size_t count = 0;
  for (const unsigned char state : states) count += state & 1;
  return count;
}

// Of the memory for containers behind the first one's bytes.
std::size_t resident_pages_behind_the_first(bool touch) {
  const TinyWorld world = make_tiny_world({.rooms = 1});
  WakeOnlyDevice device(world.file);
  auto streamer = Streamer::create({.memory_budget = 64_MiB,
                                    .touch_memory = touch,
                                    .device = &device,
                                    .decode_workers = 0,
                                    .observers_max = 1});
  EXPECT_TRUE(streamer && streamer->mount({.tables = &world.tables, .file = {}}));
  const Pin pin = streamer->pin(world.room(0));
  streamer->update(Time{1});
  streamer->update(Time{2});
  EXPECT_TRUE(pin.resident());
  return resident_pages(pin.asset(0).bytes.data(), (32_MiB).value);
}

TEST(TouchMemory, has_every_page_in_memory_before_the_first_load) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  auto untouched = PageBlock::map(32_MiB, PageKind::huge);
  ASSERT_TRUE(untouched);
  if (resident_pages(untouched->bytes().data(), (32_MiB).value) != 0) {
    GTEST_SKIP() << "this kernel does not say which pages are in memory";
  }
  const std::size_t all = (32_MiB).value / page;
  EXPECT_EQ(resident_pages_behind_the_first(true), all);
  EXPECT_LT(resident_pages_behind_the_first(false), all / 2);
}

}  // namespace
}  // namespace nf
