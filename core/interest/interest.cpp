#include <algorithm>
#include <cmath>
#include <new>

#include "core/base/array.h"
#include "core/base/assert.h"
#include "core/base/planted_bug.h"
#include "core/interest/eyes.h"
#include "core/interest/intents.h"
#include "core/interest/merge.h"
#include "core/interest/wanted.h"

namespace nf {
namespace {

constexpr std::uint32_t kObserversMax = 1u << 20;
constexpr std::uint32_t kCandidatesMax = 1u << 16;  // of one eye
constexpr std::uint32_t kCandidatesPerListed = 2;
constexpr std::uint32_t kCandidatesMin = 64;
constexpr std::uint32_t kDerivedPerObserver = 8;  // on average
constexpr std::uint32_t kDerivedSpare = 256;
constexpr std::uint32_t kListsSpare = 8;  // so that one observer alone has room for several eyes
constexpr std::uint32_t kBindsMax = 1u << 26;
constexpr double kBubbleScaleMax = 1e6;
constexpr std::int64_t kRefreshesPerPiece = 8;

// What every frame looks at; what only a refresh needs lies elsewhere.
struct ObserverState {
  EyeId eyes;  // the first of them
  BodyId body;
  WorldPosition position;  // in the body's frame
  Time moved_at;
  Time refreshed_at;
  Time expires_at;           // the piece that is followed ends
  Duration followed_length;  // of that piece
  double scale = 1;
  MotionEnvelope envelope;
  std::uint64_t poses = 0;  // the world's version that its eyes were placed at
  std::uint32_t generation = 0;
  bool active = false;
  bool collected = false;  // its lists hold for the world as it is
  bool left_forecast = false;
  bool short_of_room = false;  // others took what its lists needed, and may give it back
  bool may_give_way = false;   // it has eyes that others may need more
  bool moved = false;          // since its eyes were placed
  bool still = false;          // has not moved since its lists were collected, and will not
  bool changes_body = false;   // with the sample that waits in `crossings`
  bool nowhere = false;        // its space is gone, and it was not moved to another yet
};

// A motion stated in the frame of another body than the one before.
struct Crossing {
  BodyId body;
  MotionSample sample;
};

bool options_valid(const InterestOptions& options) {
  return options.observers_max > 0 && options.observers_max <= kObserversMax &&
         options.wanted_per_observer_max > 0 &&
         options.wanted_per_observer_max <= kCandidatesMax / kCandidatesPerListed &&
         options.wanted_max > 0 && options.lookahead.ns > 0 && options.refresh_interval.ns >= 0 &&
         (!options.sets || (options.binds_max > 0 && options.binds_max <= kBindsMax)) &&
         std::isfinite(options.hysteresis) && options.hysteresis >= 1;
}

}  // namespace

struct Interest::Impl {
  enum class Due { not_yet, old, wrong };

  InterestOptions options;
  Array<ObserverState> observers;  // by slot
  Array<MotionHistory> histories;  // by slot
  Array<Crossing> crossings;       // by slot
  Array<std::uint32_t> free_slots;
  std::uint32_t free_count = 0;
  std::uint32_t slots_used = 0;  // slots at or past it were never taken
  Eyes eyes;
  Intents intents;
  WantedMerge merge;
  Time merged_at;
  InterestSets sets;
  std::uint32_t reserved = 0;    // containers
  std::uint64_t mounts = 0;      // the world's version that the lists were collected at
  std::uint32_t next_wrong = 0;  // slots where the rounds of refreshes go on
  std::uint32_t next_old = 0;
  InterestStats stats;

