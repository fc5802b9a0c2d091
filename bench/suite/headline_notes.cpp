#include "bench/suite/headline_notes.h"

#include <array>
#include <charconv>
#include <optional>

#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

struct KnownNote {
  std::string_view name;  // without what is taken off its end below
  const char* words;
  bool higher = true;  // is better
};

constexpr auto kKnown = std::to_array<KnownNote>({
    {"read_ratio_64k",
     "MB/s of direct reads of 64 KiB into huge pages, 64 in flight, through our ring, which "
     "registers them / through a plain liburing loop"},
    {"read_ratio_1m",
     "MB/s of direct reads of 1 MiB into huge pages, 4 in flight, through our ring, which "
     "registers them / through a plain liburing loop"},
    {"read_cpu_ratio_64k",
     "processor seconds for a GB of direct reads of 64 KiB, 64 in flight, through our ring, which "
     "registers its memory / through a plain liburing loop",
     false},
    {"read_cpu_ratio_1m",
     "processor seconds for a GB of direct reads of 1 MiB, 4 in flight, through our ring, which "
     "registers its memory / through a plain liburing loop",
     false},
    {"codec_cpu_ratio_lz4",
     "processor seconds for a GB of LZ4 chunks of 256 KiB decoded by one worker of a DecodePool / "
     "by the library and the same hash in a plain loop",
     false},
    {"codec_cpu_ratio_zstd",
     "processor seconds for a GB of zstd chunks of 256 KiB decoded by one worker of a DecodePool / "
     "by the library and the same hash in a plain loop",
     false},
    {"load_ratio_lz4",
     "decoded MB/s of whole loads of cold LZ4 containers / of the slower of plain reads and plain "
     "decoding of the same"},
    {"load_ratio_zstd",
     "decoded MB/s of whole loads of cold zstd containers / of the slower of plain reads and plain "
     "decoding of the same"},
    {"cpu_ratio_lz4",
     "processor seconds for a decoded GB of whole loads of cold LZ4 containers / of plain decoding "
     "of the same with its hash",
     false},
    {"cpu_ratio_zstd",
     "processor seconds for a decoded GB of whole loads of cold zstd containers / of plain "
     "decoding of the same with its hash",
     false},
    {"raw_ratio_lz4",
     "decoded MB/s of whole loads of cold LZ4 containers / of plain direct reads of the same "
     "containers stored raw"},
    {"raw_ratio_zstd",
     "decoded MB/s of whole loads of cold zstd containers / of plain direct reads of the same "
     "containers stored raw"},
    {"alone_p50_ratio",
     "p50 of the time of loading a cold container of about 4 MiB with nothing else in flight / of "
     "its bare read",
     false},
    {"urgent_p99_ratio",
     "p99 of the time of an urgent container of about 4 MiB under prefetch / 1.5 times its p99 "
     "alone and the time of one window of reads, which is what it may take",
     false},
    {"engine_jobs_ratio",
     "decoded MB/s of loads of LZ4 containers decoded by an engine's jobs into its memory / by the "
     "runtime's own workers into its own"},
    {"small_requests_per_s_at_10pct_core",
     "small assets asked for by name that a tenth of a core serves in a second, its decoding not "
     "counted; no ratio"},
    {"flight_late_arrivals",
     "late arrivals at all speeds together, each speed the median of its rounds, within the "
     "largest of the memories only: the smaller are short on purpose; a count",
     false},
    {"hour_free_piece_drift",
     "longest free piece of all free memory in the last sixth of the long flight in a full memory "
     "/ in its first sixth; 1: memory does not fall to pieces"},
    {"hour_refused_drift",
     "loads refused in the last sixth of the long flight though enough memory was free / in its "
     "first sixth; 1: it does not get worse",
     false},
    {"update_growth_with_observers",
     "p50 of the time of update() for each observer of the largest crowd / of one of a tenth of "
     "its "
     "observers; 1: the time grows with the observers",
     false},
    {"update_growth_with_dormant",
     "p50 of the time of update() for one observer with ten times the containers / with those "
     "alone "
     "that it walks among; 1: dormant containers cost nothing",
     false},
    {"update_growth_with_dormant_crowd",
     "the same for the largest crowd, whose own work hides what little a dormant container costs",
     false},
    {"allocations_per_frame",
     "allocations a frame in update(), the worst sample of all and of every crowd; a count", false},
});

// Takes "_2_workers" off the end of `name`; none if it is not there.
std::optional<std::uint32_t> take_number(std::string_view& name, std::string_view ending) {
  std::string_view rest = name;
  if (!rest.ends_with(ending)) return std::nullopt;
  rest.remove_suffix(ending.size());
  const std::size_t digits = rest.find_last_not_of("0123456789") + 1;
  std::uint32_t number = 0;
  const auto [end, error] =
      std::from_chars(rest.data() + digits, rest.data() + rest.size(), number);
  if (digits == 0 || rest[digits - 1] != '_' || error != std::errc() || digits == rest.size()) {
    return std::nullopt;
  }
  name = rest.substr(0, digits - 1);
  return number;
}

std::string way(bool higher) {
  return higher ? "; higher is better" : "; lower is better";
}

// "update_p99_us_10000_of_1000000"
std::string note_of_update(std::string_view name) {
  const std::optional<std::uint32_t> containers = take_number(name, "");
  if (!containers || !name.ends_with("_of")) return {};
  const std::optional<std::uint32_t> observers = take_number(name, "_of");
  if (!observers || (name != "update_p50_us" && name != "update_p99_us")) return {};
  return std::string(name.substr(7, 3)) + " of the time of update() in us with " +
         grouped(*observers) + (*observers == 1 ? " observer" : " observers") + " among " +
         grouped(*containers) + " containers, median of the rounds; no ratio; lower is better";
}

}  // namespace

std::string known_headline_note(std::string_view name) {
  if (const std::string note = note_of_update(name); !note.empty()) return note;
  const std::optional<std::uint32_t> workers = take_number(name, "_workers");
  constexpr std::string_view kRegistered = "_registered";
  const bool registered = name.ends_with(kRegistered);
  if (registered) name.remove_suffix(kRegistered.size());
  constexpr std::string_view kThrottled = "_500mbps";
  const bool throttled = name.ends_with(kThrottled);
  if (throttled) name.remove_suffix(kThrottled.size());
  for (const KnownNote& known : kKnown) {
    if (known.name != name) continue;
    std::string note = known.words;
    if (throttled) note += ", on a disk kept to 500 MB/s";
    if (registered) note += " that registers its memory, too";
    if (workers) note += ", " + std::to_string(*workers) + " decode workers";
    return note + way(known.higher);
  }
  return {};
}

std::string headline_note(const SuiteResult& result, const std::string& name) {
  const auto own = result.headline_notes.find(name);
  return own != result.headline_notes.end() ? own->second : known_headline_note(name);
}

}  // namespace nf::bench
