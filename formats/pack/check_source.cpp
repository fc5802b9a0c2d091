#include "formats/pack/check_source.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unordered_set>

#include "formats/wire/component.h"

namespace nf {

namespace {

constexpr double kPositionMax = 1e18;
constexpr std::uint16_t kKindMax = 15;

Error refuse(ErrorCode code, std::uint32_t container, std::string& detail, std::string text) {
  detail = std::move(text);
  return Error{.code = code, .subject_kind = Subject::container, .subject = container};
}

std::string in_container(const SourceWorld& source, std::uint32_t container) {
  return "container " + source_path(source, container) + ": ";
}

bool all_finite(LocalVector v) {
  return std::isfinite(v.x) && std::isfinite(v.y) && std::isfinite(v.z);
}

bool is_place(const WorldPosition& at) {
  return std::fabs(at.x) <= kPositionMax && std::fabs(at.y) <= kPositionMax &&
         std::fabs(at.z) <= kPositionMax;
}

bool is_length(float length) {
  return std::isfinite(length) && length >= 0;
}

const char* place_problem(const SourceContainer& c) {
  if (!is_place(c.position)) return "its position is not a number or over 1e18 metres";
  const auto& r = c.rotation;
  const double length = std::sqrt(static_cast<double>(r.x) * r.x + static_cast<double>(r.y) * r.y +
                                  static_cast<double>(r.z) * r.z + static_cast<double>(r.w) * r.w);
  if (!(length >= 0.999 && length <= 1.001)) return "its rotation is not a quaternion of length 1";
  if (!all_finite(c.bounds_center)) return "the centre of its bounds is not a number";
  const LocalVector half = c.bounds_half_extent;
  if (!all_finite(half) || half.x < 0 || half.y < 0 || half.z < 0)
    return "its bounds are negative or not a number";
  if (c.bounds_kind == BoundsKind::sphere && (half.x != half.y || half.x != half.z))
    return "the bounds of a sphere need three equal half extents";
  if (!is_length(c.load_distance)) return "its load distance is negative or not a number";
  if (c.shared && c.bounds_kind != BoundsKind::none)
    return "a shared container has no place, but bounds are given";
  return nullptr;
}

// True if two neighbours of the sorted order are equal; `name` gets the first such.
bool find_duplicate(std::vector<std::string_view>& names, std::string_view& name) {
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin == names.end()) return false;
  name = *twin;
  return true;
}

Result<void> check_assets(const SourceWorld& source, std::uint32_t id, std::string& detail) {
  const SourceContainer& container = source.containers[id];
  std::vector<std::string_view> names;
  names.reserve(container.assets.size());
  for (const SourceAsset& asset : container.assets) {
    if (const char* problem = name_problem(asset.name))
      return refuse(
          ErrorCode::name_invalid, id, detail,
          in_container(source, id) + "asset " + quoted_name(asset.name) + ": the name " + problem);
    if (static_cast<std::uint16_t>(asset.kind) > kKindMax)
      return refuse(
          ErrorCode::field_out_of_range, id, detail,
          in_container(source, id) + "asset " + quoted_name(asset.name) + ": unknown kind");
    names.push_back(asset.name);
  }
  std::string_view twin;
  if (find_duplicate(names, twin))
    return refuse(ErrorCode::name_duplicate, id, detail,
                  in_container(source, id) + "two assets are named " + quoted_name(twin));
  return {};
}

Result<void> check_dependencies(const SourceWorld& source, std::uint32_t id, std::string& detail) {
  for (const std::uint32_t on : source.containers[id].dependencies) {
    if (on >= source.containers.size())
      return refuse(ErrorCode::dependency_invalid, id, detail,
                    in_container(source, id) + "it depends on a container that does not exist");
    if (!source.containers[on].shared)
      return refuse(ErrorCode::dependency_invalid, id, detail,
                    in_container(source, id) + "it depends on " + source_path(source, on) +
                        ", which is not shared");
    if (on == id)
      return refuse(ErrorCode::dependency_invalid, id, detail,
                    in_container(source, id) + "it depends on itself");
  }
  return {};
}

Result<void> check_tree(const SourceWorld& source, std::string& detail) {
  const auto& containers = source.containers;
  std::vector<std::uint32_t> depth(containers.size(), 0);
  std::vector<std::size_t> path_size(containers.size(), 0);
  for (std::uint32_t id = 1; id < containers.size(); ++id) {
    const SourceContainer& c = containers[id];
    if (c.parent >= id)
      return refuse(ErrorCode::tree_malformed, id, detail,
                    "container " + quoted_name(c.name) + ": its parent does not come before it");
    if (const char* problem = name_problem(c.name))
      return refuse(ErrorCode::name_invalid, id, detail,
                    "container " + quoted_name(c.name) + " in " + source_path(source, c.parent) +
                        ": the name " + problem);
    depth[id] = depth[c.parent] + 1;
    path_size[id] = path_size[c.parent] + c.name.size() + (c.parent == 0 ? 0 : 1);
    if (depth[id] > kTreeDepthMax || path_size[id] > kPathSizeMax)
      return refuse(
          ErrorCode::limit_exceeded, id, detail,
          in_container(source, id) + "nested deeper than 64, or its path over 4096 bytes");
  }
  return {};
}

Result<void> check_sibling_names(const SourceWorld& source, std::string& detail) {
  const auto& containers = source.containers;
  std::vector<std::uint32_t> order;
  order.reserve(containers.size());
  for (std::uint32_t id = 1; id < containers.size(); ++id) order.push_back(id);
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    if (containers[a].parent != containers[b].parent)
      return containers[a].parent < containers[b].parent;
    return containers[a].name < containers[b].name;
  };
  std::sort(order.begin(), order.end(), before);
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (before(order[i - 1], order[i])) continue;
    const std::uint32_t id = order[i];
    return refuse(ErrorCode::name_duplicate, id, detail,
                  "two containers in " + source_path(source, containers[id].parent) +
                      " are named " + quoted_name(containers[id].name));
  }
  return {};
}

