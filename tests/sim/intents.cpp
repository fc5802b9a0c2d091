#include "tests/sim/intents.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nf::sim {
namespace {

constexpr Duration kLongTime = {24ll * 3600 * 1'000'000'000};

Intent draw_intent(Stage& stage) {
  Prng& prng = stage.prng;
  const double reach = stage.plan.first->extent;
  const std::array<double, 4> seconds = {0, prng.between(0, 1), prng.between(0, 30), 1e6};
  Intent intent;
  intent.frame = stage.any_frame();
  intent.position = {prng.between(-reach, reach), prng.between(-reach, reach), 0};
  if (prng.chance(0.3)) intent.velocity = {prng.between(-reach, reach) * 0.1, 0, 0};
  intent.in = Duration::from_seconds(seconds[prng.below(seconds.size())]);
  intent.probability = prng.chance(0.1) ? 0 : static_cast<float>(prng.unit());
  return intent;
}

}  // namespace

void Intents::act(Stage& stage, Walkers& walkers) {
  if (!stage.plan.intends || walkers.all.empty()) return;
  for (std::uint32_t i = 0; i < stage.plan.turns; ++i) take_turn(stage, walkers);
}

void Intents::take_turn(Stage& stage, Walkers& walkers) {
  Prng& prng = stage.prng;
  if (prng.chance(0.1)) state(stage, walkers.all[prng.below(walkers.all.size())]);
  if (all_.empty()) return;
  std::swap(all_[prng.below(all_.size())], all_.back());
  Stated& stated = all_.back();
  if (prng.chance(0.2)) change(stage, stated);
  if (prng.chance(0.03)) {  // it jumps, and may say so afterwards
    for (Walker& walker : walkers.all) {
      const ContainerId frame = stated.intent.frame;
      if (walker.id != stated.observer || (frame.valid() && !stage.model.exists(frame))) continue;
      walker.at = {frame, stated.intent.position};
    }
    if (prng.chance(0.3)) return;
  }
  if (!prng.chance(0.05)) return;
  stage.streamer->withdraw(stated.id);
  stage.streamer->withdraw(stated.id);  // nothing for one that is none any more
  all_.pop_back();
}

void Intents::state(Stage& stage, const Walker& walker) {
  Intent intent = draw_intent(stage);
  const ContainerId near = stage.any_container();
  const GateRange gates = stage.streamer->gates_of(near);
  Result<IntentId> made = Error{.code = ErrorCode::not_found};
  if (gates.empty()) {
    made = stage.streamer->intend(walker.id, intent, stage.now);
  } else {
    const GateView gate = stage.streamer->gate(gates[0]);
    stage.check(gate.container == near, "a gate stands elsewhere");
    intent = {.frame = gate.target,
              .position = gate.target_position,
              .velocity = {},
              .in = intent.in,
              .probability = intent.probability};
    made = stage.streamer->intend(walker.id, gates[0], intent.in, intent.probability, stage.now);
    stage.check(made || made.error().code != ErrorCode::not_found || !gate.target.valid(),
                "a gate leads nowhere although what it leads to is there");
  }
  const bool has_room = stage.streamer->stats().intents < stage.plan.streamer.intents_max;
  stage.check(made || !has_room || !gates.empty(), "an intent was refused");
  if (made) all_.push_back({.id = *made, .observer = walker.id, .intent = intent});
}

void Intents::change(Stage& stage, Stated& stated) const {
  const Intent intent = draw_intent(stage);
  const Result<void> changed = stage.streamer->change_intent(stated.id, intent, stage.now);
  if (changed) stated.intent = intent;
  stage.check(changed || changed.error().code == ErrorCode::not_found, "an intent was not changed");
}

void Intents::check(Stage& stage) const {
  const Stats stats = stage.streamer->stats();
  stage.check(stats.intents <= all_.size(), "an intent is left of one that was withdrawn");
  const double share = static_cast<double>(stage.plan.streamer.intent_share);
  const double most = share * static_cast<double>(stage.plan.memory);
  stage.check(static_cast<double>(stats.intent_memory.value) <= most + 1,
              "intents hold more memory than their share");
}

void Intents::settle(Stage& stage) {
  for (const Stated& stated : all_) stage.streamer->withdraw(stated.id);
  all_.clear();
}

// Where nothing moves, each at once or after any time, and as unlikely as it may be.
void Intents::stand(Stage& stage, const Walkers& walkers, const std::vector<bool>& kept) {
  const std::uint32_t count = stage.mounts.count();
  awaited_.assign(count, false);
  foretold_ = held_ = awaited_;
  listed_ = 0;
  if (walkers.all.empty()) return;
  for (std::uint64_t more = 1 + stage.prng.below(3); more > 0; --more) {
    const Walker& walker = walkers.all[stage.prng.below(walkers.all.size())];
    const std::size_t before = all_.size();
    state(stage, walker);
    if (all_.size() == before) continue;
    Intent& intent = all_.back().intent;
    intent.velocity = {};
    intent.probability = static_cast<float>(stage.prng.between(0.001, 1));
    if (stage.prng.chance(0.5)) intent.in = kLongTime;
    look(stage, walker, intent);
  }
  for (const Stated& stated : all_) keep(stage, stated);
  if (!fits(stage, kept)) awaited_.assign(count, false);
}

void Intents::look(const Stage& stage, const Walker& walker, const Intent& intent) {
  stage.model.look({intent.frame, intent.position}, view_);
  for (std::uint32_t i = 0; i < awaited_.size(); ++i) {
    const ContainerId id{i};
    if (!stage.model.placed(id) || !view_.in[i].same_space) continue;
    const Reach reach = reach_of(stage, walker, view_, id);
    if (reach.inside) stage.mounts.mark_with_dependencies(id, awaited_);
    if (!reach.near && !reach.reachable) continue;
    foretold_[i] = true;
    ++listed_;
    stage.mounts.mark_with_dependencies(id, held_);
  }
}

// Into what intents may have of memory and places, and that beside what is there for observers:
// nothing of that makes room for them. What cannot move leaves gaps, each too small at most. And on
// lists: what is too much for one is forgotten. An intent has one for each frame, and there are not
// many more than intents; where all of it would find room on one, it does however it is spread.
bool Intents::fits(const Stage& stage, const std::vector<bool>& kept) const {
  const StreamerOptions& options = stage.plan.streamer;
  const double share = static_cast<double>(options.intent_share);
  std::uint64_t of_intents = 0, of_all = 0, places = 0, largest = 0;
  for (std::uint32_t id = 0; id < held_.size(); ++id) {
    const std::uint64_t room = stage.mounts.room_in_memory({id});
    if (held_[id]) of_intents += room;
    if (!held_[id] && !kept[id]) continue;
    of_all += room;
    largest = std::max(largest, room);
    ++places;
  }
  const auto foretold = static_cast<double>(std::count(foretold_.begin(), foretold_.end(), true));
  return listed_ <= options.wanted_per_observer_max &&
         static_cast<double>(of_intents) + 1 <= share * static_cast<double>(stage.plan.memory) &&
         of_all + (places + 1) * largest <= stage.plan.memory &&
         foretold <= share * options.active_max && places * 2 <= options.active_max;
}

void Intents::keep(Stage& stage, const Stated& stated) const {
  const auto kept = stage.streamer->change_intent(stated.id, stated.intent, stage.now);
  stage.check(kept.has_value(), "an intent that stands was not kept");
}

// The countdowns of those that are soon do not go on.
void Intents::hold(Stage& stage) const {
  for (const Stated& stated : all_) {
    if (stated.intent.in < kLongTime) keep(stage, stated);
  }
}

bool Intents::met(const Stage& stage) const {
  for (std::uint32_t id = 0; id < awaited_.size(); ++id) {
    if (awaited_[id] && !stage.resident[id]) return false;
  }
  return true;
}

}  // namespace nf::sim
