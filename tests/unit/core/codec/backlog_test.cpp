#include "core/codec/backlog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "core/base/bounded_queue.h"
#include "core/codec/work_ledger.h"

namespace nf {
namespace {

DecodeJob job_with(std::uint64_t tag, std::int64_t deadline) {
  return {.tag = {tag}, .chunks = {}, .stored = {}, .raw = {}, .deadline = Time{deadline}};
}

TEST(Backlog, gives_the_earliest_first_and_among_equals_the_oldest) {
  Backlog backlog(4);
  const std::int64_t deadlines[] = {20, 10, 20, 10};
  for (std::uint64_t i = 0; i < 4; ++i) backlog.push(job_with(i, deadlines[i]));
  for (const std::uint64_t tag : {1u, 3u, 0u, 2u}) {
    const Backlog::Taken taken = backlog.take();
    EXPECT_EQ(taken.job.tag.value, tag);
    backlog.release(taken.place);
  }
}

TEST(Backlog, uses_a_place_again_only_when_it_was_released) {
  Backlog backlog(2);
  backlog.push(job_with(0, 5));
  const Backlog::Taken first = backlog.take();
  backlog.push(job_with(1, 9));
  backlog.release(first.place);
  backlog.push(job_with(2, 7));
  EXPECT_EQ(backlog.take().job.tag.value, 2u);
  EXPECT_EQ(backlog.take().job.tag.value, 1u);
}

// What a place held before is never seen under its new number, whoever looks meanwhile.
TEST(Backlog, gives_each_job_to_one_of_many_takers) {
  constexpr std::uint32_t kPlaces = 8;
  constexpr std::uint64_t kJobs = 5'000;
  Backlog backlog(kPlaces);
  WorkLedger ledger(0);
  BoundedQueue<std::uint32_t> taken_places(kPlaces);
  std::vector<std::atomic<int>> times(kJobs);
  std::atomic<bool> over{false};
  std::vector<std::thread> takers;
  for (int i = 0; i < 2; ++i) {
    takers.emplace_back([&] {
      while (!over) {
        if (!ledger.claim()) {
          std::this_thread::yield();
          continue;
        }
        const Backlog::Taken taken = backlog.take();
        ++times[taken.job.tag.value];
        ASSERT_EQ(taken.job.deadline.ns, static_cast<std::int64_t>(taken.job.tag.value % 7));
        ASSERT_TRUE(taken_places.push(taken.place));
      }
    });
  }
  std::uint32_t out = 0;
  for (std::uint64_t pushed = 0; pushed < kJobs || out > 0;) {
    for (std::uint32_t place = 0; taken_places.pop(place); --out) backlog.release(place);
    if (pushed < kJobs && out < kPlaces) {
      backlog.push(job_with(pushed, static_cast<std::int64_t>(pushed % 7)));
      ledger.add_job();
      ++pushed;
      ++out;
    }
  }
  over = true;
  for (std::thread& taker : takers) taker.join();
  for (std::uint64_t i = 0; i < kJobs; ++i) ASSERT_EQ(times[i], 1) << i;
}

TEST(WorkLedger, wakes_idle_workers_before_it_counts_jobs) {
  WorkLedger ledger(2);
  EXPECT_TRUE(ledger.all_idle());
  EXPECT_EQ(ledger.add_job(), 0u);
  EXPECT_EQ(ledger.add_job(), 1u);
  EXPECT_EQ(ledger.unclaimed(), 0u);
  EXPECT_EQ(ledger.add_job(), WorkLedger::kNobody);
  EXPECT_EQ(ledger.unclaimed(), 1u);
  EXPECT_TRUE(ledger.claim_or_rest(1)) << "the one that nobody had";
  EXPECT_FALSE(ledger.claim_or_rest(1));
  EXPECT_FALSE(ledger.all_idle());
  EXPECT_EQ(ledger.add_job(), 1u);
  EXPECT_FALSE(ledger.claim_or_rest(0));
  EXPECT_FALSE(ledger.claim_or_rest(1));
  EXPECT_TRUE(ledger.all_idle());
}

TEST(WorkLedger, without_workers_to_wake_counts_jobs) {
  WorkLedger ledger(0);
  EXPECT_FALSE(ledger.claim());
  EXPECT_EQ(ledger.add_job(), WorkLedger::kNobody);
  EXPECT_TRUE(ledger.claim());
  EXPECT_FALSE(ledger.claim());
  EXPECT_TRUE(ledger.all_idle());
}

TEST(WorkLedger, has_room_for_as_many_workers_and_jobs_as_it_says) {
  WorkLedger ledger(WorkLedger::kIdleMax);
  for (std::uint32_t i = 0; i < WorkLedger::kIdleMax; ++i) EXPECT_EQ(ledger.add_job(), i);
  EXPECT_EQ(ledger.add_job(), WorkLedger::kNobody);
  EXPECT_TRUE(ledger.claim());
  for (std::uint32_t i = 0; i < WorkLedger::kIdleMax; ++i) EXPECT_FALSE(ledger.claim_or_rest(i));
  EXPECT_TRUE(ledger.all_idle());
}

}  // namespace
}  // namespace nf
