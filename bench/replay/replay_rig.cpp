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
  if (screen_) figures_.screen_arrivals += events.arrived.size();
  for (const Duration lateness : events.lateness) {
    if (lateness.ns > 0 && !screen_) figures_.lateness.push_back(lateness.seconds() * 1e3);
  }
  figures_.failures += events.failed.size();
}

void ReplayRig::frame() {
  // To look at the clock takes as long as a frame in which nothing happens.
  const bool timed = figures_.frames % kFramesBetweenTimes == 0;
  const double before = timed ? thread_seconds() : 0;
  const FrameEvents events = streamer_->update(now_);
  if (timed) {
    figures_.update_times.add(static_cast<std::uint64_t>((thread_seconds() - before) * 1e9));
  }
  note(events);
  if (++figures_.frames % kFramesBetweenInterrupts == 0 && interrupted()) {
    throw BenchError("interrupted");
  }
}

void ReplayRig::wait_behind_screen() {
  const Stats before = streamer_->stats();
  const Time begin = now_;
  screen_ = true;
  // What is found to be needed in one frame is late from the next one on.
  for (int frames = 0; frames < kScreenFramesMin || streamer_->stats().late_now > 0; ++frames) {
    if (frames == kScreenFramesMax) throw BenchError("a loading screen does not end");
    frame();
    advance(kScreenFrame);
  }
  screen_ = false;
  const Stats after = streamer_->stats();
  excused_.late_arrivals += after.late_arrivals - before.late_arrivals;
  for (std::size_t i = 0; i < kLateCauses; ++i) {
    excused_.late_by_cause[i] += after.late_by_cause[i] - before.late_by_cause[i];
  }
  figures_.screens.push_back((now_ - begin).seconds());
}

ReplayFigures ReplayRig::finish(double seconds) {
  const Stats stats = streamer_->stats();
  figures_.late = stats.late_arrivals - excused_.late_arrivals;
  for (std::size_t i = 0; i < kLateCauses; ++i) {
    figures_.late_by_cause[i] = stats.late_by_cause[i] - excused_.late_by_cause[i];
  }
  figures_.overflows = stats.overflows;
  figures_.read = stats.bytes_read;
  figures_.wasted = stats.bytes_wasted;
  figures_.memory_peak = stats.memory_peak;
  figures_.seconds = seconds;
  return std::move(figures_);
}

}  // namespace nf::bench
