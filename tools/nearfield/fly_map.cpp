#include "tools/nearfield/fly_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/fly_summary.h"
#include "tools/nearfield/late_cause.h"
#include "tools/nearfield/sizes.h"
#include "tools/nearfield/svg_chart.h"
#include "tools/nearfield/vector_math.h"

namespace nf {
namespace {

constexpr double kWidth = 940, kHeight = 460, kMargin = 28;
constexpr std::size_t kCirclesMax = 3000;
constexpr double kCircleLeast = 1.5;              // pixels
constexpr double kMarkGood = 2.5, kMarkLate = 4;  // radius of what is drawn where a circle is less

using Matrix = std::array<std::array<double, 3>, 3>;

Matrix covariance_of(const std::vector<WorldPosition>& points) {
  WorldVector mean;
  for (const WorldPosition& p : points) mean = sum(mean, p - points[0]);
  mean = scaled(mean, 1 / static_cast<double>(points.size()));
  Matrix matrix = {};
  for (const WorldPosition& p : points) {
    const WorldVector d = sum(p - points[0], scaled(mean, -1));
    const std::array<double, 3> v = {d.x, d.y, d.z};
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) matrix[i][j] += v[i] * v[j];
    }
  }
  return matrix;
}

// The direction of least spread: by Jacobi rotations, which bring the matrix to a diagonal.
WorldVector normal_of(Matrix m) {
  Matrix vectors = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (int sweep = 0; sweep < 32; ++sweep) {
    for (std::size_t p = 0; p < 2; ++p) {
      for (std::size_t q = p + 1; q < 3; ++q) {
        if (m[p][q] == 0) continue;
        const double angle = 0.5 * std::atan2(2 * m[p][q], m[q][q] - m[p][p]);
        const double c = std::cos(angle), s = std::sin(angle);
        for (std::size_t k = 0; k < 3; ++k) {
          const double a = m[k][p], b = m[k][q];
          m[k][p] = c * a - s * b;
          m[k][q] = s * a + c * b;
        }
        for (std::size_t k = 0; k < 3; ++k) {
          const double a = m[p][k], b = m[q][k];
          m[p][k] = c * a - s * b;
          m[q][k] = s * a + c * b;
          const double u = vectors[k][p], v = vectors[k][q];
          vectors[k][p] = c * u - s * v;
          vectors[k][q] = s * u + c * v;
        }
      }
    }
  }
  std::size_t least = 0;
  for (std::size_t i = 1; i < 3; ++i) {
    if (m[i][i] < m[least][least]) least = i;
  }
  return unit({vectors[0][least], vectors[1][least], vectors[2][least]});
}

enum class Mark : std::uint8_t { idle, in_time, late };

class Map {
 public:
  Map(const Archive& archive, const World& world, const FlyRecord& record)
      : archive_(archive), world_(world), record_(record) {}

  FlightMap draw();

 private:
  struct Dot {
    double x, y, radius;
  };

  void frame();
  Dot dot(WorldPosition place, double radius) const;
  std::string circles();
  std::string mark(const Dot& at, std::uint32_t id) const;
  std::string title(std::uint32_t id) const;
  std::string path() const;
  std::string scale_bar() const;

  const Archive& archive_;
  const World& world_;
  const FlyRecord& record_;
  std::vector<Mark> marks_;
  std::vector<LateCause> causes_;  // by container: of the worst time that it was late
  MapPlane plane_;
  WorldPosition origin_;
  double middle_x_ = 0, middle_y_ = 0;  // of the picture, in metres from the origin
  double pixels_per_metre_ = 1;
  std::uint64_t late_outside_ = 0;
};

double radius_of(const Place& place) {
  if (place.kind == BoundsKind::sphere) return static_cast<double>(place.half_extent.x);
  return length({place.half_extent.x, place.half_extent.y, place.half_extent.z});
}

void Map::frame() {
  std::vector<WorldPosition> path;
  path.reserve(record_.samples.size());
  for (const FlySample& sample : record_.samples) path.push_back(sample.position);
  std::vector<WorldPosition> points = path;
  for (std::uint32_t id = 0; id < marks_.size(); ++id) {
    const Place place = world_.place_in_space(ContainerId{id});
    // What is as large as the world says nothing about where things lie in it.
    if (marks_[id] != Mark::idle && place.kind != BoundsKind::none) points.push_back(place.center);
  }
  plane_ = best_plane(points);
  origin_ = path.front();
  double low_x = 0, high_x = 0, low_y = 0, high_y = 0;
  for (const WorldPosition& p : path) {
    const WorldVector d = p - origin_;
    low_x = std::min(low_x, nf::dot(d, plane_.right));
    high_x = std::max(high_x, nf::dot(d, plane_.right));
    low_y = std::min(low_y, nf::dot(d, plane_.up));
    high_y = std::max(high_y, nf::dot(d, plane_.up));
  }
  middle_x_ = (low_x + high_x) / 2;
  middle_y_ = (low_y + high_y) / 2;
  // A third more than the path, and no less than its surroundings.
  double width = (high_x - low_x) * 1.3, height = (high_y - low_y) * 1.3;
  const double least = std::max({width, height, 1.0}) * 0.3;
  width = std::max(width, least);
  height = std::max(height, least);
  pixels_per_metre_ = std::min((kWidth - 2 * kMargin) / width, (kHeight - 2 * kMargin) / height);
}

Map::Dot Map::dot(WorldPosition place, double radius) const {
  const WorldVector d = place - origin_;
  return {kWidth / 2 + (nf::dot(d, plane_.right) - middle_x_) * pixels_per_metre_,
          kHeight / 2 - (nf::dot(d, plane_.up) - middle_y_) * pixels_per_metre_,
          radius * pixels_per_metre_};
}

