#include "tests/tidy/source_text.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace nf::tidy {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_blank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// Replaces [from, to) by blanks and keeps the line breaks.
void blank_out(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to && i < text.size(); ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

// The position behind a literal that starts at `quote`.
std::size_t literal_end(std::string_view text, std::size_t quote) {
  for (std::size_t i = quote + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == text[quote] || text[i] == '\n')
      return i + 1;
  }
  return text.size();
}

// The position behind R"tag(...)tag" whose quote is at `quote`.
std::size_t raw_literal_end(std::string_view text, std::size_t quote) {
  const std::size_t open = text.find('(', quote);
  if (open == std::string_view::npos) return text.size();
  const std::string close = ")" + std::string(text.substr(quote + 1, open - quote - 1)) + "\"";
  const std::size_t end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

// True if the ' at `at` groups digits, as in 1'000.
bool groups_digits(std::string_view text, std::size_t at) {
  return at > 0 && at + 1 < text.size() &&
         std::isxdigit(static_cast<unsigned char>(text[at - 1])) != 0 &&
         std::isxdigit(static_cast<unsigned char>(text[at + 1])) != 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// What stands before a brace decides what the brace opens.
enum class Opens { scope, function, value };

// Cuts `template <...>` and access labels off the front.
std::string_view without_prefixes(std::string_view head) {
  for (;;) {
    head = trimmed(head);
    if (head.starts_with("template")) {
      std::size_t i = head.find('<');
      if (i == std::string_view::npos) return head;
      int depth = 0;
      for (; i < head.size(); ++i) {
        if (head[i] == '<') ++depth;
        if (head[i] == '>' && --depth == 0) break;
      }
      head.remove_prefix(std::min(i + 1, head.size()));
      continue;
    }
    bool cut = false;
    for (std::string_view label : {"public:", "private:", "protected:"}) {
      if (head.starts_with(label)) {
        head.remove_prefix(label.size());
        cut = true;
      }
    }
    if (!cut) return head;
  }
}

Opens what_opens(std::string_view whole_head) {
  std::string_view head = without_prefixes(whole_head);
  if (head.empty() || head.ends_with('=')) return head.empty() ? Opens::scope : Opens::value;
  std::string_view first = head;
  for (bool again = true; again;) {
    again = false;
    for (std::string_view word : {"inline ", "static ", "typedef ", "constexpr ", "const "}) {
      if (first.starts_with(word)) {
        first = trimmed(first.substr(word.size()));
        again = true;
      }
    }
  }
  for (std::string_view word : {"namespace", "extern", "class", "struct", "union", "enum"}) {
    if (first.starts_with(word) && (first.size() == word.size() || !is_word(first[word.size()]))) {
      // `struct Point f() {` is a function; `struct alignas(8) Point {` is not.
      const bool call =
          first.ends_with(')') || first.ends_with("const") || first.ends_with("noexcept");
      if (!call) return Opens::scope;
    }
  }
  return head.find('(') != std::string_view::npos ? Opens::function : Opens::value;
}

std::size_t matching_brace(std::string_view code, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < code.size(); ++i) {
    if (code[i] == '{') ++depth;
    if (code[i] == '}' && --depth == 0) return i;
  }
  return code.size() - 1;
}

}  // namespace

bool has_ending(std::string_view path, std::string_view ending) {
  return path.ends_with(ending);
}
bool is_header(const SourceFile& file) {
  return has_ending(file.path, ".h");
}
bool is_code(const SourceFile& file) {
  return is_header(file) || has_ending(file.path, ".cpp");
}

std::vector<SourceFile> read_tree(const std::string& root) {
  namespace fs = std::filesystem;
  std::vector<SourceFile> files;
  for (fs::recursive_directory_iterator at(root), end; at != end; ++at) {
    const std::string name = at->path().filename().string();
    if (at->is_directory() && (name == "build" || name.starts_with('.'))) {
      at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file() || name.starts_with('.')) continue;
    std::ifstream in(at->path(), std::ios::binary);
    SourceFile file{.path = fs::relative(at->path(), root).generic_string(), .text = {}};
    file.text.assign(std::istreambuf_iterator<char>(in), {});
    if (file.text.find('\0') != std::string::npos) file.text.clear();
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string without_comments_and_strings(std::string_view text) {
  std::string code(text);
  for (std::size_t i = 0; i < code.size();) {
    std::size_t end = i + 1;
    if (code.compare(i, 2, "//") == 0) {
      end = std::min(text.find('\n', i), code.size());
      blank_out(code, i, end);
    } else if (code.compare(i, 2, "/*") == 0) {
      const std::size_t close = text.find("*/", i + 2);
      end = close == std::string_view::npos ? code.size() : close + 2;
      blank_out(code, i, end);
    } else if (code[i] == '"' && i > 0 && code[i - 1] == 'R') {
      end = raw_literal_end(text, i);
      blank_out(code, i + 1, end - 1);
    } else if (code[i] == '"' || (code[i] == '\'' && !groups_digits(text, i))) {
      end = literal_end(text, i);
      blank_out(code, i + 1, end - 1);
    }
    i = end;
  }
  return code;
}

std::string without_directives(std::string_view text) {
  std::string code(text);
  bool continued = false;
  std::size_t at = 0;
  for (std::string_view line : lines_of(text)) {
    const bool directive = continued || trimmed(line).starts_with('#');
    continued = directive && line.ends_with('\\');
    if (directive) blank_out(code, at, at + line.size());
    at += line.size() + 1;
  }
  return code;
}

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> includes;
  std::size_t number = 0;
  for (std::string_view line : lines_of(text)) {
    ++number;
    line = trimmed(line);
    if (!line.starts_with('#')) continue;
    line = trimmed(line.substr(1));
    if (!line.starts_with("include")) continue;
    line = trimmed(line.substr(7));
    if (line.empty() || (line.front() != '"' && line.front() != '<')) continue;
    const std::size_t end = line.find(line.front() == '"' ? '"' : '>', 1);
    if (end == std::string_view::npos) continue;
    includes.push_back({std::string(line.substr(1, end - 1)), line.front() == '"', number});
  }
  return includes;
}

std::vector<Function> functions_of(std::string_view text) {
  const std::string code = without_directives(without_comments_and_strings(text));
  std::vector<Function> functions;
  std::size_t head = 0;  // where the declaration that may come to own a brace starts
  int parentheses = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '(') ++parentheses;
    if (c == ')') --parentheses;
    if (parentheses > 0) continue;
    if (c == ';' || c == '}') head = i + 1;
    if (c != '{') continue;
    const Opens opens = what_opens(std::string_view(code).substr(head, i - head));
    if (opens == Opens::scope) {
      head = i + 1;
      continue;
    }
    const std::size_t close = matching_brace(code, i);
    std::size_t next = close + 1;
    while (next < code.size() && is_blank(code[next])) ++next;
    // `member_{1}, other_{2} {`: still before the body.
    const bool member_initializer = next < code.size() && (code[next] == ',' || code[next] == '{');
    i = close;
    if (opens == Opens::value || member_initializer) continue;
    while (is_blank(code[head])) ++head;
    const auto line_at = [&](std::size_t at) {
      return static_cast<std::size_t>(
                 std::count(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
             1;
    };
    functions.push_back({line_at(head), line_at(close)});
    head = close + 1;
  }
  return functions;
}

}  // namespace nf::tidy
