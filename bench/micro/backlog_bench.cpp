// What does a frame cost a server whose disk has fallen behind? Ten thousand observers walk to and
// fro, each in a street of its own; the disk takes fewer containers a frame than are needed anew,
// so that about the given number of them waits; the other streets have no rooms.
// Percentiles over frames of Streamer::update, in processor time of the thread. A hash over the
// events says whether two builds hand out the same in the same order.
#include <benchmark/benchmark.h>

#include <nearfield/streamer.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/assert.h"
#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "core/io/sim_device.h"
#include "core/world/world_tables.h"

namespace nf {
namespace {

constexpr Duration kFrame{16'666'667};
constexpr std::uint32_t kObservers = 10'000;
constexpr std::uint32_t kRooms = 28;  // in a street
constexpr double kRoomSpacing = 10;
constexpr double kStreetSpacing = 1000;
constexpr double kStreetLength = kRooms * kRoomSpacing;
constexpr double kSpeed = 5;
constexpr float kLoadDistance = 20;
constexpr std::uint32_t kSharedBy = 64;  // containers of what a street's rooms depend on
constexpr std::uint32_t kBytes = 512;

struct ServerOptions {
  std::uint32_t waiting = 1000;  // about
  std::uint32_t taken = 200;     // a frame
  Bytes memory_budget = {256ull << 20};
  std::uint32_t active_max = 1u << 18;
};

// The shared containers first, then the rooms of the first streets.
WorldTables make_streets(std::uint32_t full_streets, std::uint64_t checksum) {
  const std::uint32_t first = 1 + full_streets / kSharedBy + 1;
  const std::uint32_t count = first + full_streets * kRooms;
  auto made = make_world_tables({.containers = count,
                                 .assets = 0,
                                 .chunks = count - 1,
                                 .dependencies = full_streets * kRooms});
  NF_ASSERT(made);
  WorldTables world = std::move(*made);
  ContainerTable& table = world.containers;
  std::uint32_t dependencies = 0;
  for (std::uint32_t id = 0; id < count; ++id) {
    table.path_hash[id] = {id, id};
    table.parent[id] = id == 0 ? ContainerId::none_value : 0;
    table.subtree_end[id] = id == 0 ? count : id + 1;
    table.rotation[id] = {};
    table.first_asset[id] = 0;
    table.first_chunk[id] = id == 0 ? 0 : id - 1;
    table.first_dependency[id] = dependencies;
    if (id == 0) continue;
    const std::uint32_t street = id < first ? 0 : (id - first) / kRooms;
    if (id < first) {
      table.flags[id] = ContainerFlags::shared;
    } else {
      table.position[id] = {kRoomSpacing * ((id - first) % kRooms), kStreetSpacing * (street % 100),
                            kStreetSpacing * (street / 100)};
      table.bounds_kind[id] = BoundsKind::sphere;
      table.bounds_half_extent[id] = {4, 4, 4};
      table.load_distance[id] = kLoadDistance;
      world.dependencies[dependencies++] = 1 + street / kSharedBy;
    }
    table.raw_size[id] = table.run_size[id] = kBytes;
    world.chunks.checksum[id - 1] = checksum;
    world.chunks.stored_size[id - 1] = world.chunks.raw_size[id - 1] = kBytes;
  }
  table.first_asset[count] = 0;
  table.first_chunk[count] = count - 1;
  table.first_dependency[count] = dependencies;
  return world;
}

SimDeviceOptions disk_of(const ServerOptions& options) {
  SimDeviceOptions disk;
  disk.model.bytes_per_second = 60.0 * kRunAlignment * options.taken;
  disk.in_flight_max = {1 << 20};
  return disk;
}

class Server {
 public:
  explicit Server(const ServerOptions& options)
      : content_(kRunAlignment), device_(disk_of(options)) {
    Prng prng(5);
    for (std::byte& byte : content_) byte = static_cast<std::byte>(prng.next());
    // Each observer wants some eight rooms.
    const std::uint32_t full = std::min(options.waiting / 8, kObservers);
    tables_ = make_streets(full, hash64(std::span(content_).first(kBytes)));
    auto streamer = Streamer::create({.memory_budget = options.memory_budget,
                                      .device = &device_,
                                      .decode_workers = 0,
                                      .observers_max = kObservers,
                                      .wanted_per_observer_max = 32,
                                      .active_max = options.active_max,
                                      .arrival_cost_max = 1u << 30});
    NF_ASSERT(streamer);
    streamer_.push_back(std::move(*streamer));
    const FileHandle file = device_.add_memory_file(content_);
    NF_ASSERT(streamer_[0].mount({.tables = &tables_, .file = file}));
    for (std::uint32_t i = 0; i < kObservers; ++i) {
      begins_at_.push_back(prng.between(0, 2 * kStreetLength));
      const auto id = streamer_[0].add_observer({.motion = motion_of(i)}, now_);
      NF_ASSERT(id);
      ids_.push_back(*id);
    }
  }

