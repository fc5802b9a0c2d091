#include "core/interest/eyes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/assert.h"
#include "core/base/planted_bug.h"
#include "core/base/seconds.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr double kMarginMin = 2;            // metres collected beyond the bubble
constexpr double kMarginSeconds = 1;        // of travel
constexpr float kWideningMax = 1e30f;       // of a query, in load distances
constexpr double kForecastTolerance = 0.5;  // metres off the forecast that change nothing

bool is_off(const ForecastPiece& piece, WorldPosition position, Time at) {
  const double seconds = std::max(0.0, seconds_between(piece.from, at));
  const WorldVector off = position - (piece.start + piece.velocity * seconds);
  return length(off) > piece.spread + piece.spread_rate * seconds + kForecastTolerance;
}

// So that the list holds all that can be reached within the lookahead, wherever the observer goes
// before it is collected anew. In a body that moves as seen from the observer's, time counts.
void trust_envelope(Eye& eye, const Forecast& forecast, double speed_max, Time now) {
  const ForecastPiece& envelope = forecast.pieces[0];
  const bool moves = dot(envelope.velocity, envelope.velocity) > 0;
  if (moves) {
    eye.trusted_until = now + kEnvelopeMargin;
  } else {
    eye.trusted_radius = std::min(eye.trusted_radius, speed_max * kEnvelopeMargin.seconds());
  }
}

}  // namespace

// One look on its way: the eyes that the observer had, and those that it has from now on.
struct Eyes::Looking {
  const World& world;
  const Stance& stance;
  Time now;
  std::array<EyeId, kEyesPerObserverMax> before;
  std::array<EyeId, kEyesPerObserverMax> after;
  std::uint32_t before_count = 0;
  std::uint32_t after_count = 0;
  std::uint32_t unseen = 0;  // bodies that there was no eye for
  Look found;
};

