#include "formats/archive/replacement_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace nf {
namespace {

constexpr int kNameAttemptsMax = 10'000;
constexpr mode_t kMode = 0666;  // less the umask, as any program's output

Error os_failure(ErrorCode code, int os_error) {
  if (os_error == ENOSPC || os_error == EDQUOT) code = ErrorCode::disk_full;
  if (os_error == EACCES || os_error == EPERM || os_error == EROFS) {
    code = ErrorCode::permission_denied;
  }
  return {.code = code, .os_error = static_cast<std::uint8_t>(os_error)};
}

int open_at(int folder, const char* name, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::openat(folder, name, flags | O_CLOEXEC, kMode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

// A close that reports EINTR has closed the file on Linux; calling it again might close another's.
bool close_file(int& descriptor) {
  const int closing = std::exchange(descriptor, -1);
  return closing < 0 || ::close(closing) == 0 || errno == EINTR;
}

}  // namespace

ReplacementFile::ReplacementFile(ReplacementFile&& other) noexcept {
  swap(other);
}

ReplacementFile& ReplacementFile::operator=(ReplacementFile&& other) noexcept {
  swap(other);
  return *this;
}

void ReplacementFile::swap(ReplacementFile& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(file_, other.file_);
  std::swap(name_, other.name_);
  std::swap(temporary_, other.temporary_);
}

ReplacementFile::~ReplacementFile() {
  abandon();
}

void ReplacementFile::abandon() {
  close_file(file_);
  if (!temporary_.empty()) ::unlinkat(folder_, temporary_.c_str(), 0);
  temporary_.clear();
  close_file(folder_);
}

Result<ReplacementFile> ReplacementFile::create(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  ReplacementFile made;
  made.name_ = slash == std::string::npos ? path : path.substr(slash + 1);
  if (made.name_.empty() || made.name_ == "." || made.name_ == "..") {
    return Error{.code = ErrorCode::invalid_argument};
  }
  // The folder is held open: what is renamed and flushed later is where the file was written.
  made.folder_ = open_at(AT_FDCWD, folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (made.folder_ < 0) return os_failure(ErrorCode::file_open_failed, errno);
  struct stat status = {};
  if (::fstatat(made.folder_, made.name_.c_str(), &status, 0) == 0 && S_ISDIR(status.st_mode)) {
    return Error{.code = ErrorCode::file_open_failed, .os_error = EISDIR};
  }
  if (const Error error = made.open_temporary()) return error;
  return made;
}

// A name that nobody has: a killed writer may have left its own behind.
Error ReplacementFile::open_temporary() {
  const std::string stem = "." + name_.substr(0, 200) + "." + std::to_string(::getpid()) + ".";
  for (int attempt = 0; attempt < kNameAttemptsMax; ++attempt) {
    const std::string name = stem + std::to_string(attempt) + ".tmp";
    file_ = open_at(folder_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (file_ >= 0) {
      temporary_ = name;
      return {};
    }
    if (errno != EEXIST) return os_failure(ErrorCode::file_open_failed, errno);
  }
  return {.code = ErrorCode::already_exists};
}

Error ReplacementFile::write(std::uint64_t at, std::span<const std::byte> first,
                             std::span<const std::byte> second) {
  while (!first.empty() || !second.empty()) {
    const iovec parts[2] = {
        {.iov_base = const_cast<std::byte*>(first.data()), .iov_len = first.size()},
        {.iov_base = const_cast<std::byte*>(second.data()), .iov_len = second.size()}};
    const ssize_t put = ::pwritev(file_, parts, 2, static_cast<off_t>(at));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return os_failure(ErrorCode::file_write_failed, errno);
    if (put == 0) return {.code = ErrorCode::file_write_failed};
    const auto done = static_cast<std::size_t>(put);
    const std::size_t of_first = done < first.size() ? done : first.size();
    first = first.subspan(of_first);
    second = second.subspan(done - of_first);
    at += done;
  }
  return {};
}

Error ReplacementFile::commit() {
  if (::fsync(file_) != 0) return os_failure(ErrorCode::file_sync_failed, errno);
  if (!close_file(file_)) return os_failure(ErrorCode::file_write_failed, errno);
  if (::renameat(folder_, temporary_.c_str(), folder_, name_.c_str()) != 0) {
    return os_failure(ErrorCode::file_write_failed, errno);
  }
  temporary_.clear();
  if (::fsync(folder_) != 0) return os_failure(ErrorCode::file_sync_failed, errno);
  return {};
}

}  // namespace nf
