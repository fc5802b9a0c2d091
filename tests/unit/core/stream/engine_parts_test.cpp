// A Streamer on what an engine brings: memory for containers and staging, and a job system.
#include <nearfield/streamer.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/io/sim_device.h"
#include "tests/unit/core/codec/engine_jobs.h"
#include "tests/unit/core/stream/tiny_world.h"

namespace nf {
namespace {

using namespace literals;

constexpr std::byte kUntouched{0xA5};

// Memory as an engine has it, with a page on both sides that nobody may write to. While it is
// closed, whoever touches it ends the process.
class Heap {
 public:
  explicit Heap(Bytes size) : size_(align_up(size.value, kPage) + 2 * kPage) {
    void* at = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NF_ASSERT(at != MAP_FAILED);
    all_ = {static_cast<std::byte*>(at), size_};
    given_ = all_.subspan(kPage, size.value);
    std::fill(all_.begin(), all_.end(), kUntouched);
  }
  ~Heap() { ::munmap(all_.data(), size_); }
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  std::span<std::byte> bytes() const { return given_; }
  bool holds(std::span<const std::byte> part) const {
    return part.data() >= given_.data() &&
           part.data() + part.size() <= given_.data() + given_.size();
  }
  bool was_written() const {
    return std::any_of(given_.begin(), given_.end(), [](std::byte b) { return b != kUntouched; });
  }
  bool edges_are_untouched() const {
    const auto untouched = [](std::byte b) { return b == kUntouched; };
    return std::all_of(all_.begin(), all_.begin() + kPage, untouched) &&
           std::all_of(given_.data() + given_.size(), all_.data() + all_.size(), untouched);
  }
  void close() const { ::mprotect(all_.data(), size_, PROT_NONE); }
  void open() const { ::mprotect(all_.data(), size_, PROT_READ | PROT_WRITE); }

 private:
  static constexpr std::size_t kPage = 4096;
  std::size_t size_;
  std::span<std::byte> all_, given_;
};

// What the engine brings, and how the rest is done.
struct Parts {
  std::string name;
  Backend backend = Backend::threads;
  bool containers = false;
  bool staging = false;
  std::optional<EngineWay> jobs = {};
  std::uint32_t workers = 2;
};

constexpr TinyWorldOptions kWorld = {
    .rooms = 40, .shared = 2, .chunks = 4, .chunk_size = 30'000, .compressed = true};
constexpr Bytes kContainers = {1 << 20};  // of 42 containers of 120,000 bytes, 8 fit
constexpr Bytes kStaging = {128 << 10};

class EngineParts : public testing::TestWithParam<Parts> {
 protected:
  void SetUp() override {
    world_ = make_tiny_world(kWorld);
    char path[] = "engine_parts_XXXXXX";
    file_ = ::mkstemp(path);
    ASSERT_GE(file_, 0);
    ::unlink(path);
    const auto size = static_cast<ssize_t>(world_.file.size());
    ASSERT_EQ(::write(file_, world_.file.data(), world_.file.size()), size);
    if (GetParam().jobs) engine_.emplace(*GetParam().jobs);
  }
  void TearDown() override {
    streamer_.reset();
    if (file_ >= 0) ::close(file_);
  }

  StreamerOptions options() {
    StreamerOptions options{.memory_budget = GetParam().containers ? Bytes{} : 2_MiB,
                            .staging = kStaging,
                            .backend = GetParam().backend,
                            .decode_workers = GetParam().workers};
    if (GetParam().containers) options.memory.containers = containers_.bytes();
    if (GetParam().staging) options.memory.staging = staging_.bytes();
    if (engine_) options.jobs = engine_->jobs();
    return options;
  }
  // False where the backend is refused.
  bool open() {
    auto made = Streamer::create(options());
    if (!made && made.error().code == ErrorCode::unsupported) return false;
    EXPECT_TRUE(made) << error_text(made.error().code);
    streamer_.emplace(std::move(*made));
    EXPECT_TRUE(streamer_->mount({.tables = &world_.tables, .file = {.buffered = file_}}));
    return true;
  }

  void check_bytes(ContainerId id) {
    const Pin pin = streamer_->pin(id);
    ASSERT_TRUE(streamer_->wait(pin, Time{++now_}, 60_s));
    const std::span<const std::byte> bytes = pin.asset(0).bytes;
    ASSERT_EQ(bytes.size(), std::size_t{kWorld.chunks} * kWorld.chunk_size);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      ASSERT_EQ(bytes[i], TinyWorld::byte_at(id, i)) << i;
    }
    EXPECT_EQ(containers_.holds(bytes), GetParam().containers);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % 256, 0u);
  }

