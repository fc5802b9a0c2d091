#include <algorithm>
#include <cmath>
#include <new>

#include "core/base/array.h"
#include "core/base/assert.h"
#include "core/interest/candidates.h"
#include "core/interest/merge.h"
#include "core/interest/observer_lists.h"
#include "core/interest/wanted.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr std::uint32_t kObserversMax = 1u << 20;
constexpr std::uint32_t kCandidatesMax = 1u << 16;  // of one observer
constexpr std::uint32_t kCandidatesPerListed = 2;
constexpr double kBubbleScaleMax = 1e6;
constexpr double kMarginMin = 2;      // metres collected beyond the bubble
constexpr double kMarginSeconds = 1;  // of travel
constexpr std::int64_t kRefreshesPerPiece = 8;
constexpr std::uint32_t kListsAhead = 3;    // fetched before they are merged
constexpr double kForecastTolerance = 0.5;  // metres off the forecast that change nothing

// What every frame looks at, most used first; what only a refresh needs lies elsewhere.
struct ObserverState {
  ObserverList list;
  double odometer = 0;        // metres travelled since the list was collected
  double next_check = 0;      // reading at which something on the list may change sides
  double trusted_radius = 0;  // around collected_at
  WorldPosition position;
  WorldPosition collected_at;
  Time refreshed_at;
  Time expires_at;         // the piece that is followed ends
  ForecastPiece followed;  // what it is expected to do
  double scale = 1;
  std::uint32_t generation = 0;
  bool active = false;
  bool collected = false;  // the list holds for the world as it is
  bool left_forecast = false;

  bool stands() const { return odometer == 0 && dot(followed.velocity, followed.velocity) == 0; }
};

bool options_valid(const InterestOptions& options) {
  return options.observers_max > 0 && options.observers_max <= kObserversMax &&
         options.wanted_per_observer_max > 0 &&
         options.wanted_per_observer_max <= kCandidatesMax / kCandidatesPerListed &&
         options.wanted_max > 0 && options.lookahead.ns > 0 && options.refresh_interval.ns >= 0 &&
         std::isfinite(options.hysteresis) && options.hysteresis >= 1;
}

double seconds_between(Time from, Time to) {
  return (static_cast<double>(to.ns) - static_cast<double>(from.ns)) * 1e-9;
}

bool is_off(const ForecastPiece& piece, const MotionSample& sample) {
  const double seconds = std::max(0.0, seconds_between(piece.from, sample.at));
  const WorldVector off = sample.position - (piece.start + piece.velocity * seconds);
  return length(off) > piece.spread + piece.spread_rate * seconds + kForecastTolerance;
}

Time end_of(const ForecastPiece& piece) {
  return piece.from + piece.length;
}

}  // namespace

struct Interest::Impl {
  enum class Due { not_yet, old, wrong };

  InterestOptions options;
  Array<ObserverState> observers;  // by slot
  Array<MotionHistory> histories;  // by slot
  Array<Forecast> forecasts;       // by slot
  Array<std::uint32_t> free_slots;
  std::uint32_t free_count = 0;
  std::uint32_t slots_used = 0;  // slots at or past it were never taken
  ObserverLists lists;
  Collector collector;
  WantedMerge merge;
  std::uint32_t reserved = 0;    // containers
  std::uint32_t world_size = 0;  // containers, when the lists were collected
  std::uint32_t next_wrong = 0;  // slots where the rounds of refreshes go on
  std::uint32_t next_old = 0;
  InterestStats stats;

  Result<void> allocate();
  ObserverState& checked(ObserverId id);
  Bubble bubble_of(const ObserverState& observer) const;
  void refresh(std::uint32_t slot, const World& world, Time now);
  void recheck(ObserverState& observer, const Forecast& forecast, const World& world, Time now);
  bool change_sides(ObserverState& observer, std::uint32_t i, Nearness to, const Need& need);
  void bring_up_to_date(std::uint32_t slot, const World& world, Time now);
  Due due(const ObserverState& observer, Time now) const;
  void refresh_within_budget(const World& world, Time now);
  std::span<const Wanted> merge_lists();
};

Result<void> Interest::Impl::allocate() {
  const std::uint32_t count = options.observers_max;
  const CollectorOptions limits{
      .listed_max = options.wanted_per_observer_max,
      .candidates_max = options.wanted_per_observer_max * kCandidatesPerListed};
  Result<Array<ObserverState>> states = Array<ObserverState>::make(count);
  if (!states) return states.error();
  Result<Array<MotionHistory>> history = Array<MotionHistory>::make(count);
  if (!history) return history.error();
  Result<Array<Forecast>> forecast = Array<Forecast>::make(count);
  if (!forecast) return forecast.error();
  Result<Array<std::uint32_t>> slots = Array<std::uint32_t>::make(count);
  if (!slots) return slots.error();
  Result<ObserverLists> candidates = ObserverLists::make(count, limits.candidates_max);
  if (!candidates) return candidates.error();
  Result<Collector> made = Collector::make(limits);
  if (!made) return made.error();
  observers = std::move(*states);
  histories = std::move(*history);
  forecasts = std::move(*forecast);
  free_slots = std::move(*slots);
  lists = std::move(*candidates);
  collector = std::move(*made);
  return {};
}

