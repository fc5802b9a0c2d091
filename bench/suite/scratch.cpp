#include "bench/suite/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "bench/suite/page_cache.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr std::uint64_t kPart = 1u << 20;
constexpr std::uint64_t kSmall = 256u << 20;
constexpr std::uint64_t kSpare = 64u << 20;

[[noreturn]] void refuse(const std::filesystem::path& path, const char* what) {
  throw BenchError(path.string() + ": " + what + " (" + std::strerror(errno) + ")");
}

// A disk that is nearly full writes and reads otherwise than an empty one. What is small does not
// change how full it is, and needs only its place.
void refuse_without_room(const std::filesystem::path& path, Bytes size) {
  const std::filesystem::space_info space = std::filesystem::space(path.parent_path());
  const bool small = size.value <= kSmall;
  const std::uint64_t spare = small ? std::min<std::uint64_t>(kSpare, space.capacity / 10)
                                    : space.capacity / 10;
  if (space.available >= size.value && space.available - size.value >= spare) return;
  throw BenchError(path.string() + ": " + human_size(size) + " would leave the disk less than " +
                   (small ? human_size({spare}) : "a tenth") + " free; --dir names another");
}

}  // namespace

ScratchFolder::ScratchFolder(const std::filesystem::path& dir, const std::string& name) {
  std::string pattern = (dir / ("nearfield_bench_" + name + "_XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) refuse(pattern, "cannot be made");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
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
