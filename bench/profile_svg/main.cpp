// profile_svg: draws what `perf script` wrote as a flame graph and lists the functions that took
// most. bench/profile runs it.
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>

#include <CLI/CLI.hpp>

#include "bench/profile_svg/call_stacks.h"
#include "bench/profile_svg/flame_graph.h"
#include "tools/nearfield/exit_code.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/text_file.h"

namespace nf::bench {
namespace {

constexpr const char* kProgram = "profile_svg";
constexpr std::size_t kListed = 50;

struct Options {
  std::string samples, svg, text;
  std::string title = "Samples of processor time";
};

void declare(CLI::App& app, Options& options) {
  app.add_option("samples", options.samples, "Of `perf script -F comm,ip,sym,dso`")
      ->required()
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  app.add_option("--svg", options.svg, "Write the flame graph")->type_name("FILE.svg");
  app.add_option("--text", options.text, "Write the functions that took most")
      ->type_name("FILE.txt");
  app.add_option("--title", options.title)->capture_default_str();
  app.footer(
      "Example:\n  perf script -F comm,ip,sym,dso > samples.txt\n"
      "  profile_svg samples.txt --svg flames.svg --text functions.txt");
}

ExitCode fail(ExitCode code, const std::string& sentence) {
  std::fprintf(stderr, "%s: %s\n", kProgram, sentence.c_str());
  return code;
}

ExitCode run(const Options& options) {
  std::ifstream file(options.samples, std::ios::binary);
  const std::string samples{std::istreambuf_iterator<char>(file), {}};
  const CallTree tree = parse_perf_script(samples);
  if (tree.nodes.front().samples == 0) {
    return fail(ExitCode::bad_input, options.samples + " holds no samples");
  }
  const std::string listing = options.title + "\n" + text_of_costs(tree, kListed);
  const std::pair<std::string, std::string> outputs[] = {
      {options.svg, flame_graph_svg(tree, options.title)}, {options.text, listing}};
  for (const auto& [path, text] : outputs) {
    if (path.empty()) continue;
    if (const Result<void> written = write_text_file(path, text); !written) {
      return fail(ExitCode::machine_refused, path + ": " + cause_of(written.error()));
    }
  }
  return ExitCode::done;
}

}  // namespace
}  // namespace nf::bench

int main(int count, char** words) {
  CLI::App app("A flame graph and a list of functions from the samples of perf",
               nf::bench::kProgram);
  nf::bench::Options options;
  try {
    nf::bench::declare(app, options);
    app.parse(count, words);
    return static_cast<int>(nf::bench::run(options));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(nf::ExitCode::wrong_use);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", nf::bench::kProgram, error.what());
    return static_cast<int>(nf::ExitCode::machine_refused);
  }
}