ObserverState& Interest::Impl::checked(ObserverId id) {
  const auto slot = static_cast<std::uint32_t>(id.value);
  NF_ASSERT(slot < slots_used);
  ObserverState& observer = observers[slot];
  NF_ASSERT(observer.active && observer.generation == static_cast<std::uint32_t>(id.value >> 32));
  return observer;
}

Bubble Interest::Impl::bubble_of(const ObserverState& observer) const {
  return {.position = observer.position,
          .scale = observer.scale,
          .hysteresis = static_cast<double>(options.hysteresis)};
}

void Interest::Impl::refresh(std::uint32_t slot, const World& world, Time now) {
  ObserverState& observer = observers[slot];
  Forecast& forecast = forecasts[slot];
  forecast = forecast_motion(histories[slot], now, options.lookahead);
  // The last piece is what is followed; the first says that it may as well stay.
  observer.followed = forecast.pieces[forecast.piece_count - 1];
  observer.expires_at = end_of(observer.followed);
  const double margin = std::max(kMarginMin, length(observer.followed.velocity) * kMarginSeconds);
  const Collection collection =
      collector.collect(world, bubble_of(observer), forecast, margin, now);
  observer.list.assign(collection, 0);
  observer.collected_at = observer.position;
  observer.trusted_radius = collection.trusted_radius;
  observer.odometer = 0;
  observer.next_check = observer.list.next_check();
  observer.refreshed_at = now;
  observer.collected = true;
  observer.left_forecast = false;
  ++stats.refreshes;
  if (collection.overflow) ++stats.overflows;
}

// False if the list has no room for one that has to join it.
bool Interest::Impl::change_sides(ObserverState& observer, std::uint32_t i, Nearness to,
                                  const Need& need) {
  ObserverList& list = observer.list;
  const bool was_listed = i < list.listed;
  const bool is_listed = to != Nearness::outside || need.at != Time::never();
  if (is_listed && !was_listed && list.listed == options.wanted_per_observer_max) return false;
  list.nearness[i] = to;
  list.needs[i] = need;
  if (is_listed && !was_listed) list.swap(i, list.listed++);
  if (!is_listed && was_listed) list.swap(i, --list.listed);
  return true;
}

// Looks again at those candidates that the observer has travelled far enough to matter to.
void Interest::Impl::recheck(ObserverState& observer, const Forecast& forecast, const World& world,
                             Time now) {
  ObserverList& list = observer.list;
  const Bubble bubble = bubble_of(observer);
  for (std::uint32_t i = 0; i < list.count; ++i) {
    if (list.check_at[i] <= observer.odometer) __builtin_prefetch(&world.place(list.ids[i]));
  }
  for (std::uint32_t i = 0; i < list.count; ++i) {
    if (list.check_at[i] > observer.odometer) continue;
    const std::uint32_t listed_before = list.listed;
    const Place& place = world.place(list.ids[i]);
    const Standing standing = standing_of(place, bubble);
    list.check_at[i] = observer.odometer + standing.slack;
    const Nearness was = list.nearness[i];
    if (standing.nearness == was) continue;
    Need need = list.needs[i];
    if (standing.nearness == Nearness::inside) need = need_inside(now);
    if (was == Nearness::inside) need = forecast_need(place, bubble, forecast);
    if (!change_sides(observer, i, standing.nearness, need)) {
      observer.collected = false;
      return;
    }
    if (list.listed < listed_before) --i;  // another one has taken its place
  }
  observer.next_check = list.next_check();
}

void Interest::Impl::bring_up_to_date(std::uint32_t slot, const World& world, Time now) {
  ObserverState& observer = observers[slot];
  if (observer.collected && observer.odometer > 0) {
    const double away = length(observer.position - observer.collected_at);
    if (away >= observer.trusted_radius) {
      observer.collected = false;
    } else if (observer.odometer >= observer.next_check) {
      recheck(observer, forecasts[slot], world, now);
    }
  }
  if (!observer.collected) refresh(slot, world, now);
}

