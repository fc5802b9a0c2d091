#include "bench/contenders/image/mounted_image.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "bench/contenders/file_read.h"
#include "bench/suite/suite.h"

namespace nf::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kLoopTries = 16;  // others may take the free device first
constexpr auto kDetachTime = std::chrono::seconds(5);

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

// An attached loop device, open; it detaches itself when the last who has it open, or mounted, lets
// go.
int attach_loop(const fs::path& image, int& number) {
  const Descriptor file(::open(image.c_str(), O_RDONLY | O_CLOEXEC));
  const Descriptor control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (!file.valid() || !control.valid()) throw_errno("loop device for " + image.string());
  for (int i = 0; i < kLoopTries; ++i) {
    number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    const int device = number < 0 ? -1 : ::open(loop_path(number).c_str(), O_RDONLY | O_CLOEXEC);
    if (device < 0) break;
    loop_config config{};
    config.fd = static_cast<unsigned>(file.get());
    config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
    if (::ioctl(device, LOOP_CONFIGURE, &config) == 0) return device;
    const int error = errno;
    ::close(device);
    errno = error;
    if (error != EBUSY) break;
  }
  throw_errno("loop device for " + image.string());
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

[[noreturn]] void refuse(const fs::path& image, int error) {
  throw BenchError("mounting " + image.string() + ": " + std::strerror(error));
}

bool loop_in_use(int number) {
  return fs::exists("/sys/block/loop" + std::to_string(number) + "/loop/backing_file");
}

}  // namespace

void MountedImage::require(const char* type) {
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

MountedImage::MountedImage(const char* type, const fs::path& image, Backing backing) {
  if (backing == Backing::file) {
    mount_ = mount_detached(type, image.c_str());
    if (mount_ >= 0) return;
    if (mount_ != -ENOTBLK) refuse(image, -mount_);
  }
  int number = -1;
  const Descriptor device(attach_loop(image, number));
  mount_ = mount_detached(type, loop_path(number).c_str());
  if (mount_ < 0) refuse(image, -mount_);
  loop_number_ = number;
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
