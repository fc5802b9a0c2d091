// The page of `nearfield predict`: late seconds against bytes read, a chart a kind, and tables.
#include <algorithm>
#include <array>
#include <cmath>

#include "tools/nearfield/fly_report_style.h"
#include "tools/nearfield/predict_output.h"
#include "tools/nearfield/sizes.h"
#include "tools/nearfield/svg_chart.h"

namespace nf {
namespace {

using predict::Figures;
using predict::KindResult;
using predict::Row;

constexpr double kCapLeast = 0.8, kCapMost = 1.6;  // of the charts
constexpr double kLateLeast = 0.1;                 // late seconds an hour; below, it is drawn there
// Beside none, margin and oracle; more share the last one.
constexpr std::array<const char*, 6> kColours = {"#2f6fd0", "#7a55c7", "#1d8a4e",
                                                 "#c98a12", "#0f8f9f", "#b0458a"};

std::vector<std::string> policies_of(const PredictReport& report) {
  std::vector<std::string> names;
  for (const Row& row : report.rows) {
    if (std::find(names.begin(), names.end(), row.policy) == names.end()) {
      names.push_back(row.policy);
    }
  }
  return names;
}

std::string style_sheet(const std::vector<std::string>& policies) {
  std::string style = "<style>\n";
  std::size_t next = 0;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const std::string& name = policies[i];
    const bool own = name != "none" && name != "margin" && name != "oracle";
    const char* colour = name == "none"     ? "var(--soft)"
                         : name == "margin" ? "var(--bad)"
                         : name == "oracle" ? "var(--ink)"
                                            : kColours[std::min(next, kColours.size() - 1)];
    next += own ? 1 : 0;
    style += text_of(
        ".p%zu { stroke: %s; fill: %s; }\n.line.p%zu { fill: none; }\n"
        ".key.p%zu { background: %s; border-color: %s; }\n",
        i, colour, colour, i, i, colour, colour);
  }
  return style + "</style>\n";
}

std::string legend(const std::vector<std::string>& policies) {
  std::string text = "<p>";
  for (std::size_t i = 0; i < policies.size(); ++i) {
    text += text_of("<span class='key p%zu'></span> ", i) + escaped(policies[i]) + " &nbsp; ";
  }
  return text + "</p>\n";
}

std::string hint_of(const Row& row) {
  return text_of("%s, knob %g: %.1f late s/h at %.2f x, gain %.1f %%", row.policy.c_str(),
                 row.figures.knob, row.figures.late, row.figures.cap, 100 * row.gain);
}

std::string chart_of(const PredictReport& report, const std::string& kind,
                     const std::vector<std::string>& policies) {
  Chart chart;
  chart.x_min = kCapLeast;
  chart.x_max = kCapMost;
  chart.x_unit = "x";
  chart.logarithmic = true;
  chart.y_min = kLateLeast;
  chart.y_unit = "s/h";
  double most = 1;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    ChartSeries line{.kind = SeriesKind::line, .style = text_of("line p%zu", i), .points = {}};
    ChartSeries dots{.kind = SeriesKind::dots, .style = text_of("dot p%zu", i), .points = {}};
    std::vector<Figures> ran;
    for (const Row& row : report.rows) {
      if (row.kind != kind || row.policy != policies[i] || row.read_off) continue;
      ran.push_back(row.figures);
      most = std::max(most, row.figures.late);
      if (row.figures.cap < kCapLeast || row.figures.cap > kCapMost) continue;
      dots.points.push_back({row.figures.cap, row.figures.late, hint_of(row)});
    }
    for (const Figures& figures : predict::envelope_of(std::move(ran))) {
      if (figures.cap < kCapLeast || figures.cap > kCapMost) continue;
      line.points.push_back({figures.cap, figures.late, {}});
    }
    chart.series.push_back(std::move(line));
    chart.series.push_back(std::move(dots));
  }
  chart.y_max = std::pow(10, std::ceil(std::log10(most)));
  return chart_svg(chart);
}

std::string table_of(const PredictReport& report, const std::string& kind,
                     const std::vector<std::string>& policies) {
  std::string text = "<table><tr><th>policy";
  for (const double cap : predict::kCaps) text += text_of("<th>late s/h at %.2f x<th>gain", cap);
  text += "<th>us/update</tr>\n";
  for (const std::string& policy : policies) {
    std::string cells;
    double us = 0;
    for (const Row& row : report.rows) {
      if (row.kind != kind || row.policy != policy || !row.read_off) continue;
      cells += row.runs ? text_of("<td>%.1f<td>%.1f %%", row.figures.late, 100 * row.gain)
                        : std::string("<td>cannot<td>");
      us = row.figures.us_per_update;
    }
    text += "<tr><td>" + escaped(policy) + cells + text_of("<td>%.2f</tr>\n", us);
  }
  return text + "</table>\n";
}

std::string section_of(const std::string& title, const std::string& about,
                       const std::string& body) {
  return "<section><h2>" + escaped(title) + "</h2><p>" + escaped(about) + "</p>\n" + body +
         "</section>\n";
}

std::string about_kind(const KindResult& kind) {
  return text_of("%.2f hours in %zu pieces", kind.hours, kind.segments) +
         (kind.slow > 1 ? text_of(", slowed down %g times", kind.slow) : "") +
         (kind.flat ? "; a flat world" : "; a world in three dimensions") +
         text_of("; fast speed %.3g a second; disk ", kind.vstar) +
         human_size({static_cast<std::uint64_t>(kind.disk_rate)}) +
         text_of("/s; no policy can be less late than %.1f s an hour.", kind.late_bound);
}

}  // namespace

std::string predict_page(const PredictReport& report) {
  const std::vector<std::string> policies = policies_of(report);
  std::string notes, body;
  for (const std::string& note : report.notes) {
    notes += "<p class='warning'>Note: " + escaped(note) + ".</p>\n";
  }
  body += section_of("All kinds", "Means over kinds, each counting alike.",
                     table_of(report, predict::kPooled, policies));
  for (const KindResult& kind : report.kinds) {
    body +=
        section_of(kind.kind, about_kind(kind),
                   chart_of(report, kind.kind, policies) + table_of(report, kind.kind, policies));
  }
  return std::string("<!doctype html>\n<html lang='en'><meta charset='utf-8'>") +
         "<meta name='viewport' content='width=device-width'><title>nearfield: foretelling "
         "movement</title>" +
         kReportStyle + style_sheet(policies) + "<main><h1>Foretelling " + escaped(report.traces) +
         "</h1>\n" + notes +
         "<p>Late seconds an hour (logarithmic) against bytes read, in what one who knows the "
         "future reads. Gain is 0 as a wider radius, 1 as that one.</p>" +
         legend(policies) + body + "</main></html>\n";
}

}  // namespace nf
