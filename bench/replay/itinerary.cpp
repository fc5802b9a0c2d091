// What a log says about where one is, event by event: makes the legs of a LogFlight.
#include <algorithm>
#include <optional>

#include "bench/replay/log_flight.h"

namespace nf::bench {
namespace {

constexpr double kAbove = 10e3;    // metres: where one comes out above a landing zone, or a station
constexpr double kOutside = 30e3;  // where the fast drive may start
constexpr double kJumpOff = 25;    // seconds after which a jump that did not happen is off
// Somebody who takes longer than this stood about first.
constexpr double kFlownMax = 600;

class Itinerary {
 public:
  Itinerary(const std::vector<LogEvent>& log, std::uint64_t seed) : log_(log) {
    flight_.map = make_star_map(log, seed);
  }

  LogFlight make() {
    find_jumps();
    for (at_ = 0; at_ < log_.size(); ++at_) take(log_[at_]);
    if (!log_.empty() && here_) stay_until(log_.back().seconds);
    return std::move(flight_);
  }

 private:
  const Site& site(const Place& place) const {
    return flight_.map.systems[place.system].sites[place.site];
  }
  bool at_site() const { return here_ && here_->site != kNoSite; }
  bool at_planet() const { return at_site() && site(*here_).is_planet; }

  void find_jumps();
  void take(const LogEvent& event);
  void take_arrival(const LogEvent& event, std::uint32_t system);
  void take_session(const LogEvent& event, std::uint32_t system);
  void take_approach(const LogEvent& event, std::uint32_t system);
  void take_exit(const LogEvent& event, std::uint32_t system);
  void take_entry(const LogEvent& event);
  void take_landing(const LogEvent& event, std::uint32_t system);
  void take_docking(const LogEvent& event, std::uint32_t system);

  std::uint32_t zone_of(const Site& planet, const std::string& name) const;
  std::uint32_t next_zone(std::uint32_t system, std::uint32_t site) const;
  std::uint32_t next_station(std::uint32_t system) const;

  void stay_until(double seconds);
  void go(const Place& to, double seconds);
  void appear(const Place& at, double seconds, LegBegin by);

