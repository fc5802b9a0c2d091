// DeviceLink: what lies between the owner of a real Device and the thread or threads that drive it.
// Two bounded queues, a table of files, and the account of what is outstanding.
//
// Thread: the functions of the first group belong to the owner and never block, lock or allocate,
// `wait` excepted. Those of the second belong to the driver, one thread at a time.
// Memory: a read's buffer goes to the driver with its message and comes back with its result.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/device.h>

#include "core/base/bounded_queue.h"
#include "core/io/read_checks.h"
#include "core/io/read_queue.h"
#include "core/io/wake_signal.h"

namespace nf {

class DeviceLink {
 public:
  explicit DeviceLink(const DeviceLimits& limits);

  const DeviceLimits& limits() const { return limits_; }
  DeviceStats stats() const;
  Result<FileId> add_file(FileHandle file);
  void remove_file(FileId file);
  // The length of the prefix taken; the caller wakes the driver if it is not 0.
  [[nodiscard]] std::size_t submit(std::span<const Read> reads, Time now);
  // True if the driver has to be told, that is, woken.
  [[nodiscard]] bool cancel(ReadTag tag);
  // The driver need not be woken: while a read waits, another one's end will wake it.
  void reschedule(ReadTag tag, Time deadline);
  std::span<const ReadDone> reap(Time now);
  void wait(Duration timeout);
  void wake();  // any thread

  // What the owner has sent goes into the queue; returns how many messages there were.
  std::size_t receive(ReadQueue& queue);
  // Results go to the owner. True if there were any; then `notify_owner` is due.
  [[nodiscard]] bool publish(ReadQueue& queue);
  void notify_owner() { results_there_.notify_all(); }
  const FileHandle& file(FileId id) const { return files_[id.value].handle; }

  // The driver's clock: `ReadDone::finished_at` is on it until `reap` puts it on the caller's.
  static Time steady_now();

 private:
  struct Message {
    Read read;  // its tag is the index of the owner's slot
    bool cancel = false;
  };
  struct OwnerSlot {
    ReadTag tag;
    bool outstanding = false;
    bool cancel_sent = false;
  };
  struct File {
    FileHandle handle;
    bool open = false;
    std::uint32_t reads = 0;  // outstanding
  };

  bool pop_result(ReadDone& done);
  Time on_callers_clock(Time finished, Time steady, Time now) const;

  DeviceLimits limits_;
  BoundedQueue<Message> inbox_;
  BoundedQueue<ReadDone> outbox_;
  WakeSignal results_there_;
  std::atomic<bool> woken_{false};
  // By the owner's slot. Only the last one given counts, so that no queue is needed.
  std::vector<std::atomic<std::int64_t>> deadlines_;
  std::atomic<bool> deadlines_moved_{false};

  // The owner's. A file's handle is also read by the driver, after a message that names it.
  File files_[kFilesMax];
  std::vector<OwnerSlot> slots_;
  std::vector<FileId> slot_files_;
  std::vector<std::uint32_t> free_;
  std::vector<ReadDone> reaped_;
  ReadDone early_;  // found by `wait`, for the next `reap`
  bool early_there_ = false;
  Time last_seen_;  // the caller's clock at its last call

  std::atomic<std::uint64_t> reads_{0};
  std::atomic<std::uint64_t> bytes_read_{0};
  std::atomic<std::uint64_t> retries_{0};
  std::atomic<std::uint64_t> stale_completions_{0};
};

}  // namespace nf
