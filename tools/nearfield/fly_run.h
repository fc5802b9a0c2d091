// The flight itself: an observer moves through a world, and everything that happens is written
// down.
//
// Thread: the caller's, which owns the Streamer meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nearfield/archive.h>
#include <nearfield/streamer.h>

#include "core/io/sim_device.h"
#include "core/world/world.h"
#include "tools/nearfield/flight.h"
#include "tools/nearfield/fly_audit.h"
#include "tools/nearfield/time_histogram.h"

namespace nf {

enum class Pace {
  real_time,  // a frame every 1/fps seconds of the clock on the wall
  as_fast,    // no waiting where nothing is on its way; otherwise never faster than the clock
  simulated,  // time is a number
};

struct FlyOptions {
  StreamerOptions streamer;
  std::string window_from = "default";  // where its window of reads comes from, for people
  Pace pace = Pace::real_time;
  double frames_per_second = 60;
  double speed_max = 0;            // Observer::speed_max
  SimDevice* simulated = nullptr;  // with Pace::simulated; borrowed
  // Called once a frame with seconds flown; false: stop here.
  std::function<bool(double seconds)> progress;
};

struct FlyArrival {
  ContainerId id;
  double seconds = 0;   // of flight
  double lateness = 0;  // seconds; 0: in time
};

// One part of the flight, for the plots.
struct FlySample {
  double seconds = 0;  // of flight, at its end
  WorldPosition position;
  Bytes memory;
  Bytes bytes_read;  // since the flight began
  double update_us_max = 0;
  double update_us_mean = 0;
  std::uint32_t frames = 0;
  std::uint32_t resident = 0;
  std::uint32_t loading = 0;
  std::uint32_t queued = 0;
};

struct FlyRecord {
  std::string backend;
  std::string backend_reason;
  bool huge_pages = false;
  bool stopped = false;      // by the caller
  double start_seconds = 0;  // to fill the start bubble
  std::uint64_t start_arrivals = 0;
  Bytes start_bytes_read;
  std::uint32_t start_unfilled = 0;   // needed where the flight starts, and not there
  std::uint32_t start_no_memory = 0;  // of those: nothing but memory was wanting
  double seconds = 0;                 // flown
  double seconds_planned = 0;
  double metres = 0;  // flown
  std::uint64_t frames = 0;
  std::vector<FlyArrival> arrivals;  // after the start
  std::vector<LateArrival> late;     // worst first
  std::uint64_t missed = 0;          // of late
  std::uint64_t late_no_memory = 0;  // of late
  std::uint64_t touched_count = 0;   // containers that the bubble reached
  std::uint64_t placed_count = 0;    // of the world: containers that can be met
  bool decodes_in_update = false;
  std::uint64_t failures = 0;
  std::vector<std::pair<ContainerId, Error>> failed;  // the first few
  Bytes bytes_read;                                   // after the start
  Bytes bytes_wasted;
  Bytes bytes_delivered;  // decoded bytes of arrivals after the start
  Bytes memory_peak;      // over everything, the start included
  std::uint64_t retries = 0;
  TimeHistogram update_times;  // one a frame
  std::vector<FlySample> samples;
  std::vector<bool> touched;  // by container: the bubble reached it
  PathHash content_hash;      // of every touched container's path and bytes, in any order
};

Result<FlyRecord> fly(const Archive& archive, const World& world, const Flight& flight,
                      const FlyOptions& options);

}  // namespace nf