  const std::vector<LogEvent>& log_;
  LogFlight flight_;
  std::optional<Place> here_;
  double now_ = 0;
  std::size_t at_ = 0;
  std::uint32_t zone_ = 0;  // the last one that was over or on
  Going going_ = Going::aboard;
  LegBegin by_ = LegBegin::cut;  // how the next leg begins
};

// A start is of a jump if one comes out of it before anything else starts.
void Itinerary::find_jumps() {
  const auto ends = [](LogEventKind kind) {
    return kind == LogEventKind::jump || kind == LogEventKind::supercruise_entry ||
           kind == LogEventKind::start_jump;
  };
  for (std::size_t i = 0; i < log_.size(); ++i) {
    if (log_[i].kind != LogEventKind::start_jump || log_[i].system.empty()) continue;
    const std::uint32_t from = find_system(flight_.map, log_[i].system);
    const auto rest = log_.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    const auto next =
        std::find_if(rest, log_.end(), [&](const LogEvent& event) { return ends(event.kind); });
    if (next != log_.end() && next->kind == LogEventKind::supercruise_entry) continue;
    if (next != log_.end() && next->kind == LogEventKind::jump && !next->system.empty()) {
      flight_.jumps.push_back({.begin = log_[i].seconds,
                               .end = next->seconds,
                               .from = from,
                               .to = find_system(flight_.map, next->system),
                               .taken = true});
      continue;
    }
    // Off again: where to, is where one went later.
    const auto later = std::find_if(rest, log_.end(), [&](const LogEvent& event) {
      return event.kind == LogEventKind::jump && event.system != log_[i].system;
    });
    if (later == log_.end() || later->system.empty()) continue;
    const double end = next == log_.end() ? log_.back().seconds : next->seconds;
    flight_.jumps.push_back({.begin = log_[i].seconds,
                             .end = std::min(end, log_[i].seconds + kJumpOff),
                             .from = from,
                             .to = find_system(flight_.map, later->system),
                             .taken = false});
  }
}

void Itinerary::stay_until(double seconds) {
  if (seconds <= now_ && by_ == LegBegin::motion) return;
  flight_.legs.push_back({.begin = now_,
                          .end = std::max(seconds, now_),
                          .from = *here_,
                          .to = *here_,
                          .by = by_,
                          .going = going_});
  by_ = LegBegin::motion;
  now_ = std::max(seconds, now_);
}

void Itinerary::go(const Place& to, double seconds) {
  if (!here_ || here_->system != to.system) return appear(to, seconds, LegBegin::cut);
  if (*here_ == to) return stay_until(seconds);
  going_ = Going::aboard;
  if (seconds - now_ > kFlownMax) stay_until(seconds - kFlownMax);
  // Two events at one moment: the game took time that the log's clock does not show.
  if (seconds <= now_) return appear(to, seconds, LegBegin::cut);
  flight_.legs.push_back(
      {.begin = now_, .end = seconds, .from = *here_, .to = to, .by = by_, .going = going_});
  by_ = LegBegin::motion;
  here_ = to;
  now_ = seconds;
}

void Itinerary::appear(const Place& at, double seconds, LegBegin by) {
  if (here_) stay_until(seconds);
  now_ = seconds;
  here_ = at;
  by_ = by;
  going_ = Going::aboard;
}

std::uint32_t Itinerary::zone_of(const Site& planet, const std::string& name) const {
  for (std::size_t i = 0; i < planet.zones.size(); ++i) {
    if (planet.zones[i].name == name) return static_cast<std::uint32_t>(i);
  }
  return 0;
}

// Where one sets down next on this planet.
std::uint32_t Itinerary::next_zone(std::uint32_t system, std::uint32_t site) const {
  const Site& planet = flight_.map.systems[system].sites[site];
  for (std::size_t i = at_; i < log_.size(); ++i) {
    const LogEvent& event = log_[i];
    if (event.kind == LogEventKind::jump) break;
    if (event.body != planet.name) continue;
    if (event.kind == LogEventKind::docked) return zone_of(planet, event.station);
    if (event.kind == LogEventKind::touchdown) return zone_of(planet, zone_name(event));
  }
  return 0;
}

// The station that one docks at before going elsewhere.
std::uint32_t Itinerary::next_station(std::uint32_t system) const {
  for (std::size_t i = at_ + 1; i < log_.size(); ++i) {
    const LogEvent& event = log_[i];
    if (event.kind == LogEventKind::jump || event.kind == LogEventKind::supercruise_entry) break;
    if (event.kind != LogEventKind::docked || event.station.empty()) continue;
    return find_site(flight_.map.systems[system], event.station);
  }
  return kNoSite;
}

void Itinerary::take_arrival(const LogEvent& event, std::uint32_t system) {
  const bool foretold =
      std::any_of(flight_.jumps.begin(), flight_.jumps.end(), [&](const JumpStart& jump) {
        return jump.taken && jump.end == event.seconds && jump.to == system;
      });
  appear(arrival_in(system), event.seconds, foretold ? LegBegin::jump : LegBegin::cut);
}

// Where a session begins; the same place again is no new one.
void Itinerary::take_session(const LogEvent& event, std::uint32_t system) {
  const std::uint32_t site =
      find_site(flight_.map.systems[system], event.station.empty() ? event.body : event.station);
  const std::uint32_t body = find_site(flight_.map.systems[system], event.body);
  if (at_site() && here_->system == system && (here_->site == site || here_->site == body)) return;
  Place place = arrival_in(system);
  if (body != kNoSite && flight_.map.systems[system].sites[body].is_planet) {
    const Site& planet = flight_.map.systems[system].sites[body];
    zone_ = zone_of(planet, event.station.empty() ? zone_name(event) : event.station);
    const bool down = event.spot || event.on_foot || !event.station.empty();
    place = down ? ground_of(flight_.map, system, body, zone_)
                 : orbit_of(flight_.map, system, body, zone_);
  } else if (site != kNoSite) {
    place = event.station.empty() ? outside_of(system, site, kAbove) : bay_of(system, site);
  }
  if (!here_ || !(*here_ == place)) appear(place, event.seconds, LegBegin::cut);
}

void Itinerary::take_approach(const LogEvent& event, std::uint32_t system) {
  const std::uint32_t body = find_site(flight_.map.systems[system], event.body);
  if (body == kNoSite) return;
  zone_ = next_zone(system, body);
  go(orbit_of(flight_.map, system, body, zone_), event.seconds);
}

void Itinerary::take_exit(const LogEvent& event, std::uint32_t system) {
  const StarSystem& in = flight_.map.systems[system];
  const std::uint32_t body = find_site(in, event.body);
  if (body != kNoSite && in.sites[body].is_planet) {
    zone_ = next_zone(system, body);
    return go(above_zone(flight_.map, system, body, zone_, kAbove), event.seconds);
  }
  const std::uint32_t station = next_station(system);
  const std::uint32_t to = station != kNoSite ? station : body;
  if (to != kNoSite) go(outside_of(system, to, kAbove), event.seconds);
}

void Itinerary::take_entry(const LogEvent& event) {
  if (!at_site()) return;
  if (!at_planet()) return go(outside_of(here_->system, here_->site, kOutside), event.seconds);
  go(above_zone(flight_.map, here_->system, here_->site, zone_, kOutside), event.seconds);
}

void Itinerary::take_landing(const LogEvent& event, std::uint32_t system) {
  const std::uint32_t body = find_site(flight_.map.systems[system], event.body);
  if (body == kNoSite) return;
  const Site& planet = flight_.map.systems[system].sites[body];
  const bool here = at_planet() && here_->site == body;
  if (event.spot || !here) zone_ = zone_of(planet, zone_name(event));
  go(ground_of(flight_.map, system, body, zone_), event.seconds);
  ++flight_.landed;
}

void Itinerary::take_docking(const LogEvent& event, std::uint32_t system) {
  ++flight_.docked;
  // A settlement's pad, where one came down to a planet.
  if (at_planet() && here_->system == system) {
    for (std::uint32_t i = 0; i < site(*here_).zones.size(); ++i) {
      if (site(*here_).zones[i].name != event.station) continue;
      zone_ = i;
      return go(ground_of(flight_.map, system, here_->site, i), event.seconds);
    }
  }
  const std::uint32_t station = find_site(flight_.map.systems[system], event.station);
  if (station != kNoSite) go(bay_of(system, station), event.seconds);
}

void Itinerary::take(const LogEvent& event) {
  using Kind = LogEventKind;
  if (event.system.empty() || event.kind == Kind::other) return;
  const std::uint32_t system = find_system(flight_.map, event.system);
  switch (event.kind) {
    case Kind::jump: return take_arrival(event, system);
    case Kind::carrier_jump:
    case Kind::location:
    case Kind::resurrect: return take_session(event, system);
    case Kind::approach_body: return take_approach(event, system);
    case Kind::supercruise_exit: return take_exit(event, system);
    case Kind::supercruise_entry: return take_entry(event);
    case Kind::touchdown: return take_landing(event, system);
    case Kind::docked: return take_docking(event, system);
    case Kind::leave_body:
      if (at_planet()) {
        go(orbit_of(flight_.map, here_->system, here_->site, zone_), event.seconds);
      }
      return;
    default: break;
  }
  if (!here_) return;
  stay_until(event.seconds);
  if (event.kind == Kind::step_out) going_ = Going::on_foot;
  if (event.kind == Kind::drive_out) going_ = Going::driving;
  if (event.kind == Kind::step_in || event.kind == Kind::drive_in) going_ = Going::aboard;
  if (event.kind == Kind::liftoff || event.kind == Kind::undocked) going_ = Going::aboard;
  if (event.kind == Kind::step_out) ++flight_.stepped_out;
}

}  // namespace

LogFlight make_log_flight(const std::vector<LogEvent>& log, std::uint64_t seed) {
  return Itinerary(log, seed).make();
}

}  // namespace nf::bench
