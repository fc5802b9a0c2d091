// Question: what does Streamer::update cost in a world of 100,000 containers, for one observer and
// for a thousand?
//
//   update_bench [--containers N] [--observers N] [--frames N] [--backend uring|threads] [--json]
//
// The world is a star system: planets, zones in them, rooms in those. All containers point at the
// same few kilobytes of one file, so that the cost of the frame is measured and not that of a large
// disk; the bytes are still read, checked and decoded, and their hash is compared at every arrival.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <nearfield/streamer.h>

#include "core/base/assert.h"
#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "core/world/world_tables.h"

namespace {

using nf::Duration;
using nf::Time;

struct Options {
  std::uint32_t containers = 100'000;
  std::uint32_t observers = 1;
  std::uint32_t frames = 6000;
  nf::Backend backend = nf::Backend::automatic;
  bool json = false;
};

constexpr std::uint32_t kChunkSize = 16 << 10;
constexpr double kRoomSpacing = 60;    // metres
constexpr std::uint32_t kRooms = 100;  // in a zone
constexpr std::uint32_t kZones = 50;   // on a planet

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--json") {
      options.json = true;
      continue;
    }
    if (i + 1 >= argc) return false;
    const std::string value = argv[++i];
    if (word == "--containers")
      options.containers = static_cast<std::uint32_t>(std::stoul(value));
    else if (word == "--observers")
      options.observers = static_cast<std::uint32_t>(std::stoul(value));
    else if (word == "--frames")
      options.frames = static_cast<std::uint32_t>(std::stoul(value));
    else if (word == "--backend" && value == "uring")
      options.backend = nf::Backend::io_uring;
    else if (word == "--backend" && value == "threads")
      options.backend = nf::Backend::threads;
    else
      return false;
  }
  return true;
}

// Rooms in a row of ten by ten in each zone, zones on a ring around each planet, planets on a ring.
void place_container(nf::ContainerTable& table, std::uint32_t id) {
  const std::uint32_t on_planet = (id - 1) % (1 + kZones * (1 + kRooms));
  const auto planet = static_cast<double>((id - 1) / (1 + kZones * (1 + kRooms)));
  table.bounds_kind[id] = nf::BoundsKind::sphere;
  float radius = 40, load = 60;
  nf::WorldPosition at = {5e10 * std::cos(planet), 5e10 * std::sin(planet), 0};
  if (on_planet == 0) {
    radius = 6e6f;
    load = 1e7f;
  } else {
    const double zone = (on_planet - 1) / (1 + kRooms);
    const std::uint32_t in_zone = (on_planet - 1) % (1 + kRooms);
    at.x += 6e6 * std::cos(zone * 0.12);
    at.y += 6e6 * std::sin(zone * 0.12);
    if (in_zone == 0) {
      radius = 600;
      load = 3000;
    } else {
      at.x += kRoomSpacing * ((in_zone - 1) % 10);
      at.y += kRoomSpacing * ((in_zone - 1) / 10);
    }
  }
  table.position[id] = at;
  table.bounds_half_extent[id] = {radius, radius, radius};
  table.load_distance[id] = load;
}

nf::WorldTables make_world(std::uint32_t count, std::uint64_t checksum) {
  auto made = nf::make_world_tables({.containers = count, .assets = count, .chunks = count});
  NF_ASSERT(made);
  nf::WorldTables world = std::move(*made);
  nf::ContainerTable& table = world.containers;
  for (std::uint32_t id = 0; id < count; ++id) {
    table.parent[id] = id == 0 ? nf::ContainerId::none_value : 0;
    table.subtree_end[id] = id == 0 ? count : id + 1;
    table.path_hash[id] = {id, id};
    table.rotation[id] = {};
    if (id > 0) place_container(table, id);
    table.raw_size[id] = table.run_size[id] = kChunkSize;
    table.first_asset[id + 1] = table.first_chunk[id + 1] = id + 1;
    world.assets.name_hash[id] = nf::AssetId{1};
    world.assets.raw_size[id] = kChunkSize;
    world.chunks.checksum[id] = checksum;
    world.chunks.stored_size[id] = world.chunks.raw_size[id] = kChunkSize;
  }
  return world;
}

