// Whether a report may be written where it was told to. What is there already and is no report
// belongs to somebody.
//
// Looks at files and changes none; any thread.
#pragma once

#include <cstdint>
#include <string>

namespace nf::bench {

enum class ReportKind : std::uint8_t { json, page, device };

struct WrongPath {
  std::string sentence;          // begins with the path; empty: nothing is in the way
  bool machine_refused = false;  // else it is wrong use
};

WrongPath wrong_report_path(const std::string& path, ReportKind kind);

}  // namespace nf::bench
