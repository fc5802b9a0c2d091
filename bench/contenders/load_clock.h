// LoadClock: what one run of a contender cost: time, processor time of the process and of the whole
// machine, bytes from the device.
//
// One owner. The bytes come from where they are counted right: the process's own account for those
// who read by themselves, the disk's counters for file systems whose kernel workers read for them.
#pragma once

#include <cstdint>
#include <filesystem>

namespace nf::bench {

enum class DeviceBytesFrom : std::uint8_t {
  process,  // /proc/self/io: what this process made the kernel fetch
  disk,     // /sys/dev/block: everybody's reads of the disk
};

struct LoadCost {
  double seconds = 0;
  double process_cpu = 0;  // seconds, user and system
  double machine_cpu = 0;  // seconds, of all processes and the kernel's workers
  double device_bytes = 0;
};

class LoadClock {
 public:
  // `folder` is on the disk whose counters are read. Throws BenchError where nothing counts.
  LoadClock(const std::filesystem::path& folder, DeviceBytesFrom from);

  void start();
  void stop();
  LoadCost cost() const { return cost_; }

 private:
  double device_bytes() const;

  std::filesystem::path folder_;
  DeviceBytesFrom from_;
  LoadCost cost_;
};

}  // namespace nf::bench
