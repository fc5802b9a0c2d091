#include "core/interest/eyes.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/planted_bug.h"
#include "core/base/seconds.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr std::uint32_t kDerivedPerUrgent = 4;  // one more, of so many, for what cannot wait
constexpr double kForecastTolerance = 0.5;      // metres off the forecast that change nothing

bool is_off(const ForecastPiece& piece, WorldPosition position, Time at) {
  const double seconds = std::max(0.0, seconds_between(piece.from, at));
  const WorldVector off = position - (piece.start + piece.velocity * seconds);
  return length(off) > piece.spread + piece.spread_rate * seconds + kForecastTolerance;
}

}  // namespace

Result<Eyes> Eyes::make(const EyesOptions& options) {
  // Of an observer that changes bodies, what was its first eye may become a derived one.
  // And a look takes one more before it says which gives way.
  const std::uint32_t urgent_max = options.derived_max + options.derived_max / kDerivedPerUrgent;
  const std::size_t eyes_max = std::size_t{options.observers_max} * 2 + urgent_max + 1;
  Result<Array<Eye>> made = Array<Eye>::make(eyes_max);
  if (!made) return made.error();
  Result<Array<Forecast>> forecasts = Array<Forecast>::make(eyes_max);
  if (!forecasts) return forecasts.error();
  Result<Array<std::uint32_t>> free = Array<std::uint32_t>::make(eyes_max);
  if (!free) return free.error();
  const std::uint32_t candidates_max = options.collector.candidates_max;
  std::size_t lists_max = options.lists_max;
  if (options.list_for_each) {
    const std::size_t shortest = eyes_max * ObserverLists::kSmallest;
    lists_max = std::max(lists_max, (shortest + candidates_max - 1) / candidates_max);
  }
  Result<ObserverLists> lists =
      ObserverLists::make(static_cast<std::uint32_t>(lists_max), candidates_max);
  if (!lists) return lists.error();
  Result<Collector> collector = Collector::make(options.collector);
  if (!collector) return collector.error();
  Result<Array<Way>> ways = Array<Way>::make(kWaysMax);
  if (!ways) return ways.error();
  Eyes eyes;
  eyes.options_ = options;
  eyes.urgent_max_ = urgent_max;
  eyes.eyes_ = std::move(*made);
  eyes.forecasts_ = std::move(*forecasts);
  eyes.free_ = std::move(*free);
  eyes.lists_ = std::move(*lists);
  eyes.collector_ = std::move(*collector);
  eyes.ways_ = std::move(*ways);
  return eyes;
}

Result<void> Eyes::reserve(std::uint32_t bodies) {
  return queries_.reserve(static_cast<std::uint32_t>(eyes_.size()), bodies);
}

EyeId Eyes::make_eye(BodyId body, std::uint32_t observer) {
  NF_ASSERT(free_count_ > 0 || used_ < eyes_.size());
  const EyeId id{free_count_ > 0 ? free_[--free_count_] : used_++};
  Eye& eye = eyes_[id.value];
  eye = {};
  eye.body = body;
  eye.observer = observer;
  eye.in_use = true;
  return id;
}

void Eyes::free_eye(EyeId id) {
  Eye& eye = eyes_[id.value];
  lists_.release(eye.list);
  set_dropped(eye, {});
  if (queries_.holds(id.value)) queries_.remove(id.value);
  if (eye.from.valid()) --derived_;
  eye.in_use = false;
  free_[free_count_++] = id.value;
}

void Eyes::close(EyeId first) {
  ++times_given_back_;
  for (EyeId id = first; id.valid();) {
    const EyeId next = eyes_[id.value].next;
    free_eye(id);
    if constexpr (planted_bug == kDerivedEyesKept) break;
    id = next;
  }
}

void Eyes::set_dropped(Eye& eye, const Dropped& dropped) {
  dropped_ = dropped_ - eye.dropped.count + dropped.count;
  dropped_inside_ = dropped_inside_ - eye.dropped.inside + dropped.inside;
  eye.dropped = dropped;
}

