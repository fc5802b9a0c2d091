#include "core/codec/decode_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/planted_bug.h"
#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "tests/unit/core/codec/engine_jobs.h"

namespace nf {
namespace {

// The chunks of one container and where they are decoded to.
struct Fixture {
  std::vector<std::uint64_t> checksum;
  std::vector<std::uint32_t> stored_at, stored_size, raw_at, raw_size;
  std::vector<std::uint16_t> codec;
  std::vector<std::byte> stored, expected, raw;

  explicit Fixture(std::uint64_t seed, std::uint32_t chunk_count = 12) {
    Prng prng(seed);
    ChunkEncoder encoder;
    for (std::uint32_t i = 0; i < chunk_count; ++i) {
      std::vector<std::byte> bytes(1 + prng.below(9000));
      for (std::byte& b : bytes) b = static_cast<std::byte>(prng.below(3));
      Codec chosen = static_cast<Codec>(i % kCodecCount);
      std::span<const std::byte> coded = encoder.encode(chosen, 5, bytes);
      if (coded.empty()) {
        chosen = Codec::store;
        coded = bytes;
      }
      add(chosen, coded, bytes);
    }
    raw.resize(expected.size());
  }

  void add(Codec chosen, std::span<const std::byte> coded, std::span<const std::byte> bytes) {
    codec.push_back(static_cast<std::uint16_t>(chosen));
    checksum.push_back(hash64(coded));
    stored_at.push_back(static_cast<std::uint32_t>(stored.size()));
    stored_size.push_back(static_cast<std::uint32_t>(coded.size()));
    raw_at.push_back(static_cast<std::uint32_t>(expected.size()));
    raw_size.push_back(static_cast<std::uint32_t>(bytes.size()));
    stored.insert(stored.end(), coded.begin(), coded.end());
    expected.insert(expected.end(), bytes.begin(), bytes.end());
  }

  // The chunks [first, last) with exactly the stored bytes they need.
  DecodeJob job(std::uint64_t tag, Time deadline, std::uint32_t first, std::uint32_t last) {
    const std::uint64_t from = stored_at[first];
    const std::uint64_t to = stored_at[last - 1] + stored_size[last - 1];
    return {.tag = {tag},
            .chunks = {.checksum = &checksum[first],
                       .stored_at = &stored_at[first],
                       .stored_size = &stored_size[first],
                       .raw_at = &raw_at[first],
                       .raw_size = &raw_size[first],
                       .codec = &codec[first],
                       .count = last - first,
                       .first_id = 1000 + first},
            .stored = std::span<const std::byte>(stored).subspan(from, to - from),
            .stored_from = from,
            .raw = raw,
            .deadline = deadline};
  }
  DecodeJob whole(std::uint64_t tag, Time deadline) {
    return job(tag, deadline, 0, static_cast<std::uint32_t>(codec.size()));
  }
};

DecodePool make_pool(std::uint32_t workers, std::uint32_t jobs_max = 64) {
  Result<DecodePool> pool = DecodePool::create({.workers = workers, .jobs_max = jobs_max});
  EXPECT_TRUE(pool);
  return std::move(*pool);
}

// Reaps until `count` jobs are done.
std::vector<DecodeDone> reap_all(DecodePool& pool, std::size_t count) {
  std::vector<DecodeDone> done;
  while (done.size() < count) {
    for (const DecodeDone& one : pool.reap()) done.push_back(one);
    std::this_thread::yield();
  }
  return done;
}

// A way of running the workers; all of them are to give the same.
struct Way {
  std::string name;
  std::uint32_t workers = 0;
  bool has_engine = false;
  EngineWay engine = EngineWay::on_threads;
};

class DecodePoolWith : public testing::TestWithParam<Way> {
 protected:
  // Pools go before the engine that runs them.
  DecodePool make(std::uint32_t jobs_max = 64, DecodePoolOptions options = {}) {
    options.workers = GetParam().workers;
    options.jobs_max = jobs_max;
    if (GetParam().has_engine) {
      engine_ = std::make_unique<EngineJobs>(GetParam().engine);
      options.jobs = engine_->jobs();
    }
    Result<DecodePool> pool = DecodePool::create(options);
    EXPECT_TRUE(pool);
    return std::move(*pool);
  }

