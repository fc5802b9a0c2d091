#include "bench/suite/machine_facts.h"

#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "bench/suite/block_counters.h"
#include "bench/suite/commit.h"

namespace nf::bench {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

std::string line_of(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  line.erase(line.find_last_not_of(" \t\r\n") + 1);
  return line;
}

// The value of "name : value" or "name: value".
std::string value_in(const char* path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (!line.starts_with(name) || colon == std::string::npos) continue;
    const std::size_t from = line.find_first_not_of(" \t", colon + 1);
    return from == std::string::npos ? "" : line.substr(from);
  }
  return "";
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  std::istringstream(text) >> number;
  return number;
}

// The word in brackets: "always [madvise] never".
std::string chosen_in(const std::string& line) {
  const std::size_t open = line.find('[');
  const std::size_t close = line.find(']', open);
  if (open == std::string::npos || close == std::string::npos) return line;
  return line.substr(open + 1, close - open - 1);
}

ordered_json disk_facts(const std::string& number) {
  std::error_code error;
  fs::path device = fs::canonical("/sys/dev/block/" + number, error);
  if (error) return {{"name", ""}, {"note", "the file system has no disk of its own in /sys"}};
  if (fs::exists(device / "partition")) device = device.parent_path();
  const fs::path queue = device / "queue";
  return {{"name", device.filename().string()},
          {"model", line_of(device / "device" / "model")},
          {"size", number_of(line_of(device / "size")) * 512},
          {"rotational", line_of(queue / "rotational") == "1"},
          {"scheduler", chosen_in(line_of(queue / "scheduler"))},
          {"requests_max", number_of(line_of(queue / "nr_requests"))},
          {"request_size_max", number_of(line_of(queue / "max_sectors_kb")) * 1024},
          {"segments_max", number_of(line_of(queue / "max_segments"))}};
}

// Fields of /proc/self/mountinfo as proc(5) describes them.
ordered_json file_system_facts(const std::string& number) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string id, parent, device, top, at, options, word, type, source;
    words >> id >> parent >> device >> top >> at >> options;
    if (device != number) continue;
    while (words >> word && word != "-") continue;
    words >> type >> source;
    return {{"type", type}, {"options", options}};
  }
  return {{"type", ""}, {"options", ""}};
}

std::string compiler() {
#ifdef __clang__
  return __VERSION__;
#else
  return std::string("GCC ") + __VERSION__;
#endif
}

std::string date_now() {
  const time_t now = ::time(nullptr);
  tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

std::string load_average() {
  std::istringstream words(line_of("/proc/loadavg"));
  std::string one, five, fifteen;
  words >> one >> five >> fifteen;
  return one + " " + five + " " + fifteen;
}

ordered_json machine_facts(const fs::path& dir) {
  utsname system{};
  ::uname(&system);
  const std::string number = block_number(dir.c_str());
  const fs::path pages = "/sys/kernel/mm/transparent_hugepage";
  return {{"processor", value_in("/proc/cpuinfo", "model name")},
          {"architecture", system.machine},
          {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
          {"memory", number_of(value_in("/proc/meminfo", "MemTotal")) * 1024},
          {"kernel", std::string(system.sysname) + " " + system.release},
          {"disk", disk_facts(number)},
          {"file_system", file_system_facts(number)},
          {"huge_pages", chosen_in(line_of(pages / "enabled"))},
          {"huge_pages_defrag", chosen_in(line_of(pages / "defrag"))},
          {"compiler", compiler()},
          {"commit", kCommit},
          {"date", date_now()},
          {"load_average_before", load_average()}};
}

}  // namespace nf::bench
