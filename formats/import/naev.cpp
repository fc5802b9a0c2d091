#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "formats/import/file_bytes.h"
#include "formats/import/image.h"
#include "formats/import/import.h"
#include "formats/import/naev_galaxy.h"
#include "formats/import/package_world.h"
#include "formats/pack/check_source.h"

namespace nf {

namespace {

constexpr std::uint32_t kNone = PackageWorld::kNone;
// Metres for a unit of the galaxy map. The nearest two systems are 37.6 units apart and the largest
// is some 50 km: 10^8 puts 3,760,000 km between those two, so that no bubble and no forecast of a
// ship that flies, rather than jumps, reaches from one into the other; and the farthest system is
// 1.4e11 m from the origin, where doubles still tell 0.03 mm apart.
constexpr double kMetresPerMapUnit = 1e8;
constexpr double kGateRadius = 200;  // what Naev's jump points have
constexpr double kSpobRadiusDefault = 200;

struct PlacedSpob {
  std::uint32_t file = kNone;
  NaevSpob spob;
  bool placed = false;
};

class NaevWorld {
 public:
  explicit NaevWorld(SourceTree tree) : package_(std::move(tree)) {}

  Result<SourceWorld> build(std::string& detail) {
    if (const Result<void> good = read(detail); !good) return good.error();
    for (const std::string& name : system_names_) add_system(system_.at(name));
    for (const std::string& name : system_names_) {
      if (const Result<void> good = add_gates(system_.at(name), detail); !good) return good.error();
    }
    package_.share("shared");
    package_.add_rest("package");
    write_notes();
    return package_.finish();
  }

 private:
  struct PlacedSystem {
    std::uint32_t file = kNone;
    NaevSystem system;
    std::uint32_t container = kNone;
    double reach = 0;  // metres from the centre to the far side of what is farthest
  };

  // Files below a folder in order of name: the order of the systems follows from it.
  template <class Take>
  Result<void> for_each_xml(std::string_view folder, Take take) {
    const SourceTree& tree = package_.tree();
    for (std::uint32_t file = 0; file < tree.files.size(); ++file) {
      const TreeFile& entry = tree.files[file];
      if (tree.folders[entry.folder].path != folder || !entry.name.ends_with(".xml")) continue;
      if (const Result<void> good = take(file); !good) return good;
    }
    return {};
  }

  Error refuse(std::uint32_t file, const Error& error, const std::string& problem,
               std::string& detail) const {
    detail = package_.path(file) + ": " + problem;
    return error;
  }
  Error refuse(std::uint32_t file, const std::string& problem, std::string& detail) const {
    return refuse(file, Error{.code = ErrorCode::source_malformed, .subject_kind = Subject::file},
                  problem, detail);
  }

  Result<void> read(std::string& detail) {
    const Result<void> systems =
        for_each_xml("dat/ssys", [&](std::uint32_t file) { return read_system(file, detail); });
    if (!systems) return systems;
    if (system_names_.empty()) {
      detail = package_.tree().root + ": there is no star system in dat/ssys";
      return Error{.code = ErrorCode::source_malformed, .subject_kind = Subject::file};
    }
    return for_each_xml("dat/assets", [&](std::uint32_t file) { return read_spob(file, detail); });
  }

  Result<void> read_system(std::uint32_t file, std::string& detail) {
    const Result<std::string> text = package_.read_text(file, detail);
    if (!text) return text.error();
    std::string problem;
    Result<NaevSystem> system = parse_naev_system(*text, problem);
    if (!system) return refuse(file, system.error(), problem, detail);
    const std::string name = system->name;
    if (!system_.try_emplace(name, PlacedSystem{.file = file, .system = std::move(*system)}).second)
      return refuse(file, "there is another system " + quoted_name(name), detail);
    system_names_.push_back(name);
    return {};
  }

  Result<void> read_spob(std::uint32_t file, std::string& detail) {
    const Result<std::string> text = package_.read_text(file, detail);
    if (!text) return text.error();
    std::string problem;
    Result<NaevSpob> spob = parse_naev_spob(*text, problem);
    if (!spob) return refuse(file, spob.error(), problem, detail);
    const std::string name = spob->name;
    // Systems mean the first of that name; the file of another stays with its folder.
    spobs_twice_ +=
        !spob_.try_emplace(name, PlacedSpob{.file = file, .spob = std::move(*spob)}).second;
    return {};
  }

  void add_system(PlacedSystem& placed) {
    const NaevSystem& system = placed.system;
    placed.container = package_.add_place(
        system.name, 0,
        {.position = {system.on_map.x * kMetresPerMapUnit, system.on_map.y * kMetresPerMapUnit, 0},
         .rotation = {},
         .radius = system.radius});
    placed.reach = system.radius;
    package_.add_file(placed.container, placed.file);
    for (const std::string& name : system.spobs) {
      const auto found = spob_.find(name);
      if (found == spob_.end()) {
        ++spobs_missing_;
      } else if (found->second.spob.has_place) {
        add_spob(found->second, placed);
      }
    }
    set_reach(placed);
  }

