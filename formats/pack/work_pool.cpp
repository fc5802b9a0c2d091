#include "formats/pack/work_pool.h"

#include <utility>

namespace nf {

WorkPool::WorkPool(std::uint32_t threads) {
  threads_.reserve(threads);
  for (std::uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
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

void WorkPool::wait_for_change() {
  std::unique_lock lock(mutex_);
  job_done_.wait(lock, [this] { return jobs_done_ != jobs_done_seen_; });
  jobs_done_seen_ = jobs_done_;
}

void WorkPool::work() {
  ChunkEncoder encoder;
  std::unique_lock lock(mutex_);
  for (;;) {
    work_came_.wait(lock, [this] { return stopping_ || !urgent_.empty() || !ordinary_.empty(); });
    if (stopping_) return;
    std::deque<Item>& queue = urgent_.empty() ? ordinary_ : urgent_;
    Item item = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    item.job(encoder);
    item.job = nullptr;
    lock.lock();
    item.mark->done = true;
    ++jobs_done_;
    job_done_.notify_one();
  }
}

}  // namespace nf