  std::unique_ptr<EngineJobs> engine_;
};
std::string name_of(const testing::TestParamInfo<Way>& way) {
  return way.param.name;
}

class DecodePoolWithEngine : public DecodePoolWith {};
const Way kOwn[] = {{"no_worker"}, {"one_thread", 1}, {"three_threads", 3}};
const Way kEngines[] = {{"one_engine_job", 1, true},
                        {"three_engine_jobs", 3, true},
                        {"one_engine_job_within_submit", 1, true, EngineWay::within_submit},
                        {"three_engine_jobs_within_submit", 3, true, EngineWay::within_submit},
                        {"three_engine_jobs_in_turn", 3, true, EngineWay::in_turn},
                        {"three_engine_jobs_that_help", 3, true, EngineWay::helping}};
INSTANTIATE_TEST_SUITE_P(Own, DecodePoolWith, testing::ValuesIn(kOwn), name_of);
INSTANTIATE_TEST_SUITE_P(Engines, DecodePoolWith, testing::ValuesIn(kEngines), name_of);
INSTANTIATE_TEST_SUITE_P(Engines, DecodePoolWithEngine, testing::ValuesIn(kEngines), name_of);

TEST_P(DecodePoolWith, decodes_a_container_in_segments) {
  Fixture fixture(1);
  DecodePool pool = make();
  ASSERT_TRUE(pool.submit(fixture.job(1, Time{10}, 0, 5)));
  ASSERT_TRUE(pool.submit(fixture.job(2, Time{10}, 5, 6)));
  ASSERT_TRUE(pool.submit(fixture.job(3, Time{10}, 6, 12)));
  for (const DecodeDone& done : reap_all(pool, 3)) EXPECT_FALSE(done.error);
  EXPECT_EQ(fixture.raw, fixture.expected);
  EXPECT_EQ(pool.stats().chunks, 12u);
  EXPECT_EQ(pool.stats().raw_bytes.value, fixture.expected.size());
  EXPECT_EQ(pool.stats().busy.ns > 0, GetParam().workers > 0);
}

TEST_P(DecodePoolWith, names_the_chunk_whose_bytes_are_not_what_was_written) {
  if (planted_bug == kChecksumUnchecked) GTEST_SKIP() << "this build skips the check on purpose";
  Fixture fixture(2);
  fixture.stored[fixture.stored_at[7]] ^= std::byte{1};
  DecodePool pool = make();
  ASSERT_TRUE(pool.submit(fixture.whole(9, Time{0})));
  const std::vector<DecodeDone> done = reap_all(pool, 1);
  EXPECT_EQ(done[0].tag.value, 9u);
  EXPECT_EQ(done[0].error.code, ErrorCode::chunk_checksum_mismatch);
  EXPECT_EQ(done[0].error.subject_kind, Subject::chunk);
  EXPECT_EQ(done[0].error.subject, 1007u);
}

TEST_P(DecodePoolWith, names_the_chunk_that_is_as_written_and_still_wrong) {
  Fixture fixture(3);
  fixture.raw_size[4] -= 1;
  DecodePool pool = make();
  ASSERT_TRUE(pool.submit(fixture.whole(9, Time{0})));
  const std::vector<DecodeDone> done = reap_all(pool, 1);
  EXPECT_EQ(done[0].error.code, ErrorCode::chunk_decode_failed);
  EXPECT_EQ(done[0].error.subject, 1004u);
}

TEST_P(DecodePoolWith, accepts_no_more_than_its_limit_until_it_is_reaped) {
  std::vector<Fixture> fixtures;  // one a job: where a job decodes to is its own
  for (std::uint64_t i = 0; i < 5; ++i) fixtures.emplace_back(4 + i);
  DecodePool pool = make(3);
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(pool.submit(fixtures[i].whole(i, Time{0})));
  EXPECT_FALSE(pool.submit(fixtures[3].whole(3, Time{0})));
  reap_all(pool, 3);
  EXPECT_TRUE(pool.submit(fixtures[4].whole(4, Time{0})));
  EXPECT_EQ(reap_all(pool, 1)[0].tag.value, 4u);
}

TEST_P(DecodePoolWith, finishes_what_was_submitted_before_it_goes) {
  std::vector<Fixture> fixtures;
  for (std::uint64_t i = 0; i < 40; ++i) fixtures.emplace_back(i);
  {
    DecodePool pool = make();
    for (Fixture& fixture : fixtures) ASSERT_TRUE(pool.submit(fixture.whole(0, Time{0})));
  }
  for (const Fixture& fixture : fixtures) EXPECT_EQ(fixture.raw, fixture.expected);
}

TEST_P(DecodePoolWith, reports_every_job_once_over_many_rounds) {
  std::vector<Fixture> fixtures;
  for (std::uint64_t i = 0; i < 16; ++i) fixtures.emplace_back(100 + i, 3);
  DecodePool pool = make(16);
  std::map<std::uint64_t, int> seen;
  std::vector<std::size_t> free_slots;
  for (std::size_t i = 0; i < fixtures.size(); ++i) free_slots.push_back(i);
  constexpr std::uint64_t kJobs = 3000;
  for (std::uint64_t submitted = 0, reaped = 0; reaped < kJobs;) {
    while (submitted < kJobs && !free_slots.empty()) {
      Fixture& fixture = fixtures[free_slots.back()];
      fixture.raw.assign(fixture.raw.size(), std::byte{0});
      ASSERT_TRUE(pool.submit(fixture.whole(submitted * 16 + free_slots.back(), Time{0})));
      free_slots.pop_back();
      ++submitted;
    }
    for (const DecodeDone& done : pool.reap()) {
      const std::size_t slot = done.tag.value % 16;
      ASSERT_EQ(fixtures[slot].raw, fixtures[slot].expected);
      free_slots.push_back(slot);
      ++seen[done.tag.value];
      ++reaped;
    }
    std::this_thread::yield();
  }
  EXPECT_EQ(seen.size(), kJobs);
}

// Nobody reaps before a wake-up: an owner that sleeps must not sleep for ever.
TEST_P(DecodePoolWith, wakes_an_owner_that_sleeps_until_everything_is_done) {
  std::atomic<std::uint64_t> calls{0};
  const auto count = [](void* to) { ++*static_cast<std::atomic<std::uint64_t>*>(to); };
  std::vector<Fixture> fixtures;
  for (std::uint64_t i = 0; i < 5; ++i) fixtures.emplace_back(i, 1);
  DecodePool pool = make(64, {.notify = count, .notify_context = &calls});
  for (int round = 0; round < 500; ++round) {
    std::uint64_t seen = calls;
    for (Fixture& fixture : fixtures) {
      DecodeJob job = fixture.whole(0, Time{0});
      job.notify = false;
      ASSERT_TRUE(pool.submit(job));
    }
    for (std::size_t reaped = 0; reaped < fixtures.size();) {
      // Without workers the owner decodes itself: it is awake.
      while (GetParam().workers > 0 && calls == seen) std::this_thread::yield();
      seen = calls;
      reaped += pool.reap().size();
    }
  }
  EXPECT_EQ(calls > 0, GetParam().workers > 0);
}

TEST_P(DecodePoolWithEngine, has_no_more_jobs_with_the_engine_than_workers) {
  std::vector<Fixture> fixtures;
  for (std::uint64_t i = 0; i < 40; ++i) fixtures.emplace_back(i, 2);
  {
    DecodePool pool = make();
    for (Fixture& fixture : fixtures) ASSERT_TRUE(pool.submit(fixture.whole(0, Time{0})));
    reap_all(pool, fixtures.size());
  }
  EXPECT_GE(engine_->waiting_max(), 1u);
  EXPECT_LE(engine_->waiting_max(), GetParam().workers);
  EXPECT_EQ(engine_->submitted(), fixtures.size()) << "one for each";
  EXPECT_LE(engine_->depth_max(), 2u);
}

TEST(DecodePool, without_workers_decodes_in_the_order_of_deadlines) {
  std::vector<Fixture> fixtures;
  for (std::uint64_t i = 0; i < 6; ++i) fixtures.emplace_back(i, 2);
  DecodePool pool = make_pool(0);
  const std::int64_t deadlines[] = {50, 10, 50, 30, 10, 20};
  for (std::uint64_t i = 0; i < 6; ++i) {
    ASSERT_TRUE(pool.submit(fixtures[i].whole(i, Time{deadlines[i]})));
    EXPECT_NE(fixtures[i].raw, fixtures[i].expected) << "nothing happens before reap";
  }
  std::vector<std::uint64_t> order;
  for (const DecodeDone& done : pool.reap()) order.push_back(done.tag.value);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 4, 5, 3, 0, 2}));
}

