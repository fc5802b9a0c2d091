#include "bench/load/load_main.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "bench/load/load_figures.h"
#include "bench/load/loader.h"
#include "bench/suite/page_cache.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/content_sum.h"
#include "tools/nearfield/exit_code.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/percentile.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

struct LineOptions {
  std::string world;
  std::string order = "random";
  std::uint64_t seed = 1;
  double seconds = 1;
  std::uint32_t threads = 1;
  std::uint32_t ahead = 6;
  std::uint32_t workers = 1;
  Backend backend = Backend::automatic;
  bool line = false;
};

void add_options(CLI::App& app, LineOptions& options) {
  const std::map<std::string, Backend> backends = {
      {"auto", Backend::automatic}, {"uring", Backend::io_uring}, {"threads", Backend::threads}};
  app.description("Load every container of a world in a random order, cold");
  app.add_flag("--line", options.line, "Print one JSON line")->required();
  app.add_option("--world", options.world, "The archive")->required()->type_name("WORLD.nfa");
  app.add_option("--order", options.order, "Of the containers")
      ->check(CLI::IsMember({"random"}))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of the order")->capture_default_str();
  app.add_option("--seconds", options.seconds, "The world is loaded again until then")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Requesters")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  app.add_option("--ahead", options.ahead,
                 "Containers that a requester asks for before the first is there; 1: one at a time")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  app.add_option("--workers", options.workers, "Decode workers")
      ->check(CLI::Range(0u, 64u))
      ->capture_default_str();
  app.add_option("--backend", options.backend, "How to read")
      ->transform(CLI::CheckedTransformer(backends).description("{auto,uring,threads}"));
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

void print_line(const LineOptions& options) {
  const LoadWorld world(options.world);
  require_cold(world.source().file.buffered, options.world);
  Loader loader(world, {.workers = options.workers,
                        .in_flight = options.threads * options.ahead,
                        .backend = options.backend});
  LoadOrder order(world, options.seed);
  const std::string hash = hash_of_world(loader, order);
  LoadSample total;
  std::uint64_t passes = 0;
  do {
    const LoadSample pass = loader.load_cold(order.next(world.raw_size()));
    total.seconds += pass.seconds;
    total.raw += pass.raw;
    total.device += pass.device;
    total.cpu.user += pass.cpu.user;
    total.cpu.system += pass.cpu.system;
    total.micros.insert(total.micros.end(), pass.micros.begin(), pass.micros.end());
    ++passes;
  } while (total.seconds < options.seconds);
  require_cold(world.source().file.buffered, options.world);
  const nlohmann::ordered_json line = {{"raw_mbps", mb_per_second(total.raw, total.seconds)},
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
                                       {"huge_pages", loader.streamer().stats().huge_pages}};
  std::printf("%s\n", line.dump().c_str());
}

}  // namespace

int load_main(int argc, char** argv) {
  CLI::App app("", "nearfield bench load");
  LineOptions options;
  add_options(app, options);
  try {
    app.parse(argc - 1, argv + 1);
    print_line(options);
    return static_cast<int>(ExitCode::done);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::wrong_use);
  } catch (const BenchError& error) {
    std::fprintf(stderr, "nearfield: bench load: %s\n", error.what());
    return static_cast<int>(ExitCode::bad_input);
  }
}

}  // namespace nf::bench
