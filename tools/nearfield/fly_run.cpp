#include "tools/nearfield/fly_run.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "tools/nearfield/content_sum.h"
#include "tools/nearfield/world_shape.h"

namespace nf {
namespace {

constexpr std::size_t kSamples = 480;
constexpr std::size_t kFailedMax = 16;
constexpr Duration kNap = {500'000};         // between two looks while something is on its way
constexpr Duration kFillStep = {1'000'000};  // of simulated time, while the start bubble fills
constexpr Duration kNothingHappens = {3'000'000'000};  // then a start bubble does not fit
constexpr Duration kDrain = {10'000'000'000};          // for what is still on its way at the end
constexpr int kIdleUpdates = 3;                        // in a row, before idle is believed

std::int64_t steady_ns() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

void sleep_until(std::int64_t steady) {
  const timespec at = {.tv_sec = steady / 1'000'000'000, .tv_nsec = steady % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

// The Streamer's clock. It starts where nothing is in the past.
class FlyClock {
 public:
  FlyClock(Pace pace, Duration frame) : pace_(pace), frame_(frame), steady_(steady_ns()) {}

  Time now() const { return now_; }

  // To the next frame. `busy`: something is on its way.
  void next_frame(bool busy) {
    if (pace_ == Pace::simulated || (pace_ == Pace::as_fast && !busy)) {
      now_ = now_ + frame_;
      steady_ = steady_ns();
    } else if (pace_ == Pace::as_fast) {
      wait_a_little(frame_);
    } else {
      // Frames that were missed are left out; the rest keep their beat.
      const std::int64_t late = std::max<std::int64_t>(0, steady_ns() - steady_ - frame_.ns);
      const std::int64_t frames = 1 + late / frame_.ns;
      sleep_until(steady_ + frames * frame_.ns);
      advance({frames * frame_.ns});
    }
  }

  // Outside of frames: as little as possible, so that what arrives is seen at once.
  void next_look() {
    if (pace_ == Pace::simulated) {
      now_ = now_ + kFillStep;
    } else {
      wait_a_little({INT64_MAX});
    }
  }

 private:
  // World time passes as real time does, `most` at a time.
  void wait_a_little(Duration most) {
    sleep_until(steady_ns() + kNap.ns);
    const std::int64_t real = steady_ns();
    now_ = now_ + std::min(Duration{real - steady_}, most);
    steady_ = real;
  }
  void advance(Duration by) {
    now_ = now_ + by;
    steady_ += by.ns;
  }

  Pace pace_;
  Duration frame_;
  Time now_ = {1'000'000'000};
  std::int64_t steady_;  // where the real clock stood at `now_`
};

class FlyLoop {
 public:
  FlyLoop(const Archive& archive, const World& world, const Flight& flight,
          const FlyOptions& options, Streamer streamer)
      : archive_(archive),
        flight_(flight),
        options_(options),
        streamer_(std::move(streamer)),
        clock_(options.pace, Duration::from_seconds(1 / options.frames_per_second)),
        audit_(world, streamer_, flight),
        content_(archive.world()) {}

  Result<FlyRecord> run();

 private:
  enum class Phase { start, flight, drain };

  Result<void> set_up();
  void fill_start();
  void count_unfilled();
  void fly_frames();
  void drain();
  void add_unreported();
  void finish();
  FrameEvents timed_update();
  void take_events(const FrameEvents& events, Phase phase);
  void take_sample(double seconds, WorldPosition position);
  double flown() const { return (clock_.now() - flight_start_).seconds(); }

  const Archive& archive_;
  const Flight& flight_;
  const FlyOptions& options_;
  Streamer streamer_;
  FlyClock clock_;
  FlyAudit audit_;
  ContentSum content_;
  FlyRecord record_;
  ObserverId observer_;
  Time flight_start_;
  Stats at_start_;
  std::unordered_set<std::uint32_t> failed_;
  struct {
    double max_us = 0;
    double total_us = 0;
    std::uint32_t frames = 0;
  } part_;  // update() since the last sample
};

Result<void> FlyLoop::set_up() {
  const Result<ContainerRange> mounted = streamer_.mount(archive_.source());
  if (!mounted) return mounted.error();
  // A flight may begin at full speed: what the observer is about to meet belongs to its start.
  std::size_t hint = 0;
  const TraceSample start = flight_.at(0, hint);
  const Motion motion = {.position = start.position, .velocity = start.velocity};
  const Result<ObserverId> observer =
      streamer_.add_observer({.motion = motion, .speed_max = options_.speed_max}, clock_.now());
  if (!observer) return observer.error();
  observer_ = *observer;
  record_.backend = streamer_.backend();
  record_.backend_reason = streamer_.backend_reason();
  return {};
}

FrameEvents FlyLoop::timed_update() {
  const std::int64_t before = steady_ns();
  const FrameEvents events = streamer_.update(clock_.now());
  const std::int64_t took = std::max<std::int64_t>(0, steady_ns() - before);
  record_.update_times.add(static_cast<std::uint64_t>(took));
  const double us = static_cast<double>(took) * 1e-3;
  part_.max_us = std::max(part_.max_us, us);
  part_.total_us += us;
  ++part_.frames;
  return events;
}

void FlyLoop::take_events(const FrameEvents& events, Phase phase) {
  for (std::size_t i = 0; i < events.arrived.size(); ++i) {
    const ContainerId id = events.arrived[i];
    const Bytes size = content_.add(id, streamer_.pin(id));
    if (phase == Phase::start) continue;
    const double lateness = std::max(0.0, events.lateness[i].seconds());
    const double needed_at = flown() - lateness;
    // Lateness is counted up to the end of the flight: what comes after it has missed it.
    const double counted = std::min(lateness, flight_.seconds() - needed_at);
    const bool missed = phase == Phase::drain;
    if (!missed) {
      record_.bytes_delivered += size;
      record_.arrivals.push_back({id, flown(), lateness});
    }
    if (lateness <= 0 || counted <= 0) continue;
    const bool no_memory = audit_.note_reported(id);
    record_.late.push_back({id, needed_at, counted, missed, no_memory, events.causes[i]});
  }
  for (const ContainerId id : events.failed) {
    if (failed_.insert(id.value).second && record_.failed.size() < kFailedMax) {
      record_.failed.emplace_back(id, streamer_.failure(id));
    }
  }
}

// Time stands still for the observer until everything around it is there, or nothing moves any
// more.
void FlyLoop::fill_start() {
  const Time begin = clock_.now();
  Time last_change = begin;
  Stats seen;
  for (int idle = 0; idle < kIdleUpdates;) {
    take_events(streamer_.update(clock_.now()), Phase::start);
    idle = streamer_.idle() ? idle + 1 : 0;
    const Stats now = streamer_.stats();
    // A container that fails is read again and again: only arrivals count, then.
    const bool reading = now.bytes_read != seen.bytes_read && now.failures == 0;
    if (now.arrivals != seen.arrivals || reading) last_change = clock_.now();
    seen = now;
    if (clock_.now() - last_change > kNothingHappens) break;
    if (options_.progress && !options_.progress(0)) {
      record_.stopped = true;
      break;
    }
    clock_.next_look();
  }
  at_start_ = streamer_.stats();
  record_.start_seconds = (clock_.now() - begin).seconds();
  record_.start_arrivals = at_start_.arrivals;
  record_.start_bytes_read = at_start_.bytes_read;
  count_unfilled();
}

// Idle says that nothing is on its way; what is needed and not there found no memory, or failed.
void FlyLoop::count_unfilled() {
  const bool idle = streamer_.idle();
  for (const ContainerId id : audit_.absent(0)) {
    ++record_.start_unfilled;
    record_.start_no_memory += idle && streamer_.state(id) != Residency::failed ? 1 : 0;
  }
}

void FlyLoop::take_sample(double seconds, WorldPosition position) {
  const Stats stats = streamer_.stats();
  FlySample sample;
  sample.seconds = seconds;
  sample.position = position;
  sample.memory = stats.memory;
  sample.bytes_read = stats.bytes_read - at_start_.bytes_read;
  sample.resident = stats.resident;
  sample.loading = stats.loading;
  sample.queued = stats.queued;
  sample.update_us_max = part_.max_us;
  sample.frames = part_.frames;
  if (sample.frames > 0) sample.update_us_mean = part_.total_us / sample.frames;
  part_ = {};
  record_.samples.push_back(sample);
}

void FlyLoop::fly_frames() {
  const double seconds = flight_.seconds();
  const double sample_every = seconds / kSamples;
  std::size_t hint = 0;
  flight_start_ = clock_.now();
  while (!record_.stopped) {
    const double at = std::min(flown(), seconds);
    const TraceSample sample = flight_.at(at, hint);
    streamer_.move_observer(observer_, {.position = sample.position, .velocity = sample.velocity},
                            clock_.now());
    take_events(timed_update(), Phase::flight);
    audit_.look(at);
    if (at >= sample_every * static_cast<double>(record_.samples.size()) || at >= seconds) {
      take_sample(at, sample.position);
    }
    record_.seconds = at;
    if (options_.progress && !options_.progress(at)) record_.stopped = true;
    if (at >= seconds) break;
    clock_.next_frame(!streamer_.idle());
  }
}

// What was needed and is still on its way comes after the flight: too late to count, but its bytes
// are compared. The observer stands.
void FlyLoop::drain() {
  std::size_t hint = 0;
  const WorldPosition end = flight_.at(record_.seconds, hint).position;
  const Time begin = clock_.now();
  for (int idle = 0; idle < kIdleUpdates && clock_.now() - begin < kDrain;) {
    streamer_.move_observer(observer_, {.position = end, .velocity = {}}, clock_.now());
    take_events(streamer_.update(clock_.now()), Phase::drain);
    audit_.look(flown());
    idle = streamer_.idle() && !audit_.waiting() ? idle + 1 : 0;
    if (options_.progress && !options_.progress(record_.seconds)) {
      record_.stopped = true;
      break;
    }
    clock_.next_look();
  }
}

// What the audit found and the Streamer did not count: an arrival that came when the need was over
// is known to both.
void FlyLoop::add_unreported() {
  std::unordered_multimap<std::uint32_t, LateArrival> reported;
  for (const LateArrival& late : record_.late) reported.emplace(late.id.value, late);
  for (const LateArrival& late : audit_.late()) {
    const auto [first, last] = reported.equal_range(late.id.value);
    const bool known = std::any_of(first, last, [&](const auto& entry) {
      const LateArrival& other = entry.second;
      return late.seconds < other.seconds + other.lateness &&
             other.seconds < late.seconds + late.lateness;
    });
    if (!known) record_.late.push_back(late);
  }
}

void FlyLoop::finish() {
  const Stats stats = streamer_.stats();
  record_.frames = record_.update_times.count();
  record_.bytes_read = stats.bytes_read - at_start_.bytes_read;
  record_.bytes_wasted = stats.bytes_wasted - at_start_.bytes_wasted;
  record_.memory_peak = stats.memory_peak;
  record_.retries = stats.retries;
  record_.failures = stats.failures;
  record_.huge_pages = stats.huge_pages;
  add_unreported();
  for (const LateArrival& late : record_.late) {
    record_.missed += late.missed ? 1 : 0;
    record_.late_no_memory += late.no_memory ? 1 : 0;
  }
  std::sort(record_.late.begin(), record_.late.end(),
            [](const LateArrival& a, const LateArrival& b) {
              return a.lateness != b.lateness ? a.lateness > b.lateness : a.id < b.id;
            });
  const std::uint32_t count = archive_.world().containers.count();
  record_.touched.resize(count);
  for (std::uint32_t id = 0; id < count; ++id)
    record_.touched[id] = audit_.touched(ContainerId{id});
  record_.content_hash = content_.sum(record_.touched);
}

Result<FlyRecord> FlyLoop::run() {
  if (const Result<void> ready = set_up(); !ready) return ready.error();
  fill_start();
  fly_frames();
  audit_.finish(record_.seconds);
  if (!record_.stopped) drain();
  finish();
  record_.metres = flight_.metres_until(record_.seconds);
  record_.seconds_planned = flight_.seconds();
  record_.touched_count = audit_.touched_count();
  record_.decodes_in_update = options_.streamer.decode_workers == 0;
  return std::move(record_);
}

}  // namespace

Result<FlyRecord> fly(const Archive& archive, const World& world, const Flight& flight,
                      const FlyOptions& options) {
  Result<Streamer> streamer = Streamer::create(options.streamer);
  if (!streamer) return streamer.error();
  FlyLoop loop(archive, world, flight, options, std::move(*streamer));
  Result<FlyRecord> record = loop.run();
  if (!record) return record;
  for (std::uint32_t id = 0; id < world.container_count(); ++id) {
    record->placed_count += is_placed(world, {id}) ? 1 : 0;
  }
  return record;
}

}  // namespace nf
