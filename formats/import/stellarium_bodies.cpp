#include "formats/import/stellarium_bodies.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <unordered_map>

#include "formats/import/ini_texts.h"

namespace nf {

namespace {

constexpr double kRadiusDefault = 1;  // kilometres
constexpr double kRadiusMax = 1e9;
constexpr double kDistanceMax = 1e17;  // metres: an archive holds places up to 1e18
constexpr double kEccentricityMax = 1e3;
constexpr double kAngleMax = 1e9;  // degrees

bool parse_number(std::string_view text, double& number) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

struct Range {
  double low = 0;
  double high = 0;
};
constexpr Range kAngles = {-kAngleMax, kAngleMax};
constexpr Range kDays = {-1e9, 1e9};
constexpr Range kPeriods = {-1e12, 1e12};  // negative: against the spin of the planet

// One section's numbers; remembers the first that is wrong.
class SectionReader {
 public:
  explicit SectionReader(const IniSection& section) : section_(section) {}

  bool has(std::string_view key) const { return section_.find(key) != nullptr; }
  std::string text(std::string_view key) const {
    const IniEntry* entry = section_.find(key);
    return entry == nullptr ? std::string() : entry->value;
  }
  double number(std::string_view key, double otherwise, Range range) {
    const IniEntry* entry = section_.find(key);
    if (entry == nullptr) return otherwise;
    double value = 0;
    if (parse_number(entry->value, value) && value >= range.low && value <= range.high)
      return value;
    fail(entry->line, "the value of " + entry->key + " is no number, or out of range");
    return otherwise;
  }
  double angle(std::string_view key, double otherwise = 0) {
    return number(key, otherwise / kDegree, kAngles) * kDegree;
  }
  void fail(std::uint32_t line, std::string problem) {
    if (line_ == 0) line_ = line;
    if (problem_.empty()) problem_ = std::move(problem);
  }
  void fail(std::string problem) { fail(section_.line, std::move(problem)); }
  bool good() const { return line_ == 0; }
  Error error(std::string& problem) const {
    problem = problem_;
    return Error{
        .code = ErrorCode::source_malformed, .subject_kind = Subject::line, .subject = line_};
  }

