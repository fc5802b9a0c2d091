#include "tools/nearfield/pack_choice.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "formats/pack/choose_codec.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

constexpr auto kStore = static_cast<std::size_t>(Codec::store);

std::string rate_text(double bytes_per_second) {
  return human_size({static_cast<std::uint64_t>(bytes_per_second)}) + "/s";
}

double part_of(Bytes part, Bytes whole) {
  return whole.value == 0 ? 0 : static_cast<double>(part.value) / static_cast<double>(whole.value);
}

// All of the world's bytes by one codec.
CodecOutlook outlook_of(std::size_t codec, Bytes raw, Bytes stored, double disk) {
  CodecBytes bytes[kCodecCount] = {};
  bytes[codec] = {.raw = raw, .stored = stored};
  return {.stored = stored, .bytes_per_second = resident_bytes_per_second(bytes, disk)};
}

// The sample may be easier or harder than the world: by as much as what was packed of it.
CodecOutlook estimate_of(std::size_t codec, const PackReport& report, double disk) {
  const double packed = part_of(report.sample_packed.stored, report.sample_packed.raw);
  const double bias = packed > 0 ? part_of(report.stored_size, report.raw_size) / packed : 1;
  const CodecBytes& sample = report.sample_as[codec];
  const double ratio = std::min(1.0, bias * part_of(sample.stored, sample.raw));
  const double stored = ratio * static_cast<double>(report.raw_size.value);
  CodecOutlook outlook =
      outlook_of(codec, report.raw_size, {static_cast<std::uint64_t>(stored)}, disk);
  outlook.estimated = true;
  return outlook;
}

std::string codec_word(std::size_t codec) {
  return codec == static_cast<std::size_t>(Codec::lz4) ? "LZ4" : "zstd";
}

// The codec other than store that is resident first; kStore: none was tried.
std::size_t best_codec(const PackChoice& choice) {
  std::size_t best = kStore;
  double rate = 0;
  for (std::size_t i = 0; i < kCodecCount; ++i) {
    if (i == kStore || !choice.outlook[i] || choice.outlook[i]->bytes_per_second <= rate) continue;
    best = i;
    rate = choice.outlook[i]->bytes_per_second;
  }
  return best;
}

std::string sentence_for(const PackChoice& choice, const PackReport& report, CodecChoice asked,
                         std::size_t codec) {
  const std::string begin = "on a disk of " + rate_text(choice.disk.bytes_per_second) +
                            " bytes stored as they are are resident sooner than " +
                            codec_word(codec) + "'s: ";
  if (asked != CodecChoice::automatic) {
    return begin + (store_always_wins(choice.disk.bytes_per_second)
                        ? "--codec auto would store them raw"
                        : "--codec auto takes for each chunk what is sooner");
  }
  const double raw = part_of(report.by_codec[kStore].raw, report.raw_size);
  std::string text = begin + text_of("%.0f %% of the bytes are stored raw", 100 * raw);
  const double smaller = 1 - part_of(choice.outlook[codec]->stored, choice.packed.stored);
  if (smaller < 0.005) return text;
  return text + "; --codec " + codec_name(static_cast<Codec>(codec)) +
         text_of(" would make the file about %.0f %% smaller", 100 * smaller);
}

}  // namespace

PackChoice choice_of(const PackReport& report, CodecChoice asked, const PackDisk& disk) {
  PackChoice choice;
  choice.disk = disk;
  const double rate = disk.bytes_per_second;
  choice.packed = {.stored = report.stored_size,
                   .bytes_per_second = resident_bytes_per_second(report.by_codec, rate)};
  if (report.raw_size.value == 0) return choice;
  choice.outlook[kStore] = outlook_of(kStore, report.raw_size, report.raw_size, rate);
  for (std::size_t i = kStore + 1; i < kCodecCount; ++i) {
    if (report.by_codec[i].raw == report.raw_size) {
      choice.outlook[i] = choice.packed;
    } else if (report.sample_as[i].raw.value != 0) {
      choice.outlook[i] = estimate_of(i, report, rate);
    }
  }
  if (asked == CodecChoice::lz4)
    choice.outlook[static_cast<std::size_t>(Codec::lz4)] = choice.packed;
  if (asked == CodecChoice::zstd) {
    choice.outlook[static_cast<std::size_t>(Codec::zstd)] = choice.packed;
  }
  const std::size_t best = best_codec(choice);
  choice.raw_is_sooner = best != kStore && choice.outlook[kStore]->bytes_per_second >
                                               choice.outlook[best]->bytes_per_second;
  if (choice.raw_is_sooner) choice.sentence = sentence_for(choice, report, asked, best);
  return choice;
}

std::string choice_text(const PackChoice& choice) {
  Table table(
      {"for a disk of " + rate_text(choice.disk.bytes_per_second) + " (" + choice.disk.name + ")",
       "stored", "resident, about"});
  table.add(
      {"  as packed", human_size(choice.packed.stored), rate_text(choice.packed.bytes_per_second)});
  for (std::size_t i = 0; i < kCodecCount; ++i) {
    if (!choice.outlook[i]) continue;
    table.add(
        {std::string("  all by ") + codec_name(static_cast<Codec>(i)),
         (choice.outlook[i]->estimated ? "about " : "") + human_size(choice.outlook[i]->stored),
         rate_text(choice.outlook[i]->bytes_per_second)});
  }
  return table.text() + (choice.sentence.empty() ? "" : choice.sentence + "\n");
}

nlohmann::ordered_json choice_json(const PackChoice& choice) {
  const auto json_of = [](const CodecOutlook& outlook) -> nlohmann::ordered_json {
    return {{"stored_size", outlook.stored.value},
            {"resident_bytes_per_second", outlook.bytes_per_second},
            {"estimated", outlook.estimated}};
  };
  nlohmann::ordered_json outlook = {{"as_packed", json_of(choice.packed)}};
  for (std::size_t i = 0; i < kCodecCount; ++i) {
    nlohmann::ordered_json& entry = outlook[codec_name(static_cast<Codec>(i))];
    if (choice.outlook[i]) entry = json_of(*choice.outlook[i]);
  }
  return {{"disk", choice.disk.name},
          {"disk_bytes_per_second", choice.disk.bytes_per_second},
          {"outlook", outlook},
          {"raw_is_sooner", choice.raw_is_sooner},
          {"sentence", choice.sentence}};
}

}  // namespace nf
