#include "bench/load/urgent_loads.h"

#include <algorithm>
#include <cmath>

#include "bench/load/load_figures.h"
#include "bench/suite/suite.h"

namespace nf::bench {
namespace {

constexpr std::size_t kPrefetched = 24;  // under way at one time
constexpr Duration kAhead = {60'000'000'000};
constexpr double kBetween = 0.005;  // seconds from one urgent load to the next
constexpr double kWindow = 4 << 20;

}  // namespace

std::vector<std::uint32_t> nearest_in_size(const LoadWorld& world, std::size_t count, double size) {
  std::vector<std::uint32_t> chosen(world.containers().begin(), world.containers().end());
  const auto off = [&](std::uint32_t id) {
    return std::abs(static_cast<double>(world.tables().containers.raw_size[id]) - size);
  };
  std::sort(chosen.begin(), chosen.end(),
            [&](std::uint32_t a, std::uint32_t b) { return off(a) < off(b); });
  chosen.resize(std::min(count, chosen.size()));
  return chosen;
}

UrgentLoads::UrgentLoads(const LoadWorld& world, std::uint32_t workers, std::uint64_t seed)
    : world_(world),
      loader_(world, {.workers = workers, .ahead = AskAhead::containers(kPrefetched + 1)}),
      urgent_(nearest_in_size(world, kAlone, kAloneSize)),
      order_(world, seed, urgent_) {
  loader_.warm_up(order_);
}

void UrgentLoads::fill_prefetch() {
  while (prefetch_.size() < kPrefetched) {
    if (waiting_.empty()) waiting_ = order_.next(kPortion);
    const std::uint32_t id = waiting_.back();
    waiting_.pop_back();
    prefetch_.push_back({.pin = loader_.streamer().pin(ContainerId{id}, kAhead), .container = id});
  }
}

void UrgentLoads::drop_arrived(const FrameEvents& events) {
  if (!events.failed.empty()) throw BenchError("a container failed to load");
  for (std::size_t i = prefetch_.size(); i-- > 0;) {
    if (!prefetch_[i].pin.resident()) continue;
    prefetched_ += Bytes{world_.tables().containers.run_size[prefetch_[i].container]};
    prefetch_.erase(prefetch_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

double UrgentLoads::load_one(std::uint32_t container, bool prefetching) {
  Streamer& streamer = loader_.streamer();
  const auto step = [&] {
    if (prefetching) fill_prefetch();
    drop_arrived(streamer.update(now()));
  };
  const double idle_until = wall_seconds() + kBetween;
  while (wall_seconds() < idle_until) {
    step();
    streamer.wait_for_progress(Duration{1'000'000});
  }
  const double begin = wall_seconds();
  const Pin pin = streamer.pin(ContainerId{container});
  for (step(); !pin.resident(); step()) streamer.wait_for_progress(Duration{10'000'000});
  return (wall_seconds() - begin) * 1e6;
}

UrgentSample UrgentLoads::measure() {
  UrgentSample sample;
  for (const std::uint32_t id : urgent_) sample.alone_micros.push_back(load_one(id, false));
  loader_.load(order_.next(kPortion));  // the runtime must not have them still
  prefetched_ = {};
  const double begin = wall_seconds();
  for (const std::uint32_t id : urgent_) sample.loaded_micros.push_back(load_one(id, true));
  const double rate = static_cast<double>(prefetched_.value) / (wall_seconds() - begin);
  sample.window_micros = kWindow / std::max(rate, 1.0) * 1e6;
  prefetch_.clear();
  loader_.load(order_.next(kPortion));
  return sample;
}

}  // namespace nf::bench
