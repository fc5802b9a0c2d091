#include "tools/certify/demand.h"

#include <algorithm>
#include <cmath>

#include "core/base/checked.h"
#include "core/schedule/read_plan.h"

namespace nf::certify {
namespace {

constexpr double kQuantile99 = 2.3263478740408408;      // of the normal distribution
constexpr double kQuantileMillionth = 4.7534243088229;  // likewise
// The sum of n delays is below n means and 6 deviations of sqrt(n), and sqrt(n) is below n / 2c +
// c / 2 for every c.
constexpr double kDeviations = 6;
constexpr double kDelaysAveraged = 10;
constexpr std::uint64_t kMemoryGranule = 256;
constexpr double kStagingPart = 0.25;   // surely filled before a load has to wait for staging
constexpr double kPrefetchPart = 0.75;  // of loads_max, for what is not urgent yet
constexpr double kHandOutMax = 512;     // containers looked at in one frame
// Wanted, reaped, handed out: each waits for a frame; and the last arrival may fill two.
constexpr double kFrames = 5;
constexpr double kDecodeJob = 1.25 * 1048576;  // bytes, the longest job of a worker

struct Run {
  double slowest = 0;   // seconds: of each segment the slower of disk and decoders
  double bytes = 0;     // read
  double crossing = 0;  // seconds beyond `slowest` that one segment takes of both in turn, at most
};

// Bytes are there in the order of the run, and so are chunks to be decoded: the longest way through
// both stages leaves the disk for the decoders at some chunk.
double longest_way(const ChunkTable& chunks, const Segment& segment, double disk,
                   const std::vector<double>& decode) {
  double stored = 0;
  for (std::uint32_t i = 0; i < segment.chunk_count; ++i) {
    stored += chunks.stored_size[segment.first_chunk + i];
  }
  double read = 0, left = 0, longest = 0;
  for (const double seconds : decode) left += seconds;
  for (std::uint32_t i = 0; i < segment.chunk_count; ++i) {
    const double size = chunks.stored_size[segment.first_chunk + i];
    read += stored > 0 ? disk * size / stored : 0;
    longest = std::max(longest, read + left);
    left -= decode[i];
  }
  return longest;
}

Run run_of(const WorldTables& tables, std::uint32_t local, const Supply& supply,
           const ReadCost& cost, std::uint64_t segment_max) {
  const ChunkTable& chunks = tables.chunks;
  const std::uint64_t read_size = supply.options.read_size_max.value;
  const std::uint32_t workers = supply.options.decode_workers;
  Run run;
  std::vector<double> decode;
  const std::uint32_t end = tables.containers.first_chunk[local + 1];
  for (std::uint32_t chunk = tables.containers.first_chunk[local]; chunk < end;) {
    const Segment segment = next_segment(chunks, chunk, end, segment_max);
    double disk = 0, decoders = 0;
    for (std::uint64_t at = 0; at < segment.size; at += read_size) {
      disk += cost.seconds(static_cast<double>(std::min(read_size, segment.size - at)));
    }
    decode.clear();
    for (std::uint32_t i = 0; i < segment.chunk_count; ++i, ++chunk) {
      const double rate = supply.decode_bytes_per_second[chunks.codec[chunk]];
      decode.push_back(workers == 0 || rate <= 0 ? 0 : chunks.raw_size[chunk] / rate / workers);
      decoders += decode.back();
    }
    const double slowest = std::max(disk, decoders);
    run.bytes += static_cast<double>(segment.size);
    run.slowest += slowest;
    run.crossing = std::max(run.crossing, longest_way(chunks, segment, disk, decode) - slowest);
  }
  return run;
}

double cost_of_arrival(std::uint32_t cost, const StreamerOptions& options) {
  const std::uint32_t known = cost == 0 ? options.arrival_cost_default : cost;
  return std::min(known, options.arrival_cost_max);
}

// Frames are filled in order, and what does not fit ends one: of two that follow one another one is
// more than half full, and none wants for more than the largest cost.
double packing_loss(const World& world, const StreamerOptions& options) {
  double largest = 0;
  for (const Mount& mount : world.mounts()) {
    for (const std::uint32_t cost : mount.tables->containers.activation_cost.span()) {
      largest = std::max(largest, cost_of_arrival(cost, options));
    }
  }
  const double budget = options.arrival_cost_max;
  return largest * 2 >= budget ? 2 : budget / (budget - largest);
}

}  // namespace

Memory divide_memory(const StreamerOptions& options) {
  const std::uint64_t budget = options.memory_budget.value;
  const std::uint64_t staging =
      align_down(std::min(options.staging.value, budget / 4), kRunAlignment);
  return {.containers = static_cast<double>(align_down(budget - staging, kRunAlignment)),
          .staging = static_cast<double>(staging)};
}

ReadCost::ReadCost(const Supply& supply) {
  const DeviceModel& model = supply.model;
  const double p50 = model.latency_p50.seconds();
  const double sigma = std::log(model.latency_p99.seconds() / p50) / kQuantile99;
  delay_mean_ = p50 * std::exp(sigma * sigma / 2);
  const double deviation = delay_mean_ * std::sqrt(std::exp(sigma * sigma) - 1);
  delay_ = delay_mean_ + deviation * kDeviations / (2 * kDelaysAveraged);
  parallel_ = std::min(64.0, static_cast<double>(model.parallel));
  delay_tail_ = p50 * std::exp(kQuantileMillionth * sigma) +
                deviation * kDeviations * kDelaysAveraged / 2 / parallel_;
  per_byte_ = 1 / model.bytes_per_second;
  const double window = static_cast<double>(supply.options.reads_in_flight_max.value);
  per_window_ = std::max(0.0, window - static_cast<double>(supply.options.read_size_max.value));
}

// The pipe moves the bytes. Where it has nothing to move although reads wait, all lanes or the
// whole window are taken by reads in their delay: each counts with its share.
double ReadCost::seconds(double size) const {
  const double share = per_window_ > 0 ? size / per_window_ + 1 / parallel_ : 1;
  return size * per_byte_ + delay_ * std::min(1.0, share);
}

Demands demands_of(const World& world, const Supply& supply) {
  const StreamerOptions& options = supply.options;
  const Memory memory = divide_memory(options);
  const ReadCost cost(supply);
  const double frame = supply.frame_seconds;
  const double per_cost = frame * packing_loss(world, options) / options.arrival_cost_max;
  const double least =
      frame / std::min(kHandOutMax, std::max(1.0, options.loads_max * kPrefetchPart));
  const auto segment_max = static_cast<std::uint64_t>(
      std::min(memory.staging / 4, 64.0 * static_cast<double>(options.read_size_max.value)));
  double crossing = 0;
  Demands demands;
  demands.seconds.reserve(world.container_count());
  demands.memory.reserve(world.container_count());
  for (const Mount& mount : world.mounts()) {
    const ContainerTable& table = mount.tables->containers;
    for (std::uint32_t local = 0; local < table.count(); ++local) {
      const Run run = run_of(*mount.tables, local, supply, cost, segment_max);
      const double activation = cost_of_arrival(table.activation_cost[local], options) * per_cost;
      const double staged = frame * run.bytes / (memory.staging * kStagingPart);
      demands.seconds.push_back(
          static_cast<float>(std::max({run.slowest, activation, staged, least}) * (1 + 1e-6)));
      crossing = std::max(crossing, run.crossing);
      demands.memory.push_back(static_cast<float>(align_up(table.raw_size[local], kMemoryGranule)) *
                               (1 + 1e-6f));
    }
  }
  double job = 0;
  for (const double rate : supply.decode_bytes_per_second) {
    if (options.decode_workers > 0 && rate > 0) job = std::max(job, kDecodeJob / rate);
  }
  const double read_size = static_cast<double>(options.read_size_max.value);
  // Of several workers one may have begun a job just before, and one may end with a job.
  demands.overhead =
      cost.delay_tail() + cost.seconds(read_size) + kFrames * frame + 2 * job + crossing;
  demands.prefetch_loads = std::floor(options.loads_max * kPrefetchPart);
  demands.blocking = memory.staging / read_size * cost.seconds(read_size) +
                     SimDeviceOptions{}.reads_max * cost.seconds(0);
  return demands;
}

}  // namespace nf::certify
