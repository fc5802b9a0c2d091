// `nearfield extract`: assets to files, below one folder and nowhere else.
#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "core/base/pages.h"
#include "core/world/world_tables.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/safe_folder.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

// Up to this size a container is decoded whole: its small assets share chunks. Larger ones are
// taken asset by asset.
constexpr std::uint64_t kWholeContainerMax = 64ull << 20;
// Times the decoded size of the archive. Equal files share their bytes, and a few small ones may do
// so more often; what is more than both is taken for an archive made to fill a disk.
constexpr std::uint64_t kExpansionMax = 64;
constexpr Bytes kHarmless = {64ull << 20};

struct Extraction {
  const Archive* archive = nullptr;
  const ExtractArgs* args = nullptr;
  Console* console = nullptr;
  SafeFolder* folder = nullptr;
  Progress* progress = nullptr;
  PageBlock block;  // reused from container to container
  std::uint64_t files = 0;
  std::uint64_t containers = 0;
  std::uint64_t damaged = 0;
  Bytes bytes;
  Bytes bytes_total;
  ExitCode code = ExitCode::done;         // why the run stopped
  ExitCode damage_code = ExitCode::done;  // of the first damaged asset that was left out
};

// What is asked for, once each: whole containers and single assets.
struct Selection {
  std::vector<bool> containers;
  std::vector<std::uint32_t> assets;  // of containers that are not taken whole
  std::vector<ContainerId> asset_owners;
};

Result<std::span<std::byte>> room_for(Extraction& run, std::uint64_t size) {
  if (run.block.bytes().size() < size) {
    run.block = PageBlock();
    Result<PageBlock> block = PageBlock::map({size}, PageKind::ordinary);
    if (!block) return block.error();
    run.block = std::move(*block);
  }
  return run.block.bytes().first(size);
}

// True if the run goes on.
bool write_asset(Extraction& run, ContainerId id, std::uint32_t asset,
                 std::span<const std::byte> bytes) {
  const Result<void> written =
      run.folder->write(run.archive->container_path(id), run.archive->asset_name(asset), bytes,
                        run.args->force ? IfExists::replace : IfExists::refuse);
  if (!written) {
    const Error& error = written.error();
    const std::string path = run.args->output + "/" + asset_path(*run.archive, id, asset);
    if (error.code == ErrorCode::already_exists) {
      run.code = run.console->fail(error, "file " + path + " exists; --force replaces files");
    } else {
      run.code = run.console->fail(error, "file " + path + ": " + cause_of(error));
    }
    return false;
  }
  ++run.files;
  run.bytes += Bytes{bytes.size()};
  run.progress->update(run.bytes.value, run.bytes_total.value);
  return true;
}

bool extract_asset(Extraction& run, ContainerId id, std::uint32_t asset) {
  if (interrupted()) return false;
  const std::string path = asset_path(*run.archive, id, asset);
  const Result<std::span<std::byte>> room =
      room_for(run, run.archive->world().assets.raw_size[asset]);
  if (!room) {
    run.code = run.console->fail(room.error(), "asset " + path + ": " + cause_of(room.error()));
    return false;
  }
  const Result<void> read = run.archive->read_asset(id, asset, *room);
  if (read) return write_asset(run, id, asset, *room);
  run.progress->clear();
  const std::string sentence = run.archive->describe(read.error()) + " (asset " + path + ")";
  if (!run.args->keep_going) {
    run.code = run.console->fail(read.error(), sentence);
    return false;
  }
  run.console->complain(sentence);
  if (run.damaged++ == 0) run.damage_code = exit_code_of(read.error());
  return true;
}

bool extract_container(Extraction& run, ContainerId id) {
  const ContainerTable& table = run.archive->world().containers;
  const AssetTable& assets = run.archive->world().assets;
  const std::uint32_t first = table.first_asset[id.value];
  const std::uint32_t last = table.first_asset[id.value + 1];
  ++run.containers;
  if (const Result<void> made = run.folder->make_folder(run.archive->container_path(id)); !made) {
    run.code = run.console->fail(made.error(), "folder " + run.args->output + "/" +
                                                   run.archive->container_path(id) + ": " +
                                                   cause_of(made.error()));
    return false;
  }
  const std::uint64_t raw_size = table.raw_size[id.value];
  if (raw_size <= kWholeContainerMax) {
    const Result<std::span<std::byte>> room = room_for(run, raw_size);
    if (room && run.archive->read_container(id, *room)) {
      for (std::uint32_t a = first; a < last; ++a) {
        if (interrupted()) return false;
        const auto bytes = room->subspan(assets.raw_at[a], assets.raw_size[a]);
        if (!write_asset(run, id, a, bytes)) return false;
      }
      return true;
    }
    // One by one, so that what is wrong gets its name and the rest may be kept.
  }
  for (std::uint32_t a = first; a < last; ++a) {
    if (!extract_asset(run, id, a)) return false;
  }
  return true;
}

