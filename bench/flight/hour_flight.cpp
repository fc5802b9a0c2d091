#include "bench/flight/hour_flight.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <nearfield/streamer.h>

#include "core/io/sim_device.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/route.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr std::uint32_t kParts = 6;
constexpr std::uint32_t kFlown = kParts + 1;  // the first fills the memory and does not count
constexpr double kHour = 3600;
constexpr double kLookHour = 60;  // of a run that only sees whether everything works
constexpr Bytes kMemory = {48ull << 20};
constexpr Bytes kLookMemory = {20ull << 20};
constexpr double kSpeed = 2000;
constexpr Duration kFrame = {33'333'333};
constexpr std::uint32_t kFramesBetweenLooks = 30;
constexpr const char* kDisk = "nvme";

// A sixth of the flight.
struct Part {
  double longest_of_free = 0;  // sum over the looks: the longest free piece / all free bytes
  double full = 0;             // sum over the looks: memory in use / the containers' share of it
  std::uint32_t looks = 0;
  double refused = 0;
  double late = 0;
  double read = 0;  // bytes

  double mean_longest() const { return looks == 0 ? 0 : 100 * longest_of_free / looks; }
  double mean_full() const { return looks == 0 ? 0 : 100 * full / looks; }
};

class HourFlight {
 public:
  HourFlight(const MadeWorld& world, const BenchOptions& options)
      : world_(world),
        options_(options),
        look_(options.seconds < kLookSeconds),
        seconds_(look_ ? kLookHour : kHour),
        device_({.model = *find_device_model(kDisk), .faults = {}, .seed = options.seed}),
        streamer_(make_streamer()) {}

  std::vector<Part> fly();
  Bytes memory() const { return look_ ? kLookMemory : kMemory; }
  Bytes staging() const { return {memory().value / 4}; }
  bool look() const { return look_; }

 private:
  Streamer make_streamer() {
    StreamerOptions streamer;
    streamer.memory_budget = memory();
    streamer.staging = staging();
    streamer.device = &device_;
    streamer.decode_workers = 0;  // workers are threads, and threads finish when they like
    streamer.observers_max = 1;
    Result<Streamer> made = Streamer::create(streamer);
    if (!made) throw BenchError("an hour of flight: " + cause_of(made.error()));
    if (const auto mounted = made->mount(world_.archive().source()); !mounted) {
      throw BenchError("an hour of flight: " + cause_of(mounted.error()));
    }
    return std::move(*made);
  }
  void refuse_failures(const FrameEvents& frame) const;
  void take_look(Part& part) const;
  void close_part(Part& part, const Stats& before) const;

  const MadeWorld& world_;
  const BenchOptions& options_;
  bool look_;
  double seconds_;
  SimDevice device_;
  Streamer streamer_;
};

void HourFlight::refuse_failures(const FrameEvents& frame) const {
  if (frame.failed.empty()) return;
  const ContainerId id = frame.failed.front();
  throw BenchError("an hour of flight: container " +
                 std::string(world_.archive().container_name(id)) + " failed to load: " +
                 world_.archive().describe(streamer_.failure(id)));
}

void HourFlight::take_look(Part& part) const {
  const Stats stats = streamer_.stats();
  const auto free = static_cast<double>(stats.memory_free.value);
  const auto room = static_cast<double>((memory() - staging()).value);
  part.longest_of_free +=
      free > 0 ? static_cast<double>(stats.memory_free_largest.value) / free : 1;
  part.full += 1 - free / room;
  ++part.looks;
}

void HourFlight::close_part(Part& part, const Stats& before) const {
  const Stats now = streamer_.stats();
  part.refused =
      static_cast<double>(now.refused_by_fragmentation - before.refused_by_fragmentation);
  part.late = static_cast<double>(now.late_arrivals - before.late_arrivals);
  part.read = static_cast<double>((now.bytes_read - before.bytes_read).value);
}

