#include "bench/load/throttled_loads.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/load/load_figures.h"
#include "bench/load/loader.h"
#include "bench/load/plain_loads.h"
#include "bench/load/urgent_loads.h"
#include "bench/suite/disk_throttle.h"
#include "bench/suite/rounds.h"
#include "tools/nearfield/percentile.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr Bytes kPerSecond = {500'000'000};
constexpr const char* kName = "500 MB/s disk";
constexpr const char* kHeadline = "_500mbps";
constexpr std::uint32_t kPasses = 2;  // over a packed world in one sample

// The kernel (block/blk-throttle.c) hands out the bytes of a tenth of a second at once, and then
// nothing until the next tenth begins.
constexpr double kLump = 0.1;
constexpr double kStall = 0.005;    // seconds beyond its fair share that a read waits for a lump
constexpr double kTurn = 0.618034;  // of a lump, from sample to sample: all parts come up alike
constexpr double kUnevenMax = 0.25;

double fair_seconds(Bytes bytes) {
  return static_cast<double>(bytes.value) / static_cast<double>(kPerSecond.value);
}

struct Packed {
  const char* name;
  LoadWorld world;
  std::optional<Loader> loader = {};
  std::optional<LoadOrder> order = {};
  Figure rate = {};
};

class ThrottledLoads {
 public:
  ThrottledLoads(const LoadWorlds& worlds, const BenchOptions& options, SuiteResult& result)
      : options_(options),
        worlds_(worlds),
        result_(result),
        raw_(worlds.store),
        order_(raw_, options.seed) {
    for (const std::uint32_t count : workers_of(options)) {
      parts_.push_back("whole loads, " + workers_text(count));
    }
    parts_.push_back("a container alone, " + workers_text(workers_alone(options)));
  }

  // Nothing is in the result that the check at the end of its part has not passed.
  void run() {
    probe();
    const double unthrottled = read_raw_world();
    for (const std::uint32_t count : workers_of(options_)) {
      measure_rates(count);
      ++done_;
    }
    result_.notes.push_back(
        text_of("%s: without the limit the plain loop reads at %.0f MB/s", kName, unthrottled));
    measure_alone();
  }

  // All that is not in the result yet.
  std::string missing() const {
    std::string names;
    for (std::size_t i = done_; i < parts_.size(); ++i) {
      names += (i == done_ ? "" : "; ") + parts_[i];
    }
    return names;
  }

 private:
  // Whether this machine throttles its disk, before anything that takes longer.
  void probe() {
    tell("whether it can be had", 0);
    const DiskThrottle throttle(options_.dir, kPerSecond, &result_.notes);
    begin_within_lump();
    require_throttled(kPerSecond, read_raw_world() * 1e6);
  }

  void tell(const std::string& what, std::uint32_t round) const {
    if (options_.progress) {
      options_.progress(std::string(kName) + ": " + what,
                        static_cast<double>(round) / options_.rounds);
    }
  }

  double read_raw_world() {
    const std::vector<std::uint32_t> all = order_.next(raw_.raw_size());
    return mb_per_second(raw_.raw_size(all), reader_.read(raw_, all).seconds);
  }

  // A sample that always began with a fresh lump would be given up to a tenth of a second, and the
  // one that has less to read would gain more by it. So the lump at hand is used up, and then as
  // much of the next as no other sample found used.
  void begin_within_lump() {
    const Bytes lump = {static_cast<std::uint64_t>(kLump * static_cast<double>(kPerSecond.value))};
    for (Bytes read; read.value < 4 * lump.value;) {
      const std::vector<std::uint32_t> one = order_.next({1});
      const Bytes size = raw_.fetched_size(one);
      read += size;
      if (reader_.read(raw_, one).seconds > fair_seconds(size) + kStall) break;
    }
    turn_ = std::fmod(turn_ + kTurn, 1.0);
    const double used = turn_ * static_cast<double>(lump.value);
    reader_.read(raw_, order_.next({static_cast<std::uint64_t>(used)}));
  }

  static double load_world(Packed& packed) {
    Bytes raw;
    double seconds = 0;
    for (std::uint32_t pass = 0; pass < kPasses; ++pass) {
      const LoadSample sample =
          packed.loader->load_cold(packed.order->next(packed.world.raw_size()));
      raw += sample.raw;
      seconds += sample.seconds;
    }
    return mb_per_second(raw, seconds);
  }

  void prepare(Packed& packed, std::uint32_t workers) const {
    packed.loader.emplace(packed.world, LoaderOptions{.workers = workers});
    packed.order.emplace(packed.world, options_.seed);
    packed.loader->warm_up(*packed.order);
    packed.rate = {.name = text_of("%s, %s, ", packed.name, kName) + workers_text(workers),
                   .unit = "MB/s",
                   .reference_name = "plain direct reads of raw containers on it"};
  }

