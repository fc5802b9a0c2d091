#include "bench/replay/log_flight.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/world/vector_math.h"

namespace nf::bench {
namespace {

constexpr double kOwnFrame = 20;      // radii of a site within which one is in its frame
constexpr double kOverGround = 4;     // radii within which one flies round a planet
constexpr double kDifference = 0.01;  // seconds over which a velocity is taken
constexpr double kGolden = 2.399963;

// How far somebody goes from the ship, and how fast.
struct Stroll {
  double reach = 0;
  double speed = 0;
};
constexpr Stroll kOnFoot = {.reach = 45, .speed = 2.5};
constexpr Stroll kDriving = {.reach = 400, .speed = 15};

// What part of the way is behind one after `part` of the time: away from the one end and to the
// other the distance grows and shrinks by the same factor in the same time.
double part_of_way(const Leg& leg, double part, double way) {
  const double half = way / 2;
  const double up = std::log1p(half / leg.from.near);
  const double down = std::log1p(half / leg.to.near);
  const double at = part * (up + down);
  const double gone =
      at < up ? leg.from.near * std::expm1(at) : way - leg.to.near * std::expm1(up + down - at);
  return way > 0 ? std::clamp(gone / way, 0.0, 1.0) : 1;
}

const Site& site_of(const LogFlight& flight, const Place& place) {
  return flight.map.systems[place.system].sites[place.site];
}

WorldPosition in_system(const LogFlight& flight, const Place& place, double seconds) {
  if (place.site == kNoSite) return place.at;
  return to_outer(site_pose(site_of(flight, place), seconds), place.at);
}

WorldPosition between(WorldPosition a, WorldPosition b, double part) {
  return a + (b - a) * part;
}

bool over_one_planet(const LogFlight& flight, const Leg& leg) {
  if (leg.from.site != leg.to.site || leg.from.site == kNoSite) return false;
  const Site& site = site_of(flight, leg.from);
  const double limit = kOverGround * site.radius;
  return site.is_planet && length(from_origin(leg.from.at)) < limit &&
         length(from_origin(leg.to.at)) < limit;
}

// Round the planet and not through it: direction and height change apart.
WorldPosition round_planet(const LogFlight& flight, const Leg& leg, double part) {
  const WorldVector from = from_origin(leg.from.at), to = from_origin(leg.to.at);
  const double way = length(to - from);
  const double way_part = part_of_way(leg, part, way);
  const double radius = length(from) + (length(to) - length(from)) * way_part;
  const WorldVector across = from + (to - from) * way_part;
  const double size = length(across);
  const WorldVector up = size > 1e-3 ? across * (1 / size) : WorldVector{0, 0, 1};
  const double over = way - std::abs(length(to) - length(from));
  const double hump = std::min(over / 8, site_of(flight, leg.from).radius / 100);
  return WorldPosition{} + up * (radius + hump * 4 * way_part * (1 - way_part));
}

// In the frame of a site that both ends stand in.
WorldPosition in_site(const LogFlight& flight, const Leg& leg, double part) {
  if (over_one_planet(flight, leg)) return round_planet(flight, leg, part);
  const double way = length(leg.to.at - leg.from.at);
  return between(leg.from.at, leg.to.at, part_of_way(leg, part, way));
}

double part_of_time(const Leg& leg, double seconds) {
  return leg.end > leg.begin ? std::clamp((seconds - leg.begin) / (leg.end - leg.begin), 0.0, 1.0)
                             : 1;
}

WorldPosition in_system(const LogFlight& flight, const Leg& leg, double seconds) {
  const double part = part_of_time(leg, seconds);
  const WorldPosition from = in_system(flight, leg.from, seconds);
  const WorldPosition to = in_system(flight, leg.to, seconds);
  return between(from, to, part_of_way(leg, part, length(to - from)));
}

// Of the two sites of a leg the one whose frame the ship is in.
std::uint32_t frame_of(const LogFlight& flight, const Leg& leg, double seconds) {
  if (leg.from.site == leg.to.site) return leg.from.site;
  const WorldPosition at = in_system(flight, leg, seconds);
  for (const Place* place : {&leg.to, &leg.from}) {
    if (place->site == kNoSite) continue;
    const Site& site = site_of(flight, *place);
    if (length(at - site.position) < kOwnFrame * site.radius) return place->site;
  }
  return kNoSite;
}

WorldPosition in_frame(const LogFlight& flight, const Leg& leg, std::uint32_t site,
                       double seconds) {
  if (leg.from.site == leg.to.site) return in_site(flight, leg, part_of_time(leg, seconds));
  const WorldPosition at = in_system(flight, leg, seconds);
  if (site == kNoSite) return at;
  return to_inner(site_pose(flight.map.systems[leg.from.system].sites[site], seconds), at);
}

// There and back, as often as time allows, each time in another direction; at the ship when the
// leg begins and when it ends.
WorldVector strolled(const Leg& leg, const Stroll& stroll, double seconds) {
  const double took = leg.end - leg.begin;
  const double gone = std::clamp(seconds - leg.begin, 0.0, took);
  const double there_and_back = std::numbers::pi * stroll.reach / stroll.speed;
  const double times = std::max(1.0, std::floor(took / there_and_back));
  const double reach = std::min(stroll.reach, took / times * stroll.speed / std::numbers::pi);
  const double turn = took > 0 ? times * gone / took : 0;
  // Nobody starts at full speed.
  const double swing = std::sin(std::numbers::pi * turn);
  const double away = reach * swing * swing;
  const double heading = kGolden * std::floor(turn);
  return {away * std::cos(heading), away * std::sin(heading), 0};
}

WorldPosition walker_position(const LogFlight& flight, const Leg& leg, const Stroll& stroll,
                              double seconds) {
  const WorldVector by = strolled(leg, stroll, seconds);
  const Site& site = site_of(flight, leg.from);
  if (!site.is_planet) return leg.from.at + by;
  const auto nearest =
      std::min_element(site.zones.begin(), site.zones.end(), [&](const Zone& a, const Zone& b) {
        return length(leg.from.at - a.pose.origin) < length(leg.from.at - b.pose.origin);
      });
  return leg.from.at + rotate(nearest->pose.rotation, by);
}

template <class PositionAt>
WorldVector velocity_of(const Leg& leg, double seconds, const PositionAt& position_at) {
  const double before = std::max(leg.begin, seconds - kDifference);
  const double after = std::min(leg.end, seconds + kDifference);
  if (!(after > before)) return {};
  return (position_at(after) - position_at(before)) * (1 / (after - before));
}

}  // namespace

std::vector<SystemPair> LogFlight::pairs() const {
  std::vector<SystemPair> pairs;
  for (const JumpStart& jump : jumps) pairs.emplace_back(jump.from, jump.to);
  return pairs;
}

FlightSample ship_at(const LogFlight& flight, const Leg& leg, double seconds) {
  FlightSample sample{.system = leg.from.system, .site = frame_of(flight, leg, seconds)};
  const auto at = [&](double t) { return in_frame(flight, leg, sample.site, t); };
  sample.position = at(seconds);
  if (leg.moves()) sample.velocity = velocity_of(leg, seconds, at);
  return sample;
}

FlightSample walker_at(const LogFlight& flight, const Leg& leg, double seconds) {
  FlightSample sample = ship_at(flight, leg, seconds);
  if (leg.going == Going::aboard || leg.moves() || leg.from.site == kNoSite) return sample;
  const Stroll& stroll = leg.going == Going::on_foot ? kOnFoot : kDriving;
  const auto at = [&](double t) { return walker_position(flight, leg, stroll, t); };
  sample.position = at(seconds);
  sample.velocity = velocity_of(leg, seconds, at);
  return sample;
}

}  // namespace nf::bench
