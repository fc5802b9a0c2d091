#include "tools/nearfield/fly_output.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/late_cause.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

constexpr std::size_t kLateListed = 1000;
constexpr std::size_t kLateShown = 10;

nlohmann::ordered_json late_list(const Archive& archive, const FlyRecord& record) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < std::min(record.late.size(), kLateListed); ++i) {
    const LateArrival& late = record.late[i];
    list.push_back({{"container", archive.container_path(late.id)},
                    {"seconds", late.seconds},
                    {"lateness_ms", late.lateness * 1e3},
                    {"missed", late.missed},
                    {"no_memory", late.no_memory},
                    {"cause", words_of(late.cause).name}});
  }
  return list;
}

// Every cause, also those that did not occur.
nlohmann::ordered_json cause_counts(const FlySummary& summary) {
  nlohmann::ordered_json counts = nlohmann::ordered_json::object();
  for (std::size_t i = 1; i < kLateCauses; ++i) {
    counts[words_of(static_cast<LateCause>(i)).name] = summary.late_by_cause[i];
  }
  counts[words_of(LateCause::none).name] = summary.late_by_cause[0];
  return counts;
}

// A line for each cause that occurred.
std::string cause_lines(const FlySummary& summary) {
  std::string lines;
  for (const LateCause cause : causes_seen(summary)) {
    const CauseWords& words = words_of(cause);
    const std::uint64_t count = summary.late_by_cause[static_cast<std::size_t>(cause)];
    lines += text_of("  %-10s", lines.empty() ? "causes" : "") + grouped(count) +
             " late: " + words.what + " (" + words.remedy + ")\n";
  }
  return lines;
}

}  // namespace

nlohmann::ordered_json fly_json(const FlyReportInput& in) {
  const auto& [archive, world, flight, setting, record, summary] = in;
  nlohmann::ordered_json failed = nlohmann::ordered_json::array();
  for (const auto& [id, error] : record.failed) failed.push_back(archive.describe(error));
  nlohmann::ordered_json speed_max = nullptr;
  if (setting.speed_max > 0) speed_max = setting.speed_max;
  return {{"late_arrivals", summary.late},
          {"lateness_ms_p50", summary.lateness_ms_p50},
          {"lateness_ms_p99", summary.lateness_ms_p99},
          {"lateness_ms_max", summary.lateness_ms_max},
          {"arrivals", record.arrivals.size()},
          {"bytes_read", record.bytes_read.value},
          {"bytes_wasted", record.bytes_wasted.value},
          {"peak_memory", record.memory_peak.value},
          {"update_us_p50", summary.update_us_p50},
          {"update_us_p99", summary.update_us_p99},
          {"backend", record.backend},
          {"content_hash", hex(record.content_hash)},
          {"update_us_max", summary.update_us_max},
          {"update_includes_decoding", record.decodes_in_update},
          {"backend_reason", record.backend_reason},
          {"verdict", verdict(archive, record, summary)},
          {"archive", setting.archive},
          {"flight", flight.name},
          {"device", setting.device},
          {"pace", pace_name(setting.pace)},
          {"memory_budget", setting.memory_budget.value},
          {"reads_in_flight_max", setting.reads_in_flight_max.value},
          {"read_size_max", setting.read_size_max.value},
          {"window_from", setting.window_from},
          {"speed_max", speed_max},
          {"huge_pages", record.huge_pages},
          {"start_ms", record.start_seconds * 1e3},
          {"start_arrivals", record.start_arrivals},
          {"start_bytes_read", record.start_bytes_read.value},
          {"start_unfilled", record.start_unfilled},
          {"start_no_memory", record.start_no_memory},
          {"seconds", record.seconds},
          {"seconds_planned", record.seconds_planned},
          {"metres", record.metres},
          {"frames", record.frames},
          {"bytes_delivered", record.bytes_delivered.value},
          {"touched_containers", record.touched_count},
          {"placed_containers", record.placed_count},
          {"missed", record.missed},
          {"late_no_memory", record.late_no_memory},
          {"late_by_cause", cause_counts(summary)},
          {"failures", record.failures},
          {"retries", record.retries},
          {"interrupted", record.stopped},
          {"warnings", setting.warnings},
          {"failed", failed},
          {"late", late_list(archive, record)}};
}

void print_fly(Console& console, const FlyReportInput& in) {
  const auto& [archive, world, flight, setting, record, summary] = in;
  const auto line = [&console](const char* name, const std::string& text) {
    console.print(text_of("  %-10s", name) + text + "\n");
  };
  console.print(verdict(archive, record, summary) + "\n\n");
  line("flight",
       flight.name + ", " + distance_text(record.metres) + " in " + human_time(record.seconds) +
           (setting.speed_max > 0 ? text_of(", never faster than %g m/s", setting.speed_max) : ""));
  line("device", (setting.device == "real" ? record.backend : setting.device + " (simulated)") +
                     (record.backend_reason.empty() ? "" : ": " + record.backend_reason));
  line("window", given_size(setting.reads_in_flight_max) + " in flight, reads of up to " +
                     given_size(setting.read_size_max) + " (" + setting.window_from + ")");
  line("start", milliseconds_text(record.start_seconds * 1e3) + " for " +
                    counted(record.start_arrivals, "container") + ", " +
                    human_size(record.start_bytes_read) +
                    (record.start_unfilled > 0
                         ? "; " + grouped(record.start_unfilled) + " needed there had not come"
                         : ""));
  line("met", grouped(record.touched_count) + " of " + counted(record.placed_count, "container") +
                  " with a place");
  line("arrivals",
       grouped(record.arrivals.size()) + ": " + grouped(summary.in_time) + " in time, " +
           grouped(summary.late - record.missed) + " late" +
           (record.missed > 0 ? "; " + grouped(record.missed) + " did not come while needed" : ""));
  line("lateness", "p50 " + milliseconds_text(summary.lateness_ms_p50) + ", p99 " +
                       milliseconds_text(summary.lateness_ms_p99) + ", worst " +
                       milliseconds_text(summary.lateness_ms_max));
  console.print(cause_lines(summary));
  line("read", human_size(record.bytes_read) + " (" +
                   human_size({static_cast<std::uint64_t>(summary.read_per_second)}) + "/s), " +
                   human_size(record.bytes_wasted) + " of it in vain");
  line("memory", human_size(record.memory_peak) + " at most, of " +
                     limit_size(setting.memory_budget) + (record.huge_pages ? ", huge pages" : ""));
  line("update()", text_of("p50 %.1f us, p99 %.1f us, worst %.0f us in ", summary.update_us_p50,
                           summary.update_us_p99, summary.update_us_max) +
                       counted(record.frames, "frame") +
                       (record.decodes_in_update ? ", decoding included" : ""));
  line("content", hex(record.content_hash));
  const std::size_t listed = std::min(record.late.size(), kLateShown);
  if (listed > 0) console.print("\n");
  for (std::size_t i = 0; i < listed; ++i) {
    const LateArrival& late = record.late[i];
    console.print(text_of("  late at %7.2f s ", late.seconds) +
                  (late.missed ? "missing for " : "by ") + milliseconds_text(late.lateness * 1e3) +
                  ": " + container_label(archive, late.id) + " (" + words_of(late.cause).label +
                  ")\n");
  }
  if (record.late.size() > listed) console.print("  ... (--json lists more)\n");
}

}  // namespace nf
