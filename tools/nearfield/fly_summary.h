// FlySummary: a flight in a few numbers and sentences, for text, JSON and the report alike.
//
// Pure; any thread.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tools/nearfield/fly_run.h"

namespace nf {

// What the flight was asked to be.
struct FlySetting {
  std::string archive;
  std::string device;  // "real" or the model's name
  Pace pace = Pace::real_time;
  Bytes memory_budget;
  Bytes reads_in_flight_max;
  Bytes read_size_max;
  std::string window_from;  // "default", or the file of a measured disk
  double frames_per_second = 60;
  double speed_max = 0;               // metres a second, as the observer stated it; 0: it did not
  std::vector<std::string> warnings;  // sentences: what is not as it was asked for
};

struct FlySummary {
  std::uint64_t late = 0;                                     // missed ones included
  std::uint64_t in_time = 0;                                  // arrivals that were
  std::array<std::uint64_t, kLateCauses> late_by_cause = {};  // of late; by LateCause
  double lateness_ms_p50 = 0;
  double lateness_ms_p99 = 0;
  double lateness_ms_max = 0;
  double update_us_p50 = 0;
  double update_us_p99 = 0;
  double update_us_max = 0;
  double read_per_second = 0;  // bytes, mean over the flight
};

FlySummary summarize(const FlyRecord& record);

// The causes that occurred, the most frequent first.
std::vector<LateCause> causes_seen(const FlySummary& summary);

// A few sentences that a newcomer understands: was everything there in time?
std::string verdict(const Archive& archive, const FlyRecord& record, const FlySummary& summary);

// What the verdict comes to.
enum class Outcome {
  good,   // all of a whole flight was there in time
  bad,    // something was late, failed or found no memory
  empty,  // the flight tells nothing: it was interrupted, or met nothing
};
Outcome outcome_of(const FlyRecord& record);

const char* pace_name(Pace pace);          // "real_time", "as_fast", "simulated"
std::string distance_text(double metres);  // "950 m", "152 km"
std::string milliseconds_text(double ms);  // "0.4 ms", "1.23 s"

}  // namespace nf
