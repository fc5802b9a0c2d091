#include "bench/load/loader.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "bench/suite/bench_progress.h"
#include "bench/suite/suite.h"
#include "core/base/checked.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr Bytes kMemoryMax = {1ull << 30};
constexpr Bytes kStaging = {16ull << 20};

StreamerOptions options_of(const LoadWorld& world, const LoaderOptions& options) {
  StreamerOptions streamer;
  streamer.staging = kStaging;
  const Bytes memory = container_memory(world.raw_size(), world.raw_size_max(), options);
  streamer.memory_budget = {memory.value + 2 * kStaging.value};
  streamer.backend = options.backend;
  streamer.device = options.device;
  streamer.decode_workers = options.workers;
  streamer.jobs = options.jobs;
  streamer.loads_max = std::max(64u, options.ahead.containers_max * 2);
  // The engine's own work on arrival is not what is measured.
  streamer.arrival_cost_default = 1;
  streamer.arrival_cost_max = 1'000'000;
  return streamer;
}

// What the kernel could give without taking from others; none if it does not say.
std::optional<Bytes> free_memory() {
  std::ifstream file("/proc/meminfo");
  std::string word;
  for (std::uint64_t kib = 0; file >> word;) {
    if (word == "MemAvailable:" && file >> kib) return Bytes{kib << 10};
  }
  return std::nullopt;
}

// The kernel promises more than it has, and ends the process when that is written to.
void require_memory(Bytes size) {
  const std::optional<Bytes> free = free_memory();
  if (!free || size < *free) return;
  throw BenchError("loading takes " + human_size(size) + " of memory, and this machine has " +
                   human_size(*free) + " free");
}

// As much as the runtime would map itself, in the same pages.
PageBlock map_memory(Bytes size) {
  Result<PageBlock> pages = PageBlock::map(size, PageKind::huge);
  if (!pages) throw BenchError("there is no memory for the engine to give");
  return std::move(*pages);
}

void give_memory(StreamerOptions& options, PageBlock& pages) {
  if (pages.bytes().empty()) pages = map_memory(options.memory_budget);
  const Bytes staging = {
      align_down(std::min(options.staging.value, options.memory_budget.value / 4), kRunAlignment)};
  const std::span<std::byte> all = pages.bytes().first(options.memory_budget.value);
  options.memory = {.containers = all.subspan(staging.value), .staging = all.first(staging.value)};
  options.memory_budget = {};
}

Streamer make_streamer(const LoadWorld& world, const LoaderOptions& options,
                       PageBlock& engine_memory) {
  StreamerOptions streamer = options_of(world, options);
  streamer.touch_memory = engine_memory.bytes().empty();
  if (streamer.touch_memory) require_memory(streamer.memory_budget);
  if (options.engine_memory) give_memory(streamer, engine_memory);
  Result<Streamer> made = Streamer::create(streamer);
  if (!made)
    throw BenchError(std::string("the runtime cannot start: ") + error_text(made.error().code));
  if (auto mounted = made->mount(world.source()); !mounted) {
    refuse(mounted.error(), world.archive().describe(mounted.error()));
  }
  return std::move(*made);
}

}  // namespace

Bytes container_memory(Bytes world, Bytes container_max, const LoaderOptions& options) {
  const std::uint64_t under_way = options.ahead.raw_max(container_max).value + container_max.value;
  const std::uint64_t most = std::max(kMemoryMax.value, container_max.value * 3);
  const std::uint64_t asked = std::min(options.memory.value, world.value / 3);
  return {std::max(std::min(under_way, most), asked)};
}

Time now() {
  return {static_cast<std::int64_t>(wall_seconds() * 1e9)};
}

Loader::Loader(const LoadWorld& world, const LoaderOptions& options)
    : world_(world), options_(options), streamer_(make_streamer(world, options, engine_memory_)) {}

Bytes Loader::raw_size(std::uint32_t container) const {
  return {world_.tables().containers.raw_size[container]};
}

bool Loader::may_ask(std::uint32_t container) const {
  return options_.ahead.admits(static_cast<std::uint32_t>(requests_.size()), raw_under_way_,
                               raw_size(container));
}

