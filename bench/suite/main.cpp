// nearfield_bench: what `nearfield bench SUITE` becomes. Reads the command line, runs the suites,
// and writes what they found as text, as JSON and as a page.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <new>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/suite/against.h"
#include "bench/suite/bench_progress.h"
#include "bench/suite/machine_facts.h"
#include "bench/suite/report.h"
#include "bench/suite/report_path.h"
#include "bench/suite/suite_table.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/number_checks.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/output_file.h"
#include "tools/nearfield/text_file.h"

namespace nf::bench {
namespace {

using nlohmann::ordered_json;

constexpr const char* kProgram = "nearfield bench";
constexpr const char* kAfterHelp =
    "Examples:\n"
    "  nearfield bench disk --dir /mnt/games --json report.json --html report.html\n"
    "  nearfield bench disk --model disk_model.json\n"
    "    then: nearfield fly W.nfa --device disk_model.json\n"
    "  nearfield bench all --seconds 0.5 --json now.json --against before.json\n"
    "  nearfield bench load --world W.nfa --order random --seed 1 --seconds 5 --line\n"
    "    one JSON line for scripts; its options are --order, --threads, --ahead, --backend and\n"
    "    those of `nearfield bench load --line --help`\n"
    "  nearfield bench replay --traces DIR\n"
    "    replays recordings of real movement on simulated disks; without DIR made-up ones\n"
    "  nearfield bench scale --world system.nfa\n"
    "    opens and mounts a world as large as you like: `nearfield generate --help`\n\n"
    "Run it on a quiet machine: the load average is written down with the figures. Where a plain\n"
    "loop or a peer does the same, it was measured in turn with ours; figures of flight, replay\n"
    "and update stand alone. Samples under 0.1 seconds measure a few points only, to see that\n"
    "everything runs.\n\n"
    "load also loads from a disk that it has the kernel keep to 500 MB/s. That takes root, the\n"
    "cgroup controller of block devices (blkio of version 1, or io of version 2) and a --dir on a\n"
    "disk of its own; elsewhere a note says why it is not measured.\n\n"
    "Exit codes: 0 done, 2 wrong use, 3 --against is not a report or --world is damaged, 4 the\n"
    "machine refused a suite or a file, 130 interrupted: then the report has the suites that were\n"
    "done, and there is none if none was.";

struct BenchArgs {
  std::string suite;
  std::string json;
  std::string html;
  std::string against;
  BenchOptions options;
  bool quiet = false;
};

std::string suite_names() {
  std::string names;
  for (const Suite& suite : suites()) names += std::string(suite.name) + " ";
  return names + "all";
}

std::string suite_help() {
  std::string help = "Which question; all: every one, in turn.";
  for (const Suite& suite : suites())
    help += std::string("\n  ") + suite.name + ": " + suite.question;
  return help;
}

void declare(CLI::App& app, BenchArgs& args) {
  BenchOptions& options = args.options;
  app.add_option("suite", args.suite, suite_help())->required()->type_name("SUITE");
  app.add_option("--dir", options.dir, "Where test files are made: its disk is what is measured")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Of one sample")
      ->check(number_within(0.01, 600))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Samples of each figure, taken in turn")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--world", options.world, "An archive, for suites that load, fly or mount")
      ->type_name("WORLD.nfa")
      ->check(CLI::ExistingFile);
  app.add_option("--seed", options.seed)->check(seed_number())->capture_default_str();
  app.add_option("--workers", options.workers, "Decode workers; 0: the suite's own choice")
      ->check(CLI::Range(0, 64))
      ->capture_default_str();
  app.add_option("--json", args.json, "Write machine, settings and every sample")
      ->type_name("FILE");
  app.add_option("--html", args.html, "Write a page with plots that needs no network")
      ->type_name("FILE.html");
  app.add_option("--against", args.against, "Compare with the --json of an earlier run")
      ->type_name("OLD.json")
      ->check(CLI::ExistingFile);
  app.add_option("--model", options.model, "disk: write a model for `nearfield fly --device FILE`")
      ->type_name("FILE.json");
  app.add_option("--traces", options.traces, "replay: a folder of recordings of real movement")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  app.add_flag("--small", options.small, "load: only the many small assets asked for by name");
  app.add_flag("-q,--quiet", args.quiet, "No progress");
  app.footer(kAfterHelp);
}

ordered_json settings_of(const BenchArgs& args) {
  const BenchOptions& options = args.options;
  return {{"suite", args.suite},        {"seconds", options.seconds},
          {"rounds", options.rounds},   {"seed", options.seed},
          {"workers", options.workers}, {"world", options.world.filename().string()},
          {"small", options.small},     {"traces", !options.traces.empty()}};
}

// Where the tables go to a file, what was not measured is said on standard error as well.
void say_notes(const SuiteReport& report, Console& console) {
  if (::isatty(STDOUT_FILENO) == 1) return;
  const std::string& suite = report.result.suite;
  if (!report.refused.empty()) console.complain(suite + ": " + report.refused);
  for (const std::string& note : report.result.notes) console.complain(suite + ": " + note);
}

// `code`: what a refusal makes of the run.
SuiteReport run_suite(const Suite& suite, const BenchArgs& args, ExitCode& code) {
  code = ExitCode::machine_refused;
  SuiteReport report{.question = suite.question, .result = {}, .refused = ""};
  BenchProgress progress(suite.name, !args.quiet);
  BenchOptions options = args.options;
  options.progress = [&progress](const std::string& what, double done) {
    progress.update(what, done);
  };
  try {
    report.result = suite.run(options);
  } catch (const std::bad_alloc&) {
    report.refused = "out of memory";
  } catch (const BadInput& error) {
    report.refused = error.what();
    code = ExitCode::bad_input;
  } catch (const std::exception& error) {
    report.refused = error.what();
  }
  // Some stop for it with an error of their own.
  if (!report.refused.empty() && interrupted()) throw Interrupted{};
  report.result.suite = suite.name;
  return report;
}

ExitCode write_text(const std::string& path, const std::string& text, Console& console) {
  if (path.empty()) return ExitCode::done;
  const Result<void> written = write_text_file(path, text);
  if (written) return ExitCode::done;
  return console.fail(ExitCode::machine_refused, path + ": " + cause_of(written.error()));
}

// Said before an hour of measuring, not after it.
ExitCode refuse_outputs(const BenchArgs& args, Console& console) {
  const std::array<std::pair<std::string, ReportKind>, 3> outputs = {
      {{args.json, ReportKind::json},
       {args.html, ReportKind::page},
       {args.options.model.string(), ReportKind::device}}};
  for (const auto& [path, kind] : outputs) {
    if (path.empty()) continue;
    if (path == "-") {
      return console.fail(ExitCode::wrong_use,
                          "a report goes to a file, '-' is none: standard output has the tables");
    }
    if (is_same_file(path, args.options.world.string())) {
      return console.fail(ExitCode::wrong_use, path + " is the world that is measured");
    }
    const WrongPath wrong = wrong_report_path(path, kind);
    if (wrong.sentence.empty()) continue;
    return console.fail(wrong.machine_refused ? ExitCode::machine_refused : ExitCode::wrong_use,
                        wrong.sentence);
  }
  return ExitCode::done;
}

struct SuiteOption {
  const char* name;
  std::string_view suites;  // that it changes
};
constexpr std::array kSuiteOptions = {SuiteOption{"--model", "disk"},
                                      SuiteOption{"--traces", "replay"},
                                      SuiteOption{"--small", "load"},
                                      SuiteOption{"--world", "load flight contenders scale"},
                                      SuiteOption{"--workers", "codec load flight contenders"}};

// Who gives an option believes that it changes something. Empty: they all do.
std::string option_without_effect(const CLI::App& app, const std::string& suite) {
  for (const SuiteOption& option : kSuiteOptions) {
    if (suite == "all" || app.count(option.name) == 0) continue;
    if (option.suites.find(suite) != std::string_view::npos) continue;
    return std::string(option.name) + " is for bench " + std::string(option.suites) +
           "; it changes nothing in bench " + suite;
  }
  return {};
}

// The earlier run, read before anything is measured: what is wrong with it is said at once.
ordered_json earlier_run(const std::string& path, const std::string& suite) {
  if (path.empty()) return nullptr;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const ordered_json document = ordered_json::parse(text, nullptr, false);
  if (document.is_discarded()) throw std::invalid_argument("it is not JSON");
  (void)compare(document, document);
  std::vector<std::string> asked;
  for (const Suite& one : suites()) {
    if (suite == "all" || suite == one.name) asked.emplace_back(one.name);
  }
  if (const std::string why = nothing_in_common(document, asked); !why.empty()) {
    throw std::invalid_argument(why);
  }
  return document;
}

ExitCode tell_interrupted(const Report& report, Console& console) {
  return console.fail(ExitCode::interrupted,
                      report.suites.empty()
                          ? "bench: interrupted; no suite was done, and no report is written"
                          : "bench: interrupted; the suites that were done are kept");
}

struct Ending {
  ExitCode code;  // of what was measured
  Console& console;
};

ExitCode write_report(Report& report, const BenchArgs& args, const ordered_json& before,
                      const Ending& ending) {
  report.machine["load_average_after"] = load_average();
  ordered_json document = json_of_report(report);
  if (ending.code == ExitCode::interrupted) document["interrupted"] = true;
  Console& console = ending.console;
  const ExitCode json = write_text(args.json, document.dump(1) + "\n", console);
  const ExitCode html = write_text(args.html, html_of_report(report), console);
  if (!before.is_null()) console.print(text_of_comparison(compare(before, document)));
  ExitCode code = ending.code;
  for (const ExitCode written : {json, html}) {
    if (code == ExitCode::done) code = written;
  }
  return code;
}

ExitCode run(const BenchArgs& args, Console& console) {
  const ExitCode refused = refuse_outputs(args, console);
  if (refused != ExitCode::done) return refused;
  if (args.options.small && (args.suite != "load" || !args.options.world.empty())) {
    return console.fail(ExitCode::wrong_use, "--small is for bench load without a --world");
  }
  ordered_json before;
  try {
    before = earlier_run(args.against, args.suite);
  } catch (const std::invalid_argument& error) {
    return console.fail(ExitCode::bad_input, "--against " + args.against + ": " + error.what());
  }
  if (!args.options.world.empty()) {
    const OpenedArchive opened = open_archive(console, args.options.world.string());
    if (!opened.archive) return opened.code;
  }
  Report report{
      .machine = machine_facts(args.options.dir), .settings = settings_of(args), .suites = {}};
  ExitCode code = ExitCode::done;
  for (const Suite& suite : suites()) {
    if (args.suite != "all" && args.suite != suite.name) continue;
    ExitCode refusal = ExitCode::done;
    try {
      report.suites.push_back(run_suite(suite, args, refusal));
    } catch (const Interrupted&) {
      code = tell_interrupted(report, console);
      break;
    }
    refuse_headlines_there_already(report);
    if (!report.suites.back().refused.empty()) code = refusal;
    say_notes(report.suites.back(), console);
    console.print(text_of_suite(report.suites.back()));
  }
  // What an earlier run wrote is worth more than a report of nothing.
  if (report.suites.empty()) return code;
  return write_report(report, args, before, {.code = code, .console = console});
}

ExitCode read_line_and_run(int count, char** words) {
  CLI::App app{"nearfield bench measures this machine's disk and processor, and this build on it.",
               kProgram};
  BenchArgs args;
  declare(app, args);
  Console console({});
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return static_cast<ExitCode>(app.exit(error));
    return console.finish(console.fail_as_said(
        ExitCode::wrong_use, std::string(kProgram) + ": " + error.what() + " (see --help)"));
  }
  if (args.suite != "all" && find_suite(args.suite) == nullptr) {
    return console.finish(console.fail_as_said(
        ExitCode::wrong_use, std::string(kProgram) + ": there is no suite '" + args.suite +
                                 "'; there are " + suite_names()));
  }
  if (const std::string wrong = option_without_effect(app, args.suite); !wrong.empty()) {
    return console.finish(console.fail_as_said(
        ExitCode::wrong_use, std::string(kProgram) + ": " + wrong + " (see --help)"));
  }
  catch_interrupts();
  ExitCode code = ExitCode::done;
  try {
    code = run(args, console);
  } catch (const std::bad_alloc&) {
    code = console.fail(ExitCode::machine_refused, "out of memory");
  } catch (const std::exception& error) {
    code = console.fail(ExitCode::machine_refused, std::string("unexpected: ") + error.what());
  }
  code = console.finish(code);
  if (console.pipe_closed()) end_by_broken_pipe();
  return code;
}

// A file that is opened later must not become standard output, and what is printed there must not
// end up in it. Writing to a file that was opened for reading fails, as it should.
void hold_standard_files() {
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(file, F_GETFD) >= 0) continue;
    if (::open("/dev/null", O_RDONLY) < 0) return;
  }
}

}  // namespace
}  // namespace nf::bench

int main(int count, char** words) {
  nf::bench::hold_standard_files();
  nf::ignore_write_signals();
  int code = 0;
  if (nf::bench::run_by_own_parser(count, words, code)) return code;
  try {
    return static_cast<int>(nf::bench::read_line_and_run(count, words));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", nf::bench::kProgram, error.what());
    return static_cast<int>(nf::ExitCode::machine_refused);
  }
}