  TinyWorld world_;
  int file_ = -1;
  Heap containers_{kContainers}, staging_{kStaging};
  std::optional<EngineJobs> engine_;
  std::optional<Streamer> streamer_;
  std::int64_t now_ = 0;
};

TEST_P(EngineParts, give_the_bytes_that_were_packed) {
  if (!open()) GTEST_SKIP() << "this backend is refused here";
  EXPECT_FALSE(containers_.was_written());
  EXPECT_FALSE(staging_.was_written());
  for (int round = 0; round < 2; ++round) {  // each of them gave way to others meanwhile
    for (std::uint32_t room = 0; room < kWorld.rooms; ++room) check_bytes(world_.room(room));
  }
  const Stats stats = streamer_->stats();
  EXPECT_GE(stats.arrivals, 2 * kWorld.rooms);
  EXPECT_EQ(stats.failures, 0u);
  const Bytes budget = GetParam().containers ? kContainers + kStaging : 2_MiB;
  const Bytes whole = GetParam().staging && !GetParam().containers ? budget + kStaging : budget;
  EXPECT_LE(stats.memory_peak, whole);
  EXPECT_GT(stats.memory, kStaging);
  EXPECT_EQ(containers_.was_written(), GetParam().containers);
  EXPECT_EQ(staging_.was_written(), GetParam().staging);
  EXPECT_TRUE(containers_.edges_are_untouched());
  EXPECT_TRUE(staging_.edges_are_untouched());
  if (engine_) {
    EXPECT_GE(engine_->submitted(), 2 * kWorld.rooms);
  }
}

TEST_P(EngineParts, are_handed_back_when_the_streamer_goes) {
  // Reads and decode jobs are under way when it goes, a different number each time.
  for (std::uint32_t frames = 0; frames < 20; ++frames) {
    if (!open()) GTEST_SKIP() << "this backend is refused here";
    {
      std::vector<Pin> pins;
      for (std::uint32_t room = 0; room < 8; ++room) {
        pins.push_back(streamer_->pin(world_.room((room + 5 * frames) % kWorld.rooms)));
      }
      for (std::uint32_t i = 0; i < frames; ++i) (void)streamer_->update(Time{++now_});
    }
    streamer_.reset();
    if (engine_) {
      EXPECT_EQ(engine_->waiting(), 0u);
    }
    for (const Heap* heap : {&containers_, &staging_}) heap->close();
    for (int i = 0; i < 100; ++i) std::this_thread::yield();
    for (const Heap* heap : {&containers_, &staging_}) heap->open();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Brought, EngineParts,
    testing::Values(
        Parts{"nothing"}, Parts{"nothing_and_no_worker", Backend::threads, false, false, {}, 0},
        Parts{"containers", Backend::threads, true},
        Parts{"staging", Backend::threads, false, true},
        Parts{"memory", Backend::io_uring, true, true},
        Parts{"memory_and_no_worker", Backend::threads, true, true, {}, 0},
        Parts{"jobs", Backend::threads, false, false, EngineWay::on_threads},
        Parts{"everything", Backend::threads, true, true, EngineWay::on_threads},
        Parts{"everything_on_the_ring", Backend::io_uring, true, true, EngineWay::on_threads},
        Parts{"jobs_within_submit", Backend::threads, true, true, EngineWay::within_submit},
        Parts{"jobs_in_turn", Backend::io_uring, true, true, EngineWay::in_turn, 3},
        Parts{"jobs_that_help", Backend::threads, true, true, EngineWay::helping, 3}),
    [](const auto& parts) { return parts.param.name; });

TEST(EngineMemory, is_written_in_create_only_if_asked) {
  const Heap containers(256_KiB);
  SimDevice device(SimDeviceOptions{.model = {.name = "test"}, .faults = {}});
  StreamerOptions options{.staging = 64_KiB, .device = &device, .decode_workers = 0};
  options.memory.containers = containers.bytes();
  EXPECT_TRUE(Streamer::create(options));
  EXPECT_FALSE(containers.was_written());
  options.touch_memory = true;
  EXPECT_TRUE(Streamer::create(options));
  for (std::size_t at = 0; at < 256 << 10; at += 4096) {
    EXPECT_EQ(containers.bytes()[at], std::byte{0});
  }
  EXPECT_TRUE(containers.edges_are_untouched());
}

TEST(EngineMemory, is_the_budget) {
  const TinyWorld world = make_tiny_world({.rooms = 2, .chunks = 2, .chunk_size = 50'000});
  SimDevice device(SimDeviceOptions{.model = {.name = "test"}, .faults = {}});
  const Heap exact(100'096_B), less(100'096_B);  // 391 granules of 256, and one byte less
  for (const bool fits : {true, false}) {
    StreamerOptions options{.staging = 256_KiB, .device = &device, .decode_workers = 0};
    options.memory.containers = fits ? exact.bytes() : less.bytes().first(100'095);
    auto streamer = Streamer::create(options);
    ASSERT_TRUE(streamer);
    ASSERT_TRUE(
        streamer->mount({.tables = &world.tables, .file = device.add_memory_file(world.file)}));
    const Pin pin = streamer->pin(world.room(1));
    for (int i = 1; i < 200; ++i) (void)streamer->update(Time{i * 10'000'000ll});
    EXPECT_EQ(pin.resident(), fits);
    EXPECT_EQ(streamer->failure(world.room(1)).code,
              fits ? ErrorCode::ok : ErrorCode::limit_exceeded);
    EXPECT_EQ(streamer->stats().memory, fits ? 256_KiB + 100'096_B : 256_KiB);
  }
}

TEST(EngineMemory, counts_as_huge_only_where_the_streamer_knows) {
  SimDevice device(SimDeviceOptions{.model = {.name = "test"}, .faults = {}});
  const Heap containers(8_MiB), staging(4_MiB);
  StreamerOptions options{.staging = 4_MiB, .device = &device, .decode_workers = 0};
  options.memory_budget = 16_MiB;
  const bool own = Streamer::create(options)->stats().huge_pages;
  options.memory_budget = {};
  options.memory.containers = containers.bytes();
  EXPECT_EQ(Streamer::create(options)->stats().huge_pages, own);
  options.memory.staging = staging.bytes();
  EXPECT_FALSE(Streamer::create(options)->stats().huge_pages);
}

TEST(EngineMemory, that_cannot_be_used_is_refused_with_the_reason) {
  const Heap heap(2_MiB);
  const std::span<std::byte> all = heap.bytes();
  SimDevice device(SimDeviceOptions{.model = {.name = "test"}, .faults = {}});
  const auto error_of = [&](EngineMemory memory, Bytes budget = {}) {
    const auto made = Streamer::create({.memory_budget = budget,
                                        .staging = 64_KiB,
                                        .memory = memory,
                                        .device = &device,
                                        .decode_workers = 0});
    return made ? Error{} : made.error();
  };
  const auto refused = [](ErrorCode code, std::uint64_t at) {
    return Error{.code = code, .at = at};
  };
  const std::span<std::byte> upper = all.subspan(1 << 20), lower = all.first(1 << 20);
  EXPECT_EQ(error_of({.containers = lower, .staging = upper}), Error{});
  EXPECT_EQ(error_of({.containers = all.subspan(256), .staging = {}}), Error{});
  EXPECT_EQ(error_of({.containers = all.subspan(128), .staging = {}}),
            refused(ErrorCode::memory_misaligned, 256));
  EXPECT_EQ(error_of({.containers = lower, .staging = upper.subspan(256)}),
            refused(ErrorCode::memory_misaligned, 4096));
  EXPECT_EQ(error_of({.containers = lower.first(65'535), .staging = {}}),
            refused(ErrorCode::memory_too_small, 65'536));
  EXPECT_EQ(error_of({.containers = lower, .staging = upper.first(16'383)}),
            refused(ErrorCode::memory_too_small, 16'384));
  EXPECT_EQ(error_of({.containers = all.first((1 << 20) + 1), .staging = upper}),
            refused(ErrorCode::memory_overlaps, 0));
  EXPECT_EQ(error_of({.containers = upper, .staging = all}),
            refused(ErrorCode::memory_overlaps, 0));
  std::byte* const nowhere = nullptr;
  EXPECT_EQ(error_of({.containers = {nowhere, 1 << 20}, .staging = {}}),
            refused(ErrorCode::invalid_argument, 0));
  EXPECT_EQ(error_of({.containers = {all.data(), ~std::size_t{0}}, .staging = {}}),
            refused(ErrorCode::invalid_argument, 0));
  // Two answers to one question, and none.
  EXPECT_EQ(error_of({.containers = lower, .staging = {}}, 1_MiB),
            refused(ErrorCode::invalid_argument, 0));
  EXPECT_EQ(error_of({.containers = {}, .staging = upper}),
            refused(ErrorCode::invalid_argument, 0));
  EXPECT_FALSE(heap.was_written());
}

TEST(EngineJobSystem, without_workers_or_with_too_many_is_refused) {
  EngineJobs engine(EngineWay::within_submit);
  for (const std::uint32_t workers : {0u, 41u}) {
    const auto made = Streamer::create(
        {.memory_budget = 1_MiB, .decode_workers = workers, .jobs = engine.jobs()});
    ASSERT_FALSE(made) << workers;
    EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace nf