// There and back in each part, so that all parts ask for the same.
Motion motion_at(const Flight& flight, double seconds) {
  std::size_t hint = 0;
  const double there = std::max(flight.seconds(), 1.0);
  const double at = std::fmod(seconds, 2 * there);
  const bool back = at > there;
  const TraceSample sample = flight.at(back ? 2 * there - at : at, hint);
  const WorldVector& v = sample.velocity;
  return {.position = sample.position, .velocity = back ? WorldVector{-v.x, -v.y, -v.z} : v};
}

std::vector<Part> HourFlight::fly() {
  const std::optional<Flight> flight = make_route(
      world_.world(), {.kind = RouteKind::tour, .speed = kSpeed, .seconds = seconds_ / kParts / 2});
  if (!flight) throw BenchError("no container of the world has a place to fly to");
  Time now = {1'000'000'000};
  const Time begin = now;
  const Result<ObserverId> observer =
      streamer_.add_observer({.motion = motion_at(*flight, 0)}, now);
  if (!observer) throw BenchError("an hour of flight: " + cause_of(observer.error()));
  std::vector<Part> parts(kFlown);
  std::uint32_t frame = 0;
  for (std::uint32_t i = 0; i < kFlown; ++i) {
    const Stats before = streamer_.stats();
    const double end = seconds_ / kParts * (i + 1);
    if (options_.progress) options_.progress("an hour of flight", 1.0 * i / kFlown);
    while ((now - begin).seconds() < end) {
      now = now + kFrame;
      streamer_.move_observer(*observer, motion_at(*flight, (now - begin).seconds()), now);
      refuse_failures(streamer_.update(now));
      if (++frame % kFramesBetweenLooks == 0) take_look(parts[i]);
      if (frame % (kFramesBetweenLooks * 100) == 0 && options_.progress) {
        options_.progress("an hour of flight",
                          (now - begin).seconds() / seconds_ * kParts / kFlown);
      }
    }
    close_part(parts[i], before);
  }
  parts.erase(parts.begin());
  return parts;
}

// By how much the last part differs from the first; 1: not at all.
double drift(double first, double last) {
  return first > 0 ? last / first : last > 0 ? last + 1 : 1;
}

}  // namespace

void measure_hour(const MadeWorld& world, const BenchOptions& options, SuiteResult& result) {
  HourFlight hour(world, options);
  const std::vector<Part> parts = hour.fly();
  const std::string name = (hour.look() ? "a minute" : "an hour") +
                           text_of(" at %.0f m/s in ", kSpeed) + given_size(hour.memory());
  const auto add = [&](const char* what, const char* unit, Better better, auto value) {
    for (std::uint32_t i = 0; i < kParts; ++i) {
      const std::string part = text_of("part %u of %u", i + 1, kParts);
      result.figures.push_back(
          {.name = name + ", " + part + ", " + what,
           .unit = unit,
           .better = better,
           .ours = {value(parts[i])},
           .place = {.plot = name + ": " + what,
                     .line = what,
                     .x = i + 1.0,
                     .x_text = part,
                     .even = true}});
    }
  };
  add("longest free piece of all that is free", "%", Better::higher,
      [](const Part& part) { return part.mean_longest(); });
  add("memory in use", "%", Better::higher, [](const Part& part) { return part.mean_full(); });
  add("refused though enough was free", "count", Better::lower,
      [](const Part& part) { return part.refused; });
  add("late arrivals", "count", Better::lower, [](const Part& part) { return part.late; });
  add("read", "MB", Better::lower, [](const Part& part) { return part.read / 1e6; });
  const Part& first = parts.front();
  const Part& last = parts.back();
  result.figures.push_back({.name = name + ", longest free piece, end against beginning",
                            .unit = "%",
                            .ours = {last.mean_longest()},
                            .reference_name = "the first part of the flight",
                            .reference = {first.mean_longest()}});
  result.headlines["hour_free_piece_drift"] = drift(first.mean_longest(), last.mean_longest());
  result.headlines["hour_refused_drift"] = drift(first.refused, last.refused);
}

}  // namespace nf::bench
