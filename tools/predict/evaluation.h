// Evaluation: every policy with every knob over the segments of one kind, on one disk made to their
// measure.
//
// Any thread; starts workers of its own and joins them. What comes out, but for the time that
// policies took, is the same for any number of them: each runs (group, policy, knob) alone, with a
// policy of its own that sees the group's segments in order, and sums are taken in a fixed order.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/predict/scenario.h"
#include "tools/predict/stream_sim.h"

namespace nf {
struct LearntNeeds;
}

namespace nf::predict {

// A policy is to run with these knobs.
struct PolicySweep {
  std::string policy;
  std::vector<double> knobs;
};
// Those that are named, with the knobs they have by themselves.
std::vector<PolicySweep> sweeps_of(const std::vector<std::string>& policies);

struct EvaluationOptions {
  std::vector<PolicySweep> sweeps;
  std::uint64_t seed = 1;  // of the world
  double rho = 0.9;
  double memory_factor = 1.5;     // of the largest required set of a segment
  std::optional<double> memory;   // bytes, in place of that
  std::optional<DiskModel> disk;  // in place of one made by rho
  // What policies that foretell are given for a group; may be null, as may what it answers. Asked
  // by workers.
  std::function<const LearntNeeds*(const std::string&)> learnt_for;
  unsigned threads = 1;
  // Asked by the caller's thread and by workers; false: stop. Gets (done, all).
  std::function<bool(std::uint64_t, std::uint64_t)> progress;
};

struct KnobResult {
  std::string policy;
  double knob = 0;
  RunResult result;
};

struct KindResult {
  std::string kind;
  std::size_t segments = 0;
  double hours = 0;
  double slow = 1;
  double vstar = 0;  // the median of its segments
  bool flat = false;
  double disk_rate = 0;          // bytes a second, likewise
  double late_bound = 0;         // late seconds an hour that nobody can do better than
  std::vector<KnobResult> runs;  // in the order of the sweeps
  bool stopped = false;
};

KindResult evaluate_kind(const std::vector<Segment>& segments, const EvaluationOptions& options);

}  // namespace nf::predict