bool select(const Archive& archive, const ExtractArgs& args, Console& console,
            Selection& selection) {
  const ContainerTable& table = archive.world().containers;
  selection.containers.assign(table.count(), args.paths.empty());
  for (const std::string& path : args.paths) {
    const std::optional<ArchivePlace> place = find_place(archive, path);
    if (!place) {
      console.fail(ExitCode::wrong_use,
                   "archive " + args.archive + ": there is no container or asset '" + path + "'");
      return false;
    }
    if (place->asset != kNoAsset) {
      selection.assets.push_back(place->asset);
      selection.asset_owners.push_back(place->container);
      continue;
    }
    for (std::uint32_t id = place->container.value; id < table.subtree_end[place->container.value];
         ++id) {
      selection.containers[id] = true;
    }
  }
  return true;
}

// Of the files, which may be far more than the containers decode to: assets may share their bytes.
Bytes bytes_of(const Archive& archive, const Selection& selection) {
  const ContainerTable& table = archive.world().containers;
  const AssetTable& assets = archive.world().assets;
  Bytes total;
  const auto add = [&](std::uint32_t asset) {
    const std::uint64_t room = UINT64_MAX - total.value;
    total += Bytes{std::min(assets.raw_size[asset], room)};
  };
  for (std::uint32_t id = 0; id < table.count(); ++id) {
    if (!selection.containers[id]) continue;
    for (std::uint32_t a = table.first_asset[id]; a < table.first_asset[id + 1]; ++a) add(a);
  }
  for (std::size_t i = 0; i < selection.assets.size(); ++i) {
    if (!selection.containers[selection.asset_owners[i].value]) add(selection.assets[i]);
  }
  return total;
}

bool expands_too_far(const Archive& archive, Bytes total) {
  const std::uint64_t raw_size = archive.info().raw_size.value;
  return total > kHarmless && total.value / kExpansionMax >= raw_size;
}

// "worlds/w.nfa" goes to "w", in the current folder. A name without an ending would be the
// archive's own.
std::string folder_named_after(const std::string& archive) {
  const std::filesystem::path name = std::filesystem::path(archive).filename();
  return name.has_extension() ? name.stem().string() : name.string() + ".extracted";
}

// What stands against writing that much, as an exit code and a sentence.
ExitCode check_space(const ExtractArgs& args, Console& console, const SafeFolder& folder,
                     Bytes total) {
  // Files that are replaced give their room back.
  const std::optional<Bytes> free = args.force ? std::nullopt : folder.free_space();
  if (!free || total <= *free) return ExitCode::done;
  return console.fail(ExitCode::machine_refused, "folder " + args.output + ": " +
                                                     human_size(total) + " to write, " +
                                                     human_size(*free) + " free");
}

void extract_selection(Extraction& run, const Selection& selection) {
  for (std::uint32_t id = 0; id < selection.containers.size(); ++id) {
    if (selection.containers[id] && !extract_container(run, ContainerId{id})) return;
  }
  for (std::size_t i = 0; i < selection.assets.size(); ++i) {
    const ContainerId owner = selection.asset_owners[i];
    if (selection.containers[owner.value]) continue;  // written with its container
    if (!extract_asset(run, owner, selection.assets[i])) return;
  }
}

}  // namespace

ExitCode run_extract(const ExtractArgs& asked, Console& console) {
  ExtractArgs args = asked;
  if (args.output.empty()) {
    args.output = folder_named_after(args.archive);
    console.note("writing to the folder " + args.output);
  }
  const OpenedArchive opened = open_archive(console, args.archive);
  if (!opened.archive) return opened.code;
  Selection selection;
  if (!select(*opened.archive, args, console, selection)) return ExitCode::wrong_use;
  const Bytes total = bytes_of(*opened.archive, selection);
  if (!args.allow_expansion && expands_too_far(*opened.archive, total)) {
    return console.fail(ExitCode::bad_input, "archive " + args.archive + ": its files would take " +
                                                 human_size(total) + ", but it decodes to " +
                                                 human_size(opened.archive->info().raw_size) +
                                                 "; --allow-expansion writes them all the same");
  }

  Result<SafeFolder> folder = SafeFolder::open(args.output);
  if (!folder) {
    return console.fail(folder.error(), "folder " + args.output + ": " + cause_of(folder.error()));
  }
  if (const ExitCode refused = check_space(args, console, *folder, total);
      refused != ExitCode::done) {
    return refused;
  }
  catch_interrupts();
  Progress progress({.what = "extracting", .shown = console.shows_progress()});
  Extraction run;
  run.archive = &*opened.archive;
  run.args = &args;
  run.console = &console;
  run.folder = &*folder;
  run.progress = &progress;
  run.bytes_total = total;
  extract_selection(run, selection);
  progress.clear();
  if (interrupted()) {
    return console.fail(ExitCode::interrupted,
                        "extract: interrupted after " + grouped(run.files) + " whole files");
  }
  if (run.code != ExitCode::done) return run.code;
  if (console.is_json()) {
    console.print_json({{"archive", args.archive},
                        {"output", args.output},
                        {"files", run.files},
                        {"containers", run.containers},
                        {"bytes", run.bytes.value},
                        {"damaged_assets", run.damaged}});
  } else {
    console.print("folder " + args.output + ": " + counted(run.files, "file") + ", " +
                  human_size(run.bytes) + "\n");
  }
  return run.damage_code;
}

}  // namespace nf
