#include "bench/suite/page_cache.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "bench/suite/suite.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr int kDropTries = 3;  // pages on their way to a list of the kernel are missed at first
constexpr long kCachestatNumber = 451;  // since Linux 6.5; newer than the headers of Debian 12

// As the kernel defines them (Documentation/admin-guide/mm, mm/filemap.c).
struct CachestatRange {
  std::uint64_t at = 0;
  std::uint64_t size = 0;
};
struct Cachestat {
  std::uint64_t cached = 0;
  std::uint64_t dirty = 0;
  std::uint64_t writeback = 0;
  std::uint64_t evicted = 0;
  std::uint64_t recently_evicted = 0;
};

// The pages of a file on overlayfs belong to the file below. A mapping leads there; cachestat looks
// at the upper one, which never has any, and would call every file cold.
bool is_on_overlay(int file) {
  struct statfs about = {};
  return ::fstatfs(file, &about) != 0 || about.f_type == OVERLAYFS_SUPER_MAGIC;
}

std::optional<Bytes> by_cachestat(int file, Bytes size, std::uint64_t page) {
  if (is_on_overlay(file)) return std::nullopt;
  const CachestatRange range{.at = 0, .size = size.value};
  Cachestat found;
  if (::syscall(kCachestatNumber, file, &range, &found, 0u) != 0) return std::nullopt;
  return Bytes{found.cached * page};
}

std::optional<Bytes> by_mincore(int file, Bytes size, std::uint64_t page) {
  // Without write permission the kernel says of every page that it is there.
  if (::faccessat(AT_FDCWD, ("/proc/self/fd/" + std::to_string(file)).c_str(), W_OK, 0) != 0) {
    return std::nullopt;
  }
  void* at = ::mmap(nullptr, size.value, PROT_READ, MAP_SHARED, file, 0);
  if (at == MAP_FAILED) return std::nullopt;
  std::vector<unsigned char> pages((size.value + page - 1) / page);
  const bool known = ::mincore(at, size.value, pages.data()) == 0;
  ::munmap(at, size.value);
  if (!known) return std::nullopt;
  const auto cached =
      std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return (p & 1u) != 0; });
  return Bytes{static_cast<std::uint64_t>(cached) * page};
}

Bytes size_of(int file) {
  struct stat about = {};
  if (::fstat(file, &about) != 0) return {};
  return {static_cast<std::uint64_t>(std::max<off_t>(about.st_size, 0))};
}

}  // namespace

std::optional<Bytes> cached_bytes(int file) {
  const Bytes size = size_of(file);
  if (size.value == 0) return Bytes{0};
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  if (const std::optional<Bytes> found = by_cachestat(file, size, page)) return found;
  return by_mincore(file, size, page);
}

void drop_cached(int file) {
  ::fdatasync(file);
  ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
}

std::optional<Bytes> drop_and_look(int file) {
  std::optional<Bytes> cached;
  for (int i = 0; i < kDropTries; ++i) {
    drop_cached(file);
    cached = cached_bytes(file);
    if (!cached || cached->value == 0) break;
  }
  return cached;
}

void require_cold(int file, const std::string& name) {
  const std::optional<Bytes> cached = drop_and_look(file);
  if (!cached) {
    throw BenchError(name + ": this kernel does not say what of it is in the page cache");
  }
  const Bytes allowed = std::max(Bytes{1u << 20}, Bytes{size_of(file).value / 64});
  if (*cached > allowed) {
    throw BenchError(name + ": " + human_size(*cached) +
                     " of it are in the page cache and stay there; somebody has it mapped, or the "
                     "file system keeps it in memory");
  }
}

}  // namespace nf::bench
