#include <algorithm>
#include <map>

#include "formats/import/cook.h"
#include "formats/import/flightgear_files.h"
#include "formats/import/flightgear_materials.h"
#include "formats/import/flightgear_tiles.h"
#include "formats/import/import.h"
#include "formats/import/sharing.h"

namespace nf {

namespace {

constexpr float kTileLoadDistance = 20'000;  // a clear day's view of the ground from an airliner's
constexpr float kCellLoadDistance = 40'000;  // approach; cells and regions hold little themselves
constexpr float kRegionLoadDistance = 100'000;
constexpr float kEarthLoadDistance = 1'000'000;
constexpr double kEarthRadius = 6'378'137.0 + 9'000;

constexpr std::uint32_t kNone = ~0u;

// "Scenery/Models/Airport" -> "Airport": shared containers say themselves what they are.
std::string without_front(const std::string& folder) {
  for (const std::string_view front : {"Scenery/Models/", "Scenery/Objects/", "Textures/"}) {
    if (folder.starts_with(front)) return folder.substr(front.size());
  }
  return folder;
}

class FlightGearWorld {
 public:
  explicit FlightGearWorld(SourceTree tree) : files_(std::move(tree)), materials_(files_) {}

  Result<SourceWorld> build(std::string& detail) {
    Result<std::vector<FlightGearTile>> tiles = find_tiles(files_, detail);
    if (!tiles) return tiles.error();
    tiles_ = std::move(*tiles);
    world_.containers.emplace_back();
    add_earth();
    take_static_models();
    const std::uint32_t shared = add_folder("shared", 0);
    share_models(add_folder("models", shared));
    share_textures(add_folder("textures", shared));
    add_rest(add_folder("package", 0));
    write_notes();
    set_cooking_loader(world_);
    return std::move(world_);
  }

 private:
  std::uint32_t add_folder(const std::string& name, std::uint32_t parent) {
    const auto id = static_cast<std::uint32_t>(world_.containers.size());
    SourceContainer container;
    container.name = name;
    container.parent = parent;
    world_.containers.push_back(std::move(container));
    return id;
  }

  // Axes stay those of the earth; the origin is the centre of the bounds, or what `origin` says.
  std::uint32_t add_place(const std::string& name, std::uint32_t parent, const Sphere& bounds,
                          WorldPosition origin, float load_distance) {
    const std::uint32_t id = add_folder(name, parent);
    origin_.resize(world_.containers.size());
    origin_[id] = origin;
    const WorldVector at = origin - origin_[parent];
    const WorldVector center = bounds.center - origin;
    const auto radius = static_cast<float>(bounds.radius * (1 + 1e-6));
    SourceContainer& container = world_.containers[id];
    container.position = {at.x, at.y, at.z};
    container.bounds_kind = BoundsKind::sphere;
    container.bounds_center = {static_cast<float>(center.x), static_cast<float>(center.y),
                               static_cast<float>(center.z)};
    container.bounds_half_extent = {radius, radius, radius};
    container.load_distance = load_distance;
    return id;
  }

  void add_asset(std::uint32_t container, std::uint32_t file, std::string_view name_ending = {}) {
    if (files_.taken(file)) return;
    files_.take(file);
    const TreeFile& from = files_.file(file);
    SourceAsset asset = cooked_asset(from.name, files_.tree().path(from), from.size);
    asset.name += name_ending;
    world_.containers[container].assets.push_back(std::move(asset));
  }

  // Containers of one level are made when their first tile comes: tiles are sorted by them.
  void add_earth() {
    origin_.resize(1);
    const std::uint32_t earth =
        add_place("earth", 0, {.center = {}, .radius = kEarthRadius}, {}, kEarthLoadDistance);
    std::map<std::string, std::vector<Sphere>> spheres;
    for (const FlightGearTile& tile : tiles_) {
      spheres[tile.region].push_back(tile.bounds);
      spheres[tile.region + "/" + tile.cell].push_back(tile.bounds);
    }
    std::string region_name;
    std::string cell_path;
    std::uint32_t region = 0;
    for (const FlightGearTile& tile : tiles_) {
      if (tile.region != region_name) {
        region_name = tile.region;
        const Sphere bounds = enclosing_sphere(spheres[region_name]);
        region = add_place(region_name, earth, bounds, bounds.center, kRegionLoadDistance);
      }
      if (tile.region + "/" + tile.cell != cell_path) {
        cell_path = tile.region + "/" + tile.cell;
        const Sphere bounds = enclosing_sphere(spheres[cell_path]);
        cell_.push_back(add_place(tile.cell, region, bounds, bounds.center, kCellLoadDistance));
      } else {
        cell_.push_back(cell_.back());
      }
      add_tile(tile, cell_.back());
    }
  }

