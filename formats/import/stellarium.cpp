#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <span>
#include <unordered_map>

#include "formats/import/file_bytes.h"
#include "formats/import/import.h"
#include "formats/import/ini_texts.h"
#include "formats/import/package_world.h"
#include "formats/import/stellarium_bodies.h"
#include "formats/import/stellarium_features.h"
#include "formats/pack/check_source.h"

namespace nf {

namespace {

constexpr std::uint32_t kNone = PackageWorld::kNone;
constexpr int kMoonDepthMax = 16;
constexpr Bytes kNomenclatureSizeMax = {64ull << 20};
constexpr double kLandscapeRadius = 5'000;       // how far a person on the ground of the earth sees
constexpr std::uint32_t kFeatureRecipe = 1'000;  // and up: the feature's number

struct Landscape {
  std::uint32_t folder = 0;
  std::string body;
  double latitude = 0;
  double longitude = 0;
  double altitude = 0;
};

// A body in the tree. Its frame keeps the axes of its equator if something goes round it; what
// turns with its surface is then in a frame of its own.
struct PlacedBody {
  std::uint32_t container = kNone;
  std::uint32_t surface = kNone;
  Turn axes;   // of the equator, in the root's
  Turn frame;  // of the container, in the root's
};

WorldPosition on_sphere(double radius, double latitude, double longitude) {
  return {radius * std::cos(latitude) * std::cos(longitude),
          radius * std::cos(latitude) * std::sin(longitude), radius * std::sin(latitude)};
}

bool is_gzip(const std::string& bytes) {
  return bytes.starts_with("\x1F\x8B");
}

class StellariumWorld {
 public:
  explicit StellariumWorld(SourceTree tree) : package_(std::move(tree)) {}

  Result<SourceWorld> build(std::string& detail) {
    if (const Result<void> good = read(detail); !good) return good.error();
    system_ = package_.add_place("Sol", 0, {});
    for (const std::uint32_t file : {find("data/ssystem_major.ini"), find("data/ssystem_minor.ini"),
                                     find("data/nomenclature.dat")}) {
      if (file != kNone) package_.add_file(system_, file);
    }
    placed_.resize(bodies_.size());
    for (std::uint32_t i = 0; i < bodies_.size(); ++i) {
      if (const Result<void> good = place(i, 0, detail); !good) return good.error();
    }
    set_system_bounds();
    add_zones();
    add_landscapes();
    for (std::uint32_t i = 0; i < bodies_.size(); ++i) use_files(i);
    package_.share("shared");
    package_.add_rest("package");
    write_notes();
    return finish();
  }

 private:
  std::uint32_t find(const std::string& path) const { return package_.find(path); }

  Error refuse(std::uint32_t file, const Error& error, const std::string& problem,
               std::string& detail) const {
    detail = package_.path(file) + " line " + std::to_string(error.subject) + ": " + problem;
    return error;
  }

  Result<void> read(std::string& detail) {
    for (const char* name : {"data/ssystem_major.ini", "data/ssystem_minor.ini"}) {
      const std::uint32_t file = find(name);
      if (file == kNone) continue;
      const Result<std::string> text = package_.read_text(file, detail);
      if (!text) return text.error();
      std::string problem;
      if (const Result<void> good = parse_bodies(*text, bodies_, problem); !good)
        return refuse(file, good.error(), problem, detail);
    }
    if (bodies_.empty()) {
      detail = package_.tree().root + ": there is no data/ssystem_major.ini with a body in it";
      return Error{.code = ErrorCode::source_malformed, .subject_kind = Subject::file};
    }
    for (std::uint32_t i = 0; i < bodies_.size(); ++i) by_name_.try_emplace(bodies_[i].name, i);
    if (const Result<void> good = read_features(detail); !good) return good;
    if (const Result<void> good = read_landscapes(detail); !good) return good;
    find_satellites();
    return {};
  }

