// Question: how fast is this disk, over block size, depth and kind of pages, and how much of what a
// plain io_uring loop gets do our Devices keep, at which cost in processor time?
//
// One file of known bytes; every reader's bytes are compared at every point before it is timed.
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "bench/disk/device_loop.h"
#include "bench/disk/disk_model.h"
#include "bench/disk/disk_points.h"
#include "bench/disk/plain_loop.h"
#include "bench/suite/block_counters.h"
#include "bench/suite/page_cache.h"
#include "bench/suite/rounds.h"
#include "bench/suite/scratch.h"
#include "bench/suite/suite.h"
#include "core/io/devices.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/percentile.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr Bytes kMemory = {64u << 20};
constexpr double kFileBytesPerSecond = 1 << 30;
constexpr Bytes kFileLeast = {64u << 20};
constexpr Bytes kFileMost = {2ull << 30};
constexpr Bytes kCompared = {16u << 20};  // by each reader at each point
constexpr const char* kPlain = "plain ring";
constexpr const char* kRegistered = "plain ring, registered";
constexpr const char* kRing = "io_uring";
constexpr const char* kThreads = "threads";
constexpr const char* kRate = "rate";

// Memory that was touched, and that is of the kind it is called.
class Buffers {
 public:
  explicit Buffers(PageKind kind) : block_(map(kind)) {
    if (kind == PageKind::ordinary) {
      ::madvise(block_.bytes().data(), block_.bytes().size(), MADV_NOHUGEPAGE);
    }
    std::memset(block_.bytes().data(), 0, block_.bytes().size());
  }
  std::span<std::byte> bytes() const { return block_.bytes(); }

 private:
  static PageBlock map(PageKind kind) {
    Result<PageBlock> block = PageBlock::map(kMemory, kind);
    if (!block) throw BenchError("64 MiB of memory: " + cause_of(block.error()));
    return std::move(*block);
  }
  PageBlock block_;
};

// One of those that read: a Device of ours, or the plain ring.
struct Reader {
  std::string name;
  std::unique_ptr<Device> device;
  std::unique_ptr<PlainLoop> plain;
  Bytes registered;
  std::vector<double> rates, costs, p50s, p99s;

  ReadSample read(const ReadWork& work) const {
    return plain != nullptr ? plain->read(work) : read_with_device(*device, work);
  }
};

class DiskSuite {
 public:
  explicit DiskSuite(const BenchOptions& options)
      : options_(options), folder_(options.dir, "disk"), file_(made_file()) {
    result_.suite = "disk";
    if (file_->handle().direct < 0) {
      throw BenchError(
          "the file system of --dir has no O_DIRECT: reads would measure the page "
          "cache");
    }
    require_cold(file_->handle().buffered, "the test file");
  }

  SuiteResult run() {
    const std::vector<DiskPoint> points = disk_points(options_.seconds < kLookSeconds);
    const std::optional<BlockCounters> before = block_counters(file_->handle().buffered);
    for (std::size_t i = 0; i < points.size(); ++i) {
      point_base_ = static_cast<double>(i) / static_cast<double>(points.size() + 1);
      point_share_ = 1 / static_cast<double>(points.size() + 1);
      measure(points[i]);
    }
    point_base_ += point_share_;
    note_once(
        "our ring registers its memory, as the runtime does; the plain ring has no features but in "
        "the last pairs, where it registers, too");
    measure_registered({.block = 64u << 10, .depth = 64});
    measure_registered({.block = 1u << 20, .depth = 4});
    measure_urgent();
    say_counters(before);
    write_model();
    return std::move(result_);
  }

 private:
  std::unique_ptr<OpenFile> made_file() {
    const double wanted = kFileBytesPerSecond * options_.seconds;
    const auto least = static_cast<double>(kFileLeast.value);
    const auto most = static_cast<double>(kFileMost.value);
    const auto mebibytes = static_cast<std::uint64_t>(std::clamp(wanted, least, most)) >> 20;
    const std::filesystem::path path = folder_.path() / "blocks";
    write_file(path, {mebibytes << 20}, [&](FileOffset at, std::span<std::byte> part) {
      if (options_.progress) options_.progress("writing the test file", 0);
      fill_content(at.value, part);
    });
    return std::make_unique<OpenFile>(path);
  }

  void say(const std::string& what, double part) const {
    if (options_.progress) options_.progress(what, point_base_ + point_share_ * part);
  }

