#include "bench/replay/log_replay.h"

#include <algorithm>

#include "bench/suite/suite.h"
#include "tools/nearfield/output.h"

namespace nf::bench {
namespace {

constexpr double kFrame = 1.0 / 60;
constexpr double kFrameOfTravel = 0.25;  // far from both ends of a leg
constexpr double kFrameOfStroll = 0.1;   // out of the ship, and everything is there
constexpr double kFrameOfRest = 1;
constexpr double kAfterBegin = 3;  // seconds of a leg that are flown in frames of kFrame
constexpr double kBeforeEnd = 10;
constexpr double kCountdown = 1;  // seconds between two words of the engine about a jump
constexpr double kCountdownMin =
    1;  // a jump that takes longer than it should is always about to be

WorldVector spin_of(const Site& site) {
  return {0, 0, site.spin};
}

class LogReplay {
 public:
  LogReplay(const LogFlight& flight, const StarWorld& world, ReplayRig& rig)
      : flight_(flight), world_(world), rig_(rig) {}

  void run() {
    for (std::size_t i = 0; i < flight_.legs.size(); ++i) {
      const bool last = i + 1 == flight_.legs.size();
      fly(flight_.legs[i], last || flight_.legs[i + 1].by == LegBegin::motion);
    }
    if (observer_.valid()) rig_.streamer().remove_observer(observer_);
  }

 private:
  ContainerId frame_of(const FlightSample& sample) const {
    if (sample.site == kNoSite) return rig_.id(world_.systems[sample.system]);
    return rig_.id(world_.sites[sample.system][sample.site]);
  }

  void fly(const Leg& leg, bool to_end);
  double frame_after(const Leg& leg, double seconds) const;
  void turn_site(const Place& place, double seconds);
  void place_ship(const FlightSample& sample);
  void place_observer(const Leg& leg, const FlightSample& ship, double seconds);
  void pose(const Leg& leg, double seconds);
  void state_jumps(double seconds);
  void check(const Result<void>& done) const {
    if (!done) throw BenchError("the runtime refuses a motion: " + cause_of(done.error()));
  }

