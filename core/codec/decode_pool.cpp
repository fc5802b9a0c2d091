#include "core/codec/decode_pool.h"

#include <pthread.h>
#include <semaphore.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <vector>

#include "core/base/assert.h"
#include "core/base/bounded_queue.h"
#include "core/base/planted_bug.h"
#include "core/codec/codec.h"

namespace nf {
namespace {

constexpr std::uint32_t kWorkersMax = 64;
constexpr std::uint32_t kJobsMax = 1u << 20;

// Counts what waits to be done. POSIX, because the counting_semaphore of libstdc++ 12 can miss a
// wake-up (its waiter may sleep on a count that is not zero). `post` never blocks.
class WorkSignal {
 public:
  WorkSignal() { sem_init(&semaphore_, 0, 0); }
  ~WorkSignal() { sem_destroy(&semaphore_); }
  WorkSignal(const WorkSignal&) = delete;
  WorkSignal& operator=(const WorkSignal&) = delete;

  void post() {
    const int posted = sem_post(&semaphore_);
    NF_ASSERT(posted == 0);
  }
  void wait() {
    while (sem_wait(&semaphore_) != 0) NF_ASSERT(errno == EINTR);
  }

 private:
  sem_t semaphore_;
};

// Jobs that no worker has started, earliest deadline first and in order of submission among equals.
class Backlog {
 public:
  explicit Backlog(std::size_t jobs_max) { heap_.reserve(jobs_max); }

  bool empty() const { return heap_.empty(); }
  void push(const DecodeJob& job) {
    heap_.push_back({job, next_++});
    std::push_heap(heap_.begin(), heap_.end(), starts_after);
  }
  DecodeJob pop() {
    std::pop_heap(heap_.begin(), heap_.end(), starts_after);
    const DecodeJob job = heap_.back().job;
    heap_.pop_back();
    return job;
  }

 private:
  struct Entry {
    DecodeJob job;
    std::uint64_t order = 0;
  };
  static bool starts_after(const Entry& a, const Entry& b) {
    if (a.job.deadline != b.job.deadline) return a.job.deadline > b.job.deadline;
    return a.order > b.order;
  }

  std::vector<Entry> heap_;
  std::uint64_t next_ = 0;
};

// A chunk is checked and decoded before the next is touched, so that its bytes come from the cache.
Error decode_chunk(const DecodeJob& job, std::uint32_t i, ChunkDecoder& decoder) {
  const ChunkView& chunks = job.chunks;
  const std::uint64_t stored_at = chunks.stored_at[i];
  const std::uint64_t raw_at = chunks.raw_at[i];
  NF_ASSERT(stored_at >= job.stored_from);
  const std::uint64_t from = stored_at - job.stored_from;
  NF_ASSERT(from <= job.stored.size() && chunks.stored_size[i] <= job.stored.size() - from);
  NF_ASSERT(raw_at <= job.raw.size() && chunks.raw_size[i] <= job.raw.size() - raw_at);
  const std::span<const std::byte> stored = job.stored.subspan(from, chunks.stored_size[i]);
  if (planted_bug != kChecksumUnchecked && hash64(stored) != chunks.checksum[i]) {
    return Error{.code = ErrorCode::chunk_checksum_mismatch};
  }
  return decoder.decode(static_cast<Codec>(chunks.codec[i]), stored,
                        job.raw.subspan(raw_at, chunks.raw_size[i]));
}

struct JobResult {
  DecodeDone done;
  std::uint64_t chunks = 0;
  std::uint64_t raw_bytes = 0;
};

JobResult run_job(const DecodeJob& job, ChunkDecoder& decoder) {
  JobResult result{.done = {.tag = job.tag, .error = {}}};
  for (std::uint32_t i = 0; i < job.chunks.count; ++i) {
    Error error = decode_chunk(job, i, decoder);
    if (error) {
      error.subject_kind = Subject::chunk;
      error.subject = job.chunks.first_id + i;
      result.done.error = error;
      break;
    }
    ++result.chunks;
    result.raw_bytes += job.chunks.raw_size[i];
  }
  return result;
}

}  // namespace

struct DecodePool::Impl {
  explicit Impl(const DecodePoolOptions& chosen)
      : options(chosen), inbox(chosen.jobs_max), outbox(chosen.jobs_max), backlog(chosen.jobs_max) {
    reaped.reserve(chosen.jobs_max);
  }

  DecodePoolOptions options;

  // The owner's.
  std::uint32_t outstanding = 0;  // submitted and not reaped: bounds both queues
  std::vector<DecodeDone> reaped;
  ChunkDecoder own_decoder;  // without workers

  // Between the owner and the workers.
  BoundedQueue<DecodeJob> inbox;
  BoundedQueue<DecodeDone> outbox;
  WorkSignal work;  // one for each job pushed, and one for each worker that is to stop
  std::atomic<std::uint32_t> waiting{0};  // jobs that no worker has taken
  std::atomic<std::uint64_t> chunks{0};
  std::atomic<std::uint64_t> raw_bytes{0};
  std::atomic<std::int64_t> busy_ns{0};

