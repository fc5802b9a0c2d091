// What update() promises once it is set up: no allocation, no lock, no system call that can wait;
// also where an engine's job system decodes, as long as its `submit` keeps to that itself.
// Shown on the real devices: allocations and mutexes are counted while the frame runs, and the
// kernel kills the process at any system call that is not on a short list.
#include <nearfield/streamer.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "core/io/sim_device.h"
#include "tests/unit/core/codec/engine_jobs.h"
#include "tests/unit/core/stream/tiny_world.h"

namespace {
thread_local bool in_frame = false;
thread_local std::uint64_t allocations = 0;
thread_local std::uint64_t locks = 0;

}  // namespace

#ifndef NF_SANITIZED
namespace {
void* counted(std::size_t size) {
  if (in_frame) ++allocations;
  if (void* at = std::malloc(size == 0 ? 1 : size)) return at;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void operator delete(void* at) noexcept {
  std::free(at);
}
void operator delete[](void* at) noexcept {
  std::free(at);
}
void operator delete(void* at, std::size_t) noexcept {
  std::free(at);
}
void operator delete[](void* at, std::size_t) noexcept {
  std::free(at);
}

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) {
  using Lock = int (*)(pthread_mutex_t*);
  static const Lock real = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  if (in_frame) ++locks;
  return real(mutex);
}
#endif

namespace nf {
namespace {

using namespace literals;

struct Way {
  std::string name;
  Backend backend = Backend::io_uring;
  std::optional<EngineWay> jobs = {};
};

class FramePromise : public testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
#ifdef NF_SANITIZED
    GTEST_SKIP() << "a sanitizer allocates, locks and calls the kernel on its own";
#endif
    world_ = make_tiny_world({.rooms = 200, .shared = 3, .chunk_size = 30'000, .compressed = true});
    make_ship();
    char path[] = "frame_promise_XXXXXX";
    file_ = ::mkstemp(path);
    ASSERT_GE(file_, 0);
    ::unlink(path);
    const auto size = static_cast<ssize_t>(world_.file.size());
    ASSERT_EQ(::write(file_, world_.file.data(), world_.file.size()), size);
  }
  void TearDown() override {
    if (file_ >= 0) ::close(file_);
  }

  Result<Streamer> open() {
    StreamerOptions options{.memory_budget = 4_MiB,
                            .backend = GetParam().backend,
                            .interest_sets = true,
                            .spawned_max = 4 * kShipCount};
    if (GetParam().jobs) {
      engine_.emplace(*GetParam().jobs);
      options.jobs = engine_->jobs();
    }
    auto streamer = Streamer::create(options);
    if (!streamer) return streamer;
    auto mounted = streamer->mount({.tables = &world_.tables, .file = {.buffered = file_}});
    if (!mounted) return mounted.error();
    return streamer;
  }

  // Some of the last rooms are a ship that can be spawned, with a lift that moves in it.
  void make_ship() {
    ContainerTable& table = world_.tables.containers;
    table.flags[kShip] = ContainerFlags::template_root | ContainerFlags::moves;
    table.subtree_end[kShip] = kShip + kShipCount;
    for (std::uint32_t id = kShip + 1; id < kShip + kShipCount; ++id) {
      table.parent[id] = kShip;
      table.position[id] = {0, 3.0 * (id - kShip), 0};
    }
    table.flags[kShip + 1] = ContainerFlags::moves;
    NF_ASSERT(check_world(world_.tables));
  }

  static constexpr std::uint32_t kShip = 190;
  static constexpr std::uint32_t kShipCount = 4;
  // On a machine that is busy with much else the disk gives little in a round.
  static constexpr int kRoundsMost = 2'000;
  static constexpr int kFramesMost = 300'000;
  TinyWorld world_;
  int file_ = -1;
  std::optional<EngineJobs> engine_;
};

// Flies along the row and back with a jump now and then. Returns how many containers arrived.
std::uint64_t fly(Streamer& streamer, ObserverId observer, Time from, int frames) {
  std::uint64_t arrived = 0;
  for (int i = 0; i < frames; ++i) {
    const Time now = from + Duration{i * 2'000'000ll};
    const double x = i % 500 == 499 ? 19'000 : (i % 5000) * 4.0;
    in_frame = true;
    streamer.move_observer(observer, {{x, 0, 0}, {2000, 0, 0}}, now);
    arrived += streamer.update(now).arrived.size();
    in_frame = false;
  }
  return arrived;
}

TEST_P(FramePromise, neither_allocates_nor_locks) {
  auto streamer = open();
  if (!streamer)
    GTEST_SKIP() << "this backend is refused here: " << error_text(streamer.error().code);
  const ObserverId observer = *streamer->add_observer({}, Time{1});
  allocations = locks = 0;
  std::uint64_t arrived = 0;
  Time now{1};
  for (int round = 0; round < 20 || (arrived <= 20 && round < kRoundsMost); ++round) {
    arrived += fly(*streamer, observer, now, 500);
    now = now + 1_s;
    ::usleep(1000);  // lets the disk catch up
  }
  EXPECT_GT(arrived, 20u);
  EXPECT_EQ(allocations, 0u);
  EXPECT_EQ(locks, 0u);
}

TEST_P(FramePromise, holds_while_ships_come_dock_and_go) {
  auto streamer = open();
  if (!streamer)
    GTEST_SKIP() << "this backend is refused here: " << error_text(streamer.error().code);
  const ContainerId ship{4 * kShipCount + kShip};
  const ObserverId observer = *streamer->add_observer({}, Time{1});
  allocations = locks = 0;
  std::vector<ContainerId> ships;
  ships.reserve(4);
  std::uint64_t arrived = 0;
  in_frame = true;
  for (int i = 0; i < 3000 || (arrived <= 100 && i < kFramesMost); ++i) {
    const Time now{1 + i * 2'000'000ll};
    const WorldPosition here{100.0 * (i / 100 % 30), 0, 0};
    if (i % 7 == 0 && ships.size() < 4) {
      const auto made = streamer->spawn(ship, {}, {.position = here}, now);
      if (made) ships.push_back(*made);
    }
    if (i % 11 == 0 && ships.size() > 1) {
      (void)streamer->attach(ships[0], ships[1], {}, now);
    }
    if (i % 20 == 0 && !ships.empty()) {
      (void)streamer->despawn(ships.front(), now);
      ships.erase(ships.begin());
    }
    streamer->move_observer(observer, {here, {}}, now);
    for (const ContainerId id : streamer->update(now).arrived) {
      if (id.value < 4 * kShipCount) ++arrived;
    }
    if (i % 50 == 0) ::usleep(200);  // lets the disk catch up
  }
  in_frame = false;
  EXPECT_GT(arrived, 100u);
  EXPECT_EQ(allocations, 0u);
  EXPECT_EQ(locks, 0u);
}

// Where every limit is reached: few places and loads, reads that are not sent, leavings that wait,
// archives that come and go.
TEST(FrameAtItsLimits, allocates_nothing) {
#ifdef NF_SANITIZED
  GTEST_SKIP() << "a sanitizer allocates on its own";
#endif
  TinyWorld world = make_tiny_world({.rooms = 100, .shared = 4, .chunks = 1});
  std::map<std::uint32_t, std::vector<std::uint32_t>> dependencies;
  for (std::uint32_t i = 4; i < 100; i += 5) dependencies[world.room(i).value] = {1, 2, 3, 4};
  world.set_dependencies(dependencies);
  const TinyWorld other = make_tiny_world({.rooms = 5});
  SimDevice device{{.model = {.name = "test"}, .faults = {}, .in_flight_max = 8_KiB}};
  const FileHandle other_file = device.add_memory_file(other.file);
  StreamerOptions options{.memory_budget = 1_MiB, .device = &device, .decode_workers = 0};
  options.read_per_second_max = 256_KiB;
  options.loads_max = options.active_max = 8;
  options.interest_sets = options.count_shares = true;
  options.leaving_cost_max = 100;
  Streamer streamer = std::move(Streamer::create(options).value());
  ASSERT_TRUE(
      streamer.mount({.tables = &world.tables, .file = device.add_memory_file(world.file)}));
  Time now{1};
  std::array<ObserverId, 3> observers;
  for (ObserverId& id : observers) id = streamer.add_observer({}, now).value();
  for (int round = 0; round < 40; ++round) {
    const ContainerId root =
        streamer.mount({.tables = &other.tables, .file = other_file, .apart = true})->first;
    if (round == 0) allocations = 0;
    in_frame = true;
    const auto intent = streamer.intend(
        observers[0], {.frame = root, .position = {}, .velocity = {}, .in = 1_s}, now);
    for (int i = 0; i < 60; ++i) {
      now = now + 20_ms;
      for (std::size_t k = 0; k < 3; ++k) {
        const double x = 100.0 * ((round * 7 + i / 6 * 13 + static_cast<int>(k) * 31) % 100);
        streamer.move_observer(observers[k], {.position = {x, 0, 0}}, now);
      }
      if (i == 30 && intent) streamer.withdraw(*intent);
      if (i == 20) {
        in_frame = false;
        ASSERT_TRUE(streamer.unmount(root));
        in_frame = true;
      }
      streamer.update(now);
    }
    in_frame = false;
  }
  EXPECT_EQ(allocations, 0u);
  EXPECT_GT(streamer.stats().arrivals, 50u);
}

TEST_P(FramePromise, holds_while_archives_go) {
  auto streamer = open();
  if (!streamer)
    GTEST_SKIP() << "this backend is refused here: " << error_text(streamer.error().code);
  Time now{1};
  (void)*streamer->add_observer({}, now);
  std::vector<ContainerId> roots;
  for (int i = 0; i < 6; ++i) {
    const auto more =
        streamer->mount({.tables = &world_.tables, .file = {.buffered = ::dup(file_)}});
    ASSERT_TRUE(more);
    roots.push_back(more->first);
  }
  allocations = locks = 0;
  // Every other one first, so that no two numbers that are free follow each other.
  for (const std::size_t i : {0u, 2u, 4u, 1u, 3u, 5u}) {
    ASSERT_TRUE(streamer->unmount(roots[i]));
    for (int frame = 0; frame < 2000 && streamer->mounted(roots[i]); ++frame) {
      now = now + 2_ms;
      in_frame = true;
      (void)streamer->update(now);
      in_frame = false;
      ::usleep(100);  // lets the disk catch up
    }
    ASSERT_FALSE(streamer->mounted(roots[i]));
  }
  EXPECT_EQ(allocations, 0u);
  EXPECT_EQ(locks, 0u);
}

// Lets pass what a frame may do (wake a thread, write to an event descriptor), what a thread needs
// to end, and nothing else.
void forbid_waiting() {
  const auto allow = [](std::uint32_t number) {
    return std::array<sock_filter, 2>{sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
                                      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  };
  std::vector<sock_filter> filter = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const int number :
       {SYS_write, SYS_clock_gettime, SYS_getrusage, SYS_exit, SYS_madvise, SYS_munmap,
        SYS_rt_sigprocmask, SYS_exit_group, SYS_rseq, SYS_set_robust_list}) {
    const auto lines = allow(static_cast<std::uint32_t>(number));
    filter.insert(filter.end(), lines.begin(), lines.end());
  }
  // Of futex only waking: a lock that is contended would wait.
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 0, 5));
  filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[1])));
  filter.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, static_cast<std::uint32_t>(FUTEX_CMD_MASK)));
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAKE, 0, 1));
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
  const sock_fprog program{.len = static_cast<unsigned short>(filter.size()),
                           .filter = filter.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) std::_Exit(3);
}

