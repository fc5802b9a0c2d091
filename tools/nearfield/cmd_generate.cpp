// `nearfield generate`: a star system of any size from a seed, as a folder that is ready to pack;
// or one with millions of containers, or a galaxy, straight into an archive.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "formats/import/generate.h"
#include "formats/import/generate_archive.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/output_file.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

constexpr std::uint32_t kSystemsUnasked = 100;
constexpr std::uint32_t kContainersUnasked = 100'000;
constexpr std::uint64_t kContainersASystem = 200;
constexpr std::uint64_t kAssetsAContainer = 10;

// Why these options do not go together; empty if they do.
std::string wrong_generate(const GenerateArgs& args) {
  if (args.recipe == "world") {
    if (args.folder.empty())
      return "name the folder to make, as in: nearfield generate world --size 1GiB";
    if (!args.archive.empty())
      return "the recipe world makes a folder, not " + args.archive +
             "; for an archive give --recipe system or galaxy";
    if (args.containers || args.assets || args.asset_size || args.systems)
      return "--containers, --assets, --asset-size and --systems are for --recipe system and "
             "galaxy; the recipe world has --size";
    if (args.size < kGenerateSizeMin || args.size > kGenerateSizeMax)
      return "--size must be " + given_size(kGenerateSizeMin) + " to " +
             given_size(kGenerateSizeMax);
    return "";
  }
  if (args.archive.empty())
    return "the recipe " + args.recipe + " makes an archive: name it with -o FILE.nfa";
  if (!args.folder.empty())
    return "the recipe " + args.recipe + " makes " + args.archive + " alone, no folder " +
           args.folder;
  if (args.size_given) return "--size is for the recipe world; give --assets and --asset-size";
  if (args.systems && args.recipe != "galaxy") return "--systems is for --recipe galaxy";
  return wrong_output({.path = args.archive, .kind = OutputKind::archive, .force = args.force});
}

ExitCode generate_folder(const GenerateArgs& args, Console& console) {
  Progress progress({.what = "generating", .shown = console.shows_progress()});
  GenerateOptions options;
  options.size = args.size;
  options.seed = args.seed;
  options.threads = args.threads;
  options.progress = [&progress](const GenerateProgress& step) {
    progress.update(step.written.value, step.total.value);
    return !interrupted();
  };
  std::string detail;
  const Result<GenerateReport> report = generate_world(args.folder, options, detail);
  progress.clear();
  if (!report && interrupted()) {
    return console.fail(ExitCode::interrupted,
                        "generate: interrupted; remove the folder " + args.folder +
                            ", which is not a whole world, before generating it again");
  }
  if (!report) {
    return console.fail(report.error(), sentence_of("folder", args.folder, detail, report.error()));
  }
  const std::string trace = args.folder + "/routes/tour.csv";
  if (console.is_json()) {
    console.print_json({{"output", args.folder},
                        {"seed", args.seed},
                        {"containers", report->containers},
                        {"assets", report->assets},
                        {"size", report->size.value},
                        {"trace", trace},
                        {"trace_seconds", report->tour_seconds}});
  } else {
    console.print(args.folder + ": " + counted(report->containers, "container") + ", " +
                  counted(report->assets, "asset") + ", " + limit_size(report->size) + "\n" +
                  "  a flight over it: " + trace + " (" + human_time(report->tour_seconds) + ")\n");
  }
  return ExitCode::done;
}

GenerateArchiveOptions archive_options(const GenerateArgs& args) {
  GenerateArchiveOptions options;
  const bool galaxy = args.recipe == "galaxy";
  options.recipe = galaxy ? ArchiveRecipe::galaxy : ArchiveRecipe::system;
  options.systems = galaxy ? args.systems.value_or(kSystemsUnasked) : 1;
  const std::uint64_t containers =
      galaxy ? options.systems * kContainersASystem + 1 : kContainersUnasked;
  options.containers = args.containers.value_or(
      static_cast<std::uint32_t>(std::min<std::uint64_t>(containers, kContainersMax)));
  const std::uint64_t assets = options.containers * kAssetsAContainer;
  options.assets =
      args.assets.value_or(static_cast<std::uint32_t>(std::min<std::uint64_t>(assets, kAssetsMax)));
  options.asset_size = args.asset_size.value_or(options.asset_size);
  options.seed = args.seed;
  options.threads = args.threads;
  return options;
}

void print_report(const GenerateArgs& args, const GenerateArchiveOptions& options,
                  const GenerateArchiveReport& report, Console& console) {
  if (console.is_json()) {
    console.print_json({{"output", args.archive},
                        {"recipe", args.recipe},
                        {"seed", args.seed},
                        {"systems", options.systems},
                        {"containers", report.containers},
                        {"assets", report.assets},
                        {"chunks", report.chunks},
                        {"gates", report.gates},
                        {"size", report.size.value},
                        {"file_size", report.file_size.value}});
    return;
  }
  std::string text = args.archive + ": ";
  if (args.recipe == "galaxy")
    text += counted(options.systems, "star system") + ", " + counted(report.gates, "gate") + ", ";
  console.print(text + counted(report.containers, "container") + ", " +
                counted(report.assets, "asset") + ", " + human_size(report.size) +
                " in a file of " + human_size(report.file_size) + "\n");
}

ExitCode generate_in_archive(const GenerateArgs& args, Console& console) {
  GenerateArchiveOptions options = archive_options(args);
  Progress progress({.what = "generating", .shown = console.shows_progress()});
  bool all_made = false;
  options.progress = [&](const GenerateProgress& step) {
    if (!all_made) progress.update(step.written.value, step.total.value);
    if (!all_made && step.written == step.total) {
      all_made = true;
      progress.clear();
      console.note("writing the tables of " + args.archive + " and waiting for the disk");
    }
    return !interrupted();
  };
  std::string detail;
  const Result<GenerateArchiveReport> report = generate_archive(args.archive, options, detail);
  progress.clear();
  if (!report && interrupted()) {
    return console.fail(ExitCode::interrupted,
                        "generate: interrupted; " + args.archive + " is as it was");
  }
  if (!report && report.error().code == ErrorCode::invalid_argument) {
    return console.fail(ExitCode::wrong_use, "generate: " + detail);
  }
  if (!report) {
    return console.fail(report.error(),
                        sentence_of("archive", args.archive, detail, report.error()));
  }
  print_report(args, options, *report, console);
  return ExitCode::done;
}

}  // namespace

ExitCode run_generate(const GenerateArgs& args, Console& console) {
  if (const std::string wrong = wrong_generate(args); !wrong.empty())
    return console.fail(ExitCode::wrong_use, "generate: " + wrong);
  catch_interrupts();
  return args.recipe == "world" ? generate_folder(args, console)
                                : generate_in_archive(args, console);
}

}  // namespace nf