TEST(DecodePool, with_one_worker_starts_what_waits_in_the_order_of_deadlines) {
  // A first job long enough that everything behind it waits; should the worker be faster, the
  // order of the rest still holds except for what it took meanwhile, so the round is repeated.
  Fixture slow(1, 400);
  std::vector<Fixture> fixtures;
  for (std::uint64_t i = 0; i < 4; ++i) fixtures.emplace_back(i, 2);
  bool in_order = false;
  for (int round = 0; round < 50 && !in_order; ++round) {
    DecodePool pool = make_pool(1);
    ASSERT_TRUE(pool.submit(slow.whole(99, Time{0})));
    const std::int64_t deadlines[] = {40, 30, 20, 10};
    for (std::uint64_t i = 0; i < 4; ++i) {
      ASSERT_TRUE(pool.submit(fixtures[i].whole(i, Time{deadlines[i]})));
    }
    std::vector<std::uint64_t> order;
    for (const DecodeDone& done : reap_all(pool, 5)) order.push_back(done.tag.value);
    in_order = order == std::vector<std::uint64_t>{99, 3, 2, 1, 0};
  }
  EXPECT_TRUE(in_order);
}

// The callback holds the one worker, so that what waits behind it is known.
TEST(DecodePool, wakes_the_owner_when_a_job_asks_for_it_or_failed_and_when_nothing_is_left) {
  struct Owner {
    std::atomic<int> calls{0};
    std::atomic<bool> released{false};
  } owner;
  const auto hold = [](void* to) {
    auto& one = *static_cast<Owner*>(to);
    one.calls.fetch_add(1);
    while (!one.released.load()) std::this_thread::yield();
  };
  Result<DecodePool> made =
      DecodePool::create({.workers = 1, .notify = hold, .notify_context = &owner});
  ASSERT_TRUE(made);
  std::vector<Fixture> fixtures;
  for (std::uint64_t i = 0; i < 8; ++i) fixtures.emplace_back(i, 2);
  ASSERT_TRUE(made->submit(fixtures[0].whole(0, Time{0})));
  while (owner.calls.load() == 0) std::this_thread::yield();
  fixtures[5].stored[0] ^= std::byte{1};
  for (std::uint64_t i = 1; i < 8; ++i) {
    DecodeJob job = fixtures[i].whole(i, Time{0});
    job.notify = i == 3;
    ASSERT_TRUE(made->submit(job));
  }
  owner.released = true;
  reap_all(*made, 8);
  const bool blind = planted_bug == kChecksumUnchecked;  // a flip may go unnoticed there
  while (owner.calls.load() < (blind ? 3 : 4)) std::this_thread::yield();
  // The first, the one that asked, the one that failed, the last.
  EXPECT_LE(owner.calls.load(), 4);
}