  void add_tile(const FlightGearTile& tile, std::uint32_t cell) {
    const std::uint32_t id =
        add_place(std::to_string(tile.number), cell, tile.bounds, tile.origin, kTileLoadDistance);
    tile_.push_back(id);
    for (const std::uint32_t file : tile.stg_files) {
      const bool objects = files_.folder(file).starts_with("Scenery/Objects/");
      files_.take(file);
      const TreeFile& from = files_.file(file);
      SourceAsset asset = cooked_asset(from.name, files_.tree().path(from), from.size);
      if (objects) asset.name.insert(asset.name.size() - 4, ".objects");
      world_.containers[id].assets.push_back(std::move(asset));
    }
    for (const std::uint32_t file : tile.terrain_files) add_asset(id, file);
  }

  // What stands in a tile's own folder: with the tile if no other needs it, with the cell
  // otherwise. What such a model names among the shared ones is treated as if the tile had placed
  // it.
  void take_static_models() {
    std::vector<FileUse> uses;
    for (std::uint32_t t = 0; t < tiles_.size(); ++t) {
      for (const std::uint32_t model : tiles_[t].static_models) {
        for (const std::uint32_t file : files_.model_files(model)) {
          if (files_.folder(file).starts_with("Scenery/Objects/")) {
            uses.push_back({.file = file, .user = t});
          } else {
            tiles_[t].shared_models.push_back(file);
          }
        }
      }
    }
    for (const SharingGroup& group : group_by_users(std::move(uses))) {
      const std::uint32_t first = group.users.front();
      const bool one_cell = std::all_of(group.users.begin(), group.users.end(),
                                        [&](std::uint32_t t) { return cell_[t] == cell_[first]; });
      if (!one_cell) {
        add_shared_group(group, [&](std::uint32_t t) { depend(tile_[t]); });
        continue;
      }
      const std::uint32_t holder = group.users.size() == 1 ? tile_[first] : cell_[first];
      for (const std::uint32_t file : group.files) add_asset(holder, file);
    }
  }

  // A shared container for the group, named after its first file, below folders named as its own.
  template <class ForUser>
  void add_shared_group(const SharingGroup& group, ForUser for_user, std::uint32_t below = kNone) {
    if (below == kNone) below = wide_folder();
    const std::string folder = without_front(files_.folder(group.files.front()));
    const std::uint32_t parent = mirrored_folder(folder, below);
    group_ = add_folder(files_.file(group.files.front()).name, parent);
    world_.containers[group_].shared = true;
    for (const std::uint32_t file : group.files) add_asset(group_, file);
    make_names_unique(world_.containers[group_].assets);
    for (const std::uint32_t user : group.users) for_user(user);
  }

  void depend(std::uint32_t container) {
    world_.containers[container].dependencies.push_back(group_);
  }

  std::uint32_t wide_folder() {
    if (wide_ == kNone) wide_ = add_folder("objects", 0);
    return wide_;
  }

  std::uint32_t mirrored_folder(const std::string& path, std::uint32_t below) {
    const auto found = folders_.find({below, path});
    if (found != folders_.end()) return found->second;
    const std::size_t slash = path.rfind('/');
    const bool top = slash == std::string::npos;
    const std::uint32_t parent = top ? below : mirrored_folder(path.substr(0, slash), below);
    const std::uint32_t id =
        path.empty() ? below : add_folder(path.substr(top ? 0 : slash + 1), parent);
    folders_[{below, path}] = id;
    return id;
  }

  // A group may hold files of one name from several folders.
  static void make_names_unique(std::vector<SourceAsset>& assets) {
    std::map<std::string, int> seen;
    for (SourceAsset& asset : assets) {
      const int before = seen[asset.name]++;
      if (before == 0) continue;
      const std::size_t slash = asset.origin.rfind('/');
      const std::size_t above = asset.origin.rfind('/', slash - 1);
      asset.name = asset.origin.substr(above + 1, slash - above - 1) + "." +
                   std::to_string(before) + "." + asset.name;
    }
  }

