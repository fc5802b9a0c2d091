#include "bench/disk/plain_loop.h"

#include <liburing.h>
#include <sys/uio.h>

#include <numeric>

#include "bench/suite/clocks.h"

namespace nf::bench {

struct PlainLoop::Ring {
  io_uring ring{};
  bool registered = false;  // buffer 0 is that of the work
};

namespace {

constexpr unsigned kEntries = 128;

int descriptor_of(const FileHandle& file) {
  return file.direct >= 0 ? file.direct : file.buffered;
}

// The state of one call of `read`.
class Run {
 public:
  Run(io_uring* ring, bool registered, const ReadWork& work)
      : ring_(ring),
        registered_(registered),
        work_(work),
        order_(work.seed),
        free_(work.places),
        at_(work.places),
        started_at_(work.places) {
    std::iota(free_.begin(), free_.end(), std::uint64_t{0});
  }

  // The place that was freed first is used first, so that as much memory is touched as by a Device.
  void start(double now) {
    const std::uint64_t place = free_[started_++ % free_.size()];
    at_[place] = order_.below(work_.file_size.value / work_.block) * work_.block;
    started_at_[place] = now;
    io_uring_sqe* entry = ::io_uring_get_sqe(ring_);
    std::byte* into = work_.memory.data() + place * work_.block;
    const auto size = static_cast<unsigned>(work_.block);
    const int file = descriptor_of(work_.file);
    if (registered_) {
      ::io_uring_prep_read_fixed(entry, file, into, size, at_[place], 0);
    } else {
      ::io_uring_prep_read(entry, file, into, size, at_[place]);
    }
    entry->user_data = place;
  }

  void take(std::uint64_t place, int result, double now) {
    if (result != static_cast<int>(work_.block)) ++sample_.failed;
    if (work_.times) sample_.latencies_us.push_back((now - started_at_[place]) * 1e6);
    const auto bytes = work_.memory.subspan(place * work_.block, work_.block);
    if (work_.compares && !content_is_right(at_[place], bytes)) ++sample_.wrong;
    free_[sample_.reads++ % free_.size()] = place;
  }

  ReadSample run() {
    const double begin = wall_seconds();
    const double cpu_begin = process_seconds();
    double now = begin;
    for (;;) {
      while (started_ - sample_.reads < work_.depth && started_ < work_.reads_max &&
             now - begin < work_.seconds) {
        start(now);
      }
      if (started_ == sample_.reads) break;
      ::io_uring_submit_and_wait(ring_, 1);
      now = wall_seconds();
      for (io_uring_cqe* done = nullptr; ::io_uring_peek_cqe(ring_, &done) == 0;) {
        take(done->user_data, done->res, now);
        ::io_uring_cqe_seen(ring_, done);
      }
    }
    sample_.seconds = wall_seconds() - begin;
    sample_.cpu_seconds = process_seconds() - cpu_begin;
    return std::move(sample_);
  }

 private:
  io_uring* ring_;
  bool registered_;
  const ReadWork& work_;
  Prng order_;
  std::vector<std::uint64_t> free_;
  std::vector<std::uint64_t> at_;
  std::vector<double> started_at_;
  std::uint64_t started_ = 0;
  ReadSample sample_;
};

}  // namespace

std::unique_ptr<PlainLoop> PlainLoop::open() {
  int os_error = 0;
  return open(os_error);
}

std::unique_ptr<PlainLoop> PlainLoop::open(int& os_error) {
  auto ring = std::make_unique<Ring>();
  os_error = -::io_uring_queue_init(kEntries, &ring->ring, 0);
  if (os_error != 0) return nullptr;
  return std::unique_ptr<PlainLoop>(new PlainLoop(std::move(ring)));
}

std::unique_ptr<PlainLoop> PlainLoop::open_registered(std::span<std::byte> memory, int& os_error) {
  std::unique_ptr<PlainLoop> loop = open(os_error);
  if (loop == nullptr) return nullptr;
  const iovec buffer{.iov_base = memory.data(), .iov_len = memory.size()};
  os_error = -::io_uring_register_buffers(&loop->ring_->ring, &buffer, 1);
  if (os_error != 0) return nullptr;
  loop->ring_->registered = true;
  return loop;
}

PlainLoop::PlainLoop(std::unique_ptr<Ring> ring) : ring_(std::move(ring)) {}

PlainLoop::~PlainLoop() {
  ::io_uring_queue_exit(&ring_->ring);
}

ReadSample PlainLoop::read(const ReadWork& work) {
  return Run(&ring_->ring, ring_->registered, work).run();
}

}  // namespace nf::bench
