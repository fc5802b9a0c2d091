// The plainest job system that keeps to the contract of nearfield/job_system.h: slots for the jobs
// that wait, and threads that a semaphore wakes. Stands for an engine's own.
//
// Thread: `push` from any; it neither blocks nor allocates, and what finds no slot is called at
// once. Which job waits longest does not matter: each takes what is needed soonest when it runs.
#pragma once

#include <semaphore.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <nearfield/job_system.h>

namespace nf::test {

class JobQueue {
 public:
  using Job = JobSystem::Job;

  explicit JobQueue(std::uint32_t threads = 2) {
    ::sem_init(&waiting_, 0, 0);
    for (std::uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~JobQueue() {
    stopping_ = true;
    for (std::size_t i = 0; i < threads_.size(); ++i) ::sem_post(&waiting_);
    for (std::thread& thread : threads_) thread.join();
    ::sem_destroy(&waiting_);
  }
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  void push(Job job, void* data) {
    for (Slot& slot : slots_) {
      State state = State::empty;
      if (!slot.state.compare_exchange_strong(state, State::held)) continue;
      slot.job = job;
      slot.data = data;
      slot.state = State::full;
      ::sem_post(&waiting_);
      return;
    }
    job(data);
  }
  JobSystem jobs() {
    return {.submit = [](void* self, Job job,
                         void* data) { static_cast<JobQueue*>(self)->push(job, data); },
            .context = this};
  }
  int ran() const { return ran_; }  // by its threads

 private:
  enum class State : std::uint8_t { empty, held, full };
  struct Slot {
    std::atomic<State> state = State::empty;
    Job job = nullptr;
    void* data = nullptr;
  };

  void run() {
    for (;;) {
      while (::sem_wait(&waiting_) != 0) {  // a signal came
      }
      if (stopping_) return;
      run_one();
    }
  }

  // There is one for each time that the semaphore let a thread pass.
  void run_one() {
    for (std::size_t i = 0;; i = (i + 1) % slots_.size()) {
      Slot& slot = slots_[i];
      State state = State::full;
      if (!slot.state.compare_exchange_strong(state, State::held)) continue;
      const Job job = slot.job;
      void* const data = slot.data;
      slot.state = State::empty;
      ++ran_;
      job(data);
      return;
    }
  }

  sem_t waiting_;  // as many as slots are full
  std::array<Slot, 64> slots_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> ran_{0};
  std::vector<std::thread> threads_;
};

}  // namespace nf::test
