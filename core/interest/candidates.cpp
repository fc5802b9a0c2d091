#include "core/interest/candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/interest/wanted.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

// Above what distances computed from such coordinates can be wrong by.
double rounding_at(double coordinate) {
  return 32 * std::numeric_limits<double>::epsilon() * coordinate;
}

WorldBox box_around(const ForecastPiece& piece) {
  const double seconds = piece.length.seconds();
  const WorldPosition end = piece.start + piece.velocity * seconds;
  const double spread = piece.spread + std::max(0.0, piece.spread_rate) * seconds;
  return box_around(box_around(piece.start, piece.spread), box_around(end, spread));
}

bool more_urgent(const Candidate& a, const Candidate& b) {
  return urgency_of(a) < urgency_of(b);
}

}  // namespace

Standing standing_of(const Place& place, const Bubble& bubble) {
  const double load = static_cast<double>(place.load_distance) * bubble.scale;
  const double leave = load * bubble.hysteresis;
  const double distance = distance_to(place, bubble.position);
  const double rounding =
      rounding_at(largest_coordinate(bubble.position) + largest_coordinate(place.center) + leave);
  Standing standing{.to_load = distance - load, .to_leave = distance - leave};
  if (standing.to_load <= 0) {
    standing.nearness = Nearness::inside;
    standing.slack = -standing.to_load - rounding;
  } else if (standing.to_leave <= 0) {
    standing.nearness = Nearness::ring;
    standing.slack = std::min(standing.to_load, -standing.to_leave) - rounding;
  } else {
    standing.slack = standing.to_leave - rounding;
  }
  return standing;
}

Urgency urgency_of(const Candidate& candidate) {
  const Standing& standing = candidate.standing;
  const std::uint32_t id = candidate.id.value;
  if (standing.nearness == Nearness::inside) return {Urgency::kInside, standing.to_load, id};
  if (candidate.need.at != Time::never()) {
    const bool foretold = candidate.need.probability > kEnvelopeProbability;
    return {foretold ? Urgency::kForetold : Urgency::kReachable,
            static_cast<double>(candidate.need.at.ns), id};
  }
  return {candidate.listed() ? Urgency::kKept : Urgency::kNear, standing.to_leave, id};
}

Need forecast_need(const Place& place, const Bubble& bubble, const Forecast& forecast) {
  const double load = static_cast<double>(place.load_distance) * bubble.scale;
  Need need;
  if (forecast.enveloped) {
    const ForecastPiece& envelope = forecast.pieces[0];
    need.at = first_contact(place, load, envelope);
    if (need.at == Time::never()) return need;
    need.kept = need.at > envelope.from + forecast.wanted_within;
    if (need.kept) {
      need.at = Time::never();
      return need;
    }
  }
  for (const ForecastPiece& piece : forecast.view()) {
    const Time at = first_contact(place, load, piece);
    if (at == Time::never()) continue;
    if (!forecast.enveloped) need.at = std::min(need.at, at);
    need.probability = std::max(need.probability, piece.probability);
  }
  return need;
}

Result<Collector> Collector::make(const CollectorOptions& options) {
  Collector collector;
  collector.options_ = options;
  Result<Array<ContainerId>> found = Array<ContainerId>::make(kPortion);
  if (!found) return found.error();
  Result<Array<Candidate>> pool = Array<Candidate>::make(std::size_t{2} * options.candidates_max);
  if (!pool) return pool.error();
  collector.found_ = std::move(*found);
  collector.pool_ = std::move(*pool);
  return collector;
}

