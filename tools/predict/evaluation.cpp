#include "tools/predict/evaluation.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "core/base/assert.h"
#include "tools/nearfield/percentile.h"
#include "tools/predict/lateness_bound.h"

namespace nf::predict {
namespace {

// Does numbered pieces of work on several threads, until all are done or somebody asks to stop.
class Workers {
 public:
  using Work = std::function<void(std::size_t)>;

  Workers(unsigned threads, std::function<bool()> goes_on)
      : threads_(threads), goes_on_(std::move(goes_on)) {}

  // False: stopped before all was done.
  bool run(std::size_t count, const Work& work) {
    next_ = 0;
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < threads_ && i < count; ++i) {
      threads.emplace_back([&] { serve(count, work); });
    }
    serve(count, work);
    for (std::thread& thread : threads) thread.join();
    if (failure_) std::rethrow_exception(failure_);
    return !stopped_;
  }

 private:
  void serve(std::size_t count, const Work& work) {
    try {
      for (std::size_t i = next_++; i < count; i = next_++) {
        if (!may_go_on()) return;
        work(i);
      }
    } catch (...) {
      const std::scoped_lock lock(asking_);
      if (!failure_) failure_ = std::current_exception();
      stopped_ = true;
    }
  }
  bool may_go_on() {
    const std::scoped_lock lock(asking_);
    if (!stopped_ && !goes_on_()) stopped_ = true;
    return !stopped_;
  }

  unsigned threads_ = 1;
  std::function<bool()> goes_on_;
  std::mutex asking_;  // guards goes_on_, failure_ and stopped_ until the threads have ended
  std::exception_ptr failure_;
  bool stopped_ = false;
  std::atomic<std::size_t> next_ = 0;
};

struct Job {
  std::size_t run = 0;              // index into KindResult::runs
  std::size_t first = 0, last = 0;  // segments of one group
};

std::vector<Job> jobs_of(const std::vector<Segment>& segments, std::size_t runs) {
  std::vector<Job> jobs;
  for (std::size_t first = 0; first < segments.size();) {
    std::size_t last = first + 1;
    while (last < segments.size() && segments[last].group == segments[first].group) ++last;
    for (std::size_t i = 0; i < runs; ++i) jobs.push_back({i, first, last});
    first = last;
  }
  return jobs;
}

void describe(const std::vector<Segment>& segments, KindResult& kind) {
  std::vector<double> vstar;
  for (const Segment& segment : segments) {
    kind.hours += segment.seconds() / 3600;
    vstar.push_back(segment.vstar);
  }
  kind.kind = segments.front().kind;
  kind.segments = segments.size();
  kind.slow = segments.front().slow;
  kind.flat = segments.front().flat;
  kind.vstar = percentile(std::move(vstar), 0.5);
}

double median_rate(const std::vector<DiskModel>& disks) {
  std::vector<double> rates;
  for (const DiskModel& disk : disks) rates.push_back(disk.bytes_per_second);
  return percentile(std::move(rates), 0.5);
}

}  // namespace

std::vector<PolicySweep> sweeps_of(const std::vector<std::string>& policies) {
  std::vector<PolicySweep> sweeps;
  for (const std::string& name : policies) {
    const PolicyKind* kind = find_policy_kind(name);
    NF_ASSERT(kind != nullptr);
    sweeps.push_back({name, kind->knobs});
  }
  return sweeps;
}

KindResult evaluate_kind(const std::vector<Segment>& segments, const EvaluationOptions& options) {
  NF_ASSERT(!segments.empty());
  KindResult kind;
  describe(segments, kind);
  for (const PolicySweep& sweep : options.sweeps) {
    for (const double knob : sweep.knobs) kind.runs.push_back({sweep.policy, knob, {}});
  }
  const std::vector<Job> jobs = jobs_of(segments, kind.runs.size());
  std::atomic<std::uint64_t> done = 0;
  const std::uint64_t all = segments.size() + jobs.size();
  Workers workers(options.threads,
                  [&] { return !options.progress || options.progress(done, all); });
  std::vector<Scenario> scenarios(segments.size());
  std::vector<DiskModel> disks(segments.size());
  kind.stopped = !workers.run(segments.size(), [&](std::size_t i) {
    scenarios[i] = build_scenario(segments[i], {.seed = options.seed});
    TraceInfo& trace = scenarios[i].trace;
    trace.memory = options.memory.value_or(options.memory_factor * scenarios[i].required_bytes_max);
    disks[i] = options.disk.value_or(
        DiskModel{.bytes_per_second = size_disk(scenarios[i], {.rho = options.rho})});
    trace.bytes_per_second = disks[i].bytes_per_second;
    ++done;
  });
  if (kind.stopped) return kind;
  kind.disk_rate = median_rate(disks);
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    kind.late_bound += late_seconds_at_least(scenarios[i], disks[i]) / kind.hours;
  }
  std::vector<RunResult> results(jobs.size());
  kind.stopped = !workers.run(jobs.size(), [&](std::size_t i) {
    const Job& job = jobs[i];
    const std::unique_ptr<Policy> policy =
        make_policy(kind.runs[job.run].policy, kind.runs[job.run].knob);
    for (std::size_t at = job.first; at < job.last; ++at) {
      results[i].add(run(scenarios[at], disks[at], *policy));
    }
    ++done;
  });
  for (std::size_t i = 0; i < jobs.size(); ++i) kind.runs[jobs[i].run].result.add(results[i]);
  return kind;
}

}  // namespace nf::predict
