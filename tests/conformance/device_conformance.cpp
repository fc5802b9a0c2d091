#include "tests/conformance/device_conformance.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <thread>

namespace nf::test {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DeviceConformance);

void DeviceConformance::SetUp() {
  std::string reason;
  if (GetParam().make({}, reason) == nullptr) GTEST_SKIP() << reason;
}

void DeviceConformance::make(const DeviceOptions& options) {
  device_.reset();
  std::string reason;
  device_ = GetParam().make(options, reason);
  ASSERT_NE(device_, nullptr) << reason;
  if (!GetParam().registers_memory) return;
  const auto middle = memory_.bytes().subspan(kRegisteredFrom * kBlock, kRegisteredBlocks * kBlock);
  registered_ = device_->register_memory(middle);
  EXPECT_LE(registered_, Bytes{middle.size()});
  EXPECT_EQ(registered_.value % kBlock, 0u);
}

FileId DeviceConformance::add(const TempFile& file) {
  Result<FileId> id = device_->add_file(file.handle());
  EXPECT_TRUE(id);
  return id ? *id : FileId::none();
}

Read DeviceConformance::read(FileId file, std::uint64_t block, std::uint64_t blocks,
                             std::size_t into_block, std::uint64_t tag, std::int64_t deadline) {
  return {.file = file,
          .at = {block * kBlock},
          .into = memory_.bytes().subspan(into_block * kBlock, blocks * kBlock),
          .tag = {tag},
          .deadline = {deadline}};
}

void DeviceConformance::submit_all(std::span<const Read> reads) {
  while (!reads.empty()) {
    reads = reads.subspan(submit(reads));
    if (reads.empty()) break;
    for (const ReadDone& done : look()) taken_.push_back(done);
  }
}

std::span<const ReadDone> DeviceConformance::look() {
  now_ = GetParam().let_work(*device_, now_);
  return device_->reap(now_);
}

std::vector<ReadDone> DeviceConformance::take(std::size_t count) {
  while (taken_.size() < count) {
    for (const ReadDone& done : look()) taken_.push_back(done);
  }
  EXPECT_EQ(taken_.size(), count);
  return std::move(taken_);
}

bool DeviceConformance::right(const Read& read, Bytes size, const TempFile& file) {
  return holds_content(read.into.first(size.value), file.seed(), read.at.value);
}

