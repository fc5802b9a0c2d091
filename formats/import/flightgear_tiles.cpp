#include "formats/import/flightgear_tiles.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numbers>
#include <tuple>

#include "formats/import/btg.h"
#include "formats/import/cook.h"
#include "formats/import/file_bytes.h"
#include "formats/import/stg.h"

namespace nf {

namespace {

constexpr double kDegree = std::numbers::pi / 180;

// Width of a tile in degrees by latitude: FlightGear widens tiles towards the poles.
double tile_width(double latitude) {
  const double from_equator = std::fabs(latitude);
  if (from_equator >= 89) return 12;
  if (from_equator >= 86) return 4;
  if (from_equator >= 83) return 2;
  if (from_equator >= 76) return 1;
  if (from_equator >= 62) return 0.5;
  if (from_equator >= 22) return 0.25;
  return 0.125;
}

double distance(WorldPosition a, WorldPosition b) {
  return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

struct TileKey {
  std::string region;
  std::string cell;
  std::uint32_t number = 0;
  friend auto operator<=>(const TileKey&, const TileKey&) = default;
};

// "Scenery/Terrain/w030n60/w021n63" -> region and cell.
bool cell_of(const std::string& folder, std::string_view above, TileKey& key) {
  if (!folder.starts_with(above)) return false;
  const std::string rest = folder.substr(above.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string::npos || rest.find('/', slash + 1) != std::string::npos) return false;
  key.region = rest.substr(0, slash);
  key.cell = rest.substr(slash + 1);
  return true;
}

bool number_of(const std::string& name, std::uint32_t& number) {
  if (!name.ends_with(".stg")) return false;
  const char* end = name.data() + name.size() - 4;
  const auto [stop, error] = std::from_chars(name.data(), end, number);
  return error == std::errc() && stop == end;
}

class TileReader {
 public:
  TileReader(FlightGearFiles& files, FlightGearTile& tile, std::string& detail)
      : files_(files), tile_(tile), detail_(detail) {}

  Result<void> read() {
    for (const std::uint32_t file : tile_.stg_files) {
      if (const Result<void> good = read_list(file); !good) return good;
    }
    const auto unique = [](auto& list) {
      std::sort(list.begin(), list.end());
      list.erase(std::unique(list.begin(), list.end()), list.end());
    };
    unique(tile_.static_models);
    unique(tile_.shared_models);
    unique(tile_.materials);
    if (spheres_.empty()) {
      Sphere area;
      if (!tile_area(tile_.number, area)) {
        detail_ = files_.path(tile_.stg_files.front()) + ": the tile's number stands for no place";
        return Error{.code = ErrorCode::source_malformed, .subject_kind = Subject::file};
      }
      spheres_.push_back(area);
    }
    tile_.origin = spheres_.front().center;
    tile_.bounds = enclosing_sphere(spheres_);
    return {};
  }

 private:
  Result<void> read_list(std::uint32_t file) {
    const Result<std::string> text = files_.read_text(file, detail_);
    if (!text) return text.error();
    const Result<Stg> stg = parse_stg(*text);
    if (!stg) {
      detail_ = files_.path(file) + ":" + std::to_string(stg.error().subject) +
                ": this line lacks fields, or they are not numbers";
      return stg.error();
    }
    for (const StgLine& line : stg->lines) {
      if (const Result<void> good = take_line(file, line); !good) return good;
    }
    return {};
  }

  Result<void> take_line(std::uint32_t list, const StgLine& line) {
    switch (line.kind) {
      case StgKind::base:
      case StgKind::terrain: return take_terrain(list, line);
      case StgKind::fixed:
      case StgKind::shared_model: {
        const std::uint32_t model = files_.resolve(list, line.name);
        if (model == FlightGearFiles::kNone) {
          ++tile_.missing;
        } else if (files_.folder(model).starts_with("Scenery/Objects/")) {
          tile_.static_models.push_back(model);
        } else {
          tile_.shared_models.push_back(model);
        }
        return {};
      }
      case StgKind::sign: return {};
    }
    return {};
  }

  Result<void> take_terrain(std::uint32_t list, const StgLine& line) {
    const std::uint32_t file = files_.find(files_.folder(list) + "/" + line.name + ".gz");
    if (file == FlightGearFiles::kNone || !line.name.ends_with(".btg")) {
      ++tile_.missing;
      return {};
    }
    const auto& known = tile_.terrain_files;
    if (std::find(known.begin(), known.end(), file) != known.end()) return {};
    const std::string path = files_.tree().path(files_.file(file));
    const Result<std::vector<std::byte>> zipped = read_file(path, kUnzippedSizeMax, detail_);
    if (!zipped) return zipped.error();
    const Result<std::vector<std::byte>> bytes = gunzip(*zipped, kUnzippedSizeMax);
    if (!bytes) {
      detail_ = files_.path(file) + ": cannot be unzipped, or holds more than 256 MiB";
      return bytes.error();
    }
    const Result<BtgMesh> mesh = parse_btg(*bytes);
    if (!mesh) {
      detail_ = files_.path(file) + ": not a terrain mesh: it makes no sense from byte " +
                std::to_string(mesh.error().at) + " on";
      return mesh.error();
    }
    tile_.terrain_files.push_back(file);
    tile_.vertices += mesh->vertices;
    tile_.materials.insert(tile_.materials.end(), mesh->materials.begin(), mesh->materials.end());
    spheres_.push_back({.center = mesh->center, .radius = static_cast<double>(mesh->radius)});
    return {};
  }

  FlightGearFiles& files_;
  FlightGearTile& tile_;
  std::string& detail_;
  std::vector<Sphere> spheres_;
};

}  // namespace

WorldPosition earth_fixed(double longitude_deg, double latitude_deg, double height_m) {
  constexpr double kEquatorRadius = 6378137.0;
  constexpr double kFlattening = 1 / 298.257223563;
  constexpr double kEccentricitySquared = kFlattening * (2 - kFlattening);
  const double longitude = longitude_deg * kDegree;
  const double latitude = latitude_deg * kDegree;
  const double s = std::sin(latitude);
  const double normal = kEquatorRadius / std::sqrt(1 - kEccentricitySquared * s * s);
  const double across = (normal + height_m) * std::cos(latitude);
  return {across * std::cos(longitude), across * std::sin(longitude),
          (normal * (1 - kEccentricitySquared) + height_m) * s};
}

void lon_lat_of(WorldPosition place, double& longitude_deg, double& latitude_deg) {
  longitude_deg = std::atan2(place.y, place.x) / kDegree;
  latitude_deg = std::atan2(place.z, std::hypot(place.x, place.y)) / kDegree;
}

bool tile_area(std::uint32_t number, Sphere& area) {
  constexpr double kHeight = 0.125;
  const double west_degree = static_cast<double>(number >> 14) - 180;
  const double south_degree = static_cast<double>((number >> 6) & 0xFF) - 90;
  if (west_degree >= 180 || south_degree >= 90) return false;
  const double width = tile_width(south_degree);
  const double west = west_degree + static_cast<double>(number & 7) * std::min(width, 1.0);
  const double south = south_degree + static_cast<double>((number >> 3) & 7) * kHeight;
  area.center = earth_fixed(west + width / 2, south + kHeight / 2, 0);
  area.radius = 0;
  for (const double x : {west, west + width}) {
    for (const double y : {south, south + kHeight})
      area.radius = std::max(area.radius, distance(area.center, earth_fixed(x, y, 0)));
  }
  return true;
}

Sphere enclosing_sphere(const std::vector<Sphere>& spheres) {
  if (spheres.empty()) return {};
  const Sphere& largest =
      *std::max_element(spheres.begin(), spheres.end(),
                        [](const Sphere& a, const Sphere& b) { return a.radius < b.radius; });
  const auto reach_from = [&](WorldPosition center) {
    double reach = 0;
    for (const Sphere& s : spheres) reach = std::max(reach, distance(center, s.center) + s.radius);
    return reach;
  };
  if (reach_from(largest.center) <= largest.radius * (1 + 1e-9)) return largest;
  Sphere all;
  const auto count = static_cast<double>(spheres.size());
  for (const Sphere& s : spheres) {
    all.center.x += s.center.x / count;
    all.center.y += s.center.y / count;
    all.center.z += s.center.z / count;
  }
  all.radius = reach_from(all.center);
  return all;
}

Result<std::vector<FlightGearTile>> find_tiles(FlightGearFiles& files, std::string& detail) {
  std::map<TileKey, FlightGearTile> tiles;
  for (const std::string_view above : {"Scenery/Terrain/", "Scenery/Objects/"}) {
    for (std::uint32_t i = 0; i < files.tree().files.size(); ++i) {
      TileKey key;
      if (!cell_of(files.folder(i), above, key) || !number_of(files.file(i).name, key.number))
        continue;
      FlightGearTile& tile = tiles[key];
      tile.region = key.region;
      tile.cell = key.cell;
      tile.number = key.number;
      tile.stg_files.push_back(i);
    }
  }
  std::vector<FlightGearTile> found;
  found.reserve(tiles.size());
  for (auto& [key, tile] : tiles) {
    if (const Result<void> read = TileReader(files, tile, detail).read(); !read)
      return read.error();
    found.push_back(std::move(tile));
  }
  return found;
}

}  // namespace nf
