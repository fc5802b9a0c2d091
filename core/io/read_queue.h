// ReadQueue: the part of a Device that is the same for all of them. Reads wait here in the order of
// their deadlines, go to the kernel while the window has room, are continued when they come back
// short and repeated when they were interrupted, and are reported exactly once.
//
// Thread: none of its own; whoever drives it holds it exclusively (the ring's thread, a pool's
// mutex, the simulation's owner). Allocates in the constructor only. Pure: no clock, no system
// call.
//
// A completion is matched by slot and generation: one that is stale or comes twice is counted and
// changes nothing. A read's buffer is the kernel's from `start` until its own completion.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/device.h>

namespace nf {

// What every offset, size and address of a Read is a multiple of.
inline constexpr std::uint32_t kReadAlignment = 4096;

struct ReadQueueOptions {
  std::uint32_t reads_max = 256;
  Bytes in_flight_max = {4 << 20};    // one read is always allowed, however large
  std::uint32_t operations_max = 64;  // with the kernel at one time
  // EINTR, EAGAIN, ECANCELED in a row; then the error stands.
  // Canceled reads that the kernel holds give up their share of the window, so that hung ones do
  // not stop all others, up to this many bytes; beyond, they count again.
  Bytes abandoned_max = {12 << 20};
  std::uint32_t transient_retries_max = 16;
};

// One read as the kernel gets it.
struct RawRead {
  std::uint64_t user_data = 0;  // slot and generation; comes back with the completion
  FileId file;
  std::uint64_t at = 0;
  std::byte* into = nullptr;
  std::uint32_t size = 0;
};

struct RawCompletion {
  std::uint64_t user_data = 0;
  std::int32_t result = 0;  // bytes, or -errno
};

// What a queue could hand to the kernel besides what it has handed over.
struct Opening {
  Bytes room;          // of the window
  Time first_waiting;  // when the first that waits is needed; never if none waits

  // Whether `read`, added now, would start at once.
  bool admits(const Read& read) const {
    const bool is_first = first_waiting == Time::never() || read.deadline < first_waiting;
    return is_first && read.into.size() <= room.value;
  }
};

class ReadQueue {
 public:
  explicit ReadQueue(const ReadQueueOptions& options);

  [[nodiscard]] bool add(const Read& read);  // false: full
  // A read that waits is done, with `canceled`; so is one that waits for its continuation. What the
  // kernel holds is left alone.
  void cancel(ReadTag tag);

  // Gives every waiting read the deadline that `deadline_of(read)` says.
  template <class DeadlineOf>
  void reorder(DeadlineOf deadline_of);

  // The next read to hand to the kernel, if the window has room: earliest deadline first, ties in
  // order of arrival; nothing overtakes the first, however small. The caller hands it over before
  // the next call, or calls `return_raw`.
  [[nodiscard]] bool start(RawRead& raw);
  void return_raw(const RawRead& raw);  // the kernel did not take it: it waits again
  void complete(const RawCompletion& completion, Time now);

  // Moves at most `into.size()` results out.
  std::size_t take_done(std::span<ReadDone> into);

  Opening opening() const;

  std::uint32_t waiting() const;  // accepted, not with the kernel
  std::uint32_t with_kernel() const;
  Bytes bytes_with_kernel() const;
  std::uint32_t done() const;  // results not yet taken
  bool room() const;           // whether `add` would take another
  const DeviceStats& stats() const { return stats_; }

 private:
  enum class State : std::uint8_t { free, waiting, kernel, done };
  struct Slot {
    Read read;
    ReadDone done;
    std::uint64_t order = 0;
    std::uint32_t generation = 0;
    std::uint32_t done_bytes = 0;
    std::uint32_t transient_retries = 0;
    State state = State::free;
    bool abandoned = false;  // with the kernel, canceled, and outside the window
  };

  bool later(std::uint32_t a, std::uint32_t b) const;
  void order_waiting();
  void make_wait(std::uint32_t index);
  void abandon(ReadTag tag);
  void take_back(Slot& slot);
  void take_bytes(std::uint32_t index, std::uint32_t count, Time now);
  void take_error(std::uint32_t index, int os_error, Time now);
  void finish(std::uint32_t index, Error error, Time now);

  ReadQueueOptions options_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> heap_;  // waiting, by deadline then order
  std::vector<std::uint32_t> done_;
  Bytes with_kernel_bytes_;  // but for those abandoned
  Bytes abandoned_bytes_;
  std::uint32_t with_kernel_ = 0;
  std::uint64_t order_ = 0;
  DeviceStats stats_;
};

template <class DeadlineOf>
void ReadQueue::reorder(DeadlineOf deadline_of) {
  for (const std::uint32_t index : heap_) {
    slots_[index].read.deadline = deadline_of(slots_[index].read);
  }
  order_waiting();
}

}  // namespace nf