// The engine is late: what runs first was submitted last.
TEST(DecodePool, decodes_in_an_engines_job_what_is_most_urgent_when_the_job_runs) {
  std::vector<Fixture> fixtures;
  for (std::uint64_t i = 0; i < 5; ++i) fixtures.emplace_back(i, 2);
  EngineJobs engine(EngineWay::on_threads);
  engine.hold();
  Result<DecodePool> pool = DecodePool::create({.workers = 1, .jobs = engine.jobs()});
  ASSERT_TRUE(pool);
  const std::int64_t deadlines[] = {50, 30, 40, 10, 30};
  for (std::uint64_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(pool->submit(fixtures[i].whole(i, Time{deadlines[i]})));
  }
  EXPECT_EQ(engine.submitted(), 1u);
  EXPECT_TRUE(pool->reap().empty());
  engine.release();
  std::vector<std::uint64_t> order;
  for (const DecodeDone& done : reap_all(*pool, 5)) order.push_back(done.tag.value);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{3, 1, 4, 2, 0}));
}

// One job runs on the engine's thread, and everything behind it within the calls that submit it.
TEST(DecodePool, goes_no_deeper_when_an_engine_runs_what_a_job_submits_within_it) {
  constexpr std::uint32_t kJobs = 2'000;
  Fixture fixture(1, 1);
  fixture.raw_size[0] = 0;  // refused at once, and writes nothing: all of them are the same job
  EngineJobs engine(EngineWay::within_submit, 1);
  engine.hold();
  Result<DecodePool> pool =
      DecodePool::create({.workers = 1, .jobs = engine.jobs(), .jobs_max = kJobs});
  ASSERT_TRUE(pool);
  for (std::uint32_t i = 0; i < kJobs; ++i) ASSERT_TRUE(pool->submit(fixture.whole(i, Time{0})));
  engine.release();
  reap_all(*pool, kJobs);
  EXPECT_LE(engine.depth_max(), 2u);
}

