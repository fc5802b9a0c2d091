#include "core/io/read_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/base/prng.h"

namespace nf {
namespace {

using namespace literals;

constexpr std::uint32_t kBlock = kReadAlignment;

class ReadQueueTest : public testing::Test {
 protected:
  Read read(std::uint64_t tag, std::int64_t deadline, std::uint32_t blocks = 1) {
    return {.file = FileId{0},
            .at = {tag * 16 * kBlock},
            .into = std::span{memory_}.subspan(0, std::size_t{blocks} * kBlock),
            .tag = {tag},
            .deadline = {deadline}};
  }

  // The next read that the queue hands out; the test fails if it hands out none.
  static RawRead start(ReadQueue& queue) {
    RawRead raw;
    EXPECT_TRUE(queue.start(raw));
    return raw;
  }

  static void complete(ReadQueue& queue, const RawRead& raw, std::int64_t result, Time now = {}) {
    queue.complete({.user_data = raw.user_data, .result = static_cast<std::int32_t>(result)}, now);
  }

  static std::vector<ReadDone> take_done(ReadQueue& queue) {
    std::vector<ReadDone> done(64);
    done.resize(queue.take_done(done));
    return done;
  }

  std::vector<std::byte> memory_ = std::vector<std::byte>(std::size_t{64} * kBlock);
};

TEST_F(ReadQueueTest, hands_out_the_earliest_deadline_first_and_ties_in_order_of_arrival) {
  ReadQueue queue({});
  ASSERT_TRUE(queue.add(read(1, 30)));
  ASSERT_TRUE(queue.add(read(2, 10)));
  ASSERT_TRUE(queue.add(read(3, 20)));
  ASSERT_TRUE(queue.add(read(4, 10)));
  std::vector<std::uint64_t> order;
  for (int i = 0; i < 4; ++i) order.push_back(start(queue).at / (16 * kBlock));
  EXPECT_EQ(order, (std::vector<std::uint64_t>{2, 4, 3, 1}));
}

TEST_F(ReadQueueTest, keeps_the_window_and_lets_nothing_overtake_the_first) {
  ReadQueue queue({.in_flight_max = {4 * kBlock}});
  ASSERT_TRUE(queue.add(read(1, 1, 3)));
  ASSERT_TRUE(queue.add(read(2, 2, 2)));
  ASSERT_TRUE(queue.add(read(3, 3, 1)));
  const RawRead first = start(queue);
  RawRead raw;
  EXPECT_FALSE(queue.start(raw)) << "2 blocks do not fit beside 3, and the last may not overtake";
  EXPECT_EQ(queue.bytes_with_kernel(), Bytes{3 * kBlock});
  complete(queue, first, 3 * kBlock);
  EXPECT_EQ(start(queue).size, 2 * kBlock);
  EXPECT_EQ(start(queue).size, kBlock);
}

TEST_F(ReadQueueTest, says_what_would_start_at_once) {
  ReadQueue queue({.in_flight_max = {4 * kBlock}});
  EXPECT_TRUE(queue.opening().admits(read(1, 10, 64))) << "one read is always allowed";
  ASSERT_TRUE(queue.add(read(1, 10, 3)));
  const RawRead first = start(queue);
  EXPECT_TRUE(queue.opening().admits(read(2, 20, 1))) << "nothing waits";
  EXPECT_FALSE(queue.opening().admits(read(2, 20, 2))) << "only one block is left";

  ASSERT_TRUE(queue.add(read(2, 20, 2)));
  EXPECT_FALSE(queue.opening().admits(read(3, 20, 1))) << "it would come after one that waits";
  EXPECT_FALSE(queue.opening().admits(read(3, 15, 2))) << "it would be first, and does not fit";
  EXPECT_TRUE(queue.opening().admits(read(3, 15, 1)));

  ASSERT_TRUE(queue.add(read(3, 15, 1)));
  EXPECT_EQ(start(queue).size, kBlock) << "as was said";
  EXPECT_FALSE(queue.opening().admits(read(4, 5, 1))) << "the window is full";
  complete(queue, first, 3 * kBlock);
  EXPECT_TRUE(queue.opening().admits(read(4, 5, 3)));
}

TEST_F(ReadQueueTest, admits_nothing_while_the_kernel_has_as_many_reads_as_it_may) {
  ReadQueue queue({.operations_max = 1});
  ASSERT_TRUE(queue.add(read(1, 10)));
  const RawRead raw = start(queue);
  EXPECT_FALSE(queue.opening().admits(read(2, 1)));
  complete(queue, raw, kBlock);
  EXPECT_TRUE(queue.opening().admits(read(2, 1)));
}

TEST_F(ReadQueueTest, starts_one_read_however_large) {
  ReadQueue queue({.in_flight_max = {kBlock}});
  ASSERT_TRUE(queue.add(read(1, 1, 8)));
  EXPECT_EQ(start(queue).size, 8 * kBlock);
}

TEST_F(ReadQueueTest, keeps_the_number_of_operations) {
  ReadQueue queue({.operations_max = 2});
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(queue.add(read(i, 1)));
  const RawRead first = start(queue);
  (void)start(queue);
  RawRead raw;
  EXPECT_FALSE(queue.start(raw));
  complete(queue, first, kBlock);
  EXPECT_TRUE(queue.start(raw));
}

TEST_F(ReadQueueTest, refuses_a_read_past_the_limit_until_a_result_was_taken) {
  ReadQueue queue({.reads_max = 2});
  ASSERT_TRUE(queue.add(read(1, 1)));
  ASSERT_TRUE(queue.add(read(2, 1)));
  EXPECT_FALSE(queue.room());
  EXPECT_FALSE(queue.add(read(3, 1)));
  complete(queue, start(queue), kBlock);
  EXPECT_FALSE(queue.add(read(3, 1))) << "the result is not taken yet";
  EXPECT_EQ(take_done(queue).size(), 1u);
  EXPECT_TRUE(queue.add(read(3, 1)));
}

TEST_F(ReadQueueTest, continues_a_short_read_from_an_aligned_offset) {
  ReadQueue queue({});
  ASSERT_TRUE(queue.add(read(1, 1, 4)));
  complete(queue, start(queue), kBlock + 100);
  const RawRead rest = start(queue);
  EXPECT_EQ(rest.at, 16 * kBlock + kBlock);
  EXPECT_EQ(rest.into, memory_.data() + kBlock);
  EXPECT_EQ(rest.size, 3 * kBlock);
  EXPECT_TRUE(take_done(queue).empty());
  complete(queue, rest, 3 * kBlock, Time{77});
  const std::vector<ReadDone> done = take_done(queue);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].bytes_read, Bytes{4 * kBlock});
  EXPECT_FALSE(done[0].error);
  EXPECT_EQ(done[0].finished_at, Time{77});
  EXPECT_EQ(queue.stats().retries, 1u);
  EXPECT_EQ(queue.stats().bytes_read, Bytes{4 * kBlock + 100});
}