// Extracted, a container is a folder and an asset a file: the two cannot share a name. Children are
// checked against the assets of their parents, a container's assets sorted once.
Result<void> check_names_of_both_kinds(const SourceWorld& source, std::string& detail) {
  const auto& containers = source.containers;
  std::vector<std::vector<std::uint32_t>> children(containers.size());
  for (std::uint32_t id = 1; id < containers.size(); ++id) {
    if (!containers[containers[id].parent].assets.empty()) {
      children[containers[id].parent].push_back(id);
    }
  }
  std::vector<std::string_view> names;
  for (std::uint32_t id = 0; id < containers.size(); ++id) {
    if (children[id].empty()) continue;
    names.clear();
    for (const SourceAsset& asset : containers[id].assets) names.push_back(asset.name);
    std::sort(names.begin(), names.end());
    for (const std::uint32_t child : children[id]) {
      const std::string& name = containers[child].name;
      if (!std::binary_search(names.begin(), names.end(), name)) continue;
      return refuse(ErrorCode::name_duplicate, child, detail,
                    "container " + source_path(source, child) + " and asset " + quoted_name(name) +
                        " in " + source_path(source, id) +
                        " have one name: extracted they would be a folder and a file");
    }
  }
  return {};
}

// The names, numbers and targets of one container's gates.
Result<void> check_gates_of(const SourceWorld& source, std::uint32_t id, std::string& detail) {
  const SourceContainer& container = source.containers[id];
  if (container.gates.empty()) return {};
  if (container.shared)
    return refuse(ErrorCode::field_out_of_range, id, detail,
                  in_container(source, id) + "it is shared, so no gate can stand in it");
  std::vector<std::string_view> names;
  for (const SourceGate& gate : container.gates) {
    const std::string who = in_container(source, id) + "gate " + quoted_name(gate.name) + ": ";
    if (const char* problem = name_problem(gate.name))
      return refuse(ErrorCode::name_invalid, id, detail, who + "the name " + problem);
    if (const char* problem = path_problem(gate.to))
      return refuse(ErrorCode::name_invalid, id, detail,
                    who + "the target " + quoted_name(gate.to) + " " + problem);
    if (const char* problem = gate_problem(gate))
      return refuse(ErrorCode::field_out_of_range, id, detail, who + problem);
    names.push_back(gate.name);
  }
  std::string_view twin;
  if (find_duplicate(names, twin))
    return refuse(ErrorCode::name_duplicate, id, detail,
                  in_container(source, id) + "two gates are named " + quoted_name(twin));
  return {};
}

// A gate cannot lead to what has no place. What leads to another archive is not judged.
Result<void> check_gate_targets(const SourceWorld& source, std::string& detail) {
  std::unordered_set<std::string> shared;
  for (std::uint32_t id = 0; id < source.containers.size(); ++id) {
    if (source.containers[id].shared) shared.insert(source_path(source, id));
  }
  for (std::uint32_t id = 0; id < source.containers.size(); ++id) {
    for (const SourceGate& gate : source.containers[id].gates) {
      if (shared.count(gate.to) == 0) continue;
      return refuse(ErrorCode::field_out_of_range, id, detail,
                    in_container(source, id) + "gate " + quoted_name(gate.name) + ": it leads to " +
                        quoted_name(gate.to) + ", which is shared and has no place");
    }
  }
  return {};
}

Result<void> check_gates(const SourceWorld& source, std::string& detail) {
  std::uint64_t count = 0;
  for (std::uint32_t id = 0; id < source.containers.size(); ++id) {
    count += source.containers[id].gates.size();
    if (const Result<void> good = check_gates_of(source, id, detail); !good) return good;
  }
  if (count == 0) return {};
  if (count <= kGatesMax) return check_gate_targets(source, detail);
  detail = "more gates than an archive holds (2^20)";
  return Error{.code = ErrorCode::limit_exceeded};
}

}  // namespace

const char* path_problem(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.size() > kPathSizeMax) return "is longer than 4096 bytes";
  std::size_t depth = 0;
  for (std::size_t at = 0; at <= path.size(); ++depth) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    if (!is_component(path.substr(at, slash - at))) return "is no path of a container";
    at = slash + 1;
  }
  return depth > kTreeDepthMax ? "is nested deeper than 64" : nullptr;
}

