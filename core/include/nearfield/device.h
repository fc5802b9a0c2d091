// Device: bytes from disk. Implemented by io_uring, by a pool of threads, by the simulated disk,
// and by engines that bring their own file system. One conformance suite holds for all of them
// (tests/conformance/device_conformance.h).
//
// Thread: every call but `wake` comes from the one thread that owns the Device; none but `wait`,
// `add_file` and `register_memory` blocks.
// Memory: `Read::into` belongs to the Device from `submit` until the read's own ReadDone was
// reaped, whatever `cancel` was called meanwhile: a direct read that the kernel holds cannot be
// withdrawn.
#pragma once

#include <cstddef>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

// An open file, borrowed: the lender keeps it open until `remove_file`. `direct` was opened with
// O_DIRECT, or is -1 where the file system has no such thing; then reads go through `buffered`.
struct FileHandle {
  int buffered = -1;
  int direct = -1;
};

struct ReadTag {  // chosen by the caller, handed back untouched
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const ReadTag&, const ReadTag&) = default;
};

struct Read {
  FileId file;
  FileOffset at;              // a multiple of DeviceLimits::alignment
  std::span<std::byte> into;  // address and size are multiples of it, too
  ReadTag tag;
  Time deadline;  // reads start in the order of this, never of their submission
};

struct ReadDone {
  ReadTag tag;
  Bytes bytes_read;  // less than asked only where the file ends, or with an error
  Error error;       // file_read_failed, canceled
  Time finished_at;
};

struct DeviceLimits {
  Bytes alignment = {4096};
  Bytes read_size_max = {1 << 20};
  Bytes in_flight_max = {
      4 << 20};                   // handed to the kernel at one time; the rest waits in user space
  std::uint32_t reads_max = 256;  // accepted and not yet reaped
};

struct DeviceStats {
  std::uint64_t reads = 0;              // finished
  Bytes bytes_read;                     // from the disk, retries included
  std::uint64_t retries = 0;            // short reads continued, transient errors repeated
  std::uint64_t stale_completions = 0;  // completions that belonged to nobody
  std::uint64_t registered_reads = 0;   // handed to the kernel for memory that is registered
};

class Device {
 public:
  virtual ~Device() = default;  // waits until the kernel has given every buffer back

  virtual const char* name() const = 0;  // "io_uring", "threads", "simulated"
  virtual DeviceLimits limits() const = 0;
  virtual DeviceStats stats() const = 0;

  virtual Result<FileId> add_file(FileHandle file) = 0;  // may block; limit_exceeded past 64 files
  virtual void remove_file(FileId file) = 0;             // no read of it may be outstanding
  // Says, before the first read, that most reads will go into `memory`, which stays where it is
  // until the Device is gone. Returns how much of it, from its first byte on, is cheaper to read
  // into from now on: 0 where there is no such thing. May block; one memory for each Device. A
  // Streamer calls it on the Device that it opened, never on one that it was given.
  virtual Bytes register_memory(std::span<std::byte> memory);

  // Takes a prefix of `reads` and returns its length: fewer than given means the device is full.
  // The reads taken wait in user space until the window of bytes in flight has room.
  [[nodiscard]] virtual std::size_t submit(std::span<const Read> reads, Time now) = 0;
  // If the read has not started, it completes soon with `canceled`. Otherwise the kernel keeps its
  // buffer until it completes by itself; only its share of the window is given to others.
  virtual void cancel(ReadTag tag) = 0;
  // The read's new place in the order, if it has not started. Its share of the window is where it
  // was: what the kernel holds is not overtaken.
  virtual void reschedule(ReadTag tag, Time deadline) = 0;
  // What finished since the last call; valid until the next. Every read taken is reported exactly
  // once. Short reads, EINTR and EAGAIN were retried.
  virtual std::span<const ReadDone> reap(Time now) = 0;
  // Blocks until something can be reaped or the time is over. For tools and Streamer::wait.
  virtual void wait(Duration timeout) = 0;
  // Ends a `wait` under way, or else the next one. From any thread: for those who give the owner
  // work of another kind.
  virtual void wake() = 0;
};

inline Bytes Device::register_memory(std::span<std::byte> /*memory*/) {
  return {};
}

}  // namespace nf