  Result<void> read_features(std::string& detail) {
    const std::uint32_t file = find("data/nomenclature.dat");
    if (file == kNone) return {};
    Result<std::string> text = package_.read_text(file, detail);
    if (!text) return text.error();
    if (is_gzip(*text)) {
      const Result<std::vector<std::byte>> bytes =
          gunzip(std::as_bytes(std::span(*text)), kNomenclatureSizeMax);
      if (!bytes) {
        detail = package_.path(file) + ": cannot be unzipped, or holds more than 64 MiB";
        return bytes.error();
      }
      *text = std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    }
    Result<std::vector<StellariumFeature>> features = parse_features(*text);
    if (!features) return refuse(file, features.error(), "is no rule for a feature", detail);
    features_ = std::move(*features);
    nomenclature_file_ = file;
    nomenclature_ = std::make_shared<const std::string>(std::move(*text));
    return {};
  }

  Result<void> read_landscapes(std::string& detail) {
    for (std::uint32_t i = 0; i < package_.tree().folders.size(); ++i) {
      const std::string& path = package_.tree().folders[i].path;
      if (!path.starts_with("landscapes/")) continue;
      const std::uint32_t file = find(path + "/landscape.ini");
      if (file == kNone) continue;
      const Result<std::string> text = package_.read_text(file, detail);
      if (!text) return text.error();
      const Result<std::vector<IniSection>> sections = parse_ini(*text);
      if (!sections)
        return refuse(file, sections.error(), "neither a [section] nor a key = value", detail);
      for (const IniSection& section : *sections) {
        if (section.name != "location") continue;
        if (const Result<void> good = read_location(i, file, section, detail); !good) return good;
      }
    }
    return {};
  }

  Result<void> read_location(std::uint32_t folder, std::uint32_t file, const IniSection& section,
                             std::string& detail) {
    Landscape landscape{.folder = folder, .body = {}};
    if (const IniEntry* body = section.find("planet")) landscape.body = body->value;
    for (const IniEntry& entry : section.entries) {
      double* angle = entry.key == "latitude"    ? &landscape.latitude
                      : entry.key == "longitude" ? &landscape.longitude
                                                 : nullptr;
      const bool good = angle != nullptr          ? parse_angle(entry.value, *angle)
                        : entry.key == "altitude" ? parse_altitude(entry.value, landscape.altitude)
                                                  : true;
      if (good) continue;
      const Error error{.code = ErrorCode::source_malformed,
                        .subject_kind = Subject::line,
                        .subject = entry.line};
      return refuse(file, error, "the value of " + entry.key + " is no number, or out of range",
                    detail);
    }
    landscapes_.push_back(std::move(landscape));
    return {};
  }

  // Bodies that others go round, and those of them that have places on their surface.
  void find_satellites() {
    has_satellites_.assign(bodies_.size(), false);
    has_places_.assign(bodies_.size(), false);
    const auto mark = [&](const std::string& name, std::vector<bool>& marks) {
      const auto found = by_name_.find(name);
      if (found != by_name_.end()) marks[found->second] = true;
    };
    for (const StellariumBody& body : bodies_) mark(body.parent, has_satellites_);
    for (const StellariumFeature& feature : features_) mark(feature.body, has_places_);
    for (const Landscape& landscape : landscapes_) mark(landscape.body, has_places_);
  }

  Result<void> place(std::uint32_t index, int depth, std::string& detail) {
    const StellariumBody& body = bodies_[index];
    if (placed_[index].container != kNone || left_out_.contains(index)) return {};
    PlacedBody above{.container = system_, .surface = system_, .axes = {}, .frame = {}};
    if (!body.parent.empty()) {
      const auto parent = by_name_.find(body.parent);
      if (depth >= kMoonDepthMax) {
        detail = package_.tree().root + "/data: " + quoted_name(body.name) +
                 " goes round itself, or its parents are nested too deep";
        return Error{.code = ErrorCode::tree_malformed, .subject_kind = Subject::file};
      }
      if (parent != by_name_.end()) {
        if (const Result<void> good = place(parent->second, depth + 1, detail); !good) return good;
        above = placed_[parent->second];
      } else {
        above.container = kNone;
      }
    }
    WorldPosition position;
    PlacedBody& placed = placed_[index];
    placed.axes = body.has_pole
                      ? equator_of_pole(body.pole_right_ascension, body.pole_declination)
                      : above.axes * turn_about_z(body.ascending_node) * turn_about_x(body.tilt);
    if (above.container == kNone || !position_of(body, above, placed.axes, position)) {
      left_out_.emplace(index, true);
      return {};
    }
    add_body(index, above, position);
    return {};
  }

