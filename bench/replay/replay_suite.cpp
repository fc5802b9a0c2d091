// Question: is everything there in time for those who really played, on disks of several kinds?
//
// Recorded movement as the load of the whole runtime: matches of hundreds of objects, each an
// observer of one server, and the logs of a space game, each one observer's way from star system to
// planet, station, ground and on foot, with jumps that the engine foretells. Worlds are made up
// under them, disks are simulated, and time is a number: the same recordings give the same figures
// on every machine, but for the time that update() took.
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "bench/replay/recordings.h"
#include "bench/replay/replay_runs.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/percentile.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr const char* kCauses[] = {"nothing", "foretold too late", "disk",       "decode",
                                   "memory",  "budget of a frame", "dependency", "failed"};
static_assert(std::size(kCauses) == kLateCauses);

double mebibytes(Bytes size) {
  return static_cast<double>(size.value) * 0x1p-20;
}

class Answer {
 public:
  explicit Answer(bool made_up) : made_up_(made_up) { result_.suite = "replay"; }

  void add(const char* what, const DeviceModel& model, const ReplayFigures& figures) {
    const std::string name = (made_up_ ? "made-up " : "") + std::string(what) + ", " + model.name;
    const auto one = [&](const char* of, const char* unit, double value) {
      result_.figures.push_back(
          {.name = name + ", " + of, .unit = unit, .better = Better::lower, .ours = {value}});
    };
    one("late arrivals", "count", static_cast<double>(figures.late));
    one("lateness p50", "ms", percentile(figures.lateness, 0.5));
    one("lateness p99", "ms", percentile(figures.lateness, 0.99));
    one("lateness worst", "ms", percentile(figures.lateness, 1));
    for (std::size_t i = 1; i < kLateCauses; ++i) {
      if (figures.late_by_cause[i] == 0) continue;
      one((std::string("late by ") + kCauses[i]).c_str(), "count",
          static_cast<double>(figures.late_by_cause[i]));
    }
    one("arrivals", "count", static_cast<double>(figures.arrivals));
    one("read", "MB", static_cast<double>(figures.read.value) * 1e-6);
    one("read in vain", "MB", static_cast<double>(figures.wasted.value) * 1e-6);
    one("peak memory", "MiB", mebibytes(figures.memory_peak));
    one("loading screen p50", "s", percentile(figures.screens, 0.5));
    one("loading screen worst", "s", percentile(figures.screens, 1));
    one("dropped at a limit", "count", static_cast<double>(figures.overflows));
    one("failures", "count", static_cast<double>(figures.failures));
    one("update() p99 of its processor time", "us",
        static_cast<double>(figures.update_times.percentile(0.99)) * 1e-3);
    late_[model.name] += static_cast<double>(figures.late);
  }

  void note(const std::string& sentence) { result_.notes.push_back(sentence); }

  SuiteResult finish() {
    for (const auto& [model, late] : late_) {
      const std::string name =
          (made_up_ ? "replay_made_up_late_" : "replay_late_") + std::string(model);
      result_.headlines[name] = late;
      result_.headline_notes[name] =
          std::string("late arrivals of all ") + (made_up_ ? "made-up " : "") +
          "recordings together on the simulated disk " + model + "; a count; lower is better";
    }
    return std::move(result_);
  }

 private:
  bool made_up_;
  std::map<std::string, double> late_;  // by model
  SuiteResult result_;
};

std::string about(const char* what, const ReplayFigures& figures, std::size_t count) {
  return grouped(count) + " " + what + ", " + text_of("%.1f", figures.seconds / 3600) +
         " hours, in " + grouped(figures.frames) + " frames; " + grouped(figures.screens.size()) +
         " loading screens brought " + grouped(figures.screen_arrivals) +
         " containers, which are not counted as late";
}

}  // namespace

SuiteResult run_replay(const BenchOptions& options) {
  const Recordings recordings = find_recordings(options);
  Answer answer(recordings.made_up);
  if (recordings.made_up) {
    answer.note(
        "no --traces DIR: real movement was not replayed, and its figures are missing; "
        "made-up recordings were replayed in its place");
  }
  const ReplayRuns runs = run_all(recordings, options);
  for (std::size_t i = 0; i < runs.models.size(); ++i) {
    answer.add("matches", *runs.models[i], runs.matches[i]);
    answer.add("logs", *runs.models[i], runs.logs[i]);
  }
  answer.note(about("matches", runs.matches[0], recordings.matches.size()));
  answer.note(about("logs", runs.logs[0], recordings.logs.size()));
  answer.note(grouped(runs.jumps) + " jumps through gates, of which " + grouped(runs.jumps_off) +
              " were begun and did not happen; " + grouped(runs.docked) + " dockings, " +
              grouped(runs.landed) + " landings, " + grouped(runs.stepped_out) +
              " times out of the ship on foot");
  answer.note(
      "no wall time is measured here: everything but the processor time of update(), which "
      "includes decoding, is the same at each run, so that --rounds and --seconds change "
      "nothing");
  return answer.finish();
}

}  // namespace nf::bench
