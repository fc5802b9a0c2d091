#include "bench/disk/disk_model.h"

#include <algorithm>
#include <cmath>

namespace nf::bench {
namespace {

constexpr std::size_t kLargeBlock = 256u << 10;
constexpr double kFullRate = 0.97;

Duration microseconds(double us) {
  return Duration{std::max<std::int64_t>(std::llround(us * 1e3), 1000)};
}

}  // namespace

DeviceFile model_of(const std::vector<MeasuredPoint>& points, const std::string& name) {
  MeasuredPoint alone = points.front();
  double rate = 0;
  for (const MeasuredPoint& point : points) {
    rate = std::max(rate, point.bytes_per_second);
    if (point.block < alone.block || (point.block == alone.block && point.depth < alone.depth)) {
      alone = point;
    }
  }
  double reads_per_second = 0;
  double large_rate = 0;
  for (const MeasuredPoint& point : points) {
    if (point.block >= kLargeBlock) large_rate = std::max(large_rate, point.bytes_per_second);
  }
  double window = 0;
  for (const MeasuredPoint& point : points) {
    if (point.block == alone.block) {
      reads_per_second =
          std::max(reads_per_second, point.bytes_per_second / static_cast<double>(point.block));
    }
    const auto in_flight = static_cast<double>(point.block * point.depth);
    if (point.block >= kLargeBlock && point.bytes_per_second >= kFullRate * large_rate &&
        (window == 0 || in_flight < window)) {
      window = in_flight;
    }
  }
  const double wire_us = static_cast<double>(alone.block) / rate * 1e6;
  DeviceFile file;
  file.name = name;
  file.model.bytes_per_second = rate;
  file.model.latency_p50 = microseconds(alone.latency_us_p50 - wire_us);
  file.model.latency_p99 =
      std::max(file.model.latency_p50, microseconds(alone.latency_us_p99 - wire_us));
  file.model.parallel = static_cast<std::uint32_t>(
      std::clamp(reads_per_second * alone.latency_us_p50 * 1e-6 + 0.5, 1.0, 256.0));
  file.reads_in_flight_max = {static_cast<std::uint64_t>(window)};
  return file;
}

}  // namespace nf::bench