  void add_body(std::uint32_t index, const PlacedBody& above, const WorldPosition& position) {
    const StellariumBody& body = bodies_[index];
    PlacedBody& placed = placed_[index];
    const Turn spin = turn_about_z(body.spin);
    placed.frame = has_satellites_[index] ? placed.axes : placed.axes * spin;
    placed.container =
        package_.add_place(body.name, above.container,
                           {.position = position,
                            .rotation = to_rotation(inverse(above.frame) * placed.frame),
                            .radius = body.radius});
    package_.container(placed.container).moves = true;
    placed.surface = placed.container;
    if (has_satellites_[index] && has_places_[index]) {
      placed.surface = package_.add_place(
          "surface", placed.container,
          {.position = {}, .rotation = to_rotation(spin), .radius = body.radius});
      package_.container(placed.surface).moves = true;
    }
    if (body.parent.empty()) {
      reach_ = std::max(reach_, std::hypot(position.x, position.y, position.z) + body.radius);
    }
  }

  // In the frame of what it goes round. False if only the program knows the orbit.
  static bool position_of(const StellariumBody& body, const PlacedBody& above, const Turn& axes,
                          WorldPosition& position) {
    if (body.orbit_kind == OrbitKind::none) return true;
    const OrbitElements* orbit = &body.orbit;
    if (body.orbit_kind == OrbitKind::program && body.parent.empty())
      orbit = planet_elements(body.name);
    if (orbit == nullptr) return false;
    if (body.orbit_kind == OrbitKind::elements || body.parent.empty()) {
      position = position_at(*orbit, kJ2000);
      return true;
    }
    // A moon that turns once a round has its prime meridian towards its planet.
    const double mean_motion = body.has_pole      ? std::fabs(body.spin_rate)
                               : body.period != 0 ? 360 * kDegree / std::fabs(body.period)
                                                  : 0;
    const double distance = moon_distance(body.parent, mean_motion);
    if (distance <= 0) return false;
    position = {distance, 0, 0};
    if (body.has_pole) {
      const Turn meridian = inverse(above.frame) * axes * turn_about_z(body.spin);
      position = turned(meridian, {-distance, 0, 0});
    }
    return true;
  }

  void set_system_bounds() {
    const auto radius = static_cast<float>(reach_ * (1 + 1e-6));
    package_.container(system_).bounds_half_extent = {radius, radius, radius};
  }

  // The body's number, or kNone if it is not in the world.
  std::uint32_t body_of(const std::string& name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end() || placed_[found->second].container == kNone) return kNone;
    return found->second;
  }

  void add_zones() {
    for (std::uint32_t i = 0; i < features_.size(); ++i) {
      const StellariumFeature& feature = features_[i];
      const std::uint32_t body = body_of(feature.body);
      if (body == kNone) {
        ++features_without_body_;
        continue;
      }
      const std::uint32_t zone = package_.add_place(
          feature.name, placed_[body].surface,
          {.position = on_sphere(bodies_[body].radius, feature.latitude, feature.longitude),
           .rotation = {},
           .radius = feature.radius});
      package_.add_asset(zone, {.name = "feature.txt",
                                .kind = AssetKind::text,
                                .origin = package_.path(nomenclature_file_),
                                .recipe = kFeatureRecipe + i,
                                .size_hint = feature.text_size});
    }
  }

  void add_landscapes() {
    for (const Landscape& landscape : landscapes_) {
      const std::uint32_t body = body_of(landscape.body);
      if (body == kNone) continue;
      const TreeFolder& folder = package_.tree().folders[landscape.folder];
      const std::uint32_t place =
          package_.add_place(folder.name, placed_[body].surface,
                             {.position = on_sphere(bodies_[body].radius + landscape.altitude,
                                                    landscape.latitude, landscape.longitude),
                              .rotation = {},
                              .radius = kLandscapeRadius});
      for (std::uint32_t file = folder.first_file; file < folder.last_file; ++file)
        package_.add_file(place, file);
    }
  }