Result<Eyes> Eyes::make(const EyesOptions& options) {
  // Of an observer that changes bodies, what was its first eye may become a derived one.
  const std::size_t eyes_max = std::size_t{options.observers_max} * 2 + options.derived_max;
  Result<Array<Eye>> made = Array<Eye>::make(eyes_max);
  if (!made) return made.error();
  Result<Array<Forecast>> forecasts = Array<Forecast>::make(eyes_max);
  if (!forecasts) return forecasts.error();
  Result<Array<std::uint32_t>> free = Array<std::uint32_t>::make(eyes_max);
  if (!free) return free.error();
  Result<ObserverLists> lists =
      ObserverLists::make(options.lists_max, options.collector.candidates_max);
  if (!lists) return lists.error();
  Result<Collector> collector = Collector::make(options.collector);
  if (!collector) return collector.error();
  Eyes eyes;
  eyes.options_ = options;
  eyes.eyes_ = std::move(*made);
  eyes.forecasts_ = std::move(*forecasts);
  eyes.free_ = std::move(*free);
  eyes.lists_ = std::move(*lists);
  eyes.collector_ = std::move(*collector);
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

// The observer's eye in this body, which it keeps if it had one; none if there is no room.
EyeId Eyes::join(Looking& looking, BodyId body, EyeId from, bool up) {
  if (looking.after_count == kEyesPerObserverMax) {
    ++looking.unseen;
    return EyeId::none();
  }
  EyeId id;
  for (std::uint32_t i = 0; i < looking.before_count && !id.valid(); ++i) {
    if (eyes_[looking.before[i].value].body != body) continue;
    id = looking.before[i];
    looking.before[i] = looking.before[--looking.before_count];
  }
  if (!id.valid() && from.valid() && derived_ >= options_.derived_max) {
    ++looking.unseen;
    looking.found.short_of_room = true;
    return id;
  }
  if (!id.valid()) id = make_eye(body, looking.stance.observer);
  Eye& eye = eyes_[id.value];
  if (eye.from.valid()) --derived_;
  if (from.valid()) ++derived_;
  eye.from = from;
  eye.up = up;
  eye.next = EyeId::none();
  if (looking.after_count > 0) {
    eyes_[looking.after[looking.after_count - 1].value].next = id;
  }
  looking.after[looking.after_count++] = id;
  return id;
}

Eyes::Look Eyes::look(EyeId first, const World& world, const Stance& stance,
                      const Forecast& forecast, Time now) {
  Looking looking{
      .world = world, .stance = stance, .now = now, .before = {}, .after = {}, .found = {}};
  for (EyeId id = first; id.valid(); id = eyes_[id.value].next) {
    looking.before[looking.before_count++] = id;
  }
  const EyeId own = join(looking, stance.body, EyeId::none(), true);
  if (own.valid()) {
    eyes_[own.value].position = stance.position;
    forecasts_[own.value] = forecast;
  }
  // Each opens ways to others behind it.
  for (std::uint32_t i = 0; i < looking.after_count; ++i) collect(looking.after[i], looking);
  for (std::uint32_t i = 0; i < looking.before_count; ++i) free_eye(looking.before[i]);
  Dropped dropped = eyes_[own.value].dropped;
  dropped.count += looking.unseen;
  set_dropped(eyes_[own.value], dropped);
  looking.found.first = own;
  return looking.found;
}

void Eyes::collect(EyeId id, Looking& looking) {
  Eye& eye = eyes_[id.value];
  Forecast& forecast = forecasts_[id.value];
  if (eye.from.valid()) {
    const Eye& from = eyes_[eye.from.value];
    const Bodies& bodies = looking.world.bodies();
    const MovingPose way = eye.up ? bodies[from.body].moving : inverse(bodies[eye.body].moving);
    eye.position = derive(eye, looking.world);
    forecast = reframed(forecasts_[eye.from.value], way, looking.now);
  }
  // The last piece is what is followed; the first says that it may as well stay.
  eye.followed = forecast.pieces[forecast.piece_count - 1];
  looking.found.moves |= dot(eye.followed.velocity, eye.followed.velocity) > 0;
  const Bubble bubble{.position = eye.position,
                      .scale = looking.stance.scale,
                      .hysteresis = looking.stance.hysteresis};
  const double margin = std::max(kMarginMin, length(eye.followed.velocity) * kMarginSeconds);
  Collection found =
      collector_.collect(looking.world, eye.body, bubble, forecast, margin, looking.now);
  if (!lists_.resize(eye.list, static_cast<std::uint32_t>(found.candidates.size()))) {
    looking.found.short_of_room = true;
    found = collector_.cut(lists_.longest_free());
    const bool fits = lists_.resize(eye.list, static_cast<std::uint32_t>(found.candidates.size()));
    NF_ASSERT(fits || found.candidates.empty());
  }
  eye.list.assign(found, 0);
  eye.collected_at = eye.position;
  eye.trusted_radius = found.trusted_radius;
  eye.trusted_until = Time::never();
  if (forecast.enveloped) {
    trust_envelope(eye, forecast, forecasts_[looking.after[0].value].pieces[0].spread_rate,
                   looking.now);
  }
  eye.odometer = 0;
  eye.next_check = eye.list.next_check();
  set_dropped(eye, found.dropped);
  open_ways(id, looking, found.query);
}

// To the body above, if that is where the observer comes from, and to those below that are in
// reach.
void Eyes::open_ways(EyeId id, Looking& looking, const IndexQuery& query) {
  const Bodies& bodies = looking.world.bodies();
  if (bodies.reserved() == 1) return;
  const Eye& eye = eyes_[id.value];
  const BodyId body = eye.body;
  const BoxForest::Entry asked{
      .box = query.box, .load_distance = std::clamp(query.reach_scale - 1, 0.0f, kWideningMax)};
  if (queries_.holds(id.value) && queries_.tree_of(id.value) == body.value) {
    queries_.change(id.value, asked);
  } else {
    if (queries_.holds(id.value)) queries_.remove(id.value);
    queries_.insert(body.value, id.value, asked);
  }
  const bool climbs = eye.up;
  const BodyId came_from = climbs && eye.from.valid() ? eyes_[eye.from.value].body : BodyId::none();
  if (climbs && bodies[body].parent.valid()) join(looking, bodies[body].parent, id, true);
  bodies.children().visit(body.value, query, [&](std::uint32_t child) {
    if (BodyId{child} != came_from) join(looking, BodyId{child}, id, false);
  });
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
