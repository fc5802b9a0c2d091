#include "formats/pack/work_pool.h"

#include <new>
#include <system_error>
#include <utility>

namespace nf {
namespace {

Error run(const WorkPool::Job& job, ChunkEncoder& encoder) {
  try {
    job(encoder);
  } catch (const std::bad_alloc&) {
    return {.code = ErrorCode::out_of_memory};
  } catch (...) {
    return {.code = ErrorCode::source_malformed};
  }
  return {};
}

}  // namespace

WorkPool::WorkPool(std::uint32_t threads) {
  start_threads(threads);
  if (threads_.empty()) own_encoder_ = std::make_unique<ChunkEncoder>();
}

void WorkPool::start_threads(std::uint32_t count) {
  try {
    threads_.reserve(count);
    while (threads_.size() < count) {
      threads_.emplace_back([this, encoder = ChunkEncoder()]() mutable { work(encoder); });
    }
  } catch (const std::system_error&) {
    return;
  } catch (const std::bad_alloc&) {
    return;
  }
}

WorkPool::~WorkPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_came_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkPool::submit(Job job, Urgency urgency, JobMark& mark) {
  {
    const std::lock_guard lock(mutex_);
    (urgency == Urgency::urgent ? urgent_ : ordinary_)
        .push_back({.job = std::move(job), .mark = &mark});
  }
  work_came_.notify_one();
}

bool WorkPool::done(const JobMark& mark) {
  const std::lock_guard lock(mutex_);
  return mark.done;
}

Error WorkPool::error(const JobMark& mark) {
  const std::lock_guard lock(mutex_);
  return mark.error;
}

void WorkPool::wait_for_change() {
  std::unique_lock lock(mutex_);
  if (own_encoder_ && has_work()) run_next(lock, *own_encoder_);
  job_done_.wait(lock, [this] { return jobs_done_ != jobs_done_seen_; });
  jobs_done_seen_ = jobs_done_;
}

// The lock is held before and after, not while the job runs.
void WorkPool::run_next(std::unique_lock<std::mutex>& lock, ChunkEncoder& encoder) {
  std::deque<Item>& queue = urgent_.empty() ? ordinary_ : urgent_;
  Item item = std::move(queue.front());
  queue.pop_front();
  lock.unlock();
  const Error error = run(item.job, encoder);
  item.job = nullptr;
  lock.lock();
  item.mark->error = error;
  item.mark->done = true;
  ++jobs_done_;
  job_done_.notify_one();
}

void WorkPool::work(ChunkEncoder& encoder) {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_came_.wait(lock, [this] { return stopping_ || has_work(); });
    if (stopping_) return;
    run_next(lock, encoder);
  }
}

}  // namespace nf
