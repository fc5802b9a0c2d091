// WorkPool: the packer's threads. Jobs in, a flag on each job that is done.
//
// Thread: one owner submits, asks and waits; n workers run inside, each with an encoder of its own.
// Fewer if the machine has no more threads to give; if it has none, the owner works while it waits.
// What a job throws ends as the error of its mark.
// Memory: what a job touches belongs to its worker from `submit` until `done` was true.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <nearfield/result.h>

#include "core/codec/codec.h"

namespace nf {

struct JobMark {      // stays where it is until its job is done
  bool done = false;  // guarded by the pool's mutex, as is the next
  Error error;        // out_of_memory or source_malformed if the job threw
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
  Error error(const JobMark& mark);
  void wait_for_change();  // until a job has been done since the last call

 private:
  struct Item {
    Job job;
    JobMark* mark = nullptr;
  };
  void start_threads(std::uint32_t count);
  void work(ChunkEncoder& encoder);
  void run_next(std::unique_lock<std::mutex>& lock, ChunkEncoder& encoder);
  bool has_work() const { return !urgent_.empty() || !ordinary_.empty(); }

  std::mutex mutex_;  // guards everything below but the threads
  std::condition_variable work_came_;
  std::condition_variable job_done_;
  std::deque<Item> urgent_;
  std::deque<Item> ordinary_;
  std::uint64_t jobs_done_ = 0;
  std::uint64_t jobs_done_seen_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
  std::unique_ptr<ChunkEncoder> own_encoder_;  // the owner's, if there are no threads
};

}  // namespace nf
