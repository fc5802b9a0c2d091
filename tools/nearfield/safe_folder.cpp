#include "tools/nearfield/safe_folder.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kRacesMax = 64;

Error error_of(int number) {
  ErrorCode code = ErrorCode::file_write_failed;
  switch (number) {
    case EEXIST: code = ErrorCode::already_exists; break;
    case ENOSPC:
    case EDQUOT: code = ErrorCode::disk_full; break;
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
    case EXDEV: code = ErrorCode::permission_denied; break;
    case ENOMEM: code = ErrorCode::out_of_memory; break;
    default: break;
  }
  return {.code = code, .os_error = static_cast<std::uint8_t>(number)};
}

class Descriptor {
 public:
  explicit Descriptor(int file) : file_(file) {}
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return file_; }
  int release() { return std::exchange(file_, -1); }

 private:
  int file_;
};

// Descriptor, or -errno. EAGAIN means that a rename raced with the lookup: the kernel asks to
// repeat.
int open_beneath(int root, const std::string& path) {
  open_how how = {};
  how.flags = static_cast<std::uint64_t>(kFolderFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 0; attempt < kRacesMax; ++attempt) {
    const long file = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how));
    if (file >= 0) return static_cast<int>(file);
    if (errno != EAGAIN && errno != EINTR) return -errno;
  }
  return -EAGAIN;
}

bool is_component(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

int write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

// Gives the whole file its name; 0 or an errno. Never replaces what exists unless told to.
int publish(int folder, const char* temporary, const char* name, IfExists if_exists) {
  if (if_exists == IfExists::replace) {
    return ::renameat(folder, temporary, folder, name) == 0 ? 0 : errno;
  }
  if (::renameat2(folder, temporary, folder, name, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system without RENAME_NOREPLACE: a hard link refuses just as atomically.
  if (::linkat(folder, temporary, folder, name, 0) != 0) return errno;
  ::unlinkat(folder, temporary, 0);
  return 0;
}

}  // namespace

Result<SafeFolder> SafeFolder::open(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  const int root = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return error_of(error ? error.value() : errno);
  return SafeFolder(root);
}

SafeFolder::SafeFolder(SafeFolder&& other) noexcept
    : root_(std::exchange(other.root_, -1)),
      component_walk_(other.component_walk_),
      temporary_count_(other.temporary_count_) {}

SafeFolder& SafeFolder::operator=(SafeFolder&& other) noexcept {
  std::swap(root_, other.root_);
  std::swap(component_walk_, other.component_walk_);
  std::swap(temporary_count_, other.temporary_count_);
  return *this;
}

SafeFolder::~SafeFolder() {
  if (root_ >= 0) ::close(root_);
}

// One component at a time; what is not there is made if `make` says so. O_NOFOLLOW refuses a link.
Result<int> SafeFolder::walk(std::string_view folder, bool make) {
  Descriptor start(::openat(root_, ".", kFolderFlags));
  int at = start.release();
  if (at < 0) return error_of(errno);
  while (!folder.empty()) {
    const Descriptor parent(at);
    const std::size_t slash = folder.find('/');
    const std::string name(folder.substr(0, slash));
    folder = slash == std::string_view::npos ? std::string_view() : folder.substr(slash + 1);
    if (!is_component(name)) return Error{.code = ErrorCode::name_invalid};
    if (make && ::mkdirat(parent.get(), name.c_str(), 0777) != 0 && errno != EEXIST) {
      return error_of(errno);
    }
    at = ::openat(parent.get(), name.c_str(), kFolderFlags);
    if (at < 0) return error_of(errno == ENOTDIR ? EEXIST : errno);
  }
  return at;
}

Result<int> SafeFolder::open_folder(std::string_view folder) {
  if (component_walk_) return walk(folder, true);
  const std::string path = folder.empty() ? "." : std::string(folder);
  int file = open_beneath(root_, path);
  if (file == -ENOENT) {
    const Result<int> made = walk(folder, true);
    if (!made) return made.error();
    ::close(*made);
    // Looked up once more by the kernel in one step, which also notices a folder that was moved out
    // of the tree between two steps of the walk.
    file = open_beneath(root_, path);
  }
  if (file >= 0) return file;
  if (file != -ENOSYS) return error_of(file == -ENOTDIR ? EEXIST : -file);
  component_walk_ = true;
  return walk(folder, true);
}

Result<void> SafeFolder::make_folder(std::string_view folder) {
  const Result<int> opened = open_folder(folder);
  if (!opened) return opened.error();
  ::close(*opened);
  return {};
}

std::optional<Bytes> SafeFolder::free_space() const {
  struct statvfs status = {};
  if (::fstatvfs(root_, &status) != 0 || status.f_blocks == 0) return std::nullopt;
  Bytes free;
  if (__builtin_mul_overflow(std::uint64_t{status.f_bavail}, std::uint64_t{status.f_frsize},
                             &free.value)) {
    return std::nullopt;
  }
  return free;
}

Result<void> SafeFolder::write(std::string_view folder, std::string_view name,
                               std::span<const std::byte> bytes, IfExists if_exists) {
  if (!is_component(name)) return Error{.code = ErrorCode::name_invalid};
  const Result<int> opened = open_folder(folder);
  if (!opened) return opened.error();
  const Descriptor parent(*opened);

  std::string temporary;
  int file = -1;
  do {
    temporary = text_of(".nf-%d-%u.part", static_cast<int>(::getpid()), temporary_count_++);
    file = ::openat(parent.get(), temporary.c_str(),
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  } while (file < 0 && errno == EEXIST);
  if (file < 0) return error_of(errno);

  int failed = write_all(file, bytes);
  if (::close(file) != 0 && failed == 0) failed = errno;
  const std::string target(name);
  if (failed == 0) failed = publish(parent.get(), temporary.c_str(), target.c_str(), if_exists);
  if (failed != 0) ::unlinkat(parent.get(), temporary.c_str(), 0);
  return failed == 0 ? Result<void>{} : Result<void>{error_of(failed)};
}

}  // namespace nf