bool Eyes::has_eye_in(EyeId first, BodyId body) const {
  for (EyeId id = first; id.valid(); id = eyes_[id.value].next) {
    if (eyes_[id.value].body == body) return true;
  }
  return false;
}

// In the parent's frame or in a child's, from the eye that it is derived from.
WorldPosition Eyes::derive(const Eye& eye, const World& world) const {
  const Eye& from = eyes_[eye.from.value];
  const Bodies& bodies = world.bodies();
  return eye.up ? to_outer(bodies[from.body].moving.pose, from.position)
                : to_inner(bodies[eye.body].moving.pose, from.position);
}

Eyes::Sight Eyes::move_to(EyeId first, const World& world, const Stance& stance, Time moved_at,
                          Time now) {
  Sight sight = Sight::good;
  sides_changed_ = false;
  for (EyeId id = first; id.valid(); id = eyes_[id.value].next) {
    Eye& eye = eyes_[id.value];
    const WorldPosition at = eye.from.valid() ? derive(eye, world) : stance.position;
    eye.odometer += length(at - eye.position);
    eye.position = at;
    if (is_off(eye.followed, at, moved_at)) sight = Sight::off;
    if (!(eye.odometer > 0)) continue;
    if (length(at - eye.collected_at) >= eye.trusted_radius || now >= eye.trusted_until) {
      return Sight::stale;
    }
    if (eye.odometer < eye.next_check) continue;
    const Bubble bubble{.position = at, .scale = stance.scale, .hysteresis = stance.hysteresis};
    if (!recheck(eye, forecasts_[id.value], world, bubble, now)) return Sight::stale;
  }
  return sight;
}

std::size_t Eyes::find_near(EyeId first, std::span<NearContainer> near) const {
  std::size_t count = 0;
  for (EyeId id = first; id.valid(); id = eyes_[id.value].next) {
    const ObserverList& list = eyes_[id.value].list;
    for (std::uint32_t i = 0; i < list.listed && count < near.size(); ++i) {
      if (list.nearness[i] == Nearness::outside) continue;
      near[count++] = {.id = list.ids[i], .nearness = list.nearness[i]};
    }
  }
  return count;
}

// False if the list has no room for one that has to join it.
bool Eyes::change_sides(ObserverList& list, std::uint32_t i, Nearness to, const Need& need) const {
  const bool was_listed = i < list.listed;
  const bool is_listed = to != Nearness::outside || need.counts();
  if (is_listed && !was_listed && list.listed == options_.collector.listed_max) return false;
  list.nearness[i] = to;
  list.needs[i] = need;
  if (is_listed && !was_listed) list.swap(i, list.listed++);
  if (!is_listed && was_listed) list.swap(i, --list.listed);
  return true;
}

// Looks again at those candidates that the observer has travelled far enough to matter to. False if
// the list cannot hold what has changed.
bool Eyes::recheck(Eye& eye, const Forecast& forecast, const World& world, const Bubble& bubble,
                   Time now) {
  ObserverList& list = eye.list;
  for (std::uint32_t i = 0; i < list.count; ++i) {
    if (list.check_at[i] <= eye.odometer) world.prefetch_place(list.ids[i]);
  }
  for (std::uint32_t i = 0; i < list.count; ++i) {
    if (list.check_at[i] > eye.odometer) continue;
    const std::uint32_t listed_before = list.listed;
    const Place& place = world.place(list.ids[i]);
    const Standing standing = standing_of(place, bubble);
    list.check_at[i] = eye.odometer + standing.slack;
    const Nearness was = list.nearness[i];
    if (standing.nearness == was) continue;
    // One that found no room on the list may have its place.
    if (was == Nearness::inside && eye.dropped.inside > 0) return false;
    sides_changed_ |= standing.nearness != Nearness::ring;
    Need need = list.needs[i];
    if (standing.nearness == Nearness::inside) need = need_inside(now);
    if (was == Nearness::inside) need = forecast_need(place, bubble, forecast);
    if (!change_sides(list, i, standing.nearness, need)) return false;
    if (list.listed < listed_before) --i;  // another one has taken its place
  }
  eye.next_check = list.next_check();
  return true;
}

}  // namespace nf
