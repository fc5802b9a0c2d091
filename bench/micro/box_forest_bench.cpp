// What does it cost to move one of many ships, and to ask what is near one? Boxes of 2 to 200 m in
// a space whose size grows with their number, so that as many are near whatever the number; and
// the same with a hundredth of them as large as planets. A hash over what was found says whether
// two builds agree.
#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "core/base/prng.h"
#include "core/world/box_forest.h"
#include "core/world/vector_math.h"

namespace nf {
namespace {

WorldBox cube(WorldPosition center, double half) {
  const WorldVector reach{half, half, half};
  return {center + reach * -1, center + reach};
}

enum class Move { drift, jump };

class Fleet {
 public:
  Fleet(std::uint32_t leaves, double large_share)
      : leaves_(leaves), width_(200 * std::cbrt(leaves)) {
    NF_ASSERT(forest_.reserve(leaves, 1).has_value());
    for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
      const bool large = prng_.chance(large_share);
      const double half = large ? width_ / 4 : std::pow(100, prng_.unit());
      forest_.insert(0, leaf, {.box = cube(anywhere(), half), .load_distance = 100});
    }
  }

  WorldPosition anywhere() {
    return {prng_.between(-width_, width_), prng_.between(-width_, width_),
            prng_.between(-width_, width_)};
  }
  std::uint32_t any() { return static_cast<std::uint32_t>(prng_.below(leaves_)); }

  // A drift is what takes a box with a margin out of that margin.
  BoxForest::Entry moved(std::uint32_t leaf, Move move) {
    BoxForest::Entry entry = forest_.entry(leaf);
    const double half = (entry.box.high.x - entry.box.low.x) / 2;
    const WorldVector way{prng_.between(-half, half), prng_.between(-half, half),
                          prng_.between(-half, half)};
    entry.box = move == Move::jump ? cube(anywhere(), half)
                                   : WorldBox{entry.box.low + way, entry.box.high + way};
    return entry;
  }
  void change(std::uint32_t leaf, Move move) { forest_.change(leaf, moved(leaf, move)); }
  // Boxes that drifted for long, as in a game that has run for hours.
  void wear(Move move) {
    for (std::uint32_t i = 0; i < 4 * leaves_; ++i) change(any(), move);
  }

  BoxForest& forest() { return forest_; }

 private:
  Prng prng_{1};
  std::uint32_t leaves_;
  double width_;
  BoxForest forest_;
};

// Chance is drawn ahead, so that only the forest is measured.
void change(benchmark::State& state, Move move) {
  Fleet fleet(static_cast<std::uint32_t>(state.range(0)), 0);
  constexpr std::size_t kBatch = 256;
  std::vector<std::uint32_t> leaves(kBatch);
  std::vector<BoxForest::Entry> entries(kBatch);
  while (state.KeepRunningBatch(kBatch)) {
    state.PauseTiming();
    for (std::size_t i = 0; i < kBatch; ++i) {
      leaves[i] = fleet.any();
      entries[i] = fleet.moved(leaves[i], move);
    }
    state.ResumeTiming();
    for (std::size_t i = 0; i < kBatch; ++i) fleet.forest().change(leaves[i], entries[i]);
  }
}
BENCHMARK_CAPTURE(change, drift, Move::drift)->Arg(10)->Arg(1000)->Arg(100'000);
BENCHMARK_CAPTURE(change, jump, Move::jump)->Arg(10)->Arg(1000)->Arg(100'000);

void insert_and_remove(benchmark::State& state) {
  Fleet fleet(static_cast<std::uint32_t>(state.range(0)), 0);
  for (auto _ : state) {
    const std::uint32_t leaf = fleet.any();
    const BoxForest::Entry entry = fleet.forest().entry(leaf);
    fleet.forest().remove(leaf);
    fleet.forest().insert(0, leaf, entry);
  }
}
BENCHMARK(insert_and_remove)->Arg(10)->Arg(1000)->Arg(100'000);

void visit(benchmark::State& state, Move wear, double large_share) {
  Fleet fleet(static_cast<std::uint32_t>(state.range(0)), large_share);
  fleet.wear(wear);
  constexpr std::size_t kQueries = 4096;
  std::vector<IndexQuery> queries(kQueries);
  for (IndexQuery& query : queries) {
    query = {.box = cube(fleet.anywhere(), 50), .reach_scale = 1.25f};
  }
  std::uint64_t found = 0, hash = 0, asked = 0;
  for (auto _ : state) {
    fleet.forest().visit(0, queries[asked++ % kQueries], [&](std::uint32_t leaf) {
      ++found;
      hash += leaf;
    });
  }
  benchmark::DoNotOptimize(hash);
  state.counters["found"] = static_cast<double>(found) / static_cast<double>(asked);
  // Over one round of the queries, whatever number of rounds was measured.
  std::uint64_t round = 0;
  for (const IndexQuery& query : queries) {
    fleet.forest().visit(0, query, [&round](std::uint32_t leaf) { round += leaf + 1; });
  }
  state.counters["hash"] = static_cast<double>(round % 1'000'003);
}
BENCHMARK_CAPTURE(visit, drifted, Move::drift, 0)->Arg(10)->Arg(1000)->Arg(100'000);
BENCHMARK_CAPTURE(visit, jumped, Move::jump, 0)->Arg(10)->Arg(1000)->Arg(100'000);
BENCHMARK_CAPTURE(visit, some_large, Move::drift, 0.01)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace nf
