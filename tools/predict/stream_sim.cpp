#include "tools/predict/stream_sim.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "tools/predict/boxes.h"

namespace nf::predict {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::uint32_t kNone = ~0u;

struct Held {             // what is known of one container
  double left = 0;        // bytes still to be read
  double late_since = 0;  // while it is required and not usable
  double keep = 0;
  std::uint32_t keep_update = 0;  // of which update `keep` is
  std::uint32_t slot = kNone;     // in the list of those in memory
  std::uint32_t load = 0;         // counts its loads: an old pipeline entry is not taken for a new
  Stage stage = Stage::absent;
  bool required = false;
  bool used = false;
};

struct InPipeline {
  double usable_at = 0;
  std::uint32_t id = 0;
  std::uint32_t load = 0;
};

struct Victim {
  double keep = 0;
  std::uint32_t id = 0;
  // The lowest is on top of a heap; ids make the order one and the same everywhere.
  friend bool operator<(const Victim& a, const Victim& b) {
    return a.keep != b.keep ? a.keep > b.keep : a.id > b.id;
  }
};

struct Urgent {
  double distance = 0;
  std::uint32_t id = 0;
};

class Simulation {
 public:
  Simulation(const Scenario& scenario, const DiskModel& disk, Policy& policy)
      : scenario_(scenario), disk_(disk), policy_(policy), held_(scenario.containers.size()) {}

  RunResult run();

 private:
  double bytes(std::uint32_t id) const { return scenario_.containers[id].bytes; }
  void begin();
  void ask(std::uint32_t update);
  void take_answer(std::uint32_t update);
  void go_until(double end);
  void advance(double until);
  void handle_events();
  std::uint32_t choose();
  bool take_memory(std::uint32_t id, double worth);
  bool make_room(double wanted_bytes, double worth);
  void gather_victims();
  void forget(std::uint32_t id);
  void set_stage(std::uint32_t id, Stage stage) {
    held_[id].stage = stage;
    changed_.push_back({id, stage});
  }
  void require(std::uint32_t id);
  void require_no_more(std::uint32_t id);
  void make_usable(std::uint32_t id);
  void end_late(std::uint32_t id) {
    late_.push_back({held_[id].late_since, now_});
    held_[id].late_since = kNever;
  }
  void drop_urgent(std::uint32_t id) {
    std::erase_if(urgent_, [id](const Urgent& urgent) { return urgent.id == id; });
  }
  void finish();

  struct Change {
    std::uint32_t id = 0;
    Stage stage = Stage::absent;
  };

  const Scenario& scenario_;
  const DiskModel& disk_;
  Policy& policy_;
  std::vector<Held> held_;
  std::vector<std::uint32_t> in_memory_;
  std::vector<Urgent> urgent_;  // required, bytes still to be read; nearest first
  std::vector<Scored> wanted_;  // absent or partly read, best first
  std::size_t wanted_at_ = 0;
  bool wanted_fits_ = true;  // nothing is worth less than what is wanted: only free memory is left
  std::vector<InPipeline> pipeline_;
  std::size_t pipeline_at_ = 0;
  std::vector<Victim> victims_, chosen_;
  bool victims_known_ = false;
  std::vector<Change> changed_;
  std::vector<Lateness> late_;
  Answer answer_;
  std::size_t need_at_ = 0, need_end_at_ = 0;
  std::uint32_t known_ = 0;
  std::uint32_t update_ = 0;
  std::uint32_t served_ = kNone;  // what the disk's head is at
  double seek_left_ = 0;
  double now_ = 0;
  double memory_ = 0;
  RunResult result_;
};

void Simulation::begin() {
  policy_.begin(scenario_.trace);
  for (std::uint32_t level = 0; level < scenario_.reach.size(); ++level) {
    policy_.level(level, scenario_.reach[level]);
  }
  policy_.foresee(scenario_);
  for (std::uint32_t id = 0; id < held_.size(); ++id) held_[id].left = bytes(id);
  for (; need_at_ < scenario_.needs.size() && scenario_.needs[need_at_].from <= 0; ++need_at_) {
    const std::uint32_t id = scenario_.needs[need_at_].container;
    if (memory_ + bytes(id) > scenario_.trace.memory) {
      require(id);
      continue;
    }
    Held& held = held_[id];
    held.slot = static_cast<std::uint32_t>(in_memory_.size());
    in_memory_.push_back(id);
    memory_ += bytes(id);
    held.left = 0;
    held.required = held.used = true;
    held.late_since = kNever;
    set_stage(id, Stage::usable);
  }
  result_.memory_peak = memory_;
}

void Simulation::ask(std::uint32_t update) {
  using Clock = std::chrono::steady_clock;
  const double seconds = update * scenario_.trace.dt;
  answer_.clear();
  const Clock::time_point before = Clock::now();
  for (; known_ < scenario_.announced[update]; ++known_) {
    policy_.container(known_, scenario_.containers[known_]);
  }
  for (const Change& change : changed_) policy_.state(change.id, change.stage);
  policy_.update(seconds, scenario_.path[update], answer_);
  const auto taken =
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - before).count();
  result_.update_time.add(static_cast<std::uint64_t>(std::max<std::int64_t>(taken, 0)));
  changed_.clear();
}