TEST_P(FramePromise, makes_no_system_call_that_can_wait) {
  const auto child = [&] {
    auto streamer = open();
    if (!streamer) std::_Exit(2);
    const ObserverId observer = *streamer->add_observer({}, Time{1});
    fly(*streamer, observer, Time{1}, 50);
    forbid_waiting();  // this thread only
    std::uint64_t arrived = 0;
    // Nothing may sleep here: it flies on until the disk, however busy, has given enough.
    for (int round = 0; round < 5000 && arrived <= 20; ++round) {
      arrived += fly(*streamer, observer, Time{(1 + round) * 10'000'000'000ll}, 2'000);
    }
    std::_Exit(arrived > 20 ? 0 : 1);
  };
  if (!open()) GTEST_SKIP() << "this backend is refused here";
  engine_.reset();  // no thread of this process but the child's own
  EXPECT_EXIT(child(), testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(
    Backends, FramePromise,
    testing::Values(Way{"io_uring"}, Way{"threads", Backend::threads},
                    Way{"engine_jobs", Backend::io_uring, EngineWay::on_threads},
                    Way{"engine_jobs_within_submit", Backend::io_uring, EngineWay::within_submit},
                    Way{"engine_jobs_in_turn", Backend::threads, EngineWay::in_turn}),
    [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace nf
