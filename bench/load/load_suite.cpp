// Question: how near does a whole load (read, check, decode, hand out) come to what the slower of
// disk and decoder allows, and what does it cost?
//
// Containers come in a random order, cold. In each round the same portion of the world is read by a
// plain io_uring loop, decoded from memory by a plain loop, and loaded by the runtime.
#include <algorithm>
#include <memory>

#include "bench/load/engine_loads.h"
#include "bench/load/load_figures.h"
#include "bench/load/load_worlds.h"
#include "bench/load/loader.h"
#include "bench/load/plain_loads.h"
#include "bench/load/throttled_loads.h"
#include "bench/load/urgent_loads.h"
#include "bench/suite/page_cache.h"
#include "bench/suite/rounds.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/percentile.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr Bytes kLargeContainer = {1'000'000};  // on average, as in the suite's own world
constexpr Bytes kDecodeMemory = {128ull << 20};

double seconds_per_gb(const ProcessTime& cpu, Bytes bytes) {
  return (cpu.user + cpu.system) / (static_cast<double>(bytes.value) / 1e9);
}

class LoadSuite {
 public:
  explicit LoadSuite(const BenchOptions& options) : options_(options) { result_.suite = "load"; }

  SuiteResult run() {
    if (!options_.world.empty()) {
      measure_world(options_.world, "world");
      tell_sizes();
      return std::move(result_);
    }
    const LoadWorlds worlds = make_load_worlds(options_);
    result_.notes.push_back(kept_note(worlds));
    if (options_.small) {
      measure_small(worlds.small);
      return std::move(result_);
    }
    measure_world(worlds.lz4, "lz4");
    measure_world(worlds.zstd, "zstd");
    measure_against_raw(worlds.lz4, worlds.store);
    measure_throttled(worlds, options_, result_);
    measure_engine(worlds, options_, result_);
    measure_alone(worlds.lz4);
    measure_urgent(worlds.lz4);
    measure_small(worlds.small);
    return std::move(result_);
  }

 private:
  void tell(const std::string& what, std::uint32_t round) const {
    if (options_.progress) options_.progress(what, static_cast<double>(round) / options_.rounds);
  }
  Figure& add(Figure figure) {
    result_.figures.push_back(std::move(figure));
    return result_.figures.back();
  }

  void measure_world(const std::filesystem::path& path, const std::string& name) {
    for (const std::uint32_t count : workers_of(options_)) measure_loads(path, name, count);
  }

  // What a container costs beyond its bytes weighs more where it holds few.
  void tell_sizes() {
    const LoadWorld world(options_.world);
    const Bytes mean = {world.raw_size().value / world.containers().size()};
    if (mean >= kLargeContainer) return;
    result_.notes.push_back("the containers of " + options_.world.filename().string() + " hold " +
                            human_size(mean) +
                            " on average, and each costs something beyond its "
                            "bytes: the goals are for the suite's own world, whose containers "
                            "hold more than " +
                            human_size(kLargeContainer));
  }

  // What the runtime hands out is what the archive's own reader reads.
  static void compare_bytes(Loader& loader, LoadOrder& order) {
    const LoadWorld& world = loader.world();
    std::vector<std::byte> expected;
    loader.load(order.next(kCompared), [&](ContainerId id, const Pin& pin) {
      const AssetTable& assets = world.tables().assets;
      expected.resize(world.tables().containers.raw_size[id.value]);
      if (!world.archive().read_container(id, expected)) throw BenchError("a container is broken");
      const std::uint32_t first = world.tables().containers.first_asset[id.value];
      for (std::uint32_t i = 0; i < pin.asset_count(); ++i) {
        const std::span<const std::byte> bytes = pin.asset(i).bytes;
        const std::byte* const right = expected.data() + assets.raw_at[first + i];
        if (!std::equal(bytes.begin(), bytes.end(), right)) {
          throw BenchError("what was loaded is not what was packed");
        }
      }
    });
  }

