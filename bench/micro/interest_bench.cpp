// What does a frame of interest cost, with a star system of a hundred thousand containers, for one
// observer and for a thousand? Percentiles over frames, of Interest::move for all observers and of
// Interest::find_wanted, in processor time of the thread, so that what else runs on the machine
// does not count (find_wall_p99_us is on the clock). A hash over what was wanted says whether two
// builds agree.
#include <benchmark/benchmark.h>

#include <time.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/prng.h"
#include "core/interest/wanted.h"
#include "tests/unit/core/world/test_tables.h"

namespace nf {
namespace {

using test::NewContainer;

constexpr Duration kFrame{16'666'667};
constexpr std::uint32_t kPlanets = 10;
constexpr double kPlanetRadius = 1e6;
constexpr double kZoneSpacing = 6000;
constexpr float kRoomHalf = 8;

// A star, planets, landing zones in a patch on each, and rooms in streets in each zone.
std::vector<NewContainer> star_system(std::uint32_t containers) {
  std::vector<NewContainer> all{test::sphere_at({}, 1e9f, 1e13f)};
  const std::uint32_t zones = 100;
  const std::uint32_t rooms = containers / (kPlanets * zones);
  Prng prng(1);
  for (std::uint32_t p = 0; p < kPlanets; ++p) {
    const auto planet = static_cast<std::uint32_t>(all.size());
    all.push_back(test::sphere_at({1e11 * (p + 1), 0, 0}, kPlanetRadius, 1e8f, 0));
    all.back().rotation = test::random_rotation(prng);
    for (std::uint32_t z = 0; z < zones; ++z) {
      const auto zone = static_cast<std::uint32_t>(all.size());
      all.push_back(test::box_at({kPlanetRadius, kZoneSpacing * (z % 10), kZoneSpacing * (z / 10)},
                                 {300, 1000, 1000}, 3000, planet));
      for (std::uint32_t r = 0; r < rooms; ++r) {
        const WorldPosition at{prng.between(0, 20), 25.0 * (r % 10) + prng.between(-5, 5),
                               25.0 * (r / 10) + prng.between(-5, 5)};
        all.push_back(test::box_at(at, {4, kRoomHalf, kRoomHalf},
                                   static_cast<float>(prng.between(20, 60)), zone));
      }
    }
  }
  return all;
}

struct Crowd {
  std::uint32_t observers = 1;
  double speed = 5;
  double turns_per_second = 0.3;
};

// Each observer roams around a room of its own.
class Run {
 public:
  Run(std::uint32_t containers, const Crowd& crowd) : crowd_(crowd), prng_(7) {
    tables_ = test::make_tables(star_system(containers));
    NF_ASSERT(world_.mount(tables_, FileId{0}).has_value());
    NF_ASSERT(interest_.reserve(world_.container_count(), world_.bodies().count()).has_value());
    for (std::uint32_t id = 0; id < world_.container_count(); ++id) {
      const Place place = world_.place_in_space(ContainerId{id});
      if (place.half_extent.y == kRoomHalf) homes_.push_back(place.center);
    }
  }

  void fly() {
    now_ = now_ + kFrame;
    // They join over a second or so, as players do: not all are sampled in the same frame.
    for (std::uint32_t i = 0; i <= crowd_.observers / 64; ++i) {
      if (movers_.size() < crowd_.observers) join();
    }
    for (Mover& mover : movers_) {
      const WorldVector away = mover.position - mover.home;
      if (prng_.chance(crowd_.turns_per_second * kFrame.seconds())) {
        mover.velocity = test::random_direction(prng_) * crowd_.speed;
      }
      if (length(away) > 5 * crowd_.speed + 50) {
        mover.velocity = away * (-crowd_.speed / length(away));
      }
      mover.position = mover.position + mover.velocity * kFrame.seconds();
    }
  }
  void move() {
    for (const Mover& mover : movers_) {
      interest_.move(mover.id,
                     {.at = now_, .position = mover.position, .velocity = mover.velocity});
    }
  }
  std::span<const Wanted> find() { return interest_.find_wanted(world_, now_); }
  const Interest& interest() const { return interest_; }

 private:
  struct Mover {
    ObserverId id;
    WorldPosition home, position;
    WorldVector velocity;
  };

  void join() {
    Mover mover;
    mover.home = homes_[prng_.below(homes_.size())];
    mover.position = mover.home + test::random_direction(prng_) * 20;
    mover.velocity = test::random_direction(prng_) * crowd_.speed;
    mover.id = interest_.add({.at = now_, .position = mover.position, .velocity = {}}, 1).value();
    movers_.push_back(mover);
  }

