#include <cerrno>
#include <cstring>

#include "core/io/devices.h"

namespace nf {
namespace {

std::string cause_of(int os_error) {
  const char* known = ::strerrorname_np(os_error);
  const std::string name = known != nullptr ? known : "error " + std::to_string(os_error);
  switch (os_error) {
    case EPERM:
    case EACCES:
      return "io_uring is not permitted here (" + name +
             ": seccomp or sysctl kernel.io_uring_disabled)";
    case ENOSYS: return "this kernel or sandbox has no io_uring (" + name + ")";
    case EINVAL: return "this kernel's io_uring is too old (" + name + ")";
    case ENOMEM: return "io_uring gets no locked memory (" + name + ": RLIMIT_MEMLOCK)";
    case EMFILE: return "no file descriptor is left for io_uring (" + name + ": RLIMIT_NOFILE)";
    case ENFILE: return "the system has no file descriptor left for io_uring (" + name + ")";
    case EAGAIN: return "no thread can be started for io_uring (" + name + ": RLIMIT_NPROC)";
    case ETIME: return "a first read through io_uring did not come back (" + name + ")";
    default: return "io_uring does not work here (" + name + ")";
  }
}

}  // namespace

Result<OpenedDevice> open_device(const DeviceOptions& options) {
  OpenedDevice opened;
  Result<std::unique_ptr<Device>> ring = open_uring_device(options);
  if (ring) {
    opened.device = std::move(*ring);
    return opened;
  }
  if (ring.error().code != ErrorCode::unsupported) return ring.error();
  Result<std::unique_ptr<Device>> pool = open_thread_device(options);
  if (!pool) return pool.error();
  opened.device = std::move(*pool);
  opened.fallback_reason = cause_of(ring.error().os_error) + "; reading with " +
                           std::to_string(options.threads) +
                           (options.threads == 1 ? " thread" : " threads");
  return opened;
}

}  // namespace nf