  Result<void> allocate();
  ObserverState* find(ObserverId id);
  ObserverState& checked(ObserverId id);
  Stance stance_of(std::uint32_t slot) const;
  void cross(std::uint32_t slot, const World& world, Time now);
  void refresh(std::uint32_t slot, const World& world, Time now);
  void note_changes(const World& world);
  void leave_removed(std::uint32_t slot, const World& world);
  void bring_up_to_date(std::uint32_t slot, const World& world, Time now);
  Due due(const ObserverState& observer, Time now) const;
  void refresh_within_budget(const World& world, Time now);
  void merge_lists(Time now, const Settled& settled);
};

Result<void> Interest::Impl::allocate() {
  const std::uint32_t count = options.observers_max;
  const CollectorOptions limits{
      .listed_max = options.wanted_per_observer_max,
      .candidates_max =
          std::max(options.wanted_per_observer_max * kCandidatesPerListed, kCandidatesMin)};
  Result<Array<ObserverState>> states = Array<ObserverState>::make(count);
  if (!states) return states.error();
  Result<Array<MotionHistory>> history = Array<MotionHistory>::make(count);
  if (!history) return history.error();
  Result<Array<Crossing>> crossing = Array<Crossing>::make(count);
  if (!crossing) return crossing.error();
  Result<Array<std::uint32_t>> slots = Array<std::uint32_t>::make(count);
  if (!slots) return slots.error();
  Result<Eyes> made = Eyes::make({.observers_max = count,
                                  .derived_max = count * kDerivedPerObserver + kDerivedSpare,
                                  .lists_max = count + kListsSpare,
                                  .collector = limits});
  if (!made) return made.error();
  if (options.sets) {
    Result<InterestSets> kept =
        InterestSets::make({.observers_max = count,
                            .set_mean = options.wanted_per_observer_max,
                            .near_max = options.wanted_per_observer_max * Eyes::kEyesPerObserverMax,
                            .binds_max = options.binds_max});
    if (!kept) return kept.error();
    sets = std::move(*kept);
  }
  Result<Intents> stated = Intents::make({.intents_max = options.intents_max,
                                          .lookahead = options.lookahead,
                                          .refresh_interval = options.refresh_interval,
                                          .hysteresis = options.hysteresis,
                                          .collector = limits});
  if (!stated) return stated.error();
  intents = std::move(*stated);
  observers = std::move(*states);
  histories = std::move(*history);
  crossings = std::move(*crossing);
  free_slots = std::move(*slots);
  eyes = std::move(*made);
  return {};
}

ObserverState* Interest::Impl::find(ObserverId id) {
  const auto slot = static_cast<std::uint32_t>(id.value);
  if (slot >= slots_used || !observers[slot].active) return nullptr;
  const bool same = observers[slot].generation == static_cast<std::uint32_t>(id.value >> 32);
  return same ? &observers[slot] : nullptr;
}

ObserverState& Interest::Impl::checked(ObserverId id) {
  ObserverState* const active = find(id);
  NF_ASSERT(active != nullptr);
  return *active;
}

Stance Interest::Impl::stance_of(std::uint32_t slot) const {
  const ObserverState& observer = observers[slot];
  return {.observer = slot,
          .body = observer.body,
          .position = observer.position,
          .scale = observer.scale,
          .hysteresis = static_cast<double>(options.hysteresis)};
}

// From one frame to another: what was learnt of its motion goes with it, as seen from there.
void Interest::Impl::cross(std::uint32_t slot, const World& world, Time now) {
  ObserverState& observer = observers[slot];
  const Crossing& crossing = crossings[slot];
  MotionHistory& history = histories[slot];
  MovingPose way;
  if (!observer.nowhere && world.bodies().relate(observer.body, crossing.body, way)) {
    reframe(history, way, now);
  } else {
    history = {};
  }
  observe(history, crossing.sample);
  observer.body = crossing.body;
  observer.position = crossing.sample.position;
  observer.changes_body = false;
  observer.nowhere = false;
  if constexpr (planted_bug != kCrossingUnseen) observer.collected = false;
}

void Interest::Impl::refresh(std::uint32_t slot, const World& world, Time now) {
  ObserverState& observer = observers[slot];
  const Forecast forecast =
      forecast_motion(histories[slot], now, options.lookahead, observer.envelope);
  const ForecastPiece& followed = forecast.pieces[forecast.piece_count - 1];
  observer.expires_at = followed.from + followed.length;
  observer.followed_length = followed.length;
  const Eyes::Look look = eyes.look(observer.eyes, world, stance_of(slot), forecast, now);
  observer.eyes = look.first;
  observer.still = !look.moves && (is_at_rest(histories[slot]) || planted_bug == kRestlessAtRest);
  observer.poses = world.bodies().version();
  observer.refreshed_at = now;
  observer.collected = true;
  observer.moved = false;
  observer.left_forecast = false;
  observer.short_of_room = look.short_of_room;
  observer.may_give_way = look.may_give_way;
  ++stats.refreshes;
  sets.mark(slot);
}

// The body that it is in, or is about to go to, was taken away: it goes on beside it, in what that
// was in. One that is nowhere may be about to go somewhere, too.
void Interest::Impl::leave_removed(std::uint32_t slot, const World& world) {
  ObserverState& observer = observers[slot];
  Crossing& crossing = crossings[slot];
  const Bodies& bodies = world.bodies();
  const BodyId from = observer.changes_body ? crossing.body : observer.body;
  if (!from.valid() || !bodies[from].removed) return;
  BodyId around = from;
  while (around.valid() && bodies[around].removed) around = bodies[around].parent;
  if (!around.valid()) {
    eyes.close(observer.eyes);
    observer.eyes = EyeId::none();
    observer.body = BodyId::none();
    observer.changes_body = false;
    observer.nowhere = true;
    sets.mark(slot);
    return;
  }
  const MotionSample& last = histories[slot].latest;
  MotionSample sample = observer.changes_body ? crossing.sample
                                              : MotionSample{.at = observer.moved_at,
                                                             .position = observer.position,
                                                             .velocity = last.velocity};
  MovingPose way;
  const bool related = bodies.relate(from, around, way);
  NF_ASSERT(related);
  sample.position = to_outer(way.pose, sample.position);
  sample.velocity = to_outer(way.pose, sample.velocity) + way.velocity_at(sample.position);
  crossing = {.body = around, .sample = sample};
  observer.changes_body = true;
}

// Observers that have no eye in a body that may have come into their reach look again, and so do
// those that had one in a body that is no more where it was.
void Interest::Impl::note_changes(const World& world) {
  bool some_removed = false;
  for (const BodyId body : world.bodies().severed()) {
    some_removed |= world.bodies()[body].removed;
    eyes.for_each_in(body, [&](std::uint32_t slot) { observers[slot].collected = false; });
  }
  for (std::uint32_t slot = 0; some_removed && slot < slots_used; ++slot) {
    if (observers[slot].active) leave_removed(slot, world);
  }
  for (const BodyId body : world.bodies().changed()) {
    eyes.for_each_in_reach(world, body, [&](std::uint32_t slot) {
      ObserverState& observer = observers[slot];
      if (observer.collected && !eyes.has_eye_in(observer.eyes, body)) observer.collected = false;
    });
  }
}

void Interest::Impl::bring_up_to_date(std::uint32_t slot, const World& world, Time now) {
  ObserverState& observer = observers[slot];
  if (observer.changes_body) cross(slot, world, now);
  if (observer.nowhere) return;
  const bool poses_changed =
      observer.poses != world.bodies().version() && planted_bug != kEyeKeptWhenBodyMoves;
  if (observer.collected && (observer.moved || poses_changed)) {
    const Eyes::Sight sight =
        eyes.move_to(observer.eyes, world, stance_of(slot), observer.moved_at, now);
    observer.poses = world.bodies().version();
    observer.left_forecast |= sight == Eyes::Sight::off;
    if (eyes.sides_changed()) sets.mark(slot);
    if (sight == Eyes::Sight::stale) observer.collected = false;
    if (observer.moved) observer.still = false;
    observer.moved = false;
  }
  if (!observer.collected) refresh(slot, world, now);
}

Interest::Impl::Due Interest::Impl::due(const ObserverState& observer, Time now) const {
  if (!observer.active || observer.nowhere || observer.refreshed_at == now) return Due::not_yet;
  if (observer.left_forecast) return Due::wrong;
  // Time alone changes nothing for one who stands and is expected to.
  const bool gives_way = observer.may_give_way && eyes.pressed();
  if (observer.still && !observer.short_of_room && !gives_way) return Due::not_yet;
  if (!observer.still && observer.expires_at <= now) return Due::wrong;
  // One who keeps to its forecast learns nothing from the next but its far end.
  const Duration useful{observer.followed_length.ns / kRefreshesPerPiece};
  return now - observer.refreshed_at >= std::max(options.refresh_interval, useful) ? Due::old
                                                                                   : Due::not_yet;
}

// Round robin, first over those whose forecast is wrong or over, then over those where it is old.
void Interest::Impl::refresh_within_budget(const World& world, Time now) {
  std::uint32_t left = options.refreshes_max;
  for (const Due wanted : {Due::wrong, Due::old}) {
    std::uint32_t& next = wanted == Due::wrong ? next_wrong : next_old;
    for (std::uint32_t i = 0; i < slots_used && left > 0; ++i) {
      if (++next >= slots_used) next = 0;
      if (due(observers[next], now) != wanted) continue;
      refresh(next, world, now);
      --left;
    }
  }
}

void Interest::Impl::merge_lists(Time now, const Settled& settled) {
  merged_at = now;
  merge.clear();
  eyes.mark(merge);
  intents.mark(merge);
  eyes.mark_dropped(merge);
  merge.number(settled);
  if (merge.tells_any()) {
    eyes.add_to(merge, now);
    eyes.add_dropped_to(merge);
  }
  intents.add_to(merge, now);
  merge.finish();
  eyes.tell_dropped(merge);
}

Result<Interest> Interest::create(const InterestOptions& options) {
  if (!options_valid(options)) return Error{.code = ErrorCode::invalid_argument};
  std::unique_ptr<Impl> impl(new (std::nothrow) Impl);
  if (impl == nullptr) return Error{.code = ErrorCode::out_of_memory};
  impl->options = options;
  if (auto allocated = impl->allocate(); !allocated) return allocated.error();
  return Interest(std::move(impl));
}

Interest::Interest(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Interest::Interest(Interest&&) noexcept = default;
Interest& Interest::operator=(Interest&&) noexcept = default;
Interest::~Interest() = default;

Result<void> Interest::reserve(std::uint32_t container_count, std::uint32_t body_count) {
  // One observer has as many lists as eyes.
  const std::size_t listed_max = impl_->eyes.listed_max() + impl_->intents.listed_max();
  const auto distinct_max =
      static_cast<std::uint32_t>(std::min<std::size_t>(container_count, listed_max));
  Result<WantedMerge> merge = WantedMerge::make({.containers = container_count,
                                                 .distinct_max = distinct_max,
                                                 .wanted_max = impl_->options.wanted_max});
  if (!merge) return merge.error();
  if (auto bodies = impl_->eyes.reserve(body_count); !bodies) return bodies.error();
  if (auto bodies = impl_->intents.reserve(body_count); !bodies) return bodies.error();
  merge->take_over(impl_->merge);
  impl_->merge = std::move(*merge);
  impl_->reserved = container_count;
  return {};
}

Result<ObserverId> Interest::add(const MotionSample& start, float bubble_scale, BodyId body) {
  const double scale = static_cast<double>(bubble_scale);
  if (!usable(start.position) || !(scale >= 0 && scale <= kBubbleScaleMax)) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  if (impl_->free_count == 0 && impl_->slots_used == impl_->options.observers_max) {
    return Error{.code = ErrorCode::limit_exceeded};
  }
  const std::uint32_t slot =
      impl_->free_count > 0 ? impl_->free_slots[--impl_->free_count] : impl_->slots_used++;
  ObserverState& observer = impl_->observers[slot];
  const std::uint32_t generation = observer.generation + 1;
  observer = {};
  observer.body = body;
  observer.position = start.position;
  observer.moved_at = start.at;
  observer.scale = scale;
  observer.generation = generation;
  observer.active = true;
  impl_->histories[slot] = {};
  observe(impl_->histories[slot], start);
  const ObserverId id{(std::uint64_t{generation} << 32) | slot};
  impl_->sets.join(slot, id);
  return id;
}

void Interest::set_envelope(ObserverId id, const MotionEnvelope& envelope) {
  ObserverState& observer = impl_->checked(id);
  observer.envelope = envelope;
  observer.collected = false;
}

void Interest::remove(ObserverId id) {
  ObserverState& observer = impl_->checked(id);
  impl_->intents.withdraw_all_of(id);
  impl_->eyes.close(observer.eyes);
  impl_->sets.leave(static_cast<std::uint32_t>(id.value));
  const std::uint32_t generation = observer.generation;
  observer = {};
  observer.generation = generation;
  impl_->free_slots[impl_->free_count++] = static_cast<std::uint32_t>(id.value);
}

void Interest::move(ObserverId id, const MotionSample& sample, BodyId body) {
  ObserverState& observer = impl_->checked(id);
  const auto slot = static_cast<std::uint32_t>(id.value);
  if (!usable(sample.position)) return;
  observer.moved_at = sample.at;
  observer.changes_body = body != observer.body;
  if (observer.changes_body) {
    impl_->crossings[slot] = {.body = body, .sample = sample};
    return;
  }
  const WorldVector moved = sample.position - observer.position;
  observer.moved |= dot(moved, moved) > 0;
  observer.position = sample.position;
  observe(impl_->histories[slot], sample);
}

std::uint32_t Interest::observer_count() const {
  return impl_->slots_used - impl_->free_count;
}

std::span<const Wanted> Interest::find_wanted(const World& world, Time now,
                                              const Settled& settled) {
  Impl& impl = *impl_;
  NF_ASSERT(world.container_count() <= impl.reserved);
  if (impl.mounts != world.mounts_version()) {
    for (std::uint32_t slot = 0; slot < impl.slots_used; ++slot) {
      impl.observers[slot].collected = false;
    }
    impl.intents.collect_anew();
    impl.mounts = world.mounts_version();
  }
  impl.note_changes(world);
  for (std::uint32_t slot = 0; slot < impl.slots_used; ++slot) {
    if (impl.observers[slot].active) impl.bring_up_to_date(slot, world, now);
  }
  impl.refresh_within_budget(world, now);
  impl.intents.bring_up_to_date(world, now);
  impl.merge_lists(now, settled);
  impl.stats.overflows += impl.merge.cut_count() + impl.eyes.dropped();
  return impl.merge.wanted();
}

std::span<const Wanted> Interest::all_wanted() {
  if (!impl_->merge.tells_all()) impl_->merge_lists(impl_->merged_at, {});
  return impl_->merge.wanted();
}

DroppedInside Interest::dropped_inside() {
  return impl_->merge.dropped_inside();
}

std::uint64_t Interest::wanted_word(std::size_t word) const {
  return impl_->merge.wanted_word(word);
}

Result<IntentId> Interest::intend(ObserverId id, const IntentSample& intent) {
  const ObserverState* const observer = impl_->find(id);
  if (observer == nullptr) return Error{.code = ErrorCode::invalid_argument};
  return impl_->intents.add(id, {observer->scale, observer->envelope}, intent);
}

Result<void> Interest::change_intent(IntentId id, const IntentSample& intent) {
  return impl_->intents.change(id, intent);
}

void Interest::withdraw(IntentId id) {
  impl_->intents.withdraw(id);
}

std::uint32_t Interest::intent_count() const {
  return impl_->intents.count();
}

InterestChanges Interest::tell_changes() {
  InterestSets& sets = impl_->sets;
  sets.begin();
  std::uint32_t slot = 0;
  while (sets.next_marked(slot)) {
    sets.compare(slot, impl_->eyes.find_near(impl_->observers[slot].eyes, sets.near()));
  }
  return sets.finish();
}

bool Interest::still_binds(ContainerRange gone) const {
  return impl_->sets.still_binds(gone);
}

std::span<const ContainerId> Interest::set_of(ObserverId id) const {
  impl_->checked(id);
  return impl_->sets.of(static_cast<std::uint32_t>(id.value));
}

std::size_t Interest::find_needs(const ContainerFilter& asked, Time until, NeedCursor& cursor,
                                 std::span<ObserverNeed> found) const {
  return impl_->eyes.find_needs(asked, until, cursor, found);
}

InterestStats Interest::stats() const {
  InterestStats stats = impl_->stats;
  stats.overflows += impl_->sets.overflows();
  stats.overflows += impl_->intents.overflows();
  return stats;
}

}  // namespace nf
