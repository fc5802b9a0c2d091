#include "bench/contenders/raw/ring_loop.h"

#include <liburing.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "bench/suite/clocks.h"
#include "bench/suite/suite.h"

namespace nf::bench {
namespace {

constexpr std::uint64_t kPartSize = 512u << 10;
constexpr std::uint32_t kPartsInFlight = 8;  // 4 MiB: more only delays what is asked for next

struct Slot {
  std::size_t place = 0;  // in the order
  RingSpan span;
  std::uint64_t asked = 0;  // of the span's bytes, handed to the kernel
  std::uint64_t read = 0;
  double asked_at = 0;
};

}  // namespace

struct RingLoop::State {
  io_uring ring{};
  int file = -1;
  std::uint32_t in_flight = 0;
  std::vector<Slot> slots;
  std::deque<std::uint32_t> unasked;  // slots with parts that wait for the window, oldest first

  void ask(const RingReads& reads, std::uint32_t slot, std::size_t place);
  void fill_window(const RingReads& reads);
  std::uint32_t wait_for_part();  // its slot
};

void RingLoop::require() {
  io_uring ring{};
  const int error = ::io_uring_queue_init(1, &ring, 0);
  if (error != 0) throw BenchError(std::string("io_uring: ") + std::strerror(-error));
  ::io_uring_queue_exit(&ring);
}

RingLoop::RingLoop(int file) : state_(std::make_unique<State>()) {
  state_->file = file;
  const int error = ::io_uring_queue_init(kPartsInFlight * 2, &state_->ring, 0);
  if (error != 0) throw BenchError(std::string("io_uring: ") + std::strerror(-error));
}

RingLoop::~RingLoop() {
  // The caller's memory must not be written after this.
  while (state_->in_flight > 0) {
    io_uring_cqe* completion = nullptr;
    if (::io_uring_wait_cqe(&state_->ring, &completion) != 0) break;
    ::io_uring_cqe_seen(&state_->ring, completion);
    --state_->in_flight;
  }
  ::io_uring_queue_exit(&state_->ring);
}

void RingLoop::State::ask(const RingReads& reads, std::uint32_t slot, std::size_t place) {
  slots[slot] = {
      .place = place, .span = reads.span_of(reads.order[place]), .asked_at = wall_seconds()};
  unasked.push_back(slot);
}

void RingLoop::State::fill_window(const RingReads& reads) {
  while (!unasked.empty() && in_flight < kPartsInFlight) {
    Slot& slot = slots[unasked.front()];
    const std::uint64_t size = std::min(kPartSize, slot.span.size - slot.asked);
    io_uring_sqe* entry = ::io_uring_get_sqe(&ring);
    ::io_uring_prep_read(entry, file, reads.scratch[unasked.front()].data() + slot.asked,
                         static_cast<unsigned>(size), slot.span.at + slot.asked);
    // Slot and size, so that a short read is seen.
    entry->user_data = (std::uint64_t{unasked.front()} << 32) | size;
    slot.asked += size;
    ++in_flight;
    if (slot.asked == slot.span.size) unasked.pop_front();
  }
}

std::uint32_t RingLoop::State::wait_for_part() {
  io_uring_cqe* completion = nullptr;
  if (::io_uring_peek_cqe(&ring, &completion) != 0) {
    ::io_uring_submit_and_wait(&ring, 1);
    if (::io_uring_wait_cqe(&ring, &completion) != 0) throw BenchError("io_uring: no completion");
  }
  const std::uint64_t tag = completion->user_data;
  const auto size = static_cast<std::uint32_t>(tag);
  const auto got = completion->res;
  ::io_uring_cqe_seen(&ring, completion);
  --in_flight;
  if (got != static_cast<int>(size)) throw BenchError("io_uring: a read failed or was short");
  const auto slot = static_cast<std::uint32_t>(tag >> 32);
  slots[slot].read += size;
  return slot;
}

void RingLoop::read_all(const RingReads& reads) {
  State& state = *state_;
  state.slots.assign(reads.scratch.size(), {});
  std::size_t next = 0;
  for (std::uint32_t slot = 0; slot < reads.scratch.size() && next < reads.order.size(); ++slot) {
    state.ask(reads, slot, next++);
  }
  for (std::size_t done = 0; done < reads.order.size();) {
    state.fill_window(reads);
    const std::uint32_t slot = state.wait_for_part();
    const Slot& full = state.slots[slot];
    if (full.read < full.span.size) continue;
    ++done;
    if (!reads.latencies_us.empty()) {
      reads.latencies_us[full.place] = (wall_seconds() - full.asked_at) * 1e6;
    }
    reads.visit(reads.order[full.place], reads.scratch[slot].first(full.span.size));
    if (next < reads.order.size()) state.ask(reads, slot, next++);
  }
}

}  // namespace nf::bench
