#include "bench/suite/block_counters.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <fstream>
#include <iterator>
#include <sstream>

namespace nf::bench {
namespace {

constexpr std::uint64_t kSector = 512;  // of the counters, whatever the disk's own is

std::string number_text(dev_t device) {
  return std::to_string(::major(device)) + ":" + std::to_string(::minor(device));
}

}  // namespace

std::optional<BlockCounters> parse_block_counters(const std::string& text) {
  // reads, reads merged, sectors read, milliseconds reading, writes, writes merged, sectors written
  std::array<std::uint64_t, 7> values = {};
  std::istringstream words(text);
  for (std::uint64_t& value : values) {
    if (!(words >> value)) return std::nullopt;
  }
  return BlockCounters{.reads = values[0],
                       .bytes_read = {values[2] * kSector},
                       .writes = values[4],
                       .bytes_written = {values[6] * kSector}};
}

std::optional<BlockCounters> block_counters(int file) {
  struct stat about = {};
  if (::fstat(file, &about) != 0) return std::nullopt;
  std::ifstream stat("/sys/dev/block/" + number_text(about.st_dev) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(stat), {}};
  return parse_block_counters(text);
}

std::string block_number(const char* path) {
  struct stat about = {};
  return ::stat(path, &about) == 0 ? number_text(about.st_dev) : "";
}

}  // namespace nf::bench
