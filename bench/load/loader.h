// Loader: containers through the whole runtime, as an engine that asks by name would load them:
// pin, wait until it is resident, use it, let go, ask for the next.
//
// One thread owns it and drives the Streamer; a number of requests is always under way. Throws
// BenchError, also if a container failed: a figure about bytes that did not arrive is worth
// nothing. Throws Interrupted once Ctrl-C was pressed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <nearfield/streamer.h>

#include "bench/load/load_world.h"
#include "bench/suite/ask_ahead.h"
#include "bench/suite/clocks.h"
#include "core/base/pages.h"

namespace nf::bench {

struct LoaderOptions {
  std::uint32_t workers = 1;
  AskAhead ahead = {};
  // Between two looks at what has arrived, as an engine's frames are; 0: at once, which costs a
  // wake-up for each container.
  Duration look_every = {};
  Bytes memory = {256ull << 20};  // at most a third of the world, or the runtime would have it
  Backend backend = Backend::automatic;
  Device* device = nullptr;
  JobSystem jobs = {};         // an engine's, to decode in; borrowed
  bool engine_memory = false;  // the runtime decodes and reads into memory that it is given
};

// For containers: `options.memory`, and room for all that is under way and one more. Where that is
// more than 1 GiB, requests wait for memory instead, as they do for the disk.
Bytes container_memory(Bytes world, Bytes container_max, const LoaderOptions& options);

// Where the rate counts and not when each container is there: often enough for requests to be
// under way always, seldom enough not to be woken for each.
inline constexpr Duration kLookEvery = {500'000};

struct LoadSample {
  double seconds = 0;
  Bytes raw;                   // decoded and handed out
  Bytes device;                // read from the device
  std::uint64_t kept = 0;      // containers that the runtime had from before
  ProcessTime cpu;             // of the whole process
  std::vector<double> micros;  // of each container, from asked to resident
};

class Loader {
 public:
  Loader(const LoadWorld& world, const LoaderOptions& options);

  // Loads `order` once. `use` is called for each container while it is resident.
  LoadSample load(std::span<const std::uint32_t> order,
                  const std::function<void(ContainerId, const Pin&)>& use = nullptr);
  // The same, of what the runtime has nothing of. Where it turns out to have kept some of them from
  // before, because the world is small, that sample is dropped, and from then on it is started anew
  // in the same memory before each.
  LoadSample load_cold(std::span<const std::uint32_t> order,
                       const std::function<void(ContainerId, const Pin&)>& use = nullptr);
  // Until every page of its memory has been written once: fresh pages would cost more than reads.
  void warm_up(LoadOrder& order);

  Streamer& streamer() { return *streamer_; }
  bool huge_pages() const;  // whether stored bytes are read into them
  const LoadWorld& world() const { return world_; }

 private:
  struct Request {
    Pin pin;
    double asked_at = 0;
    Bytes raw;
  };

  bool may_ask(std::uint32_t container) const;
  void ask(std::uint32_t container);
  void take_arrived(const std::function<void(ContainerId, const Pin&)>& use, LoadSample& sample);
  Bytes raw_size(std::uint32_t container) const;
  void check_failures(const FrameEvents& events) const;
  void wait_for_more();
  bool is_cold(const LoadSample& sample, std::span<const std::uint32_t> order) const;
  void start_anew();

  const LoadWorld& world_;
  LoaderOptions options_;
  PageBlock engine_memory_;
  std::optional<Streamer> streamer_;
  std::vector<Request> requests_;  // under way; go before the Streamer
  Bytes raw_under_way_;
  bool starts_anew_ = false;  // before each cold load
};

// The runtime's clock: this machine's own.
Time now();

}  // namespace nf::bench