namespace {

using namespace literals;

TEST_P(DeviceConformance, has_a_name_and_limits) {
  make({.reads_max = 100, .in_flight_max = 2_MiB, .read_size_max = 512_KiB});
  EXPECT_STREQ(device_->name(), GetParam().device_name);
  EXPECT_EQ(device_->limits().alignment, 4096_B);
  EXPECT_EQ(device_->limits().reads_max, 100u);
  EXPECT_EQ(device_->limits().in_flight_max, 2_MiB);
  EXPECT_EQ(device_->limits().read_size_max, 512_KiB);
}

TEST_P(DeviceConformance, reads_into_registered_memory_and_across_both_its_ends) {
  const TempFile file(64 * kBlock, 5);
  make();
  const FileId id = add(file);
  const std::size_t end = kRegisteredFrom + registered_.value / kBlock;
  // Outside, across, inside; inside, across, outside.
  const std::size_t into[] = {
      kRegisteredFrom - 5, kRegisteredFrom - 1, kRegisteredFrom + 3, end - 6, end - 2, end + 2};
  std::vector<Read> reads;
  for (const std::size_t block : into) reads.push_back(read(id, 4 * reads.size(), 4, block, 1));
  if (registered_.value < 64 * kBlock) reads.resize(2);  // else they would overlap
  for (const Read& one : reads) {
    submit_all({&one, 1});
    const std::vector<ReadDone> done = take(1);
    EXPECT_FALSE(done[0].error);
    EXPECT_TRUE(right(one, done[0].bytes_read, file)) << "block " << one.at.value / kBlock;
    EXPECT_EQ(done[0].bytes_read, Bytes{4 * kBlock});
  }
  EXPECT_EQ(device_->stats().registered_reads, registered_.value < 64 * kBlock ? 0u : 2u);
}

TEST_P(DeviceConformance, gives_exactly_the_bytes_of_the_file) {
  make();
  const TempFile file(3_MiB .value, 1);
  const FileId id = add(file);
  std::vector<Read> reads;
  std::size_t into = 0;
  for (const std::uint64_t blocks : {1u, 2u, 3u, 15u, 64u, 256u}) {
    reads.push_back(read(id, 300 - blocks, blocks, into, reads.size()));
    into += blocks;
  }
  submit_all(reads);
  for (const ReadDone& done : take(reads.size())) {
    const Read& one = reads[done.tag.value];
    EXPECT_FALSE(done.error) << error_text(done.error.code) << " errno " << done.error.os_error;
    EXPECT_EQ(done.bytes_read.value, one.into.size());
    EXPECT_TRUE(right(one, done.bytes_read, file));
  }
  EXPECT_EQ(device_->stats().reads, reads.size());
  EXPECT_GE(device_->stats().bytes_read, Bytes{into * kBlock});
}

TEST_P(DeviceConformance, reports_what_there_was_where_the_file_ends) {
  make();
  const TempFile aligned(8 * kBlock, 2);
  const TempFile ragged(8 * kBlock + 77, 3);
  const FileId first = add(aligned);
  const FileId second = add(ragged);
  const Read reads[] = {
      read(first, 6, 4, 0, 0),   read(first, 8, 1, 10, 1),  read(first, 50, 2, 20, 2),
      read(second, 6, 8, 30, 3), read(second, 8, 1, 40, 4), read(second, 9, 1, 50, 5),
  };
  const std::uint64_t there[] = {2 * kBlock, 0, 0, 2 * kBlock + 77, 77, 0};
  submit_all(reads);
  for (const ReadDone& done : take(std::size(reads))) {
    const std::size_t i = done.tag.value;
    EXPECT_FALSE(done.error);
    EXPECT_EQ(done.bytes_read, Bytes{there[i]}) << "read " << i;
    EXPECT_TRUE(right(reads[i], done.bytes_read, i < 3 ? aligned : ragged));
  }
}

TEST_P(DeviceConformance, reports_each_read_once_with_its_own_tag) {
  make({.reads_max = 32});
  const TempFile file(64 * kBlock, 5);
  const FileId id = add(file);
  std::vector<Read> reads;
  for (std::uint64_t i = 0; i < 500; ++i) {
    reads.push_back(read(id, i % 64, 1, i, 1'000'000'007 * i));
  }
  submit_all(reads);
  std::set<std::uint64_t> tags;
  for (const ReadDone& done : take(reads.size())) tags.insert(done.tag.value);
  EXPECT_EQ(tags.size(), reads.size());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(device_->reap(now_).empty());
}

TEST_P(DeviceConformance, takes_no_more_reads_than_it_says) {
  make({.reads_max = 8});
  const TempFile file(16 * kBlock, 6);
  const FileId id = add(file);
  std::vector<Read> reads;
  for (std::uint64_t i = 0; i < 16; ++i) reads.push_back(read(id, i, 1, i, i));
  EXPECT_EQ(submit(reads), 8u);
  EXPECT_EQ(submit(std::span(reads).subspan(8)), 0u)
      << "finished reads count until they are reaped";
  (void)take(8);
  EXPECT_EQ(submit(std::span(reads).subspan(8)), 8u);
  (void)take(8);
}

TEST_P(DeviceConformance, a_canceled_read_comes_back_once_and_unstarted_ones_leave_no_trace) {
  constexpr std::uint64_t kReads = 40;
  const TempFile file(kReads * kBlock, 7);
  std::size_t canceled = 0;
  for (int round = 0; round < 50 && canceled == 0; ++round) {
    make({.in_flight_max = {kBlock}, .threads = 1});
    const FileId id = add(file);
    std::fill(memory_.bytes().begin(), memory_.bytes().end(), std::byte{0xEE});
    std::vector<Read> reads;
    for (std::uint64_t i = 0; i < kReads; ++i) {
      reads.push_back(read(id, i, 1, i, i, static_cast<std::int64_t>(i)));
    }
    EXPECT_EQ(submit(reads), kReads);
    for (std::uint64_t i = kReads; i-- > kReads / 2;) {
      device_->cancel({i});
      device_->cancel({i});
    }
    device_->cancel({12345});
    std::set<std::uint64_t> tags;
    for (const ReadDone& done : take(kReads)) {
      EXPECT_TRUE(tags.insert(done.tag.value).second);
      const Read& one = reads[done.tag.value];
      if (done.error.code == ErrorCode::canceled) {
        ++canceled;
        EXPECT_GE(done.tag.value, kReads / 2);
        EXPECT_EQ(std::count(one.into.begin(), one.into.end(), std::byte{0xEE}),
                  static_cast<std::ptrdiff_t>(one.into.size()));
      } else {
        EXPECT_FALSE(done.error);
        EXPECT_TRUE(right(one, done.bytes_read, file));
      }
    }
    EXPECT_TRUE(device_->reap(now_).empty());
  }
  EXPECT_GT(canceled, 0u);
}

TEST_P(DeviceConformance, serves_64_files_and_refuses_the_next) {
  make();
  std::vector<std::unique_ptr<TempFile>> files;
  std::vector<FileId> ids;
  for (std::uint64_t i = 0; i < 64; ++i) {
    files.push_back(std::make_unique<TempFile>(2 * kBlock, 100 + i));
    ids.push_back(add(*files.back()));
  }
  EXPECT_EQ(std::set<FileId>(ids.begin(), ids.end()).size(), 64u);
  const TempFile more(2 * kBlock, 999);
  EXPECT_EQ(device_->add_file(more.handle()).error().code, ErrorCode::limit_exceeded);
  std::vector<Read> reads;
  for (std::uint64_t i = 0; i < 64; ++i) reads.push_back(read(ids[i], 0, 2, 2 * i, i));
  submit_all(reads);
  for (const ReadDone& done : take(64)) {
    EXPECT_TRUE(right(reads[done.tag.value], done.bytes_read, *files[done.tag.value]));
  }
  device_->remove_file(ids[17]);
  const FileId again = add(more);
  const Read last = read(again, 0, 2, 0, 1);
  submit_all({&last, 1});
  EXPECT_TRUE(right(last, take(1)[0].bytes_read, more));
}

TEST_P(DeviceConformance, refuses_a_file_that_is_none) {
  make();
  EXPECT_EQ(device_->add_file({}).error().code, ErrorCode::invalid_argument);
}

TEST_P(DeviceConformance, an_unreadable_file_fails_its_reads_and_no_others) {
  make();
  const TempFile file(4 * kBlock, 8);
  const int write_only = ::open(file.path().c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(write_only, 0);
  const FileId bad = *device_->add_file({.buffered = write_only});
  const FileId good = add(file);
  const Read reads[] = {read(bad, 1, 1, 0, 0), read(good, 1, 1, 1, 1)};
  submit_all(reads);
  for (const ReadDone& done : take(2)) {
    if (done.tag.value == 0) {
      EXPECT_EQ(done.error.code, ErrorCode::file_read_failed);
      EXPECT_EQ(done.error.os_error, EBADF);
      EXPECT_EQ(done.error.at, kBlock);
    } else {
      EXPECT_FALSE(done.error);
      EXPECT_TRUE(right(reads[1], done.bytes_read, file));
    }
  }
  ::close(write_only);
}

TEST_P(DeviceConformance, falls_back_to_buffered_reads_where_direct_ones_are_refused) {
  make();
  const TempFile file(4 * kBlock, 9);
  // A namespace is a file that opens for reading and then answers a read with EINVAL.
  const int refuses = ::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  if (refuses < 0) GTEST_SKIP() << "no /proc/self/ns/mnt here";
  const FileId id = *device_->add_file({.buffered = file.handle().buffered, .direct = refuses});
  const Read reads[] = {read(id, 0, 2, 0, 0), read(id, 3, 4, 2, 1)};
  submit_all(reads);
  for (const ReadDone& done : take(2)) {
    EXPECT_FALSE(done.error) << "errno " << int{done.error.os_error};
    EXPECT_EQ(done.bytes_read, Bytes{done.tag.value == 0 ? 2 * kBlock : kBlock});
    EXPECT_TRUE(right(reads[done.tag.value], done.bytes_read, file));
  }
  ::close(refuses);
}

TEST_P(DeviceConformance, says_when_a_read_finished_on_the_callers_clock) {
  make();
  const TempFile file(16 * kBlock, 10);
  const FileId id = add(file);
  for (std::uint64_t i = 0; i < 16; ++i) {
    const Time before = now_;
    const Read one = read(id, i, 1, 0, i);
    submit_all({&one, 1});
    const ReadDone done = take(1)[0];
    EXPECT_GE(done.finished_at, before);
    EXPECT_LE(done.finished_at, now_);
  }
}

TEST_P(DeviceConformance, wait_returns_for_a_result_and_when_its_time_is_over) {
  make();
  device_->wait(1_ms);
  device_->wait(0_ns);
  EXPECT_TRUE(device_->reap(now_).empty());
  const TempFile file(kBlock, 11);
  const Read one = read(add(file), 0, 1, 0, 1);
  submit_all({&one, 1});
  device_->wait(10_s);
  device_->wait(10_s);  // the result is still there
  EXPECT_EQ(take(1).size(), 1u);
}

TEST_P(DeviceConformance, wake_ends_the_wait_under_way_or_the_next) {
  make();
  device_->wake();
  device_->wait(60_s);
  std::thread other([this] { device_->wake(); });
  device_->wait(60_s);
  other.join();
  EXPECT_TRUE(device_->reap(now_).empty());
}

TEST_P(DeviceConformance, wake_takes_no_result_away_and_ends_one_wait) {
  make();
  const TempFile file(64 * kBlock, 16);
  const FileId id = add(file);
  for (std::uint64_t i = 0; i < 64; ++i) {
    const Read one = read(id, i, 1, i, i);
    std::thread other([this] { device_->wake(); });
    submit_all({&one, 1});
    device_->wait(60_s);
    other.join();
    EXPECT_TRUE(right(one, take(1)[0].bytes_read, file));
  }
  device_->wake();
  device_->wake();
  device_->wait(60_s);
  device_->wait(1_ms);
  EXPECT_TRUE(device_->reap(now_).empty());
}

TEST_P(DeviceConformance, its_end_leaves_no_buffer_with_the_kernel) {
  const TempFile file(4_MiB .value, 12);
  for (int round = 0; round < 20; ++round) {
    make({.reads_max = 64});
    const FileId id = add(file);
    std::vector<Read> reads;
    for (std::uint64_t i = 0; i < 64; ++i) reads.push_back(read(id, i * 16, 16, i * 16, i));
    EXPECT_EQ(submit(reads), 64u);
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(round); ++i) device_->cancel({i * 3});
    device_.reset();
    std::fill(memory_.bytes().begin(), memory_.bytes().end(), std::byte{0xBB});
    // Another device reads meanwhile: if the first still wrote, it would show by then.
    make();
    const Read one = read(add(file), 0, 16, 1024, 1);
    submit_all({&one, 1});
    (void)take(1);
    const auto untouched = memory_.bytes().first(1024 * kBlock);
    EXPECT_EQ(std::count(untouched.begin(), untouched.end(), std::byte{0xBB}),
              static_cast<std::ptrdiff_t>(untouched.size()));
  }
}

// Thousands of reads of every size, place and deadline, with cancels and new deadlines among them.
TEST_P(DeviceConformance, stands_a_storm) {
  constexpr std::uint64_t kPlaces = 60;  // of 32 blocks in the memory
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Prng prng(seed);
    make({.reads_max = static_cast<std::uint32_t>(1 + prng.below(kPlaces)),
          .in_flight_max = {(1 + prng.below(64)) * kBlock}});
    const TempFile files[] = {{2_MiB .value, 20 + seed}, {900'001, 30 + seed}, {kBlock, 40 + seed}};
    FileId ids[std::size(files)];
    for (std::size_t i = 0; i < std::size(files); ++i) ids[i] = add(files[i]);
    std::map<std::uint64_t, std::pair<Read, std::size_t>> outstanding;  // by tag: its place
    for (int step = 0; step < 3000 || !outstanding.empty(); ++step) {
      const std::uint64_t place = prng.below(kPlaces);
      if (step < 3000 && !outstanding.contains(place)) {
        const std::size_t which = prng.below(std::size(files));
        const std::uint64_t blocks = 1 + prng.below(32);
        const Read one = read(ids[which], prng.below(files[which].size() / kBlock + 4), blocks,
                              place * 32, place, static_cast<std::int64_t>(prng.below(1000)));
        if (submit({&one, 1}) == 1) outstanding[place] = {one, which};
      }
      if (prng.chance(0.2)) device_->cancel({prng.below(kPlaces)});
      if (prng.chance(0.2)) {
        device_->reschedule({prng.below(kPlaces)}, {static_cast<std::int64_t>(prng.below(1000))});
      }
      if (prng.chance(0.05)) device_->wake();
      const bool idle = step >= 3000 || prng.chance(0.1);
      const auto results = idle ? look() : device_->reap(now_);
      for (const ReadDone& done : results) {
        const auto at = outstanding.find(done.tag.value);
        ASSERT_NE(at, outstanding.end()) << "reported twice";
        const auto [one, which] = at->second;
        outstanding.erase(at);
        if (done.error.code == ErrorCode::canceled) continue;
        ASSERT_FALSE(done.error);
        const std::uint64_t size = files[which].size();
        const std::uint64_t there = size > one.at.value ? size - one.at.value : 0;
        ASSERT_EQ(done.bytes_read.value, std::min<std::uint64_t>(there, one.into.size()));
        ASSERT_TRUE(right(one, done.bytes_read, files[which]));
      }
    }
    EXPECT_EQ(device_->stats().stale_completions, 0u);
  }
}

}  // namespace
}  // namespace nf::test
