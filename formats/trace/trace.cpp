#include "formats/trace/trace.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>

namespace nf {
namespace {

constexpr std::size_t kColumns = 4;
constexpr std::size_t kLineSizeMax = 1024;
constexpr std::size_t kShownMax = 40;  // of a text that a sentence quotes
// As much as the largest number of points takes at a generous 80 bytes a line.
constexpr std::size_t kTraceSizeMax = kTracePointsMax * 80;
constexpr double kSecondsMax = 4e9;      // what fits nanoseconds in 63 bits, with room
constexpr double kCoordinateMax = 1e18;  // metres, as in an archive
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr std::array<std::string_view, kColumns> kNames = {"t_seconds", "x", "y", "z"};
constexpr std::array<std::string_view, 6> kTimeNames = {"t_seconds", "t",      "time",
                                                        "seconds",   "time_s", "t_s"};
// Times in these would be taken for seconds.
constexpr std::array<std::string_view, 5> kOtherUnits = {"_ms", "_us", "_ns", "millis", "frame"};

// columns[i] is the column of the file that holds kNames[i].
using Order = std::array<std::size_t, kColumns>;
constexpr Order kUsualOrder = {0, 1, 2, 3};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string quoted(std::string_view text) {
  std::string shown = "'";
  for (const char c : text.substr(0, kShownMax)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte >= 0x7F ? '?' : c;
  }
  return shown + (text.size() > kShownMax ? "...'" : "'");
}

struct Columns {
  std::array<std::string_view, kColumns> text;  // trimmed
  std::size_t count = 0;                        // kColumns + 1 for any number above
};

Columns split(std::string_view line) {
  Columns columns;
  for (;;) {
    const std::size_t comma = line.find(',');
    if (columns.count < kColumns) columns.text[columns.count] = trimmed(line.substr(0, comma));
    ++columns.count;
    if (comma == std::string_view::npos || columns.count > kColumns) return columns;
    line.remove_prefix(comma + 1);
  }
}

// What is wrong with a line: a code and the rest of the sentence that names the line.
struct Fault {
  ErrorCode code = ErrorCode::ok;
  std::string cause;
};

Fault column_fault(ErrorCode code, std::size_t column, std::size_t meaning, std::string cause) {
  return {code, "column " + std::to_string(column + 1) + " (" + std::string(kNames[meaning]) +
                    "): " + std::move(cause)};
}

Fault parse_point(std::string_view line, const Order& order, TracePoint& point) {
  if (line.size() > kLineSizeMax) {
    return {ErrorCode::limit_exceeded, "longer than " + std::to_string(kLineSizeMax) + " bytes"};
  }
  const Columns columns = split(line);
  if (columns.count != kColumns) {
    const std::string count =
        columns.count > kColumns ? "more than 4 columns" : "4 columns are needed";
    return {ErrorCode::source_malformed,
            count + ": t_seconds,x,y,z with commas between, not " + quoted(trimmed(line))};
  }
  std::array<double, kColumns> numbers{};
  for (std::size_t i = 0; i < kColumns; ++i) {
    const std::string_view text = columns.text[order[i]];
    const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), numbers[i]);
    const bool whole = !text.empty() && rest == text.data() + text.size();
    if (code != std::errc{} || !whole || !std::isfinite(numbers[i])) {
      return column_fault(
          ErrorCode::source_malformed, order[i], i,
          text.empty() ? "is empty, where a number is needed" : quoted(text) + " is not a number");
    }
    const double most = i == 0 ? kSecondsMax : kCoordinateMax;
    if (std::abs(numbers[i]) > most) {
      return column_fault(ErrorCode::field_out_of_range, order[i], i,
                          quoted(text) + (i == 0 ? " is more than 4e9 seconds from 0"
                                                 : " is more than 1e18 metres from 0"));
    }
  }
  point = {.seconds = numbers[0], .position = {numbers[1], numbers[2], numbers[3]}};
  return {};
}

// None of its columns is a number, not even one that a point may not have, such as "nan".
bool is_heading(std::string_view line) {
  if (line.size() > kLineSizeMax) return false;
  const Columns columns = split(line);
  if (columns.count != kColumns) return false;
  for (const std::string_view text : columns.text) {
    double number = 0;
    const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || rest != text.data()) return false;
  }
  return true;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (result.size() >= 2 && result.front() == '"' && result.back() == '"') {
    result = result.substr(1, result.size() - 2);
  }
  return result;
}

// Which of kNames a column's heading means.
std::optional<std::size_t> meaning_of(const std::string& name) {
  if (std::find(kTimeNames.begin(), kTimeNames.end(), name) != kTimeNames.end()) return 0;
  for (std::size_t i = 1; i < kColumns; ++i) {
    if (name == kNames[i]) return i;
  }
  return std::nullopt;
}

