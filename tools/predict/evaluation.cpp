#include "tools/predict/evaluation.h"

#include <atomic>

#include "core/base/assert.h"
#include "tools/nearfield/percentile.h"
#include "tools/predict/lateness_bound.h"
#include "tools/predict/workers.h"

namespace nf::predict {
namespace {

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
  rates.reserve(disks.size());
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
    const LearntNeeds* learnt =
        options.learnt_for ? options.learnt_for(segments[job.first].group) : nullptr;
    const std::unique_ptr<Policy> policy =
        make_policy(kind.runs[job.run].policy, kind.runs[job.run].knob, learnt);
    for (std::size_t at = job.first; at < job.last; ++at) {
      results[i].add(run(scenarios[at], disks[at], *policy));
    }
    ++done;
  });
  for (std::size_t i = 0; i < jobs.size(); ++i) kind.runs[jobs[i].run].result.add(results[i]);
  return kind;
}

}  // namespace nf::predict
