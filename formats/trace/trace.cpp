#include "formats/trace/trace.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>

namespace nf {
namespace {

constexpr std::size_t kColumns = 4;
constexpr std::size_t kLineSizeMax = 1024;
// As much as the largest number of points takes at a generous 80 bytes a line.
constexpr std::size_t kTraceSizeMax = kTracePointsMax * 80;
constexpr double kSecondsMax = 4e9;      // what fits nanoseconds in 63 bits, with room
constexpr double kCoordinateMax = 1e18;  // metres, as in an archive

Error at_line(ErrorCode code, std::size_t line) {
  constexpr std::size_t line_max = std::numeric_limits<std::uint32_t>::max();
  return {.code = code,
          .subject_kind = Subject::line,
          .subject = static_cast<std::uint32_t>(std::min(line, line_max))};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// All of `text` is one finite number.
bool parse_number(std::string_view text, double& number) {
  const std::string_view digits = trimmed(text);
  if (digits.empty()) return false;
  const char* const begin = &digits.front();
  const char* const end = begin + digits.size();
  const auto [rest, code] = std::from_chars(begin, end, number);
  return code == std::errc{} && rest == end && std::isfinite(number);
}

struct Columns {
  std::array<std::string_view, kColumns> text;
  std::size_t count = 0;  // kColumns + 1 for any number above
};

Columns split(std::string_view line) {
  Columns columns;
  for (;;) {
    const std::size_t comma = line.find(',');
    if (columns.count < kColumns) columns.text[columns.count] = line.substr(0, comma);
    ++columns.count;
    if (comma == std::string_view::npos || columns.count > kColumns) return columns;
    line.remove_prefix(comma + 1);
  }
}

ErrorCode parse_point(std::string_view line, TracePoint& point) {
  if (line.size() > kLineSizeMax) return ErrorCode::limit_exceeded;
  const Columns columns = split(line);
  if (columns.count != kColumns) return ErrorCode::source_malformed;
  std::array<double, kColumns> numbers{};
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (!parse_number(columns.text[i], numbers[i])) return ErrorCode::source_malformed;
    if (std::abs(numbers[i]) > (i == 0 ? kSecondsMax : kCoordinateMax)) {
      return ErrorCode::field_out_of_range;
    }
  }
  point = {.seconds = numbers[0], .position = {numbers[1], numbers[2], numbers[3]}};
  return ErrorCode::ok;
}

// None of its columns is a number, not even one that a point may not have, such as "nan".
bool is_heading(std::string_view line) {
  if (line.empty() || line.size() > kLineSizeMax) return false;
  const Columns columns = split(line);
  if (columns.count != kColumns) return false;
  for (const std::string_view column : columns.text) {
    const std::string_view text = trimmed(column);
    double number = 0;
    const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || rest != text.data()) return false;
  }
  return true;
}

// Cuts the first line off `text`, without its LF or CR LF.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error os_failure(ErrorCode code) {
  return {
      .code = code, .os_error = static_cast<std::uint8_t>(errno), .subject_kind = Subject::file};
}

}  // namespace

Result<std::vector<TracePoint>> parse_trace(std::string_view text) {
  if (text.size() > kTraceSizeMax) return Error{.code = ErrorCode::limit_exceeded};
  std::vector<TracePoint> trace;
  // Lines are counted first, so that what is allocated is what is needed.
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  trace.reserve(std::min({lines, kTracePointsMax, text.size() / 8 + 1}));
  // Editors and scripts leave blank lines at the end; between points they mean a broken file.
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    TracePoint point;
    const ErrorCode code = parse_point(line, point);
    if (code != ErrorCode::ok) {
      if (number == 1 && is_heading(line)) continue;
      return at_line(code, number);
    }
    if (!trace.empty() && point.seconds <= trace.back().seconds) {
      return at_line(ErrorCode::order_wrong, number);
    }
    if (trace.size() == kTracePointsMax) return at_line(ErrorCode::limit_exceeded, number);
    trace.push_back(point);
  }
  if (trace.empty()) return Error{.code = ErrorCode::source_malformed};
  return trace;
}

Result<std::vector<TracePoint>> read_trace(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return os_failure(ErrorCode::file_open_failed);
  // Read by pieces: a pipe has no size, and a size may change.
  constexpr std::size_t piece = std::size_t{1} << 20;
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + piece);
    const std::size_t got = std::fread(text.data() + before, 1, piece, file.get());
    text.resize(before + got);
    if (text.size() > kTraceSizeMax) return Error{.code = ErrorCode::limit_exceeded};
    if (got == piece) continue;
    if (std::ferror(file.get()) != 0) return os_failure(ErrorCode::file_read_failed);
    return parse_trace(text);
  }
}

TraceSample sample_trace(const std::vector<TracePoint>& trace, double seconds, std::size_t& hint) {
  if (trace.empty()) return {};
  if (!(seconds > trace.front().seconds)) {
    hint = 0;
    return {.position = trace.front().position, .velocity = {}};
  }
  if (seconds >= trace.back().seconds) {
    hint = trace.size() - 1;
    return {.position = trace.back().position, .velocity = {}};
  }
  // `hint` is the point before; time mostly goes on by less than a point.
  const auto holds = [&](std::size_t i) {
    return i < trace.size() - 1 && trace[i].seconds <= seconds && seconds < trace[i + 1].seconds;
  };
  if (!holds(hint)) ++hint;
  if (!holds(hint)) {
    const auto after = std::upper_bound(
        trace.begin(), trace.end(), seconds,
        [](double wanted, const TracePoint& point) { return wanted < point.seconds; });
    hint = static_cast<std::size_t>(after - trace.begin()) - 1;
  }
  const TracePoint& before = trace[hint];
  const TracePoint& after = trace[hint + 1];
  const double step = after.seconds - before.seconds;
  const double share = (seconds - before.seconds) / step;
  const WorldVector moved = after.position - before.position;
  return {
      .position = before.position + WorldVector{moved.x * share, moved.y * share, moved.z * share},
      .velocity = {moved.x / step, moved.y / step, moved.z / step}};
}

}  // namespace nf
