#include "bench/contenders/image/mounted_image.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "bench/contenders/file_read.h"
#include "bench/suite/suite.h"

namespace nf::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kLoopTries = 16;  // others may take the free device first
constexpr auto kDetachTime = std::chrono::seconds(5);
constexpr off_t kEmptyImageSize = 64 << 10;

// The stable numbers of the kernel's interface (linux/mount.h), which older headers of the C
// library do not name.
constexpr unsigned kMountReadOnly = 0x1, kMountNoSetUid = 0x2, kMountNoDevices = 0x4;

class Descriptor {
 public:
  explicit Descriptor(int file) : file_(file) {}
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return file_; }
  bool valid() const { return file_ >= 0; }

 private:
  int file_;
};

std::string loop_path(int number) {
  return "/dev/loop" + std::to_string(number);
}

bool configure_loop(int device, int file, unsigned flags) {
  loop_config config{};
  config.fd = static_cast<unsigned>(file);
  config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | flags;
  if (::ioctl(device, LOOP_CONFIGURE, &config) == 0) return true;
  return flags != 0 && errno == EINVAL && configure_loop(device, file, 0);
}

// An attached loop device, open; it detaches itself when the last who has it open, or mounted, lets
// go. The kernel reads the image directly, and through the page cache where that cannot be.
int attach_loop(const fs::path& image, int& number) {
  const Descriptor file(::open(image.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) throw_errno(image.string());
  const Descriptor control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (!control.valid()) throw_errno("/dev/loop-control");
  for (int i = 0; i < kLoopTries; ++i) {
    number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    const int device = number < 0 ? -1 : ::open(loop_path(number).c_str(), O_RDONLY | O_CLOEXEC);
    if (device < 0) break;
    if (configure_loop(device, file.get(), LO_FLAGS_DIRECT_IO)) return device;
    const int error = errno;
    ::close(device);
    errno = error;
    if (error != EBUSY) break;
  }
  throw_errno("loop device for " + image.string());
}

bool reads_directly(int device) {
  loop_info64 info{};
  return ::ioctl(device, LOOP_GET_STATUS64, &info) == 0 &&
         (info.lo_flags & LO_FLAGS_DIRECT_IO) != 0;
}

// The mount's descriptor, or the negative error number with which the kernel refused.
int mount_detached(const char* type, const char* source) {
  const Descriptor context(::fsopen(type, FSOPEN_CLOEXEC));
  if (!context.valid()) return -errno;
  if (::fsconfig(context.get(), FSCONFIG_SET_STRING, "source", source, 0) != 0 ||
      ::fsconfig(context.get(), FSCONFIG_SET_FLAG, "ro", nullptr, 0) != 0 ||
      ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return -errno;
  }
  const int mount =
      ::fsmount(context.get(), FSMOUNT_CLOEXEC, kMountReadOnly | kMountNoSetUid | kMountNoDevices);
  return mount < 0 ? -errno : mount;
}

[[noreturn]] void refuse(const std::string& what, int error) {
  throw BenchError("mounting " + what + ": " + std::strerror(error));
}

bool loop_in_use(int number) {
  return fs::exists("/sys/block/loop" + std::to_string(number) + "/loop/backing_file");
}

struct Attempt {
  int mount = -1;  // or the negative error number
  int loop_number = -1;
  bool cached_twice = false;
};

Attempt try_mount(const char* type, const fs::path& image, Backing backing) {
  Attempt attempt;
  if (backing == Backing::file) {
    attempt.mount = mount_detached(type, image.c_str());
    if (attempt.mount != -ENOTBLK) return attempt;
  }
  const Descriptor device(attach_loop(image, attempt.loop_number));
  attempt.cached_twice = !reads_directly(device.get());
  attempt.mount = mount_detached(type, loop_path(attempt.loop_number).c_str());
  return attempt;
}

// A file of zeros, which is no image of anything; gone with this.
class EmptyImage {
 public:
  explicit EmptyImage(const fs::path& folder)
      : path_((folder / "mount_trial_XXXXXX").string()), file_(::mkstemp(path_.data())) {
    if (!file_.valid()) throw_errno(path_);
    if (::ftruncate(file_.get(), kEmptyImageSize) == 0) return;
    const int error = errno;
    ::unlink(path_.c_str());
    errno = error;
    throw_errno(path_);
  }
  ~EmptyImage() { ::unlink(path_.c_str()); }
  EmptyImage(const EmptyImage&) = delete;
  EmptyImage& operator=(const EmptyImage&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Descriptor file_;
};

void require_type(const char* type) {
  const Descriptor context(::fsopen(type, FSOPEN_CLOEXEC));
  if (context.valid()) return;
  const std::string name(type);
  switch (errno) {
    case EPERM: throw BenchError(name + ": mounting needs root");
    case ENOSYS: throw BenchError(name + ": mounting without a folder needs Linux 5.2");
    case ENODEV: throw BenchError(name + ": this kernel has no such file system");
    default: throw_errno(name);
  }
}

}  // namespace

void MountedImage::require(const char* type, const fs::path& folder, Backing backing) {
  require_type(type);
  const EmptyImage empty(folder);
  const Attempt attempt = try_mount(type, empty.path(), backing);
  if (attempt.mount >= 0) ::close(attempt.mount);
  // Who may mount is told that this is no image; who may not, something else.
  if (attempt.mount >= 0 || attempt.mount == -EINVAL) return;
  refuse(type, -attempt.mount);
}

MountedImage::MountedImage(const char* type, const fs::path& image, Backing backing) {
  const Attempt attempt = try_mount(type, image, backing);
  if (attempt.mount < 0) refuse(image.string(), -attempt.mount);
  mount_ = attempt.mount;
  loop_number_ = attempt.loop_number;
  cached_twice_ = attempt.cached_twice;
}

MountedImage::~MountedImage() {
  ::close(mount_);
  // The kernel lets go a moment later; until then the image's pages cannot be dropped.
  const auto until = std::chrono::steady_clock::now() + kDetachTime;
  while (on_loop() && loop_in_use(loop_number_) && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace nf::bench
