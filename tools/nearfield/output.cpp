#include "tools/nearfield/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <nlohmann/json.hpp>

#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/output_file.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

constexpr std::size_t kBufferMax = 256u << 10;

int write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

void write_line_to_stderr(std::string_view sentence) {
  std::string line =
      isatty(STDERR_FILENO) == 1 ? safe_for_terminal(sentence) : std::string(sentence);
  line += '\n';
  write_all(STDERR_FILENO, std::as_bytes(std::span(line)));
}

bool steers_terminal(unsigned character) {
  if (character < 0x20) return character != '\t' && character != '\n';
  return (character >= 0x7F && character <= 0x9F) || character == 0x061C || character == 0x200E ||
         character == 0x200F || (character >= 0x202A && character <= 0x202E) ||
         (character >= 0x2066 && character <= 0x2069);
}

// Columns count characters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Twelve digits hold more than was ever measured, and leave out what binary fractions add.
void round_numbers(nlohmann::ordered_json& value) {
  if (value.is_number_float()) {
    value = std::strtod(text_of("%.12g", value.get<double>()).c_str(), nullptr);
  }
  if (!value.is_structured()) return;
  for (nlohmann::ordered_json& part : value) round_numbers(part);
}

const char* subject_word(Subject kind) {
  switch (kind) {
    case Subject::none: return "";
    case Subject::container: return "container";
    case Subject::asset: return "asset";
    case Subject::chunk: return "chunk";
    case Subject::table: return "table";
    case Subject::field: return "field";
    case Subject::line: return "line";
    case Subject::file: return "file";
    case Subject::gate: return "gate";
  }
  return "";
}

}  // namespace

bool Console::is_terminal() {
  if (!terminal_) terminal_ = isatty(STDOUT_FILENO) == 1;
  return *terminal_;
}

void Console::print(std::string_view text) {
  if (is_terminal()) {
    const std::string safe = safe_for_terminal(text);
    write(std::as_bytes(std::span(safe)));
  } else {
    write(std::as_bytes(std::span(text)));
  }
}

void Console::write(std::span<const std::byte> bytes) {
  printed_ = true;
  if (bytes.size() >= kBufferMax) {
    flush();
    if (write_error_ == 0) write_error_ = write_all(STDOUT_FILENO, bytes);
    return;
  }
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (buffer_.size() >= kBufferMax) flush();
}

void Console::print_json(const nlohmann::ordered_json& document) {
  print(json_text(document));
}

void Console::note(std::string_view sentence) {
  if (shows_progress() && isatty(STDERR_FILENO) == 1) write_line_to_stderr(sentence);
}

void Console::remark(std::string_view sentence) {
  if (!options_.quiet) write_line_to_stderr("nearfield: " + std::string(sentence));
}

void Console::complain(std::string_view sentence) {
  write_line_to_stderr("nearfield: " + std::string(sentence));
}

ExitCode Console::fail(ExitCode code, std::string_view sentence) {
  return fail_as_said(code, "nearfield: " + std::string(sentence));
}

ExitCode Console::fail_as_said(ExitCode code, std::string_view sentence) {
  write_line_to_stderr(sentence);
  constexpr std::string_view kPrefix = "nearfield: ";
  if (sentence.starts_with(kPrefix)) sentence.remove_prefix(kPrefix.size());
  if (options_.json && !printed_) {
    print_json({{"error", sentence}, {"exit_code", static_cast<int>(code)}});
  }
  return code;
}

ExitCode Console::fail(const Error& error, std::string_view sentence) {
  return fail(exit_code_of(error), sentence);
}

void Console::flush() {
  if (write_error_ == 0) write_error_ = write_all(STDOUT_FILENO, std::as_bytes(std::span(buffer_)));
  buffer_.clear();
}

bool Console::pipe_closed() const {
  return write_error_ == EPIPE;
}

ExitCode Console::finish(ExitCode code) {
  flush();
  if (write_error_ == 0 || write_error_ == EPIPE) return code;
  write_line_to_stderr(std::string("nearfield: standard output: ") + std::strerror(write_error_));
  return ExitCode::machine_refused;
}

std::string json_text(const nlohmann::ordered_json& given) {
  nlohmann::ordered_json document = given;
  round_numbers(document);
  // Paths given by the user may be any bytes; names in an archive are UTF-8.
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const std::vector<std::string>& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - width_of(row[i]), ' ');
      line += i == 0 ? row[i] + gap : "  " + gap + row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string safe_for_terminal(std::string_view text) {
  std::string safe;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto unit = [&](std::size_t ahead) {
      return i + ahead < text.size() ? static_cast<unsigned char>(text[i + ahead]) : 0u;
    };
    const auto continues = [&](std::size_t ahead) { return (unit(ahead) & 0xC0u) == 0x80u; };
    // The characters in question have one, two or three bytes in UTF-8; others are let through.
    unsigned character = unit(0) < 0x80 ? unit(0) : ' ';
    std::size_t bytes = 1;
    if ((unit(0) == 0xC2 || unit(0) == 0xD8) && continues(1)) {
      character = (unit(0) & 0x1Fu) << 6 | (unit(1) & 0x3Fu);
      bytes = 2;
    } else if (unit(0) == 0xE2 && continues(1) && continues(2)) {
      character = (unit(0) & 0x0Fu) << 12 | (unit(1) & 0x3Fu) << 6 | (unit(2) & 0x3Fu);
      bytes = 3;
    }
    if (!steers_terminal(character)) {
      safe += text[i];
      continue;
    }
    safe += text_of("\\u%04x", character);
    i += bytes - 1;
  }
  return safe;
}

std::string sentence_of(const std::string& word, const std::string& path, const std::string& detail,
                        const Error& error) {
  if (detail.empty()) return word + " " + path + ": " + cause_of(error);
  std::string text = word + " " + (detail.starts_with(path) ? detail : path + ": " + detail);
  const std::string reason = error.os_error != 0 ? std::strerror(error.os_error) : "";
  if (text.find(reason) == std::string::npos) text += " (" + reason + ")";
  return text;
}

std::string cause_of(const Error& error) {
  std::string text = error_text(error.code);
  // The number of a file means nothing to who reads its name in the same sentence.
  if (error.subject_kind != Subject::none && error.subject_kind != Subject::file) {
    text +=
        std::string(": ") + subject_word(error.subject_kind) + " " + std::to_string(error.subject);
  }
  if (error.at != 0) text += " at offset " + std::to_string(error.at);
  if (error.os_error != 0) text += std::string(" (") + std::strerror(error.os_error) + ")";
  return text;
}

OpenedArchive open_archive(Console& console, const std::string& path) {
  OpenedArchive opened{.archive = Archive::open(path.c_str())};
  if (!opened.archive && is_folder(path)) {
    opened.code = console.fail(ExitCode::wrong_use,
                               "archive " + path +
                                   ": is a folder; an archive is a file, which `nearfield pack` "
                                   "makes of a folder");
    return opened;
  }
  if (!opened.archive) {
    const Error& error = opened.archive.error();
    opened.code = console.fail(error, describe_open_error(path.c_str(), error));
  }
  return opened;
}

}  // namespace nf
