#include "bench/contenders/sample.h"

#include <cstring>
#include <numeric>

#include "bench/contenders/byte_sum.h"
#include "bench/contenders/file_read.h"
#include "bench/suite/clocks.h"
#include "bench/suite/page_cache.h"
#include "core/codec/codec.h"
#include "tools/nearfield/percentile.h"

namespace nf::bench {
namespace {

constexpr int kDropTries = 3;  // pages on their way to a list of the kernel are missed at first

// Open while it lives.
class Opened {
 public:
  Opened(Contender& contender, std::uint32_t requesters) : contender_(contender) {
    try {
      contender_.open(requesters);
    } catch (...) {
      contender_.close();
      throw;
    }
  }
  ~Opened() { contender_.close(); }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

 private:
  Contender& contender_;
};

bool drop_and_look(const std::filesystem::path& path) {
  const ReadFile file(path);
  for (int i = 0; i < kDropTries; ++i) {
    drop_cached(file.descriptor());
    const std::optional<Bytes> cached = cached_bytes(file.descriptor());
    if (!cached) throw BenchError("this kernel does not say what of a file is in the page cache");
    if (cached->value == 0) return true;
  }
  return false;
}

std::uint64_t bytes_of(const ContainerTree& tree, std::span<const std::uint32_t> order) {
  return std::accumulate(order.begin(), order.end(), std::uint64_t{0},
                         [&](std::uint64_t sum, std::uint32_t container) {
                           return sum + tree.container_size[container];
                         });
}

}  // namespace

RequesterMemory::RequesterMemory(const ContainerTree& tree, std::uint32_t requesters) {
  const Bytes size{tree.container_size_max() + 2 * kDirectAlignment};
  for (std::uint32_t i = 0; i < requesters; ++i) {
    Result<PageBlock> block = PageBlock::map(size, PageKind::huge);
    if (!block) throw BenchError("no memory for " + std::to_string(requesters) + " requesters");
    std::memset(block->bytes().data(), 1, block->bytes().size());
    spans_.push_back(block->bytes());
    blocks_.push_back(std::move(*block));
  }
}

bool make_cold(const std::vector<std::filesystem::path>& files) {
  bool cold = true;
  for (const std::filesystem::path& path : files) cold = drop_and_look(path) && cold;
  return cold;
}

void compare_all_bytes(Contender& contender, const ContainerTree& tree,
                       const RequesterMemory& memory, std::uint32_t requesters) {
  std::vector<std::uint32_t> order(tree.count());
  std::iota(order.begin(), order.end(), 0u);
  std::vector<PathHash> sums(tree.count());  // each written by one requester
  const Visit visit = [&](std::uint32_t container, const AssetBytes& assets) {
    ByteSum sum;
    for (const std::span<const std::byte> asset : assets) sum.add(asset);
    sums[container] = sum.value();
  };
  LoadClock clock(tree.folder, contender.facts().device_bytes_from);
  const Opened opened(contender, requesters);
  contender.run({.order = order,
                 .requesters = requesters,
                 .scratch = memory.spans(),
                 .visit = &visit,
                 .latencies_us = {}},
                clock);
  for (std::uint32_t i = 0; i < tree.count(); ++i) {
    if (sums[i] != tree.container_sum[i]) {
      throw BenchError("WRONG BYTES in container " + container_name(i));
    }
  }
}

std::optional<LoadSample> take_load_sample(Contender& contender, const ContainerTree& tree,
                                           const Round& round, std::uint32_t requesters,
                                           const RequesterMemory& memory) {
  if (!make_cold(contender.files())) return std::nullopt;
  std::vector<double> latencies(round.order.size());
  LoadClock clock(tree.folder, contender.facts().device_bytes_from);
  const Opened opened(contender, requesters);
  contender.run({.order = round.order,
                 .requesters = requesters,
                 .scratch = memory.spans(),
                 .latencies_us = latencies},
                clock);
  const LoadCost cost = clock.cost();
  const auto bytes = static_cast<double>(bytes_of(tree, round.order));
  return LoadSample{.decoded_mbps = bytes / cost.seconds * 1e-6,
                    .p50_us = percentile(latencies, 0.5),
                    .p99_us = percentile(latencies, 0.99),
                    .process_cpu_per_gb = cost.process_cpu / bytes * 1e9,
                    .machine_cpu_per_gb = cost.machine_cpu / bytes * 1e9,
                    .device_bytes_per_byte = cost.device_bytes / bytes};
}

std::optional<SliceSample> take_slice_sample(Contender& contender, const ContainerTree& tree,
                                             const Round& round) {
  if (!make_cold(contender.files())) return std::nullopt;
  std::vector<std::byte> into(kSliceSize);
  std::vector<double> latencies;
  LoadClock clock(tree.folder, contender.facts().device_bytes_from);
  const Opened opened(contender, 1);
  // The first brings in the contender's own memory, and does not count.
  const Slice& first = round.slices.front();
  contender.read_slice({.asset = first.asset, .at = first.at, .into = into});
  clock.start();
  for (const Slice& slice : std::span(round.slices).subspan(1)) {
    const double asked = wall_seconds();
    contender.read_slice({.asset = slice.asset, .at = slice.at, .into = into});
    latencies.push_back((wall_seconds() - asked) * 1e6);
    if (hash64(into) != slice.hash) {
      throw BenchError("WRONG BYTES in a slice of " + asset_path(tree, slice.asset));
    }
  }
  clock.stop();
  const auto bytes = static_cast<double>(latencies.size() * kSliceSize);
  return SliceSample{.p50_us = percentile(latencies, 0.5),
                     .p99_us = percentile(latencies, 0.99),
                     .device_bytes_per_byte = clock.cost().device_bytes / bytes};
}

}  // namespace nf::bench
