#include "bench/load/engine_loads.h"

#include <semaphore.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "bench/load/load_figures.h"
#include "bench/load/loader.h"
#include "bench/suite/rounds.h"
#include "tools/nearfield/content_sum.h"

namespace nf::bench {
namespace {

// The plainest job system that keeps to the contract: slots for the jobs that wait, and threads
// that a semaphore wakes. Which waits longest does not matter, because a job takes what is needed
// soonest when it runs.
class PlainJobs {
 public:
  explicit PlainJobs(std::uint32_t threads) {
    ::sem_init(&waiting_, 0, 0);
    for (std::uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~PlainJobs() {
    stopping_ = true;
    for (std::size_t i = 0; i < threads_.size(); ++i) ::sem_post(&waiting_);
    for (std::thread& thread : threads_) thread.join();
    ::sem_destroy(&waiting_);
  }
  PlainJobs(const PlainJobs&) = delete;
  PlainJobs& operator=(const PlainJobs&) = delete;

  JobSystem jobs() {
    return {.submit = [](void* self, JobSystem::Job job,
                         void* data) { static_cast<PlainJobs*>(self)->push(job, data); },
            .context = this};
  }

 private:
  enum class State : std::uint8_t { empty, held, full };
  struct Slot {
    std::atomic<State> state = State::empty;
    JobSystem::Job job = nullptr;
    void* data = nullptr;
  };

  void push(JobSystem::Job job, void* data) {
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
      const JobSystem::Job job = slot.job;
      void* const data = slot.data;
      slot.state = State::empty;
      job(data);
      return;
    }
  }

  sem_t waiting_;  // as many as slots are full
  std::array<Slot, 64> slots_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

// Of every byte that the containers hand out, whatever their order.
PathHash sum_of(Loader& loader, const std::vector<std::uint32_t>& order) {
  ContentSum sum(loader.world().archive().world());
  std::vector<bool> chosen(loader.world().tables().containers.count(), false);
  for (const std::uint32_t id : order) chosen[id] = true;
  loader.load(order, [&sum](ContainerId id, const Pin& pin) { sum.add(id, pin); });
  return sum.sum(chosen);
}

Figure measure(const LoadWorld& world, const BenchOptions& options, std::uint32_t workers) {
  const std::string name = "engine's jobs and memory, lz4, " + workers_text(workers);
  PlainJobs engine(workers);
  Loader own(world, {.workers = workers});
  Loader given(world, {.workers = workers, .jobs = engine.jobs(), .engine_memory = true});
  // Of equal memory and in the same order, so that neither still has what the other has not.
  LoadOrder order(world, options.seed), order_of_given(world, options.seed);
  own.warm_up(order);
  given.warm_up(order_of_given);
  const std::vector<std::uint32_t> compared = order.next(kCompared);
  if (sum_of(given, compared) != sum_of(own, compared)) {
    throw BenchError("an engine's jobs and memory do not hold the bytes that our own do");
  }
  Figure rate{.name = name, .unit = "MB/s", .reference_name = "the runtime's own"};
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    if (options.progress) options.progress(name, static_cast<double>(round) / options.rounds);
    const std::vector<std::uint32_t> portion = order.next(kPortion);
    for (const std::size_t turn : order_of_round(2, round)) {
      const LoadSample sample = (turn == 0 ? given : own).load_cold(portion);
      (turn == 0 ? rate.ours : rate.reference).push_back(mb_per_second(sample.raw, sample.seconds));
    }
  }
  return rate;
}

}  // namespace

void measure_engine(const LoadWorlds& worlds, const BenchOptions& options, SuiteResult& result) {
  const LoadWorld world(worlds.lz4);
  for (const std::uint32_t count : workers_of(options)) {
    Figure rate = measure(world, options, count);
    result.headlines["engine_jobs_ratio" + workers_suffix(count)] = median_ratio(rate);
    result.figures.push_back(std::move(rate));
  }
}

}  // namespace nf::bench
