#include "bench/replay/recordings.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "bench/replay/made_up.h"

namespace nf::bench {
namespace {

constexpr std::uint32_t kMadeUpLogs = 8;
constexpr std::uint32_t kMadeUpJumps = 8;
constexpr std::uintmax_t kFileSizeMax = 1ull << 30;

std::vector<Recording> find_in(const std::filesystem::path& folder) {
  std::vector<Recording> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".csv" || !entry.is_regular_file(error)) continue;
    found.push_back({.name = entry.path().filename().string(), .path = entry.path(), .text = {}});
  }
  std::sort(found.begin(), found.end(),
            [](const Recording& a, const Recording& b) { return a.name < b.name; });
  return found;
}

Recordings make_up(const BenchOptions& options) {
  const bool look = options.seconds < kLookSeconds;
  Recordings recordings{.matches = {}, .logs = {}, .made_up = true};
  for (std::uint32_t i = 0; i < (look ? 1 : kMadeUpLogs); ++i) {
    recordings.logs.push_back({.name = "made-up log " + std::to_string(i),
                               .path = {},
                               .text = make_up_log(options.seed + i, look ? 2 : kMadeUpJumps)});
  }
  const MadeUpMatch flown = {.objects = look ? 16u : 100u, .seconds = look ? 10.0 : 120.0};
  const MadeUpMatch walked = {
      .objects = look ? 8u : 60u, .seconds = look ? 10.0 : 60.0, .across = 60, .speed = 1.5};
  recordings.matches.push_back(
      {.name = "made-up flights", .path = {}, .text = make_up_match(options.seed, flown)});
  recordings.matches.push_back(
      {.name = "made-up walkers", .path = {}, .text = make_up_match(options.seed + 1, walked)});
  return recordings;
}

}  // namespace

Recordings find_recordings(const BenchOptions& options) {
  if (options.traces.empty()) return make_up(options);
  Recordings recordings{.matches = find_in(options.traces / "multi"),
                        .logs = find_in(options.traces / "nesting_elite")};
  if (recordings.matches.empty() || recordings.logs.empty()) {
    throw BadInput(options.traces.string() +
                   ": there are no recordings in its folders multi and nesting_elite");
  }
  return recordings;
}

std::string text_of_recording(const Recording& recording) {
  if (recording.path.empty()) return recording.text;
  std::error_code error;
  if (std::filesystem::file_size(recording.path, error) > kFileSizeMax || error) {
    throw BadInput(recording.name + ": it is larger than 1 GiB, or is no file");
  }
  std::ifstream file(recording.path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad() || text.empty()) throw BadInput(recording.name + ": it cannot be read");
  return text;
}

}  // namespace nf::bench
