#include "tests/sim/sim_run.h"

#include "tests/sim/binds.h"
#include "tests/sim/changes.h"
#include "tests/sim/costs.h"
#include "tests/sim/event_log.h"
#include "tests/sim/failures.h"
#include "tests/sim/frames.h"
#include "tests/sim/intents.h"
#include "tests/sim/late_watch.h"
#include "tests/sim/levels.h"
#include "tests/sim/needs.h"
#include "tests/sim/pins.h"
#include "tests/sim/stage.h"
#include "tests/sim/walkers.h"

namespace nf::sim {
namespace {

constexpr std::uint32_t kStepsToSettleMax = 4000;
constexpr std::uint32_t kStepsToForget = 24;  // twice as long as any forecast

class Session {
 public:
  Session(std::uint64_t seed, const SimChoices& choices) : stage_(seed, choices) {}

  SimResult run();

 private:
  void step();
  Duration pass_time();
  void update();
  struct Standing {
    double seconds = 0;   // a step, about
    bool frames = false;  // say that they stand
  };
  void settle();
  void stand_until_met();
  void stand(const Standing& standing);
  void wait_for_intents();
  void let_leave();
  void leave();

  Stage stage_;
  EventLog log_;
  Failures failures_;
  LateWatch late_watch_;
  Levels levels_;
  Binds binds_;
  Changes changes_;
  Intents intents_;
  Frames frames_;
  Costs costs_;
  Needs needs_;
  Walkers walkers_;
  Pins pins_;
};

Duration Session::pass_time() {
  const Duration passed = Duration::from_seconds(stage_.prng.unit() * stage_.plan.time_scale);
  if (!stage_.plan.goes_by_events) return passed;
  stage_.streamer->wait_for_progress(passed);
  return stage_.device.catch_up();
}

void Session::update() {
  const FrameEvents events = stage_.streamer->update(stage_.now);
  stage_.jobs.run_all();
  stage_.traffic = stage_.device.take_traffic();
  log_.take(stage_, events);
  failures_.take(stage_, events);
  late_watch_.take(stage_, events, walkers_);
  levels_.take(stage_, events);
  costs_.check(stage_, events);
  costs_.act(stage_, events);
  binds_.take(stage_, events, walkers_);
  intents_.check(stage_);
  stage_.told = stage_.now;
  ++stage_.result.steps;
}

void Session::step() {
  const SessionPlan& plan = stage_.plan;
  const Duration passed = pass_time();
  stage_.now = stage_.now + passed;
  const std::uint64_t number = stage_.result.steps;
  // What is pinned before the first update counts from it.
  if (number == 0) stage_.told = stage_.now;
  changes_.act(stage_, walkers_);
  frames_.act(stage_, passed);
  intents_.act(stage_, walkers_);
  walkers_.act(stage_);
  pins_.act(stage_, [this] { late_watch_.look_in_wait(stage_, walkers_); });
  if (stage_.waited) changes_.act(stage_, walkers_);  // before what the wait did is told
  walkers_.move(stage_, passed);
  update();
  log_.check(stage_);
  pins_.check(stage_);
  if (number % plan.looks_every != 0) return;
  if (passed > Duration{}) needs_.check(stage_, walkers_);
  binds_.check(stage_, walkers_);
}

// The disk is honest from now on: everything that is needed and can be there must come, and what
// nobody needs must go.
void Session::settle() {
  stage_.device.set_faults({});
  pins_.settle(stage_);
  walkers_.settle(stage_);
  intents_.settle(stage_);
  frames_.settle(stage_);
  // Of a motion that is not stated, two poses say that it is over.
  for (std::uint32_t i = 0; i < 3; ++i) stand({.seconds = 0.1, .frames = true});
  stand_until_met();
  for (std::uint64_t visits = stage_.prng.below(3); visits > 0; --visits) {
    walkers_.visit(stage_);
    stand({.seconds = 0.001});
    walkers_.turn_back(stage_);
    stand_until_met();
  }
  for (std::uint32_t i = 0; i < kStepsToForget; ++i) stand({.seconds = 1});
  let_leave();
  needs_.check_kept(stage_, walkers_);
  binds_.check(stage_, walkers_);
  if (stage_.plan.intends && stage_.result.settled) wait_for_intents();
}

void Session::wait_for_intents() {
  intents_.stand(stage_, walkers_, needs_.may_be_kept(stage_, walkers_));
  for (std::uint32_t i = 0; i < kStepsToSettleMax && !intents_.met(stage_); ++i) {
    stand({.seconds = 0.1});
    intents_.hold(stage_);
  }
  stage_.check(intents_.met(stage_), "what an intent needs never came although there is room");
  intents_.settle(stage_);
}

void Session::stand_until_met() {
  Needs::Met met = needs_.met(stage_, walkers_);
  for (std::uint32_t i = 0; i < kStepsToSettleMax && met.fits && !met.all; ++i) {
    stand({.seconds = 0.1});
    met = needs_.met(stage_, walkers_);
  }
  stage_.result.settled = met.all;
  stage_.check(met.all || !met.fits, "what is needed never came although the faults stopped");
}

// Nobody moves.
void Session::stand(const Standing& standing) {
  stage_.now =
      stage_.now + Duration::from_seconds(standing.seconds * stage_.prng.between(0.5, 1.5));
  if (standing.frames) frames_.stand(stage_);
  walkers_.stand(stage_);
  update();
  pins_.check(stage_);
}

// Until every frame's budget let go what it could.
void Session::let_leave() {
  for (std::uint32_t i = 0; i < kStepsToSettleMax && costs_.some_linger(); ++i) {
    stand({.seconds = 0.1});
  }
}

// Everything sleeps that nobody wants, and its memory comes back.
void Session::leave() {
  walkers_.leave(stage_);
  stage_.pinned.clear();
  stand({.seconds = 2});
  let_leave();
  bool all_back = false;
  // A frame tells of one bind at least.
  const std::size_t steps = kStepsToForget + binds_.count();
  for (std::size_t i = 0; i < steps && !all_back; ++i) {
    stand({.seconds = 2});
    all_back = needs_.check_forgotten(stage_) && binds_.empty();
  }
  stage_.check(all_back, "memory or an interest set did not come back from what nobody wants");
}

SimResult Session::run() {
  SimResult& result = stage_.result;
  if (!stage_.open()) return result;
  const std::uint32_t observers = stage_.plan.only_pins ? 0 : stage_.plan.observers_first;
  for (std::uint32_t i = 0; i < observers; ++i) walkers_.join(stage_);
  const bool leave_early = stage_.prng.chance(0.2);  // destroyed in the middle of everything
  const std::uint64_t steps =
      leave_early ? stage_.prng.below(stage_.plan.steps) : stage_.plan.steps;
  for (std::uint64_t i = 0; i < steps && result.good; ++i) step();
  if (!leave_early && result.good) settle();
  if (!leave_early && stage_.plan.only_pins && !stage_.plan.rate_limited && result.good) {
    pins_.wait_until_there(stage_, stage_.any_container());
  }
  if (!leave_early && result.good) leave();
  stage_.pinned.clear();
  stage_.jobs.run_at_once();  // what ~Streamer still decodes
  stage_.streamer.reset();
  stage_.check(stage_.device.outstanding().empty(),
               "the streamer went before its buffers came back");
  return result;
}

}  // namespace

SimResult run_seed(std::uint64_t seed, const SimChoices& choices) {
  return Session(seed, choices).run();
}

}  // namespace nf::sim
