// The rules of the source, each a function: files in, findings out. ARCHITECTURE.md gives the
// reasons.
//
// Plain functions, any thread. tidy_test.cpp runs them over the tree, source_rules_test.cpp over
// snippets that break them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source_text.h"

namespace nf::tidy {

struct Finding {
  std::string path;
  std::size_t line = 0;  // 0: the whole file
  std::string what;
};
using Findings = std::vector<Finding>;

inline constexpr std::size_t kFileLinesMax = 500;
inline constexpr std::size_t kPublicHeaderLinesMax = 250;
inline constexpr std::size_t kFunctionLinesMax = 60;
inline constexpr std::size_t kLineColumnsMax = 100;

// The room of a source file ("core/io"), or of what an #include names; empty for what is no room's.
std::string room_of(std::string_view path);
// The step of a room in the order of includes; -1 for an unknown one.
int step_of(std::string_view room);

Findings check_order_of_includes(const SourceFile& file);
Findings check_lengths(const SourceFile& file);  // of the file and its lines
Findings check_function_lengths(const SourceFile& file);
Findings check_header_comment(const SourceFile& file);
Findings check_public_header(const SourceFile& file);  // what it may include
Findings check_threads(const SourceFile& file);        // where threads, locks and atomics may be
Findings check_exceptions(const SourceFile& file);     // none thrown in core and formats
Findings check_open_ends(const SourceFile& file);      // notes to self, paths of a machine

// `architecture` names each room in backticks at the start of a table row; `files` is the tree.
Findings check_rooms_named(std::string_view architecture, const std::vector<SourceFile>& files);

}  // namespace nf::tidy
