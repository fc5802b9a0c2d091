// Question: is everything there in time, at several speeds and in several sizes of memory, and what
// is paid for it?
//
// A tour through a world on the real device, as `nearfield fly --as-fast` flies it. The content of
// all flights at one speed must be the same; the archive is not in the page cache when one begins.
#include <map>
#include <optional>

#include "bench/flight/hour_flight.h"
#include "bench/flight/made_world.h"
#include "bench/suite/page_cache.h"
#include "bench/suite/rounds.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/fly_run.h"
#include "tools/nearfield/fly_summary.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/route.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr Bytes kWorldSize = {512ull << 20};
constexpr Bytes kLookWorldSize = {32ull << 20};
constexpr double kFlownPerSecond = 10;  // seconds of flight for one of --seconds

struct Setting {
  double speed = 0;  // metres a second
  Bytes memory;

  std::string name() const {
    return text_of("%.0f m/s, ", speed) + given_size(memory) + " of memory";
  }
};

struct Samples {
  std::vector<double> late, lateness, wasted, update_p99, memory, read;
};

class FlightSuite {
 public:
  explicit FlightSuite(const BenchOptions& options)
      : options_(options),
        look_(options.seconds < kLookSeconds),
        world_(options, look_ ? kLookWorldSize : kWorldSize) {
    result_.suite = "flight";
    if (look_) {
      settings_ = {{250, {64ull << 20}}};
      return;
    }
    for (const double speed : {50.0, 250.0, 1000.0}) {
      for (const std::uint64_t mebibytes : {128u, 512u}) {
        settings_.push_back({speed, {mebibytes << 20}});
      }
    }
  }

  SuiteResult run() {
    std::vector<Samples> samples(settings_.size());
    std::uint32_t done = 0;
    take_in_turn(settings_.size(), options_.rounds, [&](std::size_t which, std::uint32_t) {
      const Setting& setting = settings_[which];
      part_ = 0.1 + 0.9 * done++ / static_cast<double>(settings_.size() * options_.rounds);
      take_sample(setting, samples[which]);
    });
    for (std::size_t i = 0; i < settings_.size(); ++i) add_figures(settings_[i], samples[i]);
    measure_hour(world_, options_, result_);
    return std::move(result_);
  }

 private:
  FlyOptions fly_options(const Setting& setting) const {
    FlyOptions fly;
    fly.pace = Pace::as_fast;
    fly.streamer.memory_budget = setting.memory;
    fly.streamer.staging = std::min(fly.streamer.staging, Bytes{setting.memory.value / 4});
    fly.streamer.observers_max = 1;
    if (options_.workers != 0) fly.streamer.decode_workers = options_.workers;
    // What the suite's progress throws must not pass through the runtime and its threads.
    fly.progress = [](double) { return !interrupted(); };
    return fly;
  }

  void tell(const Setting& setting) const {
    if (options_.progress) options_.progress(setting.name(), part_);
  }

  void take_sample(const Setting& setting, Samples& samples) {
    require_cold(world_.archive().source().file.buffered, "the archive");
    const std::optional<Flight> flight =
        make_route(world_.world(), {.kind = RouteKind::tour,
                                    .speed = setting.speed,
                                    .seconds = kFlownPerSecond * options_.seconds});
    if (!flight) throw BenchError("no container of the world has a place to fly to");
    tell(setting);
    const Result<FlyRecord> record =
        fly(world_.archive(), world_.world(), *flight, fly_options(setting));
    tell(setting);
    if (!record) throw BenchError(setting.name() + ": " + cause_of(record.error()));
    refuse_failures(setting, *record);
    compare_content(setting, *record);
    const FlySummary summary = summarize(*record);
    const double read = static_cast<double>(record->bytes_read.value);
    samples.late.push_back(static_cast<double>(summary.late));
    samples.lateness.push_back(summary.lateness_ms_max);
    samples.wasted.push_back(read > 0 ? 100 * static_cast<double>(record->bytes_wasted.value) / read
                                      : 0);
    samples.update_p99.push_back(summary.update_us_p99);
    samples.memory.push_back(static_cast<double>(record->memory_peak.value) * 0x1p-20);
    samples.read.push_back(read * 1e-6);
  }

  void refuse_failures(const Setting& setting, const FlyRecord& record) const {
    if (record.failures == 0) return;
    std::string why = grouped(record.failures) + " failures to load a container";
    if (!record.failed.empty()) {
      const auto& [id, error] = record.failed.front();
      why += ", the first is container " + std::string(world_.archive().container_name(id)) + ": " +
             world_.archive().describe(error);
    }
    throw BenchError(setting.name() + ": " + why);
  }

  // Which containers are touched depends on the flight alone; what never arrived has no content.
  void compare_content(const Setting& setting, const FlyRecord& record) {
    if (record.missed > 0) {
      if (!said_missed_) {
        result_.notes.push_back(setting.name() +
                                ": some containers had not arrived when the "
                                "flight was over; the content of such flights is not compared");
      }
      said_missed_ = true;
      return;
    }
    const auto [known, is_new] = content_.emplace(setting.speed, record.content_hash);
    if (!is_new && known->second != record.content_hash) {
      throw BenchError(setting.name() + ": other bytes arrived than in an earlier flight");
    }
  }

  void add_figures(const Setting& setting, const Samples& samples) {
    const auto add = [&](const char* what, const char* unit, const std::vector<double>& ours) {
      result_.figures.push_back({.name = setting.name() + ", " + what,
                                 .unit = unit,
                                 .better = Better::lower,
                                 .ours = ours});
    };
    add("late arrivals", "count", samples.late);
    add("worst lateness", "ms", samples.lateness);
    add("read in vain", "% of bytes", samples.wasted);
    add("update() p99", "us", samples.update_p99);
    add("peak memory", "MiB", samples.memory);
    add("read", "MB", samples.read);
    // Where memory is short on purpose, lateness is the answer and no failure.
    if (setting.memory != settings_.back().memory) return;
    result_.headlines["flight_late_arrivals"] += spread_of(samples.late).median;
  }

  const BenchOptions& options_;
  bool look_;
  MadeWorld world_;
  std::vector<Setting> settings_;
  std::map<double, PathHash> content_;  // by speed
  bool said_missed_ = false;
  double part_ = 0;
  SuiteResult result_;
};

}  // namespace

SuiteResult run_flight(const BenchOptions& options) {
  return FlightSuite(options).run();
}

}  // namespace nf::bench
