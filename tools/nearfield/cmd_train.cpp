// `nearfield train`: what recorded movement teaches about movement, as a small file.
#include <algorithm>
#include <thread>

#include <nlohmann/json.hpp>

#include "formats/archive/replacement_file.h"
#include "formats/model/model.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/output_file.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/sizes.h"
#include "tools/predict/learning.h"

namespace nf {
namespace {

// What there is to learn from, of all kinds.
struct Lesson {
  std::vector<predict::Segment> segments;
  std::vector<std::string> kinds;
  std::vector<std::string> skipped;  // sentences
};

std::string wrong_args(const TrainArgs& args) {
  if (moments_within(args.size.value) == 0) {
    return "--size must be at least " + given_size({model_size(1)});
  }
  const std::string wrong =
      wrong_output({.path = args.output, .kind = OutputKind::model, .force = args.force});
  return wrong.empty() ? "" : "-o " + wrong;
}

ExitCode gather(const TrainArgs& args, Lesson& lesson, Console& console) {
  std::string detail;
  const auto refuse = [&](const Error& error) {
    return console.fail(error, sentence_of("traces", args.traces, detail, error));
  };
  const auto files = predict::list_traces(args.traces, args.kinds, detail);
  if (!files) return refuse(files.error());
  for (std::size_t first = 0; first < files->size();) {
    std::size_t last = first;
    while (last < files->size() && (*files)[last].kind == (*files)[first].kind) ++last;
    const std::string& kind = (*files)[first].kind;
    const Result<predict::KindTraces> traces =
        predict::load_kind({files->begin() + static_cast<std::ptrdiff_t>(first),
                            files->begin() + static_cast<std::ptrdiff_t>(last)},
                           detail);
    if (!traces) return refuse(traces.error());
    if (interrupted()) return console.fail(ExitCode::interrupted, "train: interrupted");
    std::vector<predict::Segment> chosen =
        predict::choose_segments(*traces, {.seconds = args.hours * 3600, .seed = args.seed});
    if (chosen.empty()) {
      lesson.skipped.push_back("of the kind " + kind + " nothing is learnt: " + traces->skipped);
    } else {
      lesson.kinds.push_back(kind);
      std::move(chosen.begin(), chosen.end(), std::back_inserter(lesson.segments));
    }
    first = last;
  }
  if (!lesson.segments.empty()) return ExitCode::done;
  return console.fail(ExitCode::bad_input, "traces " + args.traces + ": " + lesson.skipped.front());
}

ExitCode write(const TrainArgs& args, const std::vector<std::byte>& bytes, Console& console) {
  const auto refuse = [&](const Error& error) {
    return console.fail(error, "-o " + args.output + ": " + cause_of(error));
  };
  Result<ReplacementFile> file = ReplacementFile::create(args.output);
  if (!file) return refuse(file.error());
  if (const Error error = file->write(0, bytes, {})) return refuse(error);
  if (const Error error = file->commit()) return refuse(error);
  return ExitCode::done;
}

void tell(const TrainArgs& args, const Lesson& lesson, const predict::Learnt& learnt,
          std::size_t size, Console& console) {
  const ModelOrigin& origin = learnt.model.origin;
  for (const std::string& sentence : lesson.skipped) console.remark("train: note: " + sentence);
  if (origin.groups < 2) {
    console.remark(
        "train: note: there is one group alone, so that nothing says whether its weights would "
        "hold elsewhere; they stay untrained");
  }
  if (console.is_json()) {
    console.print_json({{"output", args.output},
                        {"size", size},
                        {"kinds", lesson.kinds},
                        {"groups", origin.groups},
                        {"segments", origin.segments},
                        {"hours", origin.seconds / 3600},
                        {"moments", learnt.model.moments.size()},
                        {"candidates", origin.candidates},
                        {"outcomes", origin.outcomes},
                        {"loss", learnt.loss},
                        {"loss_untrained", learnt.loss_untrained},
                        {"seed", args.seed},
                        {"notes", lesson.skipped}});
    return;
  }
  console.print(args.output + ": " + human_size({size}) + ", " +
                grouped(learnt.model.moments.size()) + " moments of " + grouped(origin.candidates) +
                " and weights from " + grouped(origin.outcomes) + " outcomes, of " +
                text_of("%.2f", origin.seconds / 3600) + " h in " + grouped(origin.groups) +
                " groups\n" +
                text_of("loss in groups left out: %.4f, untrained %.4f\n", learnt.loss,
                        learnt.loss_untrained));
}

}  // namespace

ExitCode run_train(const TrainArgs& args, Console& console) {
  if (const std::string wrong = wrong_args(args); !wrong.empty()) {
    return console.fail(ExitCode::wrong_use, "train: " + wrong);
  }
  catch_interrupts();
  Lesson lesson;
  if (const ExitCode code = gather(args, lesson, console); code != ExitCode::done) return code;
  Progress progress(
      {.what = "learning", .shown = console.shows_progress(), .unit = ProgressUnit::steps});
  predict::LearningOptions options;
  options.seed = args.seed;
  options.moments_max = moments_within(args.size.value);
  if (!args.size_given) options.moments_max = std::min(options.moments_max, predict::kMomentsUsual);
  options.threads =
      args.threads == 0 ? std::max(1u, std::thread::hardware_concurrency()) : args.threads;
  options.progress = [&](std::uint64_t done, std::uint64_t all) {
    progress.update(done, all);
    return !interrupted();
  };
  const predict::Learnt learnt = predict::learn(lesson.segments, options);
  progress.clear();
  if (learnt.stopped) return console.fail(ExitCode::interrupted, "train: interrupted");
  const Result<std::vector<std::byte>> bytes = model_bytes(learnt.model);
  if (!bytes) return console.fail(bytes.error(), "train: " + cause_of(bytes.error()));
  if (const ExitCode code = write(args, *bytes, console); code != ExitCode::done) return code;
  tell(args, lesson, learnt, bytes->size(), console);
  return ExitCode::done;
}

}  // namespace nf