// Names that are known give the order; names that are not leave it as it usually is, which known
// ones must not contradict.
Fault read_heading(std::string_view line, Order& order) {
  const Columns columns = split(line);
  std::array<bool, kColumns> named{};
  Order found = kUsualOrder;
  std::size_t known = 0;
  bool usual = true;
  for (std::size_t i = 0; i < kColumns; ++i) {
    const std::string name = lower(columns.text[i]);
    for (const std::string_view unit : kOtherUnits) {
      if (!name.starts_with(unit) && !name.ends_with(unit)) continue;
      return {ErrorCode::source_malformed, "column " + std::to_string(i + 1) + " is headed " +
                                               quoted(columns.text[i]) +
                                               ", but times are taken as seconds"};
    }
    const std::optional<std::size_t> meaning = meaning_of(name);
    if (!meaning) continue;
    if (named[*meaning]) {
      return {ErrorCode::source_malformed, "two columns are headed " + quoted(columns.text[i])};
    }
    named[*meaning] = true;
    found[*meaning] = i;
    usual = usual && *meaning == i;
    ++known;
  }
  if (known == kColumns) order = found;
  if (known == kColumns || usual) return {};
  return {ErrorCode::source_malformed,
          "the heading " + quoted(trimmed(line)) +
              " has known columns in another order than t_seconds,x,y,z; name all four, in any "
              "order"};
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

Error os_failure(ErrorCode code, std::string& detail) {
  const int number = errno;
  detail = std::strerror(number);
  return {
      .code = code, .os_error = static_cast<std::uint8_t>(number), .subject_kind = Subject::file};
}

// Reads line by line; what it refuses, it names.
class TraceReader {
 public:
  explicit TraceReader(std::string& detail) : detail_(detail) {}

  Result<std::vector<TracePoint>> read(std::string_view text);

 private:
  Error refuse(std::size_t line, Fault fault) {
    constexpr std::size_t line_max = std::numeric_limits<std::uint32_t>::max();
    detail_ = "line " + std::to_string(line) + ": " + fault.cause;
    return {.code = fault.code,
            .subject_kind = Subject::line,
            .subject = static_cast<std::uint32_t>(std::min(line, line_max))};
  }
  Error refuse_all(ErrorCode code, std::string cause) {
    detail_ = std::move(cause);
    return {.code = code};
  }
  Fault take(std::string_view line);

  std::string& detail_;
  std::vector<TracePoint> trace_;
  Order order_ = kUsualOrder;
  bool begun_ = false;  // a heading or a point was read
};

Fault TraceReader::take(std::string_view line) {
  const bool first = !begun_;
  begun_ = true;
  if (first && is_heading(line)) return read_heading(line, order_);
  TracePoint point;
  if (Fault fault = parse_point(line, order_, point); fault.code != ErrorCode::ok) return fault;
  if (!trace_.empty() && point.seconds <= trace_.back().seconds) {
    char numbers[80];
    std::snprintf(numbers, sizeof numbers, "%.9g follows %.9g", point.seconds,
                  trace_.back().seconds);
    return column_fault(ErrorCode::order_wrong, order_[0], 0,
                        std::string("times must ascend, but ") + numbers);
  }
  if (trace_.size() == kTracePointsMax) {
    return {ErrorCode::limit_exceeded, "more than 50 million points"};
  }
  trace_.push_back(point);
  return {};
}

Result<std::vector<TracePoint>> TraceReader::read(std::string_view text) {
  if (text.size() > kTraceSizeMax) {
    return refuse_all(ErrorCode::limit_exceeded, "is larger than 4 GB");
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  // Lines are counted first, so that what is allocated is what is needed.
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  trace_.reserve(std::min({lines, kTracePointsMax, text.size() / 8 + 1}));
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    const std::string_view words = trimmed(line);
    if (words.empty() || words.front() == '#') continue;
    if (Fault fault = take(line); fault.code != ErrorCode::ok) {
      return refuse(number, std::move(fault));
    }
  }
  if (trace_.empty()) return refuse_all(ErrorCode::source_malformed, "holds no point");
  return std::move(trace_);
}

}  // namespace

Result<std::vector<TracePoint>> parse_trace(std::string_view text, std::string& detail) {
  return TraceReader(detail).read(text);
}

Result<std::vector<TracePoint>> parse_trace(std::string_view text) {
  std::string detail;
  return parse_trace(text, detail);
}

Result<std::vector<TracePoint>> read_trace(const std::string& path, std::string& detail) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return os_failure(ErrorCode::file_open_failed, detail);
  // Read by pieces: a pipe has no size, and a size may change.
  constexpr std::size_t piece = std::size_t{1} << 20;
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + piece);
    const std::size_t got = std::fread(text.data() + before, 1, piece, file.get());
    text.resize(before + got);
    if (text.size() > kTraceSizeMax) return parse_trace(text, detail);
    if (got == piece) continue;
    if (std::ferror(file.get()) == 0) return parse_trace(text, detail);
    if (errno != EISDIR) return os_failure(ErrorCode::file_read_failed, detail);
    const Error folder = os_failure(ErrorCode::file_open_failed, detail);
    detail = "is a folder; a trace is a file";
    return folder;
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
