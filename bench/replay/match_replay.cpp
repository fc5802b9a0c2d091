#include "bench/replay/match_replay.h"

#include <algorithm>
#include <vector>

#include "bench/suite/suite.h"
#include "core/world/vector_math.h"
#include "tools/nearfield/output.h"

namespace nf::bench {
namespace {

constexpr double kTick = 1.0 / 30;
constexpr double kBesideUnits = 0.5;  // of the world's
// Each takes lists of its own. Joins beyond are not foretold, and are counted.
constexpr std::uint32_t kIntentsMost = 4096;

class MatchReplay {
 public:
  MatchReplay(const Match& match, const MatchWorld& world, ReplayRig& rig)
      : match_(match), world_(world), rig_(rig) {}

  void run();

 private:
  struct Present {
    const Track* track = nullptr;
    ObserverId id;
    std::size_t hint = 0;
  };
  struct Join {
    std::size_t track = 0;
    IntentId intent;
  };

  void state_joins(double seconds);
  void let_in(double seconds);
  void move_all(double seconds);
  bool is_beside_somebody(WorldPosition at, double seconds) const;

  const Match& match_;
  const MatchWorld& world_;
  ReplayRig& rig_;
  std::vector<Present> present_;
  std::vector<Join> joins_;
  ObserverId lobby_;             // in whose name joins are stated: it is far from everything
  std::size_t next_in_ = 0;      // tracks in front of it were let in
  std::size_t next_stated_ = 0;  // and of these the server knew
};

// Where somebody will be that is there already.
bool MatchReplay::is_beside_somebody(WorldPosition at, double seconds) const {
  return std::any_of(present_.begin(), present_.end(), [&](const Present& one) {
    std::size_t hint = one.hint;
    const Motion there = motion_of(*one.track, seconds, hint);
    return length(there.position - at) < kBesideUnits * world_.unit;
  });
}

void MatchReplay::state_joins(double seconds) {
  for (; next_stated_ < match_.tracks.size(); ++next_stated_) {
    const Track& track = match_.tracks[next_stated_];
    if (track.begin() > seconds + kJoinSeconds) return;
    if (next_stated_ < next_in_) continue;
    const WorldPosition at = track.points.front().position;
    if (is_beside_somebody(at, track.begin())) continue;
    Intent join;
    join.position = at;
    join.in = Duration::from_seconds(std::max(track.begin() - seconds, 0.0));
    const Result<IntentId> stated = rig_.streamer().intend(lobby_, join, rig_.now());
    if (!stated && stated.error().code == ErrorCode::limit_exceeded) {
      ++rig_.joins().untold;
      continue;
    }
    if (!stated) throw BenchError("no intent to join: " + cause_of(stated.error()));
    ++(track.again ? rig_.joins().again : rig_.joins().first);
    joins_.push_back({.track = next_stated_, .intent = *stated});
  }
}

void MatchReplay::let_in(double seconds) {
  for (; next_in_ < match_.tracks.size(); ++next_in_) {
    const Track& track = match_.tracks[next_in_];
    if (track.begin() > seconds) break;
    Present one{.track = &track, .id = {}};
    const Result<ObserverId> added =
        rig_.streamer().add_observer({.motion = motion_of(track, seconds, one.hint)}, rig_.now());
    if (!added) throw BenchError("a further observer: " + cause_of(added.error()));
    one.id = *added;
    present_.push_back(one);
  }
  std::erase_if(joins_, [&](const Join& join) {
    if (join.track >= next_in_) return false;
    rig_.streamer().withdraw(join.intent);
    return true;
  });
}

void MatchReplay::move_all(double seconds) {
  std::erase_if(present_, [&](const Present& one) {
    if (one.track->end() + kTick >= seconds) return false;
    rig_.streamer().remove_observer(one.id);
    return true;
  });
  for (Present& one : present_) {
    rig_.streamer().move_observer(one.id, motion_of(*one.track, seconds, one.hint), rig_.now());
  }
}

void MatchReplay::run() {
  const double away = 1e9;
  const Result<ObserverId> lobby =
      rig_.streamer().add_observer({.motion = {{away, away, away}, {}}}, rig_.now());
  if (!lobby) throw BenchError("no observer: " + cause_of(lobby.error()));
  lobby_ = *lobby;
  let_in(0.1);  // those that the recording begins with
  rig_.wait_behind_screen();
  for (double seconds = 0; seconds < match_.end;) {
    state_joins(seconds);
    seconds += kTick;
    rig_.advance(Duration::from_seconds(kTick));
    move_all(seconds);
    let_in(seconds);
    rig_.frame();
  }
  for (const Present& one : present_) rig_.streamer().remove_observer(one.id);
}

// Room for all that are there at one time, and for all of whom the server knows that they will be.
StreamerOptions with_room_for(const Match& match, StreamerOptions options) {
  std::vector<TimeSpan> there, expected;
  for (const Track& track : match.tracks) {
    there.push_back({.begin = track.begin(), .end = track.end() + 2 * kTick});
    expected.push_back({.begin = track.begin() - kJoinSeconds, .end = track.begin()});
  }
  options.observers_max = std::max(options.observers_max, most_at_once(there) + 1);
  options.intents_max =
      std::max(options.intents_max, std::min(most_at_once(expected), kIntentsMost));
  return options;
}

}  // namespace

ReplayFigures replay_match(const Match& match, const MatchWorld& world, const Payload& payload,
                           const RigOptions& options) {
  RigOptions roomy = options;
  roomy.streamer = with_room_for(match, options.streamer);
  ReplayRig rig(world.tables, payload, roomy);
  MatchReplay(match, world, rig).run();
  return rig.finish(match.end);
}

}  // namespace nf::bench
