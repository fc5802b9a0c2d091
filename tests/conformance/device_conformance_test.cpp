// The Devices of this project under the suite that holds for all of them.
#include <gtest/gtest.h>

#include <cstring>

#include "core/io/device_link.h"
#include "core/io/devices.h"
#include "core/io/sim_device.h"
#include "tests/conformance/device_conformance.h"

namespace nf::test {
namespace {

using namespace literals;

std::unique_ptr<Device> opened(Result<std::unique_ptr<Device>> device, std::string& reason) {
  if (device) return std::move(*device);
  reason =
      std::string(error_text(device.error().code)) + ", " + std::strerror(device.error().os_error);
  return nullptr;
}

std::unique_ptr<Device> make_uring(const DeviceOptions& options, std::string& reason) {
  return opened(open_uring_device(options), reason);
}

std::unique_ptr<Device> make_threads(const DeviceOptions& options, std::string& reason) {
  return opened(open_thread_device(options), reason);
}

SimDeviceOptions sim_options(const DeviceOptions& options) {
  SimDeviceOptions sim;
  sim.model = *find_device_model("nvme");
  sim.reads_max = options.reads_max;
  sim.in_flight_max = options.in_flight_max;
  sim.read_size_max = options.read_size_max;
  return sim;
}

std::unique_ptr<Device> make_simulated(const DeviceOptions& options, std::string&) {
  return std::make_unique<SimDevice>(sim_options(options));
}

// Interrupted and cut at every turn, which nobody above may notice.
std::unique_ptr<Device> make_troubled(const DeviceOptions& options, std::string&) {
  SimDeviceOptions sim = sim_options(options);
  sim.faults = {.short_read = 0.4, .transient = 0.2, .slow = 0.05, .refuse = 0.2};
  return std::make_unique<SimDevice>(sim);
}

Time let_real_work(Device& device, Time) {
  device.wait(100_ms);
  return DeviceLink::steady_now();
}

Time let_simulated_work(Device& device, Time now) {
  const Time next = static_cast<SimDevice&>(device).next_event();
  return next == Time::never() ? now : std::max(now, next);
}

std::string name_of(const testing::TestParamInfo<DeviceUnderTest>& one) {
  return one.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    all, DeviceConformance,
    testing::Values(
        DeviceUnderTest{"io_uring", "io_uring", make_uring, let_real_work},
        DeviceUnderTest{"io_uring_registered", "io_uring", make_uring, let_real_work, true},
        DeviceUnderTest{"threads", "threads", make_threads, let_real_work, true},
        DeviceUnderTest{"simulated", "simulated", make_simulated, let_simulated_work, true}),
    name_of);

INSTANTIATE_TEST_SUITE_P(troubled, DeviceConformance,
                         testing::Values(DeviceUnderTest{"simulated", "simulated", make_troubled,
                                                         let_simulated_work}),
                         name_of);

}  // namespace
}  // namespace nf::test
