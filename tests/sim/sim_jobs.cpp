#include "tests/sim/sim_jobs.h"

#include <thread>

namespace nf::sim {

JobSystem SimJobs::system() {
  return options_.workers > 0 ? JobSystem{.submit = submit, .context = this} : JobSystem{};
}

void SimJobs::submit(void* context, JobSystem::Job job, void* data) {
  SimJobs& jobs = *static_cast<SimJobs*>(context);
  if (jobs.at_once_) return job(data);
  const std::lock_guard lock(jobs.mutex_);
  jobs.waiting_.push_back({.job = job, .data = data});
}

bool SimJobs::take(Waiting& next) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return false;
  Waiting& chosen = waiting_[prng_.below(waiting_.size())];
  next = chosen;
  chosen = waiting_.back();
  waiting_.pop_back();
  return true;
}

// A job submits its successor before it ends, so that nothing is left when all have returned.
void SimJobs::work() {
  for (Waiting next; take(next);) next.job(next.data);
}

void SimJobs::run_at_once() {
  run_all();
  at_once_ = true;
}

void SimJobs::run_all() {
  if (!options_.real_threads || waiting_.empty()) return work();
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < options_.workers; ++i) threads.emplace_back([this] { work(); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace nf::sim
