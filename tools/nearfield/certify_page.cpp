// The page of `nearfield certify`: a map of what is safe and what is not, and tables.
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/certify_cause.h"
#include "tools/nearfield/certify_output.h"
#include "tools/nearfield/fly_report_style.h"
#include "tools/nearfield/fly_summary.h"
#include "tools/nearfield/sizes.h"
#include "tools/nearfield/svg_chart.h"
#include "tools/nearfield/vector_math.h"
#include "tools/nearfield/world_shape.h"

namespace nf {
namespace {

using certify::Cause;

constexpr double kWidth = 960, kHeight = 620, kMargin = 30;
constexpr double kCircleLeast = 1.5;  // pixels
constexpr std::size_t kCirclesMax = 20'000;
constexpr double kCell = 3;        // pixels
constexpr std::size_t kCrowd = 2;  // circles with their centre in one cell, on average
constexpr std::size_t kRows = 60;

struct Dot {
  double x = 0, y = 0, radius = 0;
};

// In the plane of the two axes along which the containers reach farthest.
class Picture {
 public:
  explicit Picture(const CertifyReport& report) : report_(report) {
    // What is as large as the world says nothing about where things lie in it.
    std::vector<WorldPosition> centers, points;
    for (std::uint32_t id = 0; id < report.world.container_count(); ++id) {
      if (!is_asked(id)) continue;
      const Place place = report.world.place_in_space({id});
      const double radius = radius_of(place);
      centers.push_back(place.center);
      points.push_back(place.center + WorldVector{-radius, -radius, -radius});
      points.push_back(place.center + WorldVector{radius, radius, radius});
    }
    if (points.empty()) points.push_back({});
    if (centers.empty()) centers.push_back({});
    plane_ = widest_plane(centers);
    std::vector<WorldPosition> shown;
    for (const certify::Spot& spot : report.certificate.worst) {
      const double around =
          report.question.envelope.speed_max * report.question.supply.options.lookahead.seconds();
      for (const double side : {-1.0, 1.0}) {
        shown.push_back(spot.box.low + (plane_.right * side + plane_.up * side) * (2 * around));
      }
    }
    frame(shown.empty() ? points : shown);
    draw();
  }

  const std::string& svg() const { return svg_; }
  // What is seen, from where, and what is not seen.
  std::string caption() const {
    std::string text = std::string("Seen along ") + plane_.names[2] + ": " + plane_.names[0] +
                       " to the right, " + plane_.names[1] + " up, in the root's frame.";
    if (left_out_ > 0) text += " " + grouped(left_out_) + " more are not drawn.";
    const bool crowded = left_out_ > 0 || cells_.size() * kCrowd < circles_;
    if (crowded) text += " Many lie on one another: certify --under PATH draws a part alone.";
    return text;
  }

 private:
  struct Plane {
    WorldVector right, up;
    const char* names[3] = {"x", "y", "z"};  // right, up, and the one along which it is seen
  };

