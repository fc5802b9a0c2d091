// SimJobs: an engine's job system for sessions that decode with workers. What was submitted runs
// before the next frame begins, whatever the number of workers: in an order drawn from a seed, as
// if threads had taken turns in that way, or on real threads, in whatever order these take.
//
// So that a session is the same at any number of workers, nothing may depend on who decoded first.
// Thread: the session's calls `run_all`; `submit` is called there and on the threads that it runs.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include <nearfield/job_system.h>

#include "core/base/prng.h"

namespace nf::sim {

class SimJobs {
 public:
  struct Options {
    std::uint32_t workers = 0;  // 0: no job system; the owner decodes
    bool real_threads = false;
    std::uint64_t seed = 0;  // of the order in which simulated ones take turns
  };

  explicit SimJobs(const Options& options) : options_(options), prng_(options.seed) {}

  JobSystem system();
  void run_all();
  void run_at_once();  // from now on, within `submit`

 private:
  struct Waiting {
    JobSystem::Job job = nullptr;
    void* data = nullptr;
  };
  static void submit(void* context, JobSystem::Job job, void* data);
  bool take(Waiting& next);
  void work();

  Options options_;
  Prng prng_;
  bool at_once_ = false;
  std::mutex mutex_;  // what is below
  std::vector<Waiting> waiting_;
};

}  // namespace nf::sim
