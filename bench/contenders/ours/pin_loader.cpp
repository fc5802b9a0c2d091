#include "bench/contenders/ours/pin_loader.h"

#include <algorithm>
#include <vector>

#include "bench/suite/clocks.h"
#include "bench/suite/suite.h"
#include "core/world/world_tables.h"

namespace nf::bench {
namespace {

constexpr Duration kWaitMax = {1'000'000};

struct InFlight {
  Pin pin;
  std::size_t place = 0;
  double asked_at = 0;
};

Time now() {
  return Time{} + Duration::from_seconds(wall_seconds());
}

// Room for the two largest containers and for as many usual ones as are in flight. More would only
// be memory that has to be touched and that no cache holds.
Bytes budget_for(const Archive& archive, std::uint32_t in_flight, Bytes staging) {
  constexpr std::uint64_t kUsualSize = 16u << 20;
  const auto& sizes = archive.world().containers.raw_size;
  const std::uint64_t largest = *std::max_element(sizes.begin(), sizes.end());
  const std::uint64_t room = staging.value + 2 * largest + in_flight * kUsualSize;
  return {std::max(room, 4 * staging.value)};
}

}  // namespace

PinLoader::PinLoader(const Archive& archive, const PinLoaderOptions& options)
    : archive_(archive), options_(options) {
  streamer_options_.memory_budget =
      budget_for(archive, options.in_flight, streamer_options_.staging);
  // Not by loads ahead of the clock: what they read, a host below this machine may keep.
  streamer_options_.touch_memory = true;
  if (options.workers > 0) streamer_options_.decode_workers = options.workers;
  Result<Streamer> streamer = Streamer::create(streamer_options_);
  if (!streamer) throw BenchError(std::string("Streamer: ") + error_text(streamer.error().code));
  streamer_.emplace(std::move(*streamer));
  const Result<ContainerRange> mounted = streamer_->mount(archive.source());
  if (!mounted) throw BenchError(archive.describe(mounted.error()));
  mounted_ = *mounted;
}

void PinLoader::load(std::span<const ContainerId> ids, const Arrived& arrived) {
  std::vector<InFlight> in_flight;
  std::size_t next = 0;
  while (next < ids.size() || !in_flight.empty()) {
    while (in_flight.size() < options_.in_flight && next < ids.size()) {
      const ContainerId id{mounted_.first.value + ids[next].value};
      in_flight.push_back({.pin = streamer_->pin(id), .place = next++, .asked_at = wall_seconds()});
    }
    static_cast<void>(streamer_->update(now()));
    const std::size_t before = in_flight.size();
    for (std::size_t i = 0; i < in_flight.size();) {
      InFlight& one = in_flight[i];
      if (const Error error = streamer_->failure(one.pin.id())) {
        throw BenchError("Streamer: " + archive_.describe(error));
      }
      if (!one.pin.resident()) {
        ++i;
        continue;
      }
      arrived(one.place, one.pin, (wall_seconds() - one.asked_at) * 1e6);
      one = std::move(in_flight.back());
      in_flight.pop_back();
    }
    if (in_flight.size() == before) streamer_->wait_for_progress(kWaitMax);
  }
}

}  // namespace nf::bench