  void share_models(std::uint32_t below) {
    std::vector<std::vector<std::uint32_t>> users_of_model;
    std::map<std::uint32_t, std::uint32_t> number_of;  // by file
    std::vector<FileUse> uses;
    for (std::uint32_t t = 0; t < tiles_.size(); ++t) {
      for (const std::uint32_t model : tiles_[t].shared_models) {
        const auto [entry, is_new] =
            number_of.try_emplace(model, static_cast<std::uint32_t>(users_of_model.size()));
        if (is_new) {
          users_of_model.emplace_back();
          for (const std::uint32_t file : files_.model_files(model)) {
            if (!files_.taken(file)) uses.push_back({.file = file, .user = entry->second});
          }
        }
        users_of_model[entry->second].push_back(t);
      }
    }
    for (const SharingGroup& group : group_by_users(std::move(uses))) {
      add_shared_group(
          group,
          [&](std::uint32_t model) {
            for (const std::uint32_t t : users_of_model[model]) depend(tile_[t]);
          },
          below);
    }
  }

  void share_textures(std::uint32_t below) {
    std::map<std::uint32_t, std::vector<std::uint32_t>> tiles_of;  // by definition
    for (std::uint32_t t = 0; t < tiles_.size(); ++t) {
      double longitude = 0;
      double latitude = 0;
      lon_lat_of(tiles_[t].bounds.center, longitude, latitude);
      for (const std::string& material : tiles_[t].materials) {
        const std::uint32_t definition = materials_.find(material, longitude, latitude);
        if (definition != MaterialLibrary::kNone) {
          tiles_of[definition].push_back(t);
        } else {
          ++materials_missing_[material];
        }
      }
    }
    std::vector<FileUse> uses;
    for (const auto& [definition, users] : tiles_of) {
      for (const std::uint32_t file : materials_.textures(definition)) {
        if (!files_.taken(file)) uses.push_back({.file = file, .user = definition});
      }
    }
    for (const SharingGroup& group : group_by_users(std::move(uses))) {
      add_shared_group(
          group,
          [&](std::uint32_t definition) {
            for (const std::uint32_t t : tiles_of[definition]) depend(tile_[t]);
          },
          below);
    }
  }

  // Everything that nobody took, in its folders; folders with nothing left are not made.
  void add_rest(std::uint32_t below) {
    for (std::uint32_t file = 0; file < files_.tree().files.size(); ++file) {
      if (!files_.taken(file)) add_asset(mirrored_folder(files_.folder(file), below), file);
    }
    for (SourceContainer& container : world_.containers) {
      std::sort(container.dependencies.begin(), container.dependencies.end());
      container.dependencies.erase(
          std::unique(container.dependencies.begin(), container.dependencies.end()),
          container.dependencies.end());
    }
  }

  void write_notes() {
    std::uint64_t missing = 0;
    for (const FlightGearTile& tile : tiles_) missing += tile.missing;
    const auto note = [&](std::uint64_t count, const std::string& text) {
      if (count > 0) world_.notes += std::to_string(count) + " " + text + "\n";
    };
    note(files_.tree().links_left_out, "links and special files were left out");
    note(missing, "placements name a file that the package does not have");
    note(files_.xml_passed_over(), "XML files could not be read for what they name");
    note(materials_missing_.size(), "terrain materials have no definition");
    world_.notes += files_.tree().archive_notes();
  }

  FlightGearFiles files_;
  MaterialLibrary materials_;
  std::vector<FlightGearTile> tiles_;
  std::vector<std::uint32_t> tile_;    // container, by tile
  std::vector<std::uint32_t> cell_;    // container, by tile
  std::vector<WorldPosition> origin_;  // of placed containers, in the root's frame
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> folders_;
  std::map<std::string, std::uint64_t> materials_missing_;
  std::uint32_t wide_ = kNone;   // folder of what tiles of several cells share
  std::uint32_t group_ = kNone;  // the last that was made
  SourceWorld world_;
};

}  // namespace

Result<SourceWorld> import_flightgear(const std::string& path, std::string& detail) {
  Result<SourceTree> tree = list_tree(path, LinkRule::leave_out, detail);
  if (!tree) return tree.error();
  FlightGearWorld builder(std::move(*tree));
  return builder.build(detail);
}

}  // namespace nf
