// CheckingDevice: the simulated disk with a witness beside it, who sees whether a buffer is handed
// over while the kernel still owns it, whether every read comes back once and with what, and
// whether reads start in the order that they were given last, and no faster than was allowed.
//
// One owner, no thread of its own. Time is the caller's plus what was waited: a wait takes no real
// time and lets the disk go ahead, so that Streamer::wait needs no clock.
#pragma once

#include <map>
#include <vector>

#include "core/io/sim_device.h"
#include "tests/sim/sim_jobs.h"

namespace nf::sim {

class CheckingDevice final : public Device {
 public:
  struct Lent {
    Read read;  // its deadline as given last
    bool started = false;
    bool canceled = false;
  };

  // A read that came back.
  struct Came {
    Read read;
    bool good = false;      // all bytes, and the right ones; or it was withdrawn
    bool canceled = false;  // nobody waited for it any more
  };

  // While somebody waits, the jobs run.
  CheckingDevice(const SimDeviceOptions& options, SimJobs& jobs, Bytes per_second_max);

  FileHandle add_memory_file(std::span<const std::byte> content);
  void set_faults(const DeviceFaults& faults) { sim_.set_faults(faults); }

  FileId file_added_last() const { return file_added_last_; }
  const char* broken() const { return broken_; }  // the first broken promise, or null
  std::span<const Lent> outstanding() const { return lent_; }
  // What the kernel does not hold now: it can still be overtaken.
  bool waits(const Lent& lent) const;
  // The reads accepted since the last call.
  std::vector<Read> take_submitted();
  struct Traffic {
    std::vector<Read> accepted;
    std::vector<Came> came;
  };
  Traffic take_traffic();  // likewise, for another who asks
  // How long the last wait was; from now on the disk is no longer ahead by it, because the caller's
  // clock follows.
  Duration catch_up();

  const char* name() const override { return sim_.name(); }
  DeviceLimits limits() const override { return sim_.limits(); }
  DeviceStats stats() const override { return sim_.stats(); }
  Result<FileId> add_file(FileHandle file) override;
  void remove_file(FileId file) override { sim_.remove_file(file); }
  [[nodiscard]] std::size_t submit(std::span<const Read> reads, Time now) override;
  void cancel(ReadTag tag) override;
  void reschedule(ReadTag tag, Time deadline) override;
  std::span<const ReadDone> reap(Time now) override;
  void wait(Duration timeout) override;
  void wake() override { sim_.wake(); }

 private:
  void expect(bool promise, const char* why) {
    if (!promise && broken_ == nullptr) broken_ = why;
  }
  Lent* find(ReadTag tag);
  void watch_starts(Time latest_started);
  void watch_rate(Bytes size, Time now);

  SimDevice sim_;
  SimJobs& jobs_;
  bool is_right(const ReadDone& done, const Read& read) const;

  FileId file_added_last_;
  std::map<int, std::span<const std::byte>> contents_;            // by handle
  std::map<std::uint32_t, std::span<const std::byte>> of_files_;  // by file
  std::vector<Lent> lent_;
  std::vector<Read> submitted_;
  Traffic traffic_;
  const char* broken_ = nullptr;
  Time now_;         // the disk's
  Duration ahead_;   // of the caller's clock
  Duration waited_;  // by the last wait
  bool starts_visible_ = false;
  Bytes per_second_max_;
  double unpaid_ = 0;  // bytes that were read ahead of what the rate allows
  Time paid_at_;
};

}  // namespace nf::sim
