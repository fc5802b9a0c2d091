#include "core/io/sim_device.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <vector>

#include "core/base/pages.h"
#include "core/base/prng.h"

namespace nf {
namespace {

using namespace literals;

constexpr std::size_t kBlock = kReadAlignment;

std::vector<std::byte> random_bytes(std::size_t size, std::uint64_t seed) {
  Prng prng(seed);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(prng.next());
  return bytes;
}

class SimDeviceTest : public testing::Test {
 protected:
  Read read(FileId file, std::size_t block, std::size_t blocks, std::size_t into,
            std::uint64_t tag) {
    return {.file = file,
            .at = {block * kBlock},
            .into = memory_.bytes().subspan(into * kBlock, blocks * kBlock),
            .tag = {tag},
            .deadline = {static_cast<std::int64_t>(tag)}};
  }

  bool holds(const Read& read, std::size_t size) const {
    return std::memcmp(read.into.data(), content_.data() + read.at.value, size) == 0;
  }

  // Lets time jump from event to event until nothing is outstanding.
  static std::vector<ReadDone> drain(SimDevice& device) {
    std::vector<ReadDone> all;
    for (Time next = device.next_event(); next != Time::never(); next = device.next_event()) {
      for (const ReadDone& one : device.reap(next)) all.push_back(one);
    }
    return all;
  }

  std::vector<std::byte> content_ = random_bytes(64 * kBlock + 100, 1);
  PageBlock memory_ = std::move(*PageBlock::map(Bytes{64 * kBlock}, PageKind::ordinary));
};

SimDeviceOptions options_of(const char* model, std::uint64_t seed = 1) {
  SimDeviceOptions options;
  options.model = *find_device_model(model);
  options.seed = seed;
  return options;
}

TEST_F(SimDeviceTest, reads_a_memory_file_after_the_time_its_model_says) {
  SimDevice device(options_of("ideal"));
  const FileId file = *device.add_file(device.add_memory_file(content_));
  const Read wanted = read(file, 3, 4, 0, 1);
  ASSERT_EQ(device.submit({&wanted, 1}, Time{100}), 1u);
  EXPECT_TRUE(device.reap(Time{100}).empty());
  EXPECT_TRUE(device.kernel_owns(wanted.into.data() + kBlock, wanted.into.data() + kBlock + 1));
  EXPECT_FALSE(
      device.kernel_owns(wanted.into.data() + 4 * kBlock, wanted.into.data() + 5 * kBlock));
  const Time due = device.next_event();
  EXPECT_GE(due, Time{1100});
  const auto done = device.reap(due);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].bytes_read, Bytes{4 * kBlock});
  EXPECT_EQ(done[0].finished_at, due);
  EXPECT_TRUE(holds(wanted, 4 * kBlock));
  EXPECT_FALSE(device.kernel_owns(wanted.into.data(), wanted.into.data() + kBlock));
  EXPECT_EQ(device.next_event(), Time::never());
}

TEST_F(SimDeviceTest, reads_a_real_file) {
  std::FILE* made = std::tmpfile();
  ASSERT_NE(made, nullptr);
  ASSERT_EQ(std::fwrite(content_.data(), 1, content_.size(), made), content_.size());
  std::fflush(made);
  SimDevice device(options_of("nvme"));
  const FileId file = *device.add_file({.buffered = ::fileno(made)});
  const Read wanted = read(file, 62, 8, 0, 1);
  ASSERT_EQ(device.submit({&wanted, 1}, Time{}), 1u);
  const std::vector<ReadDone> done = drain(device);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].bytes_read, Bytes{2 * kBlock + 100}) << "the file ends there";
  EXPECT_TRUE(holds(wanted, 2 * kBlock + 100));
  std::fclose(made);
}

