#include "tests/sim/share_flight.h"

#include <nearfield/streamer.h>

#include <algorithm>
#include <cmath>

#include "core/base/assert.h"
#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "core/world/world_tables.h"

namespace nf::sim {
namespace {

constexpr Duration kFrame{16'666'667};
constexpr double kLaneDistance = 1e6;
constexpr float kRadius = 1;

// All containers have the same bytes: what is read is the same, and where does not matter.
WorldTables make_lanes(const ShareFlightOptions& options, std::uint64_t checksum) {
  std::uint32_t count = 1;
  for (const std::uint32_t containers : options.lanes) count += containers;
  auto made =
      make_world_tables({.containers = count, .assets = 0, .chunks = count - 1, .dependencies = 0});
  NF_ASSERT(made);
  WorldTables world = std::move(*made);
  ContainerTable& table = world.containers;
  std::uint32_t lane = 0;
  std::uint32_t lane_first = 1;
  for (std::uint32_t id = 0; id < count; ++id) {
    table.path_hash[id] = {id, id};
    table.parent[id] = id == 0 ? ContainerId::none_value : 0;
    table.subtree_end[id] = id == 0 ? count : id + 1;
    table.rotation[id] = {};
    table.first_asset[id] = 0;
    table.first_dependency[id] = 0;
    table.first_chunk[id] = id == 0 ? 0 : id - 1;
    if (id == 0) continue;
    if (id - lane_first == options.lanes[lane]) {
      lane_first = id;
      ++lane;
    }
    table.position[id] = {options.spacing * (id - lane_first), kLaneDistance * lane, 0};
    table.bounds_kind[id] = BoundsKind::sphere;
    table.bounds_half_extent[id] = {kRadius, kRadius, kRadius};
    table.load_distance[id] = 1;  // times the observer's scale
    const auto size = static_cast<std::uint32_t>(options.container_size.value);
    table.raw_size[id] = size;
    table.run_size[id] = size;
    world.chunks.checksum[id - 1] = checksum;
    world.chunks.stored_size[id - 1] = world.chunks.raw_size[id - 1] = size;
  }
  table.first_asset[count] = table.first_dependency[count] = 0;
  table.first_chunk[count] = count - 1;
  return world;
}

class Flight {
 public:
  explicit Flight(const ShareFlightOptions& options)
      : options_(options),
        device_({.model = options.disk,
                 .faults = {},
                 .seed = options.seed,
                 .in_flight_max = options.in_flight_max}) {
    Prng prng(options.seed);
    content_.resize(options.container_size.value);
    for (std::byte& byte : content_) byte = static_cast<std::byte>(prng.next());
    world_ = make_lanes(options, hash64(content_));
    auto streamer = Streamer::create({.memory_budget = {options.staging.value + (512ull << 20)},
                                      .staging = options.staging,
                                      .device = &device_,
                                      .decode_workers = 0,
                                      .wanted_per_observer_max = 2048});
    NF_ASSERT(streamer);
    streamer_.emplace_back(std::move(*streamer));
    NF_ASSERT(streamer_[0].mount({.tables = &world_, .file = device_.add_memory_file(content_)}));
    resident_.resize(world_.containers.count());
    for (std::uint32_t lane = 0, first = 1; lane < options.lanes.size(); ++lane) {
      lane_first_.push_back(first);
      first += options.lanes[lane];
      lane_of_.resize(first, lane);
    }
    for (const ShareFlyer& flyer : options.flyers) {
      places_.push_back(flyer.start);
      const auto added = streamer_[0].add_observer({.motion = motion_of(flyer, flyer.start),
                                                    .bubble_scale = static_cast<float>(flyer.reach),
                                                    .weight = flyer.weight},
                                                   now_);
      NF_ASSERT(added);
      ids_.push_back(*added);
    }
    waits_.resize(options.flyers.size());
    for (std::size_t i = 0; i < waits_.size(); ++i) {
      waits_[i].resize(options.lanes[options.flyers[i].lane], Time::never());
    }
    result_.flyers.resize(options.flyers.size());
  }

  ShareFlight run() {
    const Time end = now_ + Duration::from_seconds(options_.settle_seconds + options_.seconds);
    counted_from_ = now_ + Duration::from_seconds(options_.settle_seconds);
    while (now_ < end) frame();
    result_.late = streamer_[0].stats().late_arrivals;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      result_.flyers[i].read = streamer_[0].share_of(ids_[i]);
    }
    return result_;
  }