  void add_spob(PlacedSpob& placed, PlacedSystem& system) {
    if (placed.placed) {
      ++spobs_again_;
      return;
    }
    placed.placed = true;
    const NaevSpob& spob = placed.spob;
    const std::uint32_t space =
        spob.space_picture.empty()
            ? kNone
            : package_.find_below("dat/gfx/planet/space", spob.space_picture);
    const double radius = radius_of(space);
    const std::uint32_t id = package_.add_place(
        spob.name, system.container,
        {.position = {spob.at.x, spob.at.y, 0}, .rotation = {}, .radius = radius});
    system.reach = std::max(system.reach, std::hypot(spob.at.x, spob.at.y) + radius);
    package_.add_file(id, placed.file);
    if (space != kNone) package_.use(id, space);
    const std::uint32_t exterior =
        package_.find_below("dat/gfx/planet/exterior", spob.exterior_picture);
    if (exterior != kNone) package_.use(id, exterior);
    pictures_missing_ += space == kNone && !spob.space_picture.empty();
    pictures_missing_ += exterior == kNone && !spob.exterior_picture.empty();
  }

  // Half the larger side of the picture, of which a pixel is a metre.
  double radius_of(std::uint32_t picture) {
    if (picture == kNone) return kSpobRadiusDefault;
    const auto [entry, is_new] = radius_of_.try_emplace(picture, kSpobRadiusDefault);
    if (!is_new) return entry->second;
    constexpr Bytes kFront = {65'536};
    std::string detail;
    const Result<std::vector<std::byte>> front =
        read_file_front(package_.path(picture), kFront, detail);
    if (!front) return entry->second;
    const ImageInfo info = probe_image(*front);
    if (info.format != ImageFormat::none && info.width > 0 && info.height > 0)
      entry->second = std::max(info.width, info.height) / 2.0;
    return entry->second;
  }

  void set_reach(const PlacedSystem& placed) {
    const auto reach = static_cast<float>(placed.reach * (1 + 1e-6));
    package_.container(placed.container).bounds_half_extent = {reach, reach, reach};
  }

  // Where one comes out: at the jump that leads back, or in the middle if there is none.
  NaevPoint arrival(const PlacedSystem& from, const PlacedSystem& to) {
    for (const NaevJump& back : to.system.jumps) {
      if (back.target == from.system.name) return place_of(back, to.system, from.system);
    }
    ++jumps_one_way_;
    return {};
  }

  Result<void> add_gates(PlacedSystem& placed, std::string& detail) {
    const NaevSystem& system = placed.system;
    std::unordered_map<std::string, bool> seen;
    for (const NaevJump& jump : system.jumps) {
      const auto target = system_.find(jump.target);
      if (target == system_.end())
        return refuse(placed.file,
                      "a jump leads to " + quoted_name(jump.target) + ", which is no system",
                      detail);
      if (!seen.emplace(jump.target, true).second)
        return refuse(placed.file, "two jumps lead to " + quoted_name(jump.target), detail);
      const PlacedSystem& to = target->second;
      const NaevPoint at = place_of(jump, system, to.system);
      const NaevPoint out = arrival(placed, to);
      placed.reach = std::max(placed.reach, std::hypot(at.x, at.y) + kGateRadius);
      const std::string& path = package_.container(to.container).name;
      package_.container(placed.container)
          .gates.push_back({.name = path,
                            .position = {at.x, at.y, 0},
                            .to = path,
                            .to_position = {out.x, out.y, 0},
                            .radius = static_cast<float>(kGateRadius)});
    }
    set_reach(placed);
    return {};
  }

  void write_notes() {
    package_.note(spobs_missing_, "entries of systems name nothing that the package has");
    package_.note(spobs_twice_, "assets have the name of another");
    package_.note(spobs_again_, "entries of systems name what stands in another system already");
    package_.note(jumps_one_way_, "jumps have none that leads back; one comes out in the middle");
    package_.note(pictures_missing_, "pictures of planets and stations are not in the package");
  }

  PackageWorld package_;
  std::unordered_map<std::string, PlacedSystem> system_;  // by name
  std::vector<std::string> system_names_;                 // in order of file
  std::unordered_map<std::string, PlacedSpob> spob_;      // by name
  std::unordered_map<std::uint32_t, double> radius_of_;   // by picture
  std::uint64_t spobs_missing_ = 0;
  std::uint64_t spobs_twice_ = 0;
  std::uint64_t spobs_again_ = 0;
  std::uint64_t jumps_one_way_ = 0;
  std::uint64_t pictures_missing_ = 0;
};

}  // namespace

Result<SourceWorld> import_naev(const std::string& path, std::string& detail) {
  Result<SourceTree> tree = list_tree(path, LinkRule::leave_out, detail);
  if (!tree) return tree.error();
  NaevWorld builder(std::move(*tree));
  return builder.build(detail);
}

}  // namespace nf