TEST_F(ReadQueueTest, reports_what_was_read_where_the_file_ends) {
  ReadQueue queue({});
  ASSERT_TRUE(queue.add(read(1, 1, 4)));  // the file ends at an aligned place
  complete(queue, start(queue), 2 * kBlock);
  complete(queue, start(queue), 0);
  ASSERT_TRUE(queue.add(read(2, 1, 4)));  // inside a block: its read gives the same bytes again
  complete(queue, start(queue), kBlock + 10);
  complete(queue, start(queue), 10);
  ASSERT_TRUE(queue.add(read(3, 1, 4)));  // behind the end
  complete(queue, start(queue), 0);
  const std::vector<ReadDone> done = take_done(queue);
  ASSERT_EQ(done.size(), 3u);
  EXPECT_EQ(done[0].bytes_read, Bytes{2 * kBlock});
  EXPECT_EQ(done[1].bytes_read, Bytes{kBlock + 10});
  EXPECT_EQ(done[2].bytes_read, Bytes{0});
  for (const ReadDone& one : done) EXPECT_FALSE(one.error);
}

TEST_F(ReadQueueTest, a_file_cut_between_two_parts_keeps_what_was_read) {
  ReadQueue queue({});
  ASSERT_TRUE(queue.add(read(1, 1, 4)));
  complete(queue, start(queue), kBlock + 100);
  complete(queue, start(queue), 40);
  const std::vector<ReadDone> done = take_done(queue);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].bytes_read, Bytes{kBlock + 100});
}

TEST_F(ReadQueueTest, repeats_what_was_interrupted) {
  ReadQueue queue({});
  ASSERT_TRUE(queue.add(read(1, 1, 2)));
  for (const int error : {EINTR, EAGAIN, ECANCELED}) complete(queue, start(queue), -error);
  EXPECT_TRUE(take_done(queue).empty());
  complete(queue, start(queue), 2 * kBlock);
  const std::vector<ReadDone> done = take_done(queue);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_FALSE(done[0].error);
  EXPECT_EQ(queue.stats().retries, 3u);
}