 private:
  double length_of(std::uint32_t lane) const {
    return options_.spacing * (options_.lanes[lane] - 1);
  }

  // To and fro between the ends.
  double place_of(const ShareFlyer& flyer) const {
    const double travelled = flyer.start + flyer.speed * (now_ - kStart).seconds();
    const double length = length_of(flyer.lane);
    const double in_turn = std::fmod(travelled, 2 * length);
    return in_turn < length ? in_turn : 2 * length - in_turn;
  }
  static Motion motion_of(const ShareFlyer& flyer, double x) {
    return {.position = {x, kLaneDistance * flyer.lane, 0}, .velocity = {}, .frame = {}};
  }

  void frame() {
    now_ = now_ + kFrame;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      places_[i] = place_of(options_.flyers[i]);
      streamer_[0].move_observer(ids_[i], motion_of(options_.flyers[i], places_[i]), now_);
    }
    const FrameEvents events = streamer_[0].update(now_);
    for (const ContainerId id : events.leaving) take(id, 0);
    for (const ContainerId id : events.arrived) take(id, 1);
    for (std::size_t i = 0; i < ids_.size(); ++i) watch(i);
  }

  void take(ContainerId id, std::uint64_t arrived) {
    result_.event_hash =
        (result_.event_hash ^ (id.value * 2 + arrived)) * 0x9E37'79B9'7F4A'7C15ull +
        static_cast<std::uint64_t>(now_.ns);
    resident_[id.value] = arrived == 1;
    if (arrived == 0 || now_ < counted_from_) return;
    const std::uint32_t lane = lane_of_[id.value];
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (options_.flyers[i].lane == lane) result_.flyers[i].delivered += options_.container_size;
    }
  }

  // How long it waits for each that is within its reach.
  void watch(std::size_t flyer) {
    const ShareFlyer& who = options_.flyers[flyer];
    ShareOfFlyer& share = result_.flyers[flyer];
    const double reach = kRadius + who.reach;
    // Those it has just left are looked at, too.
    const double margin = reach + who.speed * kFrame.seconds() + options_.spacing;
    const auto last = static_cast<double>(options_.lanes[who.lane] - 1);
    const auto first_at = static_cast<std::uint32_t>(
        std::clamp((places_[flyer] - margin) / options_.spacing, 0.0, last));
    const auto last_at = static_cast<std::uint32_t>(
        std::clamp((places_[flyer] + margin) / options_.spacing, 0.0, last));
    for (std::uint32_t at = first_at; at <= last_at; ++at) {
      const bool needed = std::abs(options_.spacing * at - places_[flyer]) <= reach;
      const std::uint32_t id = lane_first_[who.lane] + at;
      Time& since = waits_[flyer][at];
      if (!needed || resident_[id]) {
        since = Time::never();
        continue;
      }
      if (since == Time::never()) {
        since = now_;
        ++share.needed;
      }
      if (now_ >= counted_from_) share.longest_wait = std::max(share.longest_wait, now_ - since);
    }
  }

  static constexpr Time kStart{1'000'000'000};

  ShareFlightOptions options_;
  SimDevice device_;
  std::vector<std::byte> content_;
  WorldTables world_;
  std::vector<Streamer> streamer_;  // one
  std::vector<ObserverId> ids_;
  std::vector<double> places_;
  std::vector<std::vector<Time>> waits_;  // by flyer and place on its lane
  std::vector<bool> resident_;
  std::vector<std::uint32_t> lane_first_;
  std::vector<std::uint32_t> lane_of_;  // by container
  Time now_ = kStart;
  Time counted_from_;
  ShareFlight result_;
};

}  // namespace

ShareFlight fly_shares(const ShareFlightOptions& options) {
  return Flight(options).run();
}

ShareFlightOptions greedy_flight(std::uint64_t seed) {
  Prng prng(seed);
  ShareFlightOptions options;
  options.seed = seed;
  options.disk = {.name = "slow",
                  .bytes_per_second = 4e6,
                  .latency_p50 = {1'000'000},
                  .latency_p99 = {4'000'000},
                  .parallel = 4};
  options.lanes.resize(101, 1000);
  options.lanes.back() = 60'000;
  for (std::uint32_t i = 0; i < 100; ++i) {
    options.flyers.push_back(
        {.lane = i, .speed = prng.between(1, 3), .start = prng.between(0, 8000), .reach = 15});
  }
  options.flyers.push_back({.lane = 100, .speed = 1000, .start = 0, .reach = 3000});
  options.settle_seconds = 20;
  return options;
}

}  // namespace nf::sim
