#include "tests/sim/intents.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nf::sim {
namespace {

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

}  // namespace nf::sim