void Loader::ask(std::uint32_t container) {
  requests_.push_back({.pin = streamer_->pin(ContainerId{container}),
                       .asked_at = wall_seconds(),
                       .raw = raw_size(container)});
  if (!requests_.back().pin.id().valid()) throw BenchError("too many containers are active");
  raw_under_way_ += requests_.back().raw;
}

void Loader::take_arrived(const std::function<void(ContainerId, const Pin&)>& use,
                          LoadSample& sample) {
  for (std::size_t i = requests_.size(); i-- > 0;) {
    Request& request = requests_[i];
    if (!request.pin.resident()) continue;
    sample.micros.push_back((wall_seconds() - request.asked_at) * 1e6);
    sample.raw += request.raw;
    if (use) use(request.pin.id(), request.pin);
    raw_under_way_ = raw_under_way_ - request.raw;
    std::swap(request, requests_.back());
    requests_.pop_back();
  }
}

void Loader::check_failures(const FrameEvents& events) const {
  if (events.failed.empty()) return;
  const Error error = streamer_->failure(events.failed.front());
  refuse(error, world_.archive().describe(error));
}

LoadSample Loader::load(std::span<const std::uint32_t> order,
                        const std::function<void(ContainerId, const Pin&)>& use) {
  LoadSample sample;
  sample.micros.reserve(order.size());
  const Bytes device_before = streamer_->stats().bytes_read;
  const ProcessTime cpu_before = process_time();
  const double begin = wall_seconds();
  for (std::size_t next = 0; sample.micros.size() < order.size();) {
    for (; next < order.size() && may_ask(order[next]); ++next) {
      if (streamer_->state(ContainerId{order[next]}) != Residency::dormant) ++sample.kept;
      ask(order[next]);
    }
    if (interrupted()) throw Interrupted{};
    const FrameEvents events = streamer_->update(now());
    check_failures(events);
    const std::size_t before = sample.micros.size();
    take_arrived(use, sample);
    if (sample.micros.size() == before) wait_for_more();
  }
  sample.seconds = wall_seconds() - begin;
  const ProcessTime cpu = process_time();
  sample.cpu = {.user = cpu.user - cpu_before.user, .system = cpu.system - cpu_before.system};
  sample.device = streamer_->stats().bytes_read - device_before;
  return sample;
}

// Who sleeps outside of the runtime is not woken by it.
void Loader::wait_for_more() {
  if (options_.look_every.ns > 0) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(options_.look_every.ns));
  }
  streamer_->wait_for_progress(Duration{100'000'000});
}

bool Loader::is_cold(const LoadSample& sample, std::span<const std::uint32_t> order) const {
  return sample.kept == 0 && sample.device >= world_.fetched_size(order);
}

// In memory that was written to once, as what ran before had.
void Loader::start_anew() {
  requests_.clear();
  raw_under_way_ = {};
  streamer_.reset();
  LoaderOptions options = options_;
  options.engine_memory = true;
  streamer_.emplace(make_streamer(world_, options, engine_memory_));
}

LoadSample Loader::load_cold(std::span<const std::uint32_t> order,
                             const std::function<void(ContainerId, const Pin&)>& use) {
  if (!starts_anew_) {
    LoadSample sample = load(order, use);
    if (is_cold(sample, order)) return sample;
    starts_anew_ = true;
    start_anew();
    load(order, use);  // every page of what is read into
  }
  start_anew();
  LoadSample sample = load(order, use);
  if (!is_cold(sample, order)) throw BenchError("less was read than was loaded");
  return sample;
}

bool Loader::huge_pages() const {
  const bool given = !engine_memory_.bytes().empty();
  return given ? engine_memory_.kind() == PageKind::huge : streamer_->stats().huge_pages;
}

void Loader::warm_up(LoadOrder& order) {
  const Bytes twice = Bytes{options_of(world_, options_).memory_budget.value * 2};
  for (Bytes loaded; loaded < twice;) {
    const LoadSample sample = load(order.next(twice));
    loaded += sample.raw;
  }
}

}  // namespace nf::bench
