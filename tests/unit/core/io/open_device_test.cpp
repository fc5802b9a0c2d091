#include <gtest/gtest.h>

#include <cstring>

#include "core/io/devices.h"

namespace nf {
namespace {

TEST(OpenDevice, opens_something_and_gives_a_reason_only_for_threads) {
  const Result<OpenedDevice> opened = open_device({});
  ASSERT_TRUE(opened);
  const bool ring = std::strcmp(opened->device->name(), "io_uring") == 0;
  EXPECT_EQ(ring, opened->fallback_reason.empty()) << opened->fallback_reason;
}

TEST(OpenDevice, hands_its_limits_on) {
  const DeviceOptions options{.reads_max = 7, .in_flight_max = {1 << 20}, .read_size_max = {8192}};
  for (const bool ring : {true, false}) {
    Result<std::unique_ptr<Device>> device =
        ring ? open_uring_device(options) : open_thread_device(options);
    if (!device) continue;
    EXPECT_EQ((*device)->limits().reads_max, 7u);
    EXPECT_EQ((*device)->limits().in_flight_max, Bytes{1 << 20});
    EXPECT_EQ((*device)->limits().read_size_max, Bytes{8192});
  }
}

TEST(OpenDevice, refuses_options_without_sense) {
  EXPECT_EQ(open_device({.reads_max = 0}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(open_thread_device({.threads = 0}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(open_thread_device({.threads = 1000}).error().code, ErrorCode::invalid_argument);
}

TEST(OpenDevice, comes_and_goes_without_work) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(open_thread_device({.threads = 2}));
    EXPECT_TRUE(open_device({}));
  }
}

}  // namespace
}  // namespace nf
