// `nearfield pack`: a source tree becomes an archive; the old archive stands until the new one is
// whole.
#include <cstring>

#include <nlohmann/json.hpp>

#include "formats/import/import.h"
#include "formats/pack/pack.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

ImportKind import_kind_of(const std::string& name) {
  if (name == "folder") return ImportKind::folder;
  if (name == "world") return ImportKind::world_file;
  if (name == "flightgear") return ImportKind::flightgear;
  return ImportKind::automatic;
}

CodecChoice codec_choice_of(const std::string& name) {
  if (name == "store") return CodecChoice::store;
  if (name == "lz4") return CodecChoice::lz4;
  if (name == "zstd") return CodecChoice::zstd;
  return CodecChoice::automatic;
}

// The library's own sentence where it has one; it may or may not begin with the path.
std::string sentence_of(const std::string& word, const std::string& path, const std::string& detail,
                        const Error& error) {
  if (detail.empty()) return word + " " + path + ": " + cause_of(error);
  std::string text = word + " " + (detail.starts_with(path) ? detail : path + ": " + detail);
  const std::string reason = error.os_error != 0 ? std::strerror(error.os_error) : "";
  if (text.find(reason) == std::string::npos) text += " (" + reason + ")";
  return text;
}

double ratio_of(const PackReport& report) {
  if (report.stored_size.value == 0) return 1;
  return static_cast<double>(report.raw_size.value) / static_cast<double>(report.stored_size.value);
}

void print_json(Console& console, const PackArgs& args, const PackReport& report) {
  nlohmann::ordered_json codecs = nlohmann::ordered_json::object();
  for (std::uint16_t i = 0; i < kCodecCount; ++i) {
    codecs[codec_name(static_cast<Codec>(i))] = {{"chunks", report.chunks_by_codec[i]},
                                                 {"stored_size", report.stored_by_codec[i].value}};
  }
  console.print_json({{"source", args.source},
                      {"archive", args.output},
                      {"containers", report.containers},
                      {"assets", report.assets},
                      {"chunks", report.chunks},
                      {"raw_size", report.raw_size.value},
                      {"stored_size", report.stored_size.value},
                      {"file_size", report.file_size.value},
                      {"ratio", ratio_of(report)},
                      {"by_codec", codecs}});
}

void print_text(Console& console, const PackArgs& args, const PackReport& report) {
  console.print(args.output + ": " + grouped(report.containers) + " containers, " +
                grouped(report.assets) + " assets, " + human_size(report.raw_size) + " stored in " +
                human_size(report.stored_size) + text_of(" (ratio %.2f)\n", ratio_of(report)));
  std::string codecs;
  for (std::uint16_t i = 0; i < kCodecCount; ++i) {
    if (report.chunks_by_codec[i] == 0) continue;
    codecs += (codecs.empty() ? "  " : ", ") + grouped(report.chunks_by_codec[i]) + " chunks " +
              codec_name(static_cast<Codec>(i));
  }
  if (!codecs.empty()) console.print(codecs + "\n");
}

}  // namespace

ExitCode run_pack(const PackArgs& args, Console& console) {
  if (args.chunk_size.value == 0 || args.chunk_size.value > kChunkRawSizeMax) {
    return console.fail(ExitCode::wrong_use, "pack: --chunk-size must be 1 byte to 1 MiB");
  }
  if (args.disk_rate.value == 0) {
    return console.fail(ExitCode::wrong_use, "pack: --disk-rate must be more than 0");
  }
  catch_interrupts();
  std::string detail;
  console.note("reading " + args.source);
  const Result<SourceWorld> source =
      import_source(args.source, import_kind_of(args.format), detail);
  if (!source) {
    return console.fail(source.error(), sentence_of("source", args.source, detail, source.error()));
  }
  if (interrupted()) {
    return console.fail(ExitCode::interrupted,
                        "pack: interrupted; " + args.output + " is as it was");
  }

  Progress progress({.what = "packing", .shown = console.shows_progress()});
  PackOptions options;
  options.codec = codec_choice_of(args.codec);
  options.lz4_level = args.lz4_level;
  options.zstd_level = args.zstd_level;
  options.disk_bytes_per_second = static_cast<double>(args.disk_rate.value);
  options.chunk_size = static_cast<std::uint32_t>(args.chunk_size.value);
  options.threads = args.threads;
  options.memory_max = args.memory;
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
  if (console.is_json()) {
    print_json(console, args, *report);
  } else {
    print_text(console, args, *report);
  }
  return ExitCode::done;
}

}  // namespace nf
