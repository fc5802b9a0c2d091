// `nearfield fly`: is everything there in time? On this machine's disk, or on one that exists only
// as a model.
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <nearfield/read_window.h>
#include <nlohmann/json.hpp>

#include "core/io/sim_device.h"
#include "core/predict/envelope.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/device_choice.h"
#include "tools/nearfield/fly_output.h"
#include "tools/nearfield/fly_report.h"
#include "tools/nearfield/fly_run.h"
#include "tools/nearfield/fly_summary.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/output_file.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/route.h"
#include "tools/nearfield/sizes.h"
#include "tools/nearfield/stray_gates.h"

namespace nf {
namespace {

constexpr double kDefaultSpeed = 250;
constexpr double kDefaultSeconds = 60;
constexpr std::uint64_t kDefaultSeed = 1;
constexpr std::uint64_t kMetFew = 10;  // fewer than these, and than one of as many
constexpr double kSecondsMax = 30.0 * 24 * 3600;
constexpr double kSpeedRounding = 1e-6;  // of what is stated: positions far from 0 are coarse
constexpr double kShortRoute = 0.9;      // of the way that was asked for: rounded corners cost less

// What is wrong with the numbers, or an empty string.
std::string wrong_numbers(const FlyArgs& args) {
  const auto sane = [](double value, double most) { return value > 0 && value <= most; };
  if (args.speed && !sane(*args.speed, 1e12)) return "--speed must be more than 0 and at most 1e12";
  if (args.speed_max && !sane(*args.speed_max, kEnvelopeSpeedMax)) {
    return "--speed-max must be more than 0 and at most 1e12";
  }
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

// A report never takes the place of what it is about, nor of anything that is no report.
std::string wrong_report(const FlyArgs& args) {
  if (args.report.empty()) return "";
  if (is_same_file(args.report, args.archive)) {
    return "--report " + args.report + " is the archive itself; name another file";
  }
  if (!args.trace.empty() && is_same_file(args.report, args.trace)) {
    return "--report " + args.report + " is the trace itself; name another file";
  }
  if (names_device_file(args.device) && is_same_file(args.report, args.device)) {
    return "--report " + args.report + " is the device file itself; name another file";
  }
  if (!args.tune.empty() && is_same_file(args.report, args.tune)) {
    return "--report " + args.report + " is the file of --tune itself; name another file";
  }
  const std::string wrong =
      wrong_output({.path = args.report, .kind = OutputKind::report, .force = args.force});
  return wrong.empty() ? "" : "--report " + wrong;
}

struct PreparedFlight {
  Flight flight;
  std::vector<std::string> warnings;
  ExitCode code = ExitCode::done;
};

PreparedFlight prepare_trace(const FlyArgs& args, Console& console) {
  PreparedFlight prepared;
  TraceMapping mapping{
      .origin = {}, .scale = args.scale, .speed = args.speed, .seconds_max = args.seconds};
  if (!args.origin.empty()) mapping.origin = *parse_vector(args.origin);
  std::string detail;
  Result<Flight> flight = load_trace_flight(args.trace, mapping, detail);
  if (!flight) {
    prepared.code = console.fail(flight.error(), "trace " + args.trace + ": " + detail);
  } else if (!(flight->seconds() <= kSecondsMax)) {
    prepared.code = console.fail(
        args.speed ? ExitCode::wrong_use : ExitCode::bad_input,
        "trace " + args.trace +
            text_of(": a flight of %.6g seconds is too long, at most ", flight->seconds()) +
            text_of("%.0f are flown; --seconds cuts it", kSecondsMax));
  } else {
    if (args.seconds && flight->seconds() < *args.seconds) {
      prepared.warnings.push_back("the trace ends after " + human_time(flight->seconds()) +
                                  ", before --seconds " + text_of("%g", *args.seconds));
    }
    prepared.flight = std::move(*flight);
  }
  return prepared;
}

// No faster than the observer states.
double default_speed(const FlyArgs& args) {
  return std::min(kDefaultSpeed, args.speed_max.value_or(kDefaultSpeed));
}

PreparedFlight prepare_route(const FlyArgs& args, const World& world, Console& console) {
  PreparedFlight prepared;
  const RouteOptions options{.kind = args.route.empty() ? RouteKind::tour : *find_route(args.route),
                             .speed = args.speed.value_or(default_speed(args)),
                             .seconds = args.seconds.value_or(kDefaultSeconds)};
  std::optional<Flight> flight = make_route(world, options);
  if (!flight) {
    prepared.code = console.fail(
        ExitCode::wrong_use,
        "archive " + args.archive +
            ": no container has a place, so there is nothing to fly through; places come from a "
            "world.json in the folder that is packed (formats/import/world_file.md)");
    return prepared;
  }
  const double asked = options.speed * options.seconds;
  if (flight->metres() < kShortRoute * asked) {
    prepared.warnings.push_back("the route turns so often that its corners are cut: at --speed " +
                                text_of("%g", options.speed) + " it has " +
                                distance_text(flight->metres()) + " and not the " +
                                distance_text(asked) + " that were asked for");
  }
  prepared.flight = std::move(*flight);
  return prepared;
}

// What an observer states has to be true, or what is foretold from it is not.
std::string wrong_statement(const FlyArgs& args, const Flight& flight) {
  if (!args.speed_max) return "";
  const double fastest = flight.speed_max();
  if (fastest <= *args.speed_max * (1 + kSpeedRounding)) return "";
  return text_of("the flight moves at up to %.6g m/s, ", fastest) +
         text_of("faster than --speed-max %g states", *args.speed_max);
}

FlyOptions fly_options(const FlyArgs& args) {
  FlyOptions options;
  options.frames_per_second = args.frames_per_second;
  options.speed_max = args.speed_max.value_or(0);
  options.pace = args.as_fast ? Pace::as_fast : Pace::real_time;
  StreamerOptions& streamer = options.streamer;
  streamer.memory_budget = args.memory;
  streamer.staging = std::min(streamer.staging, Bytes{args.memory.value / 4});
  streamer.decode_workers = args.workers.value_or(streamer.decode_workers);
  streamer.lookahead = Duration::from_seconds(args.lookahead_seconds);
  streamer.observers_max = 1;
  if (args.backend == "uring") streamer.backend = Backend::io_uring;
  if (args.backend == "threads") streamer.backend = Backend::threads;
  return options;
}

// Options that were given and change nothing.
std::vector<std::string> idle_options(const FlyArgs& args, bool simulated) {
  const std::string where =
      simulated ? " has no effect with a simulated device" : " has no effect with a real device";
  std::vector<std::string> sentences;
  const auto add = [&](bool given, const char* name) {
    if (given) sentences.push_back(name + where);
  };
  if (simulated) {
    add(args.backend.has_value(), "--backend");
    add(args.workers.has_value(), "--workers");
    add(args.as_fast, "--as-fast");
  } else {
    add(args.seed.has_value(), "--seed");
  }
  return sentences;
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
                              " does not fit into --memory " + given_size(args.memory) + others);
    }
    return console.fail(error, archive.describe(error) + others);
  }
  if (args.late_max && record.touched_count == 0) {
    return console.fail(ExitCode::answer_is_no, "fly: " + verdict(archive, record, summary));
  }
  if (args.late_max && record.arrivals.empty() && summary.late == 0) {
    return console.fail(ExitCode::answer_is_no,
                        "fly: nothing arrived in this flight, so that nothing could be late");
  }
  if (args.late_max && summary.late > *args.late_max) {
    return console.fail(ExitCode::answer_is_no, "fly: " + std::to_string(summary.late) +
                                                    " late arrivals; --max-late allows " +
                                                    std::to_string(*args.late_max));
  }
  return ExitCode::done;
}

