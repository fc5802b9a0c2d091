#include "bench/contenders/file_read.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bench/suite/suite.h"

namespace nf::bench {

void throw_errno(const std::string& subject) {
  throw BenchError(subject + ": " + std::strerror(errno));
}

ReadFile::ReadFile(int folder, const char* path, int flags)
    : file_(::openat(folder, path, O_RDONLY | O_CLOEXEC | flags)) {
  if (file_ < 0) throw_errno(path);
}

ReadFile::ReadFile(const std::filesystem::path& path) : ReadFile(AT_FDCWD, path.c_str(), 0) {}

ReadFile::~ReadFile() {
  ::close(file_);
}

void ReadFile::read(std::uint64_t at, std::span<std::byte> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        ::pread(file_, into.data() + done, into.size() - done, static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("pread");
    if (got == 0) throw BenchError("a file ended before its container did");
    done += static_cast<std::size_t>(got);
  }
}

std::span<const std::byte> read_direct(const ReadFile& file, std::uint64_t at, std::uint64_t size,
                                       std::span<std::byte> pages) {
  const std::uint64_t first = at / kDirectAlignment * kDirectAlignment;
  const std::uint64_t end = at + size;
  const std::uint64_t rounded = (end - first + kDirectAlignment - 1) & ~(kDirectAlignment - 1);
  std::uint64_t done = 0;
  while (first + done < end) {
    const ssize_t got = ::pread(file.descriptor(), pages.data() + done, rounded - done,
                                static_cast<off_t>(first + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("direct pread");
    if (got == 0) throw BenchError("a file ended before its container did");
    done += static_cast<std::uint64_t>(got);
    // A direct read that is not the file's last goes on at a multiple of the alignment.
    if (first + done < end) done = done / kDirectAlignment * kDirectAlignment;
  }
  return pages.subspan(at - first, size);
}

}  // namespace nf::bench