  // With its memory registered, as the runtime does. False where it does not open.
  bool add_device(const DiskPoint& point, const char* name, std::vector<Reader>& readers) {
    const DeviceOptions options{.reads_max = 256,
                                .in_flight_max = {point.block * point.depth},
                                .read_size_max = {point.block}};
    const bool is_ring = std::strcmp(name, kRing) == 0;
    auto opened = is_ring ? open_uring_device(options) : open_thread_device(options);
    if (!opened) {
      note_once(std::string(name) + " is not measured: " + cause_of(opened.error()));
      return false;
    }
    Reader& reader = readers.emplace_back();
    reader.name = name;
    reader.device = std::move(*opened);
    const std::span<std::byte> memory = used_memory(point);
    reader.registered = reader.device->register_memory(memory);
    if (is_ring && reader.registered.value < memory.size()) {
      note_once(point.name() + ": of " + std::to_string(memory.size()) + " bytes of memory only " +
                std::to_string(reader.registered.value) +
                " could be registered with our ring (locked memory has a limit, ulimit -l)");
    }
    return true;
  }

  static Reader plain_reader() {
    Reader plain;
    plain.name = kPlain;
    plain.plain = PlainLoop::open();
    if (plain.plain != nullptr) return plain;
    throw BenchError("io_uring is refused here, so there is no plain ring to measure against");
  }

  std::vector<Reader> open_readers(const DiskPoint& point) {
    std::vector<Reader> readers(1);
    readers[0] = plain_reader();
    (void)add_device(point, kRing, readers);
    if (point.pages == PageKind::huge) (void)add_device(point, kThreads, readers);
    return readers;
  }

  void note_once(const std::string& note) {
    auto& notes = result_.notes;
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
  }

  // No more than that, so that it fits into as little locked memory as it can.
  std::span<std::byte> used_memory(const DiskPoint& point) const {
    const std::span<std::byte> memory = work_of(point).memory;
    return memory.first(std::min<std::uint64_t>(2 * point.depth * point.block, memory.size()));
  }

  ReadWork work_of(const DiskPoint& point) const {
    const Buffers& buffers = point.pages == PageKind::huge ? huge_ : ordinary_;
    return {.file = file_->handle(),
            .file_size = file_->size(),
            .block = point.block,
            .depth = point.depth,
            .places = point.depth,
            .memory = buffers.bytes()};
  }

  void compare_bytes(const DiskPoint& point, const std::vector<Reader>& readers) const {
    for (const Reader& reader : readers) {
      ReadWork work = work_of(point);
      work.seconds = 60;
      work.compares = true;
      work.reads_max = std::max<std::uint64_t>(kCompared.value / point.block / 4, 8);
      work.seed = options_.seed;
      const ReadSample sample = reader.read(work);
      if (sample.wrong > 0 || sample.failed > 0 || sample.reads != work.reads_max) {
        throw BenchError(reader.name + " at " + point.name() + ": " + std::to_string(sample.wrong) +
                         " blocks with wrong bytes, " + std::to_string(sample.failed) +
                         " failed reads");
      }
    }
  }

  // The rate with the device's next reads always waiting; the latency with no read waiting.
  void take_sample(const DiskPoint& point, Reader& reader, std::uint64_t seed) const {
    ReadWork work = work_of(point);
    work.seed = seed;
    work.seconds = options_.seconds;
    work.places = 2 * point.depth;
    const ReadSample rate = reader.read(work);
    work.places = point.depth;
    work.seconds = options_.seconds / 3;
    work.times = true;
    ReadSample latency = reader.read(work);
    if (rate.failed + latency.failed > 0 || rate.reads == 0 || latency.reads == 0) {
      throw BenchError(reader.name + " at " + point.name() + ": reads failed");
    }
    reader.rates.push_back(rate.megabytes_per_second(point.block));
    reader.costs.push_back(rate.cpu_per_gigabyte(point.block));
    reader.p50s.push_back(percentile(latency.latencies_us, 0.5));
    reader.p99s.push_back(percentile(std::move(latency.latencies_us), 0.99));
    bytes_asked_ += (rate.reads + latency.reads) * point.block;
  }

