#include "tools/nearfield/fly_report.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "formats/archive/replacement_file.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/fly_map.h"
#include "tools/nearfield/fly_report_style.h"
#include "tools/nearfield/late_cause.h"
#include "tools/nearfield/sizes.h"
#include "tools/nearfield/svg_chart.h"

namespace nf {
namespace {

constexpr std::size_t kLateRows = 40;
constexpr std::size_t kLateDots = 2000;

std::string section(const std::string& title, const std::string& note, const std::string& body) {
  return "<section><h2>" + escaped(title) + "</h2><p>" + note + "</p>\n" + body + "</section>\n";
}

std::string card(const std::string& value, const std::string& label, const char* style = "") {
  return std::string("<div class='card ") + style + "'><b>" + escaped(value) + "</b><span>" +
         escaped(label) + "</span></div>\n";
}

double x_max_of(const FlyReportInput& in) {
  return std::max(in.record.seconds, 0.001);
}

Chart chart_over_flight(const FlyReportInput& in, const char* y_unit) {
  Chart chart;
  chart.x_max = x_max_of(in);
  chart.y_unit = y_unit;
  return chart;
}

const char* style_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::good: return "good";
    case Outcome::bad: return "bad";
    case Outcome::empty: return "empty";
  }
  return "";
}

std::string warnings(const FlyReportInput& in) {
  std::string text;
  for (const std::string& warning : in.setting.warnings) {
    text += "<p class='warning'>Note: " + escaped(warning) + ".</p>\n";
  }
  return text;
}

std::string cards(const FlyReportInput& in) {
  const bool good = in.summary.late == 0;
  return "<div class='cards'>" +
         card(grouped(in.summary.late),
              "late arrivals" + (in.record.missed == 0 ? std::string()
                                                       : ", " + grouped(in.record.missed) +
                                                             " of them not at all while needed"),
              good ? style_of(outcome_of(in.record)) : "bad") +
         card(grouped(in.record.arrivals.size()), "containers arrived on the way") +
         card(milliseconds_text(in.summary.lateness_ms_max), "worst lateness", good ? "" : "bad") +
         card(human_size(in.record.bytes_read),
              "read on the way, " + human_size(in.record.bytes_wasted) + " in vain") +
         card(human_size(in.record.memory_peak),
              "memory at most, of " + limit_size(in.setting.memory_budget)) +
         card(text_of("%.0f us", in.summary.update_us_p99), "update(), 99 of 100 frames faster") +
         "</div>\n";
}

std::string map_section(const FlyReportInput& in) {
  const FlightMap map = flight_map(in.archive, in.world, in.record);
  std::string outside;
  if (map.late_outside > 0) {
    outside = " " + grouped(map.late_outside) +
              (map.late_outside == 1 ? " that came late lies" : " that came late lie") +
              " outside of this picture, or around all of it.";
  }
  return section("The flight",
                 "Each circle is a container, a part of the world that is loaded as one, as large "
                 "as its bounds; it is needed from farther away, its load distance, which is not "
                 "drawn. <span class='key good'></span> was needed and there in time, <span "
                 "class='key bad'></span> came late, <span class='key'></span> was not needed. "
                 "What would be too small to see has a dot at its place. Rest the pointer on one "
                 "to see its name, and what made it late." +
                     outside,
                 map.svg);
}

std::string arrivals_section(const FlyReportInput& in) {
  const double width = x_max_of(in) / 120;
  std::vector<double> counts(121);
  for (const FlyArrival& arrival : in.record.arrivals) {
    counts[std::min<std::size_t>(static_cast<std::size_t>(arrival.seconds / width), 120)] += 1;
  }
  Chart chart = chart_over_flight(in, "");
  chart.y_max = scale_end(*std::max_element(counts.begin(), counts.end()));
  ChartSeries bars{.kind = SeriesKind::area, .style = "area good", .points = {}};
  for (std::size_t i = 0; i < 120; ++i)
    bars.points.push_back({static_cast<double>(i) * width, counts[i], ""});
  bars.points.push_back({x_max_of(in), counts[119] + counts[120], ""});
  chart.series.push_back(std::move(bars));
  std::string body = chart_svg(chart);
  std::string note =
      "How many containers became resident in each " + milliseconds_text(width * 1e3) + ". ";
  if (in.record.late.empty()) {
    return section("Arrivals", note + "None was late.", body);
  }
  Chart late = chart_over_flight(in, "ms");
  late.y_max = scale_end(std::max(in.summary.lateness_ms_max, 1.0));
  ChartSeries dots{.kind = SeriesKind::dots, .style = "dot bad", .points = {}};
  for (std::size_t i = 0; i < std::min(in.record.late.size(), kLateDots); ++i) {
    const LateArrival& one = in.record.late[i];
    dots.points.push_back({std::clamp(one.seconds, 0.0, x_max_of(in)), one.lateness * 1e3,
                           container_label(in.archive, one.id) + ": " +
                               milliseconds_text(one.lateness * 1e3) + ", " +
                               words_of(one.cause).label});
  }
  late.series.push_back(std::move(dots));
  return section("Arrivals",
                 note + "Below: each late one, where it was needed and how late it came.",
                 body + chart_svg(late));
}

