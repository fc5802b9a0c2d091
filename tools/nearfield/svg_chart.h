// Plots over time, or over something else, as SVG text that any browser shows without a script.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nf {

struct ChartPoint {
  double x = 0;
  double y = 0;
  std::string hint;  // shown while the pointer rests on it; dots only
};

enum class SeriesKind { area, line, steps, dots };

struct ChartSeries {
  SeriesKind kind = SeriesKind::line;
  std::string style;  // a class of the page's style sheet
  std::vector<ChartPoint> points;
};

struct ChartLine {  // horizontal, with a word at its end
  double y = 0;
  std::string label;
};

struct Chart {
  double x_min = 0;
  double x_max = 1;  // seconds, unless it says otherwise
  std::string x_unit = "s";
  double y_min = 0;
  double y_max = 1;
  bool logarithmic = false;  // y; y_min is more than 0, then
  std::string y_unit;
  std::vector<ChartSeries> series;
  std::vector<ChartLine> lines;
};

std::string chart_svg(const Chart& chart);

// 1, 2 or 5 times a power of ten, at least `value`.
double round_up_nicely(double value);
// A good end for an axis that starts at 0 and must hold `value`.
double scale_end(double value);
std::string escaped(std::string_view text);  // for HTML

}  // namespace nf
