#include "formats/import/stg.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace nf {

namespace {

struct Keyword {
  std::string_view word;
  StgKind kind;
  bool placed;  // four numbers follow the name
};

constexpr std::array kKeywords = {
    Keyword{"OBJECT_BASE", StgKind::base, false},
    Keyword{"OBJECT", StgKind::terrain, false},
    Keyword{"OBJECT_STATIC", StgKind::fixed, true},
    Keyword{"OBJECT_STATIC_AGL", StgKind::fixed, true},
    Keyword{"OBJECT_SHARED", StgKind::shared_model, true},
    Keyword{"OBJECT_SHARED_AGL", StgKind::shared_model, true},
    Keyword{"OBJECT_SIGN", StgKind::sign, true},
    Keyword{"OBJECT_SIGN_AGL", StgKind::sign, true},
    Keyword{"OBJECT_RUNWAY_SIGN", StgKind::sign, true},
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

// Cuts the next word off the front; empty at the end of the line.
std::string_view next_word(std::string_view& line) {
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  std::size_t end = 0;
  while (end < line.size() && !is_space(line[end])) ++end;
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

bool next_number(std::string_view& line, double& number) {
  std::string_view word = next_word(line);
  if (!word.empty() && word.front() == '+') word.remove_prefix(1);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size() && std::isfinite(number);
}

bool read_fields(std::string_view rest, bool placed, StgLine& line) {
  line.name = next_word(rest);
  if (line.name.empty()) return false;
  if (!placed) return true;
  return next_number(rest, line.longitude) && next_number(rest, line.latitude) &&
         next_number(rest, line.elevation_m) && next_number(rest, line.heading_deg) &&
         std::fabs(line.longitude) <= 360 && std::fabs(line.latitude) <= 90;
}

}  // namespace

Result<Stg> parse_stg(std::string_view text) {
  Stg stg;
  std::uint32_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view rest = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (number > kStgLinesMax) return Error{.code = ErrorCode::limit_exceeded};
    const std::string_view word = next_word(rest);
    if (word.empty() || word.front() == '#') continue;
    const auto known = std::find_if(kKeywords.begin(), kKeywords.end(),
                                    [&](const Keyword& keyword) { return keyword.word == word; });
    if (known == kKeywords.end()) {
      ++stg.passed_over;
      continue;
    }
    StgLine line{.kind = known->kind, .line = number, .name = {}};
    if (!read_fields(rest, known->placed, line))
      return Error{
          .code = ErrorCode::source_malformed, .subject_kind = Subject::line, .subject = number};
    stg.lines.push_back(std::move(line));
  }
  return stg;
}

}  // namespace nf
