#include "bench/contenders/load_clock.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <string>

#include "bench/suite/block_counters.h"
#include "bench/suite/clocks.h"
#include "bench/suite/suite.h"

namespace nf::bench {
namespace {

std::optional<double> process_read_bytes() {
  std::ifstream account("/proc/self/io");
  std::string word;
  while (account >> word) {
    double bytes = 0;
    if (word == "read_bytes:" && account >> bytes) return bytes;
  }
  return std::nullopt;
}

std::optional<double> disk_read_bytes(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  const std::optional<BlockCounters> counters = block_counters(file);
  ::close(file);
  if (!counters) return std::nullopt;
  return static_cast<double>(counters->bytes_read.value);
}

}  // namespace

LoadClock::LoadClock(const std::filesystem::path& folder, DeviceBytesFrom from)
    : folder_(folder), from_(from) {
  static_cast<void>(device_bytes());
}

double LoadClock::device_bytes() const {
  const std::optional<double> bytes =
      from_ == DeviceBytesFrom::process ? process_read_bytes() : disk_read_bytes(folder_);
  if (bytes) return *bytes;
  throw BenchError(from_ == DeviceBytesFrom::process
                       ? "/proc/self/io does not say what was read from the device"
                       : folder_.string() + ": its file system has no disk that counts reads");
}

void LoadClock::start() {
  cost_ = {.seconds = 0,
           .process_cpu = -process_seconds(),
           .machine_cpu = -machine_seconds(),
           .device_bytes = -device_bytes()};
  cost_.seconds = -wall_seconds();
}

void LoadClock::stop() {
  cost_.seconds += wall_seconds();
  cost_.process_cpu += process_seconds();
  cost_.machine_cpu += machine_seconds();
  cost_.device_bytes += device_bytes();
}

}  // namespace nf::bench
