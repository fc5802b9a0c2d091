// SimDevice: a disk that exists only in arithmetic. Product code: tests, benchmarks and
// `nearfield fly --device NAME` use it to ask whether a world streams on a disk that is not there.
//
// Thread: the owner's; no thread of its own, no clock: time is what `submit` and `reap` are given.
// Bytes come from memory files or, for real archives, from the file itself at completion time.
// It stands where the kernel stands: below ReadQueue, so that the retry, window and generation
// rules that run in simulation are those that run on the real disk.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <nearfield/device.h>
#include <nearfield/result.h>

#include "core/io/read_queue.h"

namespace nf {

// Time of a read = latency (log-normal between p50 and p99) + size / bandwidth; the bandwidth is
// shared in order of submission, at most `parallel` reads are served side by side.
struct DeviceModel {
  const char* name = "";
  double bytes_per_second = 2e9;
  Duration latency_p50 = {90'000};
  Duration latency_p99 = {600'000};
  std::uint32_t parallel = 16;
  double adjacent_latency = 1;  // factor for a read that begins where the one before it ended
};
std::span<const DeviceModel> device_models();  // nvme, sata_ssd, hdd, sd_card, network ...
const DeviceModel* find_device_model(std::string_view name);

// Probability of each fault for one read; all zero: an honest disk.
struct DeviceFaults {
  double read_error = 0;  // -EIO
  double short_read = 0;  // fewer bytes than asked, at least one
  double transient = 0;   // -EAGAIN, -EINTR or -ECANCELED
  double slow = 0;        // up to half a second more
  double hang = 0;        // answers after 20 s
  double flip = 0;        // one wrong bit
  double misdirect = 0;   // right size, wrong place
  double duplicate = 0;   // the completion comes twice, the second time later
  double stale = 0;       // a completion of an old generation comes
  double refuse = 0;      // the kernel takes no further read now
};

struct SimDeviceOptions {
  DeviceModel model;
  DeviceFaults faults;
  std::uint64_t seed = 1;
  std::uint32_t reads_max = 256;
  Bytes in_flight_max = {4 << 20};
  Bytes read_size_max = {1 << 20};
};

class SimDevice final : public Device {
 public:
  explicit SimDevice(const SimDeviceOptions& options);
  ~SimDevice() override;

  // A file that is an array, at most 64 of them. Borrowed. Hand the result to Source::file.
  FileHandle add_memory_file(std::span<const std::byte> content);

  void set_faults(const DeviceFaults& faults);  // from the next read on
  // True while the simulated kernel may still write into [begin, end): what a test asserts before
  // it believes that a buffer is free.
  bool kernel_owns(const std::byte* begin, const std::byte* end) const;
  // When `reap` has something to do next; Time::never() if nothing is outstanding. Not later than
  // the last `now` if something can be reaped already. Simulations jump there.
  Time next_event() const;

  const char* name() const override { return "simulated"; }
  DeviceLimits limits() const override;
  DeviceStats stats() const override;
  Result<FileId> add_file(FileHandle file) override;
  void remove_file(FileId file) override;
  [[nodiscard]] std::size_t submit(std::span<const Read> reads, Time now) override;
  void cancel(ReadTag tag) override;
  std::span<const ReadDone> reap(Time now) override;
  void reschedule(ReadTag tag, Time deadline) override;
  void wait(Duration timeout) override;  // returns at once: simulated time passes by argument
  void wake() override;                  // nobody ever waits

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nf
