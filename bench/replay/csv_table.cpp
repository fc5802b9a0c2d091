#include "bench/replay/csv_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "bench/suite/suite.h"
#include "tools/nearfield/output.h"

namespace nf::bench {

CsvTable::CsvTable(std::string file, std::string_view text,
                   const std::vector<std::string_view>& wanted)
    : file_(std::move(file)), rest_(text), wanted_(wanted) {
  if (!next_line()) throw BadInput(file_ + ": it is empty");
  for (const std::string_view name : wanted_) {
    const auto found = std::find(fields_.begin(), fields_.end(), name);
    if (found == fields_.end()) refuse("there is no column '" + std::string(name) + "'");
    column_of_.push_back(static_cast<std::size_t>(found - fields_.begin()));
  }
  columns_ = fields_.size();
}

void CsvTable::refuse(const std::string& why) const {
  throw BadInput(safe_for_terminal(file_ + ":" + std::to_string(line_) + ": " + why));
}

void CsvTable::split(std::string_view line) {
  fields_.clear();
  for (std::size_t at = 0;;) {
    const std::size_t end = std::min(line.find(',', at), line.size());
    if (end - at > kCsvFieldMax) refuse("a value is longer than 256 bytes");
    if (fields_.size() == kCsvColumnsMax) refuse("there are more than 32 values");
    fields_.push_back(line.substr(at, end - at));
    if (end == line.size()) return;
    at = end + 1;
  }
}

bool CsvTable::next_line() {
  while (!rest_.empty()) {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    split(line);
    if (columns_ != 0 && fields_.size() != columns_) {
      refuse("there are " + std::to_string(fields_.size()) + " values under " +
             std::to_string(columns_) + " headings");
    }
    return true;
  }
  return false;
}

std::string_view CsvTable::text(std::size_t want) const {
  return fields_[column_of_[want]];
}

double CsvTable::number(std::size_t want) const {
  const std::string_view word = text(want);
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value)) {
    refuse(std::string(wanted_[want]) + " is no number: '" + std::string(word) + "'");
  }
  return value;
}

std::uint32_t CsvTable::count(std::size_t want) const {
  const std::string_view word = text(want);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) {
    refuse(std::string(wanted_[want]) + " is no whole number: '" + std::string(word) + "'");
  }
  return value;
}

}  // namespace nf::bench
