#include "bench/load/load_main.h"

#include <algorithm>
#include <exception>
#include <new>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/load/load_figures.h"
#include "bench/load/loader.h"
#include "bench/suite/bench_progress.h"
#include "bench/suite/clocks.h"
#include "bench/suite/page_cache.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/content_sum.h"
#include "tools/nearfield/exit_code.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/number_checks.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/percentile.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr const char* kProgram = "nearfield bench load";
// Small worlds take longer to get ready for a pass than to load: then it ends with fewer.
constexpr double kWallFactor = 3;

struct LineOptions {
  std::string world;
  std::string order = "random";
  std::uint64_t seed = 1;
  double seconds = 1;
  std::uint32_t threads = 1;
  std::uint32_t ahead = 0;  // 0: by bytes
  std::uint32_t workers = 1;
  std::string backend = "auto";
  bool line = false;
};

void add_options(CLI::App& app, LineOptions& options) {
  app.description("Load every container of a world in a random order, cold");
  app.add_flag("--line", options.line, "Print one JSON line")->required();
  app.add_option("--world", options.world, "The archive")
      ->required()
      ->type_name("WORLD.nfa")
      ->check(CLI::ExistingFile);
  app.add_option("--order", options.order, "Of the containers")
      ->check(CLI::IsMember({"random"}))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of the order")
      ->check(seed_number())
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "The world is loaded again until then")
      ->check(number_within(0, 86400))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Requesters")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  app.add_option(
         "--ahead", options.ahead,
         "Containers that a requester asks for before the first is there (1: one at a\n"
         "time); without it all together ask for 32 MiB, decoded")
      ->check(CLI::Range(1u, 64u));
  app.add_option("--workers", options.workers, "Decode workers")
      ->check(CLI::Range(0u, 64u))
      ->capture_default_str();
  app.add_option("--backend", options.backend, "How to read")
      ->check(CLI::IsMember({"auto", "uring", "threads"}))
      ->capture_default_str();
  app.footer(
      "Example:\n"
      "  nearfield bench load --world world.nfa --order random --seed 1 --seconds 3 --line\n\n"
      "raw_mbps: decoded; p50us, p99us: a container, from asked to resident; usr, sys: seconds of\n"
      "processor time; bytes: decoded; device_bytes: read; hash: of all asset bytes, in no order,\n"
      "taken in a pass of its own before the clock starts.");
}

std::string hash_text(const PathHash& hash) {
  return text_of("%016llx%016llx", static_cast<unsigned long long>(hash.high),
                 static_cast<unsigned long long>(hash.low));
}

// One pass that looks at every byte, and leaves the memory warm.
std::string hash_of_world(Loader& loader, LoadOrder& order) {
  const LoadWorld& world = loader.world();
  ContentSum sum(world.archive().world());
  const std::vector<std::uint32_t> all = order.next(world.raw_size());
  loader.load(all, [&sum](ContainerId id, const Pin& pin) { sum.add(id, pin); });
  return hash_text(sum.sum(std::vector<bool>(world.tables().containers.count(), true)));
}

Backend backend_of(const LineOptions& options) {
  if (options.backend == "uring") return Backend::io_uring;
  return options.backend == "threads" ? Backend::threads : Backend::automatic;
}

// Requesters that outnumber the containers would only wait for each other's.
AskAhead ahead_of(const LineOptions& options, const LoadWorld& world) {
  const auto containers = static_cast<std::uint32_t>(world.containers().size());
  if (options.ahead > 0) {
    return AskAhead::containers(std::min(options.threads * options.ahead, containers));
  }
  AskAhead ahead;
  ahead.containers_min = std::min(std::max(ahead.containers_min, options.threads), containers);
  ahead.containers_max = std::min(ahead.containers_max, containers);
  return ahead;
}

void add(const LoadSample& pass, LoadSample& total) {
  total.seconds += pass.seconds;
  total.raw += pass.raw;
  total.device += pass.device;
  total.cpu.user += pass.cpu.user;
  total.cpu.system += pass.cpu.system;
  total.micros.insert(total.micros.end(), pass.micros.begin(), pass.micros.end());
}

nlohmann::ordered_json measure_line(const LineOptions& options) {
  const LoadWorld world(options.world);
  require_cold(world.source().file.buffered, options.world);
  Loader loader(world, {.workers = options.workers,
                        .ahead = ahead_of(options, world),
                        .backend = backend_of(options)});
  LoadOrder order(world, options.seed);
  const std::string hash = hash_of_world(loader, order);
  LoadSample total;
  std::uint64_t passes = 0;
  const double give_up_at = wall_seconds() + kWallFactor * options.seconds;
  do {
    add(loader.load_cold(order.next(world.raw_size())), total);
    ++passes;
  } while (total.seconds < options.seconds && wall_seconds() < give_up_at);
  require_cold(world.source().file.buffered, options.world);
  return {{"raw_mbps", mb_per_second(total.raw, total.seconds)},
          {"p50us", percentile(total.micros, 0.5)},
          {"p99us", percentile(total.micros, 0.99)},
          {"usr", total.cpu.user},
          {"sys", total.cpu.system},
          {"bytes", total.raw.value},
          {"device_bytes", total.device.value},
          {"hash", hash},
          {"seconds", total.seconds},
          {"passes", passes},
          {"containers", world.containers().size()},
          {"backend", loader.streamer().backend()},
          {"huge_pages", loader.huge_pages()}};
}

ExitCode run_line(const LineOptions& options, Console& console) {
  const std::string program = std::string(kProgram) + ": ";
  try {
    console.print(measure_line(options).dump() + "\n");
    return ExitCode::done;
  } catch (const Interrupted&) {
    return console.fail_as_said(ExitCode::interrupted, program + "interrupted");
  } catch (const BadInput& error) {
    return console.fail_as_said(ExitCode::bad_input, program + error.what());
  } catch (const std::bad_alloc&) {
    return console.fail_as_said(ExitCode::machine_refused, program + "out of memory");
  } catch (const std::exception& error) {
    return console.fail_as_said(ExitCode::machine_refused, program + error.what());
  }
}

}  // namespace

int load_main(int argc, char** argv) {
  CLI::App app("", kProgram);
  LineOptions options;
  add_options(app, options);
  Console console({});
  ExitCode code = ExitCode::done;
  try {
    app.parse(argc - 1, argv + 1);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    code = console.fail_as_said(
        ExitCode::wrong_use, std::string(kProgram) + ": " + error.what() + " (see --help --line)");
    return static_cast<int>(console.finish(code));
  }
  catch_interrupts();
  code = console.finish(run_line(options, console));
  if (console.pipe_closed()) end_by_broken_pipe();
  return static_cast<int>(code);
}

}  // namespace nf::bench
