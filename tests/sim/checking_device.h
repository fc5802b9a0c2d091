// CheckingDevice: the simulated disk with a witness beside it, who sees whether a buffer is handed
// over while the kernel still owns it, and whether every read comes back once.
//
// One owner, no thread of its own.
#pragma once

#include <set>
#include <utility>

#include "core/io/sim_device.h"

namespace nf::sim {

class CheckingDevice final : public Device {
 public:
  explicit CheckingDevice(const SimDeviceOptions& options) : sim_(options) {}

  FileHandle add_memory_file(std::span<const std::byte> content) {
    return sim_.add_memory_file(content);
  }
  void set_faults(const DeviceFaults& faults) { sim_.set_faults(faults); }

  std::uint64_t violations() const { return violations_; }
  std::size_t outstanding() const { return lent_.size(); }
  // The reads accepted are within the limit. How many bytes the kernel holds is ReadQueue's promise
  // and tested with it.
  bool window_kept() const { return lent_.size() <= sim_.limits().reads_max; }

  const char* name() const override { return sim_.name(); }
  DeviceLimits limits() const override { return sim_.limits(); }
  DeviceStats stats() const override { return sim_.stats(); }
  Result<FileId> add_file(FileHandle file) override { return sim_.add_file(file); }
  void remove_file(FileId file) override { sim_.remove_file(file); }
  void cancel(ReadTag tag) override { sim_.cancel(tag); }
  void reschedule(ReadTag tag, Time deadline) override { sim_.reschedule(tag, deadline); }
  void wait(Duration timeout) override { sim_.wait(timeout); }
  void wake() override { sim_.wake(); }

  [[nodiscard]] std::size_t submit(std::span<const Read> reads, Time now) override {
    for (const Read& read : reads) {
      const std::byte* begin = read.into.data();
      if (sim_.kernel_owns(begin, begin + read.into.size())) ++violations_;
    }
    const std::size_t taken = sim_.submit(reads, now);
    for (std::size_t i = 0; i < taken; ++i) {
      if (!lent_.insert(reads[i].tag).second) ++violations_;
    }
    return taken;
  }

  std::span<const ReadDone> reap(Time now) override {
    const std::span<const ReadDone> done = sim_.reap(now);
    for (const ReadDone& read : done) {
      if (lent_.erase(read.tag) != 1) ++violations_;
    }
    return done;
  }

 private:
  SimDevice sim_;
  std::set<ReadTag> lent_;
  std::uint64_t violations_ = 0;
};

}  // namespace nf::sim
