// WorkPool: the packer's threads. Jobs in, a flag on each job that is done.
//
// Thread: one owner submits, asks and waits; n workers run inside, each with an encoder of its own.
// Memory: what a job touches belongs to its worker from `submit` until `done` was true.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/codec/codec.h"

namespace nf {

struct JobMark {      // stays where it is until its job is done
  bool done = false;  // guarded by the pool's mutex
};

class WorkPool {
 public:
  using Job = std::function<void(ChunkEncoder&)>;

  explicit WorkPool(std::uint32_t threads);
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;
  ~WorkPool();  // drops what has not started, waits for what has

  // Urgent jobs start before all others; equal ones in the order of their submission.
  enum class Urgency : std::uint8_t { ordinary, urgent };
  void submit(Job job, Urgency urgency, JobMark& mark);

  bool done(const JobMark& mark);
  void wait_for_change();  // until a job has been done since the last call

 private:
  struct Item {
    Job job;
    JobMark* mark = nullptr;
  };
  void work();

  std::mutex mutex_;  // guards everything below but the threads
  std::condition_variable work_came_;
  std::condition_variable job_done_;
  std::deque<Item> urgent_;
  std::deque<Item> ordinary_;
  std::uint64_t jobs_done_ = 0;
  std::uint64_t jobs_done_seen_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace nf