  // The workers' alone: the owner never takes this mutex while a worker runs.
  std::mutex backlog_mutex;
  Backlog backlog;
  std::vector<pthread_t> workers;

  Error start_workers();
  void stop_workers();
  void work_until_stopped();
  bool take_job(DecodeJob& job);
  void count(const JobResult& result);
};

bool DecodePool::Impl::take_job(DecodeJob& job) {
  const std::lock_guard lock(backlog_mutex);
  for (DecodeJob arrived; inbox.pop(arrived);) backlog.push(arrived);
  if (backlog.empty()) return false;
  job = backlog.pop();
  return true;
}

void DecodePool::Impl::count(const JobResult& result) {
  chunks.fetch_add(result.chunks, std::memory_order_relaxed);
  raw_bytes.fetch_add(result.raw_bytes, std::memory_order_relaxed);
}

// Each signal stands for a job, but those sent to stop: a worker that finds nothing was sent home.
void DecodePool::Impl::work_until_stopped() {
  ChunkDecoder decoder;
  for (DecodeJob job;;) {
    work.wait();
    if (!take_job(job)) return;
    waiting.fetch_sub(1);
    const auto started = std::chrono::steady_clock::now();
    const JobResult result = run_job(job, decoder);
    const auto spent = std::chrono::steady_clock::now() - started;
    count(result);
    busy_ns.fetch_add(std::chrono::nanoseconds(spent).count(), std::memory_order_relaxed);
    const bool pushed = outbox.push(result.done);
    NF_ASSERT(pushed);
    const bool due = job.notify || result.done.error || waiting.load() == 0;
    if (due && options.notify != nullptr) options.notify(options.notify_context);
  }
}

// pthread_create, because std::thread reports a machine that has no more threads by throwing.
Error DecodePool::Impl::start_workers() {
  workers.reserve(options.workers);
  const auto run = [](void* self) -> void* {
    static_cast<Impl*>(self)->work_until_stopped();
    return nullptr;
  };
  for (std::uint32_t i = 0; i < options.workers; ++i) {
    pthread_t worker{};
    if (const int refused = pthread_create(&worker, nullptr, run, this); refused != 0) {
      return {.code = ErrorCode::limit_exceeded, .os_error = static_cast<std::uint8_t>(refused)};
    }
    workers.push_back(worker);
  }
  return {};
}

void DecodePool::Impl::stop_workers() {
  for (std::size_t i = 0; i < workers.size(); ++i) work.post();
  for (const pthread_t worker : workers) pthread_join(worker, nullptr);
  workers.clear();
}

DecodePool::DecodePool(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DecodePool::DecodePool(DecodePool&&) noexcept = default;

DecodePool& DecodePool::operator=(DecodePool&& other) noexcept {
  impl_.swap(other.impl_);
  return *this;
}

DecodePool::~DecodePool() {
  if (impl_ == nullptr) return;
  impl_->stop_workers();
  if (impl_->options.workers == 0) (void)reap();
}

Result<DecodePool> DecodePool::create(const DecodePoolOptions& options) {
  if (options.workers > kWorkersMax || options.jobs_max == 0 || options.jobs_max > kJobsMax) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  auto impl = std::make_unique<Impl>(options);
  if (const Error error = impl->start_workers()) {
    impl->stop_workers();
    return error;
  }
  return DecodePool(std::move(impl));
}

bool DecodePool::submit(const DecodeJob& job) {
  if (impl_->outstanding == impl_->options.jobs_max) return false;
  ++impl_->outstanding;
  if (impl_->options.workers == 0) {
    impl_->backlog.push(job);
    return true;
  }
  impl_->waiting.fetch_add(1);
  const bool pushed = impl_->inbox.push(job);
  NF_ASSERT(pushed);
  impl_->work.post();
  return true;
}

std::span<const DecodeDone> DecodePool::reap() {
  impl_->reaped.clear();
  if (impl_->options.workers == 0) {
    while (!impl_->backlog.empty()) {
      const JobResult result = run_job(impl_->backlog.pop(), impl_->own_decoder);
      impl_->count(result);
      impl_->reaped.push_back(result.done);
    }
  } else {
    for (DecodeDone done; impl_->outbox.pop(done);) impl_->reaped.push_back(done);
  }
  NF_ASSERT(impl_->reaped.size() <= impl_->outstanding);
  impl_->outstanding -= static_cast<std::uint32_t>(impl_->reaped.size());
  return impl_->reaped;
}

DecodeStats DecodePool::stats() const {
  return {.chunks = impl_->chunks.load(std::memory_order_relaxed),
          .raw_bytes = Bytes{impl_->raw_bytes.load(std::memory_order_relaxed)},
          .busy = Duration{impl_->busy_ns.load(std::memory_order_relaxed)}};
}

}  // namespace nf
