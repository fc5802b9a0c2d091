#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <unordered_set>

#include "formats/import/file_bytes.h"
#include "formats/import/import.h"
#include "formats/import/json_tree.h"
#include "formats/import/source_tree.h"
#include "formats/import/world_file_values.h"
#include "formats/pack/check_source.h"

namespace nf {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFileKeys[] = {"format", "version", "root"};
constexpr std::string_view kRootKeys[] = {
    "bounds", "load_distance", "activation_cost", "dependencies", "assets", "gates", "children"};
constexpr std::string_view kContainerKeys[] = {
    "name",   "position", "rotation", "bounds",     "load_distance", "activation_cost",
    "shared", "moves",    "template", "refinement", "tags",          "dependencies",
    "assets", "gates",    "children"};
constexpr std::string_view kAssetKeys[] = {"file", "name", "kind", "tags"};

// A dependency's or a gate's path, kept until every container is known.
struct NamedContainer {
  std::uint32_t container = 0;
  const JsonValue* path = nullptr;
};

class WorldFileReader {
 public:
  WorldFileReader(const WorldFileText& text, std::string folder)
      : text_(text), folder_(std::move(folder)) {}

  Result<SourceWorld> read(const JsonValue& file) {
    if (const Result<void> good = read_head(file); !good) return good.error();
    const JsonValue* root = find_member(file, "root");
    if (root == nullptr) return text_.refuse(file, "the key \"root\" is missing");
    if (const Result<void> good = add_container(*root, ~0u, 0); !good) return good.error();
    if (const Result<void> good = join_paths(); !good) return good.error();
    world_.load = load_file;
    return std::move(world_);
  }

 private:
  Result<void> join_paths() {
    for (const NamedContainer& named : dependencies_) {
      const auto found = by_path_.find(named.path->text);
      if (found == by_path_.end())
        return text_.refuse(*named.path, "there is no container " + quoted_name(named.path->text));
      if (!world_.containers[found->second].shared)
        return text_.refuse(*named.path, quoted_name(named.path->text) + " is not shared");
      world_.containers[named.container].dependencies.push_back(found->second);
    }
    for (const NamedContainer& named : targets_) {
      const auto found = by_path_.find(named.path->text);
      if (found != by_path_.end() && world_.containers[found->second].shared)
        return text_.refuse(*named.path,
                            quoted_name(named.path->text) + " is shared and has no place");
    }
    return {};
  }

  Result<void> read_head(const JsonValue& file) {
    if (const Result<void> good = text_.check_keys(file, kFileKeys); !good) return good;
    const JsonValue* format = find_member(file, "format");
    if (format == nullptr || format->text != "nearfield world")
      return text_.refuse(format == nullptr ? file : *format,
                          "\"format\" has to be \"nearfield world\"");
    const JsonValue* version = find_member(file, "version");
    if (version == nullptr || version->kind != JsonKind::number || version->number != 1)
      return text_.refuse(version == nullptr ? file : *version, "\"version\" has to be 1");
    return {};
  }

