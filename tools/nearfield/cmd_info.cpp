// `nearfield info`: what an archive holds, by kind of asset and by codec.
#include <algorithm>
#include <array>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/codec/codec.h"
#include "formats/pack/source_world.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/sizes.h"
#include "tools/nearfield/stray_gates.h"

namespace nf {
namespace {

constexpr std::size_t kKinds = 16;

struct Totals {
  std::uint64_t count = 0;
  Bytes raw;
  Bytes stored;  // of chunks only
};

struct Breakdown {
  std::array<Totals, kKinds> by_kind;
  std::array<Totals, kCodecCount> by_codec;
  std::uint64_t shared = 0;
  std::uint64_t placed = 0;
  std::uint64_t unplaced = 0;  // and not shared: they group others, or are pinned by name
  std::uint64_t moving = 0;
  std::uint64_t templates = 0;
  std::uint64_t in_templates = 0;  // their roots included
  std::uint64_t levels_added = 0;
  std::uint64_t levels_replacing = 0;
  std::uint64_t gates_outside = 0;  // to no container of this archive
};

void count_motion(const ContainerTable& table, Breakdown& result) {
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    result.moving += has(table.flags[i], ContainerFlags::moves) ? 1 : 0;
    result.levels_added += table.refinement[i] == Refinement::add ? 1 : 0;
    result.levels_replacing += table.refinement[i] == Refinement::replace ? 1 : 0;
    if (!has(table.flags[i], ContainerFlags::template_root)) continue;
    ++result.templates;
    result.in_templates += table.subtree_end[i] - i;
  }
}

Breakdown break_down(const WorldTables& world) {
  Breakdown result;
  for (std::uint32_t i = 0; i < world.assets.count(); ++i) {
    Totals& totals = result.by_kind[world.assets.kind[i] % kKinds];
    ++totals.count;
    totals.raw += Bytes{world.assets.raw_size[i]};
  }
  for (std::uint32_t i = 0; i < world.chunks.count(); ++i) {
    Totals& totals = result.by_codec[world.chunks.codec[i] % kCodecCount];
    ++totals.count;
    totals.raw += Bytes{world.chunks.raw_size[i]};
    totals.stored += Bytes{world.chunks.stored_size[i]};
  }
  for (std::uint32_t i = 0; i < world.containers.count(); ++i) {
    if (has(world.containers.flags[i], ContainerFlags::shared)) {
      ++result.shared;
    } else if (world.containers.bounds_kind[i] != BoundsKind::none) {
      ++result.placed;
    } else {
      ++result.unplaced;
    }
  }
  count_motion(world.containers, result);
  result.gates_outside = find_stray_gates(world).count;
  return result;
}

std::string ratio_text(Bytes raw, Bytes stored) {
  if (stored.value == 0) return "-";
  return text_of("%.2f", static_cast<double>(raw.value) / static_cast<double>(stored.value));
}

void print_json(Console& console, const Archive& archive, const Breakdown& parts) {
  const ArchiveInfo info = archive.info();
  nlohmann::ordered_json kinds = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < kKinds; ++i) {
    const Totals& totals = parts.by_kind[i];
    if (totals.count == 0) continue;
    kinds[asset_kind_name(static_cast<AssetKind>(i))] = {{"assets", totals.count},
                                                         {"raw_size", totals.raw.value}};
  }
  nlohmann::ordered_json codecs = nlohmann::ordered_json::object();
  for (std::uint16_t i = 0; i < kCodecCount; ++i) {
    const Totals& totals = parts.by_codec[i];
    if (totals.count == 0) continue;
    codecs[codec_name(static_cast<Codec>(i))] = {{"chunks", totals.count},
                                                 {"raw_size", totals.raw.value},
                                                 {"stored_size", totals.stored.value}};
  }
  console.print_json({{"archive", archive.path()},
                      {"version", info.version},
                      {"features_required", info.features_required},
                      {"features_optional", info.features_optional},
                      {"file_size", info.file_size.value},
                      {"stored_size", info.stored_size.value},
                      {"raw_size", info.raw_size.value},
                      {"containers", info.containers},
                      {"placed_containers", parts.placed},
                      {"shared_containers", parts.shared},
                      {"unplaced_containers", parts.unplaced},
                      {"moving_containers", parts.moving},
                      {"templates", parts.templates},
                      {"containers_in_templates", parts.in_templates},
                      {"levels_added", parts.levels_added},
                      {"levels_replacing", parts.levels_replacing},
                      {"gates", info.gates},
                      {"gates_outside", parts.gates_outside},
                      {"assets", info.assets},
                      {"chunks", info.chunks},
                      {"dependencies", info.dependencies},
                      {"by_kind", kinds},
                      {"by_codec", codecs}});
}

void print_text(Console& console, const Archive& archive, const Breakdown& parts) {
  const ArchiveInfo info = archive.info();
  console.print(archive.path() + ": nearfield archive, version " + std::to_string(info.version) +
                "\n");
  console.print("  file        " + human_size(info.file_size) + "\n");
  console.print("  decoded     " + human_size(info.raw_size) + ", stored in " +
                human_size(info.stored_size) + " (ratio " +
                ratio_text(info.raw_size, info.stored_size) + ")\n");
  console.print("  containers  " + grouped(info.containers) + ": " + grouped(parts.placed) +
                " with a place, " + grouped(parts.shared) + " shared, " + grouped(parts.unplaced) +
                " without a place\n");
  if (parts.moving > 0) {
    console.print("  moving      " + counted(parts.moving, "frame") +
                  " that the engine may move\n");
  }
  if (parts.templates > 0) {
    console.print("  templates   " + grouped(parts.templates) + " with " +
                  counted(parts.in_templates, "container") + ", theirs included\n");
  }
  if (parts.levels_added + parts.levels_replacing > 0) {
    console.print("  levels      " + grouped(parts.levels_replacing) +
                  " that replace their parents, " + grouped(parts.levels_added) +
                  " shown beside them\n");
  }
  if (info.gates > 0) {
    console.print("  gates       " + grouped(info.gates) + ", " + grouped(parts.gates_outside) +
                  " of them out of this archive\n");
  }
  console.print("  assets      " + grouped(info.assets) + " in " + counted(info.chunks, "chunk") +
                ", " + counted(info.dependencies, "dependency", "dependencies") + "\n");

  Table kinds({"kind", "assets", "decoded"});
  for (std::size_t i = 0; i < kKinds; ++i) {
    const Totals& totals = parts.by_kind[i];
    if (totals.count == 0) continue;
    kinds.add({asset_kind_name(static_cast<AssetKind>(i)), grouped(totals.count),
               human_size(totals.raw)});
  }
  Table codecs({"codec", "chunks", "decoded", "stored", "ratio"});
  for (std::uint16_t i = 0; i < kCodecCount; ++i) {
    const Totals& totals = parts.by_codec[i];
    if (totals.count == 0) continue;
    codecs.add({codec_name(static_cast<Codec>(i)), grouped(totals.count), human_size(totals.raw),
                human_size(totals.stored), ratio_text(totals.raw, totals.stored)});
  }
  console.print("\n" + kinds.text() + "\n" + codecs.text());
}

}  // namespace

ExitCode run_info(const InfoArgs& args, Console& console) {
  const OpenedArchive opened = open_archive(console, args.archive);
  if (!opened.archive) return opened.code;
  const Breakdown parts = break_down(opened.archive->world());
  if (console.is_json()) {
    print_json(console, *opened.archive, parts);
  } else {
    print_text(console, *opened.archive, parts);
  }
  return ExitCode::done;
}

}  // namespace nf
