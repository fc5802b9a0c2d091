// `nearfield verify`: every chunk read, checked and decoded; every bad one named.
#include <nlohmann/json.hpp>

#include "formats/archive/verify.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

bool is_clean(const VerifyReport& report) {
  return report.bad_chunks.empty() && report.padding_clean;
}

void print_json(Console& console, const Archive& archive, const VerifyReport& report) {
  nlohmann::ordered_json bad = nlohmann::ordered_json::array();
  for (const BadChunk& chunk : report.bad_chunks) {
    bad.push_back({{"container", archive.container_path(chunk.container)},
                   {"chunk", chunk.chunk},
                   {"offset", chunk.error.at},
                   {"cause", error_text(chunk.error.code)},
                   {"sentence", archive.describe(chunk.error)}});
  }
  nlohmann::ordered_json document = {{"archive", archive.path()},
                                     {"ok", is_clean(report)},
                                     {"bad_chunks", report.bad_chunks.size()},
                                     {"bad", bad},
                                     {"chunks_checked", report.chunks_checked},
                                     {"bytes_checked", report.bytes_checked.value},
                                     {"padding_clean", report.padding_clean},
                                     {"padding_error", nullptr}};
  if (report.padding_error) document["padding_error"] = archive.describe(report.padding_error);
  // There is no hash of bytes that could not be decoded.
  document["content_hash"] = nullptr;
  if (report.bad_chunks.empty()) document["content_hash"] = hex(report.content_hash);
  console.print_json(document);
}

void print_text(Console& console, const Archive& archive, const VerifyReport& report) {
  for (const BadChunk& chunk : report.bad_chunks)
    console.print(archive.describe(chunk.error) + "\n");
  if (report.padding_error) console.print(archive.describe(report.padding_error) + " (padding)\n");
  console.print(
      archive.path() + ": " + counted(report.chunks_checked, "chunk") + ", " +
      human_size(report.bytes_checked) + " checked, " +
      (report.bad_chunks.empty() ? std::string("none") : grouped(report.bad_chunks.size())) +
      " bad\n");
  if (report.bad_chunks.empty()) console.print("content hash " + hex(report.content_hash) + "\n");
}

}  // namespace

ExitCode run_verify(const VerifyArgs& args, Console& console) {
  const OpenedArchive opened = open_archive(console, args.archive);
  if (!opened.archive) return opened.code;
  const Archive& archive = *opened.archive;

  catch_interrupts();
  const Bytes total = archive.info().stored_size;
  Progress progress({.what = "verifying", .shown = console.shows_progress()});
  const Result<VerifyReport> report =
      verify_archive(archive, {.threads = args.threads, .progress = [&](Bytes checked) {
                                 progress.update(checked.value, total.value);
                                 return !interrupted();
                               }});
  progress.clear();
  if (!report) {
    if (interrupted()) return console.fail(ExitCode::interrupted, "verify: interrupted");
    return console.fail(report.error(), archive.describe(report.error()));
  }
  if (console.is_json()) {
    print_json(console, archive, *report);
  } else {
    print_text(console, archive, *report);
  }
  if (is_clean(*report)) return ExitCode::done;
  std::string sentence = "archive " + args.archive + ": ";
  if (!report->bad_chunks.empty()) {
    const BadChunk& first = report->bad_chunks.front();
    sentence +=
        grouped(report->bad_chunks.size()) + " of " + counted(report->chunks_checked, "chunk") +
        (report->bad_chunks.size() == 1 ? " is bad: chunk " : " are bad; the first is chunk ") +
        std::to_string(first.chunk) + " of container " + container_label(archive, first.container) +
        " at offset " + std::to_string(first.error.at) + ": " + error_text(first.error.code);
  } else {
    sentence += "bytes between runs or behind tables, which must be zero, are not";
  }
  return console.fail(ExitCode::answer_is_no, sentence);
}

}  // namespace nf
