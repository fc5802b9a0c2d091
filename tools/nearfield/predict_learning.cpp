#include "tools/nearfield/predict_learning.h"

#include "formats/model/model.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/progress.h"

namespace nf {

ExitCode PredictLearning::prepare(const PredictArgs& args, Console& console) {
  std::string detail;
  if (!args.model.empty()) {
    const Result<Model> model = read_model(args.model, detail);
    if (!model) return console.fail(model.error(), "model " + args.model + ": " + detail);
    given_ = std::make_unique<LearntNeeds>(
        LearntNeeds{.weights = model->weights, .ways = LearntWays(model->moments)});
  }
  if (args.train.empty()) return ExitCode::done;
  Result<std::vector<predict::TraceFile>> files = predict::list_traces(args.train, {}, detail);
  if (!files) {
    return console.fail(files.error(), sentence_of("--train", args.train, detail, files.error()));
  }
  recorded_ = std::move(*files);
  return ExitCode::done;
}

ExitCode PredictLearning::learn(const std::vector<predict::Segment>& tested,
                                const PredictArgs& args, unsigned threads,
                                std::vector<std::string>& notes, Console& console) {
  trained_.reset();
  if (args.train.empty()) return ExitCode::done;
  const std::string& kind = tested.front().kind;
  std::vector<predict::TraceFile> files;
  for (const predict::TraceFile& file : recorded_) {
    if (file.kind == kind) files.push_back(file);
  }
  std::string detail;
  const Result<predict::KindTraces> traces = predict::load_kind(files, detail);
  if (!traces) {
    return console.fail(traces.error(), sentence_of("--train", args.train, detail, traces.error()));
  }
  Progress progress({.what = kind + ": learning",
                     .shown = console.shows_progress(),
                     .unit = ProgressUnit::steps});
  trained_ = predict::CrossTraining::train(
      tested, *traces,
      {.seconds = args.train_hours * 3600,
       .learning = {.seed = args.seed,
                    .threads = threads,
                    .progress = [&](std::uint64_t done, std::uint64_t all) {
                      progress.update(done, all);
                      return !interrupted();
                    }}});
  progress.clear();
  if (trained_->stopped()) return console.fail(ExitCode::interrupted, "predict: interrupted");
  if (trained_->groups_least() == 0) {
    notes.push_back("of the kind " + kind +
                    " there is nothing to learn from but groups that are tested: some of it is "
                    "foretold without a model");
  }
  return ExitCode::done;
}

const LearntNeeds* PredictLearning::learnt_for(const std::string& group) const {
  if (given_) return given_.get();
  return trained_ ? trained_->model_for(group) : nullptr;
}

}  // namespace nf
