// How an observer looks anew at all that it could need: which bodies it has eyes in.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/base/assert.h"
#include "core/interest/eyes.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr double kMarginMin = 2;       // metres collected beyond the bubble
constexpr double kMarginSeconds = 1;   // of travel
constexpr float kWideningMax = 1e30f;  // of a query, in load distances
constexpr Urgency kFirst{.rank = Urgency::kInside,
                         .value = -std::numeric_limits<double>::infinity()};

bool cannot_wait(const Urgency& urgency) {
  return urgency.rank <= Urgency::kForetold;
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

// All that is in the body or below it, as one place around its origin.
Place whole_of(const Body& body) {
  const double radius = std::max(0.0, body.radius - static_cast<double>(body.load_distance));
  // Rounding to float must not make it smaller.
  const float around =
      std::nextafter(static_cast<float>(radius), std::numeric_limits<float>::max());
  return {.center = {},
          .rotation = {},
          .half_extent = {around, around, around},
          .kind = BoundsKind::sphere,
          .load_distance = body.load_distance};
}

}  // namespace

// One look on its way: the eyes that the observer had, and those that it has from now on.
struct Eyes::Looking {
  struct Seen {
    EyeId id;
    Urgency urgency;          // of what it lists
    std::uint32_t below = 0;  // eyes that are derived from it, and ways that wait
    bool stays = false;
  };

  const World& world;
  const Stance& stance;
  Time now;
  std::array<EyeId, kEyesPerObserverMax> before;
  std::array<Seen, kEyesPerObserverMax + 1> after;  // those that others are derived from come first
  std::uint32_t before_count = 0;
  std::uint32_t after_count = 0;
  std::uint32_t ways_count = 0;
  std::uint32_t tried = 0;
  std::uint32_t unseen = 0;  // bodies that there was no eye for
  bool ranked = false;       // the ways that wait are a heap, the most urgent one on top
  Look found;

  Seen& of(EyeId id) {
    Seen* const at = std::find_if(after.begin(), after.begin() + after_count,
                                  [id](const Seen& seen) { return seen.id == id; });
    NF_ASSERT(at != after.begin() + after_count);
    return *at;
  }
  // Of those that may give way; none: nullptr.
  Seen* find_least_urgent() {
    Seen* least = nullptr;
    for (std::uint32_t i = 0; i < after_count; ++i) {
      Seen& seen = after[i];
      if (seen.stays || seen.below > 0) continue;
      if (least == nullptr || least->urgency < seen.urgency) least = &seen;
    }
    return least;
  }
};

Eyes::Look Eyes::look(EyeId first, const World& world, const Stance& stance,
                      const Forecast& forecast, Time now) {
  Looking looking{
      .world = world, .stance = stance, .now = now, .before = {}, .after = {}, .found = {}};
  for (EyeId id = first; id.valid(); id = eyes_[id.value].next) {
    looking.before[looking.before_count++] = id;
  }
  const std::uint32_t had = looking.before_count;
  const EyeId own = join({.body = stance.body, .from = {}, .up = true}, looking);
  eyes_[own.value].position = stance.position;
  forecasts_[own.value] = forecast;
  collect(own, looking);
  while (looking.ways_count > 0) {
    const Way way = take_way(looking);
    if (has_room_for(way, looking)) {
      collect(join(way, looking), looking);
    } else {
      leave_out(way.from, way.trusted, looking);
    }
    give_way(looking);
  }
  for (std::uint32_t i = 0; i < looking.before_count; ++i) free_eye(looking.before[i]);
  for (std::uint32_t i = 0; i < looking.after_count; ++i) {
    const bool last = i + 1 == looking.after_count;
    eyes_[looking.after[i].id.value].next = last ? EyeId::none() : looking.after[i + 1].id;
  }
  if (looking.after_count < had) ++times_given_back_;
  Dropped dropped = eyes_[own.value].dropped;
  dropped.count += looking.unseen;
  set_dropped(eyes_[own.value], dropped);
  const auto* const least = looking.find_least_urgent();
  looking.found.may_give_way = least != nullptr && !cannot_wait(least->urgency);
  looking.found.first = own;
  return looking.found;
}

// The observer's eye in this body, which it keeps if it had one.
EyeId Eyes::join(const Way& way, Looking& looking) {
  EyeId id;
  for (std::uint32_t i = 0; i < looking.before_count && !id.valid(); ++i) {
    if (eyes_[looking.before[i].value].body != way.body) continue;
    id = looking.before[i];
    looking.before[i] = looking.before[--looking.before_count];
  }
  if (!id.valid()) id = make_eye(way.body, looking.stance.observer);
  Eye& eye = eyes_[id.value];
  if (eye.from.valid()) --derived_;
  if (way.from.valid()) ++derived_;
  eye.from = way.from;
  eye.up = way.up;
  ++looking.tried;
  looking.after[looking.after_count++] = {.id = id, .urgency = {}, .stays = way.up};
  return id;
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
    trust_envelope(eye, forecast, forecasts_[looking.after[0].id.value].pieces[0].spread_rate,
                   looking.now);
  }
  eye.odometer = 0;
  eye.next_check = eye.list.next_check();
  set_dropped(eye, found.dropped);
  looking.of(id).urgency = urgency_of_eye(id);
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
  if (climbs && bodies[body].parent.valid()) {
    open_way({.body = bodies[body].parent, .from = id, .up = true}, looking);
  }
  bodies.children().visit(body.value, query, [&](std::uint32_t child) {
    if (BodyId{child} == came_from) return;
    open_way({.body = BodyId{child}, .from = id, .up = false}, looking);
  });
}

