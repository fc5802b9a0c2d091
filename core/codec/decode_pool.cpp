#include "core/codec/decode_pool.h"

#include <pthread.h>
#include <semaphore.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include "core/base/assert.h"
#include "core/base/bounded_queue.h"
#include "core/base/planted_bug.h"
#include "core/codec/backlog.h"
#include "core/codec/codec.h"
#include "core/codec/work_ledger.h"

namespace nf {
namespace {

constexpr std::uint32_t kThreadsMax = 64;
constexpr std::uint32_t kJobsMax = 1u << 20;
static_assert(kJobsMax <= WorkLedger::kJobsMax);

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
  // A job of the engine's that comes back again and again; without workers, the owner.
  struct Worker {
    Impl* pool = nullptr;
    std::uint32_t number = 0;
    Worker* next = nullptr;  // see run_worker
    ChunkDecoder decoder;
  };
  struct Done {
    DecodeDone done;
    std::uint32_t place = 0;  // in the backlog
  };

  explicit Impl(const DecodePoolOptions& chosen);

  bool has_engine() const { return options.jobs.submit != nullptr; }

  DecodePoolOptions options;

  // The owner's.
  std::uint32_t outstanding = 0;  // submitted and not reaped: bounds backlog and outbox
  std::vector<DecodeDone> reaped;

  // Between the owner and the workers.
  Backlog backlog;
  WorkLedger ledger;
  BoundedQueue<Done> outbox;
  WorkSignal work;  // for our threads: one for each job, and one for each thread that is to stop
  std::atomic<std::uint64_t> chunks{0};
  std::atomic<std::uint64_t> raw_bytes{0};
  std::atomic<std::int64_t> busy_ns{0};

  std::vector<pthread_t> threads;
  std::vector<Worker> workers;  // those that are not threads

  // Of each thread: whether it is giving a worker to the engine again, and the workers, of any
  // pool, that the engine ran within that call.
  static thread_local bool handing_over;
  static thread_local Worker* ran_meanwhile;

