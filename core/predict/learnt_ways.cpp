#include "core/predict/learnt_ways.h"

#include <algorithm>

namespace nf {
namespace {

constexpr float kNowhere = 1e15F;  // its square is a number

}  // namespace

LearntWays::LearntWays(std::span<const LearntMoment> moments) {
  const std::size_t lanes = (moments.size() + kLanes - 1) / kLanes * kLanes;
  for (auto& column : way_) column.assign(lanes, kNowhere);
  after_.reserve(moments.size());
  for (std::size_t i = 0; i < moments.size(); ++i) {
    for (std::size_t f = 0; f < kWayFeatures; ++f) way_[f][i] = moments[i].way[f];
    after_.push_back(moments[i].after);
  }
}

std::uint32_t LearntWays::find_nearest(const Way& way, std::span<Near> into) const {
  std::uint32_t count = 0;
  const auto limit = static_cast<std::uint32_t>(into.size());
  if (limit == 0) return 0;
  const auto add = [&](Near near) {
    if (count < limit) ++count;
    std::uint32_t at = count - 1;
    for (; at > 0 && into[at - 1].distance > near.distance; --at) into[at] = into[at - 1];
    into[at] = near;
  };
  for (std::uint32_t first = 0; first < size(); first += kLanes) {
    std::array<float, kLanes> sum{};
    for (std::uint32_t f = 0; f < kWayFeatures; ++f) {
      const float* column = way_[f].data() + first;
      const float weight = kWayWeights[f / 3];
      for (std::uint32_t i = 0; i < kLanes; ++i) {
        const float difference = column[i] - way[f];
        sum[i] += weight * difference * difference;
      }
    }
    for (std::uint32_t i = 0; i < kLanes && first + i < size(); ++i) {
      if (count < limit || sum[i] < into[count - 1].distance) add({first + i, sum[i]});
    }
  }
  return count;
}

WorldVector LearntWays::came_after(std::uint32_t moment, double seconds) const {
  const auto& after = after_[moment];
  std::size_t h = 0;
  while (h + 1 < kHorizons && static_cast<double>(kHorizonSeconds[h]) < seconds) ++h;
  const double from = h == 0 ? 0 : static_cast<double>(kHorizonSeconds[h - 1]);
  const double share = (seconds - from) / (static_cast<double>(kHorizonSeconds[h]) - from);
  const auto part = [&](std::size_t axis) {
    const double before = h == 0 ? 0 : static_cast<double>(after[3 * (h - 1) + axis]);
    return before + share * (static_cast<double>(after[3 * h + axis]) - before);
  };
  return {part(0), part(1), part(2)};
}

}  // namespace nf