TEST_F(ReadQueueTest, gives_up_when_only_interruptions_come) {
  ReadQueue queue({.transient_retries_max = 3});
  ASSERT_TRUE(queue.add(read(1, 1)));
  for (int i = 0; i < 4; ++i) complete(queue, start(queue), -EAGAIN);
  const std::vector<ReadDone> done = take_done(queue);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].error.code, ErrorCode::file_read_failed);
  EXPECT_EQ(done[0].error.os_error, EAGAIN);
}

TEST_F(ReadQueueTest, progress_forgives_earlier_interruptions) {
  ReadQueue queue({.transient_retries_max = 1});
  ASSERT_TRUE(queue.add(read(1, 1, 4)));
  for (int i = 1; i < 4; ++i) {
    complete(queue, start(queue), -EINTR);
    complete(queue, start(queue), kBlock);
  }
  complete(queue, start(queue), -EINTR);
  complete(queue, start(queue), kBlock);
  const std::vector<ReadDone> done = take_done(queue);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_FALSE(done[0].error);
}

TEST_F(ReadQueueTest, an_error_of_the_disk_ends_the_read_and_says_where) {
  ReadQueue queue({});
  ASSERT_TRUE(queue.add(read(1, 1, 4)));
  complete(queue, start(queue), kBlock);
  complete(queue, start(queue), -EIO, Time{5});
  const std::vector<ReadDone> done = take_done(queue);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].error.code, ErrorCode::file_read_failed);
  EXPECT_EQ(done[0].error.os_error, EIO);
  EXPECT_EQ(done[0].error.at, 16 * kBlock + kBlock);
  EXPECT_EQ(done[0].bytes_read, Bytes{kBlock});
  EXPECT_EQ(done[0].finished_at, Time{5});
}

TEST_F(ReadQueueTest, more_bytes_than_asked_for_is_an_error) {
  ReadQueue queue({});
  ASSERT_TRUE(queue.add(read(1, 1)));
  complete(queue, start(queue), kBlock + 1);
  const std::vector<ReadDone> done = take_done(queue);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].error.code, ErrorCode::file_read_failed);
}

TEST_F(ReadQueueTest, counts_and_ignores_completions_that_belong_to_nobody) {
  ReadQueue queue({.reads_max = 2});
  ASSERT_TRUE(queue.add(read(1, 1, 4)));
  const RawRead first = start(queue);
  complete(queue, first, kBlock);
  complete(queue, first, kBlock);  // twice, while the read waits for its continuation
  const RawRead rest = start(queue);
  complete(queue, first, 4 * kBlock);  // twice, while the continuation is with the kernel
  EXPECT_TRUE(take_done(queue).empty());
  complete(queue, rest, 3 * kBlock);
  complete(queue, rest, 3 * kBlock);  // when it is done
  EXPECT_EQ(take_done(queue).size(), 1u);
  complete(queue, rest, 3 * kBlock);  // when its slot is free
  queue.complete({.user_data = 99, .result = 1}, {});
  queue.complete({.user_data = ~0ull, .result = 1}, {});
  EXPECT_TRUE(take_done(queue).empty());
  EXPECT_EQ(queue.stats().stale_completions, 6u);
  EXPECT_EQ(queue.with_kernel(), 0u);
}

TEST_F(ReadQueueTest, cancel_withdraws_only_what_waits) {
  ReadQueue queue({.operations_max = 1});
  ASSERT_TRUE(queue.add(read(1, 1)));
  ASSERT_TRUE(queue.add(read(2, 2)));
  ASSERT_TRUE(queue.add(read(3, 3)));
  const RawRead first = start(queue);
  queue.cancel({1});
  queue.cancel({2});
  queue.cancel({4});
  const std::vector<ReadDone> done = take_done(queue);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].tag, ReadTag{2});
  EXPECT_EQ(done[0].error.code, ErrorCode::canceled);
  EXPECT_EQ(queue.with_kernel(), 1u);
  complete(queue, first, kBlock);
  EXPECT_EQ(take_done(queue).size(), 1u);
  EXPECT_EQ(start(queue).at, 3u * 16 * kBlock);
}

TEST_F(ReadQueueTest, reorder_moves_what_waits_and_nothing_else) {
  ReadQueue queue({.operations_max = 1});
  for (std::uint64_t i = 1; i <= 4; ++i) ASSERT_TRUE(queue.add(read(i, static_cast<int>(i))));
  const RawRead first = start(queue);
  queue.reorder([](const Read& one) { return one.tag == ReadTag{4} ? Time{0} : one.deadline; });
  complete(queue, first, kBlock);
  EXPECT_EQ(start(queue).at, 4u * 16 * kBlock);
}