  void measure(const DiskPoint& point) {
    say(point.name(), 0);
    std::vector<Reader> readers = open_readers(point);
    compare_bytes(point, readers);
    std::uint64_t number = 0;
    take_in_turn(readers.size(), options_.rounds, [&](std::size_t which, std::uint32_t round) {
      say(point.name(), static_cast<double>(round) / options_.rounds);
      take_sample(point, readers[which], options_.seed + ++number);
    });
    for (std::size_t i = 1; i < readers.size(); ++i) add_figures(point, readers[i], readers[0]);
    const Reader& plain = readers[0];
    measured_.push_back({.block = point.block,
                         .depth = point.depth,
                         .bytes_per_second = spread_of(plain.rates).median * 1e6,
                         .latency_us_p50 = spread_of(plain.p50s).median,
                         .latency_us_p99 = spread_of(plain.p99s).median});
  }

  // Question: does it pay to register the memory, and what is between ours and a plain ring that
  // does so, too?
  void measure_registered(const DiskPoint& point) {
    int os_error = 0;
    std::vector<Reader> readers(2);
    readers[0] = plain_reader();
    readers[1].name = kRegistered;
    readers[1].plain = PlainLoop::open_registered(used_memory(point), os_error);
    if (readers[1].plain == nullptr) {
      note_once("registered memory is not measured: the kernel refuses it (" +
                std::string(std::strerror(os_error)) + "; locked memory has a limit, ulimit -l)");
      return;
    }
    if (!add_device(point, kRing, readers)) return;
    if (readers[2].registered.value < used_memory(point).size()) return;
    compare_bytes(point, readers);
    std::uint64_t number = 0;
    take_in_turn(readers.size(), options_.rounds, [&](std::size_t which, std::uint32_t) {
      say("registered, " + point.name(), 0);
      take_sample(point, readers[which], options_.seed + 2000 + ++number);
    });
    add_pair(point, readers[1], readers[0]);
    const RatioPair ours = add_pair(point, readers[2], readers[1]);
    add_headlines(std::string(headline_of(point)) + "_registered", ours);
  }

  struct RatioPair {
    double rate = 0;
    double cost = 0;
  };

  RatioPair add_pair(const DiskPoint& point, const Reader& ours, const Reader& plain) {
    const std::string name = point.name() + ", " + ours.name + " against " + plain.name;
    const auto add = [&](const std::string& what, const char* unit, Better better,
                         const std::vector<double>& a, const std::vector<double>& b) {
      result_.figures.push_back({.name = name + what,
                                 .unit = unit,
                                 .better = better,
                                 .ours = a,
                                 .reference_name = plain.name,
                                 .reference = b});
      return spread_of(ratios_of(result_.figures.back())).median;
    };
    const double rate = add("", "MB/s", Better::higher, ours.rates, plain.rates);
    const double cost = add(", processor time", "s/GB", Better::lower, ours.costs, plain.costs);
    return {.rate = rate, .cost = cost};
  }

  // Empty for a point that has none.
  static const char* headline_of(const DiskPoint& point) {
    if (point.pages != PageKind::huge) return "";
    if (point.block == (64u << 10) && point.depth == 64) return "64k";
    return point.block == (1u << 20) && point.depth == 4 ? "1m" : "";
  }

  void add_figures(const DiskPoint& point, const Reader& ours, const Reader& plain) {
    const std::string name = point.name() + ", " + ours.name;
    const bool plotted = point.pages == PageKind::huge;
    const auto add = [&](const std::string& what, const char* unit, Better better,
                         const std::vector<double>& a, const std::vector<double>& b) {
      PlotPlace place;
      if (plotted) {
        place = {.plot = ours.name + " in huge pages: " + what + " over depth",
                 .line = block_text(point.block),
                 .x = static_cast<double>(point.depth),
                 .x_text = std::to_string(point.depth)};
      }
      result_.figures.push_back({.name = name + (what == kRate ? "" : ", " + what),
                                 .unit = unit,
                                 .better = better,
                                 .ours = a,
                                 .reference_name = kPlain,
                                 .reference = b,
                                 .place = place});
      return spread_of(ratios_of(result_.figures.back())).median;
    };
    const double rate = add(kRate, "MB/s", Better::higher, ours.rates, plain.rates);
    const double cost = add("processor time", "s/GB", Better::lower, ours.costs, plain.costs);
    if (ours.name != kRing) return;
    add("p50", "us", Better::lower, ours.p50s, plain.p50s);
    add("p99", "us", Better::lower, ours.p99s, plain.p99s);
    if (point.block <= (16u << 10)) add_reads_per_second(point, ours, plain);
    const std::string headline = headline_of(point);
    if (!headline.empty()) add_headlines(headline, {.rate = rate, .cost = cost});
  }