  void use_files(std::uint32_t index) {
    const std::uint32_t container = placed_[index].container;
    if (container == kNone) return;
    const StellariumBody& body = bodies_[index];
    // What has no picture of its own is drawn with this one.
    const std::string texture = body.texture.empty() ? "nomap.png" : body.texture;
    for (const std::string& name : {texture, body.normals, body.ring_texture}) {
      if (!name.empty()) use(container, package_.find_below("textures", name));
    }
    if (body.model.empty()) return;
    use(container, package_.find_below("models", body.model));
    std::string stem = body.model.substr(0, body.model.rfind(".obj"));
    for (const std::string& name : {body.model + ".mtl", stem + ".mtl"}) {
      const std::uint32_t material = package_.find_below("models", name);
      if (material != kNone) use_material(container, material);
    }
  }

  void use_material(std::uint32_t container, std::uint32_t material) {
    package_.use(container, material);
    std::string detail;
    const Result<std::string> text = package_.read_text(material, detail);
    if (!text) return;
    constexpr std::string_view kMap = "map_Kd ";
    for (std::size_t at = text->find(kMap); at != std::string::npos; at = text->find(kMap, at)) {
      at += kMap.size();
      const std::size_t end = std::min(text->find_first_of("\r\n", at), text->size());
      use(container, package_.find_below("models", text->substr(at, end - at)));
    }
  }

  void use(std::uint32_t container, std::uint32_t file) {
    if (file == kNone) {
      ++files_missing_;
    } else {
      package_.use(container, file);
    }
  }

  void write_notes() {
    package_.note(left_out_.size(), "bodies go round in a way that only the program knows");
    package_.note(features_without_body_, "features are on bodies that the package does not have");
    package_.note(files_missing_, "pictures and models that bodies name are not in the package");
  }

  static bool parse_altitude(std::string_view text, double& metres) {
    constexpr double kAltitudeMax = 1e9;
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), metres);
    return error == std::errc() && end == text.data() + text.size() &&
           std::fabs(metres) <= kAltitudeMax;
  }

  // Features are parts of one file, which stays in memory while the world is packed.
  SourceWorld finish() {
    SourceWorld world = package_.finish();
    struct Part {
      std::uint32_t at = 0;
      std::uint32_t size = 0;
    };
    std::vector<Part> parts;
    parts.reserve(features_.size());
    for (const StellariumFeature& feature : features_)
      parts.push_back({.at = feature.text_at, .size = feature.text_size});
    world.load = [cooked = std::move(world.load), text = nomenclature_, parts = std::move(parts)](
                     const SourceAsset& asset,
                     std::string& detail) -> Result<std::vector<std::byte>> {
      if (asset.recipe < kFeatureRecipe) return cooked(asset, detail);
      const Part& part = parts[asset.recipe - kFeatureRecipe];
      const std::span<const char> bytes = std::span(*text).subspan(part.at, part.size);
      return std::vector<std::byte>(std::as_bytes(bytes).begin(), std::as_bytes(bytes).end());
    };
    return world;
  }

  PackageWorld package_;
  std::vector<StellariumBody> bodies_;
  std::vector<StellariumFeature> features_;
  std::vector<Landscape> landscapes_;
  std::unordered_map<std::string, std::uint32_t> by_name_;
  std::vector<bool> has_satellites_, has_places_;  // by body
  std::vector<PlacedBody> placed_;                 // by body
  std::unordered_map<std::uint32_t, bool> left_out_;
  std::shared_ptr<const std::string> nomenclature_;
  std::uint32_t nomenclature_file_ = kNone;
  std::uint32_t system_ = kNone;
  double reach_ = 0;  // metres from the star to the far side of the farthest body
  std::uint64_t features_without_body_ = 0;
  std::uint64_t files_missing_ = 0;
};

}  // namespace

Result<SourceWorld> import_stellarium(const std::string& path, std::string& detail) {
  Result<SourceTree> tree = list_tree(path, LinkRule::leave_out, detail);
  if (!tree) return tree.error();
  StellariumWorld builder(std::move(*tree));
  return builder.build(detail);
}

}  // namespace nf
