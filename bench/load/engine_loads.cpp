#include "bench/load/engine_loads.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "bench/load/load_figures.h"
#include "bench/load/loader.h"
#include "bench/suite/rounds.h"
#include "tests/end_to_end/job_queue.h"
#include "tools/nearfield/content_sum.h"

namespace nf::bench {
namespace {

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
  test::JobQueue engine(workers);
  Loader own(world, {.workers = workers, .look_every = kLookEvery});
  Loader given(world, {.workers = workers,
                       .look_every = kLookEvery,
                       .jobs = engine.jobs(),
                       .engine_memory = true});
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