  Error start_threads();
  void stop_threads();
  void work_until_stopped();
  void wait_for_engine() const;
  void run_claimed(ChunkDecoder& decoder);
  static void run_worker(void* data);
};

DecodePool::Impl::Impl(const DecodePoolOptions& chosen)
    : options(chosen),
      backlog(chosen.jobs_max),
      ledger(chosen.jobs.submit != nullptr ? chosen.workers : 0),
      outbox(chosen.jobs_max) {
  reaped.reserve(chosen.jobs_max);
  if (chosen.workers == 0) {
    options.notify = nullptr;  // the owner is awake
    workers.resize(1);
  } else if (has_engine()) {
    workers.resize(chosen.workers);
  }
  for (std::uint32_t i = 0; i < workers.size(); ++i) {
    workers[i].pool = this;
    workers[i].number = i;
  }
}

// What every worker does with the job that it has claimed, whatever it is run by.
void DecodePool::Impl::run_claimed(ChunkDecoder& decoder) {
  using Clock = std::chrono::steady_clock;
  const bool timed = options.workers > 0;
  const Backlog::Taken taken = backlog.take();
  const Clock::time_point started = timed ? Clock::now() : Clock::time_point{};
  const JobResult result = run_job(taken.job, decoder);
  const Clock::duration spent = timed ? Clock::now() - started : Clock::duration{};
  chunks.fetch_add(result.chunks, std::memory_order_relaxed);
  raw_bytes.fetch_add(result.raw_bytes, std::memory_order_relaxed);
  busy_ns.fetch_add(std::chrono::nanoseconds(spent).count(), std::memory_order_relaxed);
  const bool pushed = outbox.push({.done = result.done, .place = taken.place});
  NF_ASSERT(pushed);
  const bool due = taken.job.notify || result.done.error || ledger.unclaimed() == 0;
  if (due && options.notify != nullptr) options.notify(options.notify_context);
}

// Each signal stands for a job, but those sent to stop: a thread that finds nothing was sent home.
void DecodePool::Impl::work_until_stopped() {
  ChunkDecoder decoder;
  for (;;) {
    work.wait();
    if (!ledger.claim()) return;
    run_claimed(decoder);
  }
}

constinit thread_local bool DecodePool::Impl::handing_over = false;
constinit thread_local DecodePool::Impl::Worker* DecodePool::Impl::ran_meanwhile = nullptr;

// One decode job, so that the engine can put something else before the next; then the worker is
// submitted again if there is one. An engine that runs it within that call would go one step deeper
// with each job: what it ran is kept until the call is back.
void DecodePool::Impl::run_worker(void* data) {
  auto* worker = static_cast<Worker*>(data);
  if (handing_over) {
    worker->next = ran_meanwhile;
    ran_meanwhile = worker;
    return;
  }
  while (worker != nullptr) {
    Impl& pool = *worker->pool;
    pool.run_claimed(worker->decoder);
    const JobSystem jobs = pool.options.jobs;
    if (pool.ledger.claim_or_rest(worker->number)) {
      handing_over = true;
      jobs.submit(jobs.context, run_worker, worker);
      handing_over = false;
    }
    worker = ran_meanwhile;
    if (worker != nullptr) ran_meanwhile = worker->next;
  }
}

// It happens once, and nothing that the engine's threads would have to touch after their last step
// could wake this one.
void DecodePool::Impl::wait_for_engine() const {
  constexpr std::chrono::microseconds kLook{50};
  while (!ledger.all_idle()) std::this_thread::sleep_for(kLook);
}

// pthread_create, because std::thread reports a machine that has no more threads by throwing.
Error DecodePool::Impl::start_threads() {
  if (has_engine()) return {};
  threads.reserve(options.workers);
  const auto run = [](void* self) -> void* {
    static_cast<Impl*>(self)->work_until_stopped();
    return nullptr;
  };
  for (std::uint32_t i = 0; i < options.workers; ++i) {
    pthread_t thread{};
    if (const int refused = pthread_create(&thread, nullptr, run, this); refused != 0) {
      return {.code = ErrorCode::limit_exceeded, .os_error = static_cast<std::uint8_t>(refused)};
    }
    threads.push_back(thread);
  }
  return {};
}

void DecodePool::Impl::stop_threads() {
  for (std::size_t i = 0; i < threads.size(); ++i) work.post();
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  threads.clear();
}

DecodePool::DecodePool(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DecodePool::DecodePool(DecodePool&&) noexcept = default;

DecodePool& DecodePool::operator=(DecodePool&& other) noexcept {
  impl_.swap(other.impl_);
  return *this;
}

DecodePool::~DecodePool() {
  if (impl_ == nullptr) return;
  impl_->stop_threads();
  impl_->wait_for_engine();
  if (impl_->options.workers == 0) (void)reap();
}

Result<DecodePool> DecodePool::create(const DecodePoolOptions& options) {
  const bool has_engine = options.jobs.submit != nullptr;
  const std::uint32_t workers_max = has_engine ? WorkLedger::kIdleMax : kThreadsMax;
  if (options.workers > workers_max || (has_engine && options.workers == 0) ||
      options.jobs_max == 0 || options.jobs_max > kJobsMax) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  auto impl = std::make_unique<Impl>(options);
  if (const Error error = impl->start_threads()) {
    impl->stop_threads();
    return error;
  }
  return DecodePool(std::move(impl));
}

bool DecodePool::submit(const DecodeJob& job) {
  if (impl_->outstanding == impl_->options.jobs_max) return false;
  ++impl_->outstanding;
  impl_->backlog.push(job);
  const std::uint32_t woken = impl_->ledger.add_job();
  if (woken != WorkLedger::kNobody) {
    const JobSystem& jobs = impl_->options.jobs;
    jobs.submit(jobs.context, Impl::run_worker, &impl_->workers[woken]);
  } else if (!impl_->threads.empty()) {
    impl_->work.post();
  }
  return true;
}

std::span<const DecodeDone> DecodePool::reap() {
  if (impl_->options.workers == 0) {
    while (impl_->ledger.claim()) impl_->run_claimed(impl_->workers[0].decoder);
  }
  impl_->reaped.clear();
  for (Impl::Done done; impl_->outbox.pop(done);) {
    impl_->reaped.push_back(done.done);
    impl_->backlog.release(done.place);
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
