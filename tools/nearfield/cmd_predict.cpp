// `nearfield predict`: what is late if movement is foretold like this, at equal bytes read; or one
// policy driven by lines on standard input.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include <nlohmann/json.hpp>

#include "tools/nearfield/commands.h"
#include "tools/nearfield/device_choice.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/output_file.h"
#include "tools/nearfield/predict_learning.h"
#include "tools/nearfield/predict_output.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/text_file.h"
#include "tools/predict/line_protocol.h"
#include "tools/predict/segments.h"

namespace nf {
namespace {

using predict::PolicyKind;

// A report may be kept: where the folder lay is nobody's business.
std::string name_of_folder(const std::string& folder) {
  const std::filesystem::path path = std::filesystem::absolute(folder + "/").lexically_normal();
  return path.parent_path().filename().string();
}

std::string names_of_policies(bool driven) {
  std::string names;
  for (const PolicyKind& kind : predict::policy_kinds()) {
    if (driven && kind.foresees) continue;
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  return names;
}

std::string wrong_file(const char* option, const OutputFile& output) {
  if (output.path.empty() || (output.kind == OutputKind::json && output.path == "-")) return "";
  const std::string wrong = wrong_output(output);
  return wrong.empty() ? "" : std::string(option) + " " + wrong;
}

std::string wrong_args(const PredictArgs& args) {
  if (args.stdio) {
    const PolicyKind* kind = predict::find_policy_kind(args.policy);
    if (kind == nullptr || kind->foresees) {
      return "--policy " + args.policy + " cannot be driven by lines; there are " +
             names_of_policies(true);
    }
    if (!args.traces.empty()) return "--stdio takes its movement from standard input, not --traces";
    if (!args.train.empty()) return "--stdio learns from nothing beforehand; give it --model";
    return "";
  }
  if (args.traces.empty()) return "--traces DIR is required, or --stdio";
  if (!args.train.empty() && !args.model.empty()) {
    return "--train makes models of its own: it does not go with --model";
  }
  if (!args.world.empty()) return "--world: only made worlds can be moved in yet, --grid SEED";
  for (const std::string& name : args.policies) {
    if (predict::find_policy_kind(name) == nullptr) {
      return "there is no policy '" + name + "'; there are " + names_of_policies(false);
    }
  }
  if (args.memory && args.memory->value == 0) return "--memory must be more than 0";
  const std::string json =
      wrong_file("--json", {.path = args.json, .kind = OutputKind::json, .force = args.force});
  if (!json.empty()) return json;
  return wrong_file("--html", {.path = args.html, .kind = OutputKind::report, .force = args.force});
}

// What the comparison needs, and what was asked for; in the order in which they are known.
std::vector<std::string> policies_to_run(const PredictArgs& args) {
  std::vector<std::string> names;
  for (const PolicyKind& kind : predict::policy_kinds()) {
    const std::string name = kind.name;
    const bool needed = name == "none" || name == "margin" || name == "oracle";
    const bool asked =
        args.policies.empty() ||
        std::find(args.policies.begin(), args.policies.end(), name) != args.policies.end();
    if (needed || asked) names.push_back(name);
  }
  return names;
}

predict::EvaluationOptions options_of(const PredictArgs& args, const ChosenDevice& chosen) {
  predict::EvaluationOptions options;
  options.sweeps = predict::sweeps_of(policies_to_run(args));
  options.seed = args.grid_seed;
  options.rho = args.rho;
  if (args.memory) options.memory = static_cast<double>(args.memory->value);
  if (chosen.model) {
    // Side by side reads hide each other's latency; the head of a disk that has one does not.
    options.disk = predict::DiskModel{
        .bytes_per_second = chosen.model->bytes_per_second,
        .seek_seconds = chosen.model->latency_p50.seconds() / chosen.model->parallel};
  }
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  options.threads = args.threads == 0 ? cores : args.threads;
  return options;
}

// Evaluates the kinds one after the other, so that only one is in memory.
ExitCode evaluate_all(const PredictArgs& args, const std::vector<predict::TraceFile>& files,
                      predict::EvaluationOptions options, PredictLearning& learning,
                      PredictReport& report, Console& console) {
  options.learnt_for = [&](const std::string& group) { return learning.learnt_for(group); };
  for (std::size_t first = 0; first < files.size();) {
    std::size_t last = first;
    while (last < files.size() && files[last].kind == files[first].kind) ++last;
    const std::string& name = files[first].kind;
    std::string detail;
    const Result<predict::KindTraces> traces =
        predict::load_kind({files.begin() + static_cast<std::ptrdiff_t>(first),
                            files.begin() + static_cast<std::ptrdiff_t>(last)},
                           detail);
    first = last;
    if (!traces) {
      return console.fail(traces.error(),
                          sentence_of("traces", args.traces, detail, traces.error()));
    }
    const std::vector<predict::Segment> segments =
        predict::choose_segments(*traces, {.seconds = args.hours * 3600, .seed = args.seed});
    if (segments.empty()) {
      report.notes.push_back("of the kind " + name + " nothing is taken: " + traces->skipped);
      continue;
    }
    const ExitCode learnt = learning.learn(segments, args, options.threads, report.notes, console);
    if (learnt != ExitCode::done) return learnt;
    Progress progress(
        {.what = name, .shown = console.shows_progress(), .unit = ProgressUnit::steps});
    options.progress = [&](std::uint64_t done, std::uint64_t all) {
      progress.update(done, all);
      return !interrupted();
    };
    predict::KindResult kind = predict::evaluate_kind(segments, options);
    progress.clear();
    if (kind.stopped) return console.fail(ExitCode::interrupted, "predict: interrupted");
    const std::vector<predict::Row> rows = predict::rows_of(kind);
    report.rows.insert(report.rows.end(), rows.begin(), rows.end());
    report.kinds.push_back(std::move(kind));
  }
  const std::vector<predict::Row> pooled = predict::pooled_rows(report.rows);
  report.rows.insert(report.rows.end(), pooled.begin(), pooled.end());
  return ExitCode::done;
}

ExitCode tell(const PredictArgs& args, const PredictReport& report, Console& console) {
  for (const std::string& note : report.notes) console.remark("predict: note: " + note);
  const bool on_stdout = args.json == "-";
  if (!args.json.empty() && !on_stdout) {
    const Result<void> written = write_text_file(args.json, json_text(predict_json(report)));
    if (!written) {
      return console.fail(written.error(),
                          "--json " + args.json + ": " + cause_of(written.error()));
    }
  }
  if (!args.html.empty()) {
    const Result<void> written = write_text_file(args.html, predict_page(report));
    if (!written) {
      return console.fail(written.error(),
                          "--html " + args.html + ": " + cause_of(written.error()));
    }
  }
  if (on_stdout) {
    console.print_json(predict_json(report));
  } else {
    console.print(predict_text(report));
  }
  return ExitCode::done;
}

ExitCode evaluate(const PredictArgs& args, Console& console) {
  ChosenDevice chosen;
  if (!args.device.empty()) {
    chosen = choose_device({.name = args.device, .verb = "predict", .real = false}, console);
    if (chosen.code != ExitCode::done) return chosen.code;
  }
  std::string detail;
  const auto files = predict::list_traces(args.traces, args.kinds, detail);
  if (!files) {
    return console.fail(files.error(), sentence_of("traces", args.traces, detail, files.error()));
  }
  PredictLearning learning;
  if (const ExitCode code = learning.prepare(args, console); code != ExitCode::done) return code;
  catch_interrupts();
  PredictReport report{.traces = name_of_folder(args.traces),
                       .train = name_of_folder(args.train),
                       .model = name_of_folder(args.model),
                       .device = args.device,
                       .rho = args.rho,
                       .grid_seed = args.grid_seed,
                       .seed = args.seed,
                       .kinds = {},
                       .rows = {},
                       .notes = {}};
  const ExitCode code =
      evaluate_all(args, *files, options_of(args, chosen), learning, report, console);
  if (code != ExitCode::done) return code;
  if (report.kinds.empty()) {
    return console.fail(ExitCode::bad_input,
                        "traces " + args.traces + ": " +
                            (report.notes.empty() ? "there are none" : report.notes.front()));
  }
  return tell(args, report, console);
}

// Lines of standard input as they come; what is no line yet waits.
class LineInput {
 public:
  enum class Got { line, end, error };
  // A line that is longer than any may be comes cut, but longer than any may be.
  Got next(std::string& line) {
    for (;;) {
      if (const std::size_t end = held_.find('\n', at_); end != std::string::npos) {
        line.assign(held_, at_, end - at_);
        at_ = end + 1;
        return Got::line;
      }
      held_.erase(0, at_);
      at_ = 0;
      if (held_.size() > predict::kProtocolLineMax || (ended_ && !held_.empty())) {
        line = std::move(held_);
        held_.clear();
        return Got::line;
      }
      if (ended_) return Got::end;
      char piece[16'384];
      const ssize_t got = ::read(STDIN_FILENO, piece, sizeof piece);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Got::error;
      if (got == 0) ended_ = true;
      held_.append(piece, static_cast<std::size_t>(got));
    }
  }

 private:
  std::string held_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

ExitCode serve_lines(const PredictArgs& args, Console& console) {
  const PolicyKind* kind = predict::find_policy_kind(args.policy);
  PredictLearning learning;
  if (const ExitCode code = learning.prepare(args, console); code != ExitCode::done) return code;
  predict::LineServer server(
      predict::make_policy(args.policy, args.knob.value_or(kind->knob), learning.given()));
  LineInput input;
  std::string line, said;
  while (console.alive()) {
    const LineInput::Got got = input.next(line);
    if (got == LineInput::Got::end) return ExitCode::done;
    if (got == LineInput::Got::error) {
      return console.fail(ExitCode::machine_refused,
                          std::string("predict: standard input: ") + std::strerror(errno));
    }
    switch (server.take(line, said)) {
      case predict::LineServer::Next::go_on: break;
      case predict::LineServer::Next::answer:
        console.print(said);
        console.flush();
        break;
      case predict::LineServer::Next::quit: return ExitCode::done;
      case predict::LineServer::Next::refuse:
        return console.fail(ExitCode::bad_input, "predict: standard input: " + said);
    }
  }
  return ExitCode::done;
}

}  // namespace

ExitCode run_predict(const PredictArgs& args, Console& console) {
  if (const std::string wrong = wrong_args(args); !wrong.empty()) {
    return console.fail(ExitCode::wrong_use, "predict: " + wrong);
  }
  return args.stdio ? serve_lines(args, console) : evaluate(args, console);
}

}  // namespace nf
