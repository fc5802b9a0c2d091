#include "core/interest/intents.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"

namespace nf {
namespace {

constexpr std::uint32_t kIntentsMax = 1u << 16;
constexpr std::uint32_t kDerivedPerIntent = 8;  // on average
constexpr std::uint32_t kDerivedSpare = 32;
constexpr std::uint32_t kListsSpare = 4;
constexpr std::int64_t kRefreshesOnTheWay = 8;

// False for what is not a number.
bool is_probability(float p) {
  return p >= 0 && p <= 1;
}

bool is_usable(const IntentSample& sample) {
  return usable(sample.position) && usable(WorldPosition{} + sample.velocity) &&
         is_probability(sample.probability);
}

bool same(WorldVector a, WorldVector b) {
  return a.x == b.x && a.y == b.y && a.z == b.z;
}

// Of an observer that has only just come there.
Forecast forecast_arrival(const IntentSample& sample, Time at, Duration lookahead,
                          const MotionEnvelope& envelope) {
  MotionHistory history;
  observe(history, {.at = at, .position = sample.position, .velocity = sample.velocity});
  return forecast_motion(history, at, lookahead, envelope);
}

}  // namespace

Result<Intents> Intents::make(const IntentsOptions& options) {
  if (options.intents_max > kIntentsMax) return Error{.code = ErrorCode::invalid_argument};
  Intents intents;
  intents.options_ = options;
  if (options.intents_max == 0) return intents;
  Result<Array<State>> states = Array<State>::make(options.intents_max);
  if (!states) return states.error();
  Result<Eyes> eyes =
      Eyes::make({.observers_max = options.intents_max,
                  .derived_max = options.intents_max * kDerivedPerIntent + kDerivedSpare,
                  .lists_max = options.intents_max + kListsSpare,
                  .list_for_each = false,  // nothing is late for them
                  .collector = options.collector});
  if (!eyes) return eyes.error();
  intents.intents_ = std::move(*states);
  intents.eyes_ = std::move(*eyes);
  return intents;
}

Result<void> Intents::reserve(std::uint32_t bodies) {
  if (options_.intents_max == 0) return {};
  return eyes_.reserve(bodies);
}

Intents::State* Intents::find(IntentId id) {
  const auto slot = static_cast<std::uint32_t>(id.value);
  if (slot >= used_) return nullptr;
  State& intent = intents_[slot];
  const bool alive =
      intent.active && intent.generation == static_cast<std::uint32_t>(id.value >> 32);
  return alive ? &intent : nullptr;
}

Result<IntentId> Intents::add(ObserverId observer, const IntentBubble& bubble,
                              const IntentSample& sample) {
  if (!is_usable(sample)) return Error{.code = ErrorCode::invalid_argument};
  if (count_ == options_.intents_max) return Error{.code = ErrorCode::limit_exceeded};
  std::uint32_t slot = 0;
  while (slot < used_ && intents_[slot].active) ++slot;
  if (slot == used_) intents_[used_++] = {};
  State& intent = intents_[slot];
  const std::uint32_t generation = intent.generation + 1;
  intent = {};
  intent.observer = observer;
  intent.sample = sample;
  intent.bubble = bubble;
  intent.generation = generation;
  intent.active = true;
  ++count_;
  return IntentId{(std::uint64_t{generation} << 32) | slot};
}

Result<void> Intents::change(IntentId id, const IntentSample& sample) {
  State* const intent = find(id);
  if (intent == nullptr) return Error{.code = ErrorCode::not_found};
  if (!is_usable(sample)) return Error{.code = ErrorCode::invalid_argument};
  const IntentSample before = std::exchange(intent->sample, sample);
  if (before.body != sample.body) intent->collected = false;
  intent->moved |= !same(sample.position - WorldPosition{}, before.position - WorldPosition{});
  intent->off |= !same(sample.velocity, before.velocity);
  return {};
}

void Intents::release(std::uint32_t slot) {
  State& intent = intents_[slot];
  eyes_.close(intent.eyes);
  const std::uint32_t generation = intent.generation;
  intent = {};
  intent.generation = generation;
  --count_;
}

void Intents::withdraw(IntentId id) {
  if (find(id) != nullptr) release(static_cast<std::uint32_t>(id.value));
}

void Intents::withdraw_all_of(ObserverId observer) {
  for (std::uint32_t slot = 0; slot < used_ && count_ > 0; ++slot) {
    if (intents_[slot].active && intents_[slot].observer == observer) release(slot);
  }
}

void Intents::collect_anew() {
  for (std::uint32_t slot = 0; slot < used_; ++slot) intents_[slot].collected = false;
}

Stance Intents::stance_of(std::uint32_t slot) const {
  const State& intent = intents_[slot];
  return {.observer = slot,
          .body = intent.sample.body,
          .position = intent.sample.position,
          .scale = intent.bubble.scale,
          .hysteresis = static_cast<double>(options_.hysteresis)};
}

// Those that have no eye in a body that may have come into their reach look again, and so do those
// that had one in a body that is no more where it was. A place that is no more is not to be
// reached.
void Intents::note_changes(const World& world) {
  bool some_removed = false;
  for (const BodyId body : world.bodies().severed()) {
    some_removed |= world.bodies()[body].removed;
    eyes_.for_each_in(body, [&](std::uint32_t slot) { intents_[slot].collected = false; });
  }
  for (std::uint32_t slot = 0; some_removed && slot < used_; ++slot) {
    const State& intent = intents_[slot];
    if (intent.active && world.bodies()[intent.sample.body].removed) release(slot);
  }
  for (const BodyId body : world.bodies().changed()) {
    eyes_.for_each_in_reach(world, body, [&](std::uint32_t slot) {
      State& intent = intents_[slot];
      if (intent.collected && !eyes_.has_eye_in(intent.eyes, body)) intent.collected = false;
    });
  }
}

void Intents::refresh(std::uint32_t slot, const World& world, Time now) {
  State& intent = intents_[slot];
  intent.collected_for = std::max(intent.sample.arrives_at, now);
  const Forecast forecast = forecast_arrival(intent.sample, intent.collected_for,
                                             options_.lookahead, intent.bubble.envelope);
  const Eyes::Look look = eyes_.look(intent.eyes, world, stance_of(slot), forecast, now);
  intent.eyes = look.first;
  intent.poses = world.bodies().version();
  intent.refreshed_at = now;
  intent.collected = true;
  intent.moved = false;
  intent.off = false;
  intent.times_given_back = eyes_.times_given_back();
  intent.short_of_room = look.short_of_room;
  intent.may_give_way = look.may_give_way;
}

void Intents::place_eyes(std::uint32_t slot, const World& world, Time now) {
  State& intent = intents_[slot];
  const bool poses_changed = intent.poses != world.bodies().version();
  if (intent.collected && (intent.moved || poses_changed)) {
    const Eyes::Sight sight =
        eyes_.move_to(intent.eyes, world, stance_of(slot), intent.collected_for, now);
    intent.poses = world.bodies().version();
    intent.moved = false;
    // Bodies that move are seen where they will be, as far as that can be told by now.
    intent.off |= sight == Eyes::Sight::off;
    if (sight == Eyes::Sight::stale) intent.collected = false;
  }
  if (!intent.collected) refresh(slot, world, now);
}

bool Intents::is_due(const State& intent, Time now) const {
  if (!intent.active || now - intent.refreshed_at < options_.refresh_interval) return false;
  const bool gives_way = intent.may_give_way && eyes_.pressed();
  const bool may_find_room =
      intent.short_of_room && intent.times_given_back != eyes_.times_given_back();
  if (gives_way || may_find_room) return true;
  const Duration left = intent.sample.arrives_at - now;
  const Duration useful{left.ns / kRefreshesOnTheWay};
  return (intent.off || intent.short_of_room) && now - intent.refreshed_at >= useful;
}

void Intents::refresh_within_budget(const World& world, Time now) {
  std::uint32_t left = options_.refreshes_max;
  for (std::uint32_t i = 0; i < used_ && left > 0; ++i) {
    if (++next_ >= used_) next_ = 0;
    if (!is_due(intents_[next_], now)) continue;
    refresh(next_, world, now);
    --left;
  }
}

void Intents::bring_up_to_date(const World& world, Time now) {
  if (count_ == 0) return;
  note_changes(world);
  for (std::uint32_t slot = 0; slot < used_; ++slot) {
    if (!intents_[slot].active) continue;
    if (now - intents_[slot].sample.arrives_at >= kIntentGrace) {
      release(slot);
    } else {
      place_eyes(slot, world, now);
    }
  }
  refresh_within_budget(world, now);
  overflows_ += eyes_.dropped();
}

void Intents::mark(WantedMerge& merge) const {
  if (count_ == 0) return;
  for (const Eye& eye : eyes_.all()) {
    if (eye.list.listed == 0 || !(intents_[eye.observer].sample.probability > 0)) continue;
    for (std::uint32_t i = 0; i < eye.list.listed; ++i) {
      merge.mark(eye.list.ids[i], false);
      merge.stir(eye.list.ids[i]);
    }
  }
}

void Intents::add_to(WantedMerge& merge, Time now) const {
  if (count_ == 0) return;
  for (const Eye& eye : eyes_.all()) {
    if (eye.list.listed == 0) continue;
    const State& intent = intents_[eye.observer];
    const float probability = intent.sample.probability;
    if (!(probability > 0)) continue;
    const Time arrives_at = std::max(intent.sample.arrives_at, now);
    const Duration shift = arrives_at - intent.collected_for;
    for (std::uint32_t i = 0; i < eye.list.listed; ++i) {
      Wanted& wanted = *merge.find(eye.list.ids[i]);
      const Need need = eye.list.needs[i];
      const bool is_kept = need.at == Time::never();
      if (wanted.keep_only && (!is_kept || wanted.observers == 0)) wanted.by_intent = true;
      if (is_kept) continue;
      const Time at = need.inside ? arrives_at : std::max(need.at + shift, arrives_at);
      wanted.needed_at = std::min(wanted.needed_at, at);
      wanted.probability = std::max(wanted.probability, probability * need.probability);
      wanted.keep_only = false;
    }
  }
}

}  // namespace nf