  Crowd crowd_;
  Prng prng_;
  std::vector<WorldPosition> homes_;
  WorldTables tables_;
  World world_;
  Interest interest_ = std::move(Interest::create({}).value());
  std::vector<Mover> movers_;
  Time now_{1'000'000'000};
};

double clock_us(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

double percentile(std::vector<double>& values, double share) {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

void find_wanted(benchmark::State& state) {
  Run run(static_cast<std::uint32_t>(state.range(0)),
          {.observers = static_cast<std::uint32_t>(state.range(1)),
           .speed = static_cast<double>(state.range(2))});
  constexpr int kSettle = 300;  // frames until every history is as long as it gets
  for (int frame = 0; frame < kSettle; ++frame) {
    run.fly();
    run.move();
    run.find();
  }
  std::vector<double> move_us, find_us, wall_us;
  std::uint64_t hash = 0, wanted_count = 0, listed_count = 0;
  const std::uint64_t refreshes = run.interest().stats().refreshes;
  for (auto _ : state) {
    run.fly();
    const double start = clock_us(CLOCK_THREAD_CPUTIME_ID);
    run.move();
    const double middle = clock_us(CLOCK_THREAD_CPUTIME_ID);
    const double middle_wall = clock_us(CLOCK_MONOTONIC);
    const std::span<const Wanted> wanted = run.find();
    wall_us.push_back(clock_us(CLOCK_MONOTONIC) - middle_wall);
    const double end = clock_us(CLOCK_THREAD_CPUTIME_ID);
    move_us.push_back(middle - start);
    find_us.push_back(end - middle);
    state.SetIterationTime((end - start) * 1e-6);
    wanted_count += wanted.size();
    for (const Wanted& each : wanted) {
      listed_count += each.observers;
      hash = (hash ^ each.id.value ^ (std::uint64_t{each.inside} << 32)) * 0x9E3779B97F4A7C15ull;
    }
  }
  const auto frames = static_cast<double>(find_us.size());
  state.counters["find_p50_us"] = percentile(find_us, 0.5);
  state.counters["find_p99_us"] = percentile(find_us, 0.99);
  state.counters["find_max_us"] = percentile(find_us, 1);
  state.counters["find_wall_p99_us"] = percentile(wall_us, 0.99);
  state.counters["move_p50_us"] = percentile(move_us, 0.5);
  state.counters["move_p99_us"] = percentile(move_us, 0.99);
  state.counters["wanted"] = static_cast<double>(wanted_count) / frames;
  state.counters["listed"] = static_cast<double>(listed_count) / frames;
  state.counters["refreshes"] =
      static_cast<double>(run.interest().stats().refreshes - refreshes) / frames;
  state.counters["overflows"] = static_cast<double>(run.interest().stats().overflows);
  state.counters["hash"] = static_cast<double>(hash >> 40);
}
BENCHMARK(find_wanted)
    ->ArgNames({"containers", "observers", "speed"})
    ->Args({100'000, 1, 5})
    ->Args({100'000, 1, 250})
    ->Args({1'000'000, 1, 250})
    ->Args({100'000, 1000, 5})
    ->Args({100'000, 1000, 50})
    ->Args({100'000, 1000, 250})
    ->Iterations(3000)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

// What does it cost to ask what is near a random room?
void query_index(benchmark::State& state) {
  const WorldTables tables =
      test::make_tables(star_system(static_cast<std::uint32_t>(state.range(0))));
  World world;
  NF_ASSERT(world.mount(tables, FileId{0}).has_value());
  std::vector<ContainerId> found(1024);
  Prng prng(3);
  std::uint64_t hash = 0, count = 0;
  for (auto _ : state) {
    const auto id = static_cast<std::uint32_t>(prng.below(world.container_count()));
    const WorldPosition at = world.place(ContainerId{id}).center;
    const WorldVector margin{30, 30, 30};
    const PlaceIndex& index = world.index(world.bodies().of(ContainerId{id}));
    const std::size_t near = index.find({at + margin * -1, at + margin}, found);
    count += near;
    for (std::size_t i = 0; i < near; ++i) hash += found[i].value;
  }
  state.counters["found"] = static_cast<double>(count) / static_cast<double>(state.iterations());
  state.counters["hash"] = static_cast<double>(hash % 1'000'003);
}
BENCHMARK(query_index)->Arg(100'000)->Arg(1'000'000)->Iterations(100000);

// How long does a frame stand still while an archive is mounted?
void mount(benchmark::State& state) {
  const WorldTables tables =
      test::make_tables(star_system(static_cast<std::uint32_t>(state.range(0))));
  for (auto _ : state) {
    World world;
    NF_ASSERT(world.mount(tables, FileId{0}).has_value());
    benchmark::DoNotOptimize(world.index().size());
  }
}
BENCHMARK(mount)->Arg(100'000)->Arg(1'000'000)->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nf