const char* motion_problem(const SourceWorld& source, std::uint32_t container) {
  const SourceContainer& c = source.containers[container];
  if (container == 0)
    return c.moves || c.is_template || c.refinement != Refinement::none
               ? "the root neither moves, nor is it a template or a refinement"
               : nullptr;
  if (c.shared && c.moves) return "a shared container has no place, so it cannot move";
  if (c.shared && c.is_template) return "a shared container has no place, so it is no template";
  for (std::uint32_t at = c.parent; c.is_template && at != 0; at = source.containers[at].parent) {
    if (source.containers[at].is_template) return "it is a template inside a template";
  }
  if (c.refinement == Refinement::none) return nullptr;
  if (c.refinement > Refinement::replace) return "its refinement is unknown";
  if (c.bounds_kind == BoundsKind::none) return "it refines its parent, but has no bounds";
  if (source.containers[c.parent].bounds_kind == BoundsKind::none)
    return "it refines its parent, but that has no bounds";
  if (c.is_template) return "it refines its parent, so it is no template";
  return c.moves ? "it refines its parent, so it cannot move by itself" : nullptr;
}

const char* gate_problem(const SourceGate& gate) {
  if (!is_place(gate.position)) return "its position is not a number or over 1e18 metres";
  if (!is_place(gate.to_position))
    return "the position where it leads to is not a number or over 1e18 metres";
  if (!is_length(gate.radius)) return "its radius is negative or not a number";
  return is_length(gate.lead_time) ? nullptr : "its lead time is negative or not a number";
}

const char* name_problem(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > kComponentSizeMax) return "is longer than 255 bytes";
  if (name == "." || name == "..") return "means a folder";
  if (name.front() == '/') return "is an absolute path";
  if (name.find_first_of("/\\") != std::string_view::npos) return "contains a slash";
  if (!is_utf8(name)) return "is not UTF-8";
  return is_component(name) ? nullptr : "contains a control character";
}

std::string quoted_name(std::string_view name) {
  constexpr std::size_t kShownMax = 300;
  constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";  // what JSON has a letter for
  constexpr std::string_view kLetters = "\"\\bfnrt";
  const bool utf8 = is_utf8(name);
  std::string text = "\"";
  for (const char c : name.substr(0, kShownMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (const std::size_t at = kNamed.find(c); at != std::string_view::npos) {
      text += {'\\', kLetters[at]};
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) {
      char escaped[7];
      std::snprintf(escaped, sizeof escaped, byte < 0x80 ? "\\u%04X" : "\\x%02X", byte);
      text += escaped;
    } else {
      text += c;
    }
  }
  return text + (name.size() > kShownMax ? "...\"" : "\"");
}

std::string source_path(const SourceWorld& source, std::uint32_t container) {
  if (container == 0) return "the root";
  std::vector<std::uint32_t> chain;
  for (std::uint32_t at = container; at != 0 && chain.size() <= kTreeDepthMax;) {
    chain.push_back(at);
    const std::uint32_t parent = source.containers[at].parent;
    if (parent >= at) break;
    at = parent;
  }
  std::string path;
  for (std::size_t i = chain.size(); i-- > 0;) {
    path += source.containers[chain[i]].name;
    if (i > 0) path += '/';
  }
  return path;
}

Result<void> check_source(const SourceWorld& source, std::string& detail) {
  const auto& containers = source.containers;
  if (containers.empty() || !containers[0].name.empty() || containers[0].parent != ~0u) {
    detail = "the source has no root without a name and a parent";
    return Error{.code = ErrorCode::tree_malformed, .subject_kind = Subject::container};
  }
  if (containers.size() > kContainersMax) {
    detail = "more containers than an archive holds (2^24)";
    return Error{.code = ErrorCode::limit_exceeded};
  }
  if (containers[0].shared)
    return refuse(ErrorCode::dependency_invalid, 0, detail, "the root cannot be shared");
  if (const Result<void> tree = check_tree(source, detail); !tree) return tree;
  if (const Result<void> names = check_sibling_names(source, detail); !names) return names;
  std::uint64_t assets = 0;
  for (std::uint32_t id = 0; id < containers.size(); ++id) {
    if (const char* problem = place_problem(containers[id]))
      return refuse(ErrorCode::field_out_of_range, id, detail, in_container(source, id) + problem);
    if (const char* problem = motion_problem(source, id))
      return refuse(ErrorCode::field_out_of_range, id, detail, in_container(source, id) + problem);
    if (const Result<void> good = check_assets(source, id, detail); !good) return good;
    if (const Result<void> good = check_dependencies(source, id, detail); !good) return good;
    assets += containers[id].assets.size();
  }
  if (const Result<void> names = check_names_of_both_kinds(source, detail); !names) return names;
  if (const Result<void> gates = check_gates(source, detail); !gates) return gates;
  if (assets > kAssetsMax) {
    detail = "more assets than an archive holds (2^28)";
    return Error{.code = ErrorCode::limit_exceeded};
  }
  return {};
}

}  // namespace nf