  // The rate and the cost of whole loads against the slower of the two plain loops.
  void measure_loads(const std::filesystem::path& path, const std::string& name,
                     std::uint32_t workers) {
    const std::string label = name + ", " + workers_text(workers);
    const LoadWorld world(path);
    require_cold(world.source().file.buffered, path.string());
    Loader loader(world, {.workers = workers, .look_every = kLookEvery});
    PlainReader reader;
    LoadOrder order(world, options_.seed);
    loader.warm_up(order);
    compare_bytes(loader, order);
    Figure rate{.name = label, .unit = "MB/s", .reference_name = "slower of plain read and decode"};
    Figure cost{.name = label + ", processor time",
                .unit = "s/GB",
                .better = Better::lower,
                .reference_name = "plain decode with its hash"};
    Figure waste{
        .name = label + ", bytes read for each stored", .unit = "B/B", .better = Better::lower};
    for (std::uint32_t round = 0; round < options_.rounds; ++round) {
      tell(label, round);
      const std::vector<std::uint32_t> portion = order.next(kPortion);
      const Bytes raw = world.raw_size(portion);
      PlainDecoder decoder(world, portion, kDecodeMemory, reader);
      PlainSample read, decode;
      LoadSample ours;
      for (const std::size_t turn : order_of_round(3, round)) {
        if (turn == 0) read = reader.read(world, portion);
        if (turn == 1) decode = decoder.decode(workers);
        if (turn == 2) ours = loader.load_cold(portion);
      }
      rate.ours.push_back(mb_per_second(ours.raw, ours.seconds));
      rate.reference.push_back(mb_per_second(raw, std::max(read.seconds, decode.seconds)));
      cost.ours.push_back(seconds_per_gb(ours.cpu, ours.raw));
      cost.reference.push_back(seconds_per_gb(decode.cpu, raw));
      waste.ours.push_back(static_cast<double>(ours.device.value) /
                           static_cast<double>(world.stored_size(portion).value));
    }
    const std::string suffix = workers_suffix(workers);
    result_.headlines["load_ratio_" + name + suffix] = median_ratio(rate);
    result_.headlines["cpu_ratio_" + name + suffix] = median_ratio(cost);
    add(std::move(rate));
    add(std::move(cost));
    add(std::move(waste));
  }

  // The strongest alternative: the same containers stored as they are, read by the plain loop.
  void measure_against_raw(const std::filesystem::path& packed, const std::filesystem::path& raw) {
    const LoadWorld world(packed), stored(raw);
    Loader loader(world, {.workers = std::max(options_.workers, 1u), .look_every = kLookEvery});
    PlainReader reader;
    LoadOrder order(world, options_.seed), raw_order(stored, options_.seed);
    loader.warm_up(order);
    Figure rate{.name = "lz4 against the same stored raw",
                .unit = "MB/s",
                .reference_name = "plain direct reads of raw containers"};
    for (std::uint32_t round = 0; round < options_.rounds; ++round) {
      tell("against raw", round);
      const std::vector<std::uint32_t> portion = order.next(kPortion);
      const std::vector<std::uint32_t> raw_portion = raw_order.next(kPortion);
      double ours = 0, reference = 0;
      for (const std::size_t turn : order_of_round(2, round)) {
        if (turn == 0) {
          const LoadSample sample = loader.load_cold(portion);
          ours = mb_per_second(sample.raw, sample.seconds);
        } else {
          const PlainSample sample = reader.read(stored, raw_portion);
          reference = mb_per_second(stored.raw_size(raw_portion), sample.seconds);
        }
      }
      rate.ours.push_back(ours);
      rate.reference.push_back(reference);
    }
    result_.headlines["raw_ratio_lz4"] = median_ratio(rate);
    add(std::move(rate));
  }

