// The flight that is derived from a log is where the log says, when it says so, and flies there
// without a jump that nobody stated.
#include <gtest/gtest.h>

#include <algorithm>

#include "bench/replay/log_flight.h"
#include "bench/replay/made_up.h"
#include "core/world/vector_math.h"

namespace nf::bench {
namespace {

constexpr std::uint64_t kSeed = 5;

LogFlight flight_of(const std::string& rows) {
  const std::string heading = "t_seconds,event,system,body,station,mode,lat,lon\n";
  return make_log_flight(parse_jump_log("a.csv", heading + rows), kSeed);
}

WorldPosition in_system(const LogFlight& flight, const FlightSample& sample, double seconds) {
  if (sample.site == kNoSite) return sample.position;
  return to_outer(site_pose(flight.map.systems[sample.system].sites[sample.site], seconds),
                  sample.position);
}

const Leg& leg_that_ends_at(const LogFlight& flight, double seconds) {
  const auto found = std::find_if(flight.legs.begin(), flight.legs.end(),
                                  [&](const Leg& leg) { return leg.end == seconds; });
  EXPECT_NE(found, flight.legs.end()) << seconds;
  return *found;
}

const std::string kLanding =
    "0,Location,Sol,,,ship,,\n"
    "100,ApproachBody,Sol,Luna,,ship,,\n"
    "147,SupercruiseExit,Sol,Luna,,ship,,\n"
    "233,Touchdown,Sol,Luna,,ship,10,20\n"
    "237,Disembark,Sol,Luna,,foot,,\n"
    "300,Embark,Sol,Luna,,ship,,\n"
    "310,Liftoff,Sol,Luna,,ship,10,20\n"
    "340,SupercruiseEntry,Sol,Luna,,ship,,\n";

TEST(LogFlight, is_where_the_log_says_when_it_says_so) {
  const LogFlight flight = flight_of(kLanding);
  const Site& luna = flight.map.systems[0].sites[0];
  EXPECT_EQ(luna.name, "Luna");
  const auto height_at = [&](double seconds) {
    const FlightSample ship = ship_at(flight, leg_that_ends_at(flight, seconds), seconds);
    EXPECT_EQ(ship.site, 0u);
    return length(from_origin(ship.position)) - luna.radius;
  };
  EXPECT_NEAR(height_at(100), 2 * luna.radius, 1);
  EXPECT_NEAR(height_at(147), 10e3, 0.1);
  EXPECT_NEAR(height_at(233), 5, 0.01);
  EXPECT_NEAR(height_at(340), 30e3, 0.1);
  EXPECT_EQ(flight.landed, 1u);
  EXPECT_EQ(flight.stepped_out, 1u);
}

TEST(LogFlight, goes_out_of_the_ship_and_is_back_in_time) {
  const LogFlight flight = flight_of(kLanding);
  const Leg& leg = leg_that_ends_at(flight, 300);
  EXPECT_EQ(leg.begin, 237);
  EXPECT_EQ(leg.going, Going::on_foot);
  double farthest = 0, fastest = 0;
  for (double seconds = leg.begin; seconds <= leg.end; seconds += 0.1) {
    const FlightSample walker = walker_at(flight, leg, seconds);
    farthest = std::max(farthest, length(walker.position - leg.from.at));
    fastest = std::max(fastest, length(walker.velocity));
  }
  EXPECT_GT(farthest, 20);
  EXPECT_LT(farthest, 50);
  EXPECT_LT(fastest, 3);
  for (const double seconds : {leg.begin, leg.end}) {
    EXPECT_LT(length(walker_at(flight, leg, seconds).position - leg.from.at), 0.1);
  }
}

TEST(LogFlight, states_jumps_when_they_start_and_gives_those_up_that_do_not_happen) {
  const LogFlight flight = flight_of(
      "0,Location,Sol,,,ship,,\n"
      "10,StartJump,Sol,,,ship,,\n"
      "28,FSDJump,Vega,,,ship,,\n"
      "60,StartJump,Vega,,,ship,,\n"  // for the fast drive
      "65,SupercruiseEntry,Vega,,,ship,,\n"
      "100,StartJump,Vega,,,ship,,\n"  // off
      "110,StartJump,Vega,,,ship,,\n"
      "132,FSDJump,Rigel,,,ship,,\n");
  ASSERT_EQ(flight.jumps.size(), 3u);
  EXPECT_TRUE(flight.jumps[0].taken);
  EXPECT_EQ(flight.jumps[0].begin, 10);
  EXPECT_EQ(flight.jumps[0].end, 28);
  EXPECT_FALSE(flight.jumps[1].taken);
  EXPECT_EQ(flight.jumps[1].end, 110);
  EXPECT_TRUE(flight.jumps[2].taken);
  EXPECT_EQ(flight.map.systems[flight.jumps[2].to].name, "Rigel");
  const auto by_jump = std::count_if(flight.legs.begin(), flight.legs.end(),
                                     [](const Leg& leg) { return leg.by == LegBegin::jump; });
  EXPECT_EQ(by_jump, 2);
}

TEST(LogFlight, is_cut_only_where_the_game_had_a_loading_screen) {
  const LogFlight flight = flight_of(
      "0,Location,Sol,Port,Port,ship,,\n"
      "0,Docked,Sol,Port,Port,ship,,\n"
      "50,Undocked,Sol,Port,,ship,,\n"
      "90,SupercruiseEntry,Sol,Port,,ship,,\n"
      "200,Location,Vega,,,ship,,\n"
      "260,Location,Vega,,,ship,,\n");
  std::vector<double> cuts;
  for (const Leg& leg : flight.legs) {
    if (leg.by == LegBegin::cut) cuts.push_back(leg.begin);
  }
  EXPECT_EQ(cuts, (std::vector<double>{0, 200}));
}

// What a log of any shape comes to: legs without gaps, and motion without a jump within them and
// from one to the next.
void expect_sound(const LogFlight& flight) {
  for (std::size_t i = 0; i < flight.legs.size(); ++i) {
    const Leg& leg = flight.legs[i];
    ASSERT_LE(leg.begin, leg.end);
    if (i > 0) {
      const Leg& before = flight.legs[i - 1];
      ASSERT_EQ(before.end, leg.begin);
      if (leg.by == LegBegin::motion) {
        const WorldPosition a = in_system(flight, ship_at(flight, before, before.end), before.end);
        const WorldPosition b = in_system(flight, ship_at(flight, leg, leg.begin), leg.begin);
        ASSERT_LT(length(a - b), 0.01) << "at " << leg.begin << " s";
      }
    }
    for (int part = 1; part < 10; ++part) {
      const double seconds = leg.begin + (leg.end - leg.begin) * part / 10;
      const double step = std::min(1e-3, leg.end - seconds);
      if (step <= 0) continue;
      const FlightSample now = ship_at(flight, leg, seconds);
      const FlightSample next = ship_at(flight, leg, seconds + step);
      if (now.site != next.site) continue;
      const double went = length(next.position - now.position);
      const double told = length(now.velocity) * step;
      ASSERT_NEAR(went, told, 0.05 * told + 0.01) << "at " << seconds << " s";
    }
  }
}

TEST(LogFlight, moves_without_a_jump_and_as_fast_as_it_says) {
  expect_sound(flight_of(kLanding));
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const LogFlight flight = make_log_flight(parse_jump_log("made up", make_up_log(seed, 9)), seed);
    EXPECT_EQ(flight.jumps.size(), 9u);
    EXPECT_EQ(flight.landed, 4u);
    EXPECT_EQ(flight.docked, 4u);
    expect_sound(flight);
  }
}

TEST(LogFlight, of_a_log_without_places_is_none) {
  EXPECT_TRUE(flight_of("0,LoadGame,,,,ship,,\n9,Shutdown,,,,ship,,\n").legs.empty());
  EXPECT_TRUE(flight_of("").legs.empty());
}

}  // namespace
}  // namespace nf::bench
