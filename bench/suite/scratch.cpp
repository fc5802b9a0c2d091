#include "bench/suite/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <string_view>
#include <system_error>
#include <vector>

#include "bench/suite/page_cache.h"
#include "bench/suite/suite.h"
#include "formats/archive/replacement_file.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr std::uint64_t kPart = 1u << 20;
constexpr std::uint64_t kSmall = 256u << 20;
constexpr std::uint64_t kSpare = 64u << 20;

constexpr const char* kFolderName = "nearfield_bench_";

// What stands last before one more part of a name, as in "name_17_Xq2rT9": "17".
std::string_view part_before_last(std::string_view name, char between) {
  const std::size_t last = name.rfind(between);
  if (last == std::string_view::npos || last == 0) return {};
  const std::size_t first = name.rfind(between, last - 1);
  if (first == std::string_view::npos) return {};
  return name.substr(first + 1, last - first - 1);
}

bool is_gone(std::string_view process) {
  pid_t number = 0;
  const char* const end = process.data() + process.size();
  const auto [stop, error] = std::from_chars(process.data(), end, number);
  if (error != std::errc{} || stop != end || number <= 0) return false;
  return ::kill(number, 0) != 0 && errno == ESRCH;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const char* what) {
  throw BenchError(path.string() + ": " + what + " (" + std::strerror(errno) + ")");
}

// A disk that is nearly full writes and reads otherwise than an empty one. What is small does not
// change how full it is, and needs only its place.
void refuse_without_room(const std::filesystem::path& path, Bytes size) {
  const std::filesystem::space_info space = std::filesystem::space(path.parent_path());
  const bool small = size.value <= kSmall;
  const std::uint64_t spare =
      small ? std::min<std::uint64_t>(kSpare, space.capacity / 10) : space.capacity / 10;
  if (space.available >= size.value && space.available - size.value >= spare) return;
  throw BenchError(path.string() + ": " + human_size(size) + " would leave the disk less than " +
                   (small ? human_size({spare}) : "a tenth") + " free; --dir names another");
}

}  // namespace

ScratchFolder::ScratchFolder(const std::filesystem::path& dir, const std::string& name) {
  const std::string process = std::to_string(::getpid());
  std::string pattern = (dir / (kFolderName + name + "_" + process + "_XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) refuse(pattern, "cannot be made");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void remove_abandoned_folders(const std::filesystem::path& dir) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(dir, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kFolderName) || !is_gone(part_before_last(name, '_'))) continue;
    if (entry.symlink_status(ignored).type() != std::filesystem::file_type::directory) continue;
    std::filesystem::remove_all(entry.path(), ignored);
  }
}

void remove_abandoned_archives(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!ReplacementFile::is_temporary_name(name)) continue;
    const std::string_view stem = std::string_view(name).substr(0, name.rfind('.'));
    if (is_gone(part_before_last(stem, '.'))) std::filesystem::remove(entry.path(), ignored);
  }
}

OpenFile::OpenFile(const std::filesystem::path& path) {
  handle_.buffered = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle_.buffered < 0) refuse(path, "cannot be opened");
  handle_.direct = ::open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC);
  struct stat about = {};
  if (::fstat(handle_.buffered, &about) == 0) {
    size_ = {static_cast<std::uint64_t>(about.st_size)};
  }
}

OpenFile::~OpenFile() {
  ::close(handle_.buffered);
  if (handle_.direct >= 0) ::close(handle_.direct);
}

void write_file(const std::filesystem::path& path, Bytes size,
                const std::function<void(FileOffset at, std::span<std::byte> part)>& fill) {
  refuse_without_room(path, size);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) refuse(path, "cannot be made");
  std::vector<std::byte> part(kPart);
  bool written = true;
  for (std::uint64_t at = 0; at < size.value && written; at += kPart) {
    fill({at}, part);
    written = ::write(file, part.data(), kPart) == static_cast<ssize_t>(kPart);
  }
  written = ::fdatasync(file) == 0 && written;
  drop_cached(file);
  const int error = errno;
  ::close(file);
  errno = error;
  if (!written) refuse(path, "cannot be written");
}

}  // namespace nf::bench