Interest::Impl::Due Interest::Impl::due(const ObserverState& observer, Time now) const {
  if (!observer.active || observer.refreshed_at == now) return Due::not_yet;
  if (observer.left_forecast) return Due::wrong;
  // Time alone changes nothing for one who stands and is expected to.
  if (observer.stands()) return Due::not_yet;
  if (observer.expires_at <= now) return Due::wrong;
  // One who keeps to its forecast learns nothing from the next but its far end.
  const Duration useful{observer.followed.length.ns / kRefreshesPerPiece};
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

std::span<const Wanted> Interest::Impl::merge_lists() {
  merge.clear();
  for (std::uint32_t slot = 0; slot < slots_used; ++slot) {
    const ObserverList& list = observers[slot].list;
    __builtin_prefetch(observers[std::min(slot + kListsAhead, slots_used - 1)].list.ids);
    for (std::uint32_t i = 0; i < list.listed; ++i) merge.mark(list.ids[i]);
  }
  merge.number();
  for (std::uint32_t slot = 0; slot < slots_used; ++slot) {
    const ObserverList& list = observers[slot].list;
    const ObserverList& ahead = observers[std::min(slot + kListsAhead, slots_used - 1)].list;
    __builtin_prefetch(ahead.ids);
    __builtin_prefetch(ahead.needs);
    for (std::uint32_t i = 0; i < list.listed; ++i) {
      Wanted& wanted = merge.slot(list.ids[i]);
      const Need need = list.needs[i];
      wanted.needed_at = std::min(wanted.needed_at, need.at);
      wanted.probability = std::max(wanted.probability, need.probability);
      wanted.inside |= need.inside;
      wanted.keep_only &= need.at == Time::never();
      ++wanted.observers;
    }
  }
  bool overflow = false;
  const std::span<const Wanted> wanted = merge.finish(overflow);
  if (overflow) ++stats.overflows;
  return wanted;
}

Result<Interest> Interest::create(const InterestOptions& options) {
  if (!options_valid(options)) return Error{.code = ErrorCode::invalid_argument};
  std::unique_ptr<Impl> impl(new (std::nothrow) Impl);
  if (impl == nullptr) return Error{.code = ErrorCode::out_of_memory};
  impl->options = options;
  const Result<void> allocated = impl->allocate();
  if (!allocated) return allocated.error();
  return Interest(std::move(impl));
}

Interest::Interest(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Interest::Interest(Interest&&) noexcept = default;
Interest& Interest::operator=(Interest&&) noexcept = default;
Interest::~Interest() = default;

Result<void> Interest::reserve(std::uint32_t container_count) {
  const std::uint64_t listed_max =
      std::uint64_t{impl_->options.observers_max} * impl_->options.wanted_per_observer_max;
  const auto distinct_max =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(container_count, listed_max));
  Result<WantedMerge> merge = WantedMerge::make({.containers = container_count,
                                                 .distinct_max = distinct_max,
                                                 .wanted_max = impl_->options.wanted_max});
  if (!merge) return merge.error();
  impl_->merge = std::move(*merge);
  impl_->reserved = container_count;
  return {};
}

Result<ObserverId> Interest::add(const MotionSample& start, float bubble_scale) {
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
  observer.position = start.position;
  observer.scale = scale;
  observer.list = impl_->lists.list(slot);
  observer.generation = generation;
  observer.active = true;
  impl_->histories[slot] = {};
  observe(impl_->histories[slot], start);
  return ObserverId{(std::uint64_t{generation} << 32) | slot};
}

void Interest::remove(ObserverId id) {
  ObserverState& observer = impl_->checked(id);
  observer.active = false;
  observer.list.count = observer.list.listed = 0;
  impl_->free_slots[impl_->free_count++] = static_cast<std::uint32_t>(id.value);
}

void Interest::move(ObserverId id, const MotionSample& sample) {
  ObserverState& observer = impl_->checked(id);
  if (!usable(sample.position)) return;
  observer.odometer += length(sample.position - observer.position);
  observer.position = sample.position;
  observe(impl_->histories[static_cast<std::uint32_t>(id.value)], sample);
  observer.left_forecast |= is_off(observer.followed, sample);
}

std::uint32_t Interest::observer_count() const {
  return impl_->slots_used - impl_->free_count;
}

std::span<const Wanted> Interest::find_wanted(const World& world, Time now) {
  Impl& impl = *impl_;
  NF_ASSERT(world.container_count() <= impl.reserved);
  if (impl.world_size != world.container_count()) {
    for (std::uint32_t slot = 0; slot < impl.slots_used; ++slot) {
      impl.observers[slot].collected = false;
    }
    impl.world_size = world.container_count();
  }
  for (std::uint32_t slot = 0; slot < impl.slots_used; ++slot) {
    if (impl.observers[slot].active) impl.bring_up_to_date(slot, world, now);
  }
  impl.refresh_within_budget(world, now);
  return impl.merge_lists();
}

InterestStats Interest::stats() const {
  return impl_->stats;
}

}  // namespace nf
