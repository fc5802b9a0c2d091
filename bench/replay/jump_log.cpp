#include "bench/replay/jump_log.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "bench/replay/csv_table.h"

namespace nf::bench {
namespace {

enum Column : std::size_t { kSeconds, kEvent, kSystem, kBody, kStation, kMode, kLat, kLon };

struct KnownEvent {
  std::string_view name;
  LogEventKind kind;
};

constexpr auto kKnown = std::to_array<KnownEvent>({
    {"StartJump", LogEventKind::start_jump},
    {"FSDJump", LogEventKind::jump},
    {"CarrierJump", LogEventKind::carrier_jump},
    {"Location", LogEventKind::location},
    {"Resurrect", LogEventKind::resurrect},
    {"ApproachBody", LogEventKind::approach_body},
    {"LeaveBody", LogEventKind::leave_body},
    {"SupercruiseEntry", LogEventKind::supercruise_entry},
    {"SupercruiseExit", LogEventKind::supercruise_exit},
    {"Docked", LogEventKind::docked},
    {"Undocked", LogEventKind::undocked},
    {"Touchdown", LogEventKind::touchdown},
    {"Liftoff", LogEventKind::liftoff},
    {"Disembark", LogEventKind::step_out},
    {"Embark", LogEventKind::step_in},
    {"LaunchSRV", LogEventKind::drive_out},
    {"DockSRV", LogEventKind::drive_in},
});

LogEventKind kind_of(std::string_view name) {
  const auto found = std::find_if(kKnown.begin(), kKnown.end(),
                                  [&](const KnownEvent& known) { return known.name == name; });
  return found == kKnown.end() ? LogEventKind::other : found->kind;
}

LogEvent event_of(const CsvTable& table) {
  LogEvent event{.seconds = table.number(kSeconds),
                 .kind = kind_of(table.text(kEvent)),
                 .system = std::string(table.text(kSystem)),
                 .body = std::string(table.text(kBody)),
                 .station = std::string(table.text(kStation)),
                 .on_foot = table.text(kMode) == "foot",
                 .spot = {}};
  if (table.text(kEvent).empty()) table.refuse("the event has no name");
  if (event.seconds < 0 || event.seconds > kLogSecondsMax) {
    table.refuse("t_seconds is not within 0 and 1,000,000");
  }
  if (table.text(kLat).empty() != table.text(kLon).empty()) {
    table.refuse("of lat and lon there is only one");
  }
  if (!table.text(kLat).empty()) {
    event.spot = {.latitude = table.number(kLat), .longitude = table.number(kLon)};
    if (std::abs(event.spot->latitude) > 90 || std::abs(event.spot->longitude) > 360) {
      table.refuse("lat and lon are no place on a body");
    }
  }
  return event;
}

}  // namespace

std::vector<LogEvent> parse_jump_log(const std::string& file, std::string_view text) {
  CsvTable table(file, text,
                 {"t_seconds", "event", "system", "body", "station", "mode", "lat", "lon"});
  std::vector<LogEvent> events;
  while (table.next_line()) {
    if (events.size() == kLogEventsMax) table.refuse("there are more than 1,000,000 events");
    LogEvent event = event_of(table);
    if (!events.empty() && event.seconds < events.back().seconds) {
      table.refuse("t_seconds is before that of the event above");
    }
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace nf::bench
