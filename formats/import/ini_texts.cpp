#include "formats/import/ini_texts.h"

#include <algorithm>

namespace nf {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool begins_comment(char c) {
  return c == ';' || c == '#';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (begins_comment(line[i]) && (i == 0 || is_space(line[i - 1]))) return line.substr(0, i);
  }
  return line;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// False if the line is none of what a line may be. `line` has no comment and no spaces around it.
bool take_line(std::string_view line, std::uint32_t number, std::vector<IniSection>& sections) {
  if (line.front() == '[') {
    if (line.size() < 3 || line.back() != ']') return false;
    sections.push_back({.name = std::string(trimmed(line.substr(1, line.size() - 2))),
                        .line = number,
                        .entries = {}});
    return true;
  }
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || sections.empty()) return false;
  const std::string_view key = trimmed(line.substr(0, equals));
  if (key.empty()) return false;
  sections.back().entries.push_back({.key = lower_case(key),
                                     .value = std::string(trimmed(line.substr(equals + 1))),
                                     .line = number});
  return true;
}

}  // namespace

const IniEntry* IniSection::find(std::string_view key) const {
  const auto found = std::find_if(entries.rbegin(), entries.rend(),
                                  [&](const IniEntry& entry) { return entry.key == key; });
  return found == entries.rend() ? nullptr : &*found;
}

Result<std::vector<IniSection>> parse_ini(std::string_view text) {
  std::vector<IniSection> sections;
  std::uint32_t number = 0;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(without_comment(trimmed(text.substr(0, end))));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (number > kIniLinesMax) {
      return Error{
          .code = ErrorCode::limit_exceeded, .subject_kind = Subject::line, .subject = number};
    }
    if (!line.empty() && !take_line(line, number, sections)) {
      return Error{
          .code = ErrorCode::source_malformed, .subject_kind = Subject::line, .subject = number};
    }
  }
  return sections;
}

}  // namespace nf
