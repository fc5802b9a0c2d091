// Options of several verbs, and those of verbs that have many.
//
// Main thread, while the command line is declared. What is read goes to the arguments given, which
// have to outlive the parser.
#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/nearfield/commands.h"
#include "tools/nearfield/sizes.h"

namespace nf {

inline CLI::Option* add_size(CLI::App* verb, const char* name, Bytes& size, const char* about) {
  const CLI::callback_t read = [&size](const CLI::results_t& words) {
    const std::optional<Bytes> parsed = parse_size(words.at(0));
    if (parsed) size = *parsed;
    return parsed.has_value();
  };
  return verb->add_option(name, read, about)->type_name("SIZE")->default_str(given_size(size));
}

inline CLI::Option* add_optional_size(CLI::App* verb, const char* name, std::optional<Bytes>& size,
                                      const char* about) {
  const CLI::callback_t read = [&size](const CLI::results_t& words) {
    size = parse_size(words.at(0));
    return size.has_value();
  };
  return verb->add_option(name, read, about)->type_name("SIZE");
}

// Where an unsigned number is read, "-1" would be taken for a very large one.
inline std::string refuse_negative(const std::string& word) {
  return word.starts_with('-') ? "must not be negative: " + word : "";
}

void add_predict_options(CLI::App* verb, PredictArgs& args);

}  // namespace nf
