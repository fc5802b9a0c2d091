// Report: a run of `nearfield bench`, and its three shapes: text, JSON and a page of its own.
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/suite/suite.h"

namespace nf::bench {

struct SuiteReport {
  std::string question;
  SuiteResult result;
  std::string refused;  // why it measured nothing, or no more; else empty
};

struct Report {
  nlohmann::ordered_json machine;
  nlohmann::ordered_json settings;
  std::vector<SuiteReport> suites;
};

// "1,234", "12.3", "0.0456": three digits that count, or all in front of the point.
std::string number_text(double value);
// "12.3 [11.9..13.0]".
std::string spread_text(const Spread& spread);

// A headline has one meaning in a report. What the last suite says under the name of an earlier
// one's is left out, and the suite counts as refused.
void refuse_headlines_there_already(Report& report);

// A heading, a table of figures, headlines and notes.
std::string text_of_suite(const SuiteReport& suite);

// What scripts rely on: `machine`, `results`, `headlines`; beside them `headline_notes` by the same
// names, `settings`, `notes` and `refused`. A figure without a reference has null for `reference`
// and `ratio`.
nlohmann::ordered_json json_of_report(const Report& report);

// A page that loads nothing else.
std::string html_of_report(const Report& report);

}  // namespace nf::bench
