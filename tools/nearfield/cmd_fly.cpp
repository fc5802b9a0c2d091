// `nearfield fly`: is everything there in time? On this machine's disk, or on one that exists only
// as a model.
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include <nlohmann/json.hpp>

#include "core/io/sim_device.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/device_file.h"
#include "tools/nearfield/fly_report.h"
#include "tools/nearfield/fly_run.h"
#include "tools/nearfield/fly_summary.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/route.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

constexpr double kDefaultSpeed = 250;
constexpr double kDefaultSeconds = 60;
constexpr double kSecondsMax = 30.0 * 24 * 3600;
constexpr std::size_t kLateListed = 1000;

ExitCode list_devices(Console& console) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  Table table({"device", "MB/s", "latency p50", "p99", "reads at once"});
  table.add({"real", "-", "-", "-", "-"});
  for (const DeviceModel& model : device_models()) {
    const double p50 = model.latency_p50.seconds() * 1e3, p99 = model.latency_p99.seconds() * 1e3;
    list.push_back({{"name", model.name},
                    {"bytes_per_second", model.bytes_per_second},
                    {"latency_ms_p50", p50},
                    {"latency_ms_p99", p99},
                    {"parallel", model.parallel}});
    table.add({model.name, text_of("%.0f", model.bytes_per_second * 1e-6), text_of("%.2f ms", p50),
               text_of("%.2f ms", p99), std::to_string(model.parallel)});
  }
  if (console.is_json()) {
    console.print_json({{"devices", list}});
  } else {
    console.print(table.text());
  }
  return ExitCode::done;
}

// What is wrong with the numbers, or an empty string.
std::string wrong_numbers(const FlyArgs& args) {
  const auto sane = [](double value, double most) { return value > 0 && value <= most; };
  if (args.speed && !sane(*args.speed, 1e12)) return "--speed must be more than 0 and at most 1e12";
  if (args.seconds && !sane(*args.seconds, kSecondsMax)) {
    return "--seconds must be more than 0 and at most 2592000";
  }
  if (!std::isfinite(args.scale) || args.scale == 0) return "--scale must be a number other than 0";
  if (!args.origin.empty() && !parse_vector(args.origin))
    return "--origin must be three numbers: X,Y,Z";
  if (!sane(args.lookahead_seconds, 600)) {
    return "--lookahead must be more than 0 and at most 600 seconds";
  }
  if (args.memory.value < (4u << 20)) return "--memory must be at least 4 MiB";
  return "";
}

bool is_same_file(const std::string& a, const std::string& b) {
  struct stat first = {}, second = {};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

// A report never takes the place of what it is about.
std::string wrong_report(const FlyArgs& args) {
  if (args.report.empty()) return "";
  if (is_same_file(args.report, args.archive)) {
    return "--report " + args.report + " is the archive itself; name another file";
  }
  if (!args.trace.empty() && is_same_file(args.report, args.trace)) {
    return "--report " + args.report + " is the trace itself; name another file";
  }
  return "";
}

std::string wrong_device(const std::string& name) {
  std::string known = "real";
  for (const DeviceModel& model : device_models()) known += std::string(", ") + model.name;
  return "there is no device '" + name + "'; there are " + known + ", or a FILE.json";
}

// What --device names: nothing for the real one.
struct ChosenDevice {
  std::optional<DeviceFile> file;
  std::optional<DeviceModel> model;
  ExitCode code = ExitCode::done;
};

ChosenDevice choose_device(const std::string& name, Console& console) {
  ChosenDevice chosen;
  if (name == "real") return chosen;
  if (names_device_file(name)) {
    std::string detail;
    const Result<DeviceFile> file = read_device_file(name, detail);
    if (file) {
      chosen.file = *file;
      chosen.model = file->model;
    } else {
      chosen.code = console.fail(file.error(), sentence_of("device", name, detail, file.error()));
    }
  } else if (const DeviceModel* known = find_device_model(name); known != nullptr) {
    chosen.model = *known;
  } else {
    chosen.code = console.fail(ExitCode::wrong_use, "fly: " + wrong_device(name));
  }
  return chosen;
}

struct PreparedFlight {
  Flight flight;
  ExitCode code = ExitCode::done;
};

PreparedFlight prepare_flight(const FlyArgs& args, const World& world, Console& console) {
  PreparedFlight prepared;
  if (!args.trace.empty()) {
    TraceMapping mapping{
        .origin = {}, .scale = args.scale, .speed = args.speed, .seconds_max = args.seconds};
    if (!args.origin.empty()) mapping.origin = *parse_vector(args.origin);
    std::string detail;
    Result<Flight> flight = load_trace_flight(args.trace, mapping, detail);
    if (flight && !(flight->seconds() <= kSecondsMax)) {
      prepared.code = console.fail(
          args.speed ? ExitCode::wrong_use : ExitCode::bad_input,
          "trace " + args.trace +
              text_of(": a flight of %.6g seconds is too long, at most ", flight->seconds()) +
              text_of("%.0f are flown; --seconds cuts it", kSecondsMax));
    } else if (flight) {
      prepared.flight = std::move(*flight);
    } else {
      prepared.code =
          console.fail(flight.error(), "trace " + args.trace + ": " + detail);
    }
    return prepared;
  }
  const RouteOptions options{.kind = args.route.empty() ? RouteKind::tour : *find_route(args.route),
                             .speed = args.speed.value_or(kDefaultSpeed),
                             .seconds = args.seconds.value_or(kDefaultSeconds)};
  std::optional<Flight> flight = make_route(world, options);
  if (flight) {
    prepared.flight = std::move(*flight);
  } else {
    prepared.code = console.fail(
        ExitCode::wrong_use, "archive " + args.archive +
                                 ": no container has a place, so there is nothing to fly through");
  }
  return prepared;
}

FlyOptions fly_options(const FlyArgs& args) {
  FlyOptions options;
  options.frames_per_second = args.frames_per_second;
  options.pace = args.as_fast ? Pace::as_fast : Pace::real_time;
  StreamerOptions& streamer = options.streamer;
  streamer.memory_budget = args.memory;
  streamer.staging = std::min(streamer.staging, Bytes{args.memory.value / 4});
  streamer.decode_workers = args.workers;
  streamer.lookahead = Duration::from_seconds(args.lookahead_seconds);
  streamer.observers_max = 1;
  if (args.backend == "uring") streamer.backend = Backend::io_uring;
  if (args.backend == "threads") streamer.backend = Backend::threads;
  return options;
}

nlohmann::ordered_json late_list(const Archive& archive, const FlyRecord& record) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < std::min(record.late.size(), kLateListed); ++i) {
    const LateArrival& late = record.late[i];
    list.push_back({{"container", archive.container_path(late.id)},
                    {"seconds", late.seconds},
                    {"lateness_ms", late.lateness * 1e3},
                    {"missed", late.missed}});
  }
  return list;
}

