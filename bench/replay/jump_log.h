// A log of what somebody did in a space game: between which places, when, and by what way. One
// recorded event a line: t_seconds, event, system, body, station, mode, lat, lon.
//
// Pure; any thread. Refuses a log with a sentence that names file and line, as BadInput.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nf::bench {

enum class LogEventKind : std::uint8_t {
  other,  // says nothing about where one is
  start_jump,
  jump,  // one comes out in another system
  carrier_jump,
  location,   // a session begins, or goes on
  resurrect,  // somewhere else, after death
  approach_body,
  leave_body,
  supercruise_entry,
  supercruise_exit,
  docked,
  undocked,
  touchdown,
  liftoff,
  step_out,  // on foot
  step_in,
  drive_out,  // in a small vehicle
  drive_in,
};

struct LogEvent {
  double seconds = 0;
  LogEventKind kind = LogEventKind::other;
  std::string system, body, station;
  bool on_foot = false;
  struct Spot {  // degrees
    double latitude = 0;
    double longitude = 0;
  };
  std::optional<Spot> spot;  // on the body
};

inline constexpr std::size_t kLogEventsMax = 1'000'000;
inline constexpr double kLogSecondsMax = 1e6;

// Ascending by time. `file` is what a refusal calls the log.
std::vector<LogEvent> parse_jump_log(const std::string& file, std::string_view text);

}  // namespace nf::bench
