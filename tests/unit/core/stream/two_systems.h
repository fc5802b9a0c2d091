// Two star systems, each an archive of its own and apart from the other, on one simulated disk:
// rooms in a row in the near one, and in the far one a landing place where all rooms are needed at
// once, with a gate between them.
//
// Test code, one thread. Owns everything; the clock is turned by hand.
#pragma once

#include <nearfield/streamer.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "core/io/sim_device.h"
#include "tests/unit/core/stream/tiny_world.h"

namespace nf::test {

struct TwoSystemsOptions {
  TinyWorldOptions near{};
  TinyWorldOptions far{.rooms = 20, .chunks = 4, .chunk_size = 50'000};
  double bytes_per_second = 1e6;
  Bytes in_flight_max = {4u << 20};
  StreamerOptions streamer{.memory_budget = {32u << 20}};
};

class TwoSystems {
 public:
  static constexpr Duration kFrame{20'000'000};
  static constexpr WorldPosition kLanding{0, 0, 0};

  explicit TwoSystems(const TwoSystemsOptions& options)
      : near(make_tiny_world(options.near)), far(make_tiny_world(options.far)) {
    gather_far_rooms();
    add_gate();
    device.emplace(
        SimDeviceOptions{.model = {.name = "test", .bytes_per_second = options.bytes_per_second},
                         .faults = {},
                         .in_flight_max = options.in_flight_max,
                         .read_size_max = std::min(options.in_flight_max, 1_MiB)});
    StreamerOptions made = options.streamer;
    made.device = &*device;
    made.decode_workers = 0;
    streamer.emplace(std::move(Streamer::create(made).value()));
  }

  void mount_near() {
    near_range =
        streamer->mount({.tables = &near.tables, .file = device->add_memory_file(near.file)})
            .value();
  }
  void mount_far() {
    far_range =
        streamer
            ->mount(
                {.tables = &far.tables, .file = device->add_memory_file(far.file), .apart = true})
            .value();
  }
  void mount_both() {
    mount_near();
    mount_far();
  }

  ContainerId near_room(std::uint32_t i) const {
    return {near_range.first.value + near.room(i).value};
  }
  ContainerId far_room(std::uint32_t i) const {
    return {far_range.first.value + far.room(i).value};
  }
  Intent landing(Duration in, float probability = 1) const {
    return {.frame = far_range.first,
            .position = kLanding,
            .velocity = {},
            .in = in,
            .probability = probability};
  }

  void join(double x = 0) {
    observer = streamer->add_observer({.motion = {{x, 0, 0}, {}}}, now).value();
  }
  void begin() {
    mount_both();
    join();
    frames_for({1'000'000'000});
  }
  IntentId spool(Duration in) { return streamer->intend(observer, landing(in), now).value(); }
  // One frame, with the observer in the near system or, once it has jumped, at the landing place.
  FrameEvents frame(double x = 0, double speed = 0) {
    now = now + kFrame;
    const Motion motion =
        jumped ? Motion{.position = kLanding, .velocity = {}, .frame = far_range.first}
               : Motion{.position = {x, 0, 0}, .velocity = {speed, 0, 0}};
    streamer->move_observer(observer, motion, now);
    const FrameEvents events = streamer->update(now);
    for (const ContainerId id : events.arrived) arrived.push_back(id);
    for (const ContainerId id : events.leaving) left.push_back(id);
    share_held = std::max(share_held, streamer->stats().intent_memory);
    return events;
  }
  void frames_for(Duration time, double x = 0) {
    for (const Time end = now + time; now < end;) frame(x);
  }
  std::uint32_t far_rooms_there() const {
    std::uint32_t there = 0;
    for (std::uint32_t i = 0; i + 1 + far.shared < far_range.count(); ++i) {
      if (streamer->state(far_room(i)) == Residency::resident) ++there;
    }
    return there;
  }

  TinyWorld near, far;
  std::optional<SimDevice> device;
  std::optional<Streamer> streamer;
  ContainerRange near_range, far_range;
  ObserverId observer;
  bool jumped = false;
  Time now{1'000'000'000};
  std::vector<ContainerId> arrived, left;  // all so far
  Bytes share_held;                        // the most that intents held

 private:
  void gather_far_rooms() {
    ContainerTable& table = far.tables.containers;
    for (std::uint32_t id = far.room(0).value; id < table.count(); ++id) {
      table.position[id] = {10.0 * id, 0, 0};
      table.load_distance[id] = 1000;
    }
    // Its paths are not those of the near one.
    for (std::uint32_t id = 0; id < table.count(); ++id) table.path_hash[id].high ^= 1;
  }
  void add_gate() {
    GateTable& gates = near.tables.gates;
    gates.container = std::move(*Array<std::uint32_t>::make(1));
    gates.name_hash = std::move(*Array<std::uint64_t>::make(1));
    gates.target = std::move(*Array<PathHash>::make(1));
    gates.position = std::move(*Array<WorldPosition>::make(1));
    gates.target_position = std::move(*Array<WorldPosition>::make(1));
    gates.radius = std::move(*Array<float>::make(1));
    gates.lead_time = std::move(*Array<float>::make(1));
    gates.name_hash[0] = asset_id("vega").value;
    gates.target[0] = far.tables.containers.path_hash[0];
    gates.target_position[0] = kLanding;
    gates.lead_time[0] = 18;
    NF_ASSERT(check_world(near.tables));
  }
};

}  // namespace nf::test
