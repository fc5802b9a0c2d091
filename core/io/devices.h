// Opening a real Device: io_uring where the kernel allows it, a pool of threads otherwise.
//
// Thread: any; the Device then belongs to its creator.
#pragma once

#include <memory>
#include <string>

#include <nearfield/device.h>
#include <nearfield/result.h>

namespace nf {

struct DeviceOptions {
  std::uint32_t reads_max = 256;
  Bytes in_flight_max = {4 << 20};
  Bytes read_size_max = {1 << 20};
  std::uint32_t threads = 4;  // of the pool
};

// One ring, driven by one thread that lives as long as the Device. Refused (unsupported, with the
// errno) where the ring cannot be made or its first read does not come back: seccomp with EPERM or
// ENOSYS, enter-only denial, no locked memory, no file descriptors. The probe reads nothing of the
// user's. A program that is locked down later goes on with preads on the ring's thread.
Result<std::unique_ptr<Device>> open_uring_device(const DeviceOptions& options);
// `threads` threads that call pread; works everywhere.
Result<std::unique_ptr<Device>> open_thread_device(const DeviceOptions& options);

struct OpenedDevice {
  std::unique_ptr<Device> device;
  std::string fallback_reason;  // one sentence; empty if io_uring serves
};
Result<OpenedDevice> open_device(const DeviceOptions& options);

}  // namespace nf
