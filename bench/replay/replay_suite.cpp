// Question: is everything there in time for those who really played, on disks of several kinds?
//
// Recorded movement as the load of the whole runtime: matches of hundreds of objects, each an
// observer of one server, and the logs of a space game, each one observer's way from star system to
// planet, station, ground and on foot, with jumps that the engine foretells. Worlds are made up
// under them, disks are simulated, and time is a number: the same recordings give the same figures
// on every machine, but for the time that update() took.
#include <map>
#include <string>
#include <utility>

#include "bench/replay/match_replay.h"
#include "bench/replay/recordings.h"
#include "bench/replay/replay_rows.h"
#include "bench/replay/replay_runs.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

class Answer {
 public:
  explicit Answer(bool made_up) : made_up_(made_up) { result_.suite = "replay"; }

  void add(const char* what, const DeviceModel& model, const ReplayFigures& figures) {
    const std::string name = (made_up_ ? "made-up " : "") + std::string(what) + ", " + model.name;
    for (Figure& row : rows_of(name, figures)) result_.figures.push_back(std::move(row));
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

std::string about_joins(const Joins& joins) {
  std::string note = grouped(joins.first) + " joins away from everybody else, and " +
                     grouped(joins.again) + " returns after more than " +
                     text_of("%g", kAwaySeconds) +
                     " s or from elsewhere (a respawn, a teleport), were foretold " +
                     text_of("%g", kJoinSeconds) + " s ahead, since the server chooses the place";
  if (joins.untold > 0) note += "; " + grouped(joins.untold) + " were not: too many at one time";
  return note;
}

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
  answer.note(about_joins(runs.matches[0].joins));
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
