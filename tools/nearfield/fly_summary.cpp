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
  for (const LateArrival& late : record.late) {
    lateness_ms.push_back(late.lateness * 1e3);
    ++summary.late_by_cause[static_cast<std::size_t>(late.cause)];
  }
  lateness_ms.resize(lateness_ms.size() + in_time, 0.0);
  summary.in_time = in_time;
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

std::vector<LateCause> causes_seen(const FlySummary& summary) {
  std::vector<LateCause> seen;
  for (std::size_t i = 0; i < kLateCauses; ++i) {
    if (summary.late_by_cause[i] > 0) seen.push_back(static_cast<LateCause>(i));
  }
  std::stable_sort(seen.begin(), seen.end(), [&summary](LateCause a, LateCause b) {
    return summary.late_by_cause[static_cast<std::size_t>(a)] >
           summary.late_by_cause[static_cast<std::size_t>(b)];
  });
  return seen;
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

// How many came at last, and how many did not.
std::string late_parts(const FlyRecord& record) {
  const std::uint64_t came = record.late.size() - record.missed;
  std::string missed = grouped(record.missed) + " not at all while needed";
  if (came == 0) return missed;
  return grouped(came) + " came late" + (record.missed == 0 ? "" : ", " + missed);
}

std::string late_sentence(const Archive& archive, const FlyRecord& record,
                          const FlySummary& summary) {
  const LateArrival& worst = record.late.front();
  std::string text =
      counted(summary.late, "container") +
      (summary.late == 1 ? " was not there in time (" : " were not there in time (") +
      late_parts(record) + "); " + grouped(summary.in_time) +
      (summary.in_time == 1 ? " other was. The worst, " : " others were. The worst, ") +
      container_label(archive, worst.id) +
      (worst.missed ? ", was missing for " : ", came late by ") +
      milliseconds_text(worst.lateness * 1e3) + ".";
  if (record.late_no_memory > 0) {
    const bool all = record.late_no_memory == record.late.size();
    text += " Memory was wanting for " +
            (all ? std::string("all of them") : grouped(record.late_no_memory) + " of them") +
            ": the budget is too small for what is needed at one time.";
  }
  return text;
}

std::string start_sentence(const FlyRecord& record) {
  std::string text = " The start was not complete: " + counted(record.start_unfilled, "container") +
                     " needed there had not come";
  if (record.start_no_memory > 0) {
    text += ", " + (record.start_no_memory == record.start_unfilled
                        ? std::string("for want of memory")
                        : grouped(record.start_no_memory) + " of them for want of memory");
  }
  return text + ".";
}

}  // namespace

Outcome outcome_of(const FlyRecord& record) {
  const bool all_there = record.late.empty() && record.failed.empty() && record.start_unfilled == 0;
  if (!all_there) return Outcome::bad;
  return record.stopped || record.touched_count == 0 ? Outcome::empty : Outcome::good;
}

std::string verdict(const Archive& archive, const FlyRecord& record, const FlySummary& summary) {
  std::string text;
  if (record.stopped) {
    text = "Interrupted after " + human_time(record.seconds) + " of " +
           human_time(record.seconds_planned) + ". ";
  }
  if (summary.late > 0) {
    text += late_sentence(archive, record, summary);
  } else if (record.touched_count == 0 && !record.stopped) {
    text +=
        "The flight met nothing: it never came within the load distance of any container, so "
        "it says nothing about this world.";
  } else if (record.arrivals.empty()) {
    text += record.stopped ? "Until then nothing had arrived on the way, and nothing was late."
                           : "Nothing had to be read on the way: all that the flight needed was "
                             "there at the start.";
  } else {
    text += std::string(record.stopped ? "Until then everything" : "Everything") +
            " was there in time: " + counted(record.arrivals.size(), "container") +
            " arrived, none late.";
  }
  if (record.start_unfilled > 0) text += start_sentence(record);
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
