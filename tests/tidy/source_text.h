// Source text as the rules see it: files of the tree, and code without comments, strings and
// preprocessor lines.
//
// Plain functions, any thread; the caller owns all memory. This is no parser: it knows as much of
// C++ as the rules need, and the self-tests say what that is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nf::tidy {

struct SourceFile {
  std::string path;  // from the root of the tree, with '/'
  std::string text;
};

// Every file of the tree but build/ and what starts with a dot; ascending by path. The text of a
// binary file is left empty.
std::vector<SourceFile> read_tree(const std::string& root);

bool has_ending(std::string_view path, std::string_view ending);
bool is_header(const SourceFile& file);
bool is_code(const SourceFile& file);  // .h or .cpp

std::vector<std::string_view> lines_of(std::string_view text);

// The same text with the inside of comments, string and character literals replaced by blanks; line
// breaks stay, so that a line number means the same in both.
std::string without_comments_and_strings(std::string_view text);
// Likewise for preprocessor lines and what they continue on; expects the above.
std::string without_directives(std::string_view text);

struct Include {
  std::string path;
  bool quoted = false;  // "path" rather than <path>
  std::size_t line = 0;
};
std::vector<Include> includes_of(std::string_view text);

struct Function {
  std::size_t first_line = 0;  // where its declaration starts
  std::size_t last_line = 0;   // its closing brace
};
// Function definitions outside other functions, members and test cases included.
std::vector<Function> functions_of(std::string_view text);

}  // namespace nf::tidy