ExitCode fail_to_fly(const FlyArgs& args, const Error& error, Console& console) {
  std::string cause = cause_of(error);
  // Every other option was checked: what the Streamer cannot be made of is its size.
  if (error.code == ErrorCode::invalid_argument || error.code == ErrorCode::out_of_memory) {
    cause = "--memory " + given_size(args.memory) + " cannot be had (" + cause + ")";
  }
  return console.fail(error, "fly " + args.archive + ": " + cause);
}

// Reads as suits the disk of a file, whether that disk is there or simulated.
void take_window(const DeviceFile& file, const std::string& path, FlyOptions& options) {
  const ReadWindow window = read_window_for(file.reads_in_flight_max);
  options.streamer.reads_in_flight_max = window.reads_in_flight_max;
  options.streamer.read_size_max = window.read_size_max;
  options.window_from = path;
}

// The window that was measured, if a file of it was named.
ExitCode tune_reads(const FlyArgs& args, FlyOptions& options, Console& console) {
  if (args.tune.empty()) return ExitCode::done;
  std::string detail;
  const Result<DeviceFile> file = read_device_file(args.tune, detail);
  if (!file) {
    return console.fail(file.error(), sentence_of("disk", args.tune, detail, file.error()));
  }
  if (file->reads_in_flight_max.value == 0) {
    return console.fail(ExitCode::bad_input,
                        "disk " + args.tune +
                            ": reads_in_flight_max is missing, so no window was measured; "
                            "`nearfield bench disk --model` writes one");
  }
  take_window(*file, args.tune, options);
  return ExitCode::done;
}

// A flight that met few of many is a test of those few.
std::string thin_flight(const FlyRecord& record) {
  const std::uint64_t met = record.touched_count;
  const bool thin = met < kMetFew && met * kMetFew < record.placed_count;
  if (record.stopped || met == 0 || !thin) return "";
  return "the flight met " + grouped(met) + " of " + counted(record.placed_count, "container") +
         ", so it says little about this world; a higher --speed, more --seconds or a "
         "--trace meets more";
}

