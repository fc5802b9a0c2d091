// Question: what does a frame of the runtime cost, for one observer and for a thousand, and does it
// take anything from the heap?
//
// There is no plain loop that does the same: the figures stand alone, and are taken in turn.
#include <algorithm>
#include <cstdlib>

#include "bench/suite/allocation_count.h"
#include "bench/suite/rounds.h"
#include "bench/suite/suite.h"
#include "bench/update/crowd.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr std::uint32_t kContainers = 100'000;
constexpr std::uint32_t kLookContainers = 10'000;
constexpr std::uint64_t kFramesOfP99 = 100;

struct Samples {
  std::vector<double> p50, p99, max, cpu_p99, allocations;
  std::uint64_t arrivals = 0;
  std::uint64_t frames_min = UINT64_MAX;  // of a sample

  void add(const FrameSample& sample) {
    p50.push_back(sample.p50);
    p99.push_back(sample.p99);
    max.push_back(sample.max);
    cpu_p99.push_back(sample.cpu_p99);
    allocations.push_back(static_cast<double>(sample.allocations) /
                          static_cast<double>(sample.frames));
    arrivals += sample.arrivals;
    frames_min = std::min(frames_min, sample.frames);
  }
};

void add_figures(SuiteResult& result, const Samples& samples, std::uint32_t observers) {
  const std::string name = grouped(observers) + (observers == 1 ? " observer" : " observers");
  const auto add = [&](const char* what, const char* unit, const std::vector<double>& ours) {
    result.figures.push_back(
        {.name = name + ", " + what, .unit = unit, .better = Better::lower, .ours = ours});
  };
  add("update() p50", "us", samples.p50);
  add("update() p99", "us", samples.p99);
  add("update() worst", "us", samples.max);
  add("update() p99 of its processor time", "us", samples.cpu_p99);
  result.headlines["update_p99_us_" + std::to_string(observers)] = spread_of(samples.p99).median;
  result.notes.push_back(name + ": " + grouped(samples.arrivals) +
                         " containers arrived meanwhile, all with the right bytes");
  if (samples.frames_min < kFramesOfP99) {
    result.notes.push_back(name + ": a sample had no more than " + grouped(samples.frames_min) +
                           " frames; the p99 of fewer than 100 is the worst of them");
  }
  if (!allocations_can_be_counted()) return;
  add("allocations a frame", "count", samples.allocations);
  // The worst sample of all: a median would let a rare one pass.
  double& headline = result.headlines["allocations_per_frame"];
  headline = std::max(headline, spread_of(samples.allocations).max);
}

// A counter that counts nothing would be good news for ever.
void check_counter() {
  start_counting_allocations();
  void* volatile taken = std::malloc(64);
  std::free(taken);
  if (stop_counting_allocations() == 0) throw BenchError("the counter of allocations is broken");
}

}  // namespace

SuiteResult run_update(const BenchOptions& options) {
  SuiteResult result;
  result.suite = "update";
  if (allocations_can_be_counted()) check_counter();
  const std::uint32_t containers = options.seconds < kLookSeconds ? kLookContainers : kContainers;
  const std::uint32_t observers[2] = {1, 1000};
  if (options.progress) options.progress("making a world", 0);
  Crowd crowds[2] = {
      Crowd(options.dir,
            {.containers = containers, .observers = observers[0], .seed = options.seed}),
      Crowd(options.dir,
            {.containers = containers, .observers = observers[1], .seed = options.seed})};
  Samples samples[2];
  take_in_turn(2, options.rounds, [&](std::size_t which, std::uint32_t round) {
    if (options.progress) {
      options.progress(grouped(observers[which]) + " observers",
                       static_cast<double>(round) / options.rounds);
    }
    samples[which].add(crowds[which].walk(options.seconds));
  });
  if (!allocations_can_be_counted()) {
    result.notes.push_back("allocations are not counted: malloc cannot be stood in for here");
  }
  for (std::size_t i = 0; i < 2; ++i) add_figures(result, samples[i], observers[i]);
  return result;
}

}  // namespace nf::bench