// A file that holds one chunk; unlinked at once.
int make_file(const std::vector<std::byte>& bytes) {
  char path[] = "update_bench_XXXXXX";
  const int file = ::mkstemp(path);
  NF_ASSERT(file >= 0);
  ::unlink(path);
  NF_ASSERT(::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  return file;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

struct Walker {
  nf::ObserverId id;
  nf::WorldPosition at;
  double heading = 0;
};

// Each walks about its own zone at 5 to 30 m/s.
std::vector<Walker> add_walkers(nf::Streamer& streamer, std::uint32_t count,
                                std::uint32_t containers, nf::Prng& prng) {
  std::vector<Walker> walkers;
  const std::uint32_t planets = std::max(1u, containers / (1 + kZones * (1 + kRooms)));
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto planet = static_cast<double>(prng.below(planets));
    const auto zone = static_cast<double>(prng.below(kZones));
    Walker walker;
    walker.at = {5e10 * std::cos(planet) + 6e6 * std::cos(zone * 0.12) + prng.between(0, 600),
                 5e10 * std::sin(planet) + 6e6 * std::sin(zone * 0.12) + prng.between(0, 600), 0};
    walker.heading = prng.between(0, 6.28);
    auto id = streamer.add_observer({.motion = {walker.at, {}}}, Time{1});
    NF_ASSERT(id);
    walker.id = *id;
    walkers.push_back(walker);
  }
  return walkers;
}

struct Outcome {
  std::vector<double> micros;      // of update(), ascending
  std::vector<double> cpu_micros;  // of the frame's thread in it: without what others took
  std::uint64_t arrivals = 0;
  std::uint64_t wrong = 0;
  std::uint32_t resident = 0;
};

double thread_cpu_micros() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

// Frames of 1/60 s of world time; the first second is not counted.
Outcome run(nf::Streamer& streamer, std::vector<Walker>& walkers, std::uint32_t frames,
            std::uint64_t checksum, nf::Prng& prng) {
  Outcome outcome;
  Time now{1'000'000};
  for (std::uint32_t frame = 0; frame < frames; ++frame) {
    now = now + Duration{16'666'667};
    for (Walker& walker : walkers) {
      if (prng.chance(0.02)) walker.heading += prng.between(-1.5, 1.5);
      const nf::WorldVector velocity = {20 * std::cos(walker.heading),
                                        20 * std::sin(walker.heading), 0};
      walker.at = walker.at + nf::WorldVector{velocity.x / 60, velocity.y / 60, 0};
      streamer.move_observer(walker.id, {walker.at, velocity}, now);
    }
    const double cpu_before = thread_cpu_micros();
    const auto started = std::chrono::steady_clock::now();
    const nf::FrameEvents events = streamer.update(now);
    const std::chrono::duration<double, std::micro> took =
        std::chrono::steady_clock::now() - started;
    const double cpu_took = thread_cpu_micros() - cpu_before;
    if (frame >= 60) outcome.micros.push_back(took.count());
    if (frame >= 60) outcome.cpu_micros.push_back(cpu_took);
    for (const nf::ContainerId id : events.arrived) {
      ++outcome.arrivals;
      if (nf::hash64(streamer.pin(id).asset(0).bytes) != checksum) ++outcome.wrong;
    }
    // The rest of the engine's frame.
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  std::sort(outcome.micros.begin(), outcome.micros.end());
  std::sort(outcome.cpu_micros.begin(), outcome.cpu_micros.end());
  outcome.resident = streamer.stats().resident;
  return outcome;
}

void print(const Options& options, const Outcome& outcome, const char* backend) {
  const char* text =
      "%u containers, %u observers, %zu frames, %s: update() p50 %.1f us, p99 %.1f us, max %.1f "
      "us, "
      "p99 of its processor time %.1f us; %u resident, %llu arrivals, %llu wrong\n";
  const char* json =
      "{\"containers\":%u,\"observers\":%u,\"frames\":%zu,\"backend\":\"%s\","
      "\"update_us_p50\":%.1f,\"update_us_p99\":%.1f,\"update_us_max\":%.1f,\"update_cpu_us_p99\":%"
      ".1f,"
      "\"resident\":%u,\"arrivals\":%llu,\"wrong\":%llu}\n";
  std::printf(options.json ? json : text, options.containers, options.observers,
              outcome.micros.size(), backend, percentile(outcome.micros, 0.5),
              percentile(outcome.micros, 0.99), percentile(outcome.micros, 1),
              percentile(outcome.cpu_micros, 0.99), outcome.resident,
              static_cast<unsigned long long>(outcome.arrivals),
              static_cast<unsigned long long>(outcome.wrong));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options) || options.frames <= 60) {
    std::fputs(
        "usage: update_bench [--containers N] [--observers N] [--frames N, over 60] "
        "[--backend uring|threads] [--json]\n",
        stderr);
    return 2;
  }
  nf::Prng prng(1);
  std::vector<std::byte> bytes(kChunkSize);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(prng.next());
  const std::uint64_t checksum = nf::hash64(bytes);
  const nf::WorldTables world = make_world(options.containers, checksum);
  const int file = make_file(bytes);
  auto streamer = nf::Streamer::create({.memory_budget = {512ull << 20},
                                        .backend = options.backend,
                                        .observers_max = std::max(options.observers, 1u)});
  NF_ASSERT(streamer && streamer->mount({.tables = &world, .file = {.buffered = file}}));
  std::vector<Walker> walkers = add_walkers(*streamer, options.observers, options.containers, prng);
  const Outcome outcome = run(*streamer, walkers, options.frames, checksum, prng);
  print(options, outcome, streamer->backend());
  return outcome.wrong == 0 && outcome.arrivals > 0 ? 0 : 1;
}
