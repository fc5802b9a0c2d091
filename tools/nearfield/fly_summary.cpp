#include "tools/nearfield/fly_summary.h"

#include <algorithm>

#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/exit_code.h"
#include "tools/nearfield/percentile.h"
#include "tools/nearfield/sizes.h"

namespace nf {

FlySummary summarize(const FlyRecord& record) {
  FlySummary summary;
  summary.late = record.late.size();
  // Over all arrivals: those in time count as 0. What never arrived counts for as long as it was
  // needed.
  const std::size_t arrived_late = record.late.size() - record.missed;
  const std::size_t in_time =
      record.arrivals.size() - std::min(record.arrivals.size(), arrived_late);
  std::vector<double> lateness_ms;
  lateness_ms.reserve(record.late.size() + in_time);
  for (const LateArrival& late : record.late) lateness_ms.push_back(late.lateness * 1e3);
  lateness_ms.resize(lateness_ms.size() + in_time, 0.0);
  summary.lateness_ms_p50 = percentile(lateness_ms, 0.5);
  summary.lateness_ms_p99 = percentile(lateness_ms, 0.99);
  summary.lateness_ms_max = percentile(lateness_ms, 1);
  const auto update_us = [&record](double part) {
    return static_cast<double>(record.update_times.percentile(part)) * 1e-3;
  };
  summary.update_us_p50 = update_us(0.5);
  summary.update_us_p99 = update_us(0.99);
  summary.update_us_max = update_us(1);
  if (record.seconds > 0) {
    summary.read_per_second = static_cast<double>(record.bytes_read.value) / record.seconds;
  }
  return summary;
}

namespace {

// The kinds of failure that were seen, in words.
std::string causes_of(const FlyRecord& record) {
  bool memory = false, time = false, machine = false, damage = false;
  for (const auto& [id, error] : record.failed) {
    if (error.code == ErrorCode::limit_exceeded && error.os_error == 0) {
      memory = true;
    } else if (error.code == ErrorCode::timed_out) {
      time = true;
    } else if (error.code == ErrorCode::file_read_failed ||
               exit_code_of(error) != ExitCode::machine_refused) {
      damage = true;
    } else {
      machine = true;
    }
  }
  std::string text;
  const auto add = [&text](bool seen, const char* cause) {
    if (seen) text += (text.empty() ? "" : ", and ") + std::string(cause);
  };
  add(damage, "the archive or the disk is damaged");
  add(memory, "the memory budget is too small for them");
  add(time, "the disk did not answer in time");
  add(machine, "the machine refused what reading them needs");
  return text;
}

}  // namespace

std::string verdict(const Archive& archive, const FlyRecord& record, const FlySummary& summary) {
  std::string text;
  const std::string arrivals = grouped(record.arrivals.size());
  if (summary.late == 0 && record.arrivals.empty()) {
    text = "Nothing had to be read on the way: all that the flight needed was there at the start.";
  } else if (summary.late == 0) {
    text = "Everything was there in time: " + arrivals + " containers arrived, none late.";
  } else {
    const LateArrival& worst = record.late.front();
    text = grouped(summary.late) + (summary.late == 1 ? " container" : " containers") +
           " came too late (" + arrivals + " arrived); the worst, " +
           container_label(archive, worst.id) + ", " + (worst.missed ? "was missing for " : "by ") +
           milliseconds_text(worst.lateness * 1e3) + ".";
  }
  if (record.missed > 0) {
    text += " " + grouped(record.missed) + " of them did not arrive while they were needed.";
  }
  if (record.start_unfilled > 0) {
    text += " The start was not complete: " + grouped(record.start_unfilled) +
            " containers did not fit or did not come.";
  }
  if (!record.failed.empty()) {
    text += " Containers failed: " + causes_of(record) + ".";
  }
  return text;
}

const char* pace_name(Pace pace) {
  switch (pace) {
    case Pace::real_time: return "real_time";
    case Pace::as_fast: return "as_fast";
    case Pace::simulated: return "simulated";
  }
  return "";
}

std::string distance_text(double metres) {
  if (metres < 1e3) return text_of("%.0f m", metres);
  if (metres < 1e4) return text_of("%.1f km", metres * 1e-3);
  if (metres < 1e9) return grouped(static_cast<std::uint64_t>(metres * 1e-3)) + " km";
  return text_of("%.3g km", metres * 1e-3);
}

std::string milliseconds_text(double ms) {
  if (ms == 0) return "0 ms";
  if (ms < 10) return text_of("%.1f ms", ms);
  if (ms < 1000) return text_of("%.0f ms", ms);
  return text_of("%.2f s", ms * 1e-3);
}

}  // namespace nf