TEST(DecodePool, waits_for_the_engines_jobs_before_it_goes) {
  std::vector<Fixture> fixtures;
  for (std::uint64_t i = 0; i < 10; ++i) fixtures.emplace_back(i);
  EngineJobs engine(EngineWay::on_threads);
  engine.hold();
  std::atomic<bool> leaving{false};
  std::thread late([&] {
    while (!leaving) std::this_thread::yield();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    engine.release();
  });
  {
    Result<DecodePool> pool = DecodePool::create({.workers = 3, .jobs = engine.jobs()});
    ASSERT_TRUE(pool);
    for (Fixture& fixture : fixtures) ASSERT_TRUE(pool->submit(fixture.whole(0, Time{0})));
    EXPECT_EQ(engine.submitted(), 3u);
    leaving = true;
  }
  for (const Fixture& fixture : fixtures) EXPECT_EQ(fixture.raw, fixture.expected);
  late.join();
}

TEST(DecodePool, refuses_options_that_make_no_sense) {
  EXPECT_EQ(DecodePool::create({.jobs_max = 0}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(DecodePool::create({.workers = 1000}).error().code, ErrorCode::invalid_argument);
  EngineJobs engine(EngineWay::within_submit);
  for (const std::uint32_t workers : {0u, 41u}) {
    const auto refused = DecodePool::create({.workers = workers, .jobs = engine.jobs()});
    ASSERT_FALSE(refused) << workers;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_TRUE(DecodePool::create({.workers = 40, .jobs = engine.jobs()}));
}

TEST(DecodePool, moves_with_its_jobs) {
  Fixture fixture(5);
  DecodePool pool = make_pool(2);
  ASSERT_TRUE(pool.submit(fixture.whole(1, Time{0})));
  DecodePool moved = std::move(pool);
  EXPECT_EQ(reap_all(moved, 1)[0].tag.value, 1u);
}

}  // namespace
}  // namespace nf
