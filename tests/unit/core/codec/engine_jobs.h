// EngineJobs: an engine's job system as tests need it: on threads, late, within the call that
// submits, or both in turn. Its `submit` neither locks nor allocates.
//
// Made and destroyed by one thread; `submit` comes from any. When it goes, nothing may be left.
#pragma once

#include <semaphore.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <nearfield/job_system.h>

#include "core/base/assert.h"
#include "core/base/bounded_queue.h"

namespace nf {

enum class EngineWay : std::uint8_t {
  on_threads,
  within_submit,
  in_turn,  // every second one within submit
  helping,  // whoever submits then runs what has waited longest
};

class EngineJobs {
 public:
  explicit EngineJobs(EngineWay way, std::uint32_t threads = 2) : way_(way), queue_(1024) {
    ::sem_init(&work_, 0, 0);
    for (std::uint32_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { run_until_stopped(); });
    }
  }
  ~EngineJobs() {
    release();
    stopping_ = true;
    for (std::size_t i = 0; i < threads_.size(); ++i) ::sem_post(&work_);
    for (std::thread& thread : threads_) thread.join();
    NF_ASSERT(waiting_.load() == 0);
    ::sem_destroy(&work_);
  }
  EngineJobs(const EngineJobs&) = delete;
  EngineJobs& operator=(const EngineJobs&) = delete;

  JobSystem jobs() {
    return {.submit = [](void* self, JobSystem::Job job,
                         void* data) { static_cast<EngineJobs*>(self)->submit({job, data}); },
            .context = this};
  }

  void hold() { held_ = true; }  // what is submitted waits for a thread, whatever the way
  void release() { held_ = false; }

  std::uint64_t submitted() const { return submitted_; }
  std::uint32_t waiting() const { return waiting_; }
  std::uint32_t waiting_max() const { return waiting_max_; }
  std::uint32_t depth_max() const { return depth_max_; }  // of jobs run within jobs

 private:
  struct Entry {
    JobSystem::Job job = nullptr;
    void* data = nullptr;
  };

  static void raise(std::atomic<std::uint32_t>& most, std::uint32_t to) {
    std::uint32_t seen = most.load();
    while (seen < to && !most.compare_exchange_weak(seen, to)) {
    }
  }

  void submit(const Entry& entry) {
    const std::uint64_t number = submitted_.fetch_add(1);
    raise(waiting_max_, waiting_.fetch_add(1) + 1);
    const bool at_once =
        way_ == EngineWay::within_submit || (way_ == EngineWay::in_turn && number % 2 == 1);
    if (at_once && !held_) {
      run(entry);
      return;
    }
    const bool pushed = queue_.push(entry);
    NF_ASSERT(pushed);
    ::sem_post(&work_);
    if (way_ == EngineWay::helping && !held_) run_one();
  }

  void run(const Entry& entry) {
    thread_local std::uint32_t depth = 0;
    waiting_.fetch_sub(1);
    raise(depth_max_, ++depth);
    entry.job(entry.data);
    --depth;
  }

  void run_one() {
    if (Entry entry; queue_.pop(entry)) run(entry);
  }

  void run_until_stopped() {
    for (;;) {
      while (::sem_wait(&work_) != 0) {
      }
      while (held_) std::this_thread::yield();
      run_one();
      if (stopping_) return;
    }
  }

  const EngineWay way_;
  BoundedQueue<Entry> queue_;
  sem_t work_{};
  std::atomic<bool> held_{false}, stopping_{false};
  std::atomic<std::uint64_t> submitted_{0};
  std::atomic<std::uint32_t> waiting_{0}, waiting_max_{0}, depth_max_{0};
  std::vector<std::thread> threads_;
};

}  // namespace nf