ExitCode fly_and_tell(const FlyArgs& args, const Archive& archive, const World& world,
                      const PreparedFlight& prepared, FlyOptions options, Console& console) {
  const Flight& flight = prepared.flight;
  FlySetting setting{.archive = args.archive,
                     .device = args.device,
                     .pace = options.pace,
                     .memory_budget = args.memory,
                     .reads_in_flight_max = options.streamer.reads_in_flight_max,
                     .read_size_max = options.streamer.read_size_max,
                     .window_from = options.window_from,
                     .frames_per_second = args.frames_per_second,
                     .speed_max = options.speed_max,
                     .warnings = idle_options(args, options.simulated != nullptr)};
  setting.warnings.insert(setting.warnings.end(), prepared.warnings.begin(),
                          prepared.warnings.end());
  if (std::string stray = stray_gates_note(archive); !stray.empty()) {
    setting.warnings.push_back(std::move(stray));
  }
  catch_interrupts();
  Progress progress(
      {.what = "flying", .shown = console.shows_progress(), .unit = ProgressUnit::milliseconds});
  options.progress = [&](double seconds) {
    progress.update(static_cast<std::uint64_t>(seconds * 1e3),
                    static_cast<std::uint64_t>(flight.seconds() * 1e3));
    return !interrupted();
  };
  const Result<FlyRecord> record = fly(archive, world, flight, options);
  progress.clear();
  if (!record) return fail_to_fly(args, record.error(), console);

  const FlySummary summary = summarize(*record);
  if (!record->stopped && record->touched_count == 0) {
    setting.warnings.push_back(args.trace.empty()
                                   ? "the flight met nothing"
                                   : "the trace never came near the world: its --origin or "
                                     "--scale may be another");
  }
  if (const std::string thin = thin_flight(*record); !thin.empty()) {
    setting.warnings.push_back(thin);
  }
  for (const std::string& warning : setting.warnings) console.remark("fly: note: " + warning);
  const FlyReportInput input{archive, world, flight, setting, *record, summary};
  if (!args.report.empty()) {
    const Result<void> written = write_fly_report(args.report, input);
    if (!written) {
      return console.fail(written.error(),
                          "report " + args.report + ": " + cause_of(written.error()));
    }
  }
  if (console.is_json()) {
    console.print_json(fly_json(input));
  } else {
    print_fly(console, input);
    if (!args.report.empty()) console.print("  report    " + args.report + "\n");
  }
  return judge(args, archive, *record, summary, console);
}

// Points `options` at a disk that is not there.
std::unique_ptr<SimDevice> simulate(const FlyArgs& args, const ChosenDevice& chosen,
                                    FlyOptions& options) {
  if (chosen.file && chosen.file->reads_in_flight_max.value > 0) {
    take_window(*chosen.file, args.device, options);
  }
  auto device = std::make_unique<SimDevice>(
      SimDeviceOptions{.model = *chosen.model,
                       .faults = {},
                       .seed = args.seed.value_or(kDefaultSeed),
                       .reads_max = 256,
                       .in_flight_max = options.streamer.reads_in_flight_max,
                       .read_size_max = options.streamer.read_size_max});
  options.pace = Pace::simulated;
  options.simulated = device.get();
  options.streamer.device = device.get();
  // Workers are threads, and threads finish when they like.
  options.streamer.decode_workers = 0;
  return device;
}

}  // namespace

ExitCode run_fly(const FlyArgs& args, Console& console) {
  if (args.device == "list") return list_devices({.name = {}, .verb = "fly"}, console);
  if (const std::string wrong = wrong_numbers(args); !wrong.empty()) {
    return console.fail(ExitCode::wrong_use, "fly: " + wrong);
  }
  const ChosenDevice chosen = choose_device({.name = args.device, .verb = "fly"}, console);
  if (chosen.code != ExitCode::done) return chosen.code;
  if (chosen.model && !args.tune.empty()) {
    return console.fail(ExitCode::wrong_use,
                        "fly: --tune is for a real device, and --device " + args.device +
                            " is simulated; a FILE.json as --device brings its own window");
  }
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
  const PreparedFlight prepared =
      args.trace.empty() ? prepare_route(args, world, console) : prepare_trace(args, console);
  if (prepared.code != ExitCode::done) return prepared.code;
  if (const std::string wrong = wrong_statement(args, prepared.flight); !wrong.empty()) {
    return console.fail(ExitCode::wrong_use, "fly: " + wrong);
  }

  FlyOptions options = fly_options(args);
  std::unique_ptr<SimDevice> device;
  if (chosen.model) {
    device = simulate(args, chosen, options);
  } else if (const ExitCode code = tune_reads(args, options, console); code != ExitCode::done) {
    return code;
  }
  return fly_and_tell(args, *opened.archive, world, prepared, std::move(options), console);
}

}  // namespace nf
