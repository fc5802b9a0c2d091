// `nearfield pack`: a source tree becomes an archive; the old archive stands until the new one is
// whole.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "formats/import/import.h"
#include "formats/pack/leave_out.h"
#include "formats/pack/pack.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/device_choice.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/output_file.h"
#include "tools/nearfield/pack_choice.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

ImportKind import_kind_of(const std::string& name) {
  if (name == "folder") return ImportKind::folder;
  if (name == "world") return ImportKind::world_file;
  if (name == "flightgear") return ImportKind::flightgear;
  if (name == "stellarium") return ImportKind::stellarium;
  if (name == "naev") return ImportKind::naev;
  return ImportKind::automatic;
}

CodecChoice codec_choice_of(const std::string& name) {
  if (name == "store") return CodecChoice::store;
  if (name == "lz4") return CodecChoice::lz4;
  if (name == "zstd") return CodecChoice::zstd;
  return CodecChoice::automatic;
}

constexpr std::uint64_t kChunkSizeMin = 4096;  // what pack_world takes
constexpr std::size_t kNotesShown = 20;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

bool lies_in(const std::string& path, const std::string& folder) {
  std::error_code error;
  const auto inner = std::filesystem::weakly_canonical(path, error);
  const auto outer = std::filesystem::weakly_canonical(folder, error);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

// Why the output may not be replaced although it could be: it is read in this very run. Empty: it
// is not.
std::string output_is_input(const PackArgs& args, const SourceWorld& source) {
  struct stat output = {};
  if (::stat(args.output.c_str(), &output) != 0) return "";
  const auto is_output = [&output](const std::string& path) {
    struct stat input = {};
    return ::stat(path.c_str(), &input) == 0 && input.st_dev == output.st_dev &&
           input.st_ino == output.st_ino;
  };
  bool is_input = is_output(args.source) || is_output(args.source + "/world.json");
  for (const SourceContainer& container : source.containers) {
    for (const SourceAsset& asset : container.assets) is_input |= is_output(asset.origin);
  }
  // What an importer reads besides assets it does not tell.
  const bool foreign = !wrong_output({.path = args.output, .kind = OutputKind::archive}).empty();
  is_input |= foreign && lies_in(args.output, args.source);
  return is_input ? args.output + " belongs to the source; name another file" : "";
}

// What the import left out is nothing that a packed world shows by itself.
void tell_notes(Console& console, const PackArgs& args, const std::vector<std::string>& notes) {
  const std::size_t shown = std::min(notes.size(), kNotesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    console.remark("source " + args.source + ": " + notes[i]);
  }
  if (notes.size() > shown) {
    console.remark("source " + args.source + ": and " + grouped(notes.size() - shown) +
                   " more notes; --json lists them all");
  }
}

std::string kinds_text() {
  std::string known;
  for (std::uint16_t kind = 0; kind <= static_cast<std::uint16_t>(AssetKind::material); ++kind) {
    known += std::string(" ") + asset_kind_name(static_cast<AssetKind>(kind));
  }
  return known;
}

// What of `names` is no kind of asset; empty if all are. `kinds` gets those that are.
std::string wrong_kind(const std::vector<std::string>& names, std::vector<AssetKind>& kinds) {
  for (const std::string& name : names) {
    std::uint16_t kind = 0;
    while (kind <= static_cast<std::uint16_t>(AssetKind::material) &&
           name != asset_kind_name(static_cast<AssetKind>(kind))) {
      ++kind;
    }
    if (kind > static_cast<std::uint16_t>(AssetKind::material)) return name;
    kinds.push_back(static_cast<AssetKind>(kind));
  }
  return "";
}

// What was left out on request, and what a packed world does not show by itself.
struct Omitted {
  bool asked = false;
  LeaveOutReport report;
};

// A tag that nothing carries may be one that is misspelt.
Omitted leave_out_asked(SourceWorld& source, const PackArgs& args, Console& console) {
  Omitted omitted{.asked = !args.without.empty() || !args.without_kinds.empty(), .report = {}};
  if (!omitted.asked) return omitted;
  LeaveOutRules rules{.tags = args.without, .kinds = {}};
  (void)wrong_kind(args.without_kinds, rules.kinds);
  omitted.report = leave_out(source, rules);
  for (const std::string& tag : omitted.report.unknown_tags) {
    std::string known;
    for (const std::string& one : source.tags) known += (known.empty() ? " " : ", ") + one;
    console.remark("source " + args.source + ": nothing carries the tag '" + tag + "'" +
                   (known.empty() ? "; there are no tags" : "; the tags are" + known));
  }
  return omitted;
}

std::string omitted_text(const LeaveOutReport& report) {
  std::string text = "  left out: " + counted(report.containers, "container") + ", " +
                     counted(report.assets, "asset") + ", " + human_size(report.size) +
                     " of the source";
  if (report.dependencies > 0) {
    text += ", and " + counted(report.dependencies, "dependency", "dependencies") +
            " on what was left out";
  }
  return text + "\n";
}

nlohmann::ordered_json json_of(const Omitted& omitted) {
  if (!omitted.asked) return nullptr;
  return {{"containers", omitted.report.containers},
          {"assets", omitted.report.assets},
          {"source_size", omitted.report.size.value},
          {"dependencies", omitted.report.dependencies},
          {"unknown_tags", omitted.report.unknown_tags}};
}

std::string gates_note(const PackReport& report) {
  if (report.gates_outside == 0) return "";
  return grouped(report.gates_outside) + " of " + counted(report.gates, "gate") +
         (report.gates_outside == 1 ? " leads" : " lead") +
         " to no container of this archive, but to one that is mounted beside it: " +
         report.first_outside + (report.gates_outside == 1 ? "" : ", and others");
}

double ratio_of(const PackReport& report) {
  if (report.stored_size.value == 0) return 1;
  return static_cast<double>(report.raw_size.value) / static_cast<double>(report.stored_size.value);
}

nlohmann::ordered_json json_of(const LoadCounts& counts) {
  return {{"textures_encoded", counts.textures_encoded},
          {"textures_kept", counts.textures_kept},
          {"files_unzipped", counts.files_unzipped},
          {"files_kept", counts.files_kept}};
}

void print_json(Console& console, const PackArgs& args, const PackReport& report,
                const SourceWorld& source, const PackChoice& choice, const Omitted& omitted) {
  nlohmann::ordered_json codecs = nlohmann::ordered_json::object();
  for (std::uint16_t i = 0; i < kCodecCount; ++i) {
    codecs[codec_name(static_cast<Codec>(i))] = {{"chunks", report.chunks_by_codec[i]},
                                                 {"raw_size", report.by_codec[i].raw.value},
                                                 {"stored_size", report.by_codec[i].stored.value}};
  }
  std::vector<std::string> notes = lines_of(source.notes);
  if (const std::string note = gates_note(report); !note.empty()) notes.push_back(note);
  nlohmann::ordered_json loaded = nullptr;
  if (source.load_counts) loaded = json_of(source.load_counts());
  console.print_json({{"source", args.source},
                      {"archive", args.output},
                      {"containers", report.containers},
                      {"assets", report.assets},
                      {"chunks", report.chunks},
                      {"gates", report.gates},
                      {"gates_outside", report.gates_outside},
                      {"raw_size", report.raw_size.value},
                      {"stored_size", report.stored_size.value},
                      {"file_size", report.file_size.value},
                      {"ratio", ratio_of(report)},
                      {"by_codec", codecs},
                      {"choice", choice_json(choice)},
                      {"loaded", loaded},
                      {"left_out", json_of(omitted)},
                      {"notes", notes}});
}

void print_text(Console& console, const PackArgs& args, const PackReport& report,
                const SourceWorld& source, const PackChoice& choice, const Omitted& omitted) {
  console.print(args.output + ": " + counted(report.containers, "container") + ", " +
                counted(report.assets, "asset") + ", " + human_size(report.raw_size) +
                " stored in " + human_size(report.stored_size) +
                text_of(" (ratio %.2f)\n", ratio_of(report)));
  Table codecs({"  codec", "chunks", "decoded", "stored"});
  for (std::uint16_t i = 0; i < kCodecCount; ++i) {
    if (report.chunks_by_codec[i] == 0) continue;
    codecs.add({std::string("  ") + codec_name(static_cast<Codec>(i)),
                grouped(report.chunks_by_codec[i]), human_size(report.by_codec[i].raw),
                human_size(report.by_codec[i].stored)});
  }
  if (report.chunks > 0) console.print(codecs.text() + choice_text(choice));
  if (omitted.asked) console.print(omitted_text(omitted.report));
  if (!source.load_counts) return;
  const LoadCounts counts = source.load_counts();
  console.print("  " + counted(counts.textures_encoded, "texture") + " encoded, " +
                grouped(counts.textures_kept) + " kept as they are; " +
                counted(counts.files_unzipped, "file") + " unzipped, " +
                grouped(counts.files_kept) + " kept as they are\n");
}

PackOptions pack_options(const PackArgs& args, const PackDisk& disk) {
  PackOptions options;
  options.codec = codec_choice_of(args.codec);
  options.lz4_level = args.lz4_level;
  options.zstd_level = args.zstd_level;
  options.disk_bytes_per_second = disk.bytes_per_second;
  options.chunk_size = static_cast<std::uint32_t>(args.chunk_size.value);
  options.threads = args.threads;
  options.memory_max = args.memory;
  return options;
}

std::string wrong_pack(const PackArgs& args) {
  if (args.chunk_size.value != 0 &&
      (args.chunk_size.value < kChunkSizeMin || args.chunk_size.value > kChunkRawSizeMax)) {
    return "--chunk-size must be 4 KiB to 1 MiB";
  }
  std::vector<AssetKind> kinds;
  if (const std::string wrong = wrong_kind(args.without_kinds, kinds); !wrong.empty()) {
    return "there is no kind '" + wrong + "' to be left out; the kinds are" + kinds_text();
  }
  if (args.disk_rate.value == 0) return "--disk-rate must be more than 0";
  if (names_device_file(args.disk) && is_same_file(args.disk, args.output)) {
    return "--disk " + args.disk + " is the output itself; name another file";
  }
  return wrong_output({.path = args.output, .kind = OutputKind::archive, .force = args.force});
}

// The disk to choose codecs for; none, and why in `code`, if there is no such disk.
std::optional<PackDisk> disk_of(const PackArgs& args, Console& console, ExitCode& code) {
  if (args.disk.empty()) {
    return PackDisk{.name = "--disk-rate",
                    .bytes_per_second = static_cast<double>(args.disk_rate.value)};
  }
  const ChosenDevice chosen =
      choose_device({.name = args.disk, .verb = "pack", .real = false}, console);
  code = chosen.code;
  if (!chosen.model) return std::nullopt;
  return PackDisk{.name = args.disk, .bytes_per_second = chosen.model->bytes_per_second};
}

}  // namespace