nlohmann::ordered_json json_of(const Archive& archive, const Flight& flight,
                               const FlySetting& setting, const FlyRecord& record,
                               const FlySummary& summary) {
  nlohmann::ordered_json failed = nlohmann::ordered_json::array();
  for (const auto& [id, error] : record.failed) failed.push_back(archive.describe(error));
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
          {"backend_reason", record.backend_reason},
          {"verdict", verdict(archive, record, summary)},
          {"archive", setting.archive},
          {"flight", flight.name},
          {"device", setting.device},
          {"pace", pace_name(setting.pace)},
          {"memory_budget", setting.memory_budget.value},
          {"huge_pages", record.huge_pages},
          {"start_ms", record.start_seconds * 1e3},
          {"start_arrivals", record.start_arrivals},
          {"start_bytes_read", record.start_bytes_read.value},
          {"start_unfilled", record.start_unfilled},
          {"seconds", record.seconds},
          {"metres", record.metres},
          {"frames", record.frames},
          {"bytes_delivered", record.bytes_delivered.value},
          {"touched_containers", std::count(record.touched.begin(), record.touched.end(), true)},
          {"missed", record.missed},
          {"failures", record.failures},
          {"retries", record.retries},
          {"interrupted", record.stopped},
          {"failed", failed},
          {"late", late_list(archive, record)}};
}

void print_text(Console& console, const Archive& archive, const Flight& flight,
                const FlySetting& setting, const FlyRecord& record, const FlySummary& summary) {
  const auto line = [&console](const char* name, const std::string& text) {
    console.print(text_of("  %-10s", name) + text + "\n");
  };
  console.print(verdict(archive, record, summary) + "\n\n");
  line("flight",
       flight.name + ", " + distance_text(record.metres) + " in " + human_time(record.seconds));
  line("device", (setting.device == "real" ? record.backend : setting.device + " (simulated)") +
                     (record.backend_reason.empty() ? "" : ": " + record.backend_reason));
  line("start", milliseconds_text(record.start_seconds * 1e3) + " for " +
                    grouped(record.start_arrivals) + " containers, " +
                    human_size(record.start_bytes_read));
  line("arrivals", grouped(record.arrivals.size()) + ", " + grouped(summary.late) + " late");
  line("lateness", "p50 " + milliseconds_text(summary.lateness_ms_p50) + ", p99 " +
                       milliseconds_text(summary.lateness_ms_p99) + ", worst " +
                       milliseconds_text(summary.lateness_ms_max));
  line("read", human_size(record.bytes_read) + " (" +
                   human_size({static_cast<std::uint64_t>(summary.read_per_second)}) + "/s), " +
                   human_size(record.bytes_wasted) + " of it in vain");
  line("memory", human_size(record.memory_peak) + " at most, of " +
                     human_size(setting.memory_budget) + (record.huge_pages ? ", huge pages" : ""));
  line("update()", text_of("p50 %.1f us, p99 %.1f us, worst %.0f us in ", summary.update_us_p50,
                           summary.update_us_p99, summary.update_us_max) +
                       grouped(record.frames) + " frames");
  line("content", hex(record.content_hash));
  const std::size_t listed = std::min<std::size_t>(record.late.size(), 10);
  if (listed > 0) console.print("\n");
  for (std::size_t i = 0; i < listed; ++i) {
    const LateArrival& late = record.late[i];
    console.print(text_of("  late at %7.2f s ", late.seconds) +
                  (late.missed ? "missing for " : "by ") + milliseconds_text(late.lateness * 1e3) +
                  ": " + container_label(archive, late.id) + "\n");
  }
  if (record.late.size() > listed) console.print("  ... (--json lists more)\n");
}

