// Question: how does the cost of opening, mounting and updating grow with containers, observers and
// assets?
//
// What is read lies in the page cache here, on purpose, but for one figure that is called cold: the
// work of the processor is asked for, not that of the disk. Each step is measured in turn with what
// cannot be avoided at its size.
#include <algorithm>
#include <memory>

#include <nearfield/archive.h>

#include "bench/scale/asset_archive.h"
#include "bench/scale/world_figures.h"
#include "bench/suite/clocks.h"
#include "bench/suite/rounds.h"
#include "bench/suite/scratch.h"
#include "bench/suite/suite.h"
#include "bench/update/crowd.h"
#include "core/world/world.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

struct Sphere {
  WorldPosition center;
  double radius = 0;
};

std::vector<Sphere> spheres_of(const ContainerTable& table) {
  std::vector<Sphere> spheres(table.count());
  for (std::size_t i = 0; i < spheres.size(); ++i) {
    spheres[i] = {table.position[i],
                  static_cast<double>(table.bounds_half_extent[i].x + table.load_distance[i])};
  }
  return spheres;
}

class ScaleSuite {
 public:
  explicit ScaleSuite(const BenchOptions& options)
      : options_(options), look_(options.seconds < kLookSeconds) {
    result_.suite = "scale";
  }

  SuiteResult run() {
    const std::vector<std::uint32_t> containers =
        look_ ? std::vector<std::uint32_t>{1'000, 10'000}
              : std::vector<std::uint32_t>{1'000, 10'000, 100'000, 1'000'000};
    const std::vector<std::uint32_t> assets =
        look_ ? std::vector<std::uint32_t>{10'000}
              : std::vector<std::uint32_t>{10'000, 100'000, 1'000'000};
    const std::vector<std::uint32_t> observers =
        look_ ? std::vector<std::uint32_t>{1, 10}
              : std::vector<std::uint32_t>{1, 10, 100, 1000, 10'000};
    steps_ =
        static_cast<double>(2 * containers.size() + assets.size() + observers.size() + kWorldSteps);
    for (const std::uint32_t count : containers) measure_mount(count);
    for (const std::uint32_t count : assets) measure_open(count);
    measure_worlds();
    for (const std::uint32_t count : containers) {
      const CrowdWorld world(options_.dir, count);
      measure_update(world, 1, "containers, one observer", count);
    }
    const CrowdWorld world(options_.dir, look_ ? 10'000u : 100'000u);
    for (const std::uint32_t count : observers) {
      measure_update(world, count,
                     look_ ? "observers, 10,000 containers" : "observers, 100,000 containers",
                     count);
    }
    result_.notes.push_back(
        "files of this suite are in the page cache on purpose, but for what is called cold: it "
        "asks what the processor does");
    return std::move(result_);
  }

 private:
  void say(const std::string& what) {
    if (options_.progress) options_.progress(what, step_++ / steps_);
  }

  void add(const std::string& what, const char* unit, std::uint32_t count, std::string counted,
           const std::vector<double>& ours, const std::string& reference_name,
           const std::vector<double>& reference) {
    const bool one = count == 1 && counted.starts_with("observers");
    const std::string words = one ? "observer" + counted.substr(9) : counted;
    Figure figure{.name = what + ", " + grouped(count) + " " + words,
                  .unit = unit,
                  .better = Better::lower,
                  .ours = ours,
                  .reference_name = reference_name,
                  .reference = reference};
    figure.place = {.plot = what + " over " + counted,
                    .line = what,
                    .x = static_cast<double>(count),
                    .x_text = grouped(count)};
    result_.figures.push_back(std::move(figure));
  }

  // The reference looks at every container once and keeps a sphere of it.
  void measure_mount(std::uint32_t count) {
    say("mounting " + grouped(count) + " containers");
    const WorldTables tables = make_star_system(count, 0);
    std::vector<double> times[2];
    take_in_turn(2, options_.rounds, [&](std::size_t ours, std::uint32_t) {
      World world;
      std::vector<Sphere> spheres;
      const double begin = wall_seconds();
      if (ours == 1) {
        const auto mounted = world.mount(tables, FileId{0});
        if (!mounted) throw BenchError("mount: " + cause_of(mounted.error()));
      } else {
        spheres = spheres_of(tables.containers);
      }
      times[ours].push_back((wall_seconds() - begin) * 1e3);
      const std::size_t made = ours == 1 ? world.container_count() : spheres.size();
      if (made != count) throw BenchError("not every container was mounted");
    });
    add("mount", "ms", count, "containers", times[1], "one pass over their places", times[0]);
  }

  void measure_open(std::uint32_t count) {
    say("opening " + grouped(count) + " assets");
    const ScratchFolder folder(options_.dir, "open");
    const std::filesystem::path path = folder.path() / "assets.nfa";
    write_asset_archive(path, count, options_.seed);
    TableBytes tables(path);
    std::vector<double> times[2];
    take_in_turn(2, options_.rounds, [&](std::size_t ours, std::uint32_t) {
      const double begin = wall_seconds();
      if (ours == 1) {
        const Result<Archive> archive = Archive::open(path.c_str());
        if (!archive) throw BenchError(describe_open_error(path.c_str(), archive.error()));
        if (archive->info().assets < count) throw BenchError("the archive lacks assets");
      } else {
        tables.read_and_hash();
      }
      times[ours].push_back((wall_seconds() - begin) * 1e3);
    });
    add("open", "ms", count, "assets", times[1], "reading and hashing its tables", times[0]);
    result_.notes.push_back("an archive of " + grouped(count) + " assets has " +
                            human_size(tables.size()) + " of tables");
  }

  void measure_worlds() {
    WorldFigureOptions worlds;
    if (look_) worlds.containers = worlds.containers_alone = 10'000;
    if (look_) worlds.assets = 50'000;
    worlds.say = [this](const std::string& what) { say(what); };
    add_world_figures(options_, worlds, result_);
  }

  void measure_update(const CrowdWorld& world, std::uint32_t observers, const std::string& counted,
                      std::uint32_t count) {
    say("update() with " + grouped(count) + " " + counted);
    Crowd crowd(world, {.observers = observers, .seed = options_.seed});
    std::vector<double> p50, p99;
    for (std::uint32_t round = 0; round < options_.rounds; ++round) {
      const FrameSample sample = crowd.walk(options_.seconds);
      p50.push_back(sample.p50);
      p99.push_back(sample.p99);
    }
    add("update() p50", "us", count, counted, p50, "", {});
    add("update() p99", "us", count, counted, p99, "", {});
  }

  const BenchOptions& options_;
  bool look_;
  double step_ = 0;
  double steps_ = 1;
  SuiteResult result_;
};

}  // namespace

SuiteResult run_scale(const BenchOptions& options) {
  return ScaleSuite(options).run();
}

}  // namespace nf::bench