std::string cause_table(const FlyReportInput& in) {
  if (in.record.late.empty()) return "";
  std::string rows = "<table class='causes'><tr><th>cause<th>late<th>what helps</tr>\n";
  for (const LateCause cause : causes_seen(in.summary)) {
    const CauseWords& words = words_of(cause);
    rows += "<tr><td>" + escaped(std::string(words.label) + ": " + words.what) + "<td>" +
            grouped(in.summary.late_by_cause[static_cast<std::size_t>(cause)]) + "<td>" +
            escaped(words.remedy) + "</tr>\n";
  }
  return section("Why they were late", "Of each, what took most of the time beyond the usual.",
                 rows + "</table>\n");
}

std::string late_table(const FlyReportInput& in) {
  if (in.record.late.empty()) return "";
  std::string rows = "<table><tr><th>container<th>needed at<th>late by<th>cause</tr>\n";
  for (std::size_t i = 0; i < std::min(in.record.late.size(), kLateRows); ++i) {
    const LateArrival& one = in.record.late[i];
    rows += "<tr><td>" + escaped(container_label(in.archive, one.id)) + "<td>" +
            text_of("%.2f s", one.seconds) + "<td>" + milliseconds_text(one.lateness * 1e3) +
            (one.missed ? " (not at all while needed)" : "") + "<td>" + words_of(one.cause).label +
            "</tr>\n";
  }
  rows += "</table>\n";
  const std::size_t left = in.record.late.size() - std::min(in.record.late.size(), kLateRows);
  if (left > 0) rows += "<p>and " + grouped(left) + " more</p>\n";
  return section("Late arrivals, worst first", "", rows);
}

std::string memory_section(const FlyReportInput& in) {
  Chart chart = chart_over_flight(in, "MB");
  ChartSeries area{.kind = SeriesKind::area, .style = "area memory", .points = {}};
  for (const FlySample& sample : in.record.samples) {
    area.points.push_back({sample.seconds, static_cast<double>(sample.memory.value) * 1e-6, ""});
  }
  const double budget = static_cast<double>(in.setting.memory_budget.value) * 1e-6;
  const double peak = static_cast<double>(in.record.memory_peak.value) * 1e-6;
  const bool near = peak > budget / 4;
  chart.y_max = near ? budget * 1.08 : scale_end(peak * 1.05);
  chart.series.push_back(std::move(area));
  if (near) chart.lines.push_back({budget, "budget"});
  return section("Memory",
                 "What the containers and the buffers for reading take. The budget of " +
                     limit_size(in.setting.memory_budget) + " is a hard limit.",
                 chart_svg(chart));
}

std::string reading_section(const FlyReportInput& in) {
  const std::vector<FlySample>& samples = in.record.samples;
  Chart rate = chart_over_flight(in, "MB/s");
  ChartSeries area{.kind = SeriesKind::area, .style = "area reading", .points = {}};
  double peak = 0;
  // Over windows of a few samples: single frames say more about the clock than about the disk.
  constexpr std::size_t kWindow = 4;
  for (std::size_t i = kWindow; i < samples.size(); i += kWindow) {
    const double seconds = samples[i].seconds - samples[i - kWindow].seconds;
    if (seconds <= 0) continue;
    const Bytes read = samples[i].bytes_read - samples[i - kWindow].bytes_read;
    const double value = static_cast<double>(read.value) * 1e-6 / seconds;
    area.points.push_back({samples[i - kWindow].seconds, value, ""});
    peak = std::max(peak, value);
  }
  if (!area.points.empty()) area.points.push_back({x_max_of(in), area.points.back().y, ""});
  rate.y_max = scale_end(std::max(peak, 0.1));
  rate.series.push_back(std::move(area));

  Chart total = chart_over_flight(in, "MB");
  ChartSeries line{.kind = SeriesKind::line, .style = "line reading", .points = {}};
  for (const FlySample& sample : samples) {
    line.points.push_back(
        {sample.seconds, static_cast<double>(sample.bytes_read.value) * 1e-6, ""});
  }
  total.y_max = scale_end(std::max(static_cast<double>(in.record.bytes_read.value) * 1e-6, 0.1));
  total.series.push_back(std::move(line));
  return section("Reading from the disk", "How fast, and below how much in all since the start.",
                 chart_svg(rate) + chart_svg(total));
}

