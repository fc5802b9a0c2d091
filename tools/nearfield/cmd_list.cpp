// `nearfield list`: containers and assets, as a tree, as paths, or as JSON.
#include <algorithm>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/world/pose.h"
#include "core/world/vector_math.h"
#include "formats/pack/source_world.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

constexpr std::uint16_t kKinds = 16;
constexpr std::uint16_t kAnyKind = UINT16_MAX;

// The containers of an archive by the hash of their paths; empty where no gate leads to one.
using PathIndex = std::vector<std::pair<PathHash, std::uint32_t>>;

PathIndex index_paths(const WorldTables& world) {
  PathIndex index;
  if (world.gates.count() == 0) return index;
  const Array<PathHash>& hashes = world.containers.path_hash;
  index.reserve(hashes.size());
  for (std::uint32_t id = 0; id < hashes.size(); ++id) index.emplace_back(hashes[id], id);
  std::sort(index.begin(), index.end());
  return index;
}

struct Selection {
  const Archive* archive = nullptr;
  PathIndex paths;
  ContainerId start;
  std::uint16_t kind = kAnyKind;
  bool assets = false;
  bool flat = false;
  std::uint32_t depth_max = 0;
};

bool kind_matches(const Selection& selection, std::uint32_t asset) {
  return selection.kind == kAnyKind ||
         selection.archive->world().assets.kind[asset] == selection.kind;
}

std::uint32_t matching_assets(const Selection& selection, std::uint32_t id) {
  const ContainerTable& table = selection.archive->world().containers;
  std::uint32_t count = 0;
  for (std::uint32_t a = table.first_asset[id]; a < table.first_asset[id + 1]; ++a) {
    count += kind_matches(selection, a) ? 1 : 0;
  }
  return count;
}

const char* bounds_name(BoundsKind kind) {
  switch (kind) {
    case BoundsKind::none: return "none";
    case BoundsKind::sphere: return "sphere";
    case BoundsKind::box: return "box";
  }
  return "none";
}

const char* refinement_name(Refinement refinement) {
  switch (refinement) {
    case Refinement::none: return "none";
    case Refinement::add: return "add";
    case Refinement::replace: return "replace";
  }
  return "none";
}

std::string place_text(const ContainerTable& table, std::uint32_t id) {
  if (has(table.flags[id], ContainerFlags::shared)) return "shared";
  std::string text = "no place";
  if (table.bounds_kind[id] != BoundsKind::none) {
    text = text_of("from %.0f m", static_cast<double>(table.load_distance[id]));
  }
  if (table.refinement[id] == Refinement::add) text += " of its parent, beside it";
  if (table.refinement[id] == Refinement::replace) text += " of its parent, in place of it";
  if (has(table.flags[id], ContainerFlags::moves)) text += ", moves";
  if (has(table.flags[id], ContainerFlags::template_root)) text += ", template";
  return text;
}

// The gates that stand in a container, as numbers [first, last). With a kind of asset asked for
// there are none to show.
std::pair<std::uint32_t, std::uint32_t> gates_of(const Selection& selection, std::uint32_t id) {
  if (selection.kind != kAnyKind) return {0, 0};
  const Array<std::uint32_t>& containers = selection.archive->world().gates.container;
  const auto range = std::equal_range(containers.begin(), containers.end(), id);
  return {static_cast<std::uint32_t>(range.first - containers.begin()),
          static_cast<std::uint32_t>(range.second - containers.begin())};
}

// The container of this archive that a gate leads to; none if it leads to another's.
ContainerId gate_target(const Selection& selection, std::uint32_t gate) {
  const PathHash target = selection.archive->world().gates.target[gate];
  const auto found = std::lower_bound(selection.paths.begin(), selection.paths.end(),
                                      std::pair(target, std::uint32_t{0}));
  const bool inside = found != selection.paths.end() && found->first == target;
  return inside ? ContainerId{found->second} : ContainerId::none();
}

