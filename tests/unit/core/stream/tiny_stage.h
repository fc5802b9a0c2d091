// TinyStage: a Streamer over a tiny world on a simulated disk, with a clock turned by hand.
//
// Test code, one thread. What is pinned goes before the streamer, and that before its disk.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include <nearfield/streamer.h>

#include "core/io/sim_device.h"
#include "tests/unit/core/stream/tiny_world.h"

namespace nf {

class TinyStage : public testing::Test {
 protected:
  static constexpr Bytes kMemory = {1 << 20};  // where the options say nothing

  // Over `world_`. Without an engine's jobs the owner decodes.
  void mount(StreamerOptions options, const SimDeviceOptions& device) {
    device_.emplace(device);
    if (options.memory_budget.value == 0) options.memory_budget = kMemory;
    options.device = &*device_;
    if (options.jobs.submit == nullptr) options.decode_workers = 0;
    auto made = Streamer::create(options);
    ASSERT_TRUE(made);
    streamer_.emplace(std::move(*made));
    ASSERT_TRUE(streamer_->mount(
        {.tables = &world_.tables, .file = device_->add_memory_file(world_.file)}));
  }
  void open(TinyWorld world, const StreamerOptions& options, const DeviceModel& model = kTest) {
    world_ = std::move(world);
    mount(options, {.model = model, .faults = {}});
  }
  void TearDown() override {
    pins_.clear();
    streamer_.reset();
  }

  static inline const DeviceModel kTest{.name = "test"};
  TinyWorld world_;
  std::optional<SimDevice> device_;
  std::optional<Streamer> streamer_;
  std::vector<Pin> pins_;
  Time now_{1};
};

}  // namespace nf