std::string update_section(const FlyReportInput& in) {
  Chart chart = chart_over_flight(in, "us");
  chart.logarithmic = true;
  chart.y_min = 0.1;
  ChartSeries worst{.kind = SeriesKind::steps, .style = "line worst", .points = {}};
  ChartSeries mean{.kind = SeriesKind::line, .style = "line update", .points = {}};
  for (const FlySample& sample : in.record.samples) {
    worst.points.push_back({sample.seconds, std::max(sample.update_us_max, 0.1), ""});
    mean.points.push_back({sample.seconds, std::max(sample.update_us_mean, 0.1), ""});
  }
  const double frame_us = 1e6 / in.setting.frames_per_second;
  chart.y_max =
      std::pow(10, std::ceil(std::log10(std::max(in.summary.update_us_max, frame_us) * 1.05)));
  chart.series = {std::move(worst), std::move(mean)};
  chart.lines.push_back({frame_us, "a whole frame"});
  return section(
      "Time that the game's thread pays",
      "update() is called once a frame: <span class='key update'></span> mean, <span class='key "
      "worst'></span> worst of each step. " +
          std::string(in.record.decodes_in_update
                          ? "Here it decodes as well, which workers do otherwise. "
                          : "") +
          "Each line up is ten times more.",
      chart_svg(chart));
}

std::string facts(const FlyReportInput& in) {
  std::string rows;
  const auto row = [&rows](const char* name, const std::string& value) {
    rows += std::string("<tr><td>") + name + "<td>" + escaped(value) + "</tr>\n";
  };
  const ArchiveInfo info = in.archive.info();
  row("world", in.setting.archive + ": " + counted(info.containers, "container") + ", " +
                   counted(info.assets, "asset") + ", " + human_size(info.raw_size) +
                   " stored in " + human_size(info.stored_size));
  row("flight", in.flight.name + ", " + distance_text(in.record.metres) + " in " +
                    human_time(in.record.seconds));
  row("device", in.setting.device == "real" ? "this machine's disk, by " + in.record.backend
                                            : in.setting.device + ", simulated");
  if (!in.record.backend_reason.empty()) row("why not io_uring", in.record.backend_reason);
  row("start", "filled in " + milliseconds_text(in.record.start_seconds * 1e3) + ": " +
                   counted(in.record.start_arrivals, "container") + ", " +
                   human_size(in.record.start_bytes_read) +
                   (in.record.start_unfilled > 0
                        ? "; " + grouped(in.record.start_unfilled) + " needed there had not come"
                        : ""));
  row("lateness", "p50 " + milliseconds_text(in.summary.lateness_ms_p50) + ", p99 " +
                      milliseconds_text(in.summary.lateness_ms_p99) + ", worst " +
                      milliseconds_text(in.summary.lateness_ms_max) + ", over all arrivals");
  row("update()", text_of("p50 %.1f us, p99 %.1f us, worst %.0f us in ", in.summary.update_us_p50,
                          in.summary.update_us_p99, in.summary.update_us_max) +
                      counted(in.record.frames, "frame") +
                      (in.record.decodes_in_update ? ", decoding included" : ""));
  row("buffers in huge pages", in.record.huge_pages ? "yes" : "no");
  row("content hash", hex(in.record.content_hash));
  return section("Facts", "", "<table class='facts'>" + rows + "</table>");
}

constexpr const char* kWords =
    "<section><h2>Words</h2><dl>"
    "<dt>container<dd>A part of the world, such as a planet, a zone or a room, with the meshes and "
    "textures in it."
    "<dt>load distance<dd>From how far a container is needed: large things from far, small ones "
    "from near."
    "<dt>arrival<dd>A container has become resident: read, checked, decoded and ready in memory."
    "<dt>late arrival<dd>The observer was within a container's load distance before it was "
    "resident. A player "
    "would have seen something missing. The number to keep at zero."
    "<dt>read in vain<dd>Bytes of containers that were read ahead and left again without having "
    "been needed."
    "</dl></section>\n";

}  // namespace

std::string fly_report_html(const FlyReportInput& in) {
  return std::string("<!doctype html>\n<html lang='en'><meta charset='utf-8'>") +
         "<meta name='viewport' content='width=device-width'><title>nearfield: flight "
         "report</title>\n" +
         kReportStyle + "<main><h1>Flight through " + escaped(in.setting.archive) + "</h1>\n" +
         "<p class='verdict " + style_of(outcome_of(in.record)) + "'>" +
         escaped(verdict(in.archive, in.record, in.summary)) + "</p>\n" + warnings(in) + cards(in) +
         map_section(in) + arrivals_section(in) + cause_table(in) + late_table(in) +
         reading_section(in) + memory_section(in) + update_section(in) + facts(in) + kWords +
         "</main></html>\n";
}

Result<void> write_fly_report(const std::string& path, const FlyReportInput& input) {
  Result<ReplacementFile> file = ReplacementFile::create(path);
  if (!file) {
    Error error = file.error();
    // Nothing is looked for here: the machine has no place of that name for a new file.
    if (error.code == ErrorCode::file_open_failed) error.code = ErrorCode::file_write_failed;
    return error;
  }
  const std::string page = fly_report_html(input);
  if (const Error error = file->write(0, std::as_bytes(std::span(page)), {})) return error;
  return file->commit();
}

}  // namespace nf