TEST_F(SimDeviceTest, the_same_seed_gives_the_same_run_and_another_seed_another) {
  const auto run = [&](std::uint64_t seed) {
    SimDeviceOptions options = options_of("sata_ssd", seed);
    options.faults = {.read_error = 0.1, .short_read = 0.3, .transient = 0.2, .slow = 0.1};
    SimDevice device(options);
    const FileId file = *device.add_file(device.add_memory_file(content_));
    for (std::uint64_t i = 0; i < 32; ++i) {
      const Read wanted = read(file, i, 2, i * 2, i);
      EXPECT_EQ(device.submit({&wanted, 1}, Time{}), 1u);
    }
    std::vector<std::int64_t> trace;
    for (const ReadDone& one : drain(device)) {
      trace.push_back(static_cast<std::int64_t>(one.tag.value));
      trace.push_back(one.finished_at.ns);
      trace.push_back(static_cast<std::int64_t>(one.error.code));
    }
    EXPECT_EQ(trace.size(), 3u * 32);
    return trace;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

TEST_F(SimDeviceTest, how_often_the_owner_looks_changes_nothing_on_the_disk) {
  const auto run = [&](Duration frame) {
    SimDevice device(options_of("sata_ssd"));
    const FileId file = *device.add_file(device.add_memory_file(content_));
    std::vector<Read> reads;
    for (std::uint64_t i = 0; i < 30; ++i) reads.push_back(read(file, i, 2, i * 2, i));
    EXPECT_EQ(device.submit(reads, Time{}), 30u);
    std::map<std::uint64_t, std::int64_t> finished;
    for (Time now; finished.size() < 30; now = now + frame) {
      for (const ReadDone& one : device.reap(now)) finished[one.tag.value] = one.finished_at.ns;
    }
    return finished;
  };
  EXPECT_EQ(run(10_us), run(100_ms));
}

TEST_F(SimDeviceTest, latency_follows_the_model) {
  SimDevice device(options_of("nvme"));
  const FileId file = *device.add_file(device.add_memory_file(content_));
  std::vector<std::int64_t> latencies;
  Prng prng(5);
  Time now;
  for (int i = 0; i < 4000; ++i) {
    const Read wanted = read(file, prng.below(60), 1, 0, 1);
    ASSERT_EQ(device.submit({&wanted, 1}, now), 1u);
    const std::vector<ReadDone> done = drain(device);
    ASSERT_EQ(done.size(), 1u);
    latencies.push_back((done[0].finished_at - now).ns);
    now = done[0].finished_at;
  }
  std::sort(latencies.begin(), latencies.end());
  const auto transfer = static_cast<double>(kBlock) / 3.0e9 * 1e9;
  EXPECT_NEAR(static_cast<double>(latencies[2000]), 90e3 + transfer, 6e3);
  EXPECT_NEAR(static_cast<double>(latencies[3960]), 500e3 + transfer, 110e3);
}

TEST_F(SimDeviceTest, many_reads_share_the_bandwidth) {
  SimDeviceOptions options = options_of("sata_ssd");
  SimDevice device(options);
  const FileId file = *device.add_file(device.add_memory_file(content_));
  const Time begin{1000};
  Time end;
  std::uint64_t bytes = 0;
  for (int round = 0; round < 40; ++round) {
    const Time now = std::max(begin, end);
    for (std::uint64_t i = 0; i < 4; ++i) {
      const Read wanted = read(file, i * 16, 16, i * 16, i);
      ASSERT_EQ(device.submit({&wanted, 1}, now), 1u);
    }
    for (const ReadDone& one : drain(device)) {
      bytes += one.bytes_read.value;
      end = std::max(end, one.finished_at);
    }
  }
  const double rate = static_cast<double>(bytes) / (end - begin).seconds();
  EXPECT_LE(rate, 530e6);
  EXPECT_GE(rate, 200e6);
}

TEST_F(SimDeviceTest, an_arm_that_does_not_move_is_quick) {
  const auto time_of = [&](bool adjacent) {
    SimDevice device(options_of("hdd"));
    const FileId file = *device.add_file(device.add_memory_file(content_));
    for (std::uint64_t i = 0; i < 16; ++i) {
      const Read wanted = read(file, adjacent ? i * 2 : 30 - i * 2, 2, i * 2, i);
      EXPECT_EQ(device.submit({&wanted, 1}, Time{}), 1u);
    }
    return drain(device).back().finished_at.ns;
  };
  EXPECT_LT(time_of(true) * 4, time_of(false));
}

TEST_F(SimDeviceTest, cancel_withdraws_what_waits_and_leaves_what_the_kernel_has) {
  SimDeviceOptions options = options_of("hdd");
  options.in_flight_max = {kBlock};
  SimDevice device(options);
  const FileId file = *device.add_file(device.add_memory_file(content_));
  const Read reads[] = {read(file, 0, 1, 0, 1), read(file, 1, 1, 1, 2)};
  ASSERT_EQ(device.submit(reads, Time{5}), 2u);
  device.cancel({1});
  device.cancel({2});
  EXPECT_LE(device.next_event(), Time{5});
  const auto done = device.reap(Time{6});
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].tag, ReadTag{2});
  EXPECT_EQ(done[0].error.code, ErrorCode::canceled);
  EXPECT_EQ(done[0].finished_at, Time{6});
  EXPECT_TRUE(device.kernel_owns(reads[0].into.data(), reads[0].into.data() + 1));
  EXPECT_FALSE(device.kernel_owns(reads[1].into.data(), reads[1].into.data() + 1));
  EXPECT_EQ(drain(device).size(), 1u);
  EXPECT_TRUE(holds(reads[0], kBlock));
}