void Simulation::take_answer(std::uint32_t update) {
  update_ = update + 1;  // 0 is no update
  wanted_.clear();
  wanted_at_ = 0;
  wanted_fits_ = true;
  const auto raise = [&](const Scored& scored) {
    Held& held = held_[scored.id];
    const double score = scored.score;
    held.keep = held.keep_update == update_ ? std::max(held.keep, score) : score;
    held.keep_update = update_;
  };
  for (const Scored& keep : answer_.keep) {
    if (keep.id < held_.size()) raise(keep);
  }
  for (const Scored& want : answer_.want) {
    if (want.id >= held_.size() || !(want.score > 0)) continue;
    raise(want);
    const Held& held = held_[want.id];
    if (held.left > 0 && !held.required) wanted_.push_back(want);
  }
  std::sort(wanted_.begin(), wanted_.end(), [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
  for (Urgent& urgent : urgent_) {
    urgent.distance = distance_to(scenario_.containers[urgent.id].box, scenario_.path[update]);
  }
  std::sort(urgent_.begin(), urgent_.end(), [](const Urgent& a, const Urgent& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
  });
  victims_known_ = false;
}

void Simulation::gather_victims() {
  victims_.clear();
  for (const std::uint32_t id : in_memory_) {
    const Held& held = held_[id];
    if (held.required) continue;
    victims_.push_back({held.keep_update == update_ ? held.keep : 0, id});
  }
  std::make_heap(victims_.begin(), victims_.end());
  victims_known_ = true;
}

// Gives up what is worth less than `worth`, if that makes room enough; else nothing.
bool Simulation::make_room(double wanted_bytes, double worth) {
  double room = scenario_.trace.memory - memory_;
  if (room >= wanted_bytes) return true;
  if (!victims_known_) gather_victims();
  chosen_.clear();
  while (room < wanted_bytes && !victims_.empty() && victims_.front().keep < worth) {
    const Victim victim = victims_.front();
    std::pop_heap(victims_.begin(), victims_.end());
    victims_.pop_back();
    if (held_[victim.id].slot == kNone || held_[victim.id].required) continue;
    chosen_.push_back(victim);
    room += bytes(victim.id);
  }
  if (room >= wanted_bytes) {
    for (const Victim& victim : chosen_) forget(victim.id);
    return true;
  }
  for (const Victim& victim : chosen_) {
    victims_.push_back(victim);
    std::push_heap(victims_.begin(), victims_.end());
  }
  return false;
}

bool Simulation::take_memory(std::uint32_t id, double worth) {
  Held& held = held_[id];
  if (held.slot != kNone) return true;
  if (!make_room(bytes(id), worth)) return false;
  held.slot = static_cast<std::uint32_t>(in_memory_.size());
  in_memory_.push_back(id);
  memory_ += bytes(id);
  result_.memory_peak = std::max(result_.memory_peak, memory_);
  ++held.load;
  held.used = false;
  victims_known_ = victims_known_ && held.required;
  set_stage(id, Stage::partly);
  return true;
}

void Simulation::forget(std::uint32_t id) {
  Held& held = held_[id];
  if (!held.used) result_.bytes_vain += bytes(id) - held.left;
  const std::uint32_t last = in_memory_.back();
  in_memory_[held.slot] = last;
  held_[last].slot = held.slot;
  in_memory_.pop_back();
  held.slot = kNone;
  memory_ -= bytes(id);
  held.left = bytes(id);
  if (served_ == id) served_ = kNone;
  set_stage(id, Stage::absent);
}

// What the disk works on next; kNone if there is nothing to do, or no memory for it.
std::uint32_t Simulation::choose() {
  for (const Urgent& urgent : urgent_) {
    if (take_memory(urgent.id, kNever)) return urgent.id;
  }
  for (; wanted_at_ < wanted_.size(); ++wanted_at_) {
    const Scored want = wanted_[wanted_at_];
    const Held& held = held_[want.id];
    if (held.left <= 0 || held.required) continue;
    const bool free = memory_ + bytes(want.id) <= scenario_.trace.memory;
    if (held.slot == kNone && !free && !wanted_fits_) continue;
    if (take_memory(want.id, want.score)) return want.id;
    wanted_fits_ = false;  // what comes next is worth less still
  }
  return kNone;
}

void Simulation::require(std::uint32_t id) {
  Held& held = held_[id];
  held.required = true;
  ++result_.arrivals;
  if (held.stage == Stage::usable) {
    held.used = true;
    held.late_since = kNever;
    return;
  }
  held.late_since = now_;
  if (held.left > 0) urgent_.push_back({scenario_.reach[scenario_.containers[id].level], id});
}

void Simulation::require_no_more(std::uint32_t id) {
  Held& held = held_[id];
  held.required = false;
  victims_known_ = victims_known_ && held.slot == kNone;
  if (held.stage == Stage::usable) return;
  end_late(id);
  drop_urgent(id);
}

void Simulation::make_usable(std::uint32_t id) {
  set_stage(id, Stage::usable);
  if (!held_[id].required) return;
  held_[id].used = true;
  end_late(id);
}

void Simulation::handle_events() {
  const std::vector<Need>& needs = scenario_.needs;
  for (; pipeline_at_ < pipeline_.size() && pipeline_[pipeline_at_].usable_at <= now_;
       ++pipeline_at_) {
    const InPipeline& entry = pipeline_[pipeline_at_];
    const Held& held = held_[entry.id];
    if (held.load == entry.load && held.stage == Stage::pipeline) make_usable(entry.id);
  }
  for (; need_at_ < needs.size() && needs[need_at_].from <= now_; ++need_at_) {
    require(needs[need_at_].container);
  }
  for (; need_end_at_ < needs.size(); ++need_end_at_) {
    const Need& need = needs[scenario_.needs_by_end[need_end_at_]];
    if (need.to > now_) break;
    require_no_more(need.container);
  }
}

// The disk works on what is first in line until `until`, or until that is read.
void Simulation::advance(double until) {
  const std::uint32_t id = choose();
  if (id == kNone) {
    now_ = until;
    return;
  }
  if (id != served_) seek_left_ = disk_.seek_seconds;
  served_ = id;
  Held& held = held_[id];
  const double ends = now_ + seek_left_ + held.left / disk_.bytes_per_second;
  if (ends > until) {
    const double seeking = std::min(seek_left_, until - now_);
    seek_left_ -= seeking;
    const double read = (until - now_ - seeking) * disk_.bytes_per_second;
    const double taken = std::min(read, held.left);
    held.left -= taken;
    result_.bytes_read += taken;
    now_ = until;
    // What rounding leaves of a container would be a read of no bytes.
    if (held.left > 0) return;
  } else {
    result_.bytes_read += held.left;
    held.left = 0;
    now_ = std::max(now_, ends);
  }
  served_ = kNone;
  if (held.required) drop_urgent(id);
  set_stage(id, Stage::pipeline);
  pipeline_.push_back({now_ + scenario_.trace.pipeline_seconds, id, held.load});
}

void Simulation::go_until(double end) {
  const std::vector<Need>& needs = scenario_.needs;
  while (now_ < end) {
    double until = end;
    if (need_at_ < needs.size()) until = std::min(until, needs[need_at_].from);
    if (need_end_at_ < needs.size()) {
      until = std::min(until, needs[scenario_.needs_by_end[need_end_at_]].to);
    }
    if (pipeline_at_ < pipeline_.size()) {
      until = std::min(until, pipeline_[pipeline_at_].usable_at);
    }
    advance(std::max(until, now_));
    handle_events();
  }
}

void Simulation::finish() {
  for (const std::uint32_t id : in_memory_) {
    if (!held_[id].used) result_.bytes_vain += bytes(id) - held_[id].left;
  }
  std::sort(late_.begin(), late_.end(), [](const Lateness& a, const Lateness& b) {
    return a.from != b.from ? a.from < b.from : a.to < b.to;
  });
  Lateness missing{.from = -1, .to = -1};
  const auto close = [&] {
    const double seconds = missing.to - missing.from;
    result_.late_wall_seconds += seconds;
    if (seconds > kHitchSeconds) ++result_.hitches;
  };
  for (const Lateness& late : late_) {
    result_.late_seconds += late.to - late.from;
    result_.lateness.push_back(late.to - late.from);
    if (late.from <= missing.to) {
      missing.to = std::max(missing.to, late.to);
    } else {
      close();
      missing = late;
    }
  }
  close();
  result_.seconds = scenario_.seconds();
}

RunResult Simulation::run() {
  begin();
  const auto updates = static_cast<std::uint32_t>(scenario_.path.size());
  for (std::uint32_t update = 0; update + 1 < updates; ++update) {
    ask(update);
    take_answer(update);
    go_until((update + 1) * scenario_.trace.dt);
  }
  finish();
  return std::move(result_);
}

}  // namespace

void RunResult::add(const RunResult& other) {
  seconds += other.seconds;
  late_seconds += other.late_seconds;
  late_wall_seconds += other.late_wall_seconds;
  hitches += other.hitches;
  arrivals += other.arrivals;
  lateness.insert(lateness.end(), other.lateness.begin(), other.lateness.end());
  bytes_read += other.bytes_read;
  bytes_vain += other.bytes_vain;
  memory_peak = std::max(memory_peak, other.memory_peak);
  update_time.add(other.update_time);
}

RunResult run(const Scenario& scenario, const DiskModel& disk, Policy& policy) {
  return Simulation(scenario, disk, policy).run();
}

}  // namespace nf::predict
