#include "bench/replay/replay_runs.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "bench/replay/jump_log.h"
#include "bench/replay/log_flight.h"
#include "bench/replay/log_replay.h"
#include "bench/replay/match.h"
#include "bench/replay/match_replay.h"
#include "bench/replay/match_world.h"
#include "bench/replay/star_world.h"

namespace nf::bench {
namespace {

using namespace literals;

constexpr const char* kModels[] = {"nvme_gen4", "nvme", "sata_ssd", "hdd", "sd_card"};
constexpr Bytes kClientMemory = 512_MiB;
constexpr Bytes kServerMemory = 1_GiB;
constexpr Bytes kStaging = 32_MiB;
constexpr std::chrono::milliseconds kLook{50};
constexpr unsigned kThreadsMax = 16;

StreamerOptions client_options(RigMemory& memory) {
  return {.memory = memory.span(), .observers_max = 1, .spawned_max = 16};
}

StreamerOptions server_options(RigMemory& memory) {
  return {.memory = memory.span(), .observers_max = 4096, .intents_max = 256};
}

ReplayMachine this_machine() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  return {.processors = std::thread::hardware_concurrency(),
          .memory = {static_cast<std::uint64_t>(std::max(pages, 0L)) *
                     static_cast<std::uint64_t>(std::max(page, 0L))}};
}

// What a thread replays in. Matches come before logs, which take less.
class OwnMemory {
 public:
  RigMemory& of(Bytes containers) {
    if (!memory_ || containers != size_) {
      memory_.reset();  // before there is another
      memory_ = std::make_unique<RigMemory>(containers, kStaging);
      size_ = containers;
    }
    return *memory_;
  }

 private:
  std::unique_ptr<RigMemory> memory_;
  Bytes size_;
};

// What one recording came to, by model.
struct Outcome {
  std::vector<ReplayFigures> figures;
  std::uint64_t jumps = 0, jumps_off = 0, docked = 0, landed = 0, stepped_out = 0;
};

class Runs {
 public:
  Runs(const Recordings& recordings, const BenchOptions& options)
      : recordings_(recordings), options_(options), payload_(options.seed) {
    for (const char* name : kModels) models_.push_back(find_device_model(name));
    outcomes_.resize(recordings.matches.size() + recordings.logs.size());
  }

  ReplayRuns run();

 private:
  void work();
  Outcome replay(std::size_t which, RigMemory& memory) const;
  Outcome replay_as_match(const Recording& recording, RigMemory& memory) const;
  Outcome replay_as_log(const Recording& recording, RigMemory& memory) const;
  void keep_error();
  ReplayRuns add_up() const;

  const Recordings& recordings_;
  const BenchOptions& options_;
  Payload payload_;
  std::vector<const DeviceModel*> models_;
  std::vector<Outcome> outcomes_;  // matches, then logs
  std::atomic<std::size_t> next_{0}, done_{0};
  std::atomic<bool> stop_{false};
  std::mutex error_guard_;
  std::exception_ptr error_;
};

Outcome Runs::replay_as_match(const Recording& recording, RigMemory& memory) const {
  const Match match = parse_match(recording.name, text_of_recording(recording));
  const MatchWorld world = make_match_world(match, payload_, options_.seed);
  Outcome outcome;
  for (const DeviceModel* model : models_) {
    if (stop_) break;
    outcome.figures.push_back(
        replay_match(match, world, payload_,
                     {.model = *model, .streamer = server_options(memory), .seed = options_.seed}));
  }
  return outcome;
}

Outcome Runs::replay_as_log(const Recording& recording, RigMemory& memory) const {
  const LogFlight flight =
      make_log_flight(parse_jump_log(recording.name, text_of_recording(recording)), options_.seed);
  const StarWorld world = make_star_world(flight.map, flight.pairs(), payload_);
  Outcome outcome{.figures = {},
                  .jumps = flight.jumps.size(),
                  .docked = flight.docked,
                  .landed = flight.landed,
                  .stepped_out = flight.stepped_out};
  for (const JumpStart& jump : flight.jumps) outcome.jumps_off += jump.taken ? 0 : 1;
  for (const DeviceModel* model : models_) {
    if (stop_) break;
    outcome.figures.push_back(
        replay_log(flight, world, payload_,
                   {.model = *model, .streamer = client_options(memory), .seed = options_.seed}));
  }
  return outcome;
}

Outcome Runs::replay(std::size_t which, RigMemory& memory) const {
  const bool is_match = which < recordings_.matches.size();
  const Recording& recording =
      is_match ? recordings_.matches[which] : recordings_.logs[which - recordings_.matches.size()];
  try {
    return is_match ? replay_as_match(recording, memory) : replay_as_log(recording, memory);
  } catch (const BadInput&) {
    throw;
  } catch (const BenchError& error) {
    throw BenchError(recording.name + ": " + error.what());
  }
}

void Runs::keep_error() {
  const std::lock_guard lock(error_guard_);
  if (!error_) error_ = std::current_exception();
  stop_ = true;
}

void Runs::work() {
  try {
    OwnMemory memory;
    while (!stop_) {
      const std::size_t which = next_++;
      if (which >= outcomes_.size()) return;
      const bool is_match = which < recordings_.matches.size();
      outcomes_[which] = replay(which, memory.of(is_match ? kServerMemory : kClientMemory));
      ++done_;
    }
  } catch (...) {
    keep_error();
  }
}

ReplayRuns Runs::add_up() const {
  ReplayRuns runs{.models = models_,
                  .matches = std::vector<ReplayFigures>(models_.size()),
                  .logs = std::vector<ReplayFigures>(models_.size())};
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    const Outcome& outcome = outcomes_[i];
    for (std::size_t model = 0; model < models_.size(); ++model) {
      std::vector<ReplayFigures>& of = i < recordings_.matches.size() ? runs.matches : runs.logs;
      of[model].add(outcome.figures[model]);
    }
    runs.jumps += outcome.jumps;
    runs.jumps_off += outcome.jumps_off;
    runs.docked += outcome.docked;
    runs.landed += outcome.landed;
    runs.stepped_out += outcome.stepped_out;
  }
  return runs;
}

ReplayRuns Runs::run() {
  const unsigned count = replay_threads(this_machine(), outcomes_.size());
  std::vector<std::jthread> threads;
  threads.reserve(count);
  for (unsigned i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
  try {
    while (!stop_ && done_ < outcomes_.size()) {
      if (options_.progress) {
        options_.progress("recordings",
                          static_cast<double>(done_) / static_cast<double>(outcomes_.size()));
      }
      std::this_thread::sleep_for(kLook);
    }
  } catch (...) {
    keep_error();
  }
  threads.clear();
  if (error_) std::rethrow_exception(error_);
  return add_up();
}

}  // namespace

unsigned replay_threads(const ReplayMachine& machine, std::size_t recordings) {
  // The other half is for the recordings, what the system keeps of them, and everybody else.
  const std::uint64_t fit = machine.memory.value / 2 / (kServerMemory.value + kStaging.value);
  const std::uint64_t most = std::min<std::uint64_t>({machine.processors, fit, recordings});
  return static_cast<unsigned>(std::clamp<std::uint64_t>(most, 1, kThreadsMax));
}

ReplayRuns run_all(const Recordings& recordings, const BenchOptions& options) {
  return Runs(recordings, options).run();
}

}  // namespace nf::bench
