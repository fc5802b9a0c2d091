#include "core/io/device_link.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <vector>

#include "core/base/pages.h"

namespace {
thread_local long allocations = 0;
}  // namespace

#ifndef NF_SANITIZED
// Counts what this thread takes from the heap. The sanitizers bring a heap of their own.
void* operator new(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace nf {
namespace {

using namespace literals;

constexpr std::size_t kBlock = kReadAlignment;

class DeviceLinkTest : public testing::Test {
 protected:
  DeviceLinkTest() : link_({.reads_max = 4}), queue_({.reads_max = 4}) {
    file_ = *link_.add_file({.buffered = 0});
  }

  Read read(std::uint64_t tag) {
    return {.file = file_,
            .at = {},
            .into = memory_.bytes().first(kBlock),
            .tag = {tag},
            .deadline = {static_cast<std::int64_t>(tag)}};
  }

  // The driver's part: everything sent is read at once.
  void drive(Time finished) {
    link_.receive(queue_);
    RawRead raw;
    while (queue_.start(raw)) queue_.complete({raw.user_data, kBlock}, finished);
    (void)link_.publish(queue_);
  }

  DeviceLink link_;
  ReadQueue queue_;
  FileId file_;
  PageBlock memory_ = std::move(*PageBlock::map(Bytes{4 * kBlock}, PageKind::ordinary));
};

TEST_F(DeviceLinkTest, carries_reads_there_and_results_back) {
  const Read reads[] = {read(70), read(71)};
  EXPECT_EQ(link_.submit(reads, Time{5}), 2u);
  EXPECT_TRUE(link_.reap(Time{6}).empty());
  drive(DeviceLink::steady_now());
  const auto done = link_.reap(Time{7});
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0].tag, ReadTag{70});
  EXPECT_EQ(done[1].tag, ReadTag{71});
  EXPECT_EQ(link_.stats().reads, 2u);
  EXPECT_EQ(link_.stats().bytes_read, Bytes{2 * kBlock});
}

TEST_F(DeviceLinkTest, is_full_until_results_are_reaped) {
  const std::vector<Read> reads(6, read(1));
  EXPECT_EQ(link_.submit(reads, Time{}), 4u);
  drive(DeviceLink::steady_now());
  EXPECT_EQ(link_.submit(reads, Time{}), 0u);
  EXPECT_EQ(link_.reap(Time{}).size(), 4u);
  EXPECT_EQ(link_.submit(reads, Time{}), 4u);
}

TEST_F(DeviceLinkTest, cancel_sends_one_message_for_each_read_however_often_it_is_called) {
  const Read one = read(1);
  for (int round = 0; round < 1000; ++round) {
    ASSERT_EQ(link_.submit({&one, 1}, Time{}), 1u);
    EXPECT_TRUE(link_.cancel({1}));
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(link_.cancel({1}));
    EXPECT_FALSE(link_.cancel({2}));
    drive(DeviceLink::steady_now());
    const auto done = link_.reap(Time{});
    ASSERT_EQ(done.size(), 1u);
    EXPECT_EQ(done[0].error.code, ErrorCode::canceled);
    EXPECT_FALSE(link_.cancel({1}));
  }
}

TEST_F(DeviceLinkTest, a_cancel_that_comes_too_late_does_not_reach_the_next_read) {
  const Read one = read(1);
  ASSERT_EQ(link_.submit({&one, 1}, Time{}), 1u);
  drive(DeviceLink::steady_now());
  EXPECT_TRUE(link_.cancel({1}));
  ASSERT_EQ(link_.reap(Time{}).size(), 1u);
  const Read next = read(1);
  ASSERT_EQ(link_.submit({&next, 1}, Time{}), 1u);
  drive(DeviceLink::steady_now());
  const auto done = link_.reap(Time{});
  ASSERT_EQ(done.size(), 1u);
  EXPECT_FALSE(done[0].error);
}

TEST_F(DeviceLinkTest, a_new_deadline_reaches_reads_on_their_way_and_those_that_wait) {
  const Read reads[] = {read(1), read(2), read(3)};
  ASSERT_EQ(link_.submit(reads, Time{}), 3u);
  link_.reschedule({3}, Time{0});  // not received yet
  link_.receive(queue_);
  link_.reschedule({2}, Time{-1});  // received
  link_.receive(queue_);
  RawRead raw;
  std::vector<std::uint64_t> order;
  while (queue_.start(raw)) {
    queue_.complete({raw.user_data, kBlock}, {});
    EXPECT_TRUE(link_.publish(queue_));
    for (const ReadDone& done : link_.reap(Time{})) order.push_back(done.tag.value);
  }
  EXPECT_EQ(order, (std::vector<std::uint64_t>{2, 3, 1}));
}

TEST_F(DeviceLinkTest, a_new_deadline_that_comes_too_late_does_not_reach_the_next_read) {
  const Read first = read(1);
  ASSERT_EQ(link_.submit({&first, 1}, Time{}), 1u);
  drive(DeviceLink::steady_now());
  link_.reschedule({1}, Time{-1});  // done, not reaped
  ASSERT_EQ(link_.reap(Time{}).size(), 1u);
  link_.reschedule({1}, Time{-1});  // reaped
  const Read next[] = {read(3), read(2)};
  ASSERT_EQ(link_.submit(next, Time{}), 2u);
  drive(DeviceLink::steady_now());
  const auto done = link_.reap(Time{});
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0].tag, ReadTag{2});
}