  static double radius_of(const Place& place) {
    if (place.kind == BoundsKind::sphere) return static_cast<double>(place.half_extent.x);
    return length({place.half_extent.x, place.half_extent.y, place.half_extent.z});
  }
  static Plane widest_plane(const std::vector<WorldPosition>& points) {
    WorldPosition low = points[0], high = points[0];
    for (const WorldPosition& p : points) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
    }
    const WorldVector size = high - low;
    if (size.z <= size.x && size.z <= size.y) return {{1, 0, 0}, {0, 1, 0}, {"x", "y", "z"}};
    if (size.y <= size.x) return {{1, 0, 0}, {0, 0, 1}, {"x", "z", "y"}};
    return {{0, 1, 0}, {0, 0, 1}, {"y", "z", "x"}};
  }
  void draw() {
    for (std::uint32_t id = 0; id < report_.world.container_count(); ++id) {
      if (!is_placed(report_.world, {id})) continue;
      const Place place = report_.world.place_in_space({id});
      const Dot at = dot_of(place.center, radius_of(place));
      const bool inside = at.x > 0 && at.x < kWidth && at.y > 0 && at.y < kHeight;
      if (!inside || at.radius > kWidth) continue;
      if (circles_ == kCirclesMax) {
        ++left_out_;
        continue;
      }
      ++circles_;
      cells_.insert(static_cast<int>(at.y / kCell) * static_cast<int>(kWidth) +
                    static_cast<int>(at.x / kCell));
      svg_ += circle(at, style_of(id), container_label(report_.archive, {id}));
    }
    for (const certify::Spot& spot : report_.certificate.worst) svg_ += square(spot);
    svg_ = text_of("<svg class='map' viewBox='0 0 %g %g' role='img'>\n", kWidth, kHeight) + svg_ +
           scale_bar() + axes() + "</svg>\n";
  }
  void frame(const std::vector<WorldPosition>& points) {
    double low_x = 1e300, low_y = 1e300, high_x = -1e300, high_y = -1e300;
    for (const WorldPosition point : points) {
      const double x = dot(point - WorldPosition{}, plane_.right);
      const double y = dot(point - WorldPosition{}, plane_.up);
      low_x = std::min(low_x, x);
      high_x = std::max(high_x, x);
      low_y = std::min(low_y, y);
      high_y = std::max(high_y, y);
    }
    middle_x_ = (low_x + high_x) / 2;
    middle_y_ = (low_y + high_y) / 2;
    pixels_per_metre_ = std::min((kWidth - 2 * kMargin) / std::max(1.0, high_x - low_x),
                                 (kHeight - 2 * kMargin) / std::max(1.0, high_y - low_y));
  }
  Dot dot_of(WorldPosition at, double radius) const {
    const WorldVector from_origin = at - WorldPosition{};
    return {kWidth / 2 + (dot(from_origin, plane_.right) - middle_x_) * pixels_per_metre_,
            kHeight / 2 - (dot(from_origin, plane_.up) - middle_y_) * pixels_per_metre_,
            std::max(kCircleLeast, radius * pixels_per_metre_)};
  }
  bool is_asked(std::uint32_t id) const {
    const ContainerRange& about = report_.question.about;
    return is_placed(report_.world, {id}) && (!about.first.valid() || about.contains({id}));
  }
  const char* style_of(std::uint32_t id) const {
    if (!is_asked(id)) return "place";
    if (report_.flown.late[id] > 0) return "place bad";
    return report_.certificate.bounds[id].cause == Cause::none ? "place good" : "place open";
  }
  static std::string circle(const Dot& at, const char* style, const std::string& title) {
    return std::string("<circle class='") + style +
           text_of("' cx='%.1f' cy='%.1f' r='%.1f'><title>", at.x, at.y, at.radius) +
           escaped(title) + "</title></circle>\n";
  }
  // The redder, the later.
  std::string square(const certify::Spot& spot) const {
    const Dot low = dot_of(spot.box.low, 0), high = dot_of(spot.box.high, 0);
    const double most = std::max(1e-9, report_.certificate.lateness_max);
    const double part = spot.cause == Cause::deadline ? std::min(1.0, spot.seconds / most) : 1;
    const double x = std::min(low.x, high.x), y = std::min(low.y, high.y);
    return text_of("<rect class='spot' x='%.1f' y='%.1f' width='%.1f' height='%.1f'", x, y,
                   std::max(6.0, std::abs(high.x - low.x)),
                   std::max(6.0, std::abs(high.y - low.y))) +
           text_of(" fill='hsl(%.0f 85%% 48%%)'><title>", 45 * (1 - part)) +
           (spot.cause == Cause::deadline ? milliseconds_text(spot.seconds * 1e3) + " at most"
                                          : std::string("no bound")) +
           "</title></rect>\n";
  }
  std::string scale_bar() const {
    const double metres = round_up_nicely(80 / pixels_per_metre_);
    const double width = metres * pixels_per_metre_;
    return text_of("<path class='scale' d='M%g,%g v6 h%.1f v-6'/>", kMargin, kHeight - 22, width) +
           text_of("<text class='tick' x='%.1f' y='%g'>", kMargin + width + 8, kHeight - 14) +
           distance_text(metres) + "</text>\n";
  }

  // Which way the axes go, in the corner opposite of the scale.
  std::string axes() const {
    const double x = kWidth - 60, y = kHeight - 16;
    return text_of("<path class='scale' d='M%g,%g h34 M%g,%g v-34'/>", x, y, x, y) +
           text_of("<text class='tick' x='%g' y='%g'>", x + 38, y + 4) + plane_.names[0] +
           text_of("</text><text class='tick' x='%g' y='%g'>", x - 3, y - 40) + plane_.names[1] +
           "</text>\n";
  }