  void move() {
    now_ = now_ + kFrame;
    for (std::uint32_t i = 0; i < kObservers; ++i) {
      streamer_[0].move_observer(ids_[i], motion_of(i), now_);
    }
  }

  FrameEvents update() { return streamer_[0].update(now_); }
  // A function of its own, so that callgrind can count what is in it and nothing else.
  __attribute__((noinline)) FrameEvents measured_update() { return update(); }
  const Streamer& streamer() const { return streamer_[0]; }

 private:
  Motion motion_of(std::uint32_t i) const {
    const double way =
        std::fmod(begins_at_[i] + kSpeed * (now_ - Time{}).seconds(), 2 * kStreetLength);
    const bool back = way > kStreetLength;
    const double x = back ? 2 * kStreetLength - way : way;
    return {.position = {x, kStreetSpacing * (i % 100), kStreetSpacing * (i / 100)},
            .velocity = {back ? -kSpeed : kSpeed, 0, 0}};
  }

  std::vector<std::byte> content_;
  SimDevice device_;
  WorldTables tables_;
  std::vector<Streamer> streamer_;
  std::vector<ObserverId> ids_;
  std::vector<double> begins_at_;
  Time now_{1'000'000'000};
};

double thread_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

double percentile(std::vector<double>& values, double share) {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

void measure(benchmark::State& state, const ServerOptions& options, int settle) {
  Server server(options);
  for (int frame = 0; frame < settle; ++frame) {
    server.move();
    server.update();
  }
  std::vector<double> took_us;
  std::uint64_t hash = 0, arrived = 0, queued = 0;
  for (auto _ : state) {
    server.move();
    const double before = thread_us();
    const FrameEvents events = server.measured_update();
    took_us.push_back(thread_us() - before);
    state.SetIterationTime(took_us.back() * 1e-6);
    arrived += events.arrived.size();
    for (const ContainerId id : events.arrived) hash = (hash ^ id.value) * 0x9E3779B97F4A7C15ull;
    queued += server.streamer().stats().queued;
  }
  const auto frames = static_cast<double>(took_us.size());
  state.counters["p50_us"] = percentile(took_us, 0.5);
  state.counters["p99_us"] = percentile(took_us, 0.99);
  state.counters["waiting"] = static_cast<double>(queued) / frames;
  state.counters["arrived"] = static_cast<double>(arrived) / frames;
  state.counters["hash"] = static_cast<double>(hash >> 40);
}
void update_behind(benchmark::State& state) {
  constexpr int kSettle = 20;  // frames until all are looked at
  measure(state,
          {.waiting = static_cast<std::uint32_t>(state.range(0)),
           .taken = static_cast<std::uint32_t>(state.range(1))},
          kSettle);
}
BENCHMARK(update_behind)
    ->ArgNames({"waiting", "taken"})
    ->Args({1'000, 1})
    ->Args({10'000, 10})
    ->Args({100'000, 100})
    ->Iterations(20)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

// The disk keeps up; memory has room for a part of what is wanted, or the places have.
void update_short_of_room(benchmark::State& state) {
  constexpr int kSettle = 120;  // frames until it is full
  measure(state,
          {.waiting = 40'000,
           .taken = 4'000,
           .memory_budget = {static_cast<std::uint64_t>(state.range(0)) << 20},
           .active_max = static_cast<std::uint32_t>(state.range(1))},
          kSettle);
}
BENCHMARK(update_short_of_room)
    ->ArgNames({"memory_mib", "active_max"})
    ->Args({12, 1 << 18})
    ->Args({256, 12'000})
    ->Args({6, 12'000})
    ->Iterations(20)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace nf