bool Eyes::is_less_urgent(const Way& a, const Way& b) {
  return b.urgency < a.urgency;
}

bool Eyes::is_more_urgent(const Way& a, const Way& b) {
  return a.urgency < b.urgency;
}

// Of those that wait, the less urgent half is left out when there is no room for more.
void Eyes::open_way(const Way& way, Looking& looking) {
  if (looking.ways_count == kWaysMax) {
    if (!looking.ranked) rank_ways(looking);
    Way* const half = ways_.begin() + kWaysMax / 2;
    std::nth_element(ways_.begin(), half, ways_.begin() + kWaysMax, is_more_urgent);
    for (Way* left = half; left < ways_.begin() + kWaysMax; ++left) {
      leave_out(left->from, left->trusted, looking);
    }
    looking.ways_count = kWaysMax / 2;
    std::make_heap(ways_.begin(), half, is_less_urgent);
  }
  ++looking.of(way.from).below;
  Way& waits = ways_[looking.ways_count++];
  waits = way;
  if (!looking.ranked) return;
  rank(waits, looking);
  std::push_heap(ways_.begin(), ways_.begin() + looking.ways_count, is_less_urgent);
}

void Eyes::rank_ways(Looking& looking) {
  for (std::uint32_t i = 0; i < looking.ways_count; ++i) rank(ways_[i], looking);
  std::make_heap(ways_.begin(), ways_.begin() + looking.ways_count, is_less_urgent);
  looking.ranked = true;
}

// Those above are few, and the ways to all that is beside the observer.
void Eyes::rank(Way& way, const Looking& looking) const {
  if (way.up) {
    way.urgency = kFirst;
    return;
  }
  const Body& body = looking.world.bodies()[way.body];
  const Place whole = whole_of(body);
  const Bubble bubble{.position = to_inner(body.moving.pose, eyes_[way.from.value].position),
                      .scale = looking.stance.scale,
                      .hysteresis = looking.stance.hysteresis};
  Candidate candidate{
      .id = ContainerId{way.body.value}, .standing = standing_of(whole, bubble), .need = {}};
  if (candidate.standing.nearness != Nearness::inside) {
    const Forecast forecast =
        reframed(forecasts_[way.from.value], inverse(body.moving), looking.now);
    candidate.need = forecast_need(whole, bubble, forecast);
    way.trusted = candidate.standing.to_load;
  }
  way.urgency = urgency_of(candidate);
}

// The order matters only where some are left out.
Eyes::Way Eyes::take_way(Looking& looking) {
  const bool enough = looking.after_count + looking.ways_count <= kEyesPerObserverMax &&
                      derived_ + looking.ways_count <= options_.derived_max;
  if (!enough && !looking.ranked) rank_ways(looking);
  if (looking.ranked) {
    std::pop_heap(ways_.begin(), ways_.begin() + looking.ways_count, is_less_urgent);
  }
  return ways_[--looking.ways_count];
}

// Whether there are more eyes than one of this urgency may be among.
bool Eyes::exceeds(const Looking& looking, const Urgency& urgency, std::uint32_t more) const {
  return looking.after_count + more > kEyesPerObserverMax ||
         derived_ + more > (cannot_wait(urgency) ? urgent_max_ : options_.derived_max);
}

// What is there may turn out to be less urgent than the whole of it is judged, so that an eye is
// opened before another one is closed.
bool Eyes::has_room_for(const Way& way, Looking& looking) {
  while (derived_ >= options_.derived_max && looking.before_count > 0) {
    free_eye(looking.before[--looking.before_count]);
  }
  if (!exceeds(looking, way.urgency, 1)) return true;
  if (looking.tried >= kEyesTriedMax) return false;
  const auto* const least = looking.find_least_urgent();
  return least != nullptr && way.urgency < least->urgency;
}

void Eyes::give_way(Looking& looking) {
  while (exceeds(looking, {}, 0)) {
    auto* const least = looking.find_least_urgent();
    if (least == nullptr || !exceeds(looking, least->urgency, 0)) return;
    const EyeId id = least->id;
    const Eye& eye = eyes_[id.value];
    const bool inside = least->urgency.rank == Urgency::kInside;
    const double trusted = inside ? kTrustedAlways : std::min(eye.trusted_radius, eye.next_check);
    const EyeId from = eye.from;
    std::copy(least + 1, looking.after.begin() + looking.after_count, least);
    --looking.after_count;
    free_eye(id);
    leave_out(from, trusted, looking);
  }
}

// Of what can be seen from this eye, something gets none. One who goes on looks again before that
// comes inside, and one who stands from time to time, as it may come by itself.
void Eyes::leave_out(EyeId from, double trusted, Looking& looking) {
  Eye& eye = eyes_[from.value];
  eye.trusted_radius = std::min(eye.trusted_radius, std::max(trusted, kMarginMin));
  --looking.of(from).below;
  ++looking.unseen;
  looking.found.moves = true;
  looking.found.short_of_room = true;
}

// What it is inside of stands deep in the bubble if it takes far to leave it.
Urgency Eyes::urgency_of_eye(EyeId id) const {
  const ObserverList& list = eyes_[id.value].list;
  Urgency most;
  for (std::uint32_t i = 0; i < list.listed; ++i) {
    const Standing standing{.nearness = list.nearness[i], .to_load = -list.check_at[i]};
    most = std::min(most,
                    urgency_of({.id = list.ids[i], .standing = standing, .need = list.needs[i]}));
  }
  return most;
}

}  // namespace nf
