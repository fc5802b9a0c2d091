#include "bench/device/plain_loop.h"

#include <liburing.h>

#include <algorithm>
#include <numeric>

namespace nf::bench {

struct PlainLoop::Ring {
  io_uring ring{};
};

std::unique_ptr<PlainLoop> PlainLoop::open() {
  auto ring = std::make_unique<Ring>();
  if (::io_uring_queue_init(128, &ring->ring, 0) != 0) return nullptr;
  return std::unique_ptr<PlainLoop>(new PlainLoop(std::move(ring)));
}

PlainLoop::PlainLoop(std::unique_ptr<Ring> ring) : ring_(std::move(ring)) {}

PlainLoop::~PlainLoop() {
  ::io_uring_queue_exit(&ring_->ring);
}

bool PlainLoop::read_all(const PlainReads& reads) {
  io_uring* ring = &ring_->ring;
  // The place that was freed first is used first, so that as much memory is touched as by a Device.
  std::vector<std::uint64_t> free(reads.memory.size() / reads.block);
  std::iota(free.begin(), free.end(), std::uint64_t{0});
  std::size_t started = 0;
  const auto start = [&] {
    const std::uint64_t place = free[started % free.size()];
    io_uring_sqe* entry = ::io_uring_get_sqe(ring);
    ::io_uring_prep_read(entry, reads.file, reads.memory.data() + place * reads.block,
                         static_cast<unsigned>(reads.block), reads.offsets[started++]);
    entry->user_data = place;
  };
  while (started < std::min(reads.depth, reads.offsets.size())) start();
  bool right = true;
  for (std::size_t finished = 0; finished < reads.offsets.size();) {
    ::io_uring_submit_and_wait(ring, 1);
    io_uring_cqe* completion = nullptr;
    while (::io_uring_peek_cqe(ring, &completion) == 0) {
      right = right && completion->res == static_cast<int>(reads.block);
      free[finished % free.size()] = completion->user_data;
      ::io_uring_cqe_seen(ring, completion);
      ++finished;
      if (started < reads.offsets.size()) start();
    }
  }
  return right;
}

}  // namespace nf::bench
