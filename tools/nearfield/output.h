// Console: everything a verb says. Results go to standard output, as text or as one JSON document;
// errors and notes go to standard error, so that a pipe gets results only.
//
// Main thread. Holds what is printed in a buffer until `finish`, or until it is large.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <nearfield/archive.h>
#include <nearfield/result.h>

#include "tools/nearfield/exit_code.h"

namespace nf {

struct ConsoleOptions {
  bool json = false;
  bool quiet = false;
};

class Console {
 public:
  explicit Console(ConsoleOptions options) : options_(options) {}

  bool is_json() const { return options_.json; }
  bool shows_progress() const { return !options_.json && !options_.quiet; }

  void print(std::string_view text);
  void write(std::span<const std::byte> bytes);
  void print_json(const nlohmann::ordered_json& document);
  void note(std::string_view sentence);      // on a terminal; not with --json or --quiet
  void remark(std::string_view sentence);    // on standard error; not with --quiet
  void complain(std::string_view sentence);  // on standard error, whatever the options

  // One sentence on standard error; with --json a document {"error", "exit_code"} as well, unless
  // a result was printed before.
  ExitCode fail(ExitCode code, std::string_view sentence);
  // The same for a sentence that names the program already.
  ExitCode fail_as_said(ExitCode code, std::string_view sentence);
  ExitCode fail(const Error& error, std::string_view sentence);

  // What is held of it goes out now: somebody waits for it.
  void flush();
  // False once standard output takes no more: a verb that prints much stops then.
  bool alive() const { return write_error_ == 0; }
  // Flushes. `code`, or why standard output refused.
  ExitCode finish(ExitCode code);
  bool pipe_closed() const;

 private:
  bool is_terminal();

  ConsoleOptions options_;
  std::string buffer_;
  bool printed_ = false;
  std::optional<bool> terminal_;  // standard output is one; known once it was asked for
  int write_error_ = 0;
};

// As `print_json` prints it.
std::string json_text(const nlohmann::ordered_json& document);

// Columns that line up: the first is set left, the others right.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "chunk checksum mismatch: chunk 17 at offset 8192 (Input/output error)".
std::string cause_of(const Error& error);

// "source world: world.json:2: ...": the library's own sentence where it has one, which may or may
// not begin with the path.
std::string sentence_of(const std::string& word, const std::string& path, const std::string& detail,
                        const Error& error);

// `text` without what would steer a terminal: control characters other than tab and line feed, and
// marks that turn the direction of writing, become \uXXXX as in JSON.
std::string safe_for_terminal(std::string_view text);

// Opens an archive or fails with a sentence.
struct OpenedArchive {
  Result<Archive> archive;
  ExitCode code = ExitCode::done;
};
OpenedArchive open_archive(Console& console, const std::string& path);

}  // namespace nf
