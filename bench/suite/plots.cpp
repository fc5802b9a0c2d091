#include "bench/suite/plots.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "bench/suite/report.h"
#include "tools/nearfield/sizes.h"
#include "tools/nearfield/svg_chart.h"

namespace nf::bench {
namespace {

constexpr double kWidth = 940;
constexpr double kValueWidth = 70, kBarHeight = 11, kRowGap = 9, kNameHeight = 15;
constexpr double kPlotHeight = 280, kRight = 30, kTop = 12, kBottom = 30, kLegendHeight = 18;
constexpr double kLetterWidth = 6.6;  // of a tick's, the widest but for capitals
constexpr std::size_t kColors = 6;

std::string words_at(double x, double y, const char* anchor, const std::string& words) {
  return text_of("<text class='tick' x='%.1f' y='%.1f' text-anchor='%s'>", x, y, anchor) +
         escaped(words) + "</text>\n";
}

double largest(const std::vector<const Figure*>& figures) {
  double most = 0;
  for (const Figure* figure : figures) {
    most = std::max({most, spread_of(figure->ours).max, spread_of(figure->reference).max});
  }
  return most;
}

double least_above_zero(const std::vector<const Figure*>& figures, double most) {
  double least = most;
  for (const Figure* figure : figures) {
    for (const auto* samples : {&figure->ours, &figure->reference}) {
      for (const double sample : *samples) {
        if (sample > 0) least = std::min(least, sample);
      }
    }
  }
  return least;
}

std::string bar(const Spread& spread, double y, double scale, const char* kind,
                const std::string& hint) {
  const double from = 0.5;
  const double middle = y + kBarHeight / 2;
  std::string svg = text_of("<rect class='bar %s' x='%.1f' y='%.1f' width='%.1f' height='%.1f'>",
                            kind, from, y, std::max(spread.median * scale, 0.5), kBarHeight);
  svg += "<title>" + escaped(hint) + "</title></rect>\n";
  svg += text_of("<path class='whisker' d='M%.1f,%.1fH%.1fM%.1f,%.1fv6M%.1f,%.1fv6'/>\n",
                 from + spread.min * scale, middle, from + spread.max * scale,
                 from + spread.min * scale, middle - 3, from + spread.max * scale, middle - 3);
  return svg + words_at(from + spread.max * scale + 6, y + kBarHeight - 1, "start",
                        number_text(spread.median));
}

std::string tick_text(double tick, const std::string& unit) {
  return number_text(tick) + " " + unit;
}

// Where values of a plot lie: x by its logarithm unless its places are even, y by its own if the
// values span a lot.
class Frame {
 public:
  explicit Frame(const std::vector<const Figure*>& figures) {
    even_ = figures.front()->place.even;
    x_min_ = x_max_ = figures.front()->place.x;
    for (const Figure* figure : figures) {
      x_min_ = std::min(x_min_, figure->place.x);
      x_max_ = std::max(x_max_, figure->place.x);
    }
    y_max_ = largest(figures);
    const double least = least_above_zero(figures, y_max_);
    logarithmic_ = y_max_ > 30 * least;
    y_min_ = logarithmic_ ? std::pow(10, std::floor(std::log10(least))) : 0;
    y_max_ = logarithmic_ ? std::pow(10, std::ceil(std::log10(y_max_))) : scale_end(y_max_);
    std::size_t letters = 0;
    for (const double tick : ticks()) {
      letters = std::max(letters, tick_text(tick, figures.front()->unit).size());
    }
    left_ = 10 + kLetterWidth * static_cast<double>(letters);
  }

  double x(double value) const {
    double part = .5;
    if (x_max_ > x_min_) {
      part = even_ ? (value - x_min_) / (x_max_ - x_min_)
                   : std::log(value / x_min_) / std::log(x_max_ / x_min_);
    }
    return left_ + 30 + (kWidth - left_ - kRight - 60) * part;
  }
  double y(double value) const {
    const double inside = std::clamp(value, y_min_, y_max_);
    const double part =
        logarithmic_ ? std::log(inside / y_min_) / std::log(y_max_ / y_min_) : inside / y_max_;
    return kPlotHeight - kBottom - (kPlotHeight - kTop - kBottom) * part;
  }
  double left() const { return left_; }
  std::vector<double> ticks() const {
    std::vector<double> values;
    if (logarithmic_) {
      const int decades = static_cast<int>(std::lround(std::log10(y_max_ / y_min_)));
      for (int i = 0; i <= decades; ++i) values.push_back(y_min_ * std::pow(10, i));
    } else {
      const double step = round_up_nicely(y_max_ / 4);
      for (int i = 0; i * step <= y_max_ * 1.001; ++i) values.push_back(i * step);
    }
    return values;
  }