// The answer as an exit code, with a sentence if it is not 0.
ExitCode judge(const FlyArgs& args, const Archive& archive, const FlyRecord& record,
               const FlySummary& summary, Console& console) {
  if (record.stopped) {
    return console.fail(ExitCode::interrupted,
                        "fly: interrupted after " + human_time(record.seconds) + " of flight");
  }
  if (!record.failed.empty()) {
    const auto& [id, error] = record.failed.front();
    const std::string others = " (" + grouped(record.failed.size()) + " or more containers failed)";
    if (error.code == ErrorCode::limit_exceeded && error.os_error == 0) {
      const Bytes size = {archive.world().containers.raw_size[id.value]};
      return console.fail(ExitCode::wrong_use,
                          "container " + container_label(archive, id) + " of " + human_size(size) +
                              " does not fit into --memory " + human_size(args.memory) + others);
    }
    return console.fail(error, archive.describe(error) + others);
  }
  if (args.late_max && summary.late > *args.late_max) {
    return console.fail(ExitCode::answer_is_no, "fly: " + std::to_string(summary.late) +
                                                    " late arrivals; --max-late allows " +
                                                    std::to_string(*args.late_max));
  }
  return ExitCode::done;
}

ExitCode fly_and_tell(const FlyArgs& args, const Archive& archive, const World& world,
                      const Flight& flight, FlyOptions options, Console& console) {
  const FlySetting setting{.archive = args.archive,
                           .device = args.device,
                           .pace = options.pace,
                           .memory_budget = args.memory,
                           .frames_per_second = args.frames_per_second};
  catch_interrupts();
  Progress progress({.what = "flying", .shown = console.shows_progress(), .bytes = false});
  options.progress = [&](double seconds) {
    progress.update(static_cast<std::uint64_t>(seconds * 1e3),
                    static_cast<std::uint64_t>(flight.seconds() * 1e3));
    return !interrupted();
  };
  const Result<FlyRecord> record = fly(archive, world, flight, options);
  progress.clear();
  if (!record)
    return console.fail(record.error(), "fly " + args.archive + ": " + cause_of(record.error()));

  const FlySummary summary = summarize(*record);
  if (!args.report.empty()) {
    const Result<void> written =
        write_fly_report(args.report, {archive, world, flight, setting, *record, summary});
    if (!written) {
      return console.fail(written.error(),
                          "report " + args.report + ": " + cause_of(written.error()));
    }
  }
  if (console.is_json()) {
    console.print_json(json_of(archive, flight, setting, *record, summary));
  } else {
    print_text(console, archive, flight, setting, *record, summary);
    if (!args.report.empty()) console.print("  report    " + args.report + "\n");
  }
  return judge(args, archive, *record, summary, console);
}

}  // namespace

ExitCode run_fly(const FlyArgs& args, Console& console) {
  if (args.device == "list") return list_devices(console);
  if (const std::string wrong = wrong_numbers(args); !wrong.empty()) {
    return console.fail(ExitCode::wrong_use, "fly: " + wrong);
  }
  const ChosenDevice chosen = choose_device(args.device, console);
  if (chosen.code != ExitCode::done) return chosen.code;
  if (const std::string wrong = wrong_report(args); !wrong.empty()) {
    return console.fail(ExitCode::wrong_use, "fly: " + wrong);
  }
  const OpenedArchive opened = open_archive(console, args.archive);
  if (!opened.archive) return opened.code;

  World world;
  if (const Result<ContainerRange> mounted = world.mount(opened.archive->world(), FileId{0});
      !mounted) {
    return console.fail(mounted.error(),
                        "archive " + args.archive + ": " + cause_of(mounted.error()));
  }
  const PreparedFlight prepared = prepare_flight(args, world, console);
  if (prepared.code != ExitCode::done) return prepared.code;

  FlyOptions options = fly_options(args);
  std::unique_ptr<SimDevice> device;
  if (chosen.model) {
    if (chosen.file && chosen.file->reads_in_flight_max.value > 0) {
      options.streamer.reads_in_flight_max = chosen.file->reads_in_flight_max;
    }
    device = std::make_unique<SimDevice>(
        SimDeviceOptions{.model = *chosen.model,
                         .faults = {},
                         .seed = args.seed,
                         .reads_max = 256,
                         .in_flight_max = options.streamer.reads_in_flight_max,
                         .read_size_max = options.streamer.read_size_max});
    options.pace = Pace::simulated;
    options.simulated = device.get();
    options.streamer.device = device.get();
    // Workers are threads, and threads finish when they like.
    options.streamer.decode_workers = 0;
  }
  return fly_and_tell(args, *opened.archive, world, prepared.flight, std::move(options), console);
}

}  // namespace nf
