#include "tests/tidy/source_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace nf::tidy {
namespace {

struct Step {
  std::string_view room;
  int step;
};

// A file includes only from lower steps and from its own room; rooms on one step never include each
// other. The public headers are contracts, not rooms: the words and the Device stand below
// everything, what an engine says to the Streamer just below the rooms that carry it out.
constexpr std::array kSteps = {
    Step{"core/include", 0},   Step{"core/base", 1},       Step{"core/io", 2},
    Step{"core/codec", 2},     Step{"core/world", 2},      Step{"core/predict", 3},
    Step{"core/entity", 3},    Step{"core/interest", 4},   Step{"streamer.h", 5},
    Step{"core/residency", 6}, Step{"core/schedule", 7},   Step{"core/stream", 8},
    Step{"core/mesh", 8},      Step{"formats/wire", 9},    Step{"formats/archive", 10},
    Step{"formats/model", 10}, Step{"formats/trace", 10},  Step{"formats/state", 10},
    Step{"formats/pack", 11},  Step{"formats/import", 12}, Step{"tools", 13},
    Step{"tests", 14},         Step{"bench", 15},
};

struct PublicHeader {
  std::string_view name;
  std::string_view room;
};
constexpr std::array kPublicHeaders = {
    PublicHeader{"nearfield/types.h", "core/include"},
    PublicHeader{"nearfield/result.h", "core/include"},
    PublicHeader{"nearfield/device.h", "core/include"},
    PublicHeader{"nearfield/job_system.h", "core/include"},
    PublicHeader{"nearfield/streamer.h", "streamer.h"},
    PublicHeader{"nearfield/streamer_options.h", "streamer.h"},
    PublicHeader{"nearfield/observer.h", "core/include"},
    PublicHeader{"nearfield/frame_events.h", "core/include"},
    PublicHeader{"nearfield/gate.h", "core/include"},
    PublicHeader{"nearfield/container.h", "core/include"},
    PublicHeader{"nearfield/pin.h", "streamer.h"},
    PublicHeader{"nearfield/runtime.h", "streamer.h"},
    PublicHeader{"nearfield/archive.h", "formats/archive"},
    PublicHeader{"nearfield/read_window.h", "formats/archive"},
    PublicHeader{"nearfield/nearfield.h", "formats/archive"},
};

// What a public header of core may include beside <nearfield/...>: nothing that costs a build much.
constexpr std::array<std::string_view, 12> kCheapHeaders = {
    "algorithm", "array", "bit",     "compare",     "cstddef",     "cstdint",
    "limits",    "span",  "utility", "string_view", "type_traits", "variant"};
// Those of formats are included once, by tools and by an engine's start-up code: they may own
// things.
constexpr std::array<std::string_view, 5> kOwningHeaders = {"memory", "string", "vector",
                                                            "optional", "functional"};

constexpr std::array<std::string_view, 11> kThreadHeaders = {
    "thread", "mutex",     "shared_mutex", "atomic",     "condition_variable", "future",
    "latch",  "semaphore", "barrier",      "stop_token", "pthread.h"};
constexpr std::array<std::string_view, 7> kThreadWords = {
    "std::thread",       "std::jthread", "std::mutex", "std::atomic",
    "std::shared_mutex", "std::async",   "pthread_"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_public_header(std::string_view path) {
  return path.starts_with("core/include/") || path.starts_with("formats/include/");
}

// Calls `report(line number)` for every line of the code that holds `word`.
template <class Report>
void for_lines_with(std::string_view text, std::string_view word, const Report& report) {
  std::size_t number = 0;
  for (std::string_view line : lines_of(text)) {
    ++number;
    if (line.find(word) != std::string_view::npos) report(number);
  }
}

std::string room_of_include(const Include& include) {
  for (const PublicHeader& header : kPublicHeaders) {
    if (include.path == header.name) return std::string(header.room);
  }
  return include.quoted ? room_of(include.path) : std::string();
}

}  // namespace

std::string room_of(std::string_view path) {
  for (const PublicHeader& header : kPublicHeaders) {
    if (is_public_header(path) && has_ending(path, header.name)) return std::string(header.room);
  }
  // Benchmarks stand above the tests, so their own tests stand with them.
  if (path.starts_with("tests/unit/bench/")) return "bench";
  for (std::string_view top : {"tools/", "bench/", "tests/"}) {
    if (path.starts_with(top)) return std::string(top.substr(0, top.size() - 1));
  }
  const std::size_t first = path.find('/');
  const std::size_t second = first == std::string_view::npos ? first : path.find('/', first + 1);
  if (second == std::string_view::npos) return {};
  return std::string(path.substr(0, second));
}

int step_of(std::string_view room) {
  for (const Step& step : kSteps) {
    if (step.room == room) return step.step;
  }
  return -1;
}

Findings check_order_of_includes(const SourceFile& file) {
  Findings findings;
  const std::string from = room_of(file.path);
  const int from_step = step_of(from);
  if (from_step < 0) {
    findings.push_back({file.path, 0, "is in no room of the order of includes"});
    return findings;
  }
  for (const Include& include : includes_of(file.text)) {
    const std::string to = room_of_include(include);
    if (to.empty() && !include.quoted) {
      if (include.path.starts_with("nearfield/")) {
        findings.push_back({file.path, include.line, include.path + " is no known public header"});
      }
      continue;
    }
    if (to == from) continue;
    const int to_step = step_of(to);
    if (to_step < 0) {
      findings.push_back(
          {file.path, include.line,
           "include \"" + include.path + "\" by its path from the root of the tree"});
    } else if (to_step >= from_step) {
      findings.push_back({file.path, include.line, from + " must not include from " + to});
    }
  }
  return findings;
}

Findings check_lengths(const SourceFile& file) {
  Findings findings;
  const std::vector<std::string_view> lines = lines_of(file.text);
  const std::size_t limit = is_public_header(file.path) ? kPublicHeaderLinesMax : kFileLinesMax;
  if (lines.size() > limit) {
    findings.push_back(
        {file.path, 0,
         std::to_string(lines.size()) + " lines, the limit is " + std::to_string(limit)});
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    // UTF-8 continuation bytes take no column.
    const auto columns =
        static_cast<std::size_t>(std::count_if(lines[i].begin(), lines[i].end(), [](char c) {
          return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        }));
    if (columns > kLineColumnsMax) {
      findings.push_back({file.path, i + 1, std::to_string(columns) + " columns"});
    }
  }
  return findings;
}

Findings check_function_lengths(const SourceFile& file) {
  Findings findings;
  for (const Function& function : functions_of(file.text)) {
    const std::size_t length = function.last_line - function.first_line + 1;
    if (length > kFunctionLinesMax) {
      findings.push_back(
          {file.path, function.first_line, "a function of " + std::to_string(length) + " lines"});
    }
  }
  return findings;
}

Findings check_header_comment(const SourceFile& file) {
  if (!is_header(file)) return {};
  std::size_t comment_lines = 0;
  bool only_includes = true;
  bool at_top = true;
  for (std::string_view line : lines_of(file.text)) {
    const bool comment = line.starts_with("//");
    at_top = at_top && comment;
    if (at_top) ++comment_lines;
    only_includes = only_includes && (comment || line.empty() || line.starts_with('#'));
  }
  // A header that only gathers others says so in one line.
  const std::size_t least = only_includes ? 1 : 2;
  if (comment_lines >= least) return {};
  return {
      {file.path, 1, "opens with 2 lines of comment or more: what, which thread, whose memory"}};
}

Findings check_public_header(const SourceFile& file) {
  if (!is_public_header(file.path)) return {};
  Findings findings;
  const bool core = file.path.starts_with("core/");
  for (const Include& include : includes_of(file.text)) {
    const bool allowed = !include.quoted && (include.path.starts_with("nearfield/") ||
                                             is_one_of(include.path, kCheapHeaders) ||
                                             (!core && is_one_of(include.path, kOwningHeaders)));
    if (!allowed) {
      findings.push_back(
          {file.path, include.line, "a public header must not include " + include.path});
    }
  }
  return findings;
}

Findings check_threads(const SourceFile& file) {
  const bool restricted = file.path.starts_with("core/") && !file.path.starts_with("core/io/") &&
                          !file.path.starts_with("core/codec/") &&
                          file.path != "core/base/bounded_queue.h";
  if (!restricted) return {};
  Findings findings;
  for (const Include& include : includes_of(file.text)) {
    if (is_one_of(include.path, kThreadHeaders)) {
      findings.push_back(
          {file.path, include.line, "<" + include.path + "> is for core/io and core/codec"});
    }
  }
  const std::string code = without_comments_and_strings(file.text);
  for (std::string_view word : kThreadWords) {
    for_lines_with(code, word, [&](std::size_t line) {
      findings.push_back({file.path, line, std::string(word) + " is for core/io and core/codec"});
    });
  }
  return findings;
}

Findings check_exceptions(const SourceFile& file) {
  if (!file.path.starts_with("core/") && !file.path.starts_with("formats/")) return {};
  Findings findings;
  for_lines_with(without_comments_and_strings(file.text), "throw ", [&](std::size_t line) {
    findings.push_back({file.path, line, "throws: return an Error"});
  });
  return findings;
}

Findings check_open_ends(const SourceFile& file) {
  Findings findings;
  // Put together here, so that this file does not find itself.
  const std::array<std::string, 8> words = {
      std::string("TO") + "DO",    std::string("FIX") + "ME",  std::string("XX") + "X:",
      std::string("/wo") + "rk/",  std::string("/ro") + "ot/", std::string("/ho") + "me/",
      std::string("\"/t") + "mp/", std::string("/U") + "sers/"};
  for (const std::string& word : words) {
    for_lines_with(file.text, word, [&](std::size_t line) {
      findings.push_back({file.path, line, "holds " + word});
    });
  }
  return findings;
}

Findings check_rooms_named(std::string_view architecture, const std::vector<SourceFile>& files) {
  std::set<std::string> named;
  for (std::string_view line : lines_of(architecture)) {
    if (!line.starts_with("| `")) continue;
    const std::size_t end = line.find('`', 3);
    const std::string room(line.substr(3, end == std::string_view::npos ? end : end - 3));
    if (room.ends_with('/')) named.insert(room);
  }
  std::set<std::string> real;
  for (const SourceFile& file : files) {
    const std::size_t first = file.path.find('/');
    if (first == std::string::npos) continue;
    const std::size_t second = file.path.find('/', first + 1);
    const std::string top = file.path.substr(0, first + 1);
    real.insert(second == std::string::npos ? top : file.path.substr(0, second + 1));
  }
  Findings findings;
  for (const std::string& room : named) {
    const bool exists = std::any_of(real.begin(), real.end(), [&](const std::string& folder) {
      return folder.starts_with(room);
    });
    if (!exists)
      findings.push_back({"ARCHITECTURE.md", 0, "names " + room + ", which does not exist"});
  }
  for (const std::string& folder : real) {
    const std::string top = folder.substr(0, folder.find('/') + 1);
    if (folder != top && !named.contains(folder)) {
      findings.push_back({folder, 0, "is not named in ARCHITECTURE.md"});
    }
  }
  return findings;
}

}  // namespace nf::tidy