std::string Map::circles() {
  struct Circle {
    Dot at;
    std::uint32_t id;
  };
  std::vector<Circle> circles;
  for (std::uint32_t id = 0; id < marks_.size(); ++id) {
    const Place place = world_.place_in_space(ContainerId{id});
    if (place.kind == BoundsKind::none) continue;
    const Dot at = dot(place.center, radius_of(place));
    const bool seen = at.x + at.radius > 0 && at.x - at.radius < kWidth && at.y + at.radius > 0 &&
                      at.y - at.radius < kHeight;
    if (seen && at.radius < kWidth) {
      circles.push_back({at, id});
    } else if (marks_[id] == Mark::late) {
      ++late_outside_;
    }
  }
  // Small over large, late over everything; of too many, those that tell least are left out.
  std::sort(circles.begin(), circles.end(), [&](const Circle& a, const Circle& b) {
    if (marks_[a.id] != marks_[b.id]) return marks_[a.id] > marks_[b.id];
    return a.at.radius != b.at.radius ? a.at.radius > b.at.radius : a.id < b.id;
  });
  if (circles.size() > kCirclesMax) circles.resize(kCirclesMax);
  std::sort(circles.begin(), circles.end(), [&](const Circle& a, const Circle& b) {
    if ((marks_[a.id] == Mark::late) != (marks_[b.id] == Mark::late))
      return marks_[b.id] == Mark::late;
    return a.at.radius != b.at.radius ? a.at.radius > b.at.radius : a.id < b.id;
  });
  std::string svg;
  for (const Circle& circle : circles) {
    static constexpr const char* kStyles[] = {"place", "place good", "place bad"};
    svg += std::string("<circle class='") + kStyles[static_cast<std::size_t>(marks_[circle.id])] +
           "'" +
           text_of(" cx='%.1f' cy='%.1f' r='%.1f'>", circle.at.x, circle.at.y,
                   std::max(circle.at.radius, kCircleLeast)) +
           title(circle.id) + "</circle>\n";
  }
  // Over all circles, in the same order: late ones last.
  for (const Circle& circle : circles) svg += mark(circle.at, circle.id);
  return svg;
}

std::string Map::title(std::uint32_t id) const {
  std::string text = container_label(archive_, ContainerId{id});
  if (marks_[id] == Mark::late) text += std::string(": ") + words_of(causes_[id]).label;
  return "<title>" + escaped(text) + "</title>";
}

std::string Map::mark(const Dot& at, std::uint32_t id) const {
  const bool late = marks_[id] == Mark::late;
  const double radius = late ? kMarkLate : kMarkGood;
  if (marks_[id] == Mark::idle || at.radius >= radius) return "";
  return std::string("<circle class='mark ") + (late ? "bad'" : "good'") +
         text_of(" cx='%.1f' cy='%.1f' r='%.1f'>", at.x, at.y, radius) + title(id) + "</circle>\n";
}

std::string Map::path() const {
  std::string points;
  for (const FlySample& sample : record_.samples) {
    const Dot at = dot(sample.position, 0);
    points += text_of("%.1f,%.1f ", at.x, at.y);
  }
  const Dot start = dot(record_.samples.front().position, 0);
  const Dot end = dot(record_.samples.back().position, 0);
  return "<polyline class='path' points='" + points + "'/>\n" +
         text_of("<circle class='end' cx='%.1f' cy='%.1f' r='5'/>", start.x, start.y) +
         text_of("<text class='end' x='%.1f' y='%.1f'>start</text>\n", start.x + 8, start.y - 8) +
         text_of("<circle class='end' cx='%.1f' cy='%.1f' r='5'/>", end.x, end.y) +
         text_of("<text class='end' x='%.1f' y='%.1f'>end</text>\n", end.x + 8, end.y + 18);
}

std::string Map::scale_bar() const {
  const double metres = round_up_nicely(80 / pixels_per_metre_);
  const double width = metres * pixels_per_metre_;
  return text_of("<path class='scale' d='M%g,%g v6 h%.1f v-6'/>", kMargin, kHeight - 22, width) +
         text_of("<text class='tick' x='%.1f' y='%g'>", kMargin + width + 8, kHeight - 14) +
         distance_text(metres) + "</text>\n";
}

FlightMap Map::draw() {
  marks_.assign(world_.container_count(), Mark::idle);
  for (std::uint32_t id = 0; id < marks_.size(); ++id) {
    if (record_.touched[id]) marks_[id] = Mark::in_time;
  }
  causes_.assign(marks_.size(), LateCause::none);
  for (auto late = record_.late.rbegin(); late != record_.late.rend(); ++late) {
    marks_[late->id.value] = Mark::late;
    causes_[late->id.value] = late->cause;
  }
  if (record_.samples.empty()) return {};
  frame();
  // The path first: a dot on it must not vanish under its line.
  const std::string drawn = path() + circles() + scale_bar();
  return {.svg = text_of("<svg class='map' viewBox='0 0 %g %g' role='img'>\n", kWidth, kHeight) +
                 drawn + "</svg>\n",
          .late_outside = late_outside_};
}

}  // namespace

MapPlane best_plane(const std::vector<WorldPosition>& points) {
  const WorldVector normal = normal_of(covariance_of(points));
  // Up on the map: the root frame's z where it lies in the plane, else its y.
  WorldVector up = sum({0, 0, 1}, scaled(normal, -normal.z));
  if (length(up) < 0.2) up = sum({0, 1, 0}, scaled(normal, -normal.y));
  up = unit(up);
  return {.right = unit(cross(up, normal.z < 0 ? scaled(normal, -1) : normal)), .up = up};
}

FlightMap flight_map(const Archive& archive, const World& world, const FlyRecord& record) {
  return Map(archive, world, record).draw();
}

}  // namespace nf
