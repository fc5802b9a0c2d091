// Question: what does a frame of the runtime cost, for one observer and for ten thousand, among a
// hundred thousand containers and among a million, and does it take anything from the heap?
//
// There is no plain loop that does the same: the figures stand alone, and are taken in turn. What
// is compared is how they grow: with the observers, and with containers that nobody is near.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>

#include "bench/suite/allocation_count.h"
#include "bench/suite/rounds.h"
#include "bench/suite/suite.h"
#include "bench/update/crowd.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr std::uint64_t kFramesOfP99 = 100;

struct Case {
  std::uint32_t observers = 1;
  std::uint32_t containers = 1;
  bool large = false;  // the world of many containers
};

constexpr std::size_t kCases = 5;
constexpr std::size_t kOne = 0, kThousand = 1, kTenThousand = 2, kOneOfMillion = 3,
                      kTenThousandOfMillion = 4;

std::array<Case, kCases> cases_of(bool look) {
  const std::uint32_t few = look ? 10'000 : 100'000;
  const std::uint32_t many = 10 * few;
  const std::uint32_t crowd = look ? 100 : 1000;
  return {{{1, few}, {crowd, few}, {10 * crowd, few}, {1, many, true}, {10 * crowd, many, true}}};
}

std::string name_of(const Case& of) {
  return grouped(of.observers) + (of.observers == 1 ? " observer of " : " observers of ") +
         grouped(of.containers) + " containers";
}

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

void add_figures(SuiteResult& result, const Samples& samples, const Case& of) {
  const std::string name = name_of(of);
  const auto add = [&](const char* what, const char* unit, const std::vector<double>& ours) {
    result.figures.push_back(
        {.name = name + ", " + what, .unit = unit, .better = Better::lower, .ours = ours});
  };
  add("update() p50", "us", samples.p50);
  add("update() p99", "us", samples.p99);
  add("update() worst", "us", samples.max);
  add("update() p99 of its processor time", "us", samples.cpu_p99);
  const std::string which = std::to_string(of.observers) + "_of_" + std::to_string(of.containers);
  result.headlines["update_p50_us_" + which] = spread_of(samples.p50).median;
  result.headlines["update_p99_us_" + which] = spread_of(samples.p99).median;
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

std::vector<double> divided(std::vector<double> values, double by) {
  for (double& value : values) value /= by;
  return values;
}

void add_growth(SuiteResult& result, const std::array<Samples, kCases>& samples,
                const std::array<Case, kCases>& cases) {
  const auto add = [&](const char* headline, std::size_t ours, std::size_t reference) {
    const auto for_each = [&](std::size_t which) {
      return divided(samples[which].p50, cases[which].observers);
    };
    result.figures.push_back({.name = name_of(cases[ours]) + ", update() p50 for each observer",
                              .unit = "us",
                              .better = Better::lower,
                              .ours = for_each(ours),
                              .reference_name = name_of(cases[reference]),
                              .reference = for_each(reference)});
    result.headlines[headline] = spread_of(ratios_of(result.figures.back())).median;
  };
  add("update_growth_with_observers", kTenThousand, kThousand);
  // One observer's frame is so short that what each dormant container costs would show.
  add("update_growth_with_dormant", kOneOfMillion, kOne);
  add("update_growth_with_dormant_crowd", kTenThousandOfMillion, kTenThousand);
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
  const std::array<Case, kCases> cases = cases_of(options.seconds < kLookSeconds);
  const auto say = [&options](const std::string& what, double done) {
    if (options.progress) options.progress(what, done);
  };
  say("making two worlds", 0);
  const CrowdWorld few(options.dir, cases.front().containers);
  const CrowdWorld many(options.dir, cases.back().containers);
  std::deque<Crowd> crowds;
  for (const Case& of : cases) {
    say("waiting for what " + name_of(of) + " want first", 0);
    crowds.emplace_back(
        of.large ? many : few,
        CrowdOptions{.observers = of.observers, .seed = options.seed, .planets = few.planets()});
  }
  std::array<Samples, kCases> samples;
  take_in_turn(kCases, options.rounds, [&](std::size_t which, std::uint32_t round) {
    say(name_of(cases[which]), static_cast<double>(round) / options.rounds);
    samples[which].add(crowds[which].walk(options.seconds));
  });
  if (!allocations_can_be_counted()) {
    result.notes.push_back("allocations are not counted: malloc cannot be stood in for here");
  }
  for (std::size_t i = 0; i < kCases; ++i) add_figures(result, samples[i], cases[i]);
  add_growth(result, samples, cases);
  return result;
}

}  // namespace nf::bench
