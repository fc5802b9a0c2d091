// The packer's threads: none of them is needed, and what a job throws stays in its mark.
#include "formats/pack/work_pool.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <new>
#include <stdexcept>

namespace nf {
namespace {

TEST(WorkPool, does_all_jobs_on_its_owners_thread_if_it_has_no_other) {
  for (const std::uint32_t threads : {0u, 1u, 3u}) {
    std::atomic<int> sum = 0;
    std::array<JobMark, 20> marks;
    WorkPool pool(threads);
    for (int i = 0; i < 20; ++i) {
      const auto urgency = i % 2 == 0 ? WorkPool::Urgency::ordinary : WorkPool::Urgency::urgent;
      pool.submit([&sum, i](ChunkEncoder&) { sum += i; }, urgency,
                  marks[static_cast<std::size_t>(i)]);
    }
    for (const JobMark& mark : marks) {
      while (!pool.done(mark)) pool.wait_for_change();
      EXPECT_FALSE(pool.error(mark));
    }
    EXPECT_EQ(sum, 190) << threads;
  }
}

TEST(WorkPool, keeps_what_a_job_throws_in_its_mark_and_goes_on) {
  for (const std::uint32_t threads : {0u, 2u}) {
    std::array<JobMark, 4> marks;
    WorkPool pool(threads);
    const auto ordinary = WorkPool::Urgency::ordinary;
    pool.submit([](ChunkEncoder&) { throw std::bad_alloc(); }, ordinary, marks[0]);
    pool.submit([](ChunkEncoder&) { throw std::runtime_error("no"); }, ordinary, marks[1]);
    pool.submit([](ChunkEncoder&) { throw 7; }, ordinary, marks[2]);
    pool.submit([](ChunkEncoder&) {}, ordinary, marks[3]);
    for (const JobMark& mark : marks) {
      while (!pool.done(mark)) pool.wait_for_change();
    }
    EXPECT_EQ(pool.error(marks[0]).code, ErrorCode::out_of_memory);
    EXPECT_EQ(pool.error(marks[1]).code, ErrorCode::source_malformed);
    EXPECT_EQ(pool.error(marks[2]).code, ErrorCode::source_malformed);
    EXPECT_FALSE(pool.error(marks[3]));
  }
}

}  // namespace
}  // namespace nf