  Result<void> add_container(const JsonValue& value, std::uint32_t parent, std::uint32_t depth) {
    const bool root = parent == ~0u;
    if (const Result<void> good =
            root ? text_.check_keys(value, kRootKeys) : text_.check_keys(value, kContainerKeys);
        !good)
      return good;
    if (depth > kTreeDepthMax) return text_.refuse(value, "containers are nested deeper than 64");
    if (world_.containers.size() >= kContainersMax)
      return text_.refuse(value, "more than 2^24 containers");
    const auto id = static_cast<std::uint32_t>(world_.containers.size());
    SourceContainer container;
    container.parent = parent;
    if (!root) {
      const JsonValue* name = find_member(value, "name");
      if (name == nullptr || name->kind != JsonKind::text)
        return text_.refuse(value, "a container needs a \"name\"");
      if (const char* problem = name_problem(name->text))
        return text_.refuse(*name, "the name " + quoted_name(name->text) + " " + problem);
      container.name = name->text;
    }
    if (const Result<void> good = text_.read_place(value, container); !good) return good;
    if (const Result<void> good = text_.read_motion(value, container); !good) return good;
    if (const Result<void> good = read_tags(value, container.tags); !good) return good;
    if (const Result<void> good = read_assets(value, container); !good) return good;
    if (const Result<void> good = read_gates(value, id, container); !good) return good;
    if (const Result<void> good = read_dependencies(value, id); !good) return good;
    const std::string path = root          ? std::string()
                             : parent == 0 ? container.name
                                           : paths_.back() + "/" + container.name;
    if (!by_path_.emplace(path, id).second)
      return text_.refuse(*find_member(value, "name"),
                          "two siblings are named " + quoted_name(container.name));
    world_.containers.push_back(std::move(container));
    if (const char* problem = motion_problem(world_, id)) {
      const JsonValue* refinement = find_member(value, "refinement");
      return text_.refuse(refinement != nullptr ? *refinement : value,
                          "container " + source_path(world_, id) + ": " + problem);
    }
    return add_children(value, id, depth, path);
  }

  Result<void> add_children(const JsonValue& value, std::uint32_t id, std::uint32_t depth,
                            const std::string& path) {
    const JsonValue* children = find_member(value, "children");
    if (children == nullptr) return {};
    if (children->kind != JsonKind::array)
      return text_.refuse(*children, "\"children\" has to be a list");
    paths_.push_back(path);
    for (const JsonValue& child : children->items) {
      if (const Result<void> good = add_container(child, id, depth + 1); !good) return good;
    }
    paths_.pop_back();
    return {};
  }

  Result<void> read_tags(const JsonValue& value, TagSet& tags) {
    const JsonValue* list = find_member(value, "tags");
    if (list == nullptr) return {};
    const Result<TagSet> read = text_.read_tags(*list, world_.tags);
    if (!read) return read.error();
    tags = *read;
    return {};
  }

  Result<void> read_gates(const JsonValue& value, std::uint32_t id, SourceContainer& container) {
    const JsonValue* list = find_member(value, "gates");
    if (list == nullptr) return {};
    if (const Result<void> good = text_.read_gates(*list, container.gates); !good) return good;
    if (container.shared && !container.gates.empty())
      return text_.refuse(*list, "a shared container has no place, so no gate can stand in it");
    gates_ += container.gates.size();
    if (gates_ > kGatesMax) return text_.refuse(*list, "more than 2^20 gates");
    for (const JsonValue& gate : list->items) {
      targets_.push_back({.container = id, .path = find_member(gate, "to")});
    }
    return {};
  }

  Result<void> read_dependencies(const JsonValue& value, std::uint32_t id) {
    const JsonValue* list = find_member(value, "dependencies");
    if (list == nullptr) return {};
    if (list->kind != JsonKind::array)
      return text_.refuse(*list, "\"dependencies\" has to be a list");
    for (const JsonValue& path : list->items) {
      if (path.kind != JsonKind::text)
        return text_.refuse(path, "a dependency is the path of a shared container");
      dependencies_.push_back({.container = id, .path = &path});
    }
    return {};
  }

  Result<void> read_assets(const JsonValue& value, SourceContainer& container) {
    const JsonValue* list = find_member(value, "assets");
    if (list == nullptr) return {};
    if (list->kind != JsonKind::array) return text_.refuse(*list, "\"assets\" has to be a list");
    std::unordered_set<std::string_view> names;
    container.assets.reserve(list->items.size());
    for (const JsonValue& item : list->items) {
      if (const Result<void> good = read_asset(item, container); !good) return good;
      if (!names.insert(container.assets.back().name).second)
        return text_.refuse(item,
                            "two assets are named " + quoted_name(container.assets.back().name));
    }
    return {};
  }

