#include "bench/scale/world_figures.h"

#include <filesystem>
#include <optional>
#include <vector>

#include "bench/scale/asset_archive.h"
#include "bench/scale/mounted_world.h"
#include "bench/suite/clocks.h"
#include "bench/suite/page_cache.h"
#include "bench/suite/rounds.h"
#include "bench/suite/scratch.h"
#include "formats/import/generate_archive.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr double kMemoryGoal = 1024.0 * 1024 * 1024 / 1e6;  // MB: 1 GiB
constexpr double kContainerGoal = 200;                      // bytes

double megabytes(Bytes size) {
  return static_cast<double>(size.value) / 1e6;
}

void generate(const std::filesystem::path& path, std::uint32_t containers, std::uint32_t assets,
              std::uint64_t seed) {
  GenerateArchiveOptions options;
  options.containers = containers;
  options.assets = assets;
  options.seed = seed;
  std::string detail;
  const Result<GenerateArchiveReport> made = generate_archive(path.string(), options, detail);
  if (!made)
    throw BenchError("a star system cannot be made: " +
                     (detail.empty() ? cause_of(made.error()) : detail));
}

// Why a cold open of it cannot be measured here; empty if it can.
std::string why_never_cold(const std::filesystem::path& path) {
  try {
    const OpenFile file(path);
    require_cold(file.handle().buffered, path.filename().string());
    return "";
  } catch (const BenchError& error) {
    return error.what();
  }
}

double seconds_of_tables(TableBytes& tables, const std::filesystem::path& path, FileCache cache) {
  if (cache == FileCache::cold) {
    const OpenFile file(path);
    require_cold(file.handle().buffered, path.filename().string());
  }
  const double begin = wall_seconds();
  tables.read_and_hash();
  return wall_seconds() - begin;
}

std::string words_of(const MountSample& sample) {
  return grouped(sample.containers) + " containers, " + grouped(sample.assets) + " assets";
}

// Ours and its reference in turn. The last sample is given back: counts and memory.
MountSample measure_time(const std::filesystem::path& path, FileCache cache,
                         const BenchOptions& options, SuiteResult& result) {
  TableBytes tables(path);
  MountSample sample;
  std::vector<double> times[2];
  take_in_turn(2, options.rounds, [&](std::size_t ours, std::uint32_t) {
    if (ours == 1) {
      sample = mount_in_fresh_process(path, cache);
      times[1].push_back((sample.open_seconds + sample.mount_seconds) * 1e3);
    } else {
      times[0].push_back(seconds_of_tables(tables, path, cache) * 1e3);
    }
  });
  const bool cold = cache == FileCache::cold;
  result.figures.push_back(
      {.name = std::string("open and mount, ") + (cold ? "cold, " : "cached, ") + words_of(sample),
       .unit = "ms",
       .better = Better::lower,
       .ours = times[1],
       .reference_name = "reading and hashing its tables",
       .reference = times[0]});
  result.headlines[cold ? "open_mount_ms_cold" : "open_mount_ms_cached"] =
      spread_of(times[1]).median;
  return sample;
}

void add_memory(const std::string& name, const char* unit, double ours, double goal,
                SuiteResult& result) {
  result.figures.push_back({.name = name,
                            .unit = unit,
                            .better = Better::lower,
                            .ours = {ours},
                            .reference_name = "the goal",
                            .reference = {goal},
                            .reference_is_constant = true});
}

void measure_world(const std::filesystem::path& path, const BenchOptions& options,
                   SuiteResult& result) {
  const std::string warm_only = why_never_cold(path);
  if (warm_only.empty()) {
    measure_time(path, FileCache::cold, options, result);
  } else {
    result.notes.push_back("open and mount, cold: not measured: " + warm_only);
  }
  const MountSample sample = measure_time(path, FileCache::warm, options, result);
  const std::string words = words_of(sample);
  add_memory("resident once mounted, " + words, "MB", megabytes(sample.memory), kMemoryGoal,
             result);
  add_memory("resident at most meanwhile, " + words, "MB", megabytes(sample.memory_peak),
             kMemoryGoal, result);
  result.headlines["mounted_resident_mb"] = megabytes(sample.memory);
  result.headline_notes["open_mount_ms_cold"] = result.headline_notes["open_mount_ms_cached"] =
      "milliseconds to open and mount " + words;
  result.headline_notes["mounted_resident_mb"] =
      "MB resident of a process that has " + words + " mounted and nothing loaded";
  result.notes.push_back(words + ": " + human_size(sample.open_memory) +
                         " became resident when it " + "was opened, " +
                         human_size(sample.mount_memory) + " when it was mounted");
}

// What a container costs that nobody is near: all that opening and mounting a world without assets
// made resident, over its containers.
void measure_containers_alone(const std::filesystem::path& path, SuiteResult& result) {
  const MountSample sample = mount_in_fresh_process(path, FileCache::warm);
  const auto count = static_cast<double>(sample.containers);
  const double open = static_cast<double>(sample.open_memory.value) / count;
  const double mount = static_cast<double>(sample.mount_memory.value) / count;
  const std::string words = grouped(sample.containers) + " containers without assets";
  add_memory("resident for a dormant container, " + words, "B", open + mount, kContainerGoal,
             result);
  result.headlines["bytes_a_dormant_container"] = open + mount;
  result.headline_notes["bytes_a_dormant_container"] =
      "bytes that opening and mounting " + words + " makes resident, over their number";
  result.notes.push_back(words + text_of(": %.0f bytes each in the archive's tables and names, "
                                         "%.0f in the runtime",
                                         open, mount));
}

}  // namespace

void add_world_figures(const BenchOptions& options, const WorldFigureOptions& worlds,
                       SuiteResult& result) {
  const ScratchFolder folder(options.dir, "worlds");
  worlds.say("opening and mounting a star system");
  const std::filesystem::path made = folder.path() / "system.nfa";
  if (options.world.empty()) generate(made, worlds.containers, worlds.assets, options.seed);
  measure_world(options.world.empty() ? made : options.world, options, result);
  worlds.say("mounting " + grouped(worlds.containers_alone) + " containers without assets");
  generate(made, worlds.containers_alone, 1, options.seed);
  measure_containers_alone(made, result);
}

}  // namespace nf::bench
