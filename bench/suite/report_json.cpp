#include "bench/suite/headline_notes.h"
#include "bench/suite/report.h"

namespace nf::bench {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const std::vector<double>& samples) {
  const Spread spread = spread_of(samples);
  return {
      {"median", spread.median}, {"min", spread.min}, {"max", spread.max}, {"samples", samples}};
}

ordered_json json_of(const std::string& suite, const Figure& figure) {
  ordered_json reference = nullptr, ratio = nullptr;
  if (!figure.reference.empty()) {
    reference = {{"name", figure.reference_name}, {"constant", figure.reference_is_constant}};
    reference.update(json_of(figure.reference));
    ratio = json_of(ratios_of(figure));
  }
  return {{"suite", suite},
          {"name", figure.name},
          {"unit", figure.unit},
          {"better", figure.better == Better::higher ? "higher" : "lower"},
          {"rounds", figure.ours.size()},
          {"ours", json_of(figure.ours)},
          {"reference", reference},
          {"ratio", ratio}};
}

}  // namespace

void refuse_headlines_there_already(Report& report) {
  if (report.suites.empty()) return;
  SuiteReport& last = report.suites.back();
  for (std::size_t i = 0; i + 1 < report.suites.size(); ++i) {
    for (const auto& [name, median] : report.suites[i].result.headlines) {
      if (last.result.headlines.erase(name) == 0) continue;
      if (!last.refused.empty()) last.refused += "; ";
      last.refused += "its headline " + name + " is one of " + report.suites[i].result.suite;
    }
  }
}

ordered_json json_of_report(const Report& report) {
  ordered_json results = ordered_json::array();
  ordered_json headlines = ordered_json::object();
  ordered_json headline_notes = ordered_json::object();
  ordered_json notes = ordered_json::array();
  ordered_json refused = ordered_json::array();
  for (const SuiteReport& suite : report.suites) {
    const SuiteResult& result = suite.result;
    for (const Figure& figure : result.figures) results.push_back(json_of(result.suite, figure));
    for (const auto& [name, median] : result.headlines) {
      headlines[name] = median;
      const std::string note = headline_note(result, name);
      if (!note.empty()) headline_notes[name] = note;
    }
    for (const std::string& note : result.notes) {
      notes.push_back({{"suite", result.suite}, {"note", note}});
    }
    if (!suite.refused.empty()) {
      refused.push_back({{"suite", result.suite}, {"why", suite.refused}});
    }
  }
  return {{"machine", report.machine},
          {"settings", report.settings},
          {"headlines", headlines},
          {"headline_notes", headline_notes},
          {"results", results},
          {"notes", notes},
          {"refused", refused}};
}

}  // namespace nf::bench
