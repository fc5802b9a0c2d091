// ReplayRig: a runtime on a simulated disk, and what came of it: what arrived, what of it late.
//
// What is needed where somebody appears all of a sudden comes behind a loading screen, which takes
// as long as it takes: that is counted by itself and not as late. One thread. Borrows the tables
// and the payload, and the memory if it is given any. Throws BenchError where the runtime refuses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <nearfield/streamer.h>

#include "bench/replay/draft_world.h"
#include "core/base/array.h"
#include "core/io/sim_device.h"
#include "tools/nearfield/time_histogram.h"

namespace nf::bench {

// Of those that appear where nobody else is.
struct Joins {
  std::uint64_t first = 0, again = 0;  // foretold: for the first time, and after a while or a jump
  std::uint64_t untold = 0;            // at a limit
};

struct ReplayFigures {
  std::uint64_t arrivals = 0;
  std::uint64_t late = 0;  // outside of loading screens, whether it came in the end or not
  std::array<std::uint64_t, kLateCauses> late_by_cause = {};  // the same
  std::vector<double> lateness;                               // milliseconds; of those that came
  std::vector<double> screens;                                // seconds, each loading screen
  std::uint64_t screen_arrivals = 0;
  std::uint64_t failures = 0;
  std::uint64_t overflows = 0;
  Bytes read, wasted;
  Bytes memory_peak;   // of one runtime
  double seconds = 0;  // of the recording
  std::uint64_t frames = 0;
  Joins joins;
  TimeHistogram update_times;  // processor time of update()

  void add(const ReplayFigures& other);
};

// What runtimes decode into and read into, one after the other: fresh pages for each would cost
// more than what is replayed. Throws BenchError if it is refused.
class RigMemory {
 public:
  RigMemory(Bytes containers, Bytes staging);
  EngineMemory span() {
    return {.containers = {containers_.data(), containers_.size()},
            .staging = {staging_.data(), staging_.size()}};
  }

 private:
  Array<std::byte> containers_, staging_;
};

struct RigOptions {
  DeviceModel model;
  StreamerOptions streamer;  // but for device and decode_workers
  std::uint64_t seed = 1;
};

class ReplayRig {
 public:
  ReplayRig(const WorldTables& tables, const Payload& payload, const RigOptions& options);

  Streamer& streamer() { return *streamer_; }
  ContainerId id(std::uint32_t local) const { return {range_.first.value + local}; }
  Time now() const { return now_; }

  void advance(Duration time) { now_ = now_ + time; }  // the clock alone
  void frame();
  // Frames with everybody where they are, until all that is needed is there. What was late before
  // stays late.
  void wait_behind_screen();
  Joins& joins() { return figures_.joins; }  // for who replays to count
  // After the last observer was removed: what is missing then was late until now.
  ReplayFigures finish(double seconds);

 private:
  void note(const FrameEvents& events);
  bool is_excused(Duration lateness) const;
  void excuse(const FrameEvents& events, const Stats& before);

  SimDevice device_;
  std::optional<Streamer> streamer_;
  ContainerRange range_;
  Time now_{1'000'000'000};
  std::optional<Time> screen_since_;  // none: there is none now
  Stats excused_;                     // what became late behind screens
  ReplayFigures figures_;
};

}  // namespace nf::bench
