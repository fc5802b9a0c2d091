#include "formats/import/package_world.h"

#include <algorithm>

#include "formats/import/cook.h"
#include "formats/import/file_bytes.h"
#include "formats/pack/check_source.h"
#include "formats/wire/component.h"

namespace nf {

namespace {

constexpr Bytes kTextSizeMax = {64ull << 20};
constexpr std::size_t kNameSizeMax = 200;  // leaves room for a number and what cooking appends

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte != 0x7F && c != '/' && c != '\\';
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The asset's name as the cook step makes it; zipped models are stored unzipped.
SourceAsset asset_of(const TreeFile& file, const std::string& path) {
  SourceAsset asset = cooked_asset(file.name, path, file.size);
  if (!file.name.ends_with(".obj.gz")) return asset;
  constexpr std::uint64_t kUsualRatio = 3;
  asset.name.resize(asset.name.size() - 3);
  asset.kind = AssetKind::mesh;
  asset.recipe = static_cast<std::uint32_t>(Recipe::unzip);
  asset.size_hint = file.size * kUsualRatio;
  return asset;
}

}  // namespace

std::string component_of(std::string_view name) {
  std::string plain(name);
  const bool utf8 = is_utf8(name);
  for (char& c : plain) {
    if (!is_plain(c) || (!utf8 && static_cast<unsigned char>(c) >= 0x80)) c = '_';
  }
  if (plain.size() > kNameSizeMax) {
    std::size_t size = kNameSizeMax;
    while (size > 0 && continues_character(plain[size])) --size;
    plain.resize(size);
  }
  if (plain.empty() || plain == "." || plain == "..") return "_";
  return plain;
}

PackageWorld::PackageWorld(SourceTree tree) : tree_(std::move(tree)) {
  by_path_.reserve(tree_.files.size());
  for (std::uint32_t i = 0; i < tree_.files.size(); ++i) {
    by_path_.emplace(tree_.relative_path(tree_.files[i]), i);
  }
  taken_.assign(tree_.files.size(), false);
  world_.containers.emplace_back();
}

std::uint32_t PackageWorld::find(const std::string& path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? kNone : found->second;
}

std::uint32_t PackageWorld::find_below(std::string_view folder, std::string_view name) const {
  const std::string below = normal_path(name);
  return below.empty() ? kNone : find(std::string(folder) + "/" + below);
}

Result<std::string> PackageWorld::read_text(std::uint32_t file, std::string& detail) const {
  const Result<std::vector<std::byte>> bytes = read_file(path(file), kTextSizeMax, detail);
  if (!bytes) return bytes.error();
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

std::string PackageWorld::unique_name(std::uint32_t container, std::string name,
                                      bool number_first) {
  std::uint32_t& asked = names_[{container, name}];
  if (++asked == 1) return name;
  for (;; ++asked) {
    std::string numbered = number_first ? std::to_string(asked) + "." : name + " ";
    numbered += number_first ? name : std::to_string(asked);
    if (names_.try_emplace({container, numbered}, 1).second) return numbered;
  }
}

std::uint32_t PackageWorld::add_folder(std::string_view name, std::uint32_t parent) {
  const auto id = static_cast<std::uint32_t>(world_.containers.size());
  SourceContainer& made = world_.containers.emplace_back();
  made.name = unique_name(parent, component_of(name), false);
  made.parent = parent;
  return id;
}

std::uint32_t PackageWorld::add_place(std::string_view name, std::uint32_t parent,
                                      const SpherePlace& place) {
  const std::uint32_t id = add_folder(name, parent);
  SourceContainer& made = world_.containers[id];
  made.position = place.position;
  made.rotation = place.rotation;
  made.bounds_kind = BoundsKind::sphere;
  const auto radius = static_cast<float>(place.radius);
  made.bounds_half_extent = {radius, radius, radius};
  return id;
}

void PackageWorld::add_file(std::uint32_t container, std::uint32_t file) {
  if (taken_[file]) return;
  taken_[file] = true;
  add_asset(container, asset_of(tree_.files[file], path(file)));
}

void PackageWorld::add_asset(std::uint32_t container, SourceAsset asset) {
  asset.name = unique_name(container, std::move(asset.name), true);
  world_.containers[container].assets.push_back(std::move(asset));
}

void PackageWorld::use(std::uint32_t container, std::uint32_t file) {
  uses_.push_back({.file = file, .user = container});
}

void PackageWorld::share(std::string_view below) {
  std::erase_if(uses_, [&](const FileUse& use) { return taken_[use.file]; });
  std::uint32_t parent = kNone;
  for (const SharingGroup& group : group_by_users(std::exchange(uses_, {}))) {
    std::uint32_t holder = group.users.front();
    if (group.users.size() > 1) {
      if (parent == kNone) parent = add_folder(below, 0);
      holder = add_folder(tree_.files[group.files.front()].name, parent);
      world_.containers[holder].shared = true;
      for (const std::uint32_t user : group.users) {
        world_.containers[user].dependencies.push_back(holder);
      }
    }
    for (const std::uint32_t file : group.files) add_file(holder, file);
  }
}

std::uint32_t PackageWorld::mirrored_folder(std::uint32_t folder, std::uint32_t below) {
  const TreeFolder& from = tree_.folders[folder];
  if (from.parent == ~0u) return below;
  const auto found = mirrored_.find({below, folder});
  if (found != mirrored_.end()) return found->second;
  const std::uint32_t id = add_folder(from.name, mirrored_folder(from.parent, below));
  mirrored_[{below, folder}] = id;
  return id;
}

void PackageWorld::add_rest(std::string_view below) {
  std::uint32_t parent = kNone;
  for (std::uint32_t file = 0; file < tree_.files.size(); ++file) {
    if (taken_[file]) continue;
    if (parent == kNone) parent = add_folder(below, 0);
    add_file(mirrored_folder(tree_.files[file].folder, parent), file);
  }
}

void PackageWorld::note(std::uint64_t count, std::string_view text) {
  if (count > 0) world_.notes += std::to_string(count) + " " + std::string(text) + "\n";
}

SourceWorld PackageWorld::finish() {
  note(tree_.links_left_out, "links and special files were left out");
  world_.notes += tree_.archive_notes();
  set_cooking_loader(world_);
  return std::move(world_);
}

}  // namespace nf
