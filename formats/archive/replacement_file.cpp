#include "formats/archive/replacement_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
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

int open_at(int folder, const char* name, int flags, mode_t mode = kMode) {
  int descriptor = -1;
  do {
    descriptor = ::openat(folder, name, flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

// A close that reports EINTR has closed the file on Linux; calling it again might close another's.
bool close_file(int& descriptor) {
  const int closing = std::exchange(descriptor, -1);
  return closing < 0 || ::close(closing) == 0 || errno == EINTR;
}

// Where the file lies that is to be replaced: behind a symbolic link it is the link's target, so
// that the link stays a link.
Result<std::string> resolve_link(const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return path;
  const std::unique_ptr<char, decltype(&std::free)> target(::realpath(path.c_str(), nullptr),
                                                           &std::free);
  if (target == nullptr) {
    return Error{.code = ErrorCode::invalid_argument, .os_error = static_cast<std::uint8_t>(errno)};
  }
  return std::string(target.get());
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Cuts what stands behind the last dot off `text`.
std::string_view take_ending(std::string_view& text) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view ending = text.substr(dot + 1);
  text = text.substr(0, dot);
  return ending;
}

}  // namespace

bool ReplacementFile::is_temporary_name(std::string_view name) {
  return name.starts_with('.') && take_ending(name) == "tmp" && is_number(take_ending(name)) &&
         is_number(take_ending(name)) && name.size() > 1;
}

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

Result<ReplacementFile> ReplacementFile::create(const std::string& named_path) {
  const Result<std::string> path = resolve_link(named_path);
  if (!path) return path.error();
  const std::size_t slash = path->rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path->substr(0, slash + 1);
  ReplacementFile made;
  made.name_ = slash == std::string::npos ? *path : path->substr(slash + 1);
  if (made.name_.empty() || made.name_ == "." || made.name_ == "..") {
    return Error{.code = ErrorCode::invalid_argument};
  }
  // The folder is held open: what is renamed and flushed later is where the file was written.
  made.folder_ = open_at(AT_FDCWD, folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (made.folder_ < 0) return os_failure(ErrorCode::file_open_failed, errno);
  struct stat status = {};
  const bool exists =
      ::fstatat(made.folder_, made.name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (!exists && errno != ENOENT) return os_failure(ErrorCode::file_open_failed, errno);
  // A device or a pipe put away by a rename would be gone for everyone who uses it.
  if (exists && !S_ISREG(status.st_mode)) {
    const int os_error = S_ISDIR(status.st_mode) ? EISDIR : 0;
    return Error{.code = ErrorCode::invalid_argument,
                 .os_error = static_cast<std::uint8_t>(os_error)};
  }
  // Nobody may read the new file before it has the permissions of the old one.
  if (const Error error = made.open_temporary(exists ? 0600 : kMode)) return error;
  if (exists && ::fchmod(made.file_, status.st_mode & 0777) != 0) {
    return os_failure(ErrorCode::file_open_failed, errno);
  }
  return made;
}

// A name that nobody has: a killed writer may have left its own behind.
Error ReplacementFile::open_temporary(mode_t mode) {
  const std::string pid = std::to_string(::getpid());
  std::string stem(1, '.');
  stem.append(name_, 0, 200).append(1, '.').append(pid).append(1, '.');
  for (int attempt = 0; attempt < kNameAttemptsMax; ++attempt) {
    const std::string name = stem + std::to_string(attempt) + ".tmp";
    file_ = open_at(folder_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
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
  if (::fsync(folder_) != 0) {
    return {.code = ErrorCode::replaced_not_flushed, .os_error = static_cast<std::uint8_t>(errno)};
  }
  return {};
}

}  // namespace nf
