#include <map>

#include "bench/suite/headline_notes.h"
#include "bench/suite/plots.h"
#include "bench/suite/report.h"
#include "tools/nearfield/fly_report_style.h"
#include "tools/nearfield/sizes.h"
#include "tools/nearfield/svg_chart.h"

namespace nf::bench {
namespace {

constexpr const char* kBenchStyle = R"(<style>
.bar.ours { fill: var(--blue); fill-opacity: .75; }
.bar.reference { fill: var(--soft); fill-opacity: .45; }
.whisker { stroke: var(--ink); stroke-width: 1.2; fill: none; }
.plot { fill: none; stroke-width: 1.8; } path.plot.dashed { stroke-dasharray: 5 4; }
.c0 { stroke: var(--blue); } .c1 { stroke: var(--amber); } .c2 { stroke: var(--good); }
.c3 { stroke: var(--violet); } .c4 { stroke: var(--bad); } .c5 { stroke: var(--ink); }
h3 { font-size: 14px; margin: 16px 0 4px; } summary { cursor: pointer; color: var(--soft); }
td.number { text-align: right; white-space: nowrap; }
.key.ours { background: var(--blue); } .key.reference { background: var(--soft); }
.cards { grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); }
.card span { display: block; overflow-wrap: anywhere; }
.card span.name { color: var(--ink); font-weight: 600; }
.note { color: var(--soft); margin: 4px 0; } .refused { color: var(--bad); font-weight: 600; }
</style>
)";

std::string cell(const std::string& words, const char* kind = "") {
  return "<td" + (*kind == 0 ? std::string() : std::string(" class='") + kind + "'") + ">" +
         escaped(words) + "</td>";
}

bool is_size(const std::string& name) {
  return name == "memory" || name == "size" || name == "request_size_max";
}

// What is not known is left out; sizes as people read them.
std::string plain_text(const std::string& name, const nlohmann::ordered_json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_unsigned() && is_size(name)) return human_size({value.get<std::uint64_t>()});
  if (!value.is_object()) return value.dump();
  std::string text;
  for (const auto& [part_name, part] : value.items()) {
    const std::string words = plain_text(part_name, part);
    if (!words.empty()) text += (text.empty() ? "" : ", ") + part_name + " " + words;
  }
  return text;
}

std::string facts(const nlohmann::ordered_json& values) {
  std::string html = "<table class='facts'>";
  for (const auto& [name, value] : values.items()) {
    const std::string words = plain_text(name, value);
    if (!words.empty()) html += "<tr>" + cell(name) + cell(words) + "</tr>\n";
  }
  return html + "</table>\n";
}

std::string headline_cards(const Report& report) {
  std::string html = "<div class='cards'>";
  for (const SuiteReport& suite : report.suites) {
    for (const auto& [name, median] : suite.result.headlines) {
      html += "<div class='card'><b>" + number_text(median) + "</b><span class='name'>" +
              escaped(name) + "</span><span>" + escaped(headline_note(suite.result, name)) +
              "</span></div>\n";
    }
  }
  return html + "</div>\n";
}

std::string figure_table(const SuiteResult& result) {
  std::string html =
      "<details><summary>All figures: median [least..largest]</summary><table><tr><th>figure</th>"
      "<th>unit</th><th>nearfield</th><th>reference</th><th></th><th>ratio by round</th></tr>\n";
  for (const Figure& figure : result.figures) {
    const bool paired = !figure.reference.empty();
    html += "<tr>" + cell(figure.name) + cell(figure.unit) +
            cell(spread_text(spread_of(figure.ours)), "number") +
            cell(paired ? spread_text(spread_of(figure.reference)) : "", "number") +
            cell(figure.reference_name + (figure.reference_is_constant ? ", a constant" : "")) +
            cell(paired ? spread_text(spread_of(ratios_of(figure))) : "", "number") + "</tr>\n";
  }
  return html + "</table></details>\n";
}

using Groups = std::vector<std::pair<std::string, std::vector<const Figure*>>>;

// Keeps the order in which the names come up.
void add_to(Groups& groups, const std::string& name, const Figure& figure) {
  for (auto& [known, figures] : groups) {
    if (known == name) return figures.push_back(&figure);
  }
  groups.push_back({name, {&figure}});
}

std::string suite_section(const SuiteReport& suite) {
  const SuiteResult& result = suite.result;
  std::string html =
      "<section><h2>" + escaped(result.suite) + "</h2><p>" + escaped(suite.question) + "</p>\n";
  if (!suite.refused.empty()) {
    html += "<p class='refused'>Not measured: " + escaped(suite.refused) + "</p>\n";
  }
  Groups plots, bars;
  for (const Figure& figure : result.figures) {
    if (figure.place.plot.empty()) {
      add_to(bars, figure.unit, figure);
    } else {
      add_to(plots, figure.place.plot + ", " + figure.unit, figure);
    }
  }
  for (const auto& [heading, figures] : plots) {
    html += "<h3>" + escaped(heading) + "</h3>" + lines_svg(figures);
  }
  for (const auto& [unit, figures] : bars) {
    const bool more = figures.front()->better == Better::higher;
    html += "<h3>" + escaped(unit) + (more ? ", more is better" : ", less is better") + "</h3>" +
            bars_svg(figures);
  }
  for (const std::string& note : result.notes) {
    html += "<p class='note'>" + escaped(note) + "</p>\n";
  }
  return html + figure_table(result) + "</section>\n";
}

}  // namespace

std::string html_of_report(const Report& report) {
  std::string html =
      "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>nearfield bench</title>"
      "<meta name='viewport' content='width=device-width'>\n";
  html += std::string(kReportStyle) + kBenchStyle + "</head><body><main><h1>nearfield bench</h1>\n";
  html +=
      "<p><span class='key ours'></span> nearfield <span class='key reference'></span> the "
      "reference that is named, if there is one: measured in turn in the same run unless it says "
      "that it is a constant; lines: solid and dashed. Bars are medians, whiskers reach from the "
      "least sample to the largest.</p>\n";
  html += headline_cards(report);
  for (const SuiteReport& suite : report.suites) html += suite_section(suite);
  html += "<section><h2>Machine</h2>" + facts(report.machine) + "</section>\n";
  html += "<section><h2>Settings</h2>" + facts(report.settings) + "</section>\n";
  return html + "</main></body></html>\n";
}

}  // namespace nf::bench
