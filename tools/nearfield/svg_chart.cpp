#include "tools/nearfield/svg_chart.h"

#include <algorithm>
#include <cmath>

#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

constexpr double kWidth = 940, kHeight = 190;
constexpr double kLeft = 64, kRight = 12, kTop = 10, kBottom = 26;

class Canvas {
 public:
  explicit Canvas(const Chart& chart) : chart_(chart) {}

  double x(double at) const {
    return kLeft + (kWidth - kLeft - kRight) * (at - chart_.x_min) / (chart_.x_max - chart_.x_min);
  }
  double y(double value) const {
    const double inside = std::clamp(value, chart_.y_min, chart_.y_max);
    const double part =
        chart_.logarithmic ? std::log(inside / chart_.y_min) / std::log(chart_.y_max / chart_.y_min)
                           : (inside - chart_.y_min) / (chart_.y_max - chart_.y_min);
    return kHeight - kBottom - (kHeight - kTop - kBottom) * part;
  }
  std::string point(const ChartPoint& p) const { return text_of("%.1f,%.1f ", x(p.x), y(p.y)); }

 private:
  const Chart& chart_;
};

double nice_step(double range, int parts) {
  return round_up_nicely(range / parts);
}

std::string number_text(double value) {
  if (value == 0) return "0";
  if (std::abs(value) >= 100) return grouped(static_cast<std::uint64_t>(std::llround(value)));
  return text_of("%.3g", value);
}

// Microseconds turn into milliseconds where that is easier to read.
std::string tick_text(double value, const std::string& unit) {
  if (unit == "us" && value >= 999) return number_text(value / 1000) + " ms";
  return escaped(number_text(value) + (unit.empty() ? "" : " " + unit));
}

std::string y_tick(const Canvas& at, double value, const std::string& unit) {
  return text_of("<line class='grid' x1='%g' x2='%g' y1='%.1f' y2='%.1f'/>", kLeft, kWidth - kRight,
                 at.y(value), at.y(value)) +
         text_of("<text class='tick' x='%g' y='%.1f' text-anchor='end'>", kLeft - 6,
                 at.y(value) + 4) +
         tick_text(value, unit) + "</text>\n";
}

std::string axes(const Chart& chart, const Canvas& at) {
  std::string svg;
  if (chart.logarithmic) {
    const int decades = static_cast<int>(std::log10(chart.y_max * 1.001 / chart.y_min));
    for (int i = 0; i <= decades; ++i) {
      svg += y_tick(at, chart.y_min * std::pow(10, i), chart.y_unit);
    }
  } else {
    const double step = nice_step(chart.y_max - chart.y_min, 4);
    for (int i = 0; chart.y_min + i * step <= chart.y_max * 1.001; ++i) {
      svg += y_tick(at, chart.y_min + i * step, chart.y_unit);
    }
  }
  const double step = nice_step(chart.x_max - chart.x_min, 10);
  for (int i = 0; chart.x_min + i * step <= chart.x_max * 1.001; ++i) {
    const double value = chart.x_min + i * step;
    svg += text_of("<text class='tick' x='%.1f' y='%g' text-anchor='middle'>", at.x(value),
                   kHeight - 8) +
           (chart.x_unit == "s" ? human_time(value) : tick_text(value, chart.x_unit)) + "</text>\n";
  }
  return svg;
}

std::string path_of(const ChartSeries& series, const Canvas& at, const Chart& chart) {
  if (series.points.empty()) return "";
  std::string path;
  double last_y = 0;
  for (const ChartPoint& point : series.points) {
    const bool first = path.empty();
    if (!first && series.kind != SeriesKind::line)
      path += text_of("L%.1f,%.1f", at.x(point.x), last_y);
    last_y = at.y(point.y);
    path += (first ? "M" : "L") + text_of("%.1f,%.1f", at.x(point.x), last_y);
  }
  if (series.kind == SeriesKind::area) {
    path += text_of("L%.1f,%.1fL%.1f,%.1fZ", at.x(series.points.back().x), at.y(chart.y_min),
                    at.x(series.points.front().x), at.y(chart.y_min));
  }
  return "<path class='" + series.style + "' d='" + path + "'/>\n";
}

std::string dots_of(const ChartSeries& series, const Canvas& at) {
  std::string svg;
  for (const ChartPoint& point : series.points) {
    svg += "<circle class='" + series.style + "'" +
           text_of(" cx='%.1f' cy='%.1f' r='3'>", at.x(point.x), at.y(point.y));
    if (!point.hint.empty()) svg += "<title>" + escaped(point.hint) + "</title>";
    svg += "</circle>\n";
  }
  return svg;
}

}  // namespace

std::string chart_svg(const Chart& chart) {
  const Canvas at(chart);
  std::string svg =
      text_of("<svg class='chart' viewBox='0 0 %g %g' role='img'>\n", kWidth, kHeight);
  svg += axes(chart, at);
  for (const ChartSeries& series : chart.series) {
    svg += series.kind == SeriesKind::dots ? dots_of(series, at) : path_of(series, at, chart);
  }
  for (const ChartLine& line : chart.lines) {
    svg += text_of("<line class='limit' x1='%g' x2='%g' y1='%.1f' y2='%.1f'/>", kLeft,
                   kWidth - kRight, at.y(line.y), at.y(line.y)) +
           text_of("<text class='limit' x='%g' y='%.1f' text-anchor='end'>", kWidth - kRight - 4,
                   at.y(line.y) + (at.y(line.y) < kTop + 16 ? 14 : -5)) +
           escaped(line.label) + "</text>\n";
  }
  return svg + "</svg>\n";
}

double round_up_nicely(double value) {
  if (!(value > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= value * 0.999999) return factor * power;
  }
  return 10 * power;
}

double scale_end(double value) {
  const double step = nice_step(value, 4);
  return value > 0 ? step * std::ceil(value / step - 1e-9) : 1;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += letter;
    }
  }
  return result;
}

}  // namespace nf