ExitCode run_pack(const PackArgs& args, Console& console) {
  if (const std::string wrong = wrong_pack(args); !wrong.empty()) {
    return console.fail(ExitCode::wrong_use, "pack: " + wrong);
  }
  ExitCode code = ExitCode::done;
  const std::optional<PackDisk> disk = disk_of(args, console, code);
  if (!disk) return code;
  catch_interrupts();
  std::string detail;
  console.note("reading " + args.source);
  Result<SourceWorld> source = import_source(args.source, import_kind_of(args.format), detail);
  if (!source) {
    return console.fail(source.error(), sentence_of("source", args.source, detail, source.error()));
  }
  if (const std::string wrong = output_is_input(args, *source); !wrong.empty()) {
    return console.fail(ExitCode::wrong_use, "pack: " + wrong);
  }
  tell_notes(console, args, lines_of(source->notes));
  const Omitted omitted = leave_out_asked(*source, args, console);
  if (interrupted()) {
    return console.fail(ExitCode::interrupted,
                        "pack: interrupted; " + args.output + " is as it was");
  }

  Progress progress({.what = "packing", .shown = console.shows_progress()});
  PackOptions options = pack_options(args, *disk);
  options.progress = [&progress](const PackProgress& step) {
    progress.update(step.source_done.value, step.source_total.value);
    return !interrupted();
  };
  const Result<PackReport> report = pack_world(*source, args.output, options, detail);
  progress.clear();
  if (!report && interrupted()) {
    return console.fail(ExitCode::interrupted,
                        "pack: interrupted; " + args.output + " is as it was");
  }
  if (!report) {
    return console.fail(report.error(),
                        sentence_of("archive", args.output, detail, report.error()));
  }
  if (const std::string note = gates_note(*report); !note.empty() && !console.is_json()) {
    console.remark("archive " + args.output + ": " + note);
  }
  const PackChoice choice = choice_of(*report, options.codec, *disk);
  if (console.is_json()) {
    print_json(console, args, *report, *source, choice, omitted);
  } else {
    print_text(console, args, *report, *source, choice, omitted);
  }
  return ExitCode::done;
}

}  // namespace nf