  void measure_rates(std::uint32_t workers) {
    Packed packed[] = {{.name = "lz4", .world = LoadWorld(worlds_.lz4)},
                       {.name = "zstd", .world = LoadWorld(worlds_.zstd)}};
    for (Packed& one : packed) prepare(one, workers);
    std::vector<double> plain;
    {
      const DiskThrottle throttle(options_.dir, kPerSecond, &result_.notes);
      for (std::uint32_t round = 0; round < options_.rounds; ++round) {
        tell("whole loads", round);
        for (const std::size_t turn : order_of_round(3, round)) {
          begin_within_lump();
          if (turn == 2) {
            plain.push_back(read_raw_world());
          } else {
            packed[turn].rate.ours.push_back(load_world(packed[turn]));
          }
        }
      }
    }
    require_throttled(kPerSecond, spread_of(plain).median * 1e6);
    for (Packed& one : packed) {
      one.rate.reference = plain;
      const std::string headline = std::string("raw_ratio_") + one.name + kHeadline;
      result_.headlines[headline + workers_suffix(workers)] = median_ratio(one.rate);
      result_.figures.push_back(std::move(one.rate));
    }
  }

  // Whether a container alone meets the slower disk at all. A note if not.
  bool is_even(const LoadWorld& world, const std::vector<std::uint32_t>& chosen) {
    std::vector<double> fair;
    for (const std::uint32_t& id : chosen) {
      fair.push_back(fair_seconds(world.fetched_size({&id, 1})) * 1e6);
    }
    const double expected = percentile(fair, 0.5);
    const DiskThrottle throttle(options_.dir, kPerSecond, &result_.notes);
    begin_within_lump();
    const double found = percentile(reader_.read_one_at_a_time(world, chosen).micros, 0.5);
    if (std::abs(found / expected - 1) <= kUnevenMax) return true;
    result_.notes.push_back(text_of(
        "a container alone on a %s: not measured; this kernel hands the limit out in lumps, so "
        "that its bare read takes %.0f us and not the %.0f us of an even disk",
        kName, found, expected));
    return false;
  }

  void measure_alone() {
    const LoadWorld world(worlds_.lz4);
    const std::vector<std::uint32_t> chosen = nearest_in_size(world, kAlone, kAloneSize);
    if (!is_even(world, chosen)) return;
    const std::uint32_t workers = workers_alone(options_);
    Loader loader(world, {.workers = workers, .ahead = AskAhead::containers(1)});
    LoadOrder others(world, options_.seed, chosen);
    loader.warm_up(others);
    Figure p50{.name = text_of("a container of about 4 MiB alone, %s, ", kName) +
                       workers_text(workers) + ", p50",
               .unit = "us",
               .better = Better::lower,
               .reference_name = "its bare read on it"};
    const DiskThrottle throttle(options_.dir, kPerSecond, &result_.notes);
    for (std::uint32_t round = 0; round < options_.rounds; ++round) {
      tell("one at a time", round);
      for (const std::size_t turn : order_of_round(2, round)) {
        if (turn == 0) {
          const PlainSample read = reader_.read_one_at_a_time(world, chosen);
          p50.reference.push_back(percentile(read.micros, 0.5));
        } else {
          p50.ours.push_back(percentile(loader.load_cold(chosen).micros, 0.5));
        }
      }
      loader.load(others.next(kPortion));  // the runtime must not have them still
    }
    result_.headlines[std::string("alone_p50_ratio") + kHeadline] = median_ratio(p50);
    result_.figures.push_back(std::move(p50));
  }

  const BenchOptions& options_;
  const LoadWorlds& worlds_;
  SuiteResult& result_;
  LoadWorld raw_;
  LoadOrder order_;
  PlainReader reader_;
  double turn_ = 0;
  std::vector<std::string> parts_;
  std::size_t done_ = 0;  // of the parts
};

}  // namespace

void measure_throttled(const LoadWorlds& worlds, const BenchOptions& options, SuiteResult& result) {
  ThrottledLoads loads(worlds, options, result);
  const auto missing = [&loads] { return loads.missing() + " on a " + kName; };
  try {
    loads.run();
  } catch (const ThrottleRefused& refused) {
    result.notes.push_back(missing() + ": NOT MEASURED: " + refused.what());
  } catch (const BenchError& error) {
    throw BenchError(missing() + ": " + error.what());
  }
}

}  // namespace nf::bench
