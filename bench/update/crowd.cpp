#include "bench/update/crowd.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>

#include "bench/suite/allocation_count.h"
#include "bench/suite/clocks.h"
#include "bench/suite/suite.h"
#include "core/codec/codec.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/percentile.h"

namespace nf::bench {
namespace {

constexpr std::uint32_t kChunkSize = 16 << 10;
constexpr double kRoomSpacing = 60;    // metres
constexpr std::uint32_t kRooms = 100;  // in a zone
constexpr std::uint32_t kZones = 50;   // on a planet
constexpr std::uint32_t kOnPlanet = 1 + kZones * (1 + kRooms);
constexpr double kPlanetRadius = 6e6;
constexpr double kZoneAngle = 0.12;
constexpr double kWalkSpeed = 20;  // metres a second
constexpr std::uint32_t kFillFramesMax = 20'000;
constexpr std::uint32_t kQuietFrames = 30;   // that long nothing arrives: all is there
constexpr std::uint32_t kLargeCrowd = 1000;  // observers; more need more memory
constexpr std::uint32_t kArrivalCost = 1;    // microseconds: no arrival waits for the engine here
constexpr Duration kFrame{16'666'667};
constexpr std::chrono::microseconds kRestOfFrame{500};  // the engine's own work

WorldPosition zone_place(double planet, double zone) {
  return {5e10 * std::cos(planet) + kPlanetRadius * std::cos(zone * kZoneAngle),
          5e10 * std::sin(planet) + kPlanetRadius * std::sin(zone * kZoneAngle), 0};
}

void place_container(ContainerTable& table, std::uint32_t id) {
  const std::uint32_t on_planet = (id - 1) % kOnPlanet;
  const auto planet = static_cast<double>((id - 1) / kOnPlanet);
  table.bounds_kind[id] = BoundsKind::sphere;
  float radius = 40, load = 60;
  WorldPosition at = {5e10 * std::cos(planet), 5e10 * std::sin(planet), 0};
  if (on_planet == 0) {
    radius = static_cast<float>(kPlanetRadius);
    load = 1e7f;
  } else {
    const std::uint32_t in_zone = (on_planet - 1) % (1 + kRooms);
    at = zone_place(planet, (on_planet - 1) / (1 + kRooms));
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

std::vector<std::byte> make_chunk(Prng& prng) {
  std::vector<std::byte> bytes(kChunkSize);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(prng.next());
  return bytes;
}

}  // namespace

WorldTables make_star_system(std::uint32_t containers, std::uint64_t checksum) {
  Result<WorldTables> made =
      make_world_tables({.containers = containers, .assets = containers, .chunks = containers});
  if (!made) throw BenchError("memory for the tables of a world is refused");
  WorldTables world = std::move(*made);
  ContainerTable& table = world.containers;
  for (std::uint32_t id = 0; id < containers; ++id) {
    table.parent[id] = id == 0 ? ContainerId::none_value : 0;
    table.subtree_end[id] = id == 0 ? containers : id + 1;
    table.path_hash[id] = {id, id};
    table.rotation[id] = {};
    if (id > 0) place_container(table, id);
    table.raw_size[id] = table.run_size[id] = kChunkSize;
    table.first_asset[id + 1] = table.first_chunk[id + 1] = id + 1;
    world.assets.name_hash[id] = AssetId{1};
    world.assets.raw_size[id] = kChunkSize;
    world.chunks.checksum[id] = checksum;
    world.chunks.stored_size[id] = world.chunks.raw_size[id] = kChunkSize;
  }
  return world;
}

CrowdWorld::CrowdWorld(const std::filesystem::path& dir, std::uint32_t containers)
    : folder_(dir, "crowd") {
  Prng prng(1);
  const std::vector<std::byte> chunk = make_chunk(prng);
  checksum_ = hash64(chunk);
  const std::filesystem::path path = folder_.path() / "chunk";
  write_file(path, {1u << 20}, [&](FileOffset at, std::span<std::byte> part) {
    if (at.value == 0) std::memcpy(part.data(), chunk.data(), chunk.size());
  });
  file_ = std::make_unique<OpenFile>(path);
  tables_ = make_star_system(containers, checksum_);
}

std::uint32_t CrowdWorld::planets() const {
  return std::max(1u, tables_.containers.count() / kOnPlanet);
}

Crowd::Crowd(const CrowdWorld& world, const CrowdOptions& options)
    : world_(world), options_(options), prng_(options.seed) {
  const bool large = options.observers > kLargeCrowd;
  Result<Streamer> streamer =
      Streamer::create({.memory_budget = {large ? 4ull << 30 : 512ull << 20},
                        .observers_max = std::max(options.observers, 1u),
                        .active_max = large ? 1u << 17 : 1u << 16,
                        .arrival_cost_default = kArrivalCost});
  if (!streamer) throw BenchError("the runtime cannot start: " + cause_of(streamer.error()));
  streamer_ = std::make_unique<Streamer>(std::move(*streamer));
  const auto mounted = streamer_->mount({.tables = &world.tables(), .file = world.file()});
  if (!mounted) throw BenchError("the world does not mount: " + cause_of(mounted.error()));
  add_walkers();
  fill_bubbles();
}

// Each walks about its own zone.
void Crowd::add_walkers() {
  const std::uint32_t zones = kZones * std::min(options_.planets, world_.planets());
  for (std::uint32_t i = 0; i < options_.observers; ++i) {
    const auto zone = static_cast<std::uint32_t>(prng_.below(zones));
    Walker walker;
    walker.at = zone_place(zone / kZones, zone % kZones) +
                WorldVector{prng_.between(0, 600), prng_.between(0, 600), 0};
    walker.heading = prng_.between(0, 6.28);
    const Result<ObserverId> id = streamer_->add_observer({.motion = {walker.at, {}}}, Time{1});
    if (!id) throw BenchError("the runtime takes no further observer: " + cause_of(id.error()));
    walker.id = *id;
    walkers_.push_back(walker);
  }
}

// They set off, and wait until nothing more arrives ahead of them.
void Crowd::fill_bubbles() {
  move_walkers();
  std::uint32_t quiet = 0;
  for (std::uint32_t frame = 0; frame < kFillFramesMax; ++frame) {
    now_ = now_ + kFrame;
    const FrameEvents events = streamer_->update(now_);
    check(events);
    quiet = events.arrived.empty() ? quiet + 1 : 0;
    if (quiet == kQuietFrames) return;
    std::this_thread::sleep_for(kRestOfFrame);
  }
  throw BenchError("the crowd's first containers do not arrive");
}

void Crowd::move_walkers() {
  now_ = now_ + kFrame;
  for (Walker& walker : walkers_) {
    if (prng_.chance(0.02)) walker.heading += prng_.between(-1.5, 1.5);
    const WorldVector velocity = {kWalkSpeed * std::cos(walker.heading),
                                  kWalkSpeed * std::sin(walker.heading), 0};
    walker.at = walker.at + WorldVector{velocity.x / 60, velocity.y / 60, 0};
    streamer_->move_observer(walker.id, {walker.at, velocity}, now_);
  }
}

void Crowd::check(const FrameEvents& events) {
  for (const ContainerId id : events.arrived) {
    ++arrivals_;
    if (hash64(streamer_->pin(id).asset(0).bytes) != world_.checksum()) {
      throw BenchError("a container arrived with wrong bytes");
    }
  }
  if (!events.failed.empty()) throw BenchError("a container failed to load");
}

FrameSample Crowd::walk(double seconds) {
  FrameSample sample;
  micros_.clear();
  cpu_micros_.clear();
  arrivals_ = 0;
  const double end = wall_seconds() + seconds;
  do {
    start_counting_allocations();
    move_walkers();
    const double cpu_before = thread_seconds();
    const double before = wall_seconds();
    const FrameEvents events = streamer_->update(now_);
    const double took = wall_seconds() - before;
    const double cpu_took = thread_seconds() - cpu_before;
    sample.allocations += stop_counting_allocations();
    micros_.push_back(took * 1e6);
    cpu_micros_.push_back(cpu_took * 1e6);
    check(events);
    std::this_thread::sleep_for(kRestOfFrame);
  } while (wall_seconds() < end);
  sample.frames = micros_.size();
  sample.arrivals = arrivals_;
  sample.p50 = percentile(micros_, 0.5);
  sample.p99 = percentile(micros_, 0.99);
  sample.max = percentile(micros_, 1);
  sample.cpu_p99 = percentile(cpu_micros_, 0.99);
  return sample;
}

}  // namespace nf::bench