 private:
  const IniSection& section_;
  std::uint32_t line_ = 0;
  std::string problem_;
};

// Kilometres about a planet, astronomical units about the star.
double unit_of(const StellariumBody& body) {
  return body.parent.empty() ? kAstronomicalUnit : 1'000;
}

double mean_motion_of(const StellariumBody& body, SectionReader& reader) {
  if (const double a_day = reader.number("orbit_meanmotion", 0, {0, 1e5}); a_day > 0)
    return a_day * kDegree;
  if (body.period != 0) return 360 * kDegree / body.period;
  if (!body.parent.empty()) {
    reader.fail("the orbit has neither a period nor a mean motion");
    return 0;
  }
  const double pericenter = body.orbit.pericenter_distance;
  const double shape = 1 - body.orbit.eccentricity;
  return shape == 0 ? parabolic_mean_motion(pericenter) : solar_mean_motion(pericenter / shape);
}

void read_orbit(SectionReader& reader, StellariumBody& body) {
  OrbitElements& orbit = body.orbit;
  orbit.eccentricity = reader.number("orbit_eccentricity", 0, {0, kEccentricityMax});
  const double shape = 1 - orbit.eccentricity;
  const Range distances = {0, kDistanceMax / unit_of(body)};
  orbit.pericenter_distance =
      reader.number("orbit_pericenterdistance", 0, distances) * unit_of(body);
  if (!reader.has("orbit_pericenterdistance")) {
    const double axis = reader.number("orbit_semimajoraxis", 0, {-distances.high, distances.high});
    orbit.pericenter_distance = axis * unit_of(body) * shape;
  }
  if (orbit.pericenter_distance <= 0) {
    reader.fail("the orbit has no size");
    return;
  }
  orbit.inclination = reader.angle("orbit_inclination");
  orbit.ascending_node = reader.angle("orbit_ascendingnode");
  orbit.argument_of_pericenter =
      reader.has("orbit_argofpericenter")
          ? reader.angle("orbit_argofpericenter")
          : reader.angle("orbit_longofpericenter") - orbit.ascending_node;
  orbit.mean_motion = mean_motion_of(body, reader);
  if (reader.has("orbit_timeatpericenter")) {
    orbit.epoch = reader.number("orbit_timeatpericenter", kJ2000, kDays);
  } else {
    orbit.epoch = reader.number("orbit_epoch", kJ2000, kDays);
    const double from_longitude =
        reader.angle("orbit_meanlongitude") - orbit.argument_of_pericenter - orbit.ascending_node;
    orbit.mean_anomaly = reader.angle("orbit_meananomaly", from_longitude);
  }
  const WorldPosition at = position_at(orbit, kJ2000);
  if (!(std::hypot(at.x, at.y, at.z) <= kDistanceMax)) reader.fail("the orbit leads nowhere");
}

void read_axis(SectionReader& reader, StellariumBody& body) {
  body.has_pole = reader.has("rot_pole_ra") && reader.has("rot_pole_de");
  if (body.has_pole) {
    body.pole_right_ascension = reader.angle("rot_pole_ra");
    body.pole_declination = reader.angle("rot_pole_de");
    body.spin = reader.angle("rot_pole_w0");
    body.spin_rate = reader.angle("rot_pole_w1");
  } else {
    body.tilt = reader.angle("rot_obliquity");
    body.ascending_node = reader.angle("rot_equator_ascending_node");
    body.spin = reader.angle("rot_rotation_offset");
  }
}

StellariumBody read_body(SectionReader& reader, const IniSection& section) {
  StellariumBody body;
  body.line = section.line;
  body.name = reader.text("name");
  if (body.name.empty()) reader.fail("the body has no name");
  body.type = reader.text("type");
  body.parent = reader.text("parent");
  const bool center = body.parent == "none";
  if (center || body.parent == "Sun") body.parent.clear();
  body.radius = reader.number("radius", kRadiusDefault, {0, kRadiusMax}) * 1'000;
  if (body.radius <= 0) reader.fail("the radius is not more than 0");
  body.period = reader.number("orbit_period", 0, kPeriods);
  if (body.period == 0) body.period = reader.number("orbit_visualization_period", 0, kPeriods);
  if (!center) {
    const bool program = reader.text("coord_func").ends_with("_special");
    body.orbit_kind = program ? OrbitKind::program : OrbitKind::elements;
    if (!program) read_orbit(reader, body);
  }
  read_axis(reader, body);
  body.texture = reader.text("tex_map");
  body.normals = reader.text("normals_map");
  body.ring_texture = reader.text("tex_ring");
  body.model = reader.text("model");
  return body;
}

// A section that is opened again adds to the first of its name, and what it says last holds.
std::vector<IniSection> merged(std::vector<IniSection> sections) {
  std::unordered_map<std::string, std::size_t> by_name;
  std::vector<IniSection> out;
  for (IniSection& section : sections) {
    const auto [found, is_new] = by_name.try_emplace(section.name, out.size());
    if (is_new) {
      out.push_back(std::move(section));
    } else {
      std::vector<IniEntry>& entries = out[found->second].entries;
      std::move(section.entries.begin(), section.entries.end(), std::back_inserter(entries));
    }
  }
  return out;
}

// Degrees, minutes and seconds, each ended by its sign.
bool parse_sexagesimal(std::string_view text, double& degrees) {
  constexpr std::string_view kEnds = "d'\"";
  double unit = 1;
  for (const char end : kEnds) {
    const std::size_t at = text.find(end);
    double part = 0;
    if (at == std::string_view::npos || !parse_number(text.substr(0, at), part) || part < 0)
      return false;
    degrees += part * unit;
    unit /= 60;
    text.remove_prefix(at + 1);
    if (text.empty()) return true;
  }
  return false;
}

}  // namespace

bool parse_angle(std::string_view text, double& radians) {
  bool negative = false;
  if (!text.empty() && std::string_view("EWNS").find(text.back()) != std::string_view::npos) {
    negative = text.back() == 'W' || text.back() == 'S';
    text.remove_suffix(1);
  }
  if (text.starts_with('-') || text.starts_with('+')) {
    negative = negative != text.starts_with('-');
    text.remove_prefix(1);
  }
  double degrees = 0;
  if (text.find('d') == std::string_view::npos ? !parse_number(text, degrees)
                                               : !parse_sexagesimal(text, degrees))
    return false;
  if (!(degrees >= 0 && degrees <= 360)) return false;
  radians = (negative ? -degrees : degrees) * kDegree;
  return true;
}

Result<void> parse_bodies(std::string_view ini, std::vector<StellariumBody>& bodies,
                          std::string& problem) {
  Result<std::vector<IniSection>> sections = parse_ini(ini);
  if (!sections) {
    problem = "neither a [section] nor a key = value";
    return sections.error();
  }
  for (const IniSection& section : merged(std::move(*sections))) {
    SectionReader reader(section);
    if (reader.text("hidden") == "true") continue;
    StellariumBody body = read_body(reader, section);
    if (!reader.good()) return reader.error(problem);
    if (bodies.size() >= kStellariumBodiesMax) {
      problem = "more bodies than are read";
      return Error{.code = ErrorCode::limit_exceeded,
                   .subject_kind = Subject::line,
                   .subject = section.line};
    }
    bodies.push_back(std::move(body));
  }
  return {};
}

}  // namespace nf