TEST_F(ReadQueueTest, a_canceled_read_that_hangs_gives_up_its_share_of_the_window) {
  const Bytes size{read(1, 1).into.size()};
  ReadQueue queue({.in_flight_max = size, .abandoned_max = size});
  for (std::uint64_t i = 1; i <= 4; ++i) ASSERT_TRUE(queue.add(read(i, 1)));
  const RawRead hung = start(queue);
  RawRead raw;
  EXPECT_FALSE(queue.start(raw)) << "the window is full";
  queue.cancel({1});
  const RawRead second = start(queue);
  EXPECT_EQ(queue.with_kernel(), 2u);
  queue.cancel({2});
  EXPECT_FALSE(queue.start(raw)) << "what may be abandoned has a limit, too";
  complete(queue, hung, static_cast<std::int32_t>(hung.size));
  EXPECT_EQ(take_done(queue).size(), 1u) << "it comes back with its own completion";
  complete(queue, second, static_cast<std::int32_t>(second.size));
  EXPECT_EQ(queue.bytes_with_kernel(), Bytes{0});
}

TEST_F(ReadQueueTest, a_read_the_kernel_did_not_take_waits_in_its_old_place) {
  ReadQueue queue({});
  ASSERT_TRUE(queue.add(read(1, 1)));
  ASSERT_TRUE(queue.add(read(2, 1)));
  const RawRead raw = start(queue);
  queue.return_raw(raw);
  EXPECT_EQ(queue.with_kernel(), 0u);
  EXPECT_EQ(queue.bytes_with_kernel(), Bytes{0});
  const RawRead again = start(queue);
  EXPECT_EQ(again.at, raw.at);
  EXPECT_NE(again.user_data, raw.user_data);
}

TEST_F(ReadQueueTest, results_are_taken_in_parts_and_in_their_order) {
  ReadQueue queue({});
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(queue.add(read(i, 1)));
  for (int i = 0; i < 3; ++i) complete(queue, start(queue), kBlock);
  std::vector<ReadDone> two(2);
  EXPECT_EQ(queue.done(), 3u);
  EXPECT_EQ(queue.take_done(two), 2u);
  EXPECT_EQ(two[0].tag, ReadTag{0});
  EXPECT_EQ(two[1].tag, ReadTag{1});
  EXPECT_EQ(queue.take_done(two), 1u);
  EXPECT_EQ(two[0].tag, ReadTag{2});
  EXPECT_EQ(queue.take_done(two), 0u);
}

// A kernel drawn by lot against the simplest account of what must come out: every read once, whole
// unless its file ends, and the window never wider than said.
class ReadQueueModel {
 public:
  explicit ReadQueueModel(std::uint64_t seed) : prng_(seed) {
    options_.reads_max = static_cast<std::uint32_t>(1 + prng_.below(20));
    options_.operations_max = static_cast<std::uint32_t>(1 + prng_.below(8));
    options_.in_flight_max = {(1 + prng_.below(12)) * kBlock};
    options_.abandoned_max = {0};  // canceled reads count, as all others do
    queue_.emplace(options_);
  }

  void run() {
    for (int step = 0; step < 400; ++step) {
      if (prng_.chance(0.5)) add();
      if (prng_.chance(0.2)) cancel();
      if (prng_.chance(0.7)) start();
      if (prng_.chance(0.6)) complete();
      if (prng_.chance(0.3)) replay();
      if (prng_.chance(0.4)) take();
      check();
    }
    while (!expected_.empty()) {
      start();
      complete();
      take();
      check();
    }
    EXPECT_EQ(queue_->stats().stale_completions, replays_);
  }

 private:
  struct Expected {
    Time deadline;
    std::uint64_t order;
    std::uint64_t file_bytes;  // of the range asked for
    bool may_be_canceled = false;
  };

  void add() {
    const std::uint64_t blocks = 1 + prng_.below(8);
    const Read read{.file = FileId{0},
                    .at = {next_tag_ * 64 * kBlock},
                    .into = std::span{memory_}.subspan(0, blocks * kBlock),
                    .tag = {next_tag_},
                    .deadline = {static_cast<std::int64_t>(prng_.below(10))}};
    const bool added = queue_->add(read);
    EXPECT_EQ(added, expected_.size() < options_.reads_max);
    if (!added) return;
    const std::uint64_t whole = blocks * kBlock;
    const std::uint64_t bytes = prng_.chance(0.2) ? prng_.below(whole + 1) : whole;
    expected_[next_tag_] = {read.deadline, next_tag_, bytes};
    waiting_.insert({read.deadline.ns, next_tag_});
    ++next_tag_;
  }

