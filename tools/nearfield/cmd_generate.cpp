// `nearfield generate`: a star system of any size from a seed, ready to pack.
#include <nlohmann/json.hpp>

#include "formats/import/generate.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/sizes.h"

namespace nf {

ExitCode run_generate(const GenerateArgs& args, Console& console) {
  if (args.size < kGenerateSizeMin || args.size > kGenerateSizeMax) {
    return console.fail(ExitCode::wrong_use, "generate: --size must be " +
                                                 given_size(kGenerateSizeMin) + " to " +
                                                 given_size(kGenerateSizeMax));
  }
  catch_interrupts();
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
  const Result<GenerateReport> report = generate_world(args.output, options, detail);
  progress.clear();
  if (!report && interrupted()) {
    return console.fail(ExitCode::interrupted,
                        "generate: interrupted; remove the folder " + args.output +
                            ", which is not a whole world, before generating it again");
  }
  if (!report) {
    return console.fail(report.error(), sentence_of("folder", args.output, detail, report.error()));
  }
  const std::string trace = args.output + "/routes/tour.csv";
  if (console.is_json()) {
    console.print_json({{"output", args.output},
                        {"seed", args.seed},
                        {"containers", report->containers},
                        {"assets", report->assets},
                        {"size", report->size.value},
                        {"trace", trace},
                        {"trace_seconds", report->tour_seconds}});
  } else {
    console.print(args.output + ": " + grouped(report->containers) + " containers, " +
                  grouped(report->assets) + " assets, " + limit_size(report->size) + "\n" +
                  "  a flight over it: " + trace + " (" + human_time(report->tour_seconds) + ")\n");
  }
  return ExitCode::done;
}

}  // namespace nf