  const CertifyReport& report_;
  Plane plane_;
  std::string svg_;
  std::unordered_set<int> cells_;  // of the picture, in which circles have their centre
  std::size_t circles_ = 0;
  std::size_t left_out_ = 0;
  double middle_x_ = 0, middle_y_ = 0, pixels_per_metre_ = 1;
};

std::string card(const std::string& value, const std::string& label, const char* style = "") {
  return std::string("<div class='card ") + style + "'><b>" + escaped(value) + "</b><span>" +
         escaped(label) + "</span></div>\n";
}

std::string lateness_card(const CertifyReport& report) {
  const CertifyLateness lateness = lateness_of(report);
  const std::string most = milliseconds_text(lateness.bounded_max * 1e3);
  if (lateness.is_bounded) return card(most, "late at most, by the certificate");
  if (lateness.unbounded == 0) return card("no bound", "nothing was asked about");
  const bool others = lateness.unbounded < report.certificate.asked;
  return card("no bound", "of how late " + grouped(lateness.unbounded) + " can be" +
                              (others ? "; " + most + " at most of the others" : ""));
}

std::string cards(const CertifyReport& report) {
  const CertifyClasses classes = classes_of(report);
  const certify::Certificate& made = report.certificate;
  return "<div class='cards'>" + card(grouped(classes.safe), "containers proven safe", "good") +
         card(grouped(classes.late), "shown late", classes.late > 0 ? "bad" : "good") +
         card(grouped(classes.undecided), "neither") + lateness_card(report) +
         card(milliseconds_text(report.flown.lateness_max * 1e3),
              "found by " + counted(report.flown.flights, "flight")) +
         card(human_size({static_cast<std::uint64_t>(made.memory_surely)}),
              "of memory surely enough, of " + limit_size(report.budget)) +
         "</div>\n";
}

std::string table(const CertifyReport& report) {
  const std::vector<ContainerId> ids = not_safe(report);
  if (ids.empty()) return "";
  std::string rows = "<tr><th>container<th>at most<th>found<th>cause</tr>";
  for (std::size_t i = 0; i < std::min(ids.size(), kRows); ++i) {
    rows += "<tr>";
    for (const std::string& cell : certify_row(report, ids[i])) rows += "<td>" + escaped(cell);
    rows += "</tr>\n";
  }
  return "<section><h2>Containers that are not safe</h2><p>The worst of " + grouped(ids.size()) +
         ".</p><table>" + rows + "</table></section>\n";
}

std::string causes(const CertifyReport& report) {
  std::string rows;
  for (const CertifyCause& cause : causes_of(report)) {
    rows += std::string("<tr><td>") + cause.name + "<td>" + grouped(cause.containers) + "<td>" +
            escaped(cause.what) + "<td>" + escaped(cause.remedy) + "</tr>\n";
  }
  if (rows.empty()) return "";
  return "<section><h2>What the causes mean</h2><table><tr><th>cause<th>containers<th>what it "
         "means<th>what helps</tr>" +
         rows + "</table></section>\n";
}

constexpr const char* kOwnStyle =
    "<style>.place.open { fill: var(--amber); fill-opacity: .2; stroke: var(--amber); } .spot { "
    "fill-opacity: .75; stroke: var(--paper); stroke-width: .6; }</style>\n";

}  // namespace

std::string certify_page(const CertifyReport& report) {
  const bool good = is_certified(report);
  const Picture picture(report);
  std::string notes;
  for (const std::string& note : report.notes) {
    notes += "<p class='warning'>Note: " + escaped(note) + ".</p>\n";
  }
  return std::string("<!doctype html>\n<html lang='en'><meta charset='utf-8'>") +
         "<meta name='viewport' content='width=device-width'><title>nearfield: "
         "certificate</title>" +
         kReportStyle + kOwnStyle + "<main><h1>Certificate of " + escaped(report.archive.path()) +
         "</h1>\n<p class='verdict " + (good ? "good" : "bad") + "'>" +
         escaped(certify_verdict(report)) + "</p>\n" + notes + cards(report) +
         "<section><h2>Map</h2><p>Containers: green safe, red shown late, amber neither" +
         (report.question.about.first.valid() ? ", grey not asked about" : "") +
         ". Squares: "
         "from where something can be late, the redder the later. " +
         picture.caption() + "</p>\n" + picture.svg() + "</section>\n" + causes(report) +
         table(report) + "</main></html>\n";
}

}  // namespace nf
