#include "bench/scale/scale_main.h"

#include <exception>
#include <new>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/scale/mounted_world.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/exit_code.h"
#include "tools/nearfield/output.h"

namespace nf::bench {
namespace {

constexpr const char* kProgram = "nearfield bench scale";

struct LineOptions {
  std::string world;
  std::string cache = "cold";
  bool line = false;
};

void add_options(CLI::App& app, LineOptions& options) {
  app.description("Open and mount one archive, once");
  app.add_flag("--line", options.line, "Print one JSON line")->required();
  app.add_option("--world", options.world, "The archive")
      ->required()
      ->type_name("WORLD.nfa")
      ->check(CLI::ExistingFile);
  app.add_option("--cache", options.cache, "cold: the archive is dropped from the page cache")
      ->check(CLI::IsMember({"cold", "warm"}))
      ->capture_default_str();
  app.footer(
      "Example:\n"
      "  nearfield bench scale --line --world system.nfa\n\n"
      "Memory in bytes, as the kernel counts it as resident. open_memory, mount_memory: by how\n"
      "much it grew meanwhile; memory: of the process, once the world is mounted; what the\n"
      "runtime takes before a world is mounted is in that one alone.");
}

nlohmann::ordered_json line_of(const MountSample& sample) {
  return {{"open_seconds", sample.open_seconds},     {"mount_seconds", sample.mount_seconds},
          {"open_memory", sample.open_memory.value}, {"mount_memory", sample.mount_memory.value},
          {"memory", sample.memory.value},           {"memory_peak", sample.memory_peak.value},
          {"containers", sample.containers},         {"assets", sample.assets}};
}

ExitCode run_line(const LineOptions& options, Console& console) {
  const std::string program = std::string(kProgram) + ": ";
  try {
    const FileCache cache = options.cache == "cold" ? FileCache::cold : FileCache::warm;
    console.print(line_of(open_and_mount(options.world, cache)).dump() + "\n");
    return ExitCode::done;
  } catch (const BadInput& error) {
    return console.fail_as_said(ExitCode::bad_input, program + error.what());
  } catch (const std::bad_alloc&) {
    return console.fail_as_said(ExitCode::machine_refused, program + "out of memory");
  } catch (const std::exception& error) {
    return console.fail_as_said(ExitCode::machine_refused, program + error.what());
  }
}

}  // namespace

int scale_main(int argc, char** argv) {
  CLI::App app("", kProgram);
  LineOptions options;
  add_options(app, options);
  Console console({});
  try {
    app.parse(argc - 1, argv + 1);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return static_cast<int>(console.finish(console.fail_as_said(
        ExitCode::wrong_use,
        std::string(kProgram) + ": " + error.what() + " (see --help --line)")));
  }
  return static_cast<int>(console.finish(run_line(options, console)));
}

}  // namespace nf::bench