  Result<void> read_asset(const JsonValue& item, SourceContainer& container) {
    const JsonValue* file = &item;
    const JsonValue* name = nullptr;
    const JsonValue* kind = nullptr;
    SourceAsset asset;
    if (item.kind == JsonKind::object) {
      if (const Result<void> good = text_.check_keys(item, kAssetKeys); !good) return good;
      file = find_member(item, "file");
      name = find_member(item, "name");
      kind = find_member(item, "kind");
      if (file == nullptr) return text_.refuse(item, "an asset needs a \"file\"");
      if (const Result<void> good = read_tags(item, asset.tags); !good) return good;
    }
    if (file->kind != JsonKind::text)
      return text_.refuse(*file, "an asset is a path, or an object with a \"file\"");
    if (const Result<void> good = find_file(*file, asset); !good) return good;
    asset.name = name != nullptr ? name->text : file->text.substr(file->text.rfind('/') + 1);
    if (const char* problem = name_problem(asset.name))
      return text_.refuse(name != nullptr ? *name : *file,
                          "the name " + quoted_name(asset.name) + " " + problem);
    asset.kind = asset_kind_of(asset.name);
    if (kind != nullptr) {
      if (const Result<void> good = text_.read_kind(*kind, asset.kind); !good) return good;
    }
    container.assets.push_back(std::move(asset));
    return {};
  }

  // Every folder on the way is looked at once; none may be a link.
  Result<void> find_file(const JsonValue& file, SourceAsset& asset) {
    const std::string& path = file.text;
    if (path.empty() || path.front() == '/' || path.find('\\') != std::string::npos)
      return text_.refuse(file, quoted_name(path) + " is not a path relative to the world file");
    if (path.find('\0') != std::string::npos || normal_path(path) != path)
      return text_.refuse(file,
                          quoted_name(path) + " has to be a plain path without \".\" and \"..\"");
    std::error_code error;
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
      const std::string folder = path.substr(0, at);
      if (folders_.count(folder) != 0) continue;
      if (!fs::is_directory(fs::symlink_status(folder_ + "/" + folder, error)))
        return text_.refuse(file, quoted_name(folder) + " is not a folder beside the world file");
      folders_.insert(folder);
    }
    asset.origin = folder_ + "/" + path;
    const fs::file_status status = fs::symlink_status(asset.origin, error);
    if (!fs::is_regular_file(status))
      return text_.refuse(
          file, quoted_name(path) +
                    (fs::exists(status) ? " is not a regular file" : ": there is no such file"));
    asset.size_hint = fs::file_size(asset.origin, error);
    if (error) return text_.refuse(file, quoted_name(path) + ": " + error.message());
    return {};
  }

  const WorldFileText& text_;
  std::string folder_;
  SourceWorld world_;
  std::vector<NamedContainer> dependencies_;
  std::vector<NamedContainer> targets_;  // of gates
  std::uint64_t gates_ = 0;
  std::unordered_map<std::string, std::uint32_t> by_path_;
  std::unordered_set<std::string> folders_;
  std::vector<std::string> paths_;  // of the containers that are open
};

}  // namespace

Result<SourceWorld> read_world_text(std::string_view text, const std::string& file,
                                    const std::string& folder, std::string& detail) {
  const WorldFileText values(file, text, detail);
  const Result<JsonValue> json = parse_json(text, {}, detail);
  if (!json) {
    detail = file + ":" + detail;
    return json.error();
  }
  return WorldFileReader(values, folder).read(*json);
}

Result<SourceWorld> import_world_file(const std::string& path, std::string& detail) {
  std::error_code error;
  const bool folder_given = fs::is_directory(path, error);
  const std::string file = folder_given ? path + "/world.json" : path;
  const std::string folder = folder_given ? path : fs::path(path).parent_path().string();
  const Result<std::vector<std::byte>> bytes =
      read_file(file, Bytes{JsonLimits().size_max}, detail);
  if (!bytes) return bytes.error();
  return read_world_text({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, file,
                         folder.empty() ? "." : folder, detail);
}

}  // namespace nf
