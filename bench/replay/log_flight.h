// LogFlight: the flight that a log tells of, through its StarMap. At each moment that the log names
// the ship is where the log says; between two of them it flies as space games do, its speed in
// proportion to how far away it is from where it was and from where it goes.
//
// Plain data; pure functions of the log; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include <nearfield/observer.h>

#include "bench/replay/jump_log.h"
#include "bench/replay/star_map.h"
#include "bench/replay/star_world.h"

namespace nf::bench {

enum class Going : std::uint8_t {
  aboard,
  on_foot,  // about the ship, which stands
  driving,
};

enum class LegBegin : std::uint8_t {
  motion,  // where the leg before it ended
  jump,    // out of a gate that was foretold
  cut,     // elsewhere: a loading screen of the game
};

// From one moment of the log to the next.
struct Leg {
  double begin = 0;  // seconds of the log
  double end = 0;
  Place from, to;
  LegBegin by = LegBegin::motion;
  Going going = Going::aboard;

  bool moves() const { return !(from == to); }
};

// A jump that the game began. What the engine knows of it: where to, and that it takes
// kJumpLeadSeconds at least.
struct JumpStart {
  double begin = 0;
  double end = 0;  // one is through, or it is off
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  bool taken = false;
};

struct LogFlight {
  StarMap map;
  std::vector<Leg> legs;  // without gaps
  std::vector<JumpStart> jumps;
  std::uint32_t docked = 0, landed = 0, stepped_out = 0;  // how often

  std::vector<SystemPair> pairs() const;  // of `jumps`
};

LogFlight make_log_flight(const std::vector<LogEvent>& log, std::uint64_t seed);

// In the frame of `site` of the leg's system, or in the system's own.
struct FlightSample {
  std::uint32_t system = 0;
  std::uint32_t site = kNoSite;
  WorldPosition position = {};
  WorldVector velocity = {};
};
FlightSample ship_at(const LogFlight& flight, const Leg& leg, double seconds);
// Who is out of the ship, in the frame that the ship is in. With Going::aboard the ship's sample.
FlightSample walker_at(const LogFlight& flight, const Leg& leg, double seconds);

}  // namespace nf::bench