  void cancel() {
    if (next_tag_ == 0) return;
    const std::uint64_t tag = prng_.below(next_tag_);
    queue_->cancel({tag});
    const auto at = expected_.find(tag);
    if (at == expected_.end()) return;
    if (waiting_.erase({at->second.deadline.ns, tag}) == 1) at->second.may_be_canceled = true;
  }

  void start() {
    RawRead raw;
    if (!queue_->start(raw)) {
      EXPECT_TRUE(waiting_.empty() || !kernel_.empty()) << "one read is always allowed";
      return;
    }
    ASSERT_FALSE(waiting_.empty());
    const std::uint64_t tag = raw.at / (64 * kBlock);
    EXPECT_EQ(tag, waiting_.begin()->second);
    EXPECT_EQ(raw.at % kBlock, 0u);
    EXPECT_EQ(raw.size % kBlock, 0u);
    if (prng_.chance(0.2)) {
      queue_->return_raw(raw);
      return;
    }
    waiting_.erase(waiting_.begin());
    kernel_.push_back(raw);
    EXPECT_LE(kernel_.size(), options_.operations_max);
    std::uint64_t bytes = 0;
    for (const RawRead& one : kernel_) bytes += one.size;
    EXPECT_EQ(queue_->bytes_with_kernel(), Bytes{bytes});
    EXPECT_TRUE(kernel_.size() == 1 || bytes <= options_.in_flight_max.value);
  }

  void complete() {
    if (kernel_.empty()) return;
    const std::size_t pick = prng_.below(kernel_.size());
    const RawRead raw = kernel_[pick];
    kernel_.erase(kernel_.begin() + static_cast<std::ptrdiff_t>(pick));
    const std::uint64_t tag = raw.at / (64 * kBlock);
    Expected& expected = expected_.at(tag);
    const std::uint64_t from = raw.at % (64 * kBlock);
    const std::uint64_t there = expected.file_bytes > from ? expected.file_bytes - from : 0;
    auto result = static_cast<std::int64_t>(std::min<std::uint64_t>(there, raw.size));
    if (prng_.chance(0.2)) {
      result = -EINTR;
    } else if (result > kBlock && prng_.chance(0.5)) {
      const auto more = static_cast<std::uint64_t>(result) - kBlock;
      result = kBlock + static_cast<std::int64_t>(prng_.below(more));
    }
    queue_->complete({.user_data = raw.user_data, .result = static_cast<std::int32_t>(result)}, {});
    old_.push_back(raw);
    const bool whole = result >= 0 && from + static_cast<std::uint64_t>(result) == from + raw.size;
    std::uint64_t& reached = reached_[tag];
    const bool at_end = result >= 0 && from + static_cast<std::uint64_t>(result) <= reached;
    if (result > 0) reached = std::max(reached, from + static_cast<std::uint64_t>(result));
    if (!whole && !at_end) waiting_.insert({expected.deadline.ns, tag});
  }

  void replay() {
    if (old_.empty()) return;
    const RawRead& raw = old_[prng_.below(old_.size())];
    const auto size = static_cast<std::int32_t>(raw.size);
    queue_->complete({.user_data = raw.user_data, .result = size}, {});
    ++replays_;
  }

  void take() {
    std::vector<ReadDone> done(1 + prng_.below(4));
    done.resize(queue_->take_done(done));
    for (const ReadDone& one : done) {
      const auto at = expected_.find(one.tag.value);
      ASSERT_NE(at, expected_.end()) << "reported twice";
      if (at->second.may_be_canceled) {
        EXPECT_EQ(one.error.code, ErrorCode::canceled);
      } else {
        EXPECT_FALSE(one.error);
        EXPECT_EQ(one.bytes_read.value, at->second.file_bytes);
      }
      expected_.erase(at);
    }
  }

  void check() const {
    EXPECT_EQ(queue_->waiting(), waiting_.size());
    EXPECT_EQ(queue_->with_kernel(), kernel_.size());
  }

  Prng prng_;
  std::vector<std::byte> memory_ = std::vector<std::byte>(std::size_t{8} * kBlock);
  ReadQueueOptions options_{.transient_retries_max = 1000};
  std::optional<ReadQueue> queue_;
  std::map<std::uint64_t, Expected> expected_;
  std::map<std::uint64_t, std::uint64_t> reached_;
  std::set<std::pair<std::int64_t, std::uint64_t>> waiting_;
  std::vector<RawRead> kernel_;
  std::vector<RawRead> old_;
  std::uint64_t next_tag_ = 0;
  std::uint64_t replays_ = 0;
};

TEST(ReadQueueAgainstModel, reports_every_read_once_whatever_the_kernel_does) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    ReadQueueModel(seed).run();
    if (testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace nf