TEST_F(SimDeviceTest, takes_only_as_many_reads_and_files_as_it_says) {
  SimDeviceOptions options = options_of("ideal");
  options.reads_max = 3;
  SimDevice device(options);
  const FileHandle handle = device.add_memory_file(content_);
  const FileId file = *device.add_file(handle);
  std::vector<Read> reads;
  for (std::uint64_t i = 0; i < 5; ++i) reads.push_back(read(file, i, 1, i, i));
  EXPECT_EQ(device.submit(reads, Time{}), 3u);
  EXPECT_EQ(device.submit(reads, Time{}), 0u);
  EXPECT_EQ(drain(device).size(), 3u);
  for (int i = 0; i < 63; ++i) ASSERT_TRUE(device.add_file(handle));
  EXPECT_EQ(device.add_file(handle).error().code, ErrorCode::limit_exceeded);
  device.remove_file(file);
  EXPECT_TRUE(device.add_file(handle));
  EXPECT_EQ(device.add_file({}).error().code, ErrorCode::invalid_argument);
}

TEST_F(SimDeviceTest, every_model_can_be_found_and_is_sane) {
  EXPECT_EQ(find_device_model("floppy"), nullptr);
  for (const char* name : {"nvme", "sata_ssd", "hdd", "sd_card", "network"}) {
    EXPECT_NE(find_device_model(name), nullptr) << name;
  }
  for (const DeviceModel& model : device_models()) {
    SimDevice device(options_of(model.name));
    const FileId file = *device.add_file(device.add_memory_file(content_));
    const Read wanted = read(file, 0, 8, 0, 1);
    ASSERT_EQ(device.submit({&wanted, 1}, Time{}), 1u);
    EXPECT_EQ(drain(device).size(), 1u) << model.name;
  }
}

// One fault at a time, certain or nearly so: what the caller sees.
struct FaultCase {
  const char* name;
  DeviceFaults faults;
};

class SimFaultTest : public SimDeviceTest {
 protected:
  struct Outcome {
    std::vector<ReadDone> done;
    std::size_t wrong = 0;
    DeviceStats stats;
  };

  Outcome run(const DeviceFaults& faults, std::uint64_t seed = 3) {
    SimDeviceOptions options = options_of("nvme", seed);
    options.faults = faults;
    SimDevice device(options);
    const FileId file = *device.add_file(device.add_memory_file(content_));
    std::vector<Read> reads;
    for (std::uint64_t i = 0; i < 16; ++i) reads.push_back(read(file, i * 3, 4, i * 4, i));
    EXPECT_EQ(device.submit(reads, Time{}), reads.size());
    Outcome outcome;
    outcome.done = drain(device);
    EXPECT_EQ(outcome.done.size(), reads.size());
    for (const ReadDone& one : outcome.done) {
      if (!one.error && !holds(reads[one.tag.value], one.bytes_read.value)) ++outcome.wrong;
    }
    outcome.stats = device.stats();
    return outcome;
  }
};

TEST_F(SimFaultTest, errors_are_reported) {
  for (const ReadDone& one : run({.read_error = 1}).done) {
    EXPECT_EQ(one.error.code, ErrorCode::file_read_failed);
    EXPECT_EQ(one.error.os_error, EIO);
  }
}

TEST_F(SimFaultTest, short_reads_and_interruptions_change_nothing_but_time) {
  for (std::uint64_t seed = 1; seed < 300; ++seed) {
    const Outcome outcome = run({.short_read = 0.7, .transient = 0.3, .refuse = 0.3}, seed);
    EXPECT_EQ(outcome.wrong, 0u);
    EXPECT_GT(outcome.stats.retries, 0u);
    for (const ReadDone& one : outcome.done) {
      ASSERT_FALSE(one.error) << "seed " << seed;
      ASSERT_EQ(one.bytes_read, Bytes{4 * kBlock}) << "seed " << seed;
    }
  }
}

TEST_F(SimFaultTest, second_and_stale_completions_are_counted_and_change_nothing) {
  for (std::uint64_t seed = 1; seed < 100; ++seed) {
    const Outcome outcome = run({.short_read = 0.5, .duplicate = 1, .stale = 1}, seed);
    EXPECT_EQ(outcome.wrong, 0u) << "seed " << seed;
    EXPECT_GE(outcome.stats.stale_completions, 16u);
  }
}

TEST_F(SimFaultTest, flips_and_wrong_places_give_wrong_bytes_without_an_error) {
  EXPECT_EQ(run({.flip = 1}).wrong, 16u);
  EXPECT_EQ(run({.misdirect = 1}).wrong, 16u);
}

TEST_F(SimFaultTest, slow_and_hanging_reads_come_late) {
  EXPECT_GT(run({.slow = 1}).done.back().finished_at, Time{} + 50_ms);
  const Outcome hung = run({.hang = 1});
  EXPECT_GT(hung.done.front().finished_at, Time{} + 20_s);
  EXPECT_EQ(hung.wrong, 0u);
}

}  // namespace
}  // namespace nf