Collection Collector::collect(const World& world, BodyId body, const Bubble& bubble,
                              const Forecast& forecast, double margin, Time now) {
  count_ = 0;
  trusted_radius_ = margin;
  lost_ = {};
  rounding_ = rounding_at(largest_coordinate(bubble.position) + margin);
  query_ = {.box = box_around(bubble.position, margin),
            .reach_scale = static_cast<float>(bubble.scale * bubble.hysteresis)};
  // Rounding to float must not make it smaller.
  query_.reach_scale = std::nextafter(query_.reach_scale, std::numeric_limits<float>::max());
  for (const ForecastPiece& piece : forecast.view()) {
    query_.box = box_around(query_.box, box_around(piece));
  }

  std::size_t cursor = 0;
  std::size_t found_count = kPortion;
  while (found_count == kPortion) {
    found_count = world.find_near(body, query_, found_.span(), cursor);
    // Places lie anywhere: the misses had better overlap.
    for (std::size_t i = 0; i < found_count; ++i) world.prefetch_place(found_[i]);
    for (std::size_t i = 0; i < found_count; ++i) {
      const Place& place = world.place(found_[i]);
      Candidate candidate{.id = found_[i], .standing = standing_of(place, bubble), .need = {}};
      if (candidate.standing.nearness == Nearness::inside) {
        candidate.need = need_inside(now);
      } else {
        candidate.need = forecast_need(place, bubble, forecast);
      }
      if (candidate.listed() || candidate.standing.to_leave <= margin) offer(candidate);
    }
  }
  return finish(options_);
}

Collection Collector::cut(std::uint32_t candidates_max) {
  return finish({.listed_max = std::min(options_.listed_max, candidates_max),
                 .candidates_max = candidates_max});
}

void Collector::offer(const Candidate& candidate) {
  if (count_ == pool_.size()) drop_beyond(0, options_.candidates_max, count_, false);
  pool_[count_++] = candidate;
}

// Keeps the most urgent `kept` of [first, last) and trusts the rest of the list only as far as none
// of those dropped could become more urgent than they were judged.
void Collector::drop_beyond(std::size_t first, std::size_t kept, std::size_t last, bool list_full) {
  Candidate* const begin = pool_.begin() + first;
  Candidate* const end = pool_.begin() + last;
  Candidate* const cut = begin + kept;
  if (cut < end) std::nth_element(begin, cut, end, more_urgent);
  for (const Candidate* dropped = cut; dropped < end; ++dropped) {
    if (dropped->listed()) ++lost_.count;
    if (dropped->standing.nearness == Nearness::inside) {
      ++lost_.inside;
      continue;
    }
    const bool until_inside = list_full || dropped->listed();
    trusted_radius_ = std::min(
        trusted_radius_, until_inside ? dropped->standing.to_load : dropped->standing.to_leave);
  }
  count_ = first + kept;
}

Collection Collector::finish(const CollectorOptions& limits) {
  Candidate* const middle =
      std::partition(pool_.begin(), pool_.begin() + count_,
                     [](const Candidate& candidate) { return candidate.listed(); });
  std::size_t listed = static_cast<std::size_t>(middle - pool_.begin());
  std::uint32_t named = 0;  // of what is dropped
  if (listed >= limits.listed_max) {
    // A full list has no use for those that might join it: they are collected when they must. But
    // what the observer is inside of is late, and has to be known.
    listed = limits.listed_max;
    const auto inside = static_cast<std::size_t>(
        std::count_if(pool_.begin(), pool_.begin() + count_, [](const Candidate& candidate) {
          return candidate.standing.nearness == Nearness::inside;
        }));
    drop_beyond(0, std::clamp<std::size_t>(inside, listed, limits.candidates_max), count_, true);
    std::nth_element(pool_.begin(), pool_.begin() + listed, pool_.begin() + count_, more_urgent);
    named = static_cast<std::uint32_t>(count_ - listed);
  } else if (count_ > limits.candidates_max) {
    drop_beyond(listed, limits.candidates_max - listed, count_, false);
  }
  return {
      .query = query_,
      .candidates = pool_.span().first(count_),
      .listed_count = static_cast<std::uint32_t>(listed),
      .trusted_radius = trusted_radius_ - rounding_,
      .dropped = {
          .count = lost_.count + named, .inside = lost_.inside + named, .unnamed = lost_.inside}};
}

}  // namespace nf
