// The part of DeviceConformance that is about order: what waits starts by its deadline, also when
// it was given another one.
#include "tests/conformance/device_conformance.h"

#include <algorithm>

namespace nf::test {
namespace {

using namespace literals;

TEST_P(DeviceConformance, starts_waiting_reads_in_the_order_of_their_deadlines) {
  constexpr std::uint64_t kReads = 48;
  const TempFile file(kReads * kBlock, 4);
  // A device with threads may start what came first before it sees the rest, so one round in good
  // order is enough; a device that keeps the order of submission never shows one.
  for (int round = 0; round < 50; ++round) {
    make({.in_flight_max = {kBlock}, .threads = 1});
    const FileId id = add(file);
    std::vector<Read> reads;
    for (std::uint64_t i = 0; i < kReads; ++i) {
      reads.push_back(read(id, i, 1, i, i, static_cast<std::int64_t>(kReads - i)));
    }
    submit_all(reads);
    const std::vector<ReadDone> done = take(kReads);
    std::size_t in_order = 1;
    while (in_order < kReads && done[kReads - in_order - 1].tag > done[kReads - in_order].tag) {
      ++in_order;
    }
    if (in_order > kReads / 2) return;
  }
  FAIL() << "more than half of the reads never came in the order of their deadlines";
}

TEST_P(DeviceConformance, a_rescheduled_read_overtakes_what_waits) {
  constexpr std::uint64_t kReads = 40;
  const TempFile file(kReads * kBlock, 13);
  bool overtook = false;
  for (int round = 0; round < 50 && !overtook; ++round) {
    make({.in_flight_max = {kBlock}, .threads = 1});
    const FileId id = add(file);
    std::vector<Read> reads;
    for (std::uint64_t i = 0; i < kReads; ++i) {
      reads.push_back(read(id, i, 1, i, i, static_cast<std::int64_t>(100 + i)));
    }
    EXPECT_EQ(submit(reads), kReads);
    device_->reschedule({kReads - 1}, Time{1});
    device_->reschedule({12345}, Time{1});
    std::vector<std::uint64_t> order;
    for (const ReadDone& done : take(kReads)) {
      EXPECT_FALSE(done.error);
      EXPECT_TRUE(right(reads[done.tag.value], done.bytes_read, file));
      order.push_back(done.tag.value);
    }
    overtook = order.back() != kReads - 1;
    order.erase(std::find(order.begin(), order.end(), kReads - 1));
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  }
  EXPECT_TRUE(overtook) << "in none of 50 rounds";
}

// Half of what waits behind a full window is moved in front of the rest, in the opposite order, and
// one that was first is moved behind all.
TEST_P(DeviceConformance, starts_rescheduled_reads_in_the_order_they_were_given_last) {
  constexpr std::uint64_t kReads = 48;
  const TempFile file(kReads * kBlock, 14);
  bool in_order = false;
  for (int round = 0; round < 50 && !in_order; ++round) {
    make({.in_flight_max = {kBlock}, .threads = 1});
    const FileId id = add(file);
    std::vector<Read> reads;
    for (std::uint64_t i = 0; i < kReads; ++i) {
      reads.push_back(read(id, i, 1, i, i, static_cast<std::int64_t>(1000 + i)));
    }
    EXPECT_EQ(submit(reads), kReads);
    constexpr std::uint64_t kLast = kReads / 2 - 2;
    for (std::uint64_t i = kReads; i-- > kReads / 2;) {
      device_->reschedule({i}, Time{static_cast<std::int64_t>(kReads - i)});
    }
    device_->reschedule({kLast}, Time::never());
    std::vector<std::uint64_t> order;
    for (const ReadDone& done : take(kReads)) {
      EXPECT_FALSE(done.error);
      EXPECT_TRUE(right(reads[done.tag.value], done.bytes_read, file));
      order.push_back(done.tag.value);
    }
    // Some began before the device saw the new order.
    std::uint64_t early = 0;
    while (early < kLast && order[early] == early) ++early;
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = 0; i < early; ++i) expected.push_back(i);
    for (std::uint64_t i = kReads; i-- > kReads / 2;) expected.push_back(i);
    for (std::uint64_t i = early; i < kReads / 2; ++i) {
      if (i != kLast) expected.push_back(i);
    }
    expected.push_back(kLast);
    in_order = order == expected;
  }
  EXPECT_TRUE(in_order) << "in none of 50 rounds";
}

// Neither what is done and not reaped, nor what was reaped, nor a new read with its old tag.
TEST_P(DeviceConformance, rescheduling_what_is_over_changes_nothing) {
  make({.reads_max = 4});
  const TempFile file(8 * kBlock, 15);
  const FileId id = add(file);
  for (std::uint64_t round = 0; round < 100; ++round) {
    std::vector<Read> reads;
    for (std::uint64_t i = 0; i < 4; ++i) reads.push_back(read(id, (round + i) % 8, 1, i, i));
    submit_all(reads);
    for (std::uint64_t i = 0; i < 8; ++i) device_->reschedule({i}, Time{1});
    std::set<std::uint64_t> tags;
    for (const ReadDone& done : take(4)) {
      EXPECT_TRUE(right(reads[done.tag.value], done.bytes_read, file));
      EXPECT_TRUE(tags.insert(done.tag.value).second);
      device_->reschedule(done.tag, Time{2});
    }
  }
  EXPECT_TRUE(device_->reap(now_).empty());
}

}  // namespace
}  // namespace nf::test