  void measure_alone(const std::filesystem::path& path) {
    const LoadWorld world(path);
    const std::vector<std::uint32_t> chosen = nearest_in_size(world, kAlone, kAloneSize);
    const std::uint32_t workers = workers_alone(options_);
    Loader loader(world, {.workers = workers, .ahead = AskAhead::containers(1)});
    PlainReader reader;
    LoadOrder order(world, options_.seed, chosen);
    loader.warm_up(order);
    Figure p50{.name = "a container of about 4 MiB alone, " + workers_text(workers) + ", p50",
               .unit = "us",
               .better = Better::lower,
               .reference_name = "its bare read"};
    for (std::uint32_t round = 0; round < options_.rounds; ++round) {
      tell("one at a time", round);
      PlainSample read;
      LoadSample ours;
      for (const std::size_t turn : order_of_round(2, round)) {
        if (turn == 0) read = reader.read_one_at_a_time(world, chosen);
        if (turn == 1) ours = loader.load_cold(chosen);
      }
      loader.load(order.next(kPortion));  // the runtime must not have them still
      p50.ours.push_back(percentile(ours.micros, 0.5));
      p50.reference.push_back(percentile(read.micros, 0.5));
    }
    result_.headlines["alone_p50_ratio"] = median_ratio(p50);
    add(std::move(p50));
  }

  void measure_urgent(const std::filesystem::path& path) {
    const LoadWorld world(path);
    UrgentLoads loads(world, std::max(options_.workers, 1u), options_.seed);
    Figure p99{.name = "an urgent container of about 4 MiB under prefetch, p99",
               .unit = "us",
               .better = Better::lower,
               .reference_name = "1.5 x its p99 alone + one window's time"};
    for (std::uint32_t round = 0; round < options_.rounds; ++round) {
      tell("urgent under prefetch", round);
      const UrgentSample sample = loads.measure();
      p99.ours.push_back(percentile(sample.loaded_micros, 0.99));
      p99.reference.push_back(1.5 * percentile(sample.alone_micros, 0.99) + sample.window_micros);
    }
    result_.headlines["urgent_p99_ratio"] = median_ratio(p99);
    add(std::move(p99));
  }

  // What an asset costs beyond its decoding, when assets are small and asked for by name.
  void measure_small(const std::filesystem::path& path) {
    const LoadWorld world(path);
    Loader loader(world, {.workers = std::max(options_.workers, 1u), .look_every = kLookEvery});
    PlainReader reader;
    LoadOrder order(world, options_.seed);
    loader.warm_up(order);
    Figure small{.name = "small assets asked for by name, in a tenth of a core beyond decoding",
                 .unit = "assets/s",
                 .reference_name = "the console target",
                 .reference_is_constant = true,
                 .place = {}};
    const auto use = [](ContainerId, const Pin& pin) {
      for (std::uint32_t i = 0; i < pin.asset_count(); ++i) {
        if (!pin.find(pin.asset(i).id)) throw BenchError("an asset is not where it was packed");
      }
    };
    for (std::uint32_t round = 0; round < options_.rounds; ++round) {
      tell("small assets", round);
      const std::vector<std::uint32_t> portion = order.next(world.raw_size());
      PlainDecoder decoder(world, portion, kDecodeMemory, reader);
      PlainSample decode;
      LoadSample ours;
      for (const std::size_t turn : order_of_round(2, round)) {
        if (turn == 0) decode = decoder.decode(1);
        if (turn == 1) ours = loader.load_cold(portion, use);
      }
      const double beyond = ours.cpu.user + ours.cpu.system - decode.cpu.user - decode.cpu.system;
      const double assets = static_cast<double>(portion.size()) * kSmallAssetsInContainer;
      small.ours.push_back(assets / std::max(beyond, 1e-6) * 0.1);
      small.reference.push_back(50'000);
    }
    result_.headlines["small_requests_per_s_at_10pct_core"] = spread_of(small.ours).median;
    add(std::move(small));
  }

  const BenchOptions& options_;
  SuiteResult result_;
};

}  // namespace

SuiteResult run_load(const BenchOptions& options) {
  return LoadSuite(options).run();
}

}  // namespace nf::bench