  const LogFlight& flight_;
  const StarWorld& world_;
  ReplayRig& rig_;
  ContainerId ship_, ship_in_;  // and the frame it is in
  ObserverId observer_;
  std::size_t next_jump_ = 0;
  IntentId intent_;  // none: no jump has begun
  Intent intended_;
  double said_at_ = 0;  // when the engine last spoke of it
};

void LogReplay::turn_site(const Place& place, double seconds) {
  if (place.site == kNoSite) return;
  const Site& site = flight_.map.systems[place.system].sites[place.site];
  const Pose pose = site_pose(site, seconds);
  check(rig_.streamer().move_frame(
      rig_.id(world_.sites[place.system][place.site]),
      {.position = pose.origin, .rotation = pose.rotation, .velocity = {}, .spin = spin_of(site)},
      rig_.now()));
}

void LogReplay::place_ship(const FlightSample& sample) {
  Streamer& streamer = rig_.streamer();
  const ContainerId frame = frame_of(sample);
  const FrameMotion motion = {
      .position = sample.position, .rotation = {}, .velocity = sample.velocity, .spin = {}};
  if (!ship_.valid()) {
    const Result<ContainerId> spawned =
        streamer.spawn(rig_.id(world_.ship), frame, motion, rig_.now());
    if (!spawned) throw BenchError("no ship: " + cause_of(spawned.error()));
    ship_ = *spawned;
  } else if (ship_in_ != frame) {
    check(streamer.attach(ship_, frame, motion, rig_.now()));
  } else {
    check(streamer.move_frame(ship_, motion, rig_.now()));
  }
  ship_in_ = frame;
}

void LogReplay::place_observer(const Leg& leg, const FlightSample& ship, double seconds) {
  Motion motion{.position = {}, .velocity = {}, .frame = ship_};
  if (leg.going != Going::aboard) {
    const FlightSample walker = walker_at(flight_, leg, seconds);
    motion = {.position = walker.position, .velocity = walker.velocity, .frame = frame_of(ship)};
  }
  if (observer_.valid()) {
    rig_.streamer().move_observer(observer_, motion, rig_.now());
    return;
  }
  const Result<ObserverId> added = rig_.streamer().add_observer({.motion = motion}, rig_.now());
  if (!added) throw BenchError("no observer: " + cause_of(added.error()));
  observer_ = *added;
}

void LogReplay::pose(const Leg& leg, double seconds) {
  turn_site(leg.from, seconds);
  if (leg.to.site != leg.from.site) turn_site(leg.to, seconds);
  const FlightSample ship = ship_at(flight_, leg, seconds);
  place_ship(ship);
  place_observer(leg, ship, seconds);
}

// What an engine says: a jump has begun; it comes nearer; one is through, or it is off.
void LogReplay::state_jumps(double seconds) {
  Streamer& streamer = rig_.streamer();
  while (next_jump_ < flight_.jumps.size()) {
    const JumpStart& jump = flight_.jumps[next_jump_];
    if (seconds < jump.begin) return;
    if (seconds >= jump.end) {
      if (intent_.valid()) streamer.withdraw(intent_);
      intent_ = {};
      ++next_jump_;
      continue;
    }
    const double left = std::max(kJumpLeadSeconds - (seconds - jump.begin), kCountdownMin);
    if (!intent_.valid()) {
      const GateId gate =
          streamer.find_gate(rig_.id(world_.systems[jump.from]), gate_name(jump.to));
      const GateView view = streamer.gate(gate);
      intended_.frame = view.target;
      intended_.position = view.target_position;
      const Result<IntentId> stated =
          streamer.intend(observer_, gate, Duration::from_seconds(left), 1, rig_.now());
      if (!stated) throw BenchError("no intent to jump: " + cause_of(stated.error()));
      intent_ = *stated;
      said_at_ = seconds;
    } else if (seconds - said_at_ >= kCountdown) {
      intended_.in = Duration::from_seconds(left);
      check(streamer.change_intent(intent_, intended_, rig_.now()));
      said_at_ = seconds;
    }
    return;
  }
}

double LogReplay::frame_after(const Leg& leg, double seconds) const {
  double step = kFrameOfRest;
  if (leg.going != Going::aboard) step = kFrameOfStroll;
  if (leg.moves()) step = kFrameOfTravel;
  const bool near_end = seconds - leg.begin < kAfterBegin || leg.end - seconds < kBeforeEnd;
  if ((leg.moves() && near_end) || !rig_.streamer().idle()) step = kFrame;
  if (next_jump_ < flight_.jumps.size()) {
    const JumpStart& jump = flight_.jumps[next_jump_];
    for (const double moment : {jump.begin, jump.end}) {
      if (moment > seconds) step = std::min(step, moment - seconds);
    }
  }
  return std::min(step, leg.end - seconds);
}

// Unless `to_end`, its last moment is the first one somewhere else: nobody is here any more.
void LogReplay::fly(const Leg& leg, bool to_end) {
  double seconds = leg.begin;
  pose(leg, seconds);
  if (leg.by == LegBegin::cut) rig_.wait_behind_screen();
  state_jumps(seconds);
  while (seconds < leg.end) {
    const double step = std::max(frame_after(leg, seconds), 1e-4);
    seconds = std::min(seconds + step, leg.end);
    rig_.advance(Duration::from_seconds(step));
    if (seconds >= leg.end && !to_end) return;
    pose(leg, seconds);
    state_jumps(seconds);
    rig_.frame();
  }
}

}  // namespace

ReplayFigures replay_log(const LogFlight& flight, const StarWorld& world, const Payload& payload,
                         const RigOptions& options) {
  ReplayRig rig(world.tables, payload, options);
  LogReplay(flight, world, rig).run();
  return rig.finish(flight.legs.empty() ? 0 : flight.legs.back().end - flight.legs.front().begin);
}

}  // namespace nf::bench