  void add_headlines(const std::string& block, const RatioPair& ratio) {
    result_.headlines["read_ratio_" + block] = ratio.rate;
    result_.headlines["read_cpu_ratio_" + block] = ratio.cost;
  }

  void add_reads_per_second(const DiskPoint& point, const Reader& ours, const Reader& plain) {
    const auto reads = [&](std::vector<double> rates) {
      for (double& rate : rates) rate *= 1e6 / static_cast<double>(point.block);
      return rates;
    };
    result_.figures.push_back({.name = point.name() + ", " + ours.name + ", reads",
                               .unit = "reads/s",
                               .ours = reads(ours.rates),
                               .reference_name = kPlain,
                               .reference = reads(plain.rates)});
  }

  // The reference is the same read with nothing behind it.
  void measure_urgent() {
    Result<std::unique_ptr<Device>> device = open_uring_device({});
    if (!device) return;
    std::vector<double> p50[2], p99[2];
    take_in_turn(2, options_.rounds, [&](std::size_t alone, std::uint32_t round) {
      say("urgent reads behind background", static_cast<double>(round) / options_.rounds);
      UrgentWork work{.file = file_->handle(), .file_size = file_->size(), .memory = huge_.bytes()};
      work.background_reads = alone == 1 ? 0 : 32;
      work.seconds = options_.seconds;
      work.seed = options_.seed + 1000 + 2ull * round + alone;
      const ReadSample sample = read_urgently(**device, work);
      if (sample.failed > 0 || sample.reads == 0) throw BenchError("urgent reads failed");
      p50[alone].push_back(percentile(sample.latencies_us, 0.5));
      p99[alone].push_back(percentile(sample.latencies_us, 0.99));
    });
    const std::string name = "urgent 64 KiB behind 32 x 1 MiB, io_uring, ";
    const auto add = [&](const char* what, const std::vector<double>* samples) {
      result_.figures.push_back({.name = name + what,
                                 .unit = "us",
                                 .better = Better::lower,
                                 .ours = samples[0],
                                 .reference_name = "the same read alone",
                                 .reference = samples[1]});
    };
    add("p50", p50);
    add("p99", p99);
  }

  void say_counters(const std::optional<BlockCounters>& before) {
    const std::optional<BlockCounters> after = block_counters(file_->handle().buffered);
    if (!before || !after) {
      result_.notes.push_back(
          "the disk behind --dir has no counters in /sys, so what it really "
          "read is not known");
      return;
    }
    const Bytes read = after->bytes_read - before->bytes_read;
    result_.notes.push_back("the disk's own counters say " + human_size(read) + " read; " +
                            human_size({bytes_asked_}) + " were asked for in timed reads alone");
  }

  void write_model() {
    const DeviceFile model = model_of(measured_, "measured by nearfield bench disk");
    result_.notes.push_back(
        "device model: " + text_of("%.0f MB/s", model.model.bytes_per_second * 1e-6) +
        text_of(", latency p50 %.0f us", model.model.latency_p50.seconds() * 1e6) +
        text_of(" and p99 %.0f us, ", model.model.latency_p99.seconds() * 1e6) +
        std::to_string(model.model.parallel) + " reads side by side, full rate with " +
        human_size(model.reads_in_flight_max) + " in flight");
    if (options_.model.empty()) return;
    const Result<void> written = write_device_file(options_.model.string(), model);
    if (!written) {
      throw BenchError("--model " + options_.model.string() + ": " + cause_of(written.error()));
    }
  }

  const BenchOptions& options_;
  ScratchFolder folder_;
  std::unique_ptr<OpenFile> file_;
  Buffers huge_{PageKind::huge};
  Buffers ordinary_{PageKind::ordinary};
  SuiteResult result_;
  std::vector<MeasuredPoint> measured_;
  mutable std::uint64_t bytes_asked_ = 0;
  double point_base_ = 0;
  double point_share_ = 0;
};

}  // namespace

SuiteResult run_disk(const BenchOptions& options) {
  return DiskSuite(options).run();
}

}  // namespace nf::bench
