// `nearfield cat`: one asset's bytes to standard output.
#include <nlohmann/json.hpp>

#include "core/base/pages.h"
#include "core/codec/codec.h"
#include "formats/pack/source_world.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/sizes.h"

namespace nf {

ExitCode run_cat(const CatArgs& args, Console& console) {
  const OpenedArchive opened = open_archive(console, args.archive);
  if (!opened.archive) return opened.code;
  const Archive& archive = *opened.archive;

  const std::optional<ArchivePlace> place = find_asset_place(archive, args.path);
  if (!place) {
    const std::optional<ArchivePlace> container = find_place(archive, args.path);
    const std::string why = container ? "is a container, not an asset" : "is not in the archive";
    return console.fail(ExitCode::wrong_use,
                        "archive " + args.archive + ": '" + args.path + "' " + why);
  }
  const AssetTable& assets = archive.world().assets;
  const Bytes size = {assets.raw_size[place->asset]};
  // Fresh pages: what a table claims costs no memory until it is really filled.
  Result<PageBlock> block = PageBlock::map(size.value == 0 ? Bytes{1} : size, PageKind::ordinary);
  if (!block)
    return console.fail(block.error(), "asset " + args.path + ": " + cause_of(block.error()));
  const std::span<std::byte> bytes = block->bytes().first(size.value);
  const Result<void> read = archive.read_asset(place->container, place->asset, bytes);
  if (!read) {
    return console.fail(read.error(),
                        archive.describe(read.error()) + " (asset " + args.path + ")");
  }
  if (!console.is_json()) {
    console.write(bytes);
    return ExitCode::done;
  }
  console.print_json({{"archive", args.archive},
                      {"container", archive.container_path(place->container)},
                      {"asset", archive.asset_name(place->asset)},
                      {"kind", asset_kind_name(static_cast<AssetKind>(assets.kind[place->asset]))},
                      {"raw_size", size.value},
                      {"hash", hex(hash128(bytes))}});
  return ExitCode::done;
}

}  // namespace nf