void add_gate_rows(const Selection& selection, std::uint32_t id, const std::string& indent,
                   Table& rows) {
  const Archive& archive = *selection.archive;
  const GateTable& gates = archive.world().gates;
  const auto [first, last] = gates_of(selection, id);
  for (std::uint32_t i = first; i < last; ++i) {
    const ContainerId target = gate_target(selection, i);
    const std::string to = !target.valid()     ? "another archive, " + hex(gates.target[i])
                           : target.value == 0 ? std::string("the root")
                                               : archive.container_path(target);
    const std::string in = id == 0 ? "/" : archive.container_path(ContainerId{id});
    const std::string name = selection.flat ? in + ": " : "";
    std::string about = text_of("gate, %.1f m", static_cast<double>(gates.radius[i]));
    if (gates.lead_time[i] > 0) {
      about += text_of(", %.1f s ahead", static_cast<double>(gates.lead_time[i]));
    }
    std::string label = indent + name;
    label.append(archive.gate_name(i)).append(" -> ").append(to);
    rows.add({label, "", "", "", about});
  }
}

void add_text_rows(const Selection& selection, std::uint32_t id, std::uint32_t depth, Table& rows) {
  const Archive& archive = *selection.archive;
  const ContainerTable& table = archive.world().containers;
  const AssetTable& assets = archive.world().assets;
  const std::string indent(selection.flat ? 0 : std::size_t{2} * depth, ' ');
  const std::string path = archive.container_path(ContainerId{id});
  const std::string name =
      selection.flat || depth == 0 ? path : std::string(archive.container_name(ContainerId{id}));
  rows.add({indent + name + "/", human_size({table.raw_size[id]}), human_size({table.run_size[id]}),
            std::to_string(matching_assets(selection, id)), place_text(table, id)});
  add_gate_rows(selection, id, selection.flat ? "" : indent + "  ", rows);
  if (!selection.assets) return;
  for (std::uint32_t a = table.first_asset[id]; a < table.first_asset[id + 1]; ++a) {
    if (!kind_matches(selection, a)) continue;
    const std::string label = selection.flat ? asset_path(archive, ContainerId{id}, a)
                                             : indent + "  " + std::string(archive.asset_name(a));
    rows.add({label, human_size({assets.raw_size[a]}), "", "",
              asset_kind_name(static_cast<AssetKind>(assets.kind[a]))});
  }
}

nlohmann::ordered_json triple_json(const WorldPosition& at) {
  return {at.x, at.y, at.z};
}

nlohmann::ordered_json triple_json(const LocalVector& at) {
  return {at.x, at.y, at.z};
}

// Where its frame begins, in the frame of the archive's root; nothing of what has no place, as it
// is a template's or shared.
nlohmann::ordered_json place_in_root(const ContainerTable& table, std::uint32_t id) {
  WorldPosition at;
  for (std::uint32_t up = id; up != ContainerId::none_value; up = table.parent[up]) {
    const bool placed = !has(table.flags[up], ContainerFlags::template_root) &&
                        !has(table.flags[up], ContainerFlags::shared);
    if (!placed) return nullptr;
    at = to_outer(Pose{table.position[up], to_world(table.rotation[up])}, at);
  }
  return triple_json(at);
}

nlohmann::ordered_json gates_json(const Selection& selection, std::uint32_t id) {
  const Archive& archive = *selection.archive;
  const GateTable& gates = archive.world().gates;
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  const auto [first, last] = gates_of(selection, id);
  for (std::uint32_t i = first; i < last; ++i) {
    const ContainerId target = gate_target(selection, i);
    nlohmann::ordered_json to = nullptr;
    if (target.valid()) to = archive.container_path(target);
    all.push_back({{"name", archive.gate_name(i)},
                   {"position", triple_json(gates.position[i])},
                   {"to", to},
                   {"to_hash", hex(gates.target[i])},
                   {"to_position", triple_json(gates.target_position[i])},
                   {"radius", gates.radius[i]},
                   {"lead_time", gates.lead_time[i]}});
  }
  return all;
}

