#include "bench/load/loader.h"

#include <algorithm>

#include "bench/suite/suite.h"
#include "core/base/checked.h"

namespace nf::bench {
namespace {

StreamerOptions options_of(const LoadWorld& world, const LoaderOptions& options) {
  StreamerOptions streamer;
  streamer.staging = {16ull << 20};
  streamer.touch_memory = true;
  const std::uint64_t needed = world.raw_size_max().value * (options.in_flight + 1);
  const std::uint64_t wanted = std::min(options.memory.value, world.raw_size().value / 3);
  streamer.memory_budget = {std::max(needed, wanted) + 2 * streamer.staging.value};
  streamer.backend = options.backend;
  streamer.device = options.device;
  streamer.decode_workers = options.workers;
  streamer.jobs = options.jobs;
  streamer.loads_max = std::max(64u, options.in_flight * 2);
  // The engine's own work on arrival is not what is measured.
  streamer.arrival_cost_default = 1;
  streamer.arrival_cost_max = 1'000'000;
  return streamer;
}

// As much as the runtime would map itself, in the same pages.
PageBlock give_memory(StreamerOptions& options) {
  Result<PageBlock> pages = PageBlock::map(options.memory_budget, PageKind::huge);
  if (!pages) throw BenchError("there is no memory for the engine to give");
  const Bytes staging = {
      align_down(std::min(options.staging.value, options.memory_budget.value / 4), kRunAlignment)};
  const std::span<std::byte> all = pages->bytes().first(options.memory_budget.value);
  options.memory = {.containers = all.subspan(staging.value), .staging = all.first(staging.value)};
  options.memory_budget = {};
  return std::move(*pages);
}

Streamer make_streamer(const LoadWorld& world, const LoaderOptions& options,
                       PageBlock& engine_memory) {
  StreamerOptions streamer = options_of(world, options);
  if (options.engine_memory) engine_memory = give_memory(streamer);
  Result<Streamer> made = Streamer::create(streamer);
  if (!made)
    throw BenchError(std::string("the runtime cannot start: ") + error_text(made.error().code));
  if (auto mounted = made->mount(world.source()); !mounted) {
    throw BenchError(world.archive().describe(mounted.error()));
  }
  return std::move(*made);
}

}  // namespace

Time now() {
  return {static_cast<std::int64_t>(wall_seconds() * 1e9)};
}

Loader::Loader(const LoadWorld& world, const LoaderOptions& options)
    : world_(world),
      options_(options),
      streamer_(make_streamer(world, options, engine_memory_)),
      requests_(options.in_flight) {}

void Loader::ask(std::uint32_t container, std::uint32_t slot) {
  requests_[slot] = {.pin = streamer_.pin(ContainerId{container}), .asked_at = wall_seconds()};
  if (!requests_[slot].pin.id().valid()) throw BenchError("too many containers are active");
}

void Loader::check_failures(const FrameEvents& events) const {
  if (events.failed.empty()) return;
  throw BenchError(world_.archive().describe(streamer_.failure(events.failed.front())));
}

LoadSample Loader::load(std::span<const std::uint32_t> order,
                        const std::function<void(ContainerId, const Pin&)>& use) {
  LoadSample sample;
  sample.micros.reserve(order.size());
  std::vector<std::uint32_t> free(requests_.size());
  for (std::uint32_t i = 0; i < free.size(); ++i) free[i] = i;
  const Bytes device_before = streamer_.stats().bytes_read;
  const ProcessTime cpu_before = process_time();
  const double begin = wall_seconds();
  for (std::size_t next = 0; sample.micros.size() < order.size();) {
    while (!free.empty() && next < order.size()) {
      ask(order[next++], free.back());
      free.pop_back();
    }
    const FrameEvents events = streamer_.update(now());
    check_failures(events);
    const std::size_t before = free.size();
    for (std::uint32_t slot = 0; slot < requests_.size(); ++slot) {
      Pin& pin = requests_[slot].pin;
      if (!pin.id().valid() || !pin.resident()) continue;
      sample.micros.push_back((wall_seconds() - requests_[slot].asked_at) * 1e6);
      sample.raw += Bytes{world_.tables().containers.raw_size[pin.id().value]};
      if (use) use(pin.id(), pin);
      pin = {};
      free.push_back(slot);
    }
    if (free.size() == before) streamer_.wait_for_progress(Duration{100'000'000});
  }
  sample.seconds = wall_seconds() - begin;
  const ProcessTime cpu = process_time();
  sample.cpu = {.user = cpu.user - cpu_before.user, .system = cpu.system - cpu_before.system};
  sample.device = streamer_.stats().bytes_read - device_before;
  return sample;
}

LoadSample Loader::load_cold(std::span<const std::uint32_t> order,
                             const std::function<void(ContainerId, const Pin&)>& use) {
  LoadSample sample = load(order, use);
  if (sample.device < world_.fetched_size(order)) {
    throw BenchError(
        "part of what was asked for was still in the runtime's memory: ask for fewer "
        "containers at a time, or load a larger world");
  }
  return sample;
}

void Loader::warm_up(LoadOrder& order) {
  const Bytes twice = Bytes{options_of(world_, options_).memory_budget.value * 2};
  for (Bytes loaded; loaded < twice;) {
    const LoadSample sample = load(order.next(twice));
    loaded += sample.raw;
  }
}

}  // namespace nf::bench
