#include "bench/replay/replay_rig.h"

#include <algorithm>

#include "bench/suite/clocks.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/output.h"

namespace nf::bench {
namespace {

using namespace literals;

constexpr Duration kScreenFrame = 16'666'667_ns;
constexpr int kScreenFramesMin = 3;
constexpr int kScreenFramesMax = 60 * 600;
constexpr std::uint32_t kFramesBetweenTimes = 16;
constexpr std::uint32_t kFramesBetweenInterrupts = 1024;

}  // namespace

void ReplayFigures::add(const ReplayFigures& other) {
  arrivals += other.arrivals;
  late += other.late;
  for (std::size_t i = 0; i < kLateCauses; ++i) late_by_cause[i] += other.late_by_cause[i];
  lateness.insert(lateness.end(), other.lateness.begin(), other.lateness.end());
  screens.insert(screens.end(), other.screens.begin(), other.screens.end());
  screen_arrivals += other.screen_arrivals;
  failures += other.failures;
  overflows += other.overflows;
  read += other.read;
  wasted += other.wasted;
  memory_peak = std::max(memory_peak, other.memory_peak);
  seconds += other.seconds;
  frames += other.frames;
  joins.first += other.joins.first;
  joins.again += other.joins.again;
  joins.untold += other.joins.untold;
  update_times.add(other.update_times);
}

RigMemory::RigMemory(Bytes containers, Bytes staging) {
  Result<Array<std::byte>> first = Array<std::byte>::make(containers.value);
  Result<Array<std::byte>> second = Array<std::byte>::make(staging.value);
  if (!first || !second) throw BenchError("memory to replay in is refused");
  containers_ = std::move(*first);
  staging_ = std::move(*second);
}

ReplayRig::ReplayRig(const WorldTables& tables, const Payload& payload, const RigOptions& options)
    : device_({.model = options.model, .faults = {}, .seed = options.seed}) {
  StreamerOptions made = options.streamer;
  made.device = &device_;
  made.decode_workers = 0;  // workers are threads, and threads finish when they like
  Result<Streamer> streamer = Streamer::create(made);
  if (!streamer) throw BenchError("the runtime cannot start: " + cause_of(streamer.error()));
  streamer_.emplace(std::move(*streamer));
  const auto mounted =
      streamer_->mount({.tables = &tables, .file = device_.add_memory_file(payload.bytes())});
  if (!mounted) throw BenchError("the world does not mount: " + cause_of(mounted.error()));
  range_ = *mounted;
}

void ReplayRig::note(const FrameEvents& events) {
  figures_.arrivals += events.arrived.size();
  if (screen_since_) figures_.screen_arrivals += events.arrived.size();
  for (const Duration lateness : events.lateness) {
    if (lateness.ns > 0 && !is_excused(lateness)) {
      figures_.lateness.push_back(lateness.seconds() * 1e3);
    }
  }
  figures_.failures += events.failed.size();
}

// It was not needed before the screen.
bool ReplayRig::is_excused(Duration lateness) const {
  return screen_since_ && lateness <= now_ - *screen_since_;
}

// Of what this frame found to have been late.
void ReplayRig::excuse(const FrameEvents& events, const Stats& before) {
  // Nothing can be needed and over in the same frame: this one closes what was late before.
  if (now_ == *screen_since_) return;
  const Stats after = streamer_->stats();
  excused_.late_arrivals += after.late_arrivals - before.late_arrivals;
  for (std::size_t i = 0; i < kLateCauses; ++i) {
    excused_.late_by_cause[i] += after.late_by_cause[i] - before.late_by_cause[i];
  }
  for (std::size_t i = 0; i < events.arrived.size(); ++i) {
    if (events.lateness[i].ns == 0 || is_excused(events.lateness[i])) continue;
    --excused_.late_arrivals;
    --excused_.late_by_cause[static_cast<std::size_t>(events.causes[i])];
  }
}

void ReplayRig::frame() {
  const std::optional<Stats> before_screen =
      screen_since_ ? std::optional(streamer_->stats()) : std::nullopt;
  // To look at the clock takes as long as a frame in which nothing happens.
  const bool timed = figures_.frames % kFramesBetweenTimes == 0;
  const double before = timed ? thread_seconds() : 0;
  const FrameEvents events = streamer_->update(now_);
  if (timed) {
    figures_.update_times.add(static_cast<std::uint64_t>((thread_seconds() - before) * 1e9));
  }
  note(events);
  if (before_screen) excuse(events, *before_screen);
  if (++figures_.frames % kFramesBetweenInterrupts == 0 && interrupted()) {
    throw BenchError("interrupted");
  }
}

void ReplayRig::wait_behind_screen() {
  screen_since_ = now_;
  // What is found to be needed in one frame is late from the next one on.
  for (int frames = 0; frames < kScreenFramesMin || streamer_->stats().late_now > 0; ++frames) {
    if (frames == kScreenFramesMax) throw BenchError("a loading screen does not end");
    frame();
    advance(kScreenFrame);
  }
  figures_.screens.push_back((now_ - *screen_since_).seconds());
  screen_since_.reset();
}

ReplayFigures ReplayRig::finish(double seconds) {
  // What is given up now was not read in vain: nobody knows whether it would have been needed.
  const Stats played = streamer_->stats();
  note(streamer_->update(now_));
  const Stats stats = streamer_->stats();
  figures_.late = stats.late_arrivals - excused_.late_arrivals;
  for (std::size_t i = 0; i < kLateCauses; ++i) {
    figures_.late_by_cause[i] = stats.late_by_cause[i] - excused_.late_by_cause[i];
  }
  figures_.overflows = played.overflows;
  figures_.read = played.bytes_read;
  figures_.wasted = played.bytes_wasted;
  figures_.memory_peak = played.memory_peak;
  figures_.seconds = seconds;
  return std::move(figures_);
}

}  // namespace nf::bench
