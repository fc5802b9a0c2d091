#include "core/schedule/read_worth.h"

#include <algorithm>
#include <cmath>

namespace nf {
namespace {

constexpr double kReadPatience = 0.25;    // seconds: what is needed later can be decided later
constexpr double kUrgencyPatience = 0.7;  // seconds
constexpr double kBacklogPatience = 3;  // seconds: where the disk is behind, order counts far ahead
constexpr float kBacklogShare = 0.2F;
constexpr double kKeepPatience = 4;  // seconds: what left comes back at the price of a read
constexpr float kVainLeast = 0.1F;   // nothing is so certain that its bytes cost nothing
constexpr float kUrgencyLeast = 1e-4F;

}  // namespace

float weighed_need(const NeedUntil& need, double ready, double patience) {
  float sum = 0, before = 0, from = 0;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    const double middle = static_cast<double>(from + need.seconds[h]) / 2;
    const double early = std::max(middle - ready, 0.0);
    sum += (need.probability[h] - before) * static_cast<float>(std::exp(-early / patience));
    before = need.probability[h];
    from = need.seconds[h];
  }
  return sum;
}

float read_worth(const NeedUntil& need, const ReadCost& cost, double ready) {
  const double alone = 1 + cost.overhead * cost.bytes_per_second / std::max(cost.bytes, 1.0);
  const float vain = 1 - need.probability.back() + kVainLeast;
  return weighed_need(need, ready, kReadPatience) * static_cast<float>(alone) / vain;
}

float read_urgency(const NeedUntil& need, double ready) {
  const float sum = (1 - kBacklogShare) * weighed_need(need, ready, kUrgencyPatience) +
                    kBacklogShare * weighed_need(need, ready, kBacklogPatience);
  return std::clamp(sum, kUrgencyLeast, 1 - kUrgencyLeast);
}

float keep_worth(const NeedUntil& need) {
  return std::min(weighed_need(need, 0, kKeepPatience), 1 - kUrgencyLeast);
}

}  // namespace nf
