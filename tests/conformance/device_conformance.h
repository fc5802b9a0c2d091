// The contract of nearfield/device.h as a parameterised suite. Whoever writes a Device, an engine
// with a file system of its own included, instantiates DeviceConformance with it:
//
//   INSTANTIATE_TEST_SUITE_P(mine, nf::test::DeviceConformance, testing::Values(my_device), ...);
//
// The suite makes files in TMPDIR and reads them. It runs on one thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <nearfield/device.h>

#include "core/base/pages.h"
#include "core/base/prng.h"
#include "core/io/devices.h"
#include "tests/conformance/temp_file.h"

namespace nf::test {

struct DeviceUnderTest {
  const char* name = "";         // of the instance
  const char* device_name = "";  // Device::name()
  // The Device, or null with the reason why this machine has none.
  std::unique_ptr<Device> (*make)(const DeviceOptions& options, std::string& reason) = nullptr;
  // Lets the device work and says what time it is then.
  Time (*let_work)(Device& device, Time now) = nullptr;
  // Whether a part in the middle of the memory that is read into is registered.
  bool registers_memory = false;

  friend void PrintTo(const DeviceUnderTest& device, std::ostream* out) { *out << device.name; }
};

class DeviceConformance : public testing::TestWithParam<DeviceUnderTest> {
 protected:
  static constexpr std::uint64_t kBlock = 4096;
  static constexpr std::size_t kMemoryBlocks = 2048;
  static constexpr std::size_t kRegisteredFrom = 600;
  static constexpr std::size_t kRegisteredBlocks = 700;

  void SetUp() override;  // skips the test if there is no such device here
  // Instead of the one there may be already.
  void make(const DeviceOptions& options = {});

  FileId add(const TempFile& file);
  Read read(FileId file, std::uint64_t block, std::uint64_t blocks, std::size_t into_block,
            std::uint64_t tag, std::int64_t deadline = 0);
  // Submits all of them, as room comes.
  void submit_all(std::span<const Read> reads);
  std::size_t submit(std::span<const Read> reads) { return device_->submit(reads, now_); }
  // One look: lets the device work, then reaps.
  std::span<const ReadDone> look();
  // Looks until this many results have come since the last call.
  std::vector<ReadDone> take(std::size_t count);
  // The whole of a read's bytes are those of the file.
  static bool right(const Read& read, Bytes size, const TempFile& file);

  std::unique_ptr<Device> device_;
  Bytes registered_;  // of the part in the middle
  Time now_{1'000'000};
  std::vector<ReadDone> taken_;
  PageBlock memory_ = std::move(*PageBlock::map(Bytes{kMemoryBlocks * kBlock}, PageKind::huge));
};

}  // namespace nf::test
