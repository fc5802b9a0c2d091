// `nearfield cat`: one asset's bytes, or a part of them, to standard output.
#include <nlohmann/json.hpp>

#include "core/base/checked.h"
#include "core/base/pages.h"
#include "core/codec/codec.h"
#include "formats/pack/source_world.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

struct Range {
  Bytes from;
  Bytes size;
};

// "FROM:SIZE", each as people write sizes.
std::optional<Range> parse_range(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<Bytes> from = parse_size(text.substr(0, colon));
  const std::optional<Bytes> size = parse_size(text.substr(colon + 1));
  if (!from || !size) return std::nullopt;
  return Range{.from = *from, .size = *size};
}

nlohmann::ordered_json json_of(const CatArgs& args, const Archive& archive, ArchivePlace place,
                               Range range, std::span<const std::byte> bytes) {
  const AssetTable& assets = archive.world().assets;
  nlohmann::ordered_json document = {
      {"archive", args.archive},
      {"container", archive.container_path(place.container)},
      {"asset", archive.asset_name(place.asset)},
      {"kind", asset_kind_name(static_cast<AssetKind>(assets.kind[place.asset]))},
      {"raw_size", assets.raw_size[place.asset]}};
  if (!args.range.empty()) {
    document["range"] = {{"from", range.from.value}, {"size", range.size.value}};
  }
  document["hash"] = hex(hash128(bytes));
  return document;
}

}  // namespace

ExitCode run_cat(const CatArgs& args, Console& console) {
  std::optional<Range> range = parse_range(args.range);
  if (!args.range.empty() && !range) {
    return console.fail(ExitCode::wrong_use,
                        "cat: --range " + args.range + " is not FROM:SIZE, such as 4KiB:512");
  }
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
  const std::uint64_t whole = archive.world().assets.raw_size[place->asset];
  if (!range) range = Range{.from = {}, .size = {whole}};
  if (!range_inside(range->from.value, range->size.value, whole)) {
    return console.fail(ExitCode::wrong_use, "asset " + args.path + " has " +
                                                 counted(whole, "byte") + "; --range " +
                                                 args.range + " is not inside of them");
  }
  // Fresh pages: what a table claims costs no memory until it is really filled.
  const Bytes room = range->size.value == 0 ? Bytes{1} : range->size;
  Result<PageBlock> block = PageBlock::map(room, PageKind::ordinary);
  if (!block)
    return console.fail(block.error(), "asset " + args.path + ": " + cause_of(block.error()));
  const std::span<std::byte> bytes = block->bytes().first(range->size.value);
  const Result<void> read = archive.read_slice(
      {.container = place->container, .asset = place->asset, .from = range->from, .into = bytes});
  if (!read) {
    return console.fail(read.error(),
                        archive.describe(read.error()) + " (asset " + args.path + ")");
  }
  if (console.is_json()) {
    console.print_json(json_of(args, archive, *place, *range, bytes));
  } else {
    console.write(bytes);
  }
  return ExitCode::done;
}

}  // namespace nf
