// CommandLine: the verbs with their options, as words that CLI11 reads. main.cpp declares most of
// them and runs the one that was chosen; flight_verbs.cpp declares those that fly.
//
// Main thread.
#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/nearfield/options.h"

namespace nf {

using Verb = std::function<ExitCode(Console&)>;

struct CommandLine {
  explicit CommandLine(const char* about) : app(about, "nearfield") {}

  CLI::App app;
  ConsoleOptions console;
  Verb chosen;

  // A verb with the options that all of them have.
  CLI::App* verb(const char* name, const char* about, const char* example, Verb run) {
    CLI::App* sub = app.add_subcommand(name, about);
    sub->footer(std::string("Example:\n  ") + example);
    sub->add_flag("--json", console.json, "Print one JSON document instead of text");
    sub->add_flag("-q,--quiet", console.quiet, "No progress and no notes");
    sub->callback([this, run = std::move(run)] { chosen = run; });
    return sub;
  }
};

inline CLI::Option* add_archive(CLI::App* verb, std::string& archive) {
  return verb->add_option("archive", archive, "The archive to read")
      ->required()
      ->type_name("WORLD.nfa");
}

void add_fly(CommandLine& line);
void add_certify(CommandLine& line);

}  // namespace nf