TEST_F(DeviceLinkTest, puts_the_end_of_a_read_on_the_callers_clock) {
  const Read reads[] = {read(1), read(2), read(3)};
  ASSERT_EQ(link_.submit(reads, Time{1'000}), 3u);
  link_.receive(queue_);
  const Time steady = DeviceLink::steady_now();
  for (const Time finished : {steady - 1_s, steady + 1_s, steady - 1_ms}) {
    RawRead raw;
    ASSERT_TRUE(queue_.start(raw));
    queue_.complete({raw.user_data, kBlock}, finished);
  }
  EXPECT_TRUE(link_.publish(queue_));
  const Time now = Time{} + 100_ms;
  const auto done = link_.reap(now);
  ASSERT_EQ(done.size(), 3u);
  EXPECT_EQ(done[0].finished_at, Time{1'000}) << "not before it was submitted";
  EXPECT_EQ(done[1].finished_at, now) << "not after it was seen";
  EXPECT_GT(done[2].finished_at, Time{1'000});
  EXPECT_LE(done[2].finished_at, now - 1_ms);
}

TEST_F(DeviceLinkTest, what_wait_found_is_reaped_next) {
  const Read one = read(9);
  ASSERT_EQ(link_.submit({&one, 1}, Time{}), 1u);
  drive(DeviceLink::steady_now());
  link_.wait(1_s);
  link_.wait(1_s);
  const auto done = link_.reap(Time{});
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].tag, ReadTag{9});
  link_.wait(Duration{-1});
  EXPECT_TRUE(link_.reap(Time{}).empty());
}

TEST_F(DeviceLinkTest, the_owners_calls_take_nothing_from_the_heap) {
#ifdef NF_SANITIZED
  GTEST_SKIP() << "the sanitizers bring a heap of their own";
#endif
  const Read reads[] = {read(1), read(2), read(3)};
  const long before = allocations;
  for (int round = 0; round < 100; ++round) {
    ASSERT_EQ(link_.submit(reads, Time{}), 3u);
    (void)link_.cancel({2});
    link_.reschedule({3}, Time{1});
    drive(DeviceLink::steady_now());
    ASSERT_EQ(link_.reap(Time{}).size(), 3u);
  }
  EXPECT_EQ(allocations, before);
}

TEST_F(DeviceLinkTest, misuse_ends_the_program) {
  Read odd = read(1);
  odd.at = {1};
  EXPECT_DEATH((void)link_.submit({&odd, 1}, Time{}), "alignment|mask");
  Read nowhere = read(1);
  nowhere.file = FileId{7};
  EXPECT_DEATH((void)link_.submit({&nowhere, 1}, Time{}), "open");
  Read large = read(1);
  large.into = {large.into.data(), std::size_t{2} << 20};
  EXPECT_DEATH((void)link_.submit({&large, 1}, Time{}), "read_size_max");
  const Read one = read(1);
  ASSERT_EQ(link_.submit({&one, 1}, Time{}), 1u);
  EXPECT_DEATH(link_.remove_file(file_), "reads");
}

}  // namespace
}  // namespace nf