nlohmann::ordered_json json_of(const Selection& selection, std::uint32_t id, std::uint32_t depth) {
  const Archive& archive = *selection.archive;
  const ContainerTable& table = archive.world().containers;
  const AssetTable& assets = archive.world().assets;
  nlohmann::ordered_json entry = {
      {"path", archive.container_path(ContainerId{id})},
      {"depth", depth},
      {"raw_size", table.raw_size[id]},
      {"stored_size", table.run_size[id]},
      {"chunks", table.first_chunk[id + 1] - table.first_chunk[id]},
      {"shared", has(table.flags[id], ContainerFlags::shared)},
      {"moves", has(table.flags[id], ContainerFlags::moves)},
      {"template", has(table.flags[id], ContainerFlags::template_root)},
      {"refinement", refinement_name(table.refinement[id])},
      {"bounds", bounds_name(table.bounds_kind[id])},
      {"bounds_center", triple_json(table.bounds_center[id])},
      {"bounds_half_extent", triple_json(table.bounds_half_extent[id])},
      {"load_distance", table.load_distance[id]},
      {"position", triple_json(table.position[id])},
      {"position_in_root", place_in_root(table, id)},
      {"asset_count", matching_assets(selection, id)},
      {"gates", gates_json(selection, id)},
  };
  if (!selection.assets) return entry;
  entry["assets"] = nlohmann::ordered_json::array();
  for (std::uint32_t a = table.first_asset[id]; a < table.first_asset[id + 1]; ++a) {
    if (!kind_matches(selection, a)) continue;
    entry["assets"].push_back({{"name", archive.asset_name(a)},
                               {"kind", asset_kind_name(static_cast<AssetKind>(assets.kind[a]))},
                               {"raw_size", assets.raw_size[a]}});
  }
  return entry;
}

// Calls `each(id, depth)` for what is selected, in the order of the archive. Depth counts from the
// start.
template <class Each>
void for_each_selected(const Selection& selection, Each each) {
  const ContainerTable& table = selection.archive->world().containers;
  std::vector<std::uint32_t> ends;  // of the subtrees that are open
  const std::uint32_t start = selection.start.value;
  for (std::uint32_t id = start; id < table.subtree_end[start];) {
    while (!ends.empty() && id >= ends.back()) ends.pop_back();
    const std::uint32_t depth = static_cast<std::uint32_t>(ends.size());
    if (selection.kind == kAnyKind || matching_assets(selection, id) > 0) {
      if (!each(id, depth)) return;
    }
    if (depth >= selection.depth_max) {
      id = table.subtree_end[id];
      continue;
    }
    ends.push_back(table.subtree_end[id]);
    ++id;
  }
}

void print_json(const Selection& selection, Console& console) {
  // One container at a time: a document of a million containers would not fit in memory twice.
  const nlohmann::ordered_json name = selection.archive->path();
  console.print("{\n  \"archive\": " +
                name.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
                ",\n  \"containers\": [");
  bool first = true;
  for_each_selected(selection, [&](std::uint32_t id, std::uint32_t depth) {
    console.print((first ? "\n    " : ",\n    ") + json_of(selection, id, depth).dump());
    first = false;
    return console.alive();
  });
  console.print("\n  ]\n}\n");
}

void print_text(const Selection& selection, Console& console) {
  Table rows({"container", "decoded", "stored", "assets", "needed"});
  for_each_selected(selection, [&](std::uint32_t id, std::uint32_t depth) {
    add_text_rows(selection, id, depth, rows);
    return true;
  });
  console.print(rows.text());
}

}  // namespace

ExitCode run_list(const ListArgs& args, Console& console) {
  const OpenedArchive opened = open_archive(console, args.archive);
  if (!opened.archive) return opened.code;
  const Archive& archive = *opened.archive;

  Selection selection{.archive = &archive,
                      .paths = index_paths(archive.world()),
                      .start = ContainerId{0},
                      .assets = args.assets || !args.kind.empty(),
                      .flat = args.flat,
                      .depth_max = args.depth_max};
  if (!args.kind.empty()) {
    std::string known;
    for (std::uint16_t kind = 0; kind < kKinds; ++kind) {
      const std::string name = asset_kind_name(static_cast<AssetKind>(kind));
      if (selection.kind == kAnyKind && name == args.kind) selection.kind = kind;
      if (kind <= static_cast<std::uint16_t>(AssetKind::material)) known += " " + name;
    }
    if (selection.kind == kAnyKind) {
      return console.fail(ExitCode::wrong_use,
                          "list: there is no kind '" + args.kind + "'; the kinds are" + known);
    }
  }
  const std::optional<ArchivePlace> place = find_place(archive, args.path);
  if (!place || place->asset != kNoAsset) {
    return console.fail(ExitCode::wrong_use,
                        "archive " + args.archive + ": there is no container '" + args.path + "'");
  }
  selection.start = place->container;
  if (console.is_json()) {
    print_json(selection, console);
  } else {
    print_text(selection, console);
  }
  return ExitCode::done;
}

}  // namespace nf