 private:
  double x_min_ = 1, x_max_ = 1, y_min_ = 0, y_max_ = 1;
  double left_ = 0;
  bool logarithmic_ = false, even_ = false;
};

std::string axes(const std::vector<const Figure*>& figures, const Frame& frame) {
  std::string svg;
  for (const double tick : frame.ticks()) {
    svg += text_of("<line class='grid' x1='%g' x2='%g' y1='%.1f' y2='%.1f'/>", frame.left(),
                   kWidth - kRight, frame.y(tick), frame.y(tick));
    svg += words_at(frame.left() - 6, frame.y(tick) + 4, "end",
                    tick_text(tick, figures.front()->unit));
  }
  std::map<double, std::string> places;
  for (const Figure* figure : figures) places[figure->place.x] = figure->place.x_text;
  for (const auto& [x, words] : places) {
    svg += words_at(frame.x(x), kPlotHeight - 8, "middle", words);
  }
  return svg;
}

struct Point {
  double x = 0;
  Spread spread;
};

std::string line_svg(std::vector<Point> points, const Frame& frame, const std::string& style,
                     const std::string& name) {
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  std::string path, dots;
  for (const Point& point : points) {
    const double x = frame.x(point.x);
    path += (path.empty() ? "M" : "L") + text_of("%.1f,%.1f", x, frame.y(point.spread.median));
    dots += text_of("<path class='%s' d='M%.1f,%.1fV%.1f'/>", style.c_str(), x,
                    frame.y(point.spread.min), frame.y(point.spread.max));
    dots += text_of("<circle class='%s' cx='%.1f' cy='%.1f' r='3'><title>", style.c_str(), x,
                    frame.y(point.spread.median)) +
            escaped(name + ": " + spread_text(point.spread)) + "</title></circle>\n";
  }
  return "<path class='" + style + "' d='" + path + "'/>\n" + dots;
}

// What the other bar or line is.
std::string against_text(const Figure& figure) {
  const char* constant = figure.reference_is_constant ? ", a constant and not measured" : "";
  return ": " + figure.reference_name + constant;
}

std::string grey_text(const Figure& figure) {
  return figure.reference.empty() ? "" : "; grey" + against_text(figure);
}

}  // namespace

// The name has a line of its own above the bars, and so has room, whatever its length.
std::string bars_svg(const std::vector<const Figure*>& figures) {
  std::string svg;
  double y = 4;
  const double most = largest(figures);
  const double scale = most > 0 ? (kWidth - kValueWidth - 8) / most : 0;
  for (const Figure* figure : figures) {
    svg += words_at(0.5, y + kNameHeight - 4, "start", figure->name + grey_text(*figure));
    y += kNameHeight;
    const Spread ours = spread_of(figure->ours);
    svg += bar(ours, y, scale, "ours", "nearfield: " + spread_text(ours) + " " + figure->unit);
    y += kBarHeight + 2;
    if (!figure->reference.empty()) {
      const Spread reference = spread_of(figure->reference);
      svg += bar(reference, y, scale, "reference",
                 figure->reference_name + ": " + spread_text(reference) + " " + figure->unit);
      y += kBarHeight + 2;
    }
    y += kRowGap;
  }
  return text_of("<svg viewBox='0 0 %g %g' role='img'>\n", kWidth, y) + svg + "</svg>\n";
}

std::string lines_svg(const std::vector<const Figure*>& figures) {
  const Frame frame(figures);
  std::vector<std::pair<std::string, std::vector<const Figure*>>> lines;  // as they come up
  for (const Figure* figure : figures) {
    const auto is_it = [&](const auto& line) { return line.first == figure->place.line; };
    auto found = std::find_if(lines.begin(), lines.end(), is_it);
    if (found == lines.end()) found = lines.insert(lines.end(), {figure->place.line, {}});
    found->second.push_back(figure);
  }
  const double height = kPlotHeight + kLegendHeight * static_cast<double>(lines.size());
  std::string svg = text_of("<svg viewBox='0 0 %g %g' role='img'>\n", kWidth, height);
  svg += axes(figures, frame);
  std::size_t number = 0;
  for (const auto& [name, members] : lines) {
    std::vector<Point> ours, reference;
    for (const Figure* figure : members) {
      ours.push_back({figure->place.x, spread_of(figure->ours)});
      if (!figure->reference.empty()) {
        reference.push_back({figure->place.x, spread_of(figure->reference)});
      }
    }
    const std::string style = "plot c" + std::to_string(number % kColors);
    svg += line_svg(ours, frame, style, name);
    if (!reference.empty()) {
      svg += line_svg(reference, frame, style + " dashed",
                      name + ", " + members.front()->reference_name);
    }
    const double y = kPlotHeight + 8 + kLegendHeight * static_cast<double>(number++);
    svg += text_of("<path class='%s' d='M%g,%.1fh18'/>", style.c_str(), frame.left(), y);
    const bool dashed = !reference.empty();
    svg += words_at(frame.left() + 26, y + 4, "start",
                    name + (dashed ? "; dashed" + against_text(*members.front()) : ""));
  }
  return svg + "</svg>\n";
}

}  // namespace nf::bench
