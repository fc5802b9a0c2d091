#include "core/io/read_queue.h"

#include <algorithm>
#include <cerrno>

#include "core/base/assert.h"
#include "core/base/checked.h"
#include "core/base/planted_bug.h"

namespace nf {
namespace {

constexpr std::uint32_t kSizeMax = 1u << 30;

std::uint64_t user_data_of(std::uint32_t index, std::uint32_t generation) {
  return (std::uint64_t{generation} << 32) | index;
}

bool is_transient(int os_error) {
  return os_error == EINTR || os_error == EAGAIN || os_error == ECANCELED;
}

// Direct reads must begin on the alignment. A read that stopped between two multiples of it is
// continued from the lower one; the bytes in between are read twice.
std::uint32_t continue_from(std::uint32_t done_bytes) {
  return static_cast<std::uint32_t>(align_down(done_bytes, kReadAlignment));
}

std::uint32_t size_of(const Read& read) {
  return static_cast<std::uint32_t>(read.into.size());
}

}  // namespace

ReadQueue::ReadQueue(const ReadQueueOptions& options) : options_(options) {
  NF_ASSERT(options.reads_max > 0 && options.operations_max > 0);
  slots_.resize(options.reads_max);
  free_.reserve(options.reads_max);
  heap_.reserve(options.reads_max);
  done_.reserve(options.reads_max);
  for (std::uint32_t i = options.reads_max; i > 0; --i) free_.push_back(i - 1);
}

bool ReadQueue::add(const Read& read) {
  NF_ASSERT(!read.into.empty() && read.into.size() <= kSizeMax);
  if (free_.empty()) return false;
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  slot.read = read;
  slot.done = {.tag = read.tag, .bytes_read = {}, .error = {}, .finished_at = {}};
  slot.order = order_++;
  slot.done_bytes = 0;
  slot.transient_retries = 0;
  make_wait(index);
  return true;
}

void ReadQueue::cancel(ReadTag tag) {
  const auto kept = std::remove_if(heap_.begin(), heap_.end(), [&](std::uint32_t index) {
    Slot& slot = slots_[index];
    if (slot.read.tag != tag) return false;
    slot.state = State::done;
    slot.done.bytes_read = {slot.done_bytes};
    slot.done.error = {.code = ErrorCode::canceled, .at = slot.read.at.value};
    done_.push_back(index);
    return true;
  });
  if (kept == heap_.end()) {
    abandon(tag);
    return;
  }
  heap_.erase(kept, heap_.end());
  order_waiting();
}

void ReadQueue::order_waiting() {
  if constexpr (planted_bug == kOrderNotRestored) return;
  std::make_heap(heap_.begin(), heap_.end(),
                 [this](std::uint32_t a, std::uint32_t b) { return later(a, b); });
}

// The kernel keeps the buffer until the read's own completion; the window need not wait for it.
void ReadQueue::abandon(ReadTag tag) {
  for (Slot& slot : slots_) {
    if (slot.state != State::kernel || slot.read.tag != tag || slot.abandoned) continue;
    const Bytes size{size_of(slot.read) - continue_from(slot.done_bytes)};
    if (abandoned_bytes_ + size > options_.abandoned_max) return;
    slot.abandoned = true;
    abandoned_bytes_ += size;
    with_kernel_bytes_ -= size;
    return;
  }
}

bool ReadQueue::start(RawRead& raw) {
  if (heap_.empty() || with_kernel_ >= options_.operations_max) return false;
  const std::uint32_t index = heap_.front();
  Slot& slot = slots_[index];
  const std::uint32_t from = continue_from(slot.done_bytes);
  const Bytes size{size_of(slot.read) - from};
  if (with_kernel_bytes_.value > 0 && with_kernel_bytes_ + size > options_.in_flight_max) {
    return false;
  }

  std::pop_heap(heap_.begin(), heap_.end(),
                [this](std::uint32_t a, std::uint32_t b) { return later(a, b); });
  heap_.pop_back();
  // A new generation for each hand-over, so that a second completion of the first part of a read
  // is not taken for the completion of its continuation.
  ++slot.generation;
  slot.state = State::kernel;
  ++with_kernel_;
  with_kernel_bytes_ += size;
  raw = {.user_data = user_data_of(index, slot.generation),
         .file = slot.read.file,
         .at = slot.read.at.value + from,
         .into = slot.read.into.data() + from,
         .size = static_cast<std::uint32_t>(size.value)};
  return true;
}

void ReadQueue::return_raw(const RawRead& raw) {
  const auto index = static_cast<std::uint32_t>(raw.user_data);
  NF_ASSERT(index < slots_.size());
  Slot& slot = slots_[index];
  NF_ASSERT(slot.state == State::kernel);
  NF_ASSERT(raw.user_data == user_data_of(index, slot.generation));
  take_back(slot);
  make_wait(index);
}

void ReadQueue::complete(const RawCompletion& completion, Time now) {
  const auto index = static_cast<std::uint32_t>(completion.user_data);
  const auto generation = static_cast<std::uint32_t>(completion.user_data >> 32);
  bool ours = index < slots_.size() && slots_[index].state == State::kernel;
  if constexpr (planted_bug != kCompletionMatchedBySlotOnly) {
    ours = ours && slots_[index].generation == generation;
  }
  if (!ours) {
    ++stats_.stale_completions;
    return;
  }
  take_back(slots_[index]);
  if (completion.result < 0) {
    take_error(index, -completion.result, now);
  } else {
    take_bytes(index, static_cast<std::uint32_t>(completion.result), now);
  }
}

std::size_t ReadQueue::take_done(std::span<ReadDone> into) {
  const std::size_t count = std::min(into.size(), done_.size());
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[done_[i]];
    into[i] = slot.done;
    slot.state = State::free;
    free_.push_back(done_[i]);
  }
  done_.erase(done_.begin(), done_.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

Opening ReadQueue::opening() const {
  Opening opening{.room = {}, .first_waiting = Time::never()};
  if (!heap_.empty()) opening.first_waiting = slots_[heap_.front()].read.deadline;
  if (with_kernel_ >= options_.operations_max) return opening;
  if (with_kernel_bytes_.value == 0) {
    opening.room = {kSizeMax};  // one read is always allowed
  } else {
    opening.room = options_.in_flight_max - std::min(options_.in_flight_max, with_kernel_bytes_);
  }
  return opening;
}

std::uint32_t ReadQueue::waiting() const {
  return static_cast<std::uint32_t>(heap_.size());
}
std::uint32_t ReadQueue::with_kernel() const {
  return with_kernel_;
}
Bytes ReadQueue::bytes_with_kernel() const {
  return with_kernel_bytes_;
}
std::uint32_t ReadQueue::done() const {
  return static_cast<std::uint32_t>(done_.size());
}
bool ReadQueue::room() const {
  return !free_.empty();
}

bool ReadQueue::later(std::uint32_t a, std::uint32_t b) const {
  const Slot& left = slots_[a];
  const Slot& right = slots_[b];
  if (left.read.deadline != right.read.deadline) return left.read.deadline > right.read.deadline;
  return left.order > right.order;
}

void ReadQueue::make_wait(std::uint32_t index) {
  slots_[index].state = State::waiting;
  heap_.push_back(index);
  std::push_heap(heap_.begin(), heap_.end(),
                 [this](std::uint32_t a, std::uint32_t b) { return later(a, b); });
}

void ReadQueue::take_back(Slot& slot) {
  const Bytes size{size_of(slot.read) - continue_from(slot.done_bytes)};
  Bytes& account = slot.abandoned ? abandoned_bytes_ : with_kernel_bytes_;
  NF_ASSERT(with_kernel_ > 0 && account >= size);
  --with_kernel_;
  account -= size;
  slot.abandoned = false;
}

void ReadQueue::take_bytes(std::uint32_t index, std::uint32_t count, Time now) {
  Slot& slot = slots_[index];
  const std::uint32_t size = size_of(slot.read);
  const std::uint32_t from = continue_from(slot.done_bytes);
  if (count > size - from) {
    // More than was asked for: the buffer cannot be trusted, and nor can what lies behind it.
    finish(index, {.code = ErrorCode::file_read_failed, .os_error = EIO, .at = slot.read.at.value},
           now);
    return;
  }
  stats_.bytes_read += Bytes{count};
  const std::uint32_t reached = from + count;
  // An honest kernel gets past the place where it stopped before, unless the file ends there.
  const bool at_end = reached <= slot.done_bytes;
  slot.done_bytes = std::max(slot.done_bytes, reached);
  slot.transient_retries = 0;
  if constexpr (planted_bug == kShortReadCountedComplete) slot.done_bytes = size;
  if (at_end || slot.done_bytes == size) {
    finish(index, {}, now);
    return;
  }
  ++stats_.retries;
  make_wait(index);
}

void ReadQueue::take_error(std::uint32_t index, int os_error, Time now) {
  Slot& slot = slots_[index];
  const bool again = is_transient(os_error) && planted_bug != kTransientErrorFinal &&
                     slot.transient_retries < options_.transient_retries_max;
  if (again) {
    ++slot.transient_retries;
    ++stats_.retries;
    make_wait(index);
    return;
  }
  finish(index,
         {.code = ErrorCode::file_read_failed,
          .os_error = static_cast<std::uint8_t>(os_error),
          .at = slot.read.at.value + slot.done_bytes},
         now);
}

void ReadQueue::finish(std::uint32_t index, Error error, Time now) {
  Slot& slot = slots_[index];
  slot.state = State::done;
  slot.done.bytes_read = {slot.done_bytes};
  slot.done.error = error;
  slot.done.finished_at = now;
  ++stats_.reads;
  done_.push_back(index);
}

}  // namespace nf
