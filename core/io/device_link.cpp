#include "core/io/device_link.h"

#include <time.h>

#include <algorithm>

namespace nf {

// A read can have one cancel on its way, and so can one that was reaped meanwhile: the driver
// empties the inbox before it publishes, so these are never more than the reads of one round.
DeviceLink::DeviceLink(const DeviceLimits& limits)
    : limits_(limits),
      inbox_(std::size_t{3} * limits.reads_max),
      outbox_(limits.reads_max),
      deadlines_(limits.reads_max),
      slots_(limits.reads_max),
      slot_files_(limits.reads_max),
      reaped_(limits.reads_max) {
  free_.reserve(limits.reads_max);
  for (std::uint32_t i = limits.reads_max; i > 0; --i) free_.push_back(i - 1);
}

DeviceStats DeviceLink::stats() const {
  return {.reads = reads_.load(std::memory_order_relaxed),
          .bytes_read = {bytes_read_.load(std::memory_order_relaxed)},
          .retries = retries_.load(std::memory_order_relaxed),
          .stale_completions = stale_completions_.load(std::memory_order_relaxed)};
}

Result<FileId> DeviceLink::add_file(FileHandle file) {
  if (file.buffered < 0 && file.direct < 0) return Error{.code = ErrorCode::invalid_argument};
  for (std::uint32_t i = 0; i < kFilesMax; ++i) {
    if (files_[i].open) continue;
    files_[i] = {.handle = file, .open = true, .reads = 0};
    return FileId{i};
  }
  return Error{.code = ErrorCode::limit_exceeded};
}

void DeviceLink::remove_file(FileId file) {
  NF_ASSERT(file.value < kFilesMax && files_[file.value].open);
  NF_ASSERT(files_[file.value].reads == 0);
  files_[file.value].open = false;
}

std::size_t DeviceLink::submit(std::span<const Read> reads, Time now) {
  last_seen_ = std::max(last_seen_, now);
  const std::size_t count = std::min(reads.size(), free_.size());
  for (const Read& read : reads.first(count)) {
    assert_read_allowed(read, limits_);
    NF_ASSERT(files_[read.file.value].open);
    const std::uint32_t index = free_.back();
    free_.pop_back();
    slots_[index] = {.tag = read.tag, .outstanding = true, .cancel_sent = false};
    slot_files_[index] = read.file;
    ++files_[read.file.value].reads;
    Message message{.read = read, .cancel = false};
    message.read.tag = {index};
    deadlines_[index].store(read.deadline.ns, std::memory_order_relaxed);
    const bool sent = inbox_.push(message);
    NF_ASSERT(sent);
  }
  return count;
}

void DeviceLink::reschedule(ReadTag tag, Time deadline) {
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i].outstanding || slots_[i].tag != tag) continue;
    deadlines_[i].store(deadline.ns, std::memory_order_relaxed);
    deadlines_moved_.store(true, std::memory_order_release);
    return;
  }
}

bool DeviceLink::cancel(ReadTag tag) {
  bool told = false;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    OwnerSlot& slot = slots_[i];
    if (!slot.outstanding || slot.cancel_sent || slot.tag != tag) continue;
    slot.cancel_sent = true;
    Message message;
    message.read.tag = {i};
    message.cancel = true;
    const bool sent = inbox_.push(message);
    NF_ASSERT(sent);
    told = true;
  }
  return told;
}

std::span<const ReadDone> DeviceLink::reap(Time now) {
  std::size_t count = 0;
  const Time steady = steady_now();
  ReadDone done;
  while (count < reaped_.size() && pop_result(done)) {
    OwnerSlot& slot = slots_[done.tag.value];
    NF_ASSERT(slot.outstanding);
    free_.push_back(static_cast<std::uint32_t>(done.tag.value));
    --files_[slot_files_[done.tag.value].value].reads;
    slot.outstanding = false;
    done.tag = slot.tag;
    done.finished_at = on_callers_clock(done.finished_at, steady, now);
    reaped_[count++] = done;
  }
  last_seen_ = std::max(last_seen_, now);
  return {reaped_.data(), count};
}

void DeviceLink::wait(Duration timeout) {
  const Time give_up = steady_now() + timeout;
  for (;;) {
    const std::uint32_t ticket = results_there_.ticket();
    if (early_there_ || woken_.exchange(false)) return;
    early_there_ = outbox_.pop(early_);
    const Duration left = give_up - steady_now();
    if (early_there_ || left.ns <= 0) return;
    results_there_.wait(ticket, left);
  }
}

void DeviceLink::wake() {
  woken_.store(true);
  results_there_.notify_all();
}

std::size_t DeviceLink::receive(ReadQueue& queue) {
  std::size_t count = 0;
  Message message;
  while (inbox_.pop(message)) {
    ++count;
    if (message.cancel) {
      queue.cancel(message.read.tag);
    } else {
      // It may have been moved forward since it was sent.
      message.read.deadline = {deadlines_[message.read.tag.value].load(std::memory_order_relaxed)};
      const bool added = queue.add(message.read);
      NF_ASSERT(added);
    }
  }
  // After the messages: a slot that was used again has its new read's deadline by then.
  if (deadlines_moved_.exchange(false, std::memory_order_acquire)) {
    queue.reorder([this](const Read& read) {
      return Time{deadlines_[read.tag.value].load(std::memory_order_relaxed)};
    });
  }
  return count;
}

bool DeviceLink::publish(ReadQueue& queue) {
  if (queue.done() == 0) return false;
  const DeviceStats& stats = queue.stats();
  reads_.store(stats.reads, std::memory_order_relaxed);
  bytes_read_.store(stats.bytes_read.value, std::memory_order_relaxed);
  retries_.store(stats.retries, std::memory_order_relaxed);
  stale_completions_.store(stats.stale_completions, std::memory_order_relaxed);
  ReadDone done;
  while (queue.take_done({&done, 1}) == 1) {
    if (done.error.code == ErrorCode::canceled) done.finished_at = steady_now();
    const bool sent = outbox_.push(done);
    NF_ASSERT(sent);
  }
  return true;
}

Time DeviceLink::steady_now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return {static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec};
}

bool DeviceLink::pop_result(ReadDone& done) {
  if (!early_there_) return outbox_.pop(done);
  done = early_;
  early_there_ = false;
  return true;
}

// The caller's clock may run at any pace, so the result lies between its last two readings.
Time DeviceLink::on_callers_clock(Time finished, Time steady, Time now) const {
  const Time mapped = now - (steady - finished);
  return std::min(std::max(mapped, last_seen_), std::max(now, last_seen_));
}

}  // namespace nf
